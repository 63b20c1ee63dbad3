"""Plays the shop into an empty record, up to this morning, so that a newcomer finds a life in it.

Promise: what was loaded looks as if the shop had run on Terrain for eighteen months, and goes on from
here by the worker. `terrain up` runs it once, as `python -m terrain.demo.load`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.config import Settings, read
from terrain.core.act import Act
from terrain.core.automation import Automation
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.demo import drift, morning, old_rule, returns, shop, staging, telling
from terrain.demo.days import begin, unfold
from terrain.demo.deeds import deed_of
from terrain.demo.life import Life, moment
from terrain.demo.old_rule import OLD_RULE
from terrain.demo.play import HOURS, slots
from terrain.demo.reactions import BOTTLE_CARE, react
from terrain.demo.wire import Told
from terrain.demo.world import CUSTOMERS, EIGHTEEN_MONTHS, SEED, people
from terrain.flow import reference, seeing, sources
from terrain.flow.automations import files_of
from terrain.flow.overseeing import Overseer
from terrain.flow.rules import keep_shipped
from terrain.flow.take_in import Known, Result
from terrain.store import automations, reports
from terrain.store.connection import connect
from terrain.store.reports import Report

LOOK_UP_EVERY = 90  # turns, a month
# What left in the last days is shown as mail, for a newcomer to read.
SHOWN_AS_MAIL = timedelta(days=10)
REPORT = "demo"

Watch = Callable[[datetime], None]


class Crowd:
    """Everybody's lives at once, and by which customer of the record each is known."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self.lives = list(lives)
        self.place_of = {life.person.user_id: place for place, life in enumerate(lives)}
        self.known_as: dict[CustomerKey, int] = {}
        self._next = [life.plan[0].at if life.plan else None for life in self.lives]

    def unfold(self, now: datetime) -> list[Told]:
        """Live everybody's life up to this moment; return what is said."""
        told: list[Told] = []
        for place, at in enumerate(self._next):
            if at is not None and at <= now:
                after = unfold(self.lives[place], now)
                self._put(place, after.life)
                told += after.told
        return told

    def meet(self, told: Sequence[Told], results: Sequence[Result]) -> None:
        """Note by which node of the record each of those who spoke is known."""
        for each, result in zip(told, results, strict=True):
            # Whom another tool serves are not of this crowd.
            place = self.place_of.get(each.message["userId"])
            if result.node is not None and place is not None:
                self.known_as[result.node] = place

    def feel(self, acts: Sequence[Act], now: datetime) -> None:
        for act in acts:
            place = self.known_as.get(act.key)
            if place is not None:
                self._put(place, react(self.lives[place], deed_of(act, now)))

    def _put(self, place: int, life: Life) -> None:
        self.lives[place] = life
        self._next[place] = life.plan[0].at if life.plan else None


class Loading:
    """One play into one record."""

    def __init__(
        self, db: Connection, settings: Settings, opened: date, lives: Sequence[Life]
    ) -> None:
        self.db = db
        self.settings = settings
        self.crowd = Crowd(lives)
        self.known = Known()
        self.overseer = Overseer(settings)
        self.house = _open(db, settings, moment(opened, 0))
        self.left: list[Act] = []
        self.is_heard: Callable[[Told], bool] = lambda _: True
        self._due: datetime | None = None

    def go_on(self, now: datetime, also: Iterable[Told] = ()) -> None:
        """Live up to this moment, if anything happens or falls due."""
        told = [*filter(self.is_heard, self.crowd.unfold(now)), *also]
        if not told and (self._due is None or self._due > now):
            return
        with self.db.transaction():
            # Whoever is switched off in the middle plays it again from the start.
            self.db.execute("SET LOCAL synchronous_commit = off")
            self._live(sorted(told, key=lambda each: each.order), now)
            sources.hear(self.db, Counter(each.source for each in told), now)
            self._due = staging.next_date(self.db)
        self.known.committed()

    def listen(self, tool: old_rule.Tool, now: datetime) -> None:
        """Hear what another tool did up to this moment."""
        with self.db.transaction():
            self.db.execute("SET LOCAL synchronous_commit = off")
            tool.keep(self.db, now)

    def look_after(self, now: datetime) -> None:
        """Let the breaker look at every watch; what it stops waits from now on."""
        if self.overseer.look_at_all(self.db, self.house, now):
            self.house = reference.house(self.db, self.settings)

    def change(self, automation: Automation, text: str, now: datetime) -> None:
        """Put another version of an automation live."""
        with self.db.transaction():
            automations.add_version(self.db, automation, text, now, staging.BY_THE_DEMO)
            self.house = reference.house(self.db, self.settings)

    def _live(self, told: Sequence[Told], now: datetime) -> None:
        results = staging.tell(self.db, told, now, self.known)
        self.crowd.meet(told, results)
        staging.take_turns(self.db, self.house, now)
        leaving = staging.let_leave(self.db, now)
        self.crowd.feel(leaving, now)
        self.left += leaving


