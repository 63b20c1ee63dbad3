"""What the demo found out, in both languages: the stories, and the two shops side by side.

Promise: pure, and every number in it was counted; a sentence without a number behind it is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from terrain.demo.ledger import HARM, SHOWN, VALUE, Compared

Words = dict[str, str]

LABELS: dict[str, Words] = {
    "reminded": {"en": "filter reminders sent", "fr": "rappels de filtre envoyés"},
    "reminded_in_time": {
        "en": "… that came in time and were used",
        "fr": "… venus à temps et suivis",
    },
    "reminded_too_soon": {"en": "… that came too soon", "fr": "… venus trop tôt"},
    "reminded_wrongly": {
        "en": "… to someone who no longer uses the machine",
        "fr": "… à quelqu’un qui n’a plus l’appareil",
    },
    "contacted_during_a_complaint": {
        "en": "messages while a complaint was open",
        "fr": "messages pendant une réclamation ouverte",
    },
    "called_it_spam": {"en": "called spam", "fr": "signalés comme indésirables"},
    "stopped": {"en": "stopped by the customer", "fr": "arrêtés par le client"},
    "moved_the_date": {"en": "dates moved by the customer", "fr": "dates déplacées par le client"},
    "could_go_faster": {
        "en": "parcels that could come sooner",
        "fr": "colis qui pouvaient venir plus tôt",
    },
    "asked": {"en": "customers asked first", "fr": "clients consultés d’abord"},
    "answered": {"en": "… who answered in time", "fr": "… qui ont répondu à temps"},
    "sped_up": {"en": "parcels sent sooner", "fr": "colis envoyés plus tôt"},
    "sooner_and_glad": {
        "en": "… and the customer was glad",
        "fr": "… et le client en était content",
    },
    "sooner_for_nothing": {
        "en": "… and it made no difference",
        "fr": "… sans que cela change rien",
    },
    "parcel_went_back": {
        "en": "… and nobody was home: it went back",
        "fr": "… et personne n’était là : renvoyés",
    },
    "house_marked_as_a_risk": {
        "en": "addresses the carrier then marked as a risk",
        "fr": "adresses que le transporteur a alors signalées",
    },
    "last_pair_lost": {"en": "last pairs lost that way", "fr": "dernières paires perdues ainsi"},
    "money_back": {
        "en": "… and the money came back within 48 hours",
        "fr": "… et l’argent est revenu sous 48 heures",
    },
    "complained": {"en": "complaints, whatever the cause", "fr": "réclamations, toutes causes"},
    "bought_filters": {"en": "orders of filters", "fr": "commandes de filtres"},
    "days_of_stale_water": {
        "en": "days on a filter that was used up",
        "fr": "jours sur un filtre usé",
    },
}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a story, as it was played: who, when, and what happened, by a code."""

    at: datetime
    what: str
    detail: Words = {}


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One story as it was played, and as the naive shop played it, if that tells something."""

    title: Words
    moments: Sequence[Words] = ()
    naive: Sequence[Words] = ()


def body(compared: Compared, stories: Sequence[Story], customers: int) -> dict[str, Any]:
    """Return the report as `terrain/console/pages/report.py` shows it."""
    return {
        "title": {
            "en": "Eighteen months in a little shop",
            "fr": "Dix-huit mois dans une petite boutique",
        },
        "intro": {
            "en": f"{customers} customers with a truth that nobody sees: where they are, what they "
            "want, whether they still use the machine. Played twice with the same luck: once with "
            "Terrain, once with the same automations and nobody asked.",
            "fr": f"{customers} clients avec une vérité que personne ne voit : où ils sont, ce "
            "qu’ils veulent, s’ils utilisent encore l’appareil. Joués deux fois avec le même "
            "hasard : une fois avec Terrain, une fois les mêmes automatisations sans demander.",
        },
        "sections": [_sum(compared), *map(_told, stories), _side_by_side(compared), _defined()],
    }


def _sum(compared: Compared) -> dict[str, Any]:
    avoided, kept = round(100 * compared.harm_avoided), round(100 * compared.value_kept)
    return {
        "title": {"en": "Harm avoided, value kept", "fr": "Tort évité, valeur gardée"},
        "paragraphs": [
            {
                "en": f"Of the harm the naive shop did, {avoided} % did not happen; of the good it "
                f"did, {kept} % did.",
                "fr": f"Du tort fait par la boutique naïve, {avoided} % n’a pas eu lieu ; du bien "
                f"qu’elle a fait, {kept} % a été fait.",
            }
        ],
        "table": {
            "head": [
                {"en": "in points", "fr": "en points"},
                {"en": "with Terrain", "fr": "avec Terrain"},
                {"en": "naive", "fr": "naïve"},
            ],
            "rows": [
                [{"en": "harm", "fr": "tort"}, compared.careful.harm, compared.naive.harm],
                [{"en": "value", "fr": "valeur"}, compared.careful.value, compared.naive.value],
            ],
        },
    }


def _told(story: Story) -> dict[str, Any]:
    naive = [
        {"en": f"The naive shop: {each['en']}", "fr": f"La boutique naïve : {each['fr']}"}
        for each in story.naive
    ]
    return {"title": story.title, "paragraphs": [*story.moments, *naive]}


def _side_by_side(compared: Compared) -> dict[str, Any]:
    rows = [
        [LABELS[what], compared.careful.felt.get(what, 0), compared.naive.felt.get(what, 0)]
        for what in SHOWN
    ]
    return {
        "title": {"en": "Side by side", "fr": "Côte à côte"},
        "table": {
            "head": [
                {"en": "over eighteen months", "fr": "en dix-huit mois"},
                {"en": "with Terrain", "fr": "avec Terrain"},
                {"en": "naive", "fr": "naïve"},
            ],
            "rows": rows,
        },
    }


def _defined() -> dict[str, Any]:
    points = {
        **{what: -harm for what, harm in HARM.items()},
        **VALUE,
    }
    return {
        "title": {"en": "How it is counted", "fr": "Comment on compte"},
        "paragraphs": [
            {
                "en": "On the guard’s own scale (reach × undo × moment; the declared benefit), but "
                "with the truth in the place of a probability. Both shops are counted by the same "
                "table. An act that assumed something wrong costs what it cost her, whoever weighed "
                "it; a benefit counts only where it really was one. A question costs nothing here: "
                "how many there were stands above.",
                "fr": "Sur l’échelle de la garde (portée × retour × moment ; bénéfice déclaré), mais "
                "avec la vérité à la place d’une probabilité. Les deux boutiques sont comptées par "
                "la même table. Un acte fondé sur une hypothèse fausse coûte ce qu’il lui a coûté, "
                "qui que ce soit qui l’ait pesé ; un bénéfice ne compte que s’il en fut un. Une "
                "question ne coûte rien ici : leur nombre est plus haut.",
            }
        ],
        "table": {
            "head": [
                {"en": "what happened", "fr": "ce qui est arrivé"},
                {"en": "points", "fr": "points"},
            ],
            "rows": [[_label(what), points[what]] for what in points],
        },
    }


def _label(what: str) -> Words:
    if what == "annoyed":
        return {
            "en": "a message to someone who dislikes being contacted",
            "fr": "un message à qui n’aime pas être contacté",
        }
    return {language: _alone(text) for language, text in LABELS[what].items()}


def _alone(text: str) -> str:
    """Return a label as it stands by itself, not under the one before it."""
    return text.removeprefix("… ").removeprefix("and ").removeprefix("et ")
