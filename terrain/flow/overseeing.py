"""Looks at every watch: reads what was counted since the last look, and stops what strays.

Promise: what a look reads does not grow with the years: closed days are frozen into a few numbers. Whatever was
counted in the last hours is read each time; older days, which a late signal may have raised, within a minute or
two, a part of the automations at a time. Nothing in memory is needed: killed at any moment, the next look goes on
from the rows. After a clock that jumped back they are reckoned anew from the counters.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.config import Settings
from terrain.core import look, watch
from terrain.core.breaker import Cause
from terrain.core.cohorts import Day
from terrain.core.finding import one_year_in, said
from terrain.core.house import House
from terrain.core.look import Deafness, Kept, Key, key_of
from terrain.core.signal import LONGEST
from terrain.core.watch import State, Watch
from terrain.core.watched import OUTSIDE, watched, watched_outside
from terrain.flow import breaker, coming_back, feeds, watching
from terrain.flow.breaker import Tripping
from terrain.flow.finding import sentence
from terrain.store import automations, counters, trips, watches
from terrain.store.connection import Record, planned_freely
from terrain.store.counters import Daily, hour_of
from terrain.store.trips import Restart
from terrain.words import LANGUAGES

BETWEEN = timedelta(seconds=5)
# A look takes no more of the worker's time than one part of so many.
PARTS_OF_TIME = 50
# Older days are read for one part of the automations at a time, of so many.
PARTS = 12
# What was counted while the last look was under way is read again.
AGAIN = timedelta(hours=1)
HOUR = timedelta(hours=1)
# Further back counters stand by the month.
FURTHEST = timedelta(days=390)

log = logs.get("watch")


class Overseer:
    """The looks of one worker; what it remembers between them saves reading it again, and no more."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.plan = Plan()
        self.kept: dict[Key, Kept] = {}
        self.deaf: feeds.Deaf = {}
        self.at: datetime | None = None
        self._number = 0
        self._took = timedelta()
        self.incomplete: set[str] = set()

    def look(self, record: Record, house: House, now: datetime) -> int:
        """Look at all watches if it is time to; return how many automations were stopped."""
        wait = max(BETWEEN, PARTS_OF_TIME * self._took)
        if self.at is not None and self.at <= now < self.at + wait:
            return 0
        began = time.monotonic()
        with record.local() as db:
            stopped = self.look_at_all(db, house, now)
        self.at, self._took = now, timedelta(seconds=time.monotonic() - began)
        return stopped

    def look_at_all(self, db: Connection, house: House, now: datetime) -> int:
        """Look at all watches; return how many automations were stopped."""
        try:
            with db.transaction():
                planned_freely(db)
                self._read(db, house, now)
        except BaseException:
            self._number = 0  # what is remembered is not what stands in the record
            raise
        stopped = self._stop(db, house.company.zone, now)
        self._climb(db, now)
        return stopped

    # -- reading -----------------------------------------------------------------------------------

    def _read(self, db: Connection, house: House, now: datetime) -> None:
        number = watches.next_look(db, now)
        anew = number != self._number + 1  # another worker looked meanwhile, or nobody here did
        self._number = number
        if anew:
            self.kept = {one.key: one for one in watches.kept(db)}
        self.plan.follow(house)
        reading = _Reading(self, trips.restarts(db), now)
        whole = [
            name
            for name in self.plan.watches
            if anew or crc32(name.encode()) % PARTS == number % PARTS or reading.is_new(name)
        ]
        self._hear(db, whole, now)
        found = reading.of(db, {*whole, *self.incomplete}, self.deaf, soon=not anew)
        self.incomplete = reading.incomplete
        self._keep(db, found, reading.gone | (self.kept.keys() - self.plan.keys), now)

    def _hear(self, db: Connection, names: list[str], now: datetime) -> None:
        """Find out again which signals of these automations cannot come in."""
        some = set(names)
        others = {key: since for key, since in self.deaf.items() if key[0] not in some}
        self.deaf = others | feeds.deaf(db, self.settings, names, now)

    def _keep(self, db: Connection, found: list[Kept], gone: set[Key], now: datetime) -> None:
        """Judge what was found, and write down what changed."""
        stricter = self.plan.stricter
        judged = [_with_strongest(db, look.judged(one, stricter, now), now) for one in found]
        changed = [one for one in judged if not _same(one, self.kept.get(one.key))]
        watches.save(db, changed)
        self.kept |= {one.key: one for one in changed}
        watches.forget(db, gone)
        for key in gone:
            self.kept.pop(key, None)

    # -- acting ------------------------------------------------------------------------------------

    def _stop(self, db: Connection, zone: ZoneInfo, now: datetime) -> int:
        """Trip the breaker of whatever is red, unless harm stopped it already."""
        red = [one for one in self.kept.values() if one.reading.state is State.RED]
        if not red:
            return 0
        held = {
            one.automation for one in trips.open_ones(db, 10_000) if one.cause is not Cause.HAND
        }
        worst: dict[str, Kept] = {}
        for one in sorted(red, key=lambda one: -one.reading.strength):
            if one.watch.automation not in held:
                worst.setdefault(one.watch.automation, one)
        return sum(self._trip(db, one, zone, now) for one in worst.values())

    def _trip(self, db: Connection, one: Kept, zone: ZoneInfo, now: datetime) -> bool:
        name = one.watch.automation
        with db.transaction():
            automations.hold(db, name)
            # Somebody let it go on while this look was under way: what it read was answered for.
            restart = trips.restarts(db).get(name)
            if (restart.trip_id if restart else 0) != one.after_trip:
                return False
            what = Tripping(
                automation=name, cause=Cause.METER, **_evidence(one, self.settings, zone)
            )
            stopped = breaker.trip(db, what, breaker.alarm_of(self.settings), now)
        if stopped is not None:
            log.warning("stopped", automation=name, signal=str(one.watch.signal))
        return stopped is not None

    def _climb(self, db: Connection, now: datetime) -> None:
        """Let canaries reach more people where what they did so far allows that."""
        for name in trips.stages(db):
            with db.transaction():
                stopped = trips.last_of(db, name)
                if stopped is None:
                    continue
                theirs = (one for one in self.kept.values() if one.watch.automation == name)
                watched = [(each.watch, each.reading) for each in theirs]
                step = coming_back.next_step(db, stopped, watched, now).step
                if breaker.climb(db, name, step, now):
                    log.info("climbed", automation=name, stage=stopped.stage + 1)


