"""No child outlives its parent, and none is cut off before it could finish."""

import os
import time
from pathlib import Path

import pytest

from terrain.processes import Child, KeepsDying, stop_together

FINISHES = """
import pathlib, signal, sys, time
def finish(*_):
    pathlib.Path(sys.argv[1]).write_text("finished")
    sys.exit()
signal.signal(signal.SIGTERM, finish)
pathlib.Path(sys.argv[1]).write_text("started")
time.sleep(60)
"""


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "finishes.py").write_text(FINISHES)
    (tmp_path / "dies.py").write_text("raise SystemExit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "note"


def test_a_child_asked_to_stop_finishes_first(note: Path) -> None:
    running = child(note, "finishes", str(note))
    wait_for(note, "started")
    stop_together([running])

    assert note.read_text() == "finished"


def test_a_killed_child_is_started_again(note: Path) -> None:
    running = child(note, "finishes", str(note))
    wait_for(note, "started")
    assert running.process
    running.process.kill()
    running.process.wait()

    assert running.keep_alive()
    assert running.is_alive()
    stop_together([running])


def test_a_child_that_keeps_dying_is_given_up_with_its_log(note: Path) -> None:
    running = child(note, "dies")
    with pytest.raises(KeepsDying) as caught:
        revive_for_ever(running)

    assert caught.value.right == str(note.with_name("log"))


def child(note: Path, *command: str) -> Child:
    return Child(command[0], command, os.environ, note.with_name("log")).start()


def revive_for_ever(running: Child) -> None:
    while True:
        running.keep_alive()
        running.wait()


def wait_for(note: Path, word: str) -> None:
    give_up_at = time.monotonic() + 10
    while not note.exists() or note.read_text() != word:
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
