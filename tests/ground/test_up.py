"""One command runs everything; one Ctrl-C stops it; nothing outlives it; its data is found again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest

from terrain.embedded import server

pytestmark = pytest.mark.slow

WORD = 'name="csrfmiddlewaretoken" value="'


def test_a_newcomer_gets_one_address_and_it_opens(data_folder: Path) -> None:
    with up(data_folder) as told, urllib.request.urlopen(told["address"]) as page:
        assert told["address"].startswith("http://127.0.0.1:")
        assert page.status == 200


def test_the_newcomer_makes_an_account_and_from_then_on_signs_in(data_folder: Path) -> None:
    with up(data_folder) as told:
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        word = browser.open(told["address"]).read().decode().split(WORD)[1].split('"')[0]
        form = {"csrfmiddlewaretoken": word, "name": "Camille", "email": "camille@example.org"}
        typed = urlencode(form | {"password": "au fil de l'eau"}).encode()
        with browser.open(told["address"], typed) as page:
            assert "Camille" in page.read().decode()
            assert page.url == told["address"].partition("/enter")[0] + "/morning"
    with up(data_folder) as told, urllib.request.urlopen(told["address"]) as page:
        assert told["address"].count("/") == 3
        assert page.url.endswith("/sign-in")


def test_a_newcomer_finds_a_life_in_it_and_only_once(data_folder: Path) -> None:
    with up(data_folder, "--demo"):
        events = count_events(data_folder)
    with up(data_folder, "--demo"):
        assert count_events(data_folder) == events

    assert events > 1000


def test_ctrl_c_stops_everything_and_the_data_is_found_again(data_folder: Path) -> None:
    for _ in range(2):
        with up(data_folder) as told:
            family = descendants(told["pid"])
        assert len(family) > 3
        assert [pid for pid in family if is_running(pid)] == []


def test_nothing_outlives_a_killed_terrain(data_folder: Path) -> None:
    with up(data_folder) as told:
        family = descendants(told["pid"])
        os.kill(told["pid"], signal.SIGKILL)

    assert all(ends_within(20, pid) for pid in family)


def test_a_killed_part_is_started_again(data_folder: Path) -> None:
    with up(data_folder) as told:
        before = set(children(told["pid"]))
        for pid in before:
            os.kill(pid, signal.SIGKILL)

        assert opens_within(30, told["address"].partition("/enter")[0] + "/health")
        assert set(children(told["pid"])).isdisjoint(before)


def test_a_second_terrain_on_the_same_data_is_refused(data_folder: Path) -> None:
    with up(data_folder):
        second = terrain_up(data_folder, "--no-demo")
        told, _ = second.communicate(timeout=30)

    assert json.loads(told)["refusal"]["code"] == "already_running"


@contextmanager
def up(data: Path, demo: str = "--no-demo") -> Iterator[dict[str, Any]]:
    process = terrain_up(data, demo)
    try:
        yield json.loads(what_is_told(process))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def what_is_told(process: "subprocess.Popen[str]") -> str:
    """Return the lines up to the end of the answer, or of the process."""
    told = ""
    for line in process.stdout or ():
        told += line
        if line == "}\n":
            break
    return told


def terrain_up(data: Path, demo: str) -> "subprocess.Popen[str]":
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERRAIN_DATA": str(data)}
    environ["TERRAIN_AUTOMATIONS"] = str(data.parent / "automations")
    return subprocess.Popen(
        [sys.executable, "-m", "terrain", "up", "--json", demo],
        env=environ | {"TERRAIN_PORT": str(free_port())},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - one call, looked up before the fork
    )


def hear_ctrl_c() -> None:
    """Listen to Ctrl-C as at a terminal, even where these tests run in the background and may not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def count_events(data: Path) -> int:
    with server.start(data) as running, psycopg.connect(running.conninfo) as db:
        row = db.execute("SELECT count(*) FROM event").fetchone()
        return int(row[0]) if row else 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
        return port


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends_within(seconds: float, pid: int) -> bool:
    give_up_at = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return not is_running(pid)


def opens_within(seconds: float, address: str) -> bool:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(address, timeout=2) as page:
                return bool(page.status == 200)
        except OSError:
            time.sleep(0.1)
    return False