class Plan:
    """What is to be watched in a house; of an automation only when it has a version that was not seen yet."""

    def __init__(self) -> None:
        self.watches: dict[str, tuple[Watch, ...]] = {}
        self.keys: set[Key] = set()
        self.stricter = 1.0
        self._last: dict[str, int] = {}
        self._running: set[str] = set()
        self._house: House | None = None

    def follow(self, house: House) -> None:
        """Read the house again if it is another one."""
        if house is self._house:
            return
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for name, version in house.versions:
            numbers[name].append(version)
        for name, some in numbers.items():
            if self._last.get(name) != max(some):
                self.watches[name] = watched([house.versions[name, each] for each in sorted(some)])
                self._last[name] = max(some)
        for name, outside in house.outside.items():
            self.watches[name], self._last[name] = watched_outside(name, outside), OUTSIDE
        self._running = {*house.live, *house.outside}
        self.keys = {key_of(each) for some in self.watches.values() for each in some}
        live = (each for some in self.watches.values() for each in some if self.is_live(each))
        self.stricter = watch.stricter_for(live, house.settings.false_reds_a_year)
        self._house = house

    def is_live(self, of: Watch) -> bool:
        """Tell whether the newest version is among those it watches, and it was not retired."""
        return of.automation in self._running and of.version == self._last[of.automation]


class _Days(NamedTuple):
    """The days of one watch: of what was done, and of what was left out to compare with."""

    treated: tuple[Day, ...]
    held_out: tuple[Day, ...]


