"""Whatever is killed, however: nothing acknowledged is lost, and no server is orphaned."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from terrain.embedded import binaries, home, privilege, server
from terrain.embedded.refusals import OtherVersion, UnreachableFolder, WouldNotStart

# A parent that starts a server, writes rows, and says which ones were acknowledged.
PARENT = """
import sys, psycopg
from pathlib import Path
from terrain.embedded import server
running = server.start(Path(sys.argv[1]))
with psycopg.connect(running.conninfo, autocommit=True) as db:
    db.execute("CREATE TABLE IF NOT EXISTS said (n int)")
    print(running.process.pid, flush=True)
    for n in range(10**6):
        db.execute("INSERT INTO said VALUES (%s)", [n])
        print(n, flush=True)
"""


def test_a_stopped_server_is_found_again_with_its_rows(data_folder: Path) -> None:
    with server.start(data_folder) as first, psycopg.connect(first.conninfo) as db:
        db.execute("CREATE TABLE promise AS SELECT 'kept' AS word")

    with server.start(data_folder) as second, psycopg.connect(second.conninfo) as db:
        assert db.execute("SELECT word FROM promise").fetchone() == ("kept",)


def test_nobody_gets_in_without_the_password_nor_over_the_network(data_folder: Path) -> None:
    with server.start(data_folder) as running, psycopg.connect(running.conninfo) as db:
        assert db.execute("SHOW listen_addresses").fetchone() == ("",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(running.conninfo.replace(running.home.password(), "guessed"))


def test_nothing_in_the_folder_is_open_to_everyone(data_folder: Path) -> None:
    with server.start(data_folder) as running:
        secret = (running.home.path / "postgres-password", running.home.data, running.home.sockets)

        assert [path for path in (*secret, running.home.log) if path.stat().st_mode & 0o077] == []


def test_a_server_killed_under_load_keeps_every_acknowledged_row(data_folder: Path) -> None:
    with parent(data_folder) as writing:
        os.kill(int(said(writing)), signal.SIGKILL)
        acknowledged = [int(line) for line in writing.stdout or ()]

    assert kept(data_folder) >= set(acknowledged)


def test_a_server_never_outlives_a_killed_parent(data_folder: Path) -> None:
    with parent(data_folder) as writing:
        child = int(said(writing))
        writing.kill()
        acknowledged = [int(line) for line in writing.stdout or ()]

    assert is_gone_within(10, child)
    assert kept(data_folder) >= set(acknowledged)


def test_a_draft_takes_its_place_once_it_is_whole(data_folder: Path) -> None:
    with server.start(data_folder) as running:
        with psycopg.connect(running.draft("draft"), autocommit=True) as db:
            db.execute("CREATE TABLE promise AS SELECT 'kept' AS word")
        running.draft("draft")  # the first was never finished
        with psycopg.connect(running.draft("draft"), autocommit=True) as db:
            db.execute("CREATE TABLE promise AS SELECT 'whole' AS word")
        running.put_in_place("draft")

        with psycopg.connect(running.conninfo) as db:
            assert db.execute("SELECT word FROM promise").fetchone() == ("whole",)


def test_a_second_starter_borrows_the_server_and_leaves_it_running(data_folder: Path) -> None:
    with server.start(data_folder) as owner:
        with server.start(data_folder) as borrowed:
            assert borrowed.process is None
        assert owner.is_alive()
        psycopg.connect(owner.conninfo).close()


def test_a_stale_mark_with_somebody_elses_number_does_not_stop_the_start(data_folder: Path) -> None:
    with server.start(data_folder) as running:
        data = running.home.data
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")

    with server.start(data_folder) as running:
        assert running.is_alive()


def test_an_interrupted_first_start_does_not_trip_the_second(data_folder: Path) -> None:
    (data_folder / "postgres.new").mkdir(parents=True)
    (data_folder / "postgres.new" / "half").touch()

    with server.start(data_folder) as running:
        assert running.is_alive()


def test_a_folder_of_another_version_is_refused(data_folder: Path) -> None:
    with server.start(data_folder) as running:
        (running.home.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(OtherVersion) as caught:
        server.start(data_folder)
    assert (caught.value.value, caught.value.right) == ("17", "18")


def test_a_server_that_gives_up_says_why(data_folder: Path) -> None:
    with pytest.raises(WouldNotStart, match="no_such_setting"):
        server.start(data_folder, settings={"no_such_setting": "1"})


def test_a_long_path_still_gets_a_socket(data_folder: Path) -> None:
    with server.start(data_folder / ("deep" * 30)) as running:
        psycopg.connect(running.conninfo).close()
        socket_folder = running.home.sockets
    socket_folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives way to somebody else")
def test_root_is_told_of_a_closed_folder_instead_of_opening_it(data_folder: Path) -> None:
    closed = data_folder / "closed"
    closed.mkdir(parents=True, mode=0o700)

    with pytest.raises(UnreachableFolder):
        home.prepare(closed / "home")
    assert closed.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives way to somebody else")
def test_programs_in_a_closed_folder_are_copied_not_opened(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = data_folder / "closed"
    closed.mkdir(parents=True, mode=0o700)
    (closed / "install").symlink_to(binaries.folder().parent)
    monkeypatch.setattr(binaries, "folder", lambda: closed / "install" / "bin")
    programs = binaries.folder_for(privilege.account(), data_folder)

    assert data_folder in programs.parents
    asked = [str(programs / "postgres"), "--version"]
    told = subprocess.run(
        asked, check=True, capture_output=True, **privilege.popen_as(privilege.account())
    )
    assert told.stdout.startswith(b"postgres (PostgreSQL) 18")


def parent(data_folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data_folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def said(writing: subprocess.Popen[str]) -> str:
    """Return the server's number, once a few rows have been acknowledged."""
    assert writing.stdout
    pid = writing.stdout.readline()
    for _ in range(50):
        writing.stdout.readline()
    return pid


def kept(data_folder: Path) -> set[int]:
    with server.start(data_folder) as running, psycopg.connect(running.conninfo) as db:
        return {n for (n,) in db.execute("SELECT n FROM said")}


def is_gone_within(seconds: float, pid: int) -> bool:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
