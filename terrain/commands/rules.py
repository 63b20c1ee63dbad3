"""Show and change the rules: the guard's constants, and the tables of law by country.

Every change is a new version with who made it and why; old ones stay, because old decisions were
made with them.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from terrain.flow import rules
from terrain.opening import opened
from terrain.store import rules as kept
from terrain.store.rules import GUARD, RuleVersion
from terrain.terminal import Terminal, speaks
from terrain.words import _


@click.group()
def command() -> None:
    pass


@command.command()
@click.argument("kind", required=False)
@speaks
def show(terminal: Terminal, kind: str | None) -> None:
    """Show all kinds of rules, or one in full: `guard`, `FR`, `EU`."""
    with opened() as (_settings, record), record.local() as db:
        found = [rules.show(db, each) for each in ([kind] if kind else rules.kinds(db))]
    if kind:
        _in_full(terminal, found[0])
    else:
        _listed(terminal, found)
    terminal.answer([_row(one) | ({"rules": one.rules} if kind else {}) for one in found])


@command.command(name="set")
@click.argument("kind")
@click.argument("constant", required=False)
@click.argument("value", required=False)
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Who changes it.")
@click.option("--because", required=True, help="Why, for whoever reads it later.")
@speaks
def set_(
    terminal: Terminal, /, kind: str, constant: str | None, value: str | None, **how: Any
) -> None:
    """Change one constant (`rules set guard hand_cost 3`), or a whole table from a YAML file."""
    signed = rules.Signed(how["by"], how["because"], datetime.now(UTC))
    if (constant is None) == (how["file"] is None) or (constant is not None and value is None):
        raise click.UsageError("Give a constant and its value, or --file.")
    with opened() as (_settings, record), record.local() as db, db.transaction():
        if how["file"] is not None:
            made = rules.replace(db, kind, rules.read_file(how["file"]), signed)
        elif kind == GUARD:
            made = rules.set_constant(db, str(constant), _value(str(value)), signed)
        else:
            raise click.UsageError("A table of law is changed as a whole, with --file.")
    terminal.say(_("{kind} is now at version {version}."), kind=made.kind, version=made.version)
    terminal.answer(_row(made))


@command.command()
@click.argument("kind")
@speaks
def history(terminal: Terminal, kind: str) -> None:
    """Show who changed these rules, when and why."""
    with opened() as (_settings, record), record.local() as db:
        rules.show(db, kind)  # refuses a name that nobody knows
        found = kept.history(db, kind)
    _listed(terminal, found)
    terminal.answer([_row(one) | {"rules": one.rules} for one in found])


def _value(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _listed(terminal: Terminal, found: list[RuleVersion]) -> None:
    terminal.table(
        [_("Rules"), _("Version"), _("Since"), _("By"), _("Because")],
        [
            [
                one.kind,
                one.version,
                f"{one.since:%Y-%m-%d %H:%M}" if one.version else "",
                one.by,
                one.because,
            ]
            for one in found
        ],
    )


def _in_full(terminal: Terminal, version: RuleVersion) -> None:
    if version.kind == GUARD:
        sentences = rules.sentences()
        for name, value in version.rules.items():
            terminal.print(f"{name} = {_plain(value)}\n    {sentences[name][terminal.language]}")
    else:
        for rule in version.rules["rules"]:
            until = f" – {rule['effective_to']}" if rule.get("effective_to") else ""
            terminal.print(f"{rule['id']}  ({rule['effective_from']}{until})  {rule['source']}")
            terminal.print(f"    {rule['words'][terminal.language]}")
    if rules.differs_from_shipped(version):
        terminal.say(_("These differ from the rules that come with this release."))


def _plain(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _row(version: RuleVersion) -> dict[str, Any]:
    return {
        "kind": version.kind,
        "version": version.version,
        "since": version.since if version.version else None,
        "by": version.by,
        "because": version.because,
        "as_shipped": not rules.differs_from_shipped(version),
    }
