"""The stories as they were played: Léa and Omar, in sentences with the dates and figures of this play.

Promise: nothing is told that did not happen in this very play; the naive version was played too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from terrain.core.act import ActKind
from terrain.core.belief import believe
from terrain.core.decision import Decision, Verdict
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.demo.days import FASTER_PARCEL
from terrain.demo.life import moment
from terrain.demo.play import Played
from terrain.demo.reactions import FILTER_REMINDER
from terrain.demo.report import Story, Words
from terrain.demo.wire import CUSTOMER, PLATFORM
from terrain.flow.explanation import sentences
from terrain.flow.spoken import date_said

PET = FactKey("pet")
LANGUAGES = ("en", "fr")


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Léa and Omar as they lived with Terrain, Léa as she lived in the naive shop, and everyone."""

    house: House
    now: datetime
    lea: Played
    omar: Played
    naive_lea: Played
    everyone: Sequence[Played]


def told(cast: Cast) -> list[Story]:
    return [the_filter(cast), the_shoes(cast), the_map_was_wrong(cast), jekyll_and_hyde(cast)]


def the_filter(cast: Cast) -> Story:
    lea, omar = cast.lea, cast.omar
    bought = [each.at for each in omar.life.felt if each.what == "bought_filters"]
    waiting = sorted(run.due_at for run in omar.customer.runs if run.due_at and run.stock)
    return Story(
        title={"en": "The filter", "fr": "Le filtre"},
        moments=[
            _said(
                cast,
                "Léa bought three filters, good for six months each. She was told when it was time on "
                "{days}; each letter has the how-to video and the address to buy the right one again.",
                "Léa a acheté trois filtres, bons six mois chacun. On lui a dit que c’était le moment "
                "le {days} ; chaque lettre porte la vidéo et l’adresse pour racheter le bon.",
                days=_days_of(lea, FILTER_REMINDER),
            ),
            _said(
                cast,
                "Hers last longer than the maker says. After the first letter she moved the second date "
                "herself, and the third followed.",
                "Les siens durent plus que ne dit le fabricant. Après la première lettre elle a déplacé "
                "elle-même la deuxième date, et la troisième a suivi.",
            ),
            _said(
                cast,
                "Omar bought two on {first} and two more on {second}, before the last was used up. He "
                "was told on {days}; the new ones follow on {then}. Nothing was said twice.",
                "Omar en a acheté deux le {first} et deux autres le {second}, avant que le dernier soit "
                "usé. On le lui a dit le {days} ; les nouveaux suivent le {then}. Rien n’a été dit deux "
                "fois.",
                first=bought[:1],
                second=bought[1:2],
                days=_days_of(omar, FILTER_REMINDER),
                then=waiting,
            ),
        ],
    )


def the_shoes(cast: Cast) -> Story:
    asked = _first(cast.lea, FASTER_PARCEL, Verdict.ASK)
    errand = cast.lea.life.person.errands[0]
    return Story(
        title={"en": "The shoes", "fr": "Les chaussures"},
        moments=[
            _said(
                cast,
                "Léa ordered the last pair, to come on {promised}: until then she is away, and nobody "
                "told the shop. The warehouse could make it on {sooner}. Terrain asked first.",
                "Léa a commandé la dernière paire, pour le {promised} : d’ici là elle est absente, et "
                "personne ne l’a dit à la boutique. L’entrepôt pouvait le {sooner}. Terrain a demandé.",
                promised=[errand.promised],
                sooner=[errand.sooner],
            ),
            _explained(cast, asked),
            {
                "en": "She answered no. The parcel came when she was home.",
                "fr": "Elle a répondu non. Le colis est venu quand elle était là.",
            },
        ],
        naive=[
            _said(
                cast,
                "nobody asked. The carrier came on {sooner}, found nobody, and took the parcel back; "
                "the last pair could not be sent again. Her money came back the next day. By itself the "
                "carrier marked her house as a risk: {who} can undo that. She complained.",
                "personne n’a demandé. Le transporteur est venu le {sooner}, n’a trouvé personne et a "
                "repris le colis ; la dernière paire ne pouvait pas repartir. Elle a été remboursée le "
                "lendemain. De lui-même le transporteur a signalé sa maison comme un risque : {who} "
                "peut l’effacer. Elle a réclamé.",
                sooner=[errand.sooner],
                who=_whom_to_ask(cast.naive_lea),
            )
        ],
    )


