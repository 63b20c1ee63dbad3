"""Find a customer by any name, show what is known, join two names or part them; export, freeze, erase.

A name is `email:lea@example.org`, `phone:0612345678`, `user_id:17850`, or simply the address.
What is joined can be parted again, and the other way round; both are kept with who and why.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import click
from psycopg import Connection

from terrain import words
from terrain.commands.backup import FileExists
from terrain.config import Settings, secret_of
from terrain.core.consent import Consent
from terrain.core.fact import Belief
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey, Identifier
from terrain.core.identity import Edge
from terrain.flow import customers, directory, erasure, export, forgetting, freezing, reference
from terrain.flow.customers import Dossier, Word
from terrain.flow.erasure import Asking
from terrain.flow.export import ENDINGS, Form, Order
from terrain.flow.freezing import by_staff
from terrain.flow.identifiers import parsed
from terrain.opening import opened
from terrain.store import erasures
from terrain.store.erasures import Erasure
from terrain.terminal import Terminal, speaks
from terrain.words import _

MOST_SHOWN = 20


@click.group()
def command() -> None:
    pass


@command.command()
@click.argument("name")
@speaks
def find(terminal: Terminal, name: str) -> None:
    """Say whose name this is: the customer's number and all their names."""
    found = _dossier(name)
    terminal.print(f"#{found.customer.key.customer_id}")
    terminal.table([_("Name"), _("Since")], _names(found))
    terminal.answer(
        {
            "customer": found.customer.key.customer_id,
            "names": [f"{each.kind}:{each.value}" for each in found.customer.identifiers],
        }
    )


@command.command()
@click.argument("name")
@speaks
def show(terminal: Terminal, name: str) -> None:
    """Show what is known of a customer, how sure it is and who says so, and why they are one."""
    found = _dossier(name)
    terminal.print(f"#{found.customer.key.customer_id}")
    terminal.table([_("Name"), _("Since")], _names(found))
    terminal.print("")
    terminal.table(
        [_("Fact"), _("Value"), _("Sure"), _("Says"), _("Since"), _("Disputed")],
        [_belief(terminal, belief) for belief in found.beliefs],
    )
    terminal.print("")
    terminal.table(
        [_("Consent"), _("Given"), _("When"), _("Missing from the proof")],
        [_consent(terminal, row) for row in found.customer.consents],
    )
    terminal.print("")
    edges = found.edges[:MOST_SHOWN]
    terminal.table(
        [_("Why they are one person, or not"), _("Between"), _("When"), _("Says")],
        [_edge(terminal, found, edge) for edge in edges],
    )
    terminal.answer(
        {
            "customer": found.customer.key.customer_id,
            "names": [f"{each.kind}:{each.value}" for each in found.customer.identifiers],
            "facts": found.beliefs,
            "edges": found.edges,
            "consents": found.customer.consents,
            "suppressed": sorted(found.customer.suppressed),
        }
    )


@command.command()
@click.argument("one")
@click.argument("other")
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", required=True, help="Why, for whoever reads it later.")
@speaks
def merge(terminal: Terminal, one: str, other: str, by: str, because: str) -> None:
    """Say that two names are one person's, also where both are accounts."""
    word = Word(one=one, other=other, by=by, because=because)
    with opened() as (settings, record), record.conn_for(0) as db, db.transaction():
        house = reference.house(db, settings)
        done = customers.merge(db, word, house, datetime.now(UTC))
    if done:
        terminal.say(_("They are one person from now on."))
    else:
        terminal.say(
            _("It is kept, but something stronger holds them apart: see `customers show`.")
        )
    terminal.answer({"one": done})


@command.command()
@click.argument("one")
@click.argument("other")
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", required=True, help="Why, for whoever reads it later.")
@speaks
def separate(terminal: Terminal, one: str, other: str, by: str, because: str) -> None:
    """Say that two names are two people's; nothing will join them but a person."""
    word = Word(one=one, other=other, by=by, because=because)
    with opened() as (settings, record), record.conn_for(0) as db, db.transaction():
        house = reference.house(db, settings)
        done = customers.separate(db, word, house, datetime.now(UTC))
    terminal.say(_("They are two people from now on."))
    terminal.answer({"two": done})


@command.command()
@speaks
def index(terminal: Terminal) -> None:
    """Write the directory, by which people are found, anew from the record."""
    found = 0
    now = datetime.now(UTC)
    with opened() as (settings, record), record.local() as local:
        house = reference.house(local, settings)
        label = _("Writing the directory")
        for bucket in terminal.progress(range(BUCKETS), label, total=BUCKETS):
            with record.conn_for(bucket) as db, db.transaction():
                found += directory.index(db, bucket, house, now)
    terminal.say(_("{n} people can be found."), n=found)
    terminal.answer({"people": found})


