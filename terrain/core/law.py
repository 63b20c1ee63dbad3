"""The law as data: dated, versioned tables by country, that a data-protection officer can edit.

Promise: no rule of law hides in code. A rule says what it checks, for which channels and purposes,
from and until when, and where it comes from; `core/checks.py` only knows how each kind of check is
made. The tables are shipped in `terrain/law/*.yaml` and read by `flow/rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

import msgspec

from terrain.core.consent import Channel, Purpose
from terrain.core.settings import Hours

# The table that holds where no country has one of its own.
ELSEWHERE = "EU"


class Rule(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="check", forbid_unknown_fields=True
):
    """What every rule says of itself. No channel named means any, also none at all."""

    id: str
    effective_from: date
    words: dict[str, str]
    source: str
    effective_to: date | None = None
    channels: tuple[Channel, ...] = ()
    purposes: tuple[Purpose, ...] = ()

    def in_force(self, day: date) -> bool:
        """Tell whether the rule holds on this day."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )


class SoftOptIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Instead of a consent: an order of an analogous product, and told of it at collection.

    `ordered` is the fact, per product, that there was an order; `told` the fact, per channel, that
    the customer was told and could refuse; products are analogous when they share `alike_by`.
    """

    ordered: str = "ordered"
    told: str = "told_at_collection"
    alike_by: str = "category"


class BusinessAddress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Instead of a consent, in business: a generic address, or one whose job it concerns."""

    kind: str = "business_address"
    told: str = "told_at_collection"
    fits: str = "concerns_their_job"


class Since(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consent that is implied for so many months after the fact was last true."""

    fact: str
    months: int


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Instead of a consent: a current contract to whose object the act relates."""

    fact: str = "contract"
    alike_by: str = "category"


class ConsentNeeded(Rule, frozen=True, kw_only=True, tag="consent"):
    """Forbidden without an active consent with proof, or one of what may stand for it."""

    proof: bool = True
    months: int | None = None
    soft_opt_in: SoftOptIn | None = None
    business: BusinessAddress | None = None
    contract: Contract | None = None
    implied: tuple[Since, ...] = ()


class NotRefused(Rule, frozen=True, kw_only=True, tag="not_refused"):
    """Allowed unless the customer said no."""


class Objection(Rule, frozen=True, kw_only=True, tag="objection"):
    """An objection to direct marketing is absolute."""


class Suppression(Rule, frozen=True, kw_only=True, tag="suppression"):
    """The suppression list is asked last thing before an act leaves."""


class WithinHours(Rule, frozen=True, kw_only=True, tag="hours"):
    """Only within these hours of the customer's own clock."""

    hours: Hours


class Attempts(Rule, frozen=True, kw_only=True, tag="attempts"):
    """At most so many contacts in so many days; after a refusal, silence for so long."""

    most: int
    days: int
    refused: str = ""
    refused_days: int = 0


class Retention(Rule, frozen=True, kw_only=True, tag="retention"):
    """Nobody is prospected who gave no sign of life for so many months."""

    months: int


class Register(Rule, frozen=True, kw_only=True, tag="register"):
    """A public register of people who do not want to be called."""

    fact: str
    contract: Contract | None = None


class Sector(Rule, frozen=True, kw_only=True, tag="sector"):
    """Trades whose prospecting is forbidden."""

    sectors: tuple[str, ...]
    contract: Contract | None = None


class OnlyAPerson(Rule, frozen=True, kw_only=True, tag="only_a_person"):
    """What takes something that matters from a customer is decided by a person."""


class MustCarry(Rule, frozen=True, kw_only=True, tag="must_carry"):
    """What a message must carry to be allowed to leave."""

    parts: tuple[str, ...]


AnyRule = (
    ConsentNeeded
    | NotRefused
    | Objection
    | Suppression
    | WithinHours
    | Attempts
    | Retention
    | Register
    | Sector
    | OnlyAPerson
    | MustCarry
)


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of one country or union, with those of the tables it includes less the replaced."""

    name: str
    words: dict[str, str]
    countries: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    holidays: str = ""
    rules: tuple[AnyRule, ...] = ()
    version: int = 0


class Geography(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks a place keeps: zones by country and by the first digits of a phone number."""

    zones: dict[str, tuple[str, ...]] = {}
    zones_by_prefix: dict[str, tuple[str, ...]] = {}
    countries_by_prefix: dict[str, str] = {}


class Law(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All tables, and the same sorted as they are asked: `rules[table][channel, purpose]`."""

    tables: dict[str, Table] = {}
    geography: Geography = Geography()
    version: str = ""
    table_of: dict[str, str] = {}
    rules: dict[str, dict[tuple[Channel | None, Purpose], tuple[tuple[str, AnyRule], ...]]] = {}

    def table_for(self, country: str) -> str:
        """Return the name of the table that holds in this country."""
        return self.table_of.get(country, ELSEWHERE)


@lru_cache(maxsize=4096)
def in_force(
    law: Law, country: str, channel: Channel | None, purpose: Purpose, day: date
) -> tuple[tuple[str, AnyRule], ...]:
    """Return the rules that hold there for this, that day, each with the version of its table."""
    rules = law.rules.get(law.table_for(country), {}).get((channel, purpose), ())
    return tuple((version, rule) for version, rule in rules if rule.in_force(day))


def law_of(tables: Iterable[Table], geography: Geography) -> Law:
    """Sort the tables by country, channel and purpose, once, so that asking costs nothing."""
    by_name = {table.name: table for table in tables}
    return Law(
        tables=by_name,
        geography=geography,
        version=" ".join(f"{name}:{by_name[name].version}" for name in sorted(by_name)),
        table_of={country: t.name for t in by_name.values() for country in t.countries},
        rules={name: _sorted_rules(table, by_name) for name, table in by_name.items()},
    )


def _sorted_rules(
    table: Table, tables: dict[str, Table]
) -> dict[tuple[Channel | None, Purpose], tuple[tuple[str, AnyRule], ...]]:
    every = list(_with_included(table, tables))
    return {
        (channel, purpose): tuple(
            (version, rule)
            for version, rule in every
            if (not rule.channels or channel in rule.channels)
            and (not rule.purposes or purpose in rule.purposes)
        )
        for channel in (None, *Channel)
        for purpose in Purpose
    }


def _with_included(table: Table, tables: dict[str, Table]) -> Iterator[tuple[str, AnyRule]]:
    for rule in table.rules:
        yield f"{table.name}:{table.version}", rule
    for name in table.includes:
        if name in tables:
            for version, rule in _with_included(tables[name], tables):
                if rule.id not in table.replaces:
                    yield version, rule
