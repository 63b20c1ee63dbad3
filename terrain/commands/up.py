"""Run all of Terrain on this machine, until Ctrl-C."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import click
import msgspec

import terrain
from terrain import logs, opening
from terrain.config import Settings, read, secret_of
from terrain.door import answers
from terrain.embedded import server
from terrain.errors import Refusal
from terrain.processes import Child, stop_together
from terrain.store import entries, leases, staff
from terrain.store.connection import one_connection
from terrain.store.entries import Kind
from terrain.terminal import Terminal, speaks

SECONDS_TO_ANSWER = 60.0
HEARTBEAT = 0.5
# What others bring: run as modules, where they are there.
DEMO = "terrain.demo.load"
SINK = "terrain.channels.sink"
DRAFT = "terrain_draft"
HOME = "/"
# The shop is played from the examples, which lie beside the code and not in an installed package.
EXAMPLES = Path(terrain.__file__).parent.parent / "examples"


class AlreadyRunning(Refusal):
    """One Terrain a data folder."""

    code = "already_running"


class PortTaken(Refusal):
    """Somebody else listens where we were to listen."""

    code = "port_taken"


class DoesNotAnswer(Refusal):
    """A part runs and does not answer; the log may say why."""

    code = "does_not_answer"
    status = 503


@click.command()
@click.option("--demo/--no-demo", default=None, help="Play the demo shop if the record is empty.")
@speaks
def command(terminal: Terminal, *, demo: bool | None) -> None:
    given = read()
    logs.configure(given)
    # Into your own database, made-up customers come only if you say so.
    wanted = not given.database_url if demo is None else demo
    with (
        only_one(given.data),
        contextlib.suppress(KeyboardInterrupt),
        run(terminal, given, demo=wanted) as house,
    ):
        way_in = house.way_in()
        address = f"http://{given.host}:{given.port}{way_in}"
        terminal.say("Terrain is running. Open {address}", address=address)
        if way_in != HOME:
            terminal.say("There you make your account: the address works once, for a day.")
        terminal.say("Ctrl-C stops it. Its log is {log}", log=house.log)
        terminal.answer({"address": address, "log": house.log, "pid": os.getpid()})
        house.watch()
    terminal.say("Everything is stopped.")


class House:
    """What `terrain up` runs: the record, and the processes around it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.postgres: server.Server | None = None
        self.log = settings.data / "terrain.log"
        self.children: list[Child] = []

    def use(self, postgres: server.Server) -> None:
        self.postgres = postgres
        self.settings = msgspec.structs.replace(self.settings, database_url=postgres.conninfo)

    def play_the_demo(self) -> None:
        """Play it apart and put it in place once it is whole: an interrupted one leaves nothing."""
        settings = self.settings
        if self.postgres:
            settings = msgspec.structs.replace(settings, database_url=self.postgres.draft(DRAFT))
        subprocess.run([sys.executable, "-m", DEMO], env=environ_of(settings), check=True)
        if self.postgres:
            self.postgres.put_in_place(DRAFT)

    def is_empty(self) -> bool:
        with one_connection(self.settings.database_url) as db:
            return db.execute("SELECT FROM event LIMIT 1").fetchone() is None

    def start(self) -> None:
        if not self.settings.smtp_url and find_spec(SINK):
            port = free_port(self.settings.sink_port)
            self.settings = msgspec.structs.replace(self.settings, sink_port=port)
            self._start("sink", SINK)
        self._start("web", "terrain", "serve")
        for number in range(self.settings.workers):
            self._start(f"worker {number + 1}", "terrain", "work")

    def _start(self, name: str, *command: str) -> None:
        child = Child(name, command, environ_of(self.settings), self.log)
        self.children.append(child.start())

    def way_in(self) -> str:
        """Return where to start: while nobody has an account, where the first one is made, once."""
        with one_connection(self.settings.database_url) as db:
            if not staff.is_empty(db):
                return HOME
            return f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"

    def workers_are_at_work(self) -> bool:
        with one_connection(self.settings.database_url) as db:
            return leases.alive(db, datetime.now(UTC)) >= self.settings.workers

    def watch(self) -> None:
        """Start again what dies, until somebody wants it all to stop."""
        log = logs.get("up")
        while True:
            time.sleep(HEARTBEAT)
            if self.postgres and self.postgres.keep_alive():
                log.warning("postgres_started_again")
            for child in self.children:
                if child.keep_alive():
                    log.warning("started_again", process=child.name)

    def stop(self) -> None:
        """Stop the door first, so that nothing comes in that nobody will handle."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # one Ctrl-C is enough
        for part in ("web", "worker", "sink"):
            stop_together([child for child in self.children if child.name.startswith(part)])


@contextlib.contextmanager
def run(terminal: Terminal, given: Settings, *, demo: bool) -> Iterator[House]:
    """Start everything, in order; stop it in reverse, however this ends."""
    refuse_a_taken_port(given)
    secret_of(given)
    with contextlib.ExitStack() as stack:
        house = House(given)
        if not given.database_url:
            house.use(stack.enter_context(server.start(given.data)))
        opening.bring_up_to_date(house.settings.database_url)
        if demo and find_spec(DEMO) and EXAMPLES.is_dir() and house.is_empty():
            terminal.say("Playing eighteen months of the demo shop, once …")
            house.play_the_demo()
        stack.callback(house.stop)
        house.start()
        wait_until_all_are_at_work(house)
        yield house


def environ_of(settings: Settings) -> Mapping[str, str]:
    own = {
        "TERRAIN_DATABASE_URL": settings.database_url,
        "TERRAIN_SINK_PORT": str(settings.sink_port),
    }
    return {**os.environ, **own}


def free_port(wanted: int) -> int:
    """Return this port, or another where somebody has it already."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)) as trial:
            found: int = trial.getsockname()[1]
            return found
    return wanted


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(field="TERRAIN_DATA", value=data) from None
        yield


def refuse_a_taken_port(settings: Settings) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(field="TERRAIN_PORT", value=settings.port, why=error.strerror) from None


def wait_until_all_are_at_work(house: House) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < give_up_at:
        for child in house.children:
            child.keep_alive()
        if answers(house.settings.host, house.settings.port) and house.workers_are_at_work():
            return
        time.sleep(0.1)
    raise DoesNotAnswer(value=house.log)
