"""Writes down everything about one customer for them to take along (GDPR 15), or what they gave us (20).

Promise: whole, in the order of time, and the same bytes from the same record; of nobody else, and of
those who work here only that it was staff. However much there is, it is written as it is read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from psycopg import Connection

from terrain.core import rights, taking_along
from terrain.core.belief import believe
from terrain.core.customer import Customer
from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.own_page import WISH
from terrain.core.word import Word
from terrain.flow import freezing, notices, own_page, spreadsheet
from terrain.flow.freezing import Asker
from terrain.store import exports
from terrain.store import identity as graph

VERSION = 1
_IN_CHARGE = "in_charge"
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Form(Word):
    """In which form somebody takes their data along."""

    WHOLE = "json"  # everything, for Art. 15
    PROVIDED = "csv"  # what they provided, as tables in a ZIP, for Art. 20


KINDS = {Form.WHOLE: "application/json", Form.PROVIDED: "application/zip"}
ENDINGS = {Form.WHOLE: "json", Form.PROVIDED: "zip"}


class Subject(NamedTuple):
    """Whose data, as the house knows them at a moment."""

    customer: Customer
    house: House
    now: datetime

    @property
    def nodes(self) -> Sequence[CustomerKey]:
        return self.customer.every_node


def of(db: Connection, node: CustomerKey, house: House, now: datetime) -> Subject:
    """Return whose data it is, as they are known now."""
    return Subject(own_page.load(db, node, house, now), house, now)


def hand_over(
    db: Connection, node: CustomerKey, subject: Subject, order: Order, to: IO[bytes]
) -> str:
    """Write the export to this file, note that it was made, and return a name for it."""
    customer, house, now = subject
    _WRITE[order.form](db, subject, to)
    word = freezing.Word(rights.EXPORTED, order.asker, {"form": order.form.value})
    freezing.say(db, node, house, now, word)
    if order.asker.source == own_page.SOURCE:
        notices.write(db, customer, house, now, notices.HANDED_OVER, at=now)
    return f"{customer.key.customer_id}-{now:%Y-%m-%d}.{ENDINGS[order.form]}"


class Order(NamedTuple):
    """Who takes the data along, and in which form."""

    form: Form
    asker: Asker = freezing.THEMSELVES


# -- everything -----------------------------------------------------------------------------------


def write_whole(db: Connection, subject: Subject, to: IO[bytes]) -> None:
    """Write everything as one JSON document."""
    to.write(b"{\n")
    for number, (name, value) in enumerate(_chapters(db, subject)):
        to.write((b",\n" if number else b"") + _encode(name) + b": ")
        _write_value(value, to)
    to.write(b"\n}\n")


def _chapters(db: Connection, subject: Subject) -> Iterator[tuple[str, Any]]:
    customer, nodes = subject.customer, subject.nodes
    staff = {n for n, kind in subject.house.sources.items() if kind is SourceKind.STAFF_HEARD}
    yield "format", {"name": "terrain.export", "version": VERSION, "fields": "docs/rights.md"}
    yield "made_at", subject.now
    yield "customer", _who(db, subject)
    yield "facts", iter([_fact(key, subject) for key in sorted(customer.claims) if _is_fact(key)])
    yield "wishes", iter([_wish(key, customer) for key in sorted(customer.claims) if _is_wish(key)])
    yield "consents", iter([msgspec.to_builtins(each) for each in _consents(customer)])
    yield (
        "events",
        (
            taking_along.of_event(row, customer.identifiers, staff=row["source"] in staff)
            for row in exports.events(db, nodes)
        ),
    )
    yield "decisions", map(taking_along.of_decision, exports.decisions(db, nodes))
    yield "acts", map(taking_along.of_act, exports.acts(db, nodes))
    yield "questions", exports.questions(db, nodes)
    yield "tasks", map(taking_along.without_staff, exports.tasks(db, nodes))
    yield "runs", exports.runs(db, nodes)
    yield "signals", exports.signals(db, nodes)
    yield "flags", exports.flags(db, nodes)
    yield "needs", exports.needs(db, nodes)
    yield "recalls", map(taking_along.without_staff, exports.recalls(db, nodes))


def _write_value(value: Any, to: IO[bytes]) -> None:
    if not isinstance(value, Iterator):
        to.write(_encode(value))
        return
    to.write(b"[")
    for number, each in enumerate(value):
        to.write((b",\n  " if number else b"\n  ") + _encode(each))
    to.write(b"\n]")


def _who(db: Connection, subject: Subject) -> dict[str, Any]:
    customer = subject.customer
    group = graph.groups(db, [customer.key])[customer.key]
    return {
        "number": str(customer.key.customer_id),
        "names": [
            {"kind": name.kind, "value": name.value, "one_person_since": group.since.get(node)}
            for node, name in sorted(group.names.items(), key=lambda pair: pair[1])
        ],
        "left_alone_since": rights.frozen_since(customer),
        "not_to_be_used_for": sorted(customer.suppressed),
    }


def _fact(key: FactKey, subject: Subject) -> dict[str, Any]:
    customer = subject.customer
    belief = believe(customer, key, subject.house, subject.now)
    return {
        "fact": key.fact,
        "about": key.about,
        "believed": None
        if belief is None
        else {
            "value": _value(key, belief.value),
            "sure": round(belief.confidence, 4),
            "disputed": belief.disputed,
            "says": belief.holder.source,
        },
        "claims": [_claim(claim) for claim in _in_time(customer.claims[key])],
        "evidence": [
            {"value": each.value, "kind": each.kind, "at": each.at}
            for each in sorted(customer.evidence.get(key, ()), key=lambda one: one.at)
        ],
    }


def _wish(key: FactKey, customer: Customer) -> dict[str, Any]:
    claims = [_claim(claim) for claim in _in_time(customer.claims[key])]
    return {"wish": key.fact.removeprefix(WISH), "about": key.about, "said": claims}


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "value": _value(claim.key, claim.value),
        "source": claim.source,
        "kind": claim.kind,
        "first_said": claim.first_at,
        "last_said": claim.at,
        "assumed": claim.assumed,
        "corrected_at": claim.closed_at,
    }


def _value(key: FactKey, value: Any) -> Any:
    return taking_along.STAFF if key.fact == _IN_CHARGE and value else value


def _in_time(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda claim: (claim.first_at, claim.source, claim.message_id))


def _consents(customer: Customer) -> list[Any]:
    return sorted(customer.consents, key=lambda row: (row.at, row.message_id, row.channel))


def _is_wish(key: FactKey) -> bool:
    return key.fact.startswith(WISH)


def _is_fact(key: FactKey) -> bool:
    return not _is_wish(key)


# -- what they provided ---------------------------------------------------------------------------


def write_provided(db: Connection, subject: Subject, to: IO[bytes]) -> None:
    """Write what they typed, said, bought or did as tables, in one ZIP; nothing that was supposed."""
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        for name, head, rows in _tables(db, subject):
            _write_table(archive, f"{name}.csv", subject.now, head, rows)
        with archive.open(_entry("README.txt", subject.now), "w") as file:
            file.write(_README.encode())


def _tables(
    db: Connection, subject: Subject
) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    yield (
        "names",
        ("kind", "value"),
        ((n.kind, n.value) for n in sorted(subject.customer.identifiers)),
    )
    yield "facts", _FACTS, _fact_rows(subject.customer)
    yield "consents", _CONSENTS, map(attrgetter(*_CONSENTS), _consents(subject.customer))
    yield "events", ("at", "name", "source", "message_id", "said"), _event_rows(db, subject)
    yield "answers", _ANSWERS, _answer_rows(db, subject)


def _fact_rows(customer: Customer) -> Iterator[Sequence[Any]]:
    for key in sorted(customer.claims):
        for c in _in_time(customer.claims[key]):
            if rights.is_provided(c.kind) and not c.assumed:
                value = _value(key, c.value)
                yield key.fact, key.about, value, c.source, c.kind, c.first_at, c.at, c.closed_at


def _event_rows(db: Connection, subject: Subject) -> Iterator[Sequence[Any]]:
    for row in exports.events(db, subject.nodes):
        if rights.is_provided(subject.house.kind_of(row["source"])):
            yield _event_row(row, subject)


def _answer_rows(db: Connection, subject: Subject) -> Iterator[Sequence[Any]]:
    for row in exports.questions(db, subject.nodes):
        if row["answered_at"] is not None:
            yield [row[name] for name in _ANSWERS]


def _event_row(row: dict[str, Any], subject: Subject) -> Sequence[Any]:
    staff = subject.house.kind_of(row["source"]) is SourceKind.STAFF_HEARD
    said = taking_along.of_event(row, subject.customer.identifiers, staff=staff)["said"]
    return [row["at"], row["name"], row["source"], row["message_id"], said]


def _write_table(
    archive: ZipFile,
    name: str,
    now: datetime,
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    with archive.open(_entry(name, now), "w", force_zip64=True) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        spreadsheet.write(text, head, ([_cell(each) for each in row] for row in rows))
        text.flush()
        text.detach()


def _entry(name: str, now: datetime) -> ZipInfo:
    entry = ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list | tuple):
        return _encode(value).decode()
    return str(value)


_FACTS = ("fact", "about", "value", "source", "kind", "first_said", "last_said", "corrected_at")
_CONSENTS = ("at", "given", "purpose", "channel", "source", "wording", "positive_act", "where")
_ANSWERS = ("asked_at", "answered_at", "fact", "about", "answer")
_README = """\
What you gave us, as tables (UTF-8, comma separated, the first line names the columns).
Ce que vous nous avez confié, en tableaux (UTF-8, séparés par des virgules, la première ligne nomme les colonnes).

names.csv     by which names we know you / sous quels noms nous vous connaissons
facts.csv     what you told us, or your orders say / ce que vous nous avez dit, ou que disent vos achats
consents.csv  what you agreed to and refused / ce que vous avez accepté et refusé
events.csv    what happened, with all that was said of it in JSON / ce qui s’est passé, avec tout le détail en JSON
answers.csv   what we asked and you answered / nos questions et vos réponses

Times are UTC (ISO 8601). What a spreadsheet would take for a formula begins with an apostrophe.
Les heures sont UTC (ISO 8601). Ce qu’un tableur prendrait pour une formule commence par une apostrophe.
What we only supposed is not here; it is in the whole copy (JSON).
Ce que nous avons seulement supposé n’est pas ici, mais dans la copie complète (JSON).
"""
_WRITE: dict[Form, Callable[[Connection, Subject, IO[bytes]], None]] = {
    Form.WHOLE: write_whole,
    Form.PROVIDED: write_provided,
}
