"""What a siege costs: orders from three sides while worker, web process and PostgreSQL are killed with -9."""

from __future__ import annotations

import random

from benchmarks.row import Row
from benchmarks.siege import Endured, endure, under_siege

VICTIMS = ("worker 1", "worker 1", "web", "postgres")
BOTH = ("worker 1", "worker 2")


def measure(*, long: bool) -> list[Row]:
    """Endure a siege of one worker, and one of two who both believe that every bucket is theirs."""
    chance = random.Random(2026)  # noqa: S311 - who dies next is no secret
    victims = chance.choices(VICTIMS, k=40) if long else VICTIMS
    both = chance.choices((*VICTIMS, *BOTH), k=20) if long else BOTH
    with under_siege() as siege:
        alone = endure(siege, victims, seed=2026, at_most=4)
    with under_siege(workers=2, lawless=True) as siege:
        together = endure(siege, both, seed=2027, at_most=4)
    return [
        *_rows("kill -9 of worker, web and PostgreSQL", alone),
        *_rows("the same, two workers with all buckets each", together),
    ]


def _rows(name: str, endured: Endured) -> list[Row]:
    kills = ", ".join(f"{what} {often}" for what, often in sorted(endured.kills.items()))
    acts = 2 * endured.orders
    return [
        _count(
            f"{name}: acknowledged orders lost",
            (endured.lost, "orders"),
            f"{endured.orders:,} orders, each to be answered by one letter and one call; kills: {kills}",
            aim=0,
        ),
        _count(
            f"{name}: acts that happened twice",
            (endured.twice, "acts"),
            f"{acts:,} acts, by Message-ID at the mail server and by id of the webhook",
            aim=0,
        ),
        _count(
            f"{name}: the same Message-ID or id again",
            (endured.again, "acts"),
            f"{endured.again / acts:.2%} of the acts; known by their name, they count once",
        ),
        Row(
            name=f"{name}: longest silence",
            figure=endured.longest_silence,
            unit="s",
            less_is_better=True,
            note="between two acts while orders came in",
        ),
    ]


def _count(name: str, counted: tuple[int, str], note: str, aim: float | None = None) -> Row:
    figure, unit = counted
    return Row(name=name, figure=figure, unit=unit, aim=aim, less_is_better=True, note=note)
