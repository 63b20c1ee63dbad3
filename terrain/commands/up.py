"""Run all of Terrain on this machine, until Ctrl-C."""

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import click
import msgspec

from terrain import logs, opening
from terrain.config import Settings, read, secret_of
from terrain.door import answers
from terrain.embedded import server
from terrain.errors import Refusal
from terrain.processes import Child, stop_together
from terrain.store import entries
from terrain.store.connection import connect
from terrain.terminal import Terminal, speaks

SECONDS_TO_ANSWER = 60.0
HEARTBEAT = 0.5


class AlreadyRunning(Refusal):
    """One Terrain a data folder."""

    code = "already_running"


class PortTaken(Refusal):
    """Somebody else listens where we were to listen."""

    code = "port_taken"


class DoesNotAnswer(Refusal):
    """The web process runs and does not answer; its log may say why."""

    code = "web_does_not_answer"
    status = 503


@click.command()
@speaks
def command(terminal: Terminal) -> None:
    given = read()
    logs.configure(given)
    with only_one(given.data), contextlib.suppress(KeyboardInterrupt), run(given) as house:
        address = f"http://{given.host}:{given.port}/enter/{house.way_in()}"
        terminal.say("Terrain is running. Open {address}", address=address)
        terminal.say("Ctrl-C stops it. Its log is {log}", log=house.log)
        terminal.answer({"address": address, "log": house.log, "pid": os.getpid()})
        house.watch()
    terminal.say("Everything is stopped.")


class House:
    """What `terrain up` runs: the record, and the processes around it."""

    def __init__(self, settings: Settings, postgres: server.Server | None) -> None:
        self.settings = settings
        self.postgres = postgres
        self.log = settings.data / "terrain.log"
        self.children = [self._child(*each) for each in parts(settings)]

    def _child(self, name: str, *command: str) -> Child:
        return Child(name, command, environ_of(self.settings), self.log)

    def way_in(self) -> str:
        with connect(self.settings) as record, record.local() as db:
            return entries.make(db, datetime.now(UTC))

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
        doors = [child for child in self.children if child.name == "web"]
        stop_together(doors)
        stop_together([child for child in self.children if child not in doors])


@contextlib.contextmanager
def run(given: Settings) -> Iterator[House]:
    """Start everything, in order; stop it in reverse, however this ends."""
    refuse_a_taken_port(given)
    secret_of(given)
    with contextlib.ExitStack() as stack:
        postgres = None
        settings = given
        if not given.database_url:
            postgres = stack.enter_context(server.start(given.data))
            settings = msgspec.structs.replace(given, database_url=postgres.conninfo)
        opening.bring_up_to_date(settings.database_url)
        house = House(settings, postgres)
        stack.callback(house.stop)
        for child in house.children:
            child.start()
        wait_for_the_web(house)
        yield house


def parts(settings: Settings) -> Iterator[tuple[str, ...]]:
    """Yield the name and the module of each process."""
    yield "web", "terrain", "serve"
    for number in range(settings.workers):
        yield f"worker {number + 1}", "terrain", "work"
    if not settings.smtp_url and find_spec("terrain.channels.sink"):
        yield "sink", "terrain.channels.sink"


def environ_of(settings: Settings) -> Mapping[str, str]:
    return {**os.environ, "TERRAIN_DATABASE_URL": settings.database_url}


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


def wait_for_the_web(house: House) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < give_up_at:
        for child in house.children:
            child.keep_alive()
        if answers(house.settings.host, house.settings.port):
            return
        time.sleep(0.1)
    raise DoesNotAnswer(value=house.log)
