"""How each kind of rule in the tables of law is checked, for one matter.

Promise: every rule that was asked answers with what it looked at, also when it lets the act through:
its answer is the proof the law wants. Nothing is assumed in silence: a consent that an archive only
supposed is used, and marked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from terrain.core import law
from terrain.core.claims import last_heard, latest
from terrain.core.consent import Consent, Purpose, standing
from terrain.core.decision import Said
from terrain.core.duration import Span
from terrain.core.fact import FactKey
from terrain.core.hours import Opening, next_open, week_of
from terrain.core.matter import Matter

# So many days have a month at least and at most: the calendar is asked only in between.
_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31


def ask_the_law(matter: Matter) -> list[Said]:
    """Return what every rule in force says that concerns this channel and purpose there."""
    if not matter.house.law.rules:
        return []
    proposal = matter.proposal
    rules = law.in_force(
        matter.house.law, matter.country, proposal.channel, proposal.purpose, matter.day
    )
    said = [_HOW[type(rule)](rule, version, matter) for version, rule in rules]
    return [one for one in said if one is not None]


def _consent(rule: law.ConsentNeeded, version: str, matter: Matter) -> Said:
    """Let through what has an active, proven consent, or one of what may stand for it."""
    proposal, customer = matter.proposal, matter.customer
    assert proposal.channel is not None  # rules of consent name their channels
    row = standing(customer.consents, proposal.purpose, proposal.channel)
    if row is not None and not row.given:
        return _say(rule, version, "forbid", "consent_withdrawn", consent=row.message_id, at=row.at)
    if row is not None:
        return _judge_consent(rule, version, row, matter)
    for stands in (_soft_opt_in, _between_businesses, _under_contract, _implied):
        ground = stands(rule, matter)
        if ground:
            return _say(rule, version, "ok", "allowed", **ground)
    return _say(rule, version, "forbid", "no_consent", channel=proposal.channel.value)


def _judge_consent(rule: law.ConsentNeeded, version: str, row: Consent, matter: Matter) -> Said:
    inputs: dict[str, Any] = {"consent": row.message_id, "at": row.at, "source": row.source}
    if row.assumed:
        # An archive cannot prove what it supposes; whoever reads the decision sees that it was supposed.
        return _say(rule, version, "ok", "assumed_consent", **inputs, assumed=True)
    missing = row.missing_proof() if rule.proof else ()
    if missing:
        return _say(rule, version, "hold", "consent_without_proof", **inputs, missing=list(missing))
    if rule.months and _is_over(row.at, rule.months, matter):
        return _say(rule, version, "forbid", "consent_too_old", **inputs)
    return _say(rule, version, "ok", "allowed", **inputs, wording=row.wording_version)


def _soft_opt_in(rule: law.ConsentNeeded, matter: Matter) -> dict[str, Any]:
    terms = rule.soft_opt_in
    if terms is None or not matter.proposal.product or not _was_told(matter, terms.told):
        return {}
    for key in matter.keys_of(terms.ordered):
        if matter.said(key) and _alike(matter, key.about, terms.alike_by):
            return {"soft_opt_in": key.about, "told": True, "assumed": _is_assumed(matter, key)}
    return {}


def _between_businesses(rule: law.ConsentNeeded, matter: Matter) -> dict[str, Any]:
    terms = rule.business
    if terms is None:
        return {}
    address = matter.said(FactKey(terms.kind))
    if address == "generic":
        return {"business_address": "generic"}
    fits = matter.said(FactKey(terms.fits, matter.proposal.automation)) or matter.said(
        FactKey(terms.fits)
    )
    if address == "named" and fits and _was_told(matter, terms.told):
        return {"business_address": "named", "told": True, "concerns_their_job": True}
    return {}


def _under_contract(rule: law.ConsentNeeded, matter: Matter) -> dict[str, Any]:
    return _contract(rule.contract, matter)


def _contract(terms: law.Contract | None, matter: Matter) -> dict[str, Any]:
    """Return the current contract to whose object this relates."""
    if terms is None:
        return {}
    for key in matter.keys_of(terms.fact):
        current = matter.said(key) in ("current", True)
        if current and _alike(matter, key.about, terms.alike_by):
            return {"contract": key.about}
    return {}


def _implied(rule: law.ConsentNeeded, matter: Matter) -> dict[str, Any]:
    for since in rule.implied:
        for key in matter.keys_of(since.fact):
            claim = latest(matter.customer, key)
            if claim is not None and claim.value and not _is_over(claim.at, since.months, matter):
                return {"implied_by": str(key), "since": claim.at}
    return {}


def _not_refused(rule: law.NotRefused, version: str, matter: Matter) -> Said:
    proposal = matter.proposal
    if proposal.channel is not None:
        row = standing(matter.customer.consents, proposal.purpose, proposal.channel)
        if row is not None and not row.given:
            return _say(
                rule, version, "forbid", "consent_withdrawn", consent=row.message_id, at=row.at
            )
    return _say(rule, version, "ok", "allowed")


def _objection(rule: law.Objection, version: str, matter: Matter) -> Said:
    for about in (Purpose.PROSPECTING.value, "all"):
        if matter.said(FactKey("wish.stop", about)):
            return _say(rule, version, "forbid", "objection", wish=f"wish.stop({about})")
    return _say(rule, version, "ok", "allowed")


def _suppression(rule: law.Suppression, version: str, matter: Matter) -> Said:
    found = suppressed(matter)
    if found:
        return _say(rule, version, "forbid", "suppressed", list=found)
    return _say(rule, version, "ok", "allowed")


def suppressed(matter: Matter) -> str:
    """Return the entry of the suppression list that forbids this, if there is one."""
    channel, purpose = matter.proposal.channel, matter.proposal.purpose
    listed = matter.customer.suppressed
    if channel is None or not listed:
        return ""
    entries = (f"{channel.value}:*", f"{channel.value}:{purpose.value}")
    return next((entry for entry in entries if entry in listed), "")


def _hours(rule: law.WithinHours, version: str, matter: Matter) -> Said:
    if matter.pressing:
        return _say(rule, version, "ok", "allowed", waived=True)
    calendar = "" if rule.hours.on_holidays else _calendar(matter)
    week = week_of(rule.hours)
    openings = [Opening(week, zone, calendar) for zone in matter.zones]
    until = next_open(openings, matter.now)
    inputs = {"zones": [str(zone) for zone in matter.zones]}
    if until is None:
        return _say(rule, version, "hold", "no_common_hours", **inputs)
    if until > matter.now:
        return _hold_until(rule, version, "legal_hours", until, inputs)
    return _say(rule, version, "ok", "allowed", **inputs)


def _calendar(matter: Matter) -> str:
    tables = matter.house.law
    return tables.tables[tables.table_for(matter.country)].holidays


def _attempts(rule: law.Attempts, version: str, matter: Matter) -> Said:
    refused = latest(matter.customer, FactKey(rule.refused)) if rule.refused else None
    if refused is not None and refused.value:
        until = refused.at + timedelta(days=rule.refused_days)
        if until > matter.now:
            return _hold_until(rule, version, "refused_lately", until, {"refused_at": refused.at})
    made = sorted(
        contact.at
        for contact in matter.contacts_since(rule.days)
        if contact.channel is matter.proposal.channel and contact.purpose is matter.proposal.purpose
    )
    inputs = {"made": len(made), "most": rule.most, "days": rule.days}
    if len(made) < rule.most:
        return _say(rule, version, "ok", "allowed", **inputs)
    until = made[len(made) - rule.most] + timedelta(days=rule.days)
    return _hold_until(rule, version, "too_many_attempts", until, inputs)


def _retention(rule: law.Retention, version: str, matter: Matter) -> Said:
    heard = last_heard(matter.customer)
    if heard is None or _is_over(heard, rule.months, matter):
        return _say(rule, version, "hold", "no_sign_of_life", last_heard=heard, months=rule.months)
    return _say(rule, version, "ok", "allowed", last_heard=heard)


def _register(rule: law.Register, version: str, matter: Matter) -> Said:
    contract = _contract(rule.contract, matter)
    if matter.said(FactKey(rule.fact)) and not contract:
        return _say(rule, version, "forbid", "on_register", register=rule.fact)
    return _say(rule, version, "ok", "allowed", **contract)


def _sector(rule: law.Sector, version: str, matter: Matter) -> Said | None:
    sector = matter.proposal.sector
    if not sector:
        return None
    if sector in rule.sectors and not _contract(rule.contract, matter):
        return _say(rule, version, "forbid", "forbidden_sector", sector=sector)
    return _say(rule, version, "ok", "allowed", sector=sector)


def _only_a_person(rule: law.OnlyAPerson, version: str, matter: Matter) -> Said | None:
    proposal = matter.proposal
    if not proposal.adverse:
        return None
    if proposal.significant:
        return _say(rule, version, "hand", "adverse", adverse=True, significant=True)
    return _say(rule, version, "ok", "allowed", adverse=proposal.adverse)


def _must_carry(rule: law.MustCarry, version: str, matter: Matter) -> Said | None:
    if matter.carries is None:  # there is no message yet
        return None
    missing = [part for part in rule.parts if part not in matter.carries]
    if missing:
        return _say(rule, version, "hold", "message_lacks", missing=missing)
    return _say(rule, version, "ok", "allowed", carries=list(rule.parts))


_HOW: dict[type, Callable[[Any, str, Matter], Said | None]] = {
    law.ConsentNeeded: _consent,
    law.NotRefused: _not_refused,
    law.Objection: _objection,
    law.Suppression: _suppression,
    law.WithinHours: _hours,
    law.Attempts: _attempts,
    law.Retention: _retention,
    law.Register: _register,
    law.Sector: _sector,
    law.OnlyAPerson: _only_a_person,
    law.MustCarry: _must_carry,
}


def _say(rule: law.Rule, version: str, verdict: str, because: str, **inputs: Any) -> Said:
    return Said(rule=rule.id, version=version, verdict=verdict, because=because, inputs=inputs)


def _hold_until(
    rule: law.Rule, version: str, because: str, until: datetime, inputs: dict[str, Any]
) -> Said:
    return Said(
        rule=rule.id,
        version=version,
        verdict="hold_until",
        because=because,
        inputs=inputs,
        until=until,
    )


def _was_told(matter: Matter, fact: str) -> bool:
    channel = matter.proposal.channel
    about = channel.value if channel is not None else ""
    return bool(matter.said(FactKey(fact, about)) or matter.said(FactKey(fact)))


def _alike(matter: Matter, about: str, alike_by: str) -> bool:
    """Tell whether the act is about this product, or about one of the same kind."""
    product = matter.proposal.product
    if not product or not about:
        return False
    if product == about:
        return True
    products = matter.house.catalogue.products
    kind = products[product].properties.get(alike_by) if product in products else None
    if kind is None:
        return False
    return bool(
        about == kind or (about in products and products[about].properties.get(alike_by) == kind)
    )


def _is_assumed(matter: Matter, key: FactKey) -> bool:
    claim = latest(matter.customer, key)
    return claim is not None and claim.assumed


def _is_over(since: datetime, months: int, matter: Matter) -> bool:
    age = (matter.now - since).days
    if not months * _SHORTEST_MONTH <= age <= months * _LONGEST_MONTH + 1:
        return age > months * _LONGEST_MONTH
    return Span(months=months).after(since, matter.zones[0]) < matter.now
