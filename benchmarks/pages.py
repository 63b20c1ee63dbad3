"""How long every page takes the server, for somebody signed in, in a town of 200,000 customers.

Each page of `urls.PAGES` is asked for through Django's own WSGI handler, so what is measured is all that the
server does for it. One that has no sample (`benchmarks/samples.py`) or does not answer fails the benchmark.
"""

from __future__ import annotations

import gc
import io
import os
import re
import statistics
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import quote
from uuid import uuid4
from wsgiref.util import setup_testing_defaults

import psutil
import psycopg
from psycopg import Connection

from benchmarks import stage, town
from benchmarks.row import Row
from benchmarks.samples import NOT_ASKED, Parts, answer_of, sampling_of
from terrain import door

MEDIAN_MS, WORST_MS, SEARCH_MS, FIRST_LOAD_KB = 60, 150, 100, 120
ASKED = 20
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
DRAWN = re.compile(r'url\("([^"]+)"\)')
SOUGHT = (
    "Léa Ber",
    "lebeau",
    "Jeanne Lammataeau",
    "customer.0217",
    "4.c0151",
    "omra delna",
    "xqzw kjhq",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one request came to."""

    status: str
    ms: float
    cpu_ms: float
    statements: int
    size: int


class Reader(NamedTuple):
    """What asks for an address with a cookie, the cookie of somebody signed in, and PostgreSQL's CPU seconds."""

    ask: Callable[[str, str], Asked]
    cookie: str
    postgres: Callable[[], float]


class Wanted(NamedTuple):
    """A page to be asked for: by a stranger where anyone may come, else by somebody signed in."""

    name: str
    addresses: list[str]
    by_a_stranger: bool = False
    answer: str = "200"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What all requests for one page came to."""

    name: str
    asked: list[Asked]
    postgres_ms: float

    @property
    def cpu(self) -> float:
        """What one request costs in CPU, ours and PostgreSQL's: on a busy machine the truer figure."""
        return statistics.mean(each.cpu_ms for each in self.asked) + self.postgres_ms

    @property
    def median(self) -> float:
        return statistics.median(each.ms for each in self.asked)

    @property
    def worst(self) -> float:
        """The time that nineteen of twenty stay under."""
        return sorted(each.ms for each in self.asked)[int(len(self.asked) * 0.95) - 1]

    @property
    def statements(self) -> int:
        return max(each.statements for each in self.asked)

    @property
    def size(self) -> int:
        return max(each.size for each in self.asked)


def measure(*, long: bool, people: int = town.PEOPLE, only: Collection[str] = ()) -> list[Row]:
    """Ask for every page, or for these, print what each took, and return the worst of it."""
    os.environ |= {"TERRAIN_SECRET": town.SECRET, "TERRAIN_LOG_LEVEL": "error"}
    with town.living(people) as conninfo, _reader(conninfo) as reader:
        many = ASKED * 3 if long else ASKED
        wanted = _wanted(conninfo, only)
        pages = [_measured(each, reader, many) for each in wanted]
        search = Wanted("search", [f"/customers?q={quote(words)}" for words in SOUGHT])
        sought = _measured(search, reader, many)
        first = _first_load(conninfo, reader.cookie, [each.addresses[0] for each in wanted])
    print(_table([*pages, sought]))
    return [*_rows(pages, sought, people), first]


def _rows(pages: list[Page], sought: Page, people: int) -> list[Row]:
    slowest, worst = (
        max(pages, key=lambda page: page.median),
        max(pages, key=lambda page: page.worst),
    )
    of = f"{len(pages)} pages, {people:,} customers"
    return [
        _row("the slowest page, median", slowest.median, MEDIAN_MS, f"`{slowest.name}`; {of}"),
        _row("the slowest page, p95", worst.worst, WORST_MS, f"`{worst.name}`; {of}"),
        _row("a customer searched for, p95", sought.worst, SEARCH_MS, f"{len(SOUGHT)} ways to ask"),
    ]


def _row(name: str, figure: float, aim: float, note: str, unit: str = "ms") -> Row:
    return Row(name=name, figure=figure, unit=unit, aim=aim, less_is_better=True, note=note)


def _table(pages: list[Page]) -> str:
    lines = [
        f"| page | median (≤ {MEDIAN_MS} ms) | p95 (≤ {WORST_MS} ms) | CPU ms | statements | KB |",
        "|---|---|---|---|---|---|",
    ]
    for page in sorted(pages, key=lambda page: -page.median):
        slow = " ✗" if page.median > MEDIAN_MS or page.worst > WORST_MS else ""
        lines.append(
            f"| `{page.name}`{slow} | {page.median:.1f} | {page.worst:.1f} | {page.cpu:.1f} | "
            f"{page.statements} | {page.size / 1000:.0f} |"
        )
    return "\n".join(lines) + "\n"


# -- who asks ---------------------------------------------------------------------------------------


@contextmanager
def _reader(conninfo: str) -> Iterator[Reader]:
    """Make Django ready over the town; yield what asks for a page as somebody signed in."""
    from django.db import connections

    from terrain.console.wsgi import application
    from terrain.store.schema import as_django_wants_it

    connections.databases["default"].update(as_django_wants_it(conninfo))

    def ask(address: str, cookie: str) -> Asked:
        statements = _Counted()
        environ = _environ(address, cookie)
        answered: dict[str, str] = {}
        with statements:
            begun, worked = time.perf_counter(), time.process_time()
            parts = application(environ, lambda status, *_: answered.update(status=status))
            size = sum(map(len, parts))
            parts.close()
            took = time.perf_counter() - begun, time.process_time() - worked
        ms, cpu_ms = (1000 * each for each in took)
        status = answered["status"]
        return Asked(status=status, ms=ms, cpu_ms=cpu_ms, statements=statements.n, size=size)

    def postgres() -> float:
        backend = psutil.Process(connections["default"].connection.info.backend_pid)
        return stage.cpu_of(backend)

    reader = Reader(ask, _signed_in(conninfo), postgres)
    gc.collect()
    gc.freeze()  # as the web process does with what it loaded (terrain/api/app.py)
    yield reader
    connections.close_all()


def _signed_in(conninfo: str) -> str:
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.test import Client

    from terrain.console.accounts.models import Person
    from terrain.core.staff import Role
    from terrain.store import staff

    new = staff.New(name="Camille", email=f"{uuid4().hex}@example.org", roles=list(Role))
    with psycopg.connect(conninfo) as db:
        number = staff.make(db, new)
    browser = Client()
    person = Person.objects.get(pk=number)
    browser.force_login(person)
    session = browser.session
    record_authentication(SimpleNamespace(session=session), person, "password")
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def _environ(address: str, cookie: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_COOKIE": cookie,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT_LANGUAGE": "fr",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
    }
    setup_testing_defaults(environ)
    return environ


class _Counted:
    """Counts the statements that go to the record, by whichever connection."""

    def __enter__(self) -> None:
        self.n = 0
        real = psycopg.Cursor.execute

        def execute(cursor: Any, *given: Any, **more: Any) -> Any:
            self.n += 1
            return real(cursor, *given, **more)

        self._patch = patch.object(psycopg.Cursor, "execute", execute)
        self._patch.start()

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


# -- what is asked for ------------------------------------------------------------------------------


def _wanted(conninfo: str, only: Collection[str]) -> list[Wanted]:
    """Return every page there is or those that are named, with addresses."""
    from terrain.console.access import Rule
    from terrain.console.urls import PAGES

    with psycopg.connect(conninfo) as db:
        return [
            Wanted(page.name, _addresses(db, page), page.rule == Rule.ANYONE, answer_of(page))
            for page in PAGES
            if page.name not in NOT_ASKED and (not only or page.name in only)
        ]


def _addresses(db: Connection, page: Any) -> list[str]:
    from django.conf import settings
    from django.urls import reverse

    from terrain.flow.links import links_of

    parts: list[Parts] = [{}]
    if "<" in page.address:
        sampling = sampling_of(page)
        assert sampling, f"page {page.name!r} needs a sample in benchmarks/samples.py"
        parts = list(sampling(db, links_of(settings.TERRAIN)))
    assert parts, f"nobody in town has a page {page.name!r}"
    db.commit()
    return [reverse(page.name, kwargs=each) for each in parts]


def _measured(wanted: Wanted, reader: Reader, many: int) -> Page:
    ask, cookie, postgres = reader
    shown = "" if wanted.by_a_stranger else cookie
    for address in wanted.addresses[:2]:
        ask(address, shown)
    turns = [wanted.addresses[n % len(wanted.addresses)] for n in range(many)]
    before = postgres()
    asked = [ask(address, shown) for address in turns]
    worked = 1000 * (postgres() - before) / many
    if wrong := [each.status for each in asked if not each.status.startswith(wanted.answer)]:
        raise AssertionError(f"{wanted.name}: {wrong[0]}, {turns[0]}")
    return Page(name=wanted.name, asked=asked, postgres_ms=worked)


# -- over the wire ----------------------------------------------------------------------------------


def _first_load(conninfo: str, cookie: str, addresses: list[str]) -> Row:
    """Ask for each page as a browser does that has nothing of ours yet."""
    port = stage.free_port()
    environment = {
        "TERRAIN_DATABASE_URL": conninfo,
        "TERRAIN_PORT": str(port),
        "TERRAIN_SECRET": town.SECRET,
        "TERRAIN_LOG_LEVEL": "error",
    }
    with stage.process("serve", **environment):
        stage.wait_for("an open door", 60, lambda: door.answers("127.0.0.1", port))
        loads = {address: _load(port, address, cookie) for address in addresses}
    heaviest = max(loads, key=lambda address: loads[address])
    return _row(
        "a first load without cache, the heaviest page",
        loads[heaviest] / 1000,
        FIRST_LOAD_KB,
        f"`{heaviest.split('?')[0][:40]}`; everything it is dressed in included",
        "KB",
    )


def _load(port: int, address: str, cookie: str) -> int:
    """Return the bytes of a page and of all that it asks for, as they cross the wire."""
    size, page = _fetch(port, address, cookie)
    seen: set[str] = set()
    waiting = LINKED.findall(page)
    while waiting:
        link = waiting.pop()
        if link in seen:
            continue
        seen.add(link)
        size += _fetch(port, link, cookie, packed=True)[0]
        if link.endswith(".css"):
            folder = link.rsplit("/", 1)[0]
            plain = _fetch(port, link, cookie)[1]
            waiting += [f"{folder}/{name}" for name in DRAWN.findall(plain)]
    return size


def _fetch(port: int, address: str, cookie: str, *, packed: bool = False) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip" if packed else "identity"}
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    head = sum(len(name) + len(said) + 4 for name, said in answer.getheaders())
    return len(body) + head, body.decode("utf-8", "replace")
