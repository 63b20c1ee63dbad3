"""The guard's constants: visible, editable, versioned, each with a sentence saying what it is for.

Promise: no number by which a customer is judged hides in code. The defaults are those of the
guard's design; `terrain rules show guard` prints them, `terrain rules set guard` changes one with
who and why, and every decision carries the version it was made with.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from terrain.core.act import AskBy, Benefit, Moment, Reach, Undo, Waiting
from terrain.core.catalogue import Aging
from terrain.core.consent import Channel
from terrain.core.fact import EvidenceKind, SourceKind

Share = Annotated[float, Meta(ge=0, le=1)]
Points = Annotated[float, Meta(ge=0, le=1000)]
Times = Annotated[float, Meta(gt=0, le=1000)]
Days = Annotated[int, Meta(ge=1, le=3660)]
Count = Annotated[int, Meta(ge=0, le=1000)]

WINDOW = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def said(en: str, fr: str) -> Meta:
    """Return the sentence that goes with a constant, in both languages."""
    return Meta(description=en, extra={"en": en, "fr": fr})


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something may be done, by the customer's clock: `windows` such as `10:00-13:00`."""

    windows: tuple[Annotated[str, Meta(pattern=WINDOW)], ...]
    days: tuple[str, ...] = EVERY_DAY
    on_holidays: bool = True


