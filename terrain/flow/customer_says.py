"""What customers can tell us through their own page: each thing is one event with them as its source.

Promise: what is taken in here was offered to this customer on their own page; anything else is refused
with what would be right, and nothing is half said.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.own_page import ShownFact
from terrain.core.wishes import EVERYTHING
from terrain.errors import Refusal
from terrain.flow import sources, told
from terrain.flow.own_page import SOURCE, NobodyThere, OwnPage, Speaker
from terrain.flow.told import Told
from terrain.store import acts
from terrain.store import sources as known
from terrain.store.sources import Source

LONGEST_TEXT = 2_000
FARTHEST = timedelta(days=5 * 366)


class Gone(Refusal):
    """It was there when the page was shown: it has been answered, or its time has passed."""

    code = "no_longer_there"
    status = 409


class NotAnAnswer(Refusal):
    code = "not_an_answer"


class NotADate(Refusal):
    code = "not_a_date"


class NotAValue(Refusal):
    code = "not_a_value"


class TooMuchText(Refusal):
    code = "too_much_text"


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said, in the words of an event."""

    event: str
    properties: dict[str, Any]


Form = Mapping[str, str]


def answer(own: OwnPage, form: Form, _now: datetime) -> Saying:
    """Answer a question with one of the answers that were offered."""
    question = next(
        (one for one in own.questions if str(one.question_id) == form.get("question")), None
    )
    if question is None:
        raise Gone(field="question")
    if form.get("answer") not in question.answers:
        raise NotAnAnswer(field="answer", value=form.get("answer"), right=question.answers)
    said = {
        "question_id": str(question.question_id),
        "fact": question.fact.fact,
        "about": question.fact.about,
        "answer": form["answer"],
    }
    return Saying(event="question.answered", properties=said)


def correct(own: OwnPage, form: Form, _now: datetime) -> Saying:
    """Correct one fact; without a new value, say that the old one is wrong."""
    fact = _fact(own, form)
    to = None if form.get("wrong") else _parts(fact, form) or value_of(fact, form.get("to", ""))
    said = {
        "fact": fact.key.fact,
        "about": fact.key.about,
        "from": fact.belief.value,
        "to": to,
    }
    return Saying(event="fact.corrected", properties=said)


def confirm(own: OwnPage, form: Form, _now: datetime) -> Saying:
    """Say that what is believed is right."""
    fact = _fact(own, form)
    said = {"fact": fact.key.fact, "about": fact.key.about, "value": fact.belief.value}
    return Saying(event="fact.stated", properties=said)


def move_date(own: OwnPage, form: Form, now: datetime) -> Saying:
    """Choose one's own date for something that is planned."""
    names = (form.get("automation"), form.get("subject"))
    planned = next((one for one in own.dates if (one.automation, one.subject) == names), None)
    if planned is None:
        raise Gone(field="date")
    to = _date("date", form.get("to", ""), now)
    said = {"automation": planned.automation, "subject": planned.subject, "to": to.isoformat()}
    return Saying(event="date.moved", properties=said)


def be_away(_own: OwnPage, form: Form, now: datetime) -> Saying:
    """Say from when until when one is not to be disturbed."""
    start = _date("from", form.get("from", ""), now)
    end = _date("until", form.get("until", ""), now)
    if end < start:
        raise NotADate(field="until", value=end.isoformat(), right=f"≥ {start.isoformat()}")
    return Saying(
        event="absence.set", properties={"from": start.isoformat(), "until": end.isoformat()}
    )


def be_back(_own: OwnPage, _form: Form, _now: datetime) -> Saying:
    """Say that one is there again."""
    return Saying(event="absence.set", properties={})


def stop(own: OwnPage, form: Form, _now: datetime) -> Saying:
    """Stop one automation that touched this customer, or everything."""
    name = form.get("automation", "")
    known = {EVERYTHING, *(date.automation for date in own.dates)}
    known |= {run.automation for run in own.customer.runs}
    known |= {own.act.automation} if own.act else set()
    if name not in known:
        raise Gone(field="automation")
    return Saying(event="automation.stopped", properties={"automation": name})


def want_a_person(own: OwnPage, form: Form, _now: datetime) -> Saying:
    """Ask for a person, with or without saying why."""
    text = form.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        raise TooMuchText(field="text", right=LONGEST_TEXT)
    about = own.act.automation if own.act else ""
    said = {"about": about, "text": text}
    if own.act:
        said["act_id"] = str(own.act.act_id)
    return Saying(event="person.wanted", properties=said)


