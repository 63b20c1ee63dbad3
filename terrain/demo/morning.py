"""The morning on which a newcomer comes in: what waits for somebody, as in any shop on any morning.

Promise: nothing is written past the door. A few customers more than the report counts say it as everybody
does; a colleague proposes as colleagues do; and nothing is different each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.config import read
from terrain.core.approval import Signature
from terrain.core.decision import Verdict
from terrain.core.flag import Reason
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.rights import ASKED, FROZEN
from terrain.demo import wire
from terrain.demo.days import FASTER_PARCEL, begin
from terrain.demo.life import Life, moment, speaks
from terrain.demo.shop import EXAMPLES, files
from terrain.demo.wire import CARRIER, CUSTOMER, SHOP, SUPPORT, Told
from terrain.demo.world import FILTER, Errand, Person
from terrain.flow import flagging, proposals, rules, sources
from terrain.flow.flagging import Pull
from terrain.flow.proposals import Change, Workshop
from terrain.flow.take_in import Message, take_in
from terrain.store import identifiers, overview
from terrain.store import sources as known
from terrain.store.sources import Source

A_DAY = timedelta(days=1).total_seconds()
# The carrier promised to speak every day, and has not for so long.
CARRIER_SILENT_FOR = 5
THE_FILTER = [{"sku": FILTER, "quantity": 1, "price": 19.9}]
LAST_PAIR = "shoes-42"
WHY = "Whoever works by day reads us in the evening: six hours are too short to answer in."
REMINDER = "filter-reminder"
WRONG = "She told me on the phone that she gave this filter to her sister."
NEEDS = (
    "Livrer les filtres le soir, après le travail",
    "Une livraison le soir",
    "Reprendre les vieux filtres au magasin",
    "livraison du soir possible ?",
)
MOST_SAID = 1 + len(NEEDS)
TRAY: dict[str, dict[str, Any]] = {
    # Whose parcel? The carrier forgot to say.
    CARRIER: {"type": "track", "event": "order.delivered", "properties": {"order": "F-c0117-2"}},
    SHOP: {"type": "track", "userId": "c0204", "properties": {"order": "S-0204-5"}},
}


def lives(today: date) -> list[Life]:
    """Return the lives of those for whom somebody has something to do this morning."""
    return [_awa(today), _jules(today), _fanny(today), _hugo(today), _sofia(today)]


def is_heard(told: Told, today: date) -> bool:
    """Say whether it reaches the shop: since a few days nothing of the carrier's does."""
    return told.source != CARRIER or told.at < _ago(today, CARRIER_SILENT_FOR, 18)


def lea_orders_again(lea: Person, now: datetime) -> Iterator[Told]:
    """Yield the question that is open: the last pair again, which the warehouse could send sooner."""
    today = now.date()
    errand = Errand(
        order="S-lea-2",
        on=today,
        sku=LAST_PAIR,
        promised=today + timedelta(days=6),
        sooner=today + timedelta(days=2),
        last_pair=True,
        wants_sooner=False,
        away=True,
    )
    items = [{"sku": errand.sku, "quantity": 1, "price": 89.0}]
    yield wire.orders(lea, now - timedelta(hours=1), errand.order, items)
    yield wire.could_go_faster(lea, now, errand)


def wakes(db: Connection, now: datetime) -> None:
    """Let come in what nobody can handle, and a colleague propose what takes a second person."""
    for source, message in TRAY.items():
        said = {**message, "timestamp": now.isoformat()}
        take_in(db, [Message(raw=msgspec.json.encode(said))], source, now)
    carrier = Source(name=CARRIER, kind=known.kinds(db)[CARRIER], promised=A_DAY)
    known.declare(db, carrier)
    _camille_proposes(db, now)
    _ines_pulls_the_cord(db, now)
    sources.reckon(db, now)


def _camille_proposes(db: Connection, now: datetime) -> None:
    text = (EXAMPLES / "automations" / f"{FASTER_PARCEL}.yaml").read_text()
    change = Change(text=text.replace("within: 6 hours", "within: 12 hours"), name=FASTER_PARCEL)
    bench = Workshop(folder=EXAMPLES, catalogue=files().catalogue, settings=rules.settings(db))
    proposals.propose(db, change, bench, Signature(by="Camille", because=WHY), now)


