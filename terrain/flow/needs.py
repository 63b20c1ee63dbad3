"""Gathers unmet needs that are alike, and lets people put them together otherwise.

Promise: every group can say by which words it holds together; one need is compared with needs, not with
an average, and what a person decided is never undone by likeness.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.identifier import new_id
from terrain.core.need import Need, belongs, spelled, spoken_for, stems
from terrain.errors import Refusal
from terrain.store import needs

# A need is compared with so many of the latest: an older one has a group that newer ones keep alive.
COMPARED = 2_000
MOST = 200
SHOWN = 50
# A group is known by so many of its needs, the oldest: by the first five of them in full.
KNOWN_BY, IN_FULL = 30, 5
WEEKS = 13


class UnknownNeed(Refusal):
    """There is no need, or no group of needs, of this number."""

    code = "unknown_need"
    status = 404


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Needs that are alike: how many of how many customers, since when, and by which words."""

    group_id: int
    needs: int
    customers: int
    first_at: datetime
    last_at: datetime
    words: tuple[str, ...]
    said: tuple[str, ...] = ()


def gather(db: Connection, now: datetime, most: int = MOST) -> int:
    """Put at most so many needs that stand nowhere into groups; return how many."""
    waiting = needs.loose(db, most)
    if not waiting:
        return 0
    said: defaultdict[int, list[tuple[str, ...]]] = defaultdict(list)
    for need in needs.latest(db, COMPARED):
        said[need.group_id].append(stems(need.words))
    for need in waiting:
        mine = stems(need.words)
        found = belongs(mine, said)
        group_id = found.group_id or new_id(now)
        needs.place(db, need, group_id)
        said[group_id].append(mine)
    return len(waiting)


def listed(db: Connection, since: datetime, most: int = SHOWN) -> list[Group]:
    """Return the groups, the one that concerns most customers first."""
    return _told(db, needs.groups(db, since, most))


def others(db: Connection, group_id: int, since: datetime, most: int = SHOWN) -> list[Group]:
    """Return the groups to which this one may be put, each with what was said first."""
    found = [each for each in needs.groups(db, since, most + 1) if each.group_id != group_id]
    return _told(db, found[:most], known_by=1)


def show(db: Connection, group_id: int, most: int = SHOWN) -> list[Need]:
    """Return the needs of one group in the words in which they were said."""
    found = needs.of_group(db, group_id, most) if group_id > 0 else []
    if not found:
        raise UnknownNeed(field="need", value=group_id)
    return found


def weeks(db: Connection, group_ids: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """Return how often each group was told of, week by week, the latest last."""
    found = needs.by_week(db, group_ids, now, WEEKS)
    return {
        each: [found.get((each, ago), 0) for ago in reversed(range(WEEKS))] for each in group_ids
    }


def whole(db: Connection, group_id: int) -> Group:
    """Return one group since ever, with the words by which it stands together."""
    found = needs.group(db, group_id) if group_id > 0 else None
    told = _told(db, [found]) if found else []
    if not told:
        raise UnknownNeed(field="need", value=group_id)
    return told[0]


def shared(members: Sequence[Need]) -> dict[int, tuple[str, ...]]:
    """Return, for each of these needs, the words that it has in common with another of them."""
    said = {need.need_id: stems(need.words) for need in members}
    times = Counter(word for words in said.values() for word in words)
    called = spelled(need.words for need in members)
    return {
        number: tuple(called.get(word, word) for word in words if times[word] > 1)
        for number, words in said.items()
    }


def merge(db: Connection, group_id: int, into: int) -> int:
    """Put all needs of one group into another; return how many moved."""
    for each in (group_id, into):
        show(db, each, 1)
    moved = 0
    while group_id != into and (some := needs.merge(db, group_id, into)):
        moved += some
    return moved


def part(db: Connection, need_id: int, now: datetime) -> int:
    """Take a need out of its group into one of its own; return the number of that."""
    need = _known(db, need_id)
    group_id = new_id(now)
    needs.place(db, need, group_id, by_hand=True)
    return group_id


def _known(db: Connection, need_id: int) -> Need:
    found = needs.find(db, need_id)
    if found is None:
        raise UnknownNeed(field="need", value=need_id)
    return found


def _told(db: Connection, groups: Sequence[needs.Group], known_by: int = KNOWN_BY) -> list[Group]:
    """Return these groups with their words; one that was put to another meanwhile is left out."""
    said = needs.oldest(db, [group.group_id for group in groups], known_by)
    return [_known_by(group, said[group.group_id]) for group in groups if group.group_id in said]


def _known_by(group: needs.Group, said: Sequence[str]) -> Group:
    return Group(
        **group._asdict(),
        words=_as_said(spoken_for(map(stems, said)), said),
        said=tuple(dict.fromkeys(said))[:IN_FULL],
    )


def _as_said(found: Iterable[str], said: Iterable[str]) -> tuple[str, ...]:
    """Return these stems as words that were said."""
    words = spelled(said)
    return tuple(words.get(each, each) for each in found)
