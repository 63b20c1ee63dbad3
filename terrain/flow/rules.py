"""The guard's constants and the tables of law: shipped as files, kept as versions, changed by people.

Promise: whatever a decision was made with can be read again, with who made it so and why. What a
person changed stays as they left it when a later release ships something else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import msgspec
import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA
from psycopg import Connection
from ruamel.yaml import YAML

import terrain
from terrain.core.holidays import NAMES as CALENDARS
from terrain.core.law import AnyRule, Geography, Law, Table, WithinHours, law_of
from terrain.core.settings import EVERY_DAY, GuardSettings
from terrain.errors import Refusal, did_you_mean
from terrain.flow.yaml_file import read
from terrain.store import reference, rules
from terrain.store.rules import GUARD, RuleVersion
from terrain.words import LANGUAGES

SHIPPED = Path(__file__).parent.parent / "law"
US = "Terrain"
SHORTEST_REASON = 10
NEVER = datetime(1, 1, 1, tzinfo=UTC)


class UnknownRules(Refusal):
    """There are no rules of this name."""

    code = "unknown_rules"
    status = 404


class UnknownConstant(Refusal):
    """The guard has no constant of this name."""

    code = "unknown_constant"


class WrongRules(Refusal):
    """Rules that cannot be as they were given; nothing was changed."""

    code = "wrong_rules"


class ReasonTooShort(Refusal):
    """Whoever changes a rule or pauses an automation says why, for others to understand."""

    code = "reason_too_short"


class ChangedMeanwhile(Refusal):
    """Somebody else changed the same rules at the same moment; look at theirs first."""

    code = "rules_changed_meanwhile"
    status = 409


class Signed(NamedTuple):
    """Who changes a rule, why, and when."""

    by: str
    because: str
    at: datetime


@cache
def geography() -> Geography:
    """Return which clocks places and numbers keep, from the tables of the zone and phone packages."""
    zones: dict[str, tuple[str, ...]] = {}
    table = files("tzdata") / "zoneinfo" / "zone.tab"
    for line in table.read_text().splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return Geography(
        zones=zones,
        zones_by_prefix={str(prefix): tuple(names) for prefix, names in TIMEZONE_DATA.items()},
        countries_by_prefix={
            str(prefix): countries[0]
            for prefix, countries in regions.items()
            if countries[0].isalpha()
        },
    )


@cache
def shipped_tables() -> tuple[Table, ...]:
    """Return the tables of law that come with this release."""
    return tuple(
        msgspec.convert(YAML(typ="safe", pure=True).load(file.read_text()), Table)
        for file in sorted(SHIPPED.glob("*.yaml"))
    )


@cache
def shipped_law() -> Law:
    """Return the law as it comes with this release, for whoever has no database."""
    return law_of(shipped_tables(), geography())


def law(db: Connection) -> Law:
    """Return the law as it holds here now."""
    return law_of(_tables(rules.latest(db)), geography())


def settings(db: Connection) -> GuardSettings:
    """Return the guard's constants as they hold here now."""
    kept = rules.latest(db).get(GUARD)
    return GuardSettings() if kept is None else _settings_of(kept)


def keep_shipped(db: Connection, now: datetime) -> list[str]:
    """Write down what this release ships where nobody has changed it; return what is new.

    Rules that a person changed stay as they are: `terrain rules show` says that ours differ.
    """
    held = rules.latest(db)
    new = []
    for kind, shipped in _shipped().items():
        last = held.get(kind)
        if last is None or (last.by == US and last.rules != shipped):
            version = 1 if last is None else last.version + 1
            because = f"shipped with {terrain.__version__}"
            if rules.add(db, RuleVersion(kind, version, now, US, because, shipped)):
                new.append(kind)
    if new:
        reference.changed(db, "rules")
    return new


def kinds(db: Connection) -> list[str]:
    """Return the names of all rules, the guard's first."""
    return [GUARD, *sorted({*_shipped(), *rules.latest(db)} - {GUARD})]


def sentences() -> dict[str, dict[str, str]]:
    """Return what each constant of the guard is for, by language."""
    found = {}
    for name, hint in get_type_hints(GuardSettings, include_extras=True).items():
        for said in getattr(hint, "__metadata__", ()):
            if said.extra:
                found[name] = said.extra
    return found


def read_file(path: Path) -> dict[str, Any]:
    """Return a table of law as a file gives it; a mapping, or it is refused."""
    root, reading = read(path)
    if root is None or reading.problems:
        raise reading.problems[0]
    found = root.plain()
    if not isinstance(found, dict):
        raise WrongRules(field="file", value=path.name, right="key: value", kind=path.stem)
    return found


