"""What everything together costs while nothing happens, in memory and CPU: `terrain up` and its PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from benchmarks import stage
from benchmarks.row import Row
from terrain import door
from terrain.embedded import server

SECONDS_IDLE = 15
SECONDS_AT_REST, TIMES = 30, 3


def measure(*, long: bool) -> list[Row]:
    """Start everything, wait, and add up what each process holds for itself, its share of the rest, and its CPU."""
    with tempfile.TemporaryDirectory(prefix="terrain-bench-") as folder:
        Path(folder).chmod(0o711)
        port = stage.free_port()
        environment = {"TERRAIN_DATA": f"{folder}/data", "TERRAIN_PORT": str(port)}
        with stage.process("up", "--no-demo", **environment) as up:
            stage.wait_for("an open door", 90, lambda: door.answers("127.0.0.1", port))
            time.sleep(SECONDS_IDLE)
            held = {part.pid: (_name(part), _held(part)) for part in _family(up)}
            seconds = 2 * SECONDS_AT_REST if long else SECONDS_AT_REST
            spent = [_spent(up, seconds) for _ in range(TIMES)]
    pythons = [each for name, each in held.values() if name == "python"]
    postgres = [each for name, each in held.values() if name == "postgres"]
    limit = _bare_postgres() + len(pythons) * _bare_python()
    return [
        Row(
            name="idle memory of everything",
            figure=(sum(pythons) + sum(postgres)) / 1e6,
            unit="MB",
            aim=400,
            limit=limit / 1e6,
            limit_is=f"PostgreSQL alone and {len(pythons)} Pythons that do nothing",
            less_is_better=True,
            note=f"`terrain up` after {SECONDS_IDLE} s: {len(pythons)} of ours"
            f" {', '.join(f'{each / 1e6:.0f}' for each in pythons)} MB,"
            f" {len(postgres)} of PostgreSQL {sum(postgres) / 1e6:.0f} MB (PSS)",
        ),
        _at_rest(min(spent, key=lambda one: one["work"] + one["postgres"]), seconds),
    ]


def _at_rest(spent: Counter[str], seconds: int) -> Row:
    return Row(
        name="idle CPU of a worker",
        figure=spent["work"],
        unit="% of a core",
        aim=3,
        less_is_better=True,
        note=f"`terrain up`, best of {TIMES} times {seconds} s; beside it PostgreSQL {spent['postgres']:.1f} %,"
        f" web {spent['serve']:.1f} %",
    )


def _spent(up: psutil.Process, seconds: int) -> Counter[str]:
    """Return how much of a core each kind of process takes, in percent."""
    before, begun = _cpu(up), time.perf_counter()
    time.sleep(seconds)
    after, took = _cpu(up), time.perf_counter() - begun
    return Counter({kind: 100 * (after[kind] - before[kind]) / took for kind in after})


def _cpu(up: psutil.Process) -> Counter[str]:
    seconds: Counter[str] = Counter()
    for part in _family(up):
        with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL tidies up now and then
            kind = "postgres" if _name(part) == "postgres" else part.cmdline()[-1]
            seconds[kind] += part.cpu_times().user + part.cpu_times().system
    return seconds


def _bare_postgres() -> float:
    with tempfile.TemporaryDirectory(prefix="terrain-bench-") as folder:
        Path(folder).chmod(0o711)
        with server.start(Path(folder) / "home") as running:
            time.sleep(2)
            assert running.process
            return sum(map(_held, _family(psutil.Process(running.process.pid))))


def _bare_python() -> float:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        time.sleep(0.5)
        return _held(psutil.Process(child.pid))
    finally:
        child.communicate(os.linesep.encode())


def _family(parent: psutil.Process) -> list[psutil.Process]:
    return [parent, *parent.children(recursive=True)]


def _held(process: psutil.Process) -> float:
    """Return its proportional set size: what it shares with others is shared out among them."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return float(process.memory_full_info().pss)
    return 0.0


def _name(process: psutil.Process) -> str:
    return "postgres" if process.name().startswith("postgres") else "python"