class Likelihood(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often this comes back when the fact is true, and when it is false."""

    if_true: Share
    if_false: Share


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one question costs the customer, and how often such a question is answered."""

    cost: Points
    answered: Share


class GuardSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, eq=False
):
    """Every constant of the guard. Points are the customer's annoyance, never the firm's money."""

    version: int = 0

    # What is believed (section 1)
    source_quality: Annotated[
        dict[SourceKind, Share],
        said(
            "Chance that what each kind of source says is right when it says it.",
            "Chance que ce que dit chaque sorte de source soit juste au moment où elle le dit.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            SourceKind.CUSTOMER_SAID: 0.98,
            SourceKind.STAFF_HEARD: 0.93,
            SourceKind.TRANSACTION: 0.90,
            SourceKind.BEHAVIOUR: 0.75,
            SourceKind.THIRD_PARTY: 0.60,
            SourceKind.INFERRED: 0.60,
        }
    )
    model_confidence_cap: Annotated[
        Share,
        said(
            "However sure a model says it is, it is believed no more than this.",
            "Si sûr de lui que soit un modèle, on ne le croit pas davantage.",
        ),
    ] = 0.80
    evidence: Annotated[
        dict[EvidenceKind, Likelihood],
        said(
            "What comes back (a click, a bounce), how often when true and how often when false.",
            "Ce qui revient (un clic, un rejet), combien de fois si c’est vrai, et si c’est faux.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            EvidenceKind.CLICK: Likelihood(if_true=0.5, if_false=0.01),
            EvidenceKind.DELIVERED: Likelihood(if_true=0.97, if_false=0.30),
            EvidenceKind.CONFIRMED: Likelihood(if_true=0.99, if_false=0.02),
            EvidenceKind.BOUNCE: Likelihood(if_true=0.005, if_false=0.6),
            EvidenceKind.RETURNED: Likelihood(if_true=0.02, if_false=0.60),
        }
    )
    default_aging: Annotated[
        dict[str, Aging],
        said(
            "How fast a fact goes stale, where the catalogue does not say it.",
            "À quelle vitesse un fait vieillit, quand le catalogue ne le dit pas.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            "address": Aging(yearly_change=0.088),
            "employer": Aging(yearly_change=0.183),
            "work_email": Aging(yearly_change=0.183),
            "job_title": Aging(yearly_change=0.30),
            "phone": Aging(yearly_change=0.08),
            "email": Aging(yearly_change=0.12),
            "household": Aging(yearly_change=0.10),
            "preference": Aging(yearly_change=0.29),
            "wish.channel": Aging(yearly_change=0.29),
            "uses": Aging(product_life=True),
            "intention": Aging(half_life_days=60),
            "mood": Aging(half_life_days=3),
            "place": Aging(half_life_days=1 / 24),
            "birth_date": Aging(),
            "wish.stop": Aging(),
            "wish.never": Aging(),
            "wish.hold": Aging(),
        }
    )
    young_until: Annotated[
        int,
        said(
            "Age in years under which people move house often.",
            "Âge, en années, avant lequel on déménage souvent.",
        ),
    ] = 25
    young_address_change: Annotated[
        Share,
        said(
            "Share of the young who move house in a year.",
            "Part des jeunes qui déménagent dans l’année.",
        ),
    ] = 0.29
    old_from: Annotated[
        int,
        said(
            "Age in years from which people seldom move house.",
            "Âge, en années, à partir duquel on déménage peu.",
        ),
    ] = 60
    old_address_change: Annotated[
        Share,
        said(
            "Share of the old who move house in a year.",
            "Part des aînés qui déménagent dans l’année.",
        ),
    ] = 0.04
    customer_holds_months: Annotated[
        int,
        said(
            "For so many months what the customer said holds, whoever says otherwise.",
            "Pendant tant de mois, ce que le client a dit l’emporte, quoi qu’en disent les autres.",
        ),
    ] = 12
    disputed_under: Annotated[
        Share,
        said(
            "Under this certainty, a fact that another source contradicts is in dispute.",
            "En dessous de cette certitude, un fait qu’une autre source contredit est contesté.",
        ),
    ] = 0.95

    # What an act weighs (section 2)
    harm_by_reach: Annotated[
        dict[Reach, Points],
        said(
            "Harm of a wrong act, by how far it reaches into a life.",
            "Tort d’un acte fait à tort, selon jusqu’où il entre dans une vie.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {Reach.INBOX: 1, Reach.PHONE: 3, Reach.ACCOUNT: 10, Reach.HOME: 30}
    )
    harm_by_undo: Annotated[
        dict[Undo, Times],
        said(
            "Harm is multiplied by how hard it is to undo.",
            "Le tort est multiplié selon la peine qu’il y a à défaire.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {Undo.BY_CUSTOMER: 1, Undo.EASILY: 2, Undo.HARD: 5, Undo.NEVER: 10}
    )
    harm_by_moment: Annotated[
        dict[Moment, Times],
        said(
            "Harm is multiplied by how much is at stake for the customer.",
            "Le tort est multiplié selon l’enjeu du moment pour le client.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {Moment.ROUTINE: 1, Moment.IMPORTANT: 2, Moment.CRITICAL: 3}
    )
    intrusion: Annotated[
        dict[Reach, Points],
        said(
            "What an act costs the customer even when it is right; each recent unsolicited contact "
            "adds as much again.",
            "Ce que coûte au client un acte même juste ; chaque contact récent non sollicité "
            "en ajoute autant.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            Reach.INBOX: 0.2,
            Reach.PHONE: 0.5,
            Reach.ACCOUNT: 1,
            Reach.HOME: 2,
        }
    )
    intrusion_days: Annotated[
        Days,
        said(
            "Days for which an unsolicited contact weighs.",
            "Jours pendant lesquels pèse un contact non sollicité.",
        ),
    ] = 7
    benefit: Annotated[
        dict[Benefit, Points],
        said("What a right act is worth to the customer.", "Ce que vaut au client un acte juste."),
    ] = msgspec.field(
        default_factory=lambda: {
            Benefit.NONE: 0,
            Benefit.PLEASANT: 1,
            Benefit.USEFUL: 3,
            Benefit.IMPORTANT: 10,
            Benefit.VITAL: 30,
        }
    )
    silence: Annotated[
        dict[Waiting, Points],
        said("What silence costs whoever is waiting.", "Ce que coûte le silence à qui attend."),
    ] = msgspec.field(
        default_factory=lambda: {
            Waiting.NOBODY: 0,
            Waiting.WAITING: 5,
            Waiting.CRITICAL: 10,
            Waiting.DANGER: 30,
        }
    )
    ask: Annotated[
        dict[AskBy, Asking],
        said(
            "What a question costs the customer and how often it is answered, by how it is put.",
            "Ce que coûte une question au client, et combien de fois on y répond, selon la façon.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            AskBy.CONVERSATION: Asking(cost=0.1, answered=0.9),
            AskBy.INBOX: Asking(cost=0.3, answered=0.25),
            AskBy.SMS: Asking(cost=1.5, answered=0.4),
            AskBy.CALL: Asking(cost=3, answered=0.6),
        }
    )
    hand_cost: Annotated[
        Points,
        said(
            "What being handed over to a person costs the customer.",
            "Ce que coûte au client d’être passé à quelqu’un.",
        ),
    ] = 2
    ask_again_days: Annotated[
        Days,
        said(
            "Days before the same thing may be asked again.",
            "Jours avant de pouvoir reposer la même question.",
        ),
    ] = 90

    # What holds an act back
    prospecting_per_week: Annotated[
        Count,
        said(
            "Prospecting contacts a customer may get in 7 days, all automations together.",
            "Sollicitations qu’un client peut recevoir en 7 jours, toutes automatisations.",
        ),
    ] = 2
    prospecting_per_30_days: Annotated[
        Count,
        said(
            "Prospecting contacts a customer may get in 30 days, all automations together.",
            "Sollicitations qu’un client peut recevoir en 30 jours, toutes automatisations.",
        ),
    ] = 6
    hours: Annotated[
        dict[Channel, Hours],
        said(
            "When a customer who waits for nothing may be contacted; the law may be stricter.",
            "Quand on peut joindre un client qui n’attend rien ; la loi peut être plus stricte.",
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            Channel.EMAIL: Hours(windows=("07:00-21:00",)),
            Channel.SMS: Hours(windows=("10:00-20:00",)),
            Channel.CALL: Hours(windows=("10:00-20:00",)),
        }
    )
    hold_days_inbox: Annotated[
        Days,
        said(
            "Days after which a held message is given up, unless the step says otherwise.",
            "Jours après lesquels on renonce à un message retenu, sauf si l’étape le dit.",
        ),
    ] = 30
    hold_days_beyond: Annotated[
        Days,
        said(
            "Days after which any other held act is given up, unless the step says otherwise.",
            "Jours après lesquels on renonce à tout autre acte retenu, sauf si l’étape le dit.",
        ),
    ] = 7

    person_wanted_days: Annotated[
        Days,
        said(
            "Days for which no machine answers a customer who asked for a person.",
            "Jours pendant lesquels aucune machine ne répond à qui a demandé une personne.",
        ),
    ] = 7

    survey_days: Annotated[
        Annotated[int, Meta(ge=0, le=90)],
        said(
            "Nobody is asked whether we help more often than once in so many days; 0 for never.",
            "Personne n’est interrogé sur notre aide plus d’une fois en tant de jours ; 0 pour jamais.",
        ),
    ] = 30

    # How often a meter may be wrong
    false_reds_a_year: Annotated[
        Annotated[float, Meta(gt=0, le=1000)],
        said(
            "Pauses of a year that may be mistakes; where more were to be expected, red asks for more evidence.",
            "Pauses d’une année qui peuvent être des erreurs ; au-delà, le rouge demande plus de preuves.",
        ),
    ] = 3

    # How sure the verdict itself is
    close_call_times: Annotated[
        Times,
        said(
            "A verdict that one input, divided or multiplied by this, changes is a close call.",
            "Un verdict qu’une donnée, divisée ou multipliée par ce nombre, change est serré.",
        ),
    ] = 2
    stability_draws: Annotated[
        Annotated[int, Meta(ge=100, le=20000)],
        said(
            "Draws made to tell, on the explanation page, how stable a verdict is.",
            "Tirages faits pour dire, sur la page d’explication, combien un verdict est stable.",
        ),
    ] = 2000

    def hold_days(self, reach: Reach) -> int:
        """Return after how many days a held act is given up, where the step does not say."""
        return self.hold_days_inbox if reach is Reach.INBOX else self.hold_days_beyond
