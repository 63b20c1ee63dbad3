"""The events that every installation has, and what they say: wishes, corrections, consents, returns.

Promise: a customer's own word is taken as theirs, whichever system carries it; an adviser's stays the
adviser's. Nothing here ever fails, whatever stands in the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from terrain.core.consent import ADDRESS_OF, Channel, Consent, Purpose
from terrain.core.fact import EvidenceKind, FactKey, SourceKind
from terrain.core.identifier import CALLED
from terrain.core.lesson import Lesson, Suppress, understood
from terrain.core.question import Question
from terrain.core.wishes import ByChannel, week_of_quiet

E = TypeVar("E", bound=StrEnum)

LONGEST_PROOF = 2_000
# Names under which tracking libraries send a person's traits, and the fact that each one tells.
TRAITS = {
    "name": "name",
    "language": "language",
    "lang": "language",
    "locale": "language",
    "country": "country",
    "country_code": "country",
    "time_zone": "time_zone",
    "timezone": "time_zone",
    "birth_date": "birth_date",
    "birthday": "birth_date",
    "address": "address",
    "postal_address": "address",
}
_CHANNELS_OF_PEOPLE = [Channel.EMAIL, Channel.SMS, Channel.CALL, Channel.CHAT, Channel.POST]
_PASSED_ON = frozenset({SourceKind.STAFF_HEARD, SourceKind.INFERRED})
_SOFT = frozenset({"soft", "transient", "temporary", "delayed"})
_YES = frozenset({"yes", "oui", "true", True})
_NO = frozenset({"no", "non", "false", False})


def read_names(lesson: Lesson) -> None:
    """Take down the addresses that the event itself says, in their normal form.

    Those in its context only say whose event it is, as in our own word that a message bounced.
    """
    event = lesson.event
    places = (event.properties, event.traits)
    for identifier in event.identifiers:
        for name in CALLED.get(identifier.kind, ()):
            if any(place.get(name) for place in places):
                lesson.says(identifier.kind.value, identifier.value)
                break


def theirs(lesson: Lesson) -> SourceKind:
    """Return who says it when an event carries the customer's own words."""
    kind = lesson.house.sources.get(lesson.event.source)
    return kind if kind in _PASSED_ON else SourceKind.CUSTOMER_SAID


# -- who they are ---------------------------------------------------------------------------------


def _identified(lesson: Lesson) -> None:
    event = lesson.event
    traits = event.traits or event.properties
    for name, value in traits.items():
        fact = TRAITS.get(name, name)
        if value is not None and (name in TRAITS or fact in lesson.house.catalogue.facts):
            lesson.says(fact, _short(value) if fact == "language" else value)
    first, last = (str(traits.get(name) or "").strip() for name in ("firstName", "lastName"))
    if "name" not in traits and (first or last):
        lesson.says("name", f"{first} {last}".strip())
    if event.context.get("timezone") and "timezone" not in traits:
        lesson.says("time_zone", event.context["timezone"], kind=SourceKind.BEHAVIOUR)
    if event.context.get("locale") and "language" not in traits:
        language = _short(event.context["locale"])
        lesson.says("language", language, kind=SourceKind.BEHAVIOUR)


def _short(locale: Any) -> Any:
    return locale.replace("_", "-").split("-")[0].lower() if isinstance(locale, str) else locale


# -- what they say of what we believe -------------------------------------------------------------


def _corrected(lesson: Lesson) -> None:
    said = lesson.event.properties
    fact, about, kind = said.get("fact"), said.get("about"), theirs(lesson)
    if said.get("from") is not None and kind is not SourceKind.INFERRED:
        lesson.shows(fact, said["from"], about, EvidenceKind.DENIED)
    if said.get("to") is not None:
        lesson.says(fact, said["to"], about, kind)


def _stated(lesson: Lesson) -> None:
    said = lesson.event.properties
    lesson.says(said.get("fact"), said.get("value"), said.get("about"), theirs(lesson))


def _answered(lesson: Lesson) -> None:
    """Take down an answer: about a value that was put to them, a yes or no, or a value of theirs."""
    said = lesson.event.properties
    key, answer = _asked_about(lesson), said.get("answer")
    if key is None or answer is None or isinstance(answer, dict | list):
        lesson.notes.append("answer_to_nothing")
        return
    kind, value = theirs(lesson), said.get("value")
    word = answer.strip().casefold() if isinstance(answer, str) else answer
    if word in ("always", "never"):
        lesson.says(f"wish.{word}", value=True, about=key.fact, kind=kind)
        lesson.says(key.fact, word == "always", key.about, kind)
    elif value is not None and word in _YES:
        lesson.says(key.fact, value, key.about, kind)
        lesson.shows(key.fact, value, key.about, EvidenceKind.CONFIRMED)
    elif value is not None and word in _NO:
        lesson.shows(key.fact, value, key.about, EvidenceKind.DENIED)
    else:
        plain = True if word in _YES else False if word in _NO else answer
        lesson.says(key.fact, plain, key.about, kind)