def show(db: Connection, kind: str) -> RuleVersion:
    """Return the rules of this name as they hold now; version 0 when they were never written down."""
    held = rules.latest(db).get(kind)
    if held is not None:
        return held
    shipped = _shipped()
    if kind not in shipped:
        right = did_you_mean(kind, shipped) or sorted(shipped)
        raise UnknownRules(field="kind", value=kind, right=right)
    return RuleVersion(kind, 0, NEVER, US, "", shipped[kind])


def differs_from_shipped(version: RuleVersion) -> bool:
    """Tell whether these are not the rules that come with this release."""
    return _shipped().get(version.kind) != version.rules


def set_constant(db: Connection, name: str, value: object, signed: Signed) -> RuleVersion:
    """Change one constant of the guard; `harm_by_reach.home` is one entry of a table."""
    changed = msgspec.json.decode(msgspec.json.encode(show(db, GUARD).rules))
    holds, entry = _holder_of(changed, name)
    if entry not in holds:
        known = {
            *changed,
            *(f"{k}.{e}" for k, of in changed.items() if isinstance(of, dict) for e in of),
        }
        right = did_you_mean(name, known, at_least=0)
        raise UnknownConstant(field="constant", value=name, right=right)
    holds[entry] = value
    return replace(db, GUARD, changed, signed)


def _holder_of(constants: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    # The name of an entry may have a dot of its own: `default_aging.wish.stop`.
    constant, _, entry = name.partition(".")
    within = constants.get(constant)
    return (within, entry) if entry and isinstance(within, dict) else (constants, name)


def replace(db: Connection, kind: str, given: dict[str, Any], signed: Signed) -> RuleVersion:
    """Replace a whole table of law (a new name makes a new one), or all constants at once."""
    refuse_a_short_reason(signed.because)
    checked = _checked(kind, given)
    last = max((one.version for one in rules.history(db, kind)), default=0)
    because = signed.because.strip()
    version = RuleVersion(kind, last + 1, signed.at, signed.by, because, checked)
    if not rules.add(db, version):
        raise ChangedMeanwhile(field="kind", value=kind)
    reference.changed(db, "rules")
    return version


def refuse_a_short_reason(because: str) -> None:
    """Refuse what is too short to be a real reason."""
    if len(because.strip()) < SHORTEST_REASON:
        raise ReasonTooShort(field="because", value=because, right=SHORTEST_REASON)


def _checked(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the rules in their one form, or refuse what is misspelt, missing or out of bounds."""
    try:
        if kind == GUARD:
            return plain(msgspec.convert({**given, "version": 0}, GuardSettings))
        table = msgspec.convert({**given, "version": 0}, Table)
    except msgspec.ValidationError as wrong:
        reason, _, place = str(wrong).partition(" - at `$.")
        raise WrongRules(
            field=place.rstrip("`") or kind,
            value=place.rstrip("`") or kind,
            right=reason,
            kind=kind,
        ) from None
    _refuse_a_table_that_contradicts_itself(kind, table)
    return plain(table)


def _refuse_a_table_that_contradicts_itself(kind: str, table: Table) -> None:
    ids = [rule.id for rule in table.rules]
    twice = next((each for each in ids if ids.count(each) > 1), None)
    if table.name != kind:
        raise WrongRules(field="name", value=table.name, right=kind, kind=kind)
    if twice:
        raise WrongRules(field="rules.id", value=twice, right="…", kind=kind)
    if table.holidays not in ("", *CALENDARS):
        raise WrongRules(field="holidays", value=table.holidays, right=CALENDARS, kind=kind)
    for rule in table.rules:
        _refuse_a_rule_nobody_can_read(kind, rule)


def _refuse_a_rule_nobody_can_read(kind: str, rule: AnyRule) -> None:
    if not all(rule.words.get(language) for language in LANGUAGES):
        raise WrongRules(
            field=f"{rule.id}.words", value=list(rule.words), right=LANGUAGES, kind=kind
        )
    days = rule.hours.days if isinstance(rule, WithinHours) else ()
    wrong = next((day for day in days if day not in EVERY_DAY), None)
    if wrong:
        raise WrongRules(field=f"{rule.id}.hours.days", value=wrong, right=EVERY_DAY, kind=kind)


def _shipped() -> dict[str, dict[str, Any]]:
    own = {table.name: plain(table) for table in shipped_tables()}
    return {GUARD: plain(GuardSettings()), **own}


def _tables(held: dict[str, RuleVersion]) -> list[Table]:
    found = {table.name: table for table in shipped_tables()}
    for kind, version in held.items():
        if kind != GUARD:
            found[kind] = msgspec.convert({**version.rules, "version": version.version}, Table)
    return list(found.values())


def _settings_of(version: RuleVersion) -> GuardSettings:
    # A constant that a later release brings stands at its shipped value until somebody changes it.
    return msgspec.convert({**version.rules, "version": version.version}, GuardSettings)


def plain(value: GuardSettings | Table) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    del found["version"]
    return found
