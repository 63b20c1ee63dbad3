"""What customers can tell us through their own page: each thing is one event with them as its source.

Promise: what is taken in here was offered to this customer on their own page; anything else is refused
with what would be right, and nothing is half said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from babel import Locale
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.flag import FLAGGED, Reason
from terrain.core.need import SEEN
from terrain.core.own_page import ShownFact
from terrain.flow import wishing
from terrain.flow.own_page import SOURCE, OwnPage, Speaker
from terrain.flow.saying import (
    LONGEST_TEXT,
    Form,
    Gone,
    NotAnAnswer,
    NotAValue,
    Saying,
    Sayings,
    TooMuchText,
    as_told,
    take_in,
)
from terrain.store import sources as known
from terrain.store.sources import Source
from terrain.words import LANGUAGES


def answer(own: OwnPage, form: Form, _now: datetime) -> Sayings:
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
    return [Saying(event="question.answered", properties=said)]


def correct(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Correct one fact; without a new value, say that the old one is wrong."""
    fact = _fact(own, form)
    to = None if form.get("wrong") else _parts(fact, form) or value_of(fact, form.get("to", ""))
    said = {
        "fact": fact.key.fact,
        "about": fact.key.about,
        "from": fact.belief.value,
        "to": to,
    }
    return [Saying(event="fact.corrected", properties=said)]


def confirm(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say that what is believed is right."""
    fact = _fact(own, form)
    said = {"fact": fact.key.fact, "about": fact.key.about, "value": fact.belief.value}
    return [Saying(event="fact.stated", properties=said)]


def want_a_person(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Ask for a person, with or without saying why."""
    said = {"about": own.automation, "text": _text(form), **_case(own)}
    return [Saying(event="person.wanted", properties=said)]


def say_it_is_wrong(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say that what this page is about is wrong: a person comes, and until then it is held.

    The one does not replace the other.
    """
    if not own.automation:
        raise Gone(field="act")
    if form.get("reason", "") not in set(Reason):
        raise NotAnAnswer(field="reason", value=form.get("reason"), right=list(Reason))
    said = {"about": own.automation, "text": _text(form), **_case(own), "wrong": True}
    flagged = said | {"automation": own.automation, "reason": form["reason"]}
    return [
        Saying(event="person.wanted", properties=said),
        Saying(event=FLAGGED, properties=flagged),
    ]


def tell_a_need(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say that there is a need here that nothing serves."""
    text = _text(form)
    if not text:
        raise NotAValue(field="text", value=text, right="…")
    said = {"text": text, "automation": own.automation, **_case(own)}
    return [Saying(event=SEEN, properties=said)]


def _case(own: OwnPage) -> dict[str, Any]:
    """Return what this page is about, as numbers travel."""
    said = {"act_id": str(own.act.act_id)} if own.act else {}
    return said | ({"decision_id": str(own.decision.decision_id)} if own.decision else {})


def _text(form: Form) -> str:
    text = form.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        raise TooMuchText(field="text", right=LONGEST_TEXT)
    return text


def judge_help(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say whether an act helped, and more if they like."""
    if own.act is None:
        raise Gone(field="act")
    if form.get("helped") not in ("yes", "no"):
        raise NotAnAnswer(field="helped", value=form.get("helped"), right=["yes", "no"])
    text = _text(form)
    said: dict[str, Any] = {
        "act_id": str(own.act.act_id),
        "automation": own.act.automation,
        "helped": form["helped"] == "yes",
    }
    if text:
        said["text"] = text
    return [Saying(event="help.judged", properties=said)]


SAYINGS: dict[str, Callable[[OwnPage, Form, datetime], Sayings]] = {
    "answer": answer,
    "correct": correct,
    "confirm": confirm,
    "move": wishing.move_date,
    "away": wishing.be_away,
    "back": wishing.be_back,
    "reach": wishing.choose_channels,
    "quiet": wishing.want_quiet,
    "unquiet": wishing.end_quiet,
    "stop": wishing.stop,
    "resume": wishing.resume,
    "ask_again": wishing.be_asked_again,
    "person": want_a_person,
    "wrong": say_it_is_wrong,
    "need": tell_a_need,
    "help": judge_help,
}


def tell(db: Connection, speaker: Speaker, said: Sayings, now: datetime, once: str = "") -> None:
    """Take it in as events of this customer. The same form sent twice is said once."""
    if said and SOURCE not in known.kinds(db):
        # What customers say here is theirs; nobody has to declare it.
        known.declare(db, Source(name=SOURCE, kind=SourceKind.CUSTOMER_SAID))
    take_in(db, speaker, as_told(said, once), SOURCE, now)


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
    if not text:
        raise NotAValue(field=fact.key.fact, value=text, right="…")
    if len(text) > LONGEST_TEXT:
        raise TooMuchText(field=fact.key.fact, right=LONGEST_TEXT)
    read = _READ_BY_NAME.get(fact.key.fact) or _READ.get(fact.type, _as_text)
    return read(fact, text)


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


def _as_country(fact: ShownFact, text: str) -> Any:
    """Return the code of a country that was typed as its code or its name, in any of our languages."""
    plain = text.casefold()
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code.isalpha() and plain in (code.casefold(), name.casefold()):
                return code
    raise NotAValue(field=fact.key.fact, value=text, right="FR")


def _as_list(_shown: ShownFact, text: str) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()]


_READ: dict[str, Callable[[ShownFact, str], Any]] = {
    "number": _as_number,
    "yes_no": _as_yes_no,
    "choice": _as_choice,
    "date": _as_date,
    "list": _as_list,
}


_READ_BY_NAME: dict[str, Callable[[ShownFact, str], Any]] = {
    "country": _as_country,
    "language": _as_choice,
}


def _fact(own: OwnPage, form: Form) -> ShownFact:
    names = (form.get("fact"), form.get("about", ""))
    for fact in own.facts:
        if (fact.key.fact, fact.key.about) == names:
            return fact
    raise Gone(field="fact")
