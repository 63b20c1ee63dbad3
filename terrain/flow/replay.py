"""Last year lived again with today's files, in as many parts as there are hands.

Promise: nothing is written but the result. A part is a range of buckets and a pure function of its
events; whoever does it, wherever and however often, comes to the same digest. Parts are put together
only when none is missing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from hashlib import blake2b

import msgspec
from psycopg import Connection

from terrain.core import replay as reliving
from terrain.core.house import House
from terrain.core.identifier import BUCKETS
from terrain.core.replay import Past, Tally
from terrain.errors import Refusal
from terrain.store import replays
from terrain.store.replays import Part, Replay

Pasts = Callable[[Sequence[int]], Iterable[Past]]


class OtherHouse(Refusal):
    """The replay was begun with other files or rules; its parts would not belong together."""

    code = "replay_of_another_house"


class PartsMissing(Refusal):
    """A report of half a year would be believed to be one of the whole."""

    code = "replay_parts_missing"
    status = 409


class UnknownReplay(Refusal):
    """Nobody began a replay of this name."""

    code = "unknown_replay"


class PartDiffers(Refusal):
    """The same part came out differently: its events were added to, or something was not pure."""

    code = "replay_part_differs"
    status = 409


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a part, or all of it, came to."""

    tally: Tally
    digest: bytes
    part: int = 0


def buckets_of(part: int, parts: int) -> range:
    """Return the buckets of this part; parts are counted from one."""
    return range((part - 1) * BUCKETS // parts, part * BUCKETS // parts)


def tell(pasts: Iterable[Past], house: House, until: datetime, part: int = 0) -> Result:
    """Live these pasts again, one after the other."""
    told = [reliving.retell(past, house, until) for past in pasts]
    tally = reliving.together(tally for tally, _ in told)
    return Result(tally=tally, digest=reliving.digest_of(digest for _, digest in told), part=part)


def in_processes(pasts: Pasts, house: House, until: datetime, parts: int) -> Iterator[Result]:
    """Tell each part in a process of its own; yield what each came to, in order."""
    if parts == 1:
        yield tell(pasts(range(BUCKETS)), house, until, part=1)
        return
    # Forked, the children read the parent's memory: nothing is copied, nothing is pickled.
    context = multiprocessing.get_context("fork")
    work = (pasts, house, until, parts)
    with ProcessPoolExecutor(parts, context, initializer=_begin_work, initargs=work) as pool:
        yield from pool.map(_tell_part, range(1, parts + 1))


def together(results: Iterable[Result]) -> Result:
    """Return what all parts came to together."""
    whole = sorted(results, key=lambda each: each.part)
    return Result(
        tally=reliving.together(each.tally for each in whole),
        digest=reliving.digest_of(each.digest for each in whole),
    )


def begin(db: Connection, replay: Replay) -> Replay:
    """Begin a replay that many may join, or find it begun; refuse if it was with another house."""
    begun = replays.begin(db, replay)
    if begun.house != replay.house:
        raise OtherHouse(field="name", value=replay.name, right=begun.house)
    return begun


def fingerprint_of(house: House) -> str:
    """Return what files and rules a house is made of, as one word."""
    made_of = (
        house.catalogue.version,
        sorted((each.name, each.version, each.digest) for each in house.live.values()),
        house.settings,
        house.law.version,
        house.company,
    )
    return blake2b(msgspec.json.encode(made_of), digest_size=16).hexdigest()


def keep(db: Connection, name: str, result: Result, now: datetime) -> None:
    """Write down what a part came to; the second time, hold it against the first."""
    found = Part(result.part, result.digest, msgspec.msgpack.encode(result))
    stands = replays.finish(db, name, found, now)
    if stands != result.digest:
        raise PartDiffers(field="part", value=result.part, right=stands.hex())


def merge(db: Connection, name: str) -> Result:
    """Put all parts together; refuse while one is missing."""
    if replays.find(db, name) is None:
        raise UnknownReplay(field="name", value=name)
    if missing := replays.missing(db, name):
        raise PartsMissing(field="part", value=len(missing), right=missing[:10])
    done = replays.done(db, name)
    return together(msgspec.msgpack.decode(each.result, type=Result) for each in done)


_work: tuple[Pasts, House, datetime, int] | None = None


def _begin_work(pasts: Pasts, house: House, until: datetime, parts: int) -> None:
    global _work  # noqa: PLW0603 - a forked child is born with its work and does nothing else
    _work = (pasts, house, until, parts)


def _tell_part(part: int) -> Result:
    if _work is None:
        raise AssertionError(part)
    pasts, house, until, parts = _work
    return tell(pasts(buckets_of(part, parts)), house, until, part)
