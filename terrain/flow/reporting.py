"""What other systems report about acts: a help desk's complaint, a survey's answer, a call that came again.

Promise: each report is taken or refused by itself, with the field, what was said and what would be right. One
that is taken is an event of the customer under its own id, so however often it is told, it is one; a worker
credits it to its act (`core/crediting.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta
from psycopg import Connection

from terrain.core.identifier import CustomerKey, number_in
from terrain.core.outside import Line, Text, UnknownChoice
from terrain.core.signal import REPORT, REPORTED
from terrain.errors import Refusal, did_you_mean
from terrain.flow import done, told
from terrain.flow.decide import NobodyNamed, names_of
from terrain.flow.take_in import Outcome
from terrain.flow.told import Told
from terrain.flow.wire import UNREADABLE, refusal_of
from terrain.store import acts, customers, identifiers
from terrain.store import identity as graph
from terrain.words import refusal_sentence

MOST = 500
_KINDS = sorted(signal.value for signal in REPORTED)


class SignalAboutNothing(Refusal):
    """A signal that names neither a decision nor an act and its customer cannot be credited to anything."""

    code = "signal_about_nothing"


class UnknownAct(Refusal):
    """No act of this number was ever done to this customer."""

    code = "unknown_act"


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that came back. `id` is the reporter's own name for it: told again, it counts once.

    It is about the `decision_id` that `/v1/decide` answered, or about an `act_id` and the `customer` it was done
    to, both as webhooks tell them. `at` is when it happened, with its time zone. `invited`: they were asked for
    it; left out, that is as the act says, which asked whether it helped or did not.
    """

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: Annotated[str, Meta(max_length=40, extra_json_schema={"enum": _KINDS})]
    decision_id: Text = ""
    act_id: Text = ""
    customer: Annotated[dict[Text, str | int], Meta(max_length=6)] = {}
    at: Annotated[datetime, Meta(tz=True)] | None = None
    invited: bool | None = None
    text: Line = ""


_SHAPE = msgspec.json.schema_components([Report])[1]["Report"]


class Reports(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several reports; what is wrong with one of them says nothing about the others."""

    signals: Annotated[
        list[Any], Meta(min_length=1, max_length=MOST, extra_json_schema={"items": _SHAPE})
    ]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Why a report was not taken, and what would be right."""

    code: str
    field: str | None
    value: str | None
    right: str | None
    message: str


class Taken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one report: `taken`, `known` (it had been told before) or `refused`."""

    id: str
    became: str
    refusal: Refused | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all of them, in the order in which they were told."""

    taken: int
    known: int
    refused: int
    signals: list[Taken]


class Reporter(NamedTuple):
    """Who reports, where their phone numbers are from, and in which language they read."""

    source: str
    country: str = "FR"
    language: str = "en"


def report(db: Connection, said: Sequence[Any], reporter: Reporter, now: datetime) -> Answer:
    """Take in what was reported, each by itself. The caller opens the transaction."""
    each = [_one(db, raw, place, reporter, now) for place, raw in enumerate(said)]
    became = [one.became for one in each]
    return Answer(
        taken=became.count("taken"),
        known=became.count("known"),
        refused=became.count("refused"),
        signals=each,
    )


def _one(db: Connection, raw: Any, place: int, reporter: Reporter, now: datetime) -> Taken:
    own_id = raw.get("id") if isinstance(raw, dict) else None
    try:
        reported = _understood(raw)
        node = _node(db, reported, reporter.country)
        result = told.tell(db, node, _told(reported, now), now, source=reporter.source)
        if result is None:
            raise UnknownAct(field="act_id", value=reported.act_id or reported.decision_id)
        if result.refusal is not None:
            raise result.refusal
    except Refusal as refusal:
        return _refused(str(own_id or ""), refusal, place, reporter.language)
    return Taken(id=reported.id, became="known" if result.outcome is Outcome.SEEN else "taken")


def _understood(raw: Any) -> Report:
    try:
        reported = msgspec.convert(raw, Report)
    except UNREADABLE as error:
        raise refusal_of(error) from None
    if reported.kind not in REPORTED:
        right = did_you_mean(reported.kind, _KINDS) or _KINDS
        raise UnknownChoice(field="kind", value=reported.kind, right=right)
    return reported


def _node(db: Connection, reported: Report, country: str) -> CustomerKey:
    """Return under whom it is kept: the customer of the decision, or of the act if it is theirs."""
    if "-" in reported.decision_id:
        return done.find(db, reported.decision_id).key
    act_id = number_in(reported.act_id)
    if not act_id or not reported.customer:
        right = "decision_id, act_id + customer"
        raise SignalAboutNothing(field="act_id", value=reported.act_id, right=right)
    names = names_of(reported.customer, country)
    found = identifiers.find(db, names)
    node = next((found[name] for name in names if name in found), None)
    if node is None:
        raise NobodyNamed(field="customer", value=names[0].value, right="…")
    survivor = customers.survivors(db, [node]).get(node, node)
    theirs = graph.groups(db, [survivor])[survivor].names
    if not any(acts.find(db, each, act_id) for each in theirs):
        raise UnknownAct(field="act_id", value=reported.act_id)
    return node


def _told(reported: Report, now: datetime) -> Told:
    said = {
        name: value
        for name in ("kind", "decision_id", "act_id", "text")
        if (value := getattr(reported, name))
    }
    if reported.invited is not None:
        said["invited"] = reported.invited
    own = blake2b(reported.id.encode(), digest_size=16).hexdigest()
    at = min(reported.at, now) if reported.at else now
    return Told(event=REPORT, properties=said, once=f"signal:{own}", at=at)


def _refused(own_id: str, refusal: Refusal, place: int, language: str) -> Taken:
    field = f"signals[{place}]"
    if refusal.field and refusal.field != "message":
        field = f"{field}.{refusal.field}"
    return Taken(
        id=own_id[:200],
        became="refused",
        refusal=Refused(
            code=refusal.code,
            field=field,
            value=refusal.value,
            right=refusal.right,
            message=refusal_sentence(language, refusal),
        ),
    )
