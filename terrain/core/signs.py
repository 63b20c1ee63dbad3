"""What an event says came back: which signals, which act it names, which acts it can be an answer to otherwise.

Promise: pure; nothing here ever fails, whatever stands in the event. What people say, and what comes back
by itself (a bounce, a refund), is read the same whichever system tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from terrain.core import memory, rights
from terrain.core.act import ActKind
from terrain.core.aftercare import DESK
from terrain.core.claims import same
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import EvidenceKind, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import number_in
from terrain.core.name import as_about, find
from terrain.core.own_events import is_soft
from terrain.core.signal import REPORT, REPORTED, Signal
from terrain.core.touched import Touched, Used
from terrain.core.wishes import EVERYTHING, PROSPECTING

# Whose word on a fact is believed over what was relied on, and what speaks against a value by itself.
PEOPLE = frozenset({SourceKind.CUSTOMER_SAID, SourceKind.STAFF_HEARD})
AGAINST = frozenset({EvidenceKind.DENIED, EvidenceKind.RETURNED, EvidenceKind.BOUNCE})
_REACHING = frozenset({ActKind.SEND, ActKind.ASK, ActKind.CALL, ActKind.ANSWER})
# Letters that ask whether we helped, or tell of somebody's rights.
_OF_THE_HOUSE = frozenset({DESK, rights.AUTOMATION})
_MATTERS = ("order", "parcel", "return", "subject", "sku")
Fits = Callable[[Touched], bool]


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of signal in one event: what it names, and which acts it can be an answer to otherwise.

    `every`: all of them, not only the latest.
    `invited`: somebody was asked for it; None where that is for the act to say, which asked or did not.
    """

    signal: Signal
    fits: Fits | None = None
    act_id: int = 0
    decision_id: int = 0
    every: bool = False
    invited: bool | None = False
    is_kept: bool = True


def signs(event: Event, customer: Customer, house: House) -> Iterator[Sign]:
    """Yield what this event says came back, one kind each."""
    act_id, decision_id = named_in(event, customer)
    read = _SAYS.get(event.name)
    if read is not None:
        for sign in read(event):
            yield msgspec.structs.replace(sign, act_id=act_id, decision_id=decision_id)
    if event.name in CONTACTS and (about := _matters(event)):
        # Of the same matter only: whatever else they call about is another need.
        yield Sign(
            signal=Signal.SAME_NEED,
            fits=lambda act: act.kind is not ActKind.ASK and not about.isdisjoint(act.matters),
            is_kept=False,
        )
    wrong = _contradictions(event, customer, house)
    if wrong:
        yield Sign(
            signal=Signal.WRONG_ASSUMPTION,
            fits=lambda act: _relied_on(act, wrong),
            every=True,
            is_kept=False,
        )


def named_in(event: Event, customer: Customer) -> tuple[int, int]:
    """Return the numbers of the act and of the decision that this event speaks of; 0 for none."""
    said = event.properties
    act_id, decision_id = number_in(said.get("act_id")), number_in(said.get("decision_id"))
    if event.name == "question.answered" and not decision_id:
        asked = str(said.get("question_id") or "")
        decision_id = next(
            (one.decision_id for one in customer.questions if str(one.question_id) == asked), 0
        )
    return act_id, decision_id


# -- what each event says --------------------------------------------------------------------------


def _complained(event: Event) -> Iterator[Sign]:
    name, about = event.properties.get("automation"), _matters(event)
    if isinstance(name, str) and name:
        yield Sign(signal=Signal.COMPLAINT, fits=_of_automation(name))
    else:
        # Who says what it is about means that; what names nothing may be about the last thing we did.
        yield Sign(signal=Signal.COMPLAINT, fits=_about(about) if about else _is_of_a_process)


def _called_it_spam(event: Event) -> Iterator[Sign]:
    yield Sign(signal=Signal.SPAM, fits=_by_channel(event))


def _stopped(event: Event) -> Iterator[Sign]:
    name = event.properties.get("automation")
    fits: Fits
    if name == PROSPECTING:
        fits = _is_prospecting
    elif isinstance(name, str) and name and name != EVERYTHING:
        fits = _of_automation(name)
    else:
        fits = _reached
    yield Sign(signal=Signal.STOP, fits=fits)


def _withdrew(event: Event) -> Iterator[Sign]:
    channel = event.properties.get("channel")
    yield Sign(
        signal=Signal.STOP,
        fits=lambda act: _is_prospecting(act) and (not channel or act.channel == channel),
    )


def _bounced(event: Event) -> Iterator[Sign]:
    if not is_soft(event.properties):
        yield Sign(signal=Signal.BOUNCE, fits=_by_channel(event))


def _wanted_a_person(event: Event) -> Iterator[Sign]:
    name = event.properties.get("about")
    yield Sign(
        signal=Signal.A_PERSON,
        fits=_of_automation(name) if isinstance(name, str) and name else _reached,
    )
    if event.properties.get("wrong") is True:
        yield Sign(signal=Signal.DISSATISFIED, fits=None)


