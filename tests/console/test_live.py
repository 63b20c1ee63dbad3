"""What moves on an open page: heard over a real line, cut and taken up again, and nothing is lost."""

import http.client
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from psycopg import Connection

from terrain.console.topics import as_id, marks_of, topics_for
from terrain.core.identifier import key_of
from terrain.core.staff import Role, Staff
from terrain.core.task import Task, TaskKind
from terrain.store import tasks, trays
from terrain.store.marks import Topic
from terrain.store.trays import Misfit
from tests.serving import Web

NOW = datetime.now(UTC)
EVERYBODY_HEARS = {"automations", "counts", "flags", "sources", "stops", "watches"}
SECONDS_TO_HEAR = 15
SECONDS_TO_STOP = 8


class Heard:
    """One line from the server to a page, read event by event."""

    def __init__(self, port: int, cookie: str, has: str = "", last: str = "") -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_HEAR)
        headers = {"Cookie": cookie, "Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        self.line.request("GET", f"/live?has={quote(has)}", headers=headers)
        self.answer = self.line.getresponse()
        self.last = last or has

    def next(self) -> str:
        """Return the topic of the next event."""
        topic = ""
        while True:
            raw = self.answer.readline()
            if not raw:
                raise EOFError
            said = raw.decode().rstrip("\n")
            if said.startswith("id: "):
                self.last = said[4:]
            elif said.startswith("event: "):
                topic = said[7:]
            elif not said and topic:
                return topic

    def until(self, topic: str) -> set[str]:
        """Return all topics heard until this one."""
        heard = set()
        while topic not in heard:
            heard.add(self.next())
        return heard

    def hang_up(self) -> None:
        self.answer.close()
        self.line.close()


@pytest.fixture
def web(served: str, tmp_path: Path) -> Iterator[Web]:
    running = Web(served, tmp_path)
    yield running
    if running.process.poll() is None:
        running.end()


@pytest.fixture
def ines(signed_in: Callable[..., Any]) -> Any:
    return signed_in(Role.ADVISER, Role.OWNER)


def cookie_of(browser: Any) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())


def open_a_task(db: Connection, number: int) -> None:
    task = Task(key=key_of(number), task_id=number, kind=TaskKind.HAND, title="x", opened_at=NOW)
    tasks.save(db, [task])


def test_marks_travel_as_the_name_of_an_event() -> None:
    has = {"tasks": "a1b2", "trays": "c3d4"}

    assert marks_of(as_id(has)) == has


@pytest.mark.parametrize(
    "odd", ["", "x", "tasks", "tasks=", "tasks=%00", "passwords=a1", "=,=,=", "tasks=a b", ",,,"]
)
def test_what_we_never_said_is_no_mark(odd: str) -> None:
    assert marks_of(odd) == {}


def test_a_mile_of_marks_is_cut() -> None:
    assert len(marks_of("tasks=a," * 10_000)) == 1


def test_each_role_hears_of_what_it_may_see() -> None:
    def hears(role: Role) -> set[str]:
        staff = Staff(staff_id=1, name="Inès", email="", roles=frozenset({role}))
        return set(topics_for(staff))

    assert hears(Role.VIEWER) == EVERYBODY_HEARS
    assert hears(Role.ADVISER) == EVERYBODY_HEARS | {"tasks", "recalls", "needs"}
    assert hears(Role.ADMINISTRATOR) == EVERYBODY_HEARS | {"trays"}
    assert hears(Role.MANAGER) == hears(Role.ADVISER) | {"trays"}


def test_served_alone_the_pages_tell_a_browser_not_to_come_again(ines: Any) -> None:
    assert ines.get("/live").status_code == 204


def test_a_page_brings_the_marks_of_what_it_shows(ines: Any, signed_in: Callable[..., Any]) -> None:
    shown = ines.get("/tasks").content.decode()
    assert 'data-has="automations=' in shown
    assert "tasks=" in shown.split('data-has="')[1].split('"')[0]

    viewer = signed_in(Role.VIEWER).get("/").content.decode()
    assert f'data-topics="{" ".join(sorted(EVERYBODY_HEARS))}"' in viewer
    assert "tasks=" not in viewer.split('data-has="')[1].split('"')[0]


@pytest.mark.slow
def test_a_stranger_hears_nothing(web: Web) -> None:
    for cookie in ("", "session=forged", "session=" + "x" * 5000):
        heard = Heard(web.port, cookie)
        assert heard.answer.status == 403
        assert heard.answer.read() == b""
        heard.hang_up()


