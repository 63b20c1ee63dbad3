"""What everything together keeps in memory while nothing happens: `terrain up`, its processes and PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks import stage
from benchmarks.row import Row
from terrain import door
from terrain.embedded import server

SECONDS_IDLE = 15


def measure(*, long: bool) -> list[Row]:  # noqa: ARG001 - waiting longer finds nothing else
    """Start everything, wait, and add up what each process holds for itself and its share of the rest."""
    with tempfile.TemporaryDirectory(prefix="terrain-bench-") as folder:
        Path(folder).chmod(0o711)
        port = stage.free_port()
        environment = {"TERRAIN_DATA": f"{folder}/data", "TERRAIN_PORT": str(port)}
        with stage.process("up", "--no-demo", **environment) as up:
            stage.wait_for("an open door", 90, lambda: door.answers("127.0.0.1", port))
            time.sleep(SECONDS_IDLE)
            held = {part.pid: (_name(part), _held(part)) for part in _family(up)}
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
        )
    ]


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
