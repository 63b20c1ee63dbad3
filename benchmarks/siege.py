"""A Terrain under siege: real processes, a real SMTP server and a real receiver of webhooks, killed at random.

What must hold whatever is killed when: every acknowledged order gets its letter and its call, and none
gets two: one Message-ID a letter, one key a webhook. How often the same one came again, because nobody
could know whether it had arrived, is counted and said.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import urllib3

from benchmarks import stage
from benchmarks.receivers import Receivers
from terrain.core.key import Scope
from terrain.embedded import server
from terrain.flow import keys, versions
from terrain.flow.carry_out import LEASE
from terrain.store.schema import migrate

SOURCE = "web-shop"
SECRET = "a secret of nothing but the siege"  # noqa: S105 - it keeps nothing
SIDES = 3
CUSTOMERS = 50
PAUSE = 0.05
SECONDS_TO_SETTLE = 120
SECONDS_TO_STOP = 30
# What leaves for longer than this was left behind by the dead: nothing is that slow here.
ALL_IT_TAKES_TO_LEAVE = timedelta(seconds=5)

CATALOGUE = """
actions:
  note_order: {url: "http://127.0.0.1:{PORT}/orders", idempotent: true, en: Note it, fr: La noter}
"""
THANKS = """
automation: order-thanks
owner: camille@example.org
mandate: {en: Say that an order has arrived., fr: Dire qu’une commande est bien arrivée.}
benefit: useful
purpose: service
starts: {when: order.placed}
steps:
  - send: order-thanks
    by: email
    assumes: [customer.email]
    reach: inbox
    undo: by_customer
    solicited: yes
    offers: [stop_these, a_person]
bounds: {complaint: 1 in 1000, stop: 5 in 1000, wrong_assumption: 5 in 100}
"""
NOTED = """
automation: order-noted
owner: camille@example.org
mandate: {en: Tell the warehouse of each order., fr: Dire chaque commande à l’entrepôt.}
benefit: important
purpose: service
starts: {when: order.placed}
offers: [a_person]
steps:
  - do: note_order
    with: {order: event.order}
    assumes: [customer.email]
    reach: inbox
    undo: easily
    solicited: yes
bounds: {complaint: 1 in 1000, wrong_assumption: 5 in 1000}
"""
WORDS = {
    "en": "Subject: Thank you for {{ event.order }}\n\nYour order has arrived.\n",
    "fr": "Subject: Merci pour {{ event.order }}\n\nVotre commande est bien arrivée.\n",
}


# Where what was counted (`store/counters.py`) is not what is there.
MISCOUNTED = """
    (SELECT automation, version, what, count(*) AS n FROM (
        SELECT automation, version, 'decided.' || verdict AS what FROM decision
        UNION ALL
        SELECT automation, version, 'act.' || state FROM act WHERE state NOT IN ('queued', 'leaving')
        UNION ALL
        SELECT automation, version, 'run.started' FROM run
        UNION ALL
        SELECT automation, version, 'run.ended' FROM run WHERE ended_at IS NOT NULL) AS each
      GROUP BY automation, version, what) AS there
    FULL JOIN (SELECT automation, version, what, sum(n) AS n FROM counter GROUP BY 1, 2, 3) AS counted
        USING (automation, version, what)
    WHERE there.n IS DISTINCT FROM counted.n