@pytest.mark.slow
def test_who_has_nothing_is_told_everything_and_then_only_what_moves(
    web: Web, ines: Any, db: Connection
) -> None:
    heard = Heard(web.port, cookie_of(ines))
    assert heard.answer.headers["Content-Type"].startswith("text/event-stream")
    first = {heard.next() for _ in Topic}
    assert first == set(Topic)

    open_a_task(db, 1)
    assert heard.next() == "tasks"
    heard.hang_up()


@pytest.mark.slow
def test_a_viewer_is_not_told_that_there_are_tasks(
    web: Web, signed_in: Callable[..., Any], db: Connection
) -> None:
    heard = Heard(web.port, cookie_of(signed_in(Role.VIEWER)))
    first = {heard.next() for _ in EVERYBODY_HEARS}
    open_a_task(db, 1)
    db.execute("INSERT INTO pending VALUES (1, 1, 1, 'm')")

    assert heard.next() == "counts"
    assert first == EVERYBODY_HEARS
    assert "tasks" not in heard.last
    heard.hang_up()


@pytest.mark.slow
def test_what_happened_while_the_server_was_dead_is_told_at_once(
    web: Web, ines: Any, db: Connection
) -> None:
    heard = Heard(web.port, cookie_of(ines))
    for _ in Topic:
        heard.next()
    last = heard.last
    web.end(signal.SIGKILL)
    with pytest.raises((EOFError, OSError, http.client.HTTPException)):
        heard.next()
    heard.hang_up()

    open_a_task(db, 1)
    trays.put(db, [Misfit("event", "shop", "nobody", {"code": "nobody"}, b"{}")], NOW)
    web.start()

    again = Heard(web.port, cookie_of(ines), last=last)
    assert {again.next(), again.next()} == {"tasks", "trays"}
    again.hang_up()


@pytest.mark.slow
def test_cut_again_and_again_under_change_nothing_is_lost(
    web: Web, ines: Any, db: Connection
) -> None:
    """Each time the line is cut at another moment, and each time what was opened meanwhile is heard of."""
    has = ""
    for number in range(1, 9):
        heard = Heard(web.port, cookie_of(ines), last=has)
        if number % 2:
            open_a_task(db, number)
            heard.until("tasks")
            has = heard.last
        heard.hang_up()
        open_a_task(db, 100 + number)  # while nobody listens
    seen = Heard(web.port, cookie_of(ines), last=has)
    seen.until("tasks")
    seen.hang_up()

    assert seen.last.split("tasks=")[1].split(",")[0] == _mark_of_tasks(db)


def _mark_of_tasks(db: Connection) -> str:
    from terrain.store.marks import marks  # noqa: PLC0415

    return marks(db, datetime.now(UTC))["tasks"]


@pytest.mark.slow
def test_a_page_made_before_and_heard_after_a_change_is_told(
    web: Web, ines: Any, db: Connection
) -> None:
    has = ines.get("/tasks").content.decode().split('data-has="')[1].split('"')[0]
    open_a_task(db, 1)

    heard = Heard(web.port, cookie_of(ines), has=has)
    assert heard.until("tasks") <= {"tasks", "counts", "sources"}
    heard.hang_up()


@pytest.mark.slow
def test_a_process_that_is_told_to_stop_does_not_wait_for_listeners(web: Web, ines: Any) -> None:
    heard = Heard(web.port, cookie_of(ines))
    heard.next()

    assert web.end() < SECONDS_TO_STOP
    heard.hang_up()


@pytest.mark.slow
def test_who_signs_out_hears_no_more(web: Web, ines: Any, db: Connection) -> None:
    heard = Heard(web.port, cookie_of(ines))
    for _ in Topic:
        heard.next()
    db.execute("DELETE FROM staff_session")

    assert heard.next() == "over"
    with pytest.raises(EOFError):
        heard.next()
    heard.hang_up()


def test_a_part_that_asks_by_itself_does_not_keep_a_session_alive(ines: Any) -> None:
    session = ines.session
    session["seen"] = 7
    session.save()

    assert ines.get("/tasks", HTTP_HX_REQUEST="true").status_code == 200
    assert ines.session["seen"] == 7
    ines.get("/tasks")
    assert ines.session["seen"] > 7


@pytest.mark.slow
def test_listening_does_not_keep_a_session_alive(web: Web, ines: Any, db: Connection) -> None:
    before = db.execute("SELECT session_data, expire_date FROM staff_session").fetchall()
    heard = Heard(web.port, cookie_of(ines))
    heard.next()
    heard.hang_up()

    assert db.execute("SELECT session_data, expire_date FROM staff_session").fetchall() == before