def _asked_about(lesson: Lesson) -> FactKey | None:
    said = lesson.event.properties
    if isinstance(said.get("fact"), str):
        return FactKey(said["fact"], str(said.get("about") or ""))
    question = _question(lesson.customer.questions, str(said.get("question_id") or ""))
    return question.fact if question else None


def _question(questions: Iterable[Question], number: str) -> Question | None:
    return next((each for each in questions if str(each.question_id) == number), None)


# -- what they wish -------------------------------------------------------------------------------


def _moved(lesson: Lesson) -> None:
    said = lesson.event.properties
    if not _is_date(said.get("to")):
        lesson.notes.append("odd_value:wish.date")
        return
    lesson.says("wish.date", said["to"], said.get("subject"), theirs(lesson))


def _stopped(lesson: Lesson) -> None:
    name = lesson.event.properties.get("automation")
    # A stop that cannot be read is a stop of everything: it must not be lost.
    name = name if isinstance(name, str) and name.strip() else "all"
    lesson.says("wish.stop", value=True, about=name, kind=theirs(lesson))


def _resumed(lesson: Lesson) -> None:
    """Take back a stop. Only a person's own word opens what a person closed: a guess never does."""
    name, kind = lesson.event.properties.get("automation"), theirs(lesson)
    if isinstance(name, str) and name.strip() and kind is not SourceKind.INFERRED:
        lesson.says("wish.stop", value=False, about=name, kind=kind)
    else:
        lesson.notes.append("odd_value:wish.stop")


def _chose_a_channel(lesson: Lesson) -> None:
    """Take down for what they may be reached by one channel."""
    said = lesson.event.properties
    channels, wishes = _each(Channel, said.get("channel")), _each(ByChannel, said.get("wish"))
    if len(wishes) != 1 or not channels:
        lesson.notes.append("odd_value:wish.channel")
        return
    for channel in channels:
        lesson.says("wish.channel", wishes[0].value, channel.value, theirs(lesson))


def _wants_quiet(lesson: Lesson) -> None:
    said = lesson.event.properties
    given = {name: said[name] for name in ("from", "until", "days") if said.get(name)}
    if not given:
        lesson.says_none("wish.quiet_hours", theirs(lesson))
    elif week_of_quiet(given) is None:
        lesson.notes.append("odd_value:wish.quiet_hours")
    else:
        lesson.says("wish.quiet_hours", given, kind=theirs(lesson))


def _absent(lesson: Lesson) -> None:
    said = lesson.event.properties
    given = {name: said[name] for name in ("from", "until") if said.get(name)}
    if not all(_is_date(each) for each in given.values()):
        lesson.notes.append("odd_value:wish.absence")
        return
    if given:
        lesson.says("wish.absence", given, kind=theirs(lesson))
    else:
        lesson.says_none("wish.absence", theirs(lesson))


def _wants_a_person(lesson: Lesson) -> None:
    lesson.says("wants_a_person", value=True, kind=theirs(lesson))


def _is_date(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value.strip())
        except ValueError:
            continue
        return True
    return False


# -- complaints, and who looks after them ---------------------------------------------------------


def _complaint(state: str) -> Callable[[Lesson], None]:
    def read(lesson: Lesson) -> None:
        said = lesson.event.properties
        number = said.get("complaint_id") or said.get("id") or lesson.event.message_id
        lesson.says("complaint", state, number, theirs(lesson))

    return read


def _took_charge(lesson: Lesson) -> None:
    who = lesson.event.properties.get("who") or lesson.event.source
    lesson.says("in_charge", who, kind=SourceKind.STAFF_HEARD)
    lesson.says("wants_a_person", value=False, kind=SourceKind.STAFF_HEARD)


def _let_go(lesson: Lesson) -> None:
    lesson.says_none("in_charge", SourceKind.STAFF_HEARD)


# -- consent --------------------------------------------------------------------------------------


def _given(lesson: Lesson) -> None:
    """Take down a yes, to exactly what is named."""
    said = lesson.event.properties
    purposes, channels = _each(Purpose, said.get("purpose")), _each(Channel, said.get("channel"))
    if not purposes or not channels:
        lesson.notes.append("odd_value:consent")
    for purpose in purposes:
        for channel in channels:
            _take_down_consent(lesson, purpose, channel, given=True)


def _withdrawn(lesson: Lesson) -> None:
    """Take down a no. One that names nothing we know is a no to everything: it must not be lost."""
    said = lesson.event.properties
    for purpose in _each(Purpose, said.get("purpose")) or [Purpose.PROSPECTING]:
        for channel in _each(Channel, said.get("channel")) or _CHANNELS_OF_PEOPLE:
            _take_down_consent(lesson, purpose, channel, given=False)


