"""Stop means stop: what a customer stopped holds when our answer leaves, not when a worker comes to it.

Promise: in one transaction the wish is an event, the consent is withdrawn, the address is on the
suppression list where it was prospecting, and what was already queued will not leave.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.consent import ADDRESS_OF, Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.lesson import Suppress
from terrain.core.wishes import EVERYTHING, PROSPECTING
from terrain.flow.told import Told, tell
from terrain.store import acts, customers, people, suppressions, timeline

SOURCE = "customer-page"
BECAUSE = "stopped"
_CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.CALL, Channel.CHAT, Channel.POST)
_TAKES_BACK = ("automation.resumed", "consent.given")


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's wish to stop what one act came from; with `everything`, all of it."""

    key: CustomerKey
    act_id: int
    everything: bool = False
    source: str = SOURCE


def stop_at_once(db: Connection, stop: Stop, secret: str, now: datetime) -> bool:
    """Stop it, and say whether there was such an act.

    The caller opens the transaction, and says it is done only after the commit.
    """
    standing = acts.find(db, stop.key, stop.act_id)
    if standing is None:
        return False
    act, name = standing.act, EVERYTHING if stop.everything else standing.act.automation
    customer = _customer(db, stop.key, secret, now)
    nodes = customer.nodes if customer else (stop.key,)
    again = _since_taken_back(db, nodes)
    told = _told(stop, "automation.stopped", {"automation": name}, again)
    tell(db, stop.key, told, now, stop.source)
    if act.purpose is Purpose.PROSPECTING or stop.everything:
        channels = _CHANNELS if stop.everything else (act.channel,)
        no: dict[str, Any] = {"purpose": PROSPECTING}
        if not stop.everything:  # without a channel named, it is a no to all of them
            no["channel"] = act.channel.value
        told = _told(stop, "consent.withdrawn", no, again)
        tell(db, stop.key, told, now, stop.source)
        suppressions.save(db, secret, _suppressed(channels, customer, now))
    acts.stop_queued(db, nodes, name, BECAUSE, now)
    return True


def hold_at_once(db: Connection, customer: Customer, name: str, secret: str, now: datetime) -> None:
    """Let hold at once what a customer has just said on their page: an automation's name, or a wide stop."""
    if name in (PROSPECTING, EVERYTHING):
        suppressions.save(db, secret, _suppressed(_CHANNELS, customer, now))
    acts.stop_queued(db, customer.every_node, name, BECAUSE, now)


def _told(stop: Stop, event: str, said: dict[str, Any], again: str) -> Told:
    once = f"{event}:{said.get('automation', '')}:{stop.act_id}{again}"
    return Told(event=event, properties={**said, "act_id": str(stop.act_id)}, once=once)


def _since_taken_back(db: Connection, nodes: Collection[CustomerKey]) -> str:
    """Return what keeps a stop apart from the one before: a click counts once, until it is taken back."""
    back = timeline.last_of(db, nodes, _TAKES_BACK)
    return f":{back.timestamp():.6f}" if back else ""


def _suppressed(
    channels: Iterable[Channel], customer: Customer | None, now: datetime
) -> list[Suppress]:
    return [
        Suppress(
            channel=channel,
            address=address,
            purpose=Purpose.PROSPECTING,
            because="automation.stopped",
            at=now,
        )
        for channel in channels
        for address in sorted(_addresses(customer, channel) if customer else set())
    ]


def _addresses(customer: Customer, channel: Channel) -> set[str]:
    """Return every address of theirs on this channel: a stop is not about one spelling of them."""
    fact = ADDRESS_OF.get(channel, "")
    claimed = customer.claims.get(FactKey(fact), ())
    found = {claim.value for claim in claimed if claim.closed_at is None}
    found |= {name.value for name in customer.identifiers if name.kind == fact}
    return {value for value in found if isinstance(value, str)}


def _customer(db: Connection, key: CustomerKey, secret: str, now: datetime) -> Customer | None:
    survivor = customers.survivors(db, [key]).get(key, key)
    return people.load(db, [survivor], now, secret=secret).get(survivor)