class _Reading:
    """One look: which automations are read from when on, and what that makes of their watches."""

    def __init__(self, overseer: Overseer, restarts: dict[str, Restart], now: datetime) -> None:
        self.kept, self.plan = overseer.kept, overseer.plan
        self.deaf: feeds.Deaf = {}
        self.now, self.today = now, now.astimezone(UTC).date()
        self.last = min(overseer.at or now, now)
        self.to_complete = overseer.incomplete
        self.restarts = restarts
        self.gone: set[Key] = set()
        self.incomplete: set[str] = set()

    def of(self, db: Connection, whole: set[str], deaf: feeds.Deaf, *, soon: bool) -> list[Kept]:
        """Return the watches that may have changed: of these automations as a whole, of others lately."""
        self.deaf = deaf
        since = {
            name: self._since(name, whole=name in whole)
            for name in self.plan.watches
            if soon or name in whole
        }
        together: defaultdict[datetime, list[str]] = defaultdict(list)
        for name, moment in since.items():
            together[moment].append(name)
        found: list[Kept] = []
        for moment, names in together.items():
            counted: defaultdict[str, list[Daily]] = defaultdict(list)
            for each in counters.by_day(db, moment, watching.COUNTED, names):
                counted[each.automation].append(each)
            for name in names:
                if name in whole or name in counted:
                    found += self._automation(name, counted[name], moment, whole=name in whole)
        return found

    def is_new(self, name: str) -> bool:
        """Tell whether any watch of the live version begins, or begins anew."""
        return any(
            not self._goes_on(each) for each in self.plan.watches[name] if self.plan.is_live(each)
        )

    def _since(self, name: str, *, whole: bool) -> datetime:
        if not whole:
            since = _midnight((self.last - AGAIN).astimezone(UTC).date())
        elif self.is_new(name) or name in self.to_complete:
            since = self.now - FURTHEST
        else:
            there = [
                self.kept[key_of(each)] for each in self.plan.watches[name] if self._goes_on(each)
            ]
            opened = [one.cohorts.open_from for one in there]
            since = (
                _midnight(max(min(opened), (self.now - FURTHEST).date()))
                if opened
                else self.now - FURTHEST
            )
        return max(since, self._restart(name) or since)

    def _restart(self, name: str) -> datetime | None:
        """Return since when acts of this automation count, if not since the first of them."""
        restart = self.restarts.get(name)
        if restart is None:
            return None
        there = (self.kept.get(key_of(each)) for each in self.plan.watches[name])
        begun = (one.watch.since for one in there if one and one.after_trip == restart.trip_id)
        return next((since for since in begun if since), None) or start_of(restart, self.now)

    def _goes_on(self, of: Watch) -> bool:
        """Tell whether what is kept of this watch still holds; it does not after a clock that was ahead."""
        kept = self.kept.get(key_of(of))
        restart = self.restarts.get(of.automation)
        return (
            kept is not None
            and look.goes_on(kept, of)
            and kept.after_trip == (restart.trip_id if restart else 0)
            and kept.at <= self.now + AGAIN
        )

    def _automation(
        self, name: str, counted: list[Daily], since: datetime, *, whole: bool
    ) -> Iterator[Kept]:
        for of in self.plan.watches[name]:
            days = _Days(watching.days(counted, of), watching.held_out(counted, of))
            one = self._watch(of, days, since, whole=whole)
            if one is not None:
                yield one

    def _watch(self, of: Watch, days: _Days, since: datetime, *, whole: bool) -> Kept | None:
        key = key_of(of)
        goes_on, live = self._goes_on(of), self.plan.is_live(of)
        if goes_on:
            before = look.gone_on(self.kept[key], of)
            one = look.with_days(before, days.treated, since.date(), days.held_out)
        elif not live and not _acted_lately(days.treated, self.today):
            if key in self.kept:
                self.gone.add(key)
            return None
        elif not whole or not self._is_all(since, of.automation):
            self.incomplete.add(of.automation)  # its first days have to be read, too
            return None
        else:
            one = self._begun(of, days)
        if whole:
            one = look.closed(one, self.today)
        if not live and not one.cohorts.open:
            self.gone.add(key)
            return None
        deaf: Deafness | None = self.deaf.get((of.automation, of.signal))
        return look.listening(one, deaf, self.today)

    def _begun(self, of: Watch, days: _Days) -> Kept:
        restart = self.restarts.get(of.automation)
        since = self._restart(of.automation)
        fresh = look.begun(
            msgspec.structs.replace(of, since=since),
            days.treated,
            self.now,
            restart.trip_id if restart else 0,
            days.held_out,
        )
        return look.inherited(fresh, self.kept.values())

    def _is_all(self, since: datetime, name: str) -> bool:
        return since <= max(self.now - FURTHEST, self._restart(name) or self.now - FURTHEST)


def start_of(restart: Restart, now: datetime) -> datetime:
    """Return from when on acts count after a stop: hours are counted whole, and those before it do not count."""
    hour = hour_of(restart.resumed_at)
    start = hour if hour_of(restart.at) < hour else hour + HOUR
    return min(start, hour_of(now) + HOUR)  # not in a future that a clock made up


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _acted_lately(days: Iterable[Day], today: date) -> bool:
    return any(day.day >= today - LONGEST - look.SPARE for day in days)


def _same(one: Kept, before: Kept | None) -> bool:
    return before is not None and msgspec.structs.replace(one, at=before.at) == before


def _with_strongest(db: Connection, one: Kept, now: datetime) -> Kept:
    """Return the same with the day from which on the evidence is strongest, where that is not known."""
    reading = one.reading
    if reading.strength < 1 or reading.strongest is not None or not one.watch.by_counting:
        return one
    strongest = watch.strongest(one.watch, watching.year(db, one.watch, now))
    return msgspec.structs.replace(
        one, reading=msgspec.structs.replace(reading, strongest=strongest)
    )


def _evidence(one: Kept, settings: Settings, zone: ZoneInfo) -> dict[str, Any]:
    """Return what the breaker's record keeps: the computed sentence in each language, and its figures."""
    of, reading = one.watch, one.reading
    (line, *_) = said(of, reading)
    sentences = {language: sentence(line, language, zone) for language in LANGUAGES}
    since = reading.strongest
    acts, bad = (since.acts, since.bad) if since else (reading.acts, reading.bad)
    share = reading.held_out.value if reading.held_out else of.agreed.share
    figures = {
        "sentence": sentences,
        "signal": str(of.signal),
        "first_version": of.first_version,
        "version": of.version,
        "since": since.day.isoformat() if since else None,
        "acts": acts,
        "bad": bad,
        "share": share,
        "expected": share * acts,
        "years": one_year_in(reading.strength) if of.by_counting or of.compares else None,
        "held_out": list(reading.held_out) if reading.held_out else None,
    }
    return {"because": sentences[settings.language], "evidence": figures}