def _each(kind: type[E], said: Any) -> list[E]:
    known = {member.value: member for member in kind}
    words = said if isinstance(said, list) else [said]
    found = [known[word] for word in words if isinstance(word, str) and word in known]
    return list(dict.fromkeys(found))


def _take_down_consent(lesson: Lesson, purpose: Purpose, channel: Channel, *, given: bool) -> None:
    event = lesson.event
    proof = _proof(lesson, channel)
    consent = Consent(
        purpose=purpose,
        channel=channel,
        given=given,
        at=event.at,
        message_id=event.message_id,
        source=event.source,
        assumed="consent" in event.assumed,
        **proof,
    )
    lesson.consents.append(consent)
    if not given and purpose is Purpose.PROSPECTING and proof["identifier"]:
        lesson.suppress.append(
            Suppress(
                channel=channel,
                address=proof["identifier"],
                purpose=purpose,
                because=event.name,
                at=event.at,
            )
        )


def _proof(lesson: Lesson, channel: Channel) -> dict[str, str]:
    """Return the fields of the proof; where one is missing it stays empty, and is missed (FR-EP-5)."""
    event = lesson.event
    nested = event.properties.get("proof")
    said = {**event.properties, **nested} if isinstance(nested, dict) else event.properties
    page = event.context.get("page")
    named = {each.kind.value: each.value for each in event.identifiers}
    otherwise = {
        "identifier": named.get(ADDRESS_OF.get(channel, "")),
        "where": page.get("url") if isinstance(page, dict) else None,
        "language": _short(event.context.get("locale")),
    }
    names = ("identifier", "controller", "wording", "wording_version", "positive_act")
    return {
        name: _text(said.get(name) or otherwise.get(name)) for name in (*names, "where", "language")
    }


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(str(each) for each in value)
    if value is None or isinstance(value, dict):
        return ""
    text, odd = understood(str(value)[:LONGEST_PROOF], None)
    return "" if odd else text


# -- what came back -------------------------------------------------------------------------------


def _came_back(kind: EvidenceKind) -> Callable[[Lesson], None]:
    def read(lesson: Lesson) -> None:
        if kind is EvidenceKind.BOUNCE and is_soft(lesson.event.properties):
            return
        fact = ADDRESS_OF.get(_channel(lesson), "")
        if fact:
            lesson.shows(fact, _recipient(lesson), "", kind)

    return read


def is_soft(said: dict[str, Any]) -> bool:
    words = {str(said.get(name) or "").casefold() for name in ("kind", "type", "bounce_type")}
    return said.get("hard") is False or bool(words & _SOFT) or str(said.get("status"))[:2] == "4."


def _channel(lesson: Lesson) -> Channel:
    found = _each(Channel, lesson.event.properties.get("channel") or Channel.EMAIL)
    return found[0] if found else Channel.EMAIL


def _recipient(lesson: Lesson) -> Any:
    said = lesson.event.properties
    value = said.get("recipient") or said.get("address")
    return value.casefold() if isinstance(value, str) else value


def _complained(lesson: Lesson) -> None:
    """A complaint to the mailbox provider is an objection, and final."""
    channel = _channel(lesson)
    _take_down_consent(lesson, Purpose.PROSPECTING, channel, given=False)
    recipient = _text(_recipient(lesson))
    if recipient and not lesson.suppress:
        lesson.suppress.append(
            Suppress(
                channel=channel,
                address=recipient,
                purpose=Purpose.PROSPECTING,
                because=lesson.event.name,
                at=lesson.event.at,
            )
        )


def _judged(lesson: Lesson) -> None:
    said = lesson.event.properties
    if said.get("automation") and isinstance(said.get("helped"), bool):
        lesson.says("help", said["helped"], said["automation"], theirs(lesson))


OWN_EVENTS: dict[str, Callable[[Lesson], None]] = {
    "customer.identified": _identified,
    "fact.corrected": _corrected,
    "fact.stated": _stated,
    "question.answered": _answered,
    "date.moved": _moved,
    "automation.stopped": _stopped,
    "automation.resumed": _resumed,
    "channel.chosen": _chose_a_channel,
    "quiet_hours.set": _wants_quiet,
    "absence.set": _absent,
    "person.wanted": _wants_a_person,
    "complaint.opened": _complaint("open"),
    "complaint.closed": _complaint("closed"),
    "person.took_charge": _took_charge,
    "person.let_go": _let_go,
    "consent.given": _given,
    "consent.withdrawn": _withdrawn,
    "message.bounced": _came_back(EvidenceKind.BOUNCE),
    "message.clicked": _came_back(EvidenceKind.CLICK),
    "message.complained": _complained,
    "help.judged": _judged,
}