def judge_help(own: OwnPage, form: Form, _now: datetime) -> Saying:
    """Say whether an act helped."""
    if own.act is None:
        raise Gone(field="act")
    if form.get("helped") not in ("yes", "no"):
        raise NotAnAnswer(field="helped", value=form.get("helped"), right=["yes", "no"])
    said = {
        "act_id": str(own.act.act_id),
        "automation": own.act.automation,
        "helped": form["helped"] == "yes",
    }
    return Saying(event="help.judged", properties=said)


SAYINGS: dict[str, Callable[[OwnPage, Form, datetime], Saying]] = {
    "answer": answer,
    "correct": correct,
    "confirm": confirm,
    "move": move_date,
    "away": be_away,
    "back": be_back,
    "stop": stop,
    "person": want_a_person,
    "help": judge_help,
}


def tell(db: Connection, speaker: Speaker, saying: Saying, now: datetime, once: str = "") -> None:
    """Take it in as an event of this customer. The same form sent twice is said once."""
    word = (once or secrets.token_hex(12))[:64]
    said = Told(event=saying.event, properties=saying.properties, once=word)
    result = told.tell(db, speaker.node, said, now, source=SOURCE)
    if result is None:
        raise NobodyThere
    if result.refusal:
        raise result.refusal
    _hear(db, now)
    if saying.event == "automation.stopped":
        # Stop means stop, also for what waits in the outbox while no worker has heard of it yet.
        nodes = speaker.customer.nodes or (speaker.node,)
        acts.stop_queued(db, nodes, saying.properties["automation"], "stopped", now)


def _hear(db: Connection, now: datetime) -> None:
    """Count it as a source's word; what customers say here is theirs, nobody has to declare it."""
    if SOURCE not in known.kinds(db):
        known.declare(db, Source(name=SOURCE, kind=SourceKind.CUSTOMER_SAID))
    sources.hear(db, {SOURCE: 1}, now)


def _parts(fact: ShownFact, form: Form) -> dict[str, str]:
    """Return a value that has parts, an address say, with the parts that were typed."""
    known = fact.belief.value if isinstance(fact.belief.value, dict) else {}
    typed = {name: form.get(f"to.{name}", "").strip() for name in known}
    if any(len(text) > LONGEST_TEXT for text in typed.values()):
        raise TooMuchText(field=fact.key.fact, right=LONGEST_TEXT)
    return {name: text for name, text in typed.items() if text}


def value_of(fact: ShownFact, text: str) -> Any:
    """Return what was typed as the kind of value that this fact takes, or refuse it."""
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise NotAValue(field=fact.key.fact, value=text, right="…")
    return _READ.get(fact.type, _as_text)(fact, text)


def _as_text(_shown: ShownFact, text: str) -> Any:
    return text


def _as_number(fact: ShownFact, text: str) -> Any:
    try:
        number = float("".join(text.replace(",", ".").split()))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise NotAValue(field=fact.key.fact, value=text, right="12.5")
    return int(number) if number.is_integer() else number


def _as_yes_no(fact: ShownFact, text: str) -> Any:
    if text not in ("yes", "no"):
        raise NotAValue(field=fact.key.fact, value=text, right=["yes", "no"])
    return text == "yes"


def _as_choice(fact: ShownFact, text: str) -> Any:
    if fact.choices and text not in fact.choices:
        raise NotAValue(field=fact.key.fact, value=text, right=fact.choices)
    return text


def _as_date(fact: ShownFact, text: str) -> Any:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotAValue(field=fact.key.fact, value=text, right="2027-03-12") from None


def _as_list(_shown: ShownFact, text: str) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()]


_READ: dict[str, Callable[[ShownFact, str], Any]] = {
    "number": _as_number,
    "yes_no": _as_yes_no,
    "choice": _as_choice,
    "date": _as_date,
    "list": _as_list,
}


def _fact(own: OwnPage, form: Form) -> ShownFact:
    names = (form.get("fact"), form.get("about", ""))
    for fact in own.facts:
        if (fact.key.fact, fact.key.about) == names:
            return fact
    raise Gone(field="fact")


def _date(field: str, text: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotADate(field=field, value=text, right="2027-03-12") from None
    if not now.date() <= day <= (now + FARTHEST).date():
        right = f"{now:%Y-%m-%d} – {now + FARTHEST:%Y-%m-%d}"
        raise NotADate(field=field, value=text, right=right)
    return day