@command.command("export")
@click.argument("name")
@click.option("--by", required=True, help="Who hands it over.")
@click.option("--csv", "as_tables", is_flag=True, help="What they gave, as tables in a ZIP.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@speaks
def export_(terminal: Terminal, name: str, by: str, as_tables: bool, to: Path | None) -> None:
    """Write everything we have about a customer into a file, for them (GDPR 15 and 20)."""
    form = Form.PROVIDED if as_tables else Form.WHOLE
    file = to or Path(f"customer-{datetime.now(UTC):%Y-%m-%dT%H%M%S}.{ENDINGS[form]}")
    if file.exists():
        raise FileExists(value=file)
    with _at_work(name) as (db, house, node, now):
        subject = export.of(db, node, house, now)
        with _closed_to_others(file) as written:
            export.hand_over(db, node, subject, Order(form, by_staff(by)), written)
    terminal.say(_("Their data are in {file}. Hand it to nobody but them."), file=file)
    terminal.answer({"file": file, "bytes": file.stat().st_size})


@command.command()
@click.argument("name")
@click.option("--by", required=True, help="Who says so.")
@click.option("--undo", is_flag=True, help="Let things go on.")
@speaks
def freeze(terminal: Terminal, name: str, by: str, undo: bool) -> None:
    """Leave a customer alone: nothing automated happens to them any more (GDPR 18 and 21)."""
    with _at_work(name) as (db, house, node, now):
        (freezing.go_on if undo else freezing.freeze)(db, node, house, now, by_staff(by))
    if undo:
        terminal.say(_("Things go on for them."))
    else:
        terminal.say(_("They are left alone from now on."))
    terminal.answer({"left_alone": not undo})


@command.command()
@click.argument("name")
@click.option("--by", required=True, help="Who says so.")
@click.option("--undo", is_flag=True, help="Do not erase them after all.")
@click.option("--now", "at_once", is_flag=True, help="Do not wait: it cannot be taken back.")
@speaks
def erase(terminal: Terminal, name: str, by: str, undo: bool, at_once: bool) -> None:
    """Erase a customer, after the days in which it can be taken back (GDPR 17)."""
    if undo:
        with _at_work(name) as (db, house, node, now):
            done = erasure.take_back(db, node, house, now, by_staff(by))
        terminal.say(_("They are not erased.") if done else _("They were not to be erased."))
        terminal.answer({"erasure": None})
        return
    wish = _asked(name, by, at_once=at_once)
    if wish.due_at <= datetime.now(UTC):
        terminal.say(_("A worker erases them within a minute."))
    else:
        terminal.say(_("They will be erased after {day}."), day=f"{wish.due_at:%Y-%m-%d %H:%M} UTC")
    terminal.answer({"erasure": str(wish.erasure_id), "due_at": wish.due_at})


@command.command()
@click.argument("name", required=False)
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@speaks
def erased(terminal: Terminal, name: str | None, to: Path | None) -> None:
    """Say whether a name is of somebody erased; without one, list the erasures, as hashes, or write them."""
    with opened() as (settings, record), record.conn_for(0) as db:
        if name:
            at = _erased_at(db, name, settings)
            terminal.say(
                _("Somebody of that name was erased on {day}.")
                if at
                else _("Nobody of that name was erased."),
                day=f"{at:%Y-%m-%d}" if at else "",
            )
            terminal.answer({"erased_at": at})
            return
        kept = erasures.since(db)
    if to:
        forgetting.write_list(to, kept)
    rows = {one.erasure_id: one for one in sorted(kept, key=lambda one: one.rows)}
    terminal.table(
        [_("Erasure"), _("When"), _("Rows")],
        [[number, f"{one.at:%Y-%m-%d}", one.rows] for number, one in rows.items()],
    )
    terminal.answer(
        [{"erasure": str(n), "at": one.at, "rows": one.rows} for n, one in rows.items()]
    )


@contextmanager
def _at_work(name: str) -> Iterator[tuple[Connection, House, CustomerKey, datetime]]:
    """Yield what it takes to do something for whoever bears this name, in one transaction."""
    with opened() as (settings, record), record.conn_for(0) as db, db.transaction():
        house = reference.house(db, settings)
        yield db, house, customers.find(db, name, house), datetime.now(UTC)


def _asked(name: str, by: str, *, at_once: bool) -> Erasure:
    with opened() as (settings, record), record.conn_for(0) as db, db.transaction():
        house = reference.house(db, settings)
        wait = timedelta(days=0 if at_once else settings.erase_after_days)
        node = customers.find(db, name, house)
        return erasure.ask(db, node, house, datetime.now(UTC), Asking(wait, by_staff(by)))


def _erased_at(db: Connection, name: str, settings: Settings) -> datetime | None:
    meant = parsed(name.strip(), settings.country)
    if not isinstance(meant, Identifier):
        raise customers.NobodyOfThatName(field="name", value=name, right=["email:…", "phone:…"])
    return erasures.when(db, secret_of(settings), [meant]).get(meant)


def _closed_to_others(file: Path) -> IO[bytes]:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _dossier(name: str) -> Dossier:
    with opened() as (settings, record), record.conn_for(0) as db:
        return customers.show(db, name, reference.house(db, settings), datetime.now(UTC))


def _names(found: Dossier) -> list[list[object]]:
    since = found.group.since
    return [
        [f"{name.kind}:{name.value}", f"{since[node]:%Y-%m-%d}" if node in since else ""]
        for node, name in found.group.names.items()
    ]


def _belief(terminal: Terminal, belief: Belief) -> list[object]:
    holder = belief.holder
    disputed = words.say(terminal.language, _("yes")) if belief.disputed else ""
    return [
        *(belief.key, belief.value, f"{belief.confidence:.0%}"),
        *(f"{holder.source} ({holder.kind})", f"{holder.first_at:%Y-%m-%d}", disputed),
    ]


def _consent(terminal: Terminal, row: Consent) -> list[object]:
    given = words.say(terminal.language, _("yes") if row.given else _("no"))
    missing = ", ".join(row.missing_proof()) if row.given else ""
    return [f"{row.purpose} ({row.channel})", given, f"{row.at:%Y-%m-%d}", missing]


def _edge(terminal: Terminal, found: Dossier, edge: Edge) -> list[object]:
    because = words.catalogue(terminal.language).pgettext("because", edge.because)
    between = " – ".join(_named(found, node) for node in edge.pair)
    return [because, between, f"{edge.at:%Y-%m-%d}", edge.source]


def _named(found: Dossier, node: CustomerKey) -> str:
    name = found.group.names.get(node)
    return f"{name.kind}:{name.value}" if name else f"#{node.customer_id}"