def _judged(event: Event) -> Iterator[Sign]:
    helped, name = event.properties.get("helped"), event.properties.get("automation")
    if isinstance(helped, bool):
        signal = Signal.HELPED if helped else Signal.DISSATISFIED
        fits = _of_automation(str(name)) if name else _reached
        yield Sign(signal=signal, fits=fits, invited=None)


def _took_up(_event: Event) -> Iterator[Sign]:
    yield Sign(signal=Signal.TAKEN_UP, is_kept=False)


def _made_good(event: Event) -> Iterator[Sign]:
    about = _matters(event, ("order",))
    yield Sign(
        signal=Signal.MAKE_GOOD,
        fits=_about(about),
        is_kept="act_id" in event.properties or "decision_id" in event.properties,
    )


def _corrected(event: Event) -> Iterator[Sign]:
    fact, about = event.properties.get("fact"), event.properties.get("about") or ""
    key = FactKey(str(fact), str(about))
    yield Sign(
        signal=Signal.CORRECTION,
        fits=lambda act: act.kind is not ActKind.ASK and any(one.key == key for one in act.used),
        is_kept="act_id" in event.properties,
    )


def _overruled(_event: Event) -> Iterator[Sign]:
    yield Sign(signal=Signal.OVERRIDE)


def _reported(event: Event) -> Iterator[Sign]:
    kind = event.properties.get("kind")
    if isinstance(kind, str) and kind in REPORTED:
        invited = event.properties.get("invited")
        yield Sign(signal=Signal(kind), invited=invited if isinstance(invited, bool) else None)


# -- which acts can be meant ----------------------------------------------------------------------


def _is_of_a_process(act: Touched) -> bool:
    """Say whether it is more than a word about the rest, which nobody complains of without naming it."""
    return act.automation not in _OF_THE_HOUSE


def _reached(act: Touched) -> bool:
    return act.kind in _REACHING and _is_of_a_process(act)


def _is_prospecting(act: Touched) -> bool:
    return act.kind in _REACHING and act.purpose is Purpose.PROSPECTING


def _of_automation(name: str) -> Fits:
    return lambda act: act.automation == name


def _by_channel(event: Event) -> Fits:
    """Return what fits a message by this channel, to this address where the act itself names one."""
    said = event.properties
    channel, address = said.get("channel") or Channel.EMAIL, said.get("recipient")
    return lambda act: (
        act.channel == channel
        and act.kind in _REACHING
        and ("@" not in act.recipient or not address or act.recipient == address)
    )


def _about(matters: set[str]) -> Fits:
    return lambda act: not matters.isdisjoint(act.matters)


def _matters(event: Event, nouns: Sequence[str] = _MATTERS) -> set[str]:
    """Return the words by which a subject may speak of what this event is about (`core/starting.py`)."""
    found = {noun: as_about(find(event.properties, (noun,))) for noun in nouns}
    return {word for noun, about in found.items() if about for word in (about, f"{noun}-{about}")}


# -- what turned out not to be so -----------------------------------------------------------------


def _contradictions(event: Event, customer: Customer, house: House) -> list[tuple[Used, bool]]:
    """Return each fact that is spoken against, with a value, and whether that value is the right one."""
    learned = memory.remember(customer, event, house)
    said = [
        (Used(claim.key, claim.value), True)
        for claim in learned.claims
        if claim.kind in PEOPLE and claim.value is not None
    ]
    denied = [(Used(row.key, row.value), False) for row in learned.evidence if row.kind in AGAINST]
    return said + denied


def _relied_on(act: Touched, wrong: Sequence[tuple[Used, bool]]) -> bool:
    """Say whether the act was done on a value that turned out to be wrong. To ask is to rely on nothing."""
    return act.kind is not ActKind.ASK and any(
        _is_wrong(used, said, is_right=is_right)
        for used in act.used
        for said, is_right in wrong
        if used.key == said.key
    )


def _is_wrong(used: Used, said: Used, *, is_right: bool) -> bool:
    if used.value is None:
        return False
    if is_right:
        return bool(same(used.value) != same(said.value))
    return said.value is None or bool(same(used.value) == same(said.value))


# Somebody gets in touch; about the same matter soon after an act, the act did not settle it.
CONTACTS = frozenset(
    {
        *("complaint.opened", "person.wanted", "message.replied", "call.received"),
        *("return.requested", "contact.made"),
    }
)
_SAYS: dict[str, Callable[[Event], Iterator[Sign]]] = {
    "complaint.opened": _complained,
    "message.complained": _called_it_spam,
    "automation.stopped": _stopped,
    "consent.withdrawn": _withdrew,
    "message.bounced": _bounced,
    "person.wanted": _wanted_a_person,
    "help.judged": _judged,
    "message.clicked": _took_up,
    "question.answered": _took_up,
    "order.refunded": _made_good,
    "gesture.made": _made_good,
    "fact.corrected": _corrected,
    "verdict.overridden": _overruled,
    REPORT: _reported,
}
# Events of these names can be signals; of others, only those that contradict a fact.
NAMES = frozenset(_SAYS) | CONTACTS