"""


@dataclass(frozen=True, kw_only=True)
class Endured:
    """What a siege came to."""

    orders: int
    kills: Counter[str]
    lost: int
    twice: int
    again: int
    longest_silence: float
    miscounted: int


class Siege:
    """One Terrain with its surroundings, that can be killed piece by piece."""

    def __init__(self, folder: Path, *, workers: int = 1, lawless: bool = False) -> None:
        self.folder = folder
        self.names = ["web", *(f"worker {number + 1}" for number in range(workers))]
        self.lawless = lawless
        self.port = stage.free_port()
        self.receivers = Receivers(stage.free_port())
        self.postgres: server.Server | None = None
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.acknowledged: set[str] = set()
        self.answers: Counter[int | str] = Counter()
        self.kills: Counter[str] = Counter()
        self.key = ""

    def open(self) -> None:
        """Start everything, with the shop's files published and a key made."""
        self.receivers.open()
        write_files(self.folder / "automations", self.receivers.web_port)
        self.postgres = server.start(self.folder / "home")
        migrate(self.conninfo)
        with psycopg.connect(self.conninfo) as db:
            now = datetime.now(UTC)
            published = versions.publish(db, self.folder / "automations", now)
            assert not published.problems, published.problems
            draft = keys.draft("siege", SOURCE, [Scope.WRITE], now)
            self.key = keys.make(db, draft, SECRET)[1]
        self.tend()

    def close(self) -> None:
        """Stop everything."""
        for process in self.processes.values():
            process.kill()
            process.wait()
        if self.postgres:
            self.postgres.stop()
        self.receivers.close()

    @property
    def conninfo(self) -> str:
        """The address of the record."""
        assert self.postgres
        return self.postgres.conninfo

    def tend(self) -> None:
        """Start what does not run, as whoever looks after a house does: a process whose record is away ends."""
        assert self.postgres or not self.processes
        if self.postgres:
            self.postgres.keep_alive()
        for name in self.names:
            if name not in self.processes or self.processes[name].poll() is not None:
                self._start(name)
        if self.lawless:
            self._let_everyone_hold_every_bucket()

    def kill(self, name: str, *, kindly: bool = False) -> None:
        """Kill it without a word; kindly: ask it to stop, as whoever brings a new release does."""
        self.kills[name.split(maxsplit=1)[0]] += 1
        process = self.postgres.process if name == "postgres" and self.postgres else None
        process = process or self.processes[name]
        process.send_signal(signal.SIGTERM if kindly else signal.SIGKILL)
        process.wait(SECONDS_TO_STOP)

    def send_orders(self, side: int, enough: threading.Event) -> None:
        """Post one order after the other; each again, under its own id, until it is acknowledged."""
        http = urllib3.PoolManager(retries=False, timeout=5)
        number = side
        while not enough.is_set():
            if self._post(http, order(number)):
                self.acknowledged.add(f"order-{number}")
                number += SIDES
            time.sleep(PAUSE)

    def is_settled(self) -> bool:
        """Tell whether nothing waits any more, once the time has passed that the dead are waited for."""
        self.tend()
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.conninfo) as db:
            _let_leases_of_the_dead_run_out(db)
            row = db.execute(
                "SELECT NOT EXISTS (SELECT FROM pending)"
                " AND NOT EXISTS (SELECT FROM act WHERE state IN ('queued', 'leaving'))"
            ).fetchone()
            return bool(row and row[0])
        return False

    def count(self, what: str) -> int:
        """Return a count from the record."""
        with psycopg.connect(self.conninfo) as db:
            row = db.execute(f"SELECT count(*) FROM {what}").fetchone()  # noqa: S608 - ours
        return row[0] if row else 0

    def _start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "terrain", "serve" if name == "web" else "work"],
                env={**os.environ, **self._environment()},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def _let_everyone_hold_every_bucket(self) -> None:
        """Take the leases away all the time: then each worker believes that all buckets are its own."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.conninfo) as db:
            db.execute("UPDATE bucket_lease SET until = '2000-01-01' WHERE until > '2000-01-01'")
            db.execute("DELETE FROM worker")

    def _post(self, http: urllib3.PoolManager, message: dict[str, Any]) -> bool:
        try:
            answer = http.request(
                "POST",
                f"http://127.0.0.1:{self.port}/v1/track",
                body=msgspec.json.encode(message),
                headers=urllib3.make_headers(basic_auth=f"{self.key}:"),
            )
        except urllib3.exceptions.HTTPError as nobody:
            self.answers[type(nobody).__name__] += 1
            return False
        self.answers[answer.status] += 1
        return answer.status == 200

    def _environment(self) -> dict[str, str]:
        return {
            "TERRAIN_DATABASE_URL": self.conninfo,
            "TERRAIN_DATA": str(self.folder / "data"),
            "TERRAIN_PORT": str(self.port),
            "TERRAIN_SECRET": SECRET,
            "TERRAIN_AUTOMATIONS": str(self.folder / "automations"),
            "TERRAIN_SMTP_URL": f"smtp://127.0.0.1:{self.receivers.mail_port}",
            "TERRAIN_MAIL_PER_MINUTE": "0",
            "TERRAIN_LOG_LEVEL": "warning",
        }


def write_files(folder: Path, port: int) -> None:
    """Write down a shop that answers each order with a letter and with a call to this port."""
    (folder / "messages").mkdir(parents=True)
    (folder / "catalogue.yaml").write_text(CATALOGUE.replace("{PORT}", str(port)))
    (folder / "order-thanks.yaml").write_text(THANKS)
    (folder / "order-noted.yaml").write_text(NOTED)
    for language, words in WORDS.items():
        (folder / "messages" / f"order-thanks.{language}.md").write_text(words)


@contextlib.contextmanager
def under_siege(*, workers: int = 1, lawless: bool = False) -> Iterator[Siege]:
    """Yield a Terrain that runs and may be killed; lawless: its workers share nothing, each takes all."""
    with tempfile.TemporaryDirectory(prefix="terrain-siege-") as folder:
        Path(folder).chmod(0o711)
        siege = Siege(Path(folder), workers=workers, lawless=lawless)
        try:
            siege.open()
            yield siege
        finally:
            siege.close()


def endure(
    siege: Siege, victims: Sequence[str], seed: int, *, at_most: float = 2.0, kindly: bool = False
) -> Endured:
    """Let orders come from three sides while one is killed after the other; then let everything settle.

    Between two kills pass so many seconds at most: the lower, the less have the last wounds healed.
    """
    chance = random.Random(seed)  # noqa: S311 - when somebody dies next is no secret
    enough = threading.Event()
    sides = [
        threading.Thread(target=siege.send_orders, args=(side, enough)) for side in range(SIDES)
    ]
    for side in sides:
        side.start()
    try:
        stage.wait_for("a first letter", 30, lambda: siege.receivers.moments)
        for victim in victims:
            _tend_for(siege, chance.uniform(0.3, at_most))
            siege.kill(victim, kindly=kindly)
        _tend_for(siege, at_most)
    finally:
        enough.set()
        for side in sides:
            side.join()
    stage.wait_for("everything settled", SECONDS_TO_SETTLE, siege.is_settled)
    return _reckoned(siege)


def _tend_for(siege: Siege, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        siege.tend()
        time.sleep(0.05)


def _reckoned(siege: Siege) -> Endured:
    letters, calls = siege.receivers.letters, siege.receivers.calls
    gaps = (later - sooner for sooner, later in itertools.pairwise(siege.receivers.moments))
    lost = letters.missing(siege.acknowledged) | calls.missing(siege.acknowledged)
    return Endured(
        orders=len(siege.acknowledged),
        kills=siege.kills,
        lost=len(lost),
        twice=letters.twice + calls.twice,
        again=letters.again + calls.again,
        longest_silence=max(gaps, default=0.0),
        miscounted=siege.count(MISCOUNTED),
    )


def _let_leases_of_the_dead_run_out(db: psycopg.Connection) -> None:
    """Let the two minutes pass after which an act that a dead worker held is taken up again."""
    db.execute(
        "UPDATE act SET lease_until = '2000-01-01' WHERE state = 'leaving' AND lease_until < %s",
        [datetime.now(UTC) + LEASE - ALL_IT_TAKES_TO_LEAVE],
    )


def order(number: int) -> dict[str, Any]:
    # Every second one is a stranger, whose two names have to be joined first.
    who = number % CUSTOMERS if number % 2 else CUSTOMERS + number
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"siege-{number}",
        "userId": f"user-{who}",
        "properties": {"order": f"order-{number}", "email": f"lea.{who}@example.org"},
    }
