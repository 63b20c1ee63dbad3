"""What a customer's own page says: what is believed of them, their dates, their wishes, what was asked.

Promise: everything that is believed of somebody and that they can know to be right or wrong is there,
with who says so and since when; nothing is prettier here than where the guard uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from terrain.core.automation import Automation, Offer, Step
from terrain.core.belief import believe
from terrain.core.consent import Purpose
from terrain.core.customer import Customer
from terrain.core.fact import Belief, FactKey
from terrain.core.house import House
from terrain.core.name import as_about, find
from terrain.core.question import Question
from terrain.core.run import Run, RunState
from terrain.core.wishes import Wishes, last

# What the house keeps for itself to work with; it is in the export, but nobody corrects it here.
NOT_SHOWN = frozenset(
    {"complaint", "in_charge", "wants_a_person", "told_at_collection", "ordered", "help"}
)
WISH = "wish."
SPOKEN = ("en", "fr")
FIRST = ("name", "email", "phone", "address", "language", "birth_date")


class ShownFact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing believed, as the person it is about reads it."""

    belief: Belief
    type: str
    words: dict[str, str]
    about: dict[str, str]
    choices: tuple[str, ...] = ()
    per: str = ""

    @property
    def is_lasting(self) -> bool:
        """Say whether it is about the person or what they own, not about one order or day."""
        return self.per in ("", "product")

    @property
    def key(self) -> FactKey:
        return self.belief.key


class ShownDate(msgspec.Struct, frozen=True, kw_only=True):
    """Something planned for a day. `chosen` is the customer's own date, where they set one.

    `order` is what it came from, where that is known; `unit` its number where several alike are planned.
    """

    automation: str
    subject: str
    mandate: dict[str, str]
    about: dict[str, str]
    due_at: datetime
    order: str = ""
    unit: int = 0
    chosen: Any = None
    movable: bool = False

    @property
    def alike(self) -> tuple[str, str, dict[str, str]]:
        """What several units of one order have in common."""
        return self.automation, self.order, self.about


def facts(customer: Customer, house: House, now: datetime) -> list[ShownFact]:
    """Return what is believed, how to reach the customer first."""
    shown = [
        _shown_fact(belief, house)
        for key in customer.claims
        if not _is_kept_back(key) and (belief := believe(customer, key, house, now))
    ]
    return sorted(shown, key=lambda fact: (_place(fact.key), fact.key))


def every_fact(customer: Customer, house: House, now: datetime) -> list[ShownFact]:
    """Return all that is known, for those who work here: nothing is kept back."""
    shown = [
        _shown_fact(belief, house)
        for key in customer.claims
        if (belief := believe(customer, key, house, now))
    ]
    return sorted(shown, key=lambda fact: (_place(fact.key), fact.key))


def called(customer: Customer, house: House, now: datetime) -> str:
    """Return the name of a customer, else what they are known by."""
    name = believe(customer, FactKey("name"), house, now)
    known_by = customer.identifiers[0].value if customer.identifiers else ""
    return str(name.value) if name else known_by or str(customer.key.customer_id)


def dates(customer: Customer, house: House, asked_for: Wishes) -> list[ShownDate]:
    """Return what is planned for a day, the next first; what they stopped is not planned any more."""
    shown = [
        _shown_date(run, run.due_at, customer, house)
        for run in customer.runs
        if run.due_at and run.state is RunState.WAITING and not _is_stopped(run, house, asked_for)
    ]
    dated = sorted((date for date in shown if date.movable), key=lambda date: date.due_at)
    groups = [date.alike for date in dated]
    return [
        date if groups.count(date.alike) > 1 else msgspec.structs.replace(date, unit=0)
        for date in dated
    ]


def open_questions(customer: Customer, now: datetime) -> list[Question]:
    """Return what was asked and can still be answered, the latest first."""
    waiting = [
        question
        for question in customer.questions
        if question.answered_at is None and (question.deadline is None or question.deadline > now)
    ]
    return sorted(waiting, key=lambda question: question.asked_at, reverse=True)


def words_about(about: str, house: House) -> dict[str, str]:
    """Return how people call what a fact is about: a product by its name, else as it stands."""
    if not about:
        return {}
    product = house.catalogue.products.get(about)
    return (product.words if product else {}) or {"en": about, "fr": about}


def offers_of(automation: Automation) -> set[Offer]:
    """Return what the automation offers to its customer, in any of its steps."""
    return set(automation.offers).union(*(_offers(step) for step in _all(automation.steps)))


def _shown_fact(belief: Belief, house: House) -> ShownFact:
    kind = house.catalogue.facts.get(belief.key.fact)
    return ShownFact(
        belief=belief,
        type=kind.type if kind else "text",
        words=(kind.words if kind else {}) or {"en": belief.key.fact, "fr": belief.key.fact},
        about=words_about(belief.key.about, house),
        choices=_choices(belief, kind.choices if kind else ()),
        per=kind.per if kind else "",
    )


def _choices(belief: Belief, declared: tuple[str, ...]) -> tuple[str, ...]:
    """Return what may be chosen: of languages those we speak, and the one that is believed."""
    if belief.key.fact != "language":
        return declared
    spoken = {*SPOKEN, *([belief.value] if isinstance(belief.value, str) else [])}
    return tuple(sorted(spoken))


def _shown_date(run: Run, due_at: datetime, customer: Customer, house: House) -> ShownDate:
    automation = house.versions.get((run.automation, run.version))
    chosen = last(customer, FactKey("wish.date", run.subject))
    item = run.context.get("item")
    about = str(item.get("sku", "")) if isinstance(item, dict) else ""
    event = run.context.get("event", {})
    return ShownDate(
        automation=run.automation,
        subject=run.subject,
        mandate=automation.mandate if automation else {},
        about=words_about(about, house),
        due_at=due_at,
        order=as_about(find(event.get("properties", {}), ("order",))) or "",
        unit=run.context.get("unit", 0),
        chosen=chosen.value if chosen else None,
        movable=bool(automation and Offer.MOVE_THE_DATE in offers_of(automation)),
    )


def _is_stopped(run: Run, house: House, asked_for: Wishes) -> bool:
    if asked_for.stopped_all or run.automation in asked_for.stopped:
        return True
    automation = house.versions.get((run.automation, run.version))
    is_prospecting = automation is not None and automation.purpose is Purpose.PROSPECTING
    return asked_for.stopped_prospecting and is_prospecting


def _is_kept_back(key: FactKey) -> bool:
    return key.fact in NOT_SHOWN or key.fact.startswith(WISH)


def _place(key: FactKey) -> int:
    return FIRST.index(key.fact) if key.fact in FIRST else len(FIRST)


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Yield every step, also those inside others."""
    for step in steps:
        yield step
        for field in ("then", "or_else", "otherwise", "steps"):
            yield from _all(getattr(step, field, ()))
        for arm in (*getattr(step, "ways", ()), *getattr(step, "parts", ())):
            yield from _all(arm.steps)


def _offers(step: Step) -> tuple[Offer, ...]:
    terms = getattr(step, "terms", None)
    return terms.offers if terms else ()
