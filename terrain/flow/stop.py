"""Stop means stop: what a customer stopped holds when our answer leaves, not when a worker comes to it.

Promise: in one transaction the wish is an event, the consent is withdrawn, the address is on the
suppression list where it was prospecting, and what was already queued will not leave.
"""

from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.act import Act
from terrain.core.consent import ADDRESS_OF, Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.lesson import Suppress
from terrain.flow.told import Told, tell
from terrain.store import acts, customers, people, suppressions

STOP_ALL = "all"
SOURCE = "customer-page"
BECAUSE = "stopped"


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
    act, name = standing.act, STOP_ALL if stop.everything else standing.act.automation
    _tell(db, stop, "automation.stopped", {"automation": name}, now)
    customer = _customer(db, stop.key, secret, now)
    if act.purpose is Purpose.PROSPECTING or stop.everything:
        purpose = {"purpose": Purpose.PROSPECTING.value, "channel": act.channel.value}
        _tell(db, stop, "consent.withdrawn", purpose, now)
        suppressions.save(db, secret, _suppressed(act, customer, now))
    acts.stop_queued(db, customer.nodes if customer else [stop.key], name, BECAUSE, now)
    return True


def _tell(db: Connection, stop: Stop, event: str, said: dict[str, str], now: datetime) -> None:
    properties = {**said, "act_id": str(stop.act_id)}
    once = f"{event}:{said.get('automation', '')}:{stop.act_id}"
    tell(db, stop.key, Told(event=event, properties=properties, once=once), now, stop.source)


def _suppressed(act: Act, customer: Customer | None, now: datetime) -> list[Suppress]:
    addresses = _addresses(customer, act.channel) if customer else set()
    return [
        Suppress(
            channel=act.channel,
            address=address,
            purpose=Purpose.PROSPECTING,
            because="automation.stopped",
            at=now,
        )
        for address in sorted(addresses)
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