def the_map_was_wrong(cast: Cast) -> Story:
    # A quarter of a year after she said so, as in the worked example of the guard.
    said_on = cast.lea.life.person.says_pet_on
    now = cast.now if said_on is None else moment(said_on, 21) + timedelta(days=91)
    belief = believe(cast.lea.customer, PET, cast.house, now)
    pairs = [pair for each in cast.everyone if (pair := _two_maps(each)) is not None]
    wrong = sum(platform != customer for platform, customer in pairs)
    sure = round(100 * belief.confidence) if belief else 0
    return Story(
        title={"en": "The map was wrong", "fr": "La carte était fausse"},
        moments=[
            {
                "en": f"The marketing platform says Léa has a dog. She says a cat. The cat stays: {sure} % "
                "sure.",
                "fr": f"La plateforme marketing dit que Léa a un chien. Elle dit un chat. Le chat reste : "
                f"sûr à {sure} %.",
            },
            {
                "en": f"Of {len(pairs)} customers of whom both spoke, the platform was wrong about "
                f"{wrong}.",
                "fr": f"De {len(pairs)} clients dont les deux ont parlé, la plateforme s’est trompée pour "
                f"{wrong}.",
            },
        ],
    )


def jekyll_and_hyde(cast: Cast) -> Story:
    omar = cast.omar
    held = next((each for each in omar.decisions if each.because == "open_complaint"), None)
    after = (
        [] if held is None else [day for day in _days_of(omar, FILTER_REMINDER) if day > held.at]
    )
    return Story(
        title={"en": "Jekyll and Hyde", "fr": "Jekyll et Hyde"},
        moments=[
            _said(
                cast,
                "On {day} it was time for Omar’s filter, but he had a complaint open: no reminder, no "
                "offer reached him. It left on {after}, once the complaint was closed.",
                "Le {day} c’était le moment pour le filtre d’Omar, mais il avait une réclamation en "
                "cours : ni rappel ni offre ne lui sont parvenus. Le rappel est parti le {after}, une "
                "fois la réclamation close.",
                day=[held.at] if held else [],
                after=after[:1],
            )
        ],
    )


def _said(cast: Cast, english: str, french: str, **values: object) -> Words:
    zone = cast.house.company.zone
    said = {"en": english, "fr": french}
    for language in LANGUAGES:
        spoken = {
            name: value
            if isinstance(value, str)
            else _in_a_row([date_said(day, language, zone) for day in value], language)
            for name, value in values.items()
            if isinstance(value, str | list)
        }
        said[language] = said[language].format(**spoken)
    return said


def _in_a_row(days: Sequence[str], language: str) -> str:
    """Return the days as they follow "on" in English and "le" in French."""
    if not days:
        return "–"
    *others, last = days
    between, before_last = (", ", " and ") if language == "en" else (", le ", " et le ")
    return before_last.join((between.join(others), last)) if others else last


def _days_of(played: Played, automation: str) -> list[datetime]:
    return [
        act.due_at
        for act in played.acts
        if act.automation == automation and act.kind is ActKind.SEND
    ]


def _first(played: Played, automation: str, verdict: Verdict) -> Decision | None:
    return next(
        (
            each
            for each in played.decisions
            if each.proposal.automation == automation and each.verdict is verdict
        ),
        None,
    )


def _explained(cast: Cast, decision: Decision | None) -> Words:
    if decision is None:
        return dict.fromkeys(LANGUAGES, "–")
    house = cast.house
    return {
        language: " ".join(sentences(decision, house.catalogue, language, house.company.zone))
        for language in LANGUAGES
    }


def _whom_to_ask(played: Played) -> str:
    claims = played.customer.claims.get(FactKey("marked_as_risk"), ())
    return str(claims[0].value) if claims else "–"


def _two_maps(played: Played) -> tuple[object, object] | None:
    """Return what the platform and the customer say, if both do."""
    said = {claim.source: claim.value for claim in played.customer.claims.get(PET, ())}
    if PLATFORM not in said or CUSTOMER not in said:
        return None
    return said[PLATFORM], said[CUSTOMER]