def load(
    db: Connection, settings: Settings, now: datetime, watch: Watch = lambda _: None
) -> dict[str, Any]:
    """Play eighteen months that end this morning; keep the report, and return it."""
    today = now.date()
    opened = today - timedelta(days=EIGHTEEN_MONTHS)
    counted = [begin(person) for person in people(opened, CUSTOMERS)]
    more = [*morning.lives(today), *drift.lives(today)]
    loading = Loading(db, settings, opened, [*counted, *more])
    loading.is_heard = partial(morning.is_heard, today=today)
    elsewhere = deque(returns.told(people(opened, CUSTOMERS), SEED))
    tool, catalogue = old_rule.Tool(shop.house(), opened), shop.files().catalogue
    loading.change(old_rule.automation(catalogue), old_rule.text(), moment(opened, 0))
    for turn, slot in enumerate(slots(opened, EIGHTEEN_MONTHS)):
        if slot == drift.changes_at(today):
            loading.change(drift.changed(catalogue), drift.text(), slot)
        loading.go_on(slot, [*until(elsewhere, slot), *until(tool.told, slot)])
        loading.listen(tool, slot)
        if slot == old_rule.stops_at(opened):
            loading.look_after(slot)
            old_rule.is_looked_after(db, slot)
        if slot >= drift.changes_at(today) and slot.hour == HOURS[0]:
            loading.look_after(slot)
        if turn % LOOK_UP_EVERY == 0:
            db.execute("ANALYZE")
            watch(slot)
    loading.go_on(now, morning.lea_orders_again(counted[0].person, now))
    db.execute("ANALYZE")
    seeing.count(db, settings, now)
    body = telling.tell(shop.house(), opened, loading.crowd.lives[: len(counted)])
    with db.transaction():
        morning.wakes(db, now)
        lately = moment(today, 0) - SHOWN_AS_MAIL
        mailing = staging.Mailing(loading.house, settings)
        mailing.show(db, [act for act in loading.left if act.due_at > lately])
        reports.save(db, Report(REPORT, moment(today, 0), body))
    return body


def until(told: deque[Told], now: datetime) -> Iterator[Told]:
    """Take what is told up to this moment."""
    while told and told[0].at <= now:
        yield told.popleft()


def _open(db: Connection, settings: Settings, now: datetime) -> House:
    shop.lay_out(settings.automations, {BOTTLE_CARE: drift.text(), OLD_RULE: old_rule.text()})
    with db.transaction():
        keep_shipped(db, now)
        texts = {path.stem: path.read_text() for path in files_of(shop.EXAMPLES)}
        staging.open_shop(db, shop.files(played=shop.LOADED), texts, now)
        return reference.house(db, settings)


def main() -> None:
    settings = read()
    # That something is stopped in the play is no news for whoever watches it start.
    logs.configure(msgspec.structs.replace(settings, log_level="error"))
    with connect(settings) as record, record.local() as db:
        load(db, settings, datetime.now(UTC))


if __name__ == "__main__":
    main()
