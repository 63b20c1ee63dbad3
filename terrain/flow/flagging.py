"""The cord, pulled: held for this customer at once, for everybody where that is due; answered by the owner.

Promise: when our answer leaves, nothing of that automation reaches this customer any more. The flag is one event,
whoever told it; whoever pulled it finds the answer, and nothing here says who they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from terrain.config import Settings, read, secret_of
from terrain.core.breaker import Alarm, Cause
from terrain.core.decision import Decision
from terrain.core.flag import (
    DAY,
    FLAGGED,
    LONGEST_NAME,
    LONGEST_WORDS,
    PEOPLE,
    Flag,
    Reason,
    as_kept,
    as_told,
    flag_of,
    for_all,
    puller_of,
    their_own,
)
from terrain.core.identifier import CustomerKey
from terrain.core.need import SEEN
from terrain.errors import Refusal, did_you_mean
from terrain.flow import breaker
from terrain.flow.breaker import Tripping
from terrain.flow.directory import nodes_of
from terrain.flow.sources import DESK, declare_desk
from terrain.flow.told import LONGEST_NAME as LONGEST_ONCE
from terrain.flow.told import Told, tell
from terrain.store import acts, automations, customers, decisions, flags, own_history
from terrain.store.acts import Standing

HELD = "flagged"


class UnknownFlag(Refusal):
    """There is no flag of this number."""

    code = "unknown_flag"
    status = 404


class NotAReason(Refusal):
    """There are so many reasons, and `other` is one of them."""

    code = "not_a_flag_reason"


class FlagWhat(Refusal):
    """A flag is about an automation; a need is told in words."""

    code = "flag_about_what"


class FlagAboutWhom(Refusal):
    """Something is wrong for somebody: nobody is kept under this number."""

    code = "flag_about_whom"


class UnknownCase(Refusal):
    """Nothing of this number was decided about this customer, or done to them."""

    code = "unknown_flag_case"
    status = 404


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of staff says is wrong. `who` is their account; it is not kept (`core/flag.py`)."""

    node: CustomerKey
    automation: str
    reason: str
    text: str = ""
    act_id: int = 0
    decision_id: int = 0
    who: int = 0
    once: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a flag is about: the act, the decision with its facts."""

    act: Standing | None = None
    decision: Decision | None = None

    @property
    def automation(self) -> str:
        """The automation that decided or did it."""
        if self.decision:
            return self.decision.proposal.automation
        return self.act.act.automation if self.act else ""


class Beforehand(NamedTuple):
    """What pulling the cord would do, told before it is pulled.

    `waiting` is what would no longer leave for this customer; `others` how many other people said the same
    within a day; `stopped` whether it is stopped for everybody already.
    """

    waiting: int
    others: int
    stopped: bool

    @property
    def is_last(self) -> bool:
        """Say whether one more person makes it stop for everybody."""
        return not self.stopped and self.others + 1 >= PEOPLE


def keep(
    db: Connection, raised: Sequence[Flag], secret: str, alarm: Alarm, now: datetime
) -> dict[str, str]:
    """Keep these flags, and stop for everybody what they make due; return which automations, and why.

    Whoever calls holds the customers; automations come last and in one order, so that nobody waits in a circle.
    """
    if not raised:
        return {}
    signed = [
        msgspec.structs.replace(one, puller=puller_of(secret, one.automation, one.said_by))
        if one.said_by
        else one
        for one in raised
    ]
    new = flags.keep(db, signed)
    names = sorted({one.automation for one in signed if one.flag_id in new})
    held = ((name, _hold_for_all(db, name, alarm, now)) for name in names)
    return {name: why for name, why in held if why}


def meant(db: Connection, said: Pull) -> Pull:
    """Return it with the act, the decision and the automation that it is about; refuse what is not theirs."""
    typed = said.automation.strip()
    if not (said.act_id or said.decision_id):
        return msgspec.structs.replace(said, automation=typed)
    case = _case(db, nodes_of(db, said.node), said.act_id, said.decision_id)
    act_id = case.act.act.act_id if case.act else 0
    decision_id = case.decision.decision_id if case.decision else 0
    if said.act_id not in (0, act_id) or said.decision_id not in (0, decision_id):
        raise UnknownCase(field="decision", value=said.decision_id or said.act_id)
    if typed not in ("", case.automation):
        raise FlagWhat(field="automation", value=typed, right=case.automation)
    return msgspec.structs.replace(
        said, automation=case.automation, act_id=act_id, decision_id=decision_id
    )


def pull(db: Connection, said: Pull, settings: Settings, now: datetime) -> Flag:
    """Take in what somebody of staff says is wrong; it is held when this transaction commits."""
    said = meant(db, said)
    name = said.automation
    version = _version_of(db, said, name)
    if said.reason not in set(Reason):
        raise NotAReason(field="reason", value=said.reason, right=list(Reason))
    puller = as_told(secret_of(settings), name, said.who)
    told: dict[str, Any] = {
        "automation": name,
        "reason": said.reason,
        "text": said.text.strip()[:LONGEST_WORDS],
        "version": version,
        "puller": puller,
    }
    told |= _numbers(said)
    once = said.once or f"flag:{name}:{said.act_id or said.decision_id}:{puller}:{now.isoformat()}"
    _tell(db, said.node, Told(event=FLAGGED, properties=told, once=once), now)
    flag = flag_of(said.node, told, name_of(DESK, once), now)
    flag = msgspec.structs.replace(flag, said_by=f"staff:{puller}")
    return hold_at_once(db, flag, settings, now)


def _tell(db: Connection, node: CustomerKey, told: Told, now: datetime) -> None:
    declare_desk(db)
    result = tell(db, node, told, now, source=DESK)
    if result is None:
        raise FlagAboutWhom(field="customer", value=node.customer_id)
    if result.refusal:
        raise result.refusal


def name_of(source: str, once: str) -> str:
    """Return the name under which an event that is told once stands in the record."""
    return f"{source}:{once}"[:LONGEST_ONCE]


def _version_of(db: Connection, said: Pull, name: str) -> int:
    """Return which version is meant; refuse a name that neither an automation nor this decision has.

    Another system that asks before it acts has no file here, but its decisions are kept.
    """
    listed = automations.find(db, name) if len(name) <= LONGEST_NAME else None
    if listed is not None:
        return listed.live_version
    decision = decisions.find(db, said.node, said.decision_id) if said.decision_id else None
    if decision is not None:  # it is of this name, or it would not have come so far
        return decision.proposal.version
    right = did_you_mean(name, [one.name for one in automations.every(db)])
    raise FlagWhat(field="automation", value=name, right=right or "—")


def see_a_need(db: Connection, said: Pull, now: datetime) -> None:
    """Take in that there is a need here that nothing serves."""
    said, words = meant(db, said), said.text.strip()
    if not words:
        raise FlagWhat(field="text", right="…")
    told: dict[str, Any] = {"text": words[:LONGEST_WORDS], "automation": said.automation}
    told |= _numbers(said)
    once = said.once or f"need:{said.node.customer_id}:{now.isoformat()}"
    _tell(db, said.node, Told(event=SEEN, properties=told, once=once), now)


def _numbers(said: Pull) -> dict[str, str]:
    """Return what it is about, as numbers travel."""
    given = (("act_id", said.act_id), ("decision_id", said.decision_id))
    return {key: str(number) for key, number in given if number}


def hold_what_was_told(
    db: Connection, node: CustomerKey, event: Told, source: str, now: datetime
) -> None:
    """Hold at once what a customer has just said is wrong, on their own page or to somebody at the desk."""
    flag = flag_of(node, event.properties, name_of(source, event.once), now)
    survivor = customers.survivors(db, [node]).get(node, node)
    flag = msgspec.structs.replace(flag, said_by=their_own(survivor))
    hold_at_once(db, flag, read(), now)


def hold_at_once(db: Connection, flag: Flag, settings: Settings, now: datetime) -> Flag:
    """Stop what still waits to leave for this customer, and keep the flag. The worker would do it in a moment.

    The same form sent twice is one flag: the one that is kept already is returned.
    """
    before = flags.of_message(db, flag.node, flag.message_id)
    if before is not None:
        return before
    nodes = nodes_of(db, flag.node)
    acts.stop_queued(db, nodes, flag.automation, HELD, now)
    keep(db, [flag], secret_of(settings), breaker.alarm_of(settings), now)
    return flag


def case_of(db: Connection, flag: Flag) -> Case:
    """Return the act and the decision of a flag, as far as they are still there."""
    return _case(db, nodes_of(db, flag.node), flag.act_id, flag.decision_id)


def _case(db: Connection, nodes: Sequence[CustomerKey], act_id: int, decision_id: int) -> Case:
    """Find the one by the other where only one is named, under whichever node of the customer each stands."""
    act = acts.of_customer(db, nodes, [act_id]).get(act_id) if act_id else None
    number = decision_id or (act.decision_id if act else 0)
    decision = own_history.decisions(db, nodes, [number]).get(number) if number else None
    if act is None and not act_id and number:
        row = own_history.acts(db, nodes, [number]).get(number)
        act = acts.of_customer(db, nodes, [row.act_id]).get(row.act_id) if row else None
    return Case(act=acts.find(db, act.key, act.act_id) if act else None, decision=decision)


def beforehand(db: Connection, said: Pull, settings: Settings, now: datetime) -> Beforehand:
    """Tell what pulling would do."""
    name, secret = said.automation, secret_of(settings)
    nodes = nodes_of(db, said.node) if said.node.customer_id else ()
    waiting = acts.fates(db, nodes, name, HELD).waiting if nodes else 0
    pulled = flags.pulled_since(db, name, _counting_from(db, name, now))
    others = {one.puller for one in pulled} - {"", as_kept(secret, name, said.who)}
    listed = automations.find(db, name)
    return Beforehand(waiting, len(others), bool(listed and listed.paused_at))


def known(db: Connection, flag_id: int) -> Flag:
    """Return one flag, or refuse a number that nobody gave."""
    found = flags.find(db, flag_id)
    if found is None:
        raise UnknownFlag(field="flag", value=flag_id)
    return found


def _hold_for_all(db: Connection, name: str, alarm: Alarm, now: datetime) -> str:
    """Trip the breaker where the flags of the last day, or since it last went on, make that due."""
    # Those who pull at the same moment see each other: the second counts once the first has committed.
    automations.hold(db, name)
    pulled = flags.pulled_since(db, name, _counting_from(db, name, now))
    why = for_all(pulled, now)
    if why is None:
        return ""
    behind = [one for one in pulled if one.puller]
    evidence = {"flags": len(behind), "reasons": dict(Counter(one.reason.value for one in behind))}
    what = Tripping(automation=name, cause=Cause.FLAG, because=why.value, evidence=evidence)
    return why.value if breaker.trip(db, what, alarm, now) else ""


def _counting_from(db: Connection, name: str, now: datetime) -> datetime:
    """Return since when flags add up: the last day, less what came before it last went on."""
    before = breaker.went_on_at(db, name)
    return max(now - DAY, before) if before is not None and before <= now else now - DAY
