"""Find a customer by any name, show what is known and who says so, join two names or part them.

A name is `email:lea@example.org`, `phone:0612345678`, `user_id:17850`, or simply the address.
What is joined can be parted again, and the other way round; both are kept with who and why.
"""

from datetime import UTC, datetime

import click

from terrain import words
from terrain.core.consent import Consent
from terrain.core.fact import Belief
from terrain.core.identifier import BUCKETS, CustomerKey
from terrain.core.identity import Edge
from terrain.flow import customers, directory, reference
from terrain.flow.customers import Dossier, Word
from terrain.opening import opened
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