def _ines_pulls_the_cord(db: Connection, now: datetime) -> None:
    """Story 9: she says that the latest reminder is wrong, and what others would have needed."""
    wanted = overview.Wanted(automation=REMINDER, verdict=Verdict.ACT.value)
    lea = set(identifiers.find(db, [Identifier(Kind.USER_ID, "lea")]).values())
    lately = [
        row
        for row in overview.decisions(db, wanted, 2 * MOST_SAID)
        if CustomerKey(row.bucket, row.customer_id) not in lea  # hers is the story of the tour
    ]
    said = [
        Pull(
            node=CustomerKey(row.bucket, row.customer_id),
            automation=REMINDER,
            reason=Reason.WRONG_FACT.value,
            text=text,
            decision_id=row.decision_id,
        )
        for row, text in zip(lately, (WRONG, *NEEDS), strict=False)
    ]
    for place, each in enumerate(said):
        with db.transaction():
            if place:
                flagging.see_a_need(db, each, now - timedelta(days=5 * place))
            else:
                flagging.pull(db, each, read(), now - timedelta(minutes=40))


def _awa(today: date) -> Life:
    """Story 7: her filter is due while her complaint is open."""
    awa = _person("awa", "Awa", "Keita", today - timedelta(days=190))
    return _says(
        begin(awa),
        wire.delivered(awa, _ago(today, 185, 11), "F-awa-1", THE_FILTER),
        wire.complains(awa, _ago(today, 6, 9), "K-awa-1", "the invoice"),
    )


def _jules(today: date) -> Life:
    """He asked to be left alone, a few days before his filter is due."""
    jules = _person("jules", "Jules", "Garnier", today - timedelta(days=190))
    return _says(
        begin(jules),
        wire.delivered(jules, _ago(today, 178, 11), "F-jules-1", THE_FILTER),
        wire.track(jules, _ago(today, 9, 21), CUSTOMER, FROZEN, {"by": "customer"}),
    )


def _fanny(today: date) -> Life:
    """She asked in writing what there is about her, and nobody has answered within the month."""
    fanny = _person("fanny", "Fanny", "Perrin", today - timedelta(days=400))
    text = "Bonjour, quelles données avez-vous sur moi, et d’où viennent-elles ?"
    return _says(begin(fanny), _asks(fanny, _ago(today, 36, 10), "access", text))


def _hugo(today: date) -> Life:
    hugo = _person("hugo", "Hugo", "Blanc", today - timedelta(days=320))
    said = {"about": "F-hugo-1", "text": "Pouvez-vous me rappeler ? Le filtre fuit un peu."}
    return _says(
        begin(hugo),
        wire.delivered(hugo, _ago(today, 30, 11), "F-hugo-1", THE_FILTER),
        wire.track(hugo, _ago(today, 1, 15), CUSTOMER, "person.wanted", said),
    )


def _sofia(today: date) -> Life:
    sofia = _person("sofia", "Sofia", "Moreau", today - timedelta(days=260))
    text = "Je me suis mariée : mon nom est maintenant Sofia Lambert."
    return _says(begin(sofia), _asks(sofia, _ago(today, 2, 14), "rectify", text))


def _person(user: str, first: str, last: str, joined: date) -> Person:
    return Person(
        user_id=user,
        first_name=first,
        last_name=last,
        email=f"{user}.{last.casefold()}@example.org",
        language="fr",
        address="8 place de l’Église, 38000 Grenoble",
        next_address="8 place de l’Église, 38000 Grenoble",
        joined=joined,
    )


def _asks(person: Person, at: datetime, right: str, text: str) -> Told:
    return wire.track(person, at, SUPPORT, ASKED, {"right": right, "text": text, "by": "Inès"})


def _says(life: Life, *said: Told) -> Life:
    for each in said:
        life = speaks(life, each)
    return life


def _ago(today: date, days: int, hour: int) -> datetime:
    return moment(today - timedelta(days=days), hour)
