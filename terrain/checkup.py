"""What `terrain doctor` looks at, one function an organ.

Promise: each finding says what was seen and, where something is wrong, what to do; looking changes
nothing, except that Terrain's own PostgreSQL is started for the visit if it sleeps.
"""

import os
import shutil
import smtplib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from psycopg import Connection

from terrain import opening
from terrain.config import Settings
from terrain.door import answers
from terrain.errors import Refusal
from terrain.store import leases, schema
from terrain.store.connection import one_connection
from terrain.store.erasures import overdue
from terrain.words import _, refusal_sentence, say

ROOM_WANTED = 1024**3
# A receiver that is told first is waited for so long (flow/forgetting.py).
ERASURES_MAY_TAKE = timedelta(hours=25)
CLOCKS_MAY_DIFFER = timedelta(seconds=2)
PATIENCE = 5.0
OPEN_TO_OTHERS = 0o077


class State(StrEnum):
    FINE = "fine"
    UNSURE = "unsure"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of one organ, in the reader's language."""

    organ: str
    state: State
    found: str
    remedy: str | None = None


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Whose house is looked at, in which language, and when."""

    settings: Settings
    language: str
    now: datetime

    def fine(self, organ: str, found: str, **values: object) -> Finding:
        return Finding(organ=organ, state=State.FINE, found=self._say(found, values))

    def unsure(self, organ: str, found: str, remedy: str, **values: object) -> Finding:
        return self._ill(organ, State.UNSURE, (found, remedy), values)

    def wrong(self, organ: str, found: str, remedy: str, **values: object) -> Finding:
        return self._ill(organ, State.WRONG, (found, remedy), values)

    def refused(self, organ: str, refusal: Refusal) -> Finding:
        sentence = refusal_sentence(self.language, refusal)
        return Finding(organ=organ, state=State.WRONG, found=sentence)

    def _ill(
        self, organ: str, state: State, said: tuple[str, str], values: dict[str, object]
    ) -> Finding:
        found, remedy = (self._say(each, values) for each in said)
        return Finding(organ=organ, state=state, found=found, remedy=remedy)

    def _say(self, msgid: str, values: dict[str, object]) -> str:
        return say(self.language, msgid, **values)


def findings(settings: Settings, language: str) -> Iterator[Finding]:
    """Yield what was found, organ by organ, as soon as it is known."""
    visit = Visit(settings=settings, language=language, now=datetime.now(UTC))
    for look in (data_folder, room, secret, time_zone, automations, mail, port):
        yield look(visit)
    yield from database(visit)


def data_folder(visit: Visit) -> Finding:
    folder = visit.settings.data
    if not folder.exists():
        return visit.unsure(
            "data",
            _("The data folder {folder} is not there yet."),
            _("`terrain up` makes it."),
            folder=folder,
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return visit.wrong(
            "data",
            _("The data folder {folder} cannot be written to."),
            _("Give it to the user that runs Terrain, or set TERRAIN_DATA to another one."),
            folder=folder,
        )
    return visit.fine("data", _("The data folder is {folder}."), folder=folder)


def room(visit: Visit) -> Finding:
    folder = visit.settings.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < ROOM_WANTED:
        return visit.wrong(
            "room",
            _("Only {free} MB are free where {folder} lies."),
            _("Make room: without it, events would be refused."),
            free=free // 10**6,
            folder=folder,
        )
    return visit.fine("room", _("{free} GB are free for the record."), free=free // 10**9)


def secret(visit: Visit) -> Finding:
    kept = visit.settings.data / "secret"
    if visit.settings.secret or not kept.exists():
        return visit.fine("secret", _("The secret is nowhere that others could read it."))
    if kept.stat().st_mode & OPEN_TO_OTHERS:
        return visit.wrong(
            "secret",
            _("Others on this machine can read {file}."),
            _("Run: chmod 600 {file}"),
            file=kept,
        )
    return visit.fine("secret", _("Only its owner can read the secret."))


def time_zone(visit: Visit) -> Finding:
    name = visit.settings.time_zone
    try:
        here = visit.now.astimezone(ZoneInfo(name))
    except ZoneInfoNotFoundError:
        return visit.wrong(
            "time zone",
            _("This machine knows no time zone {name}."),
            _("Install the time zone data: pip install tzdata"),
            name=name,
        )
    return visit.fine(
        "time zone", _("It is {time} for customers in {name}."), time=f"{here:%H:%M}", name=name
    )


def automations(visit: Visit) -> Finding:
    folder = visit.settings.automations
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        return visit.unsure(
            "automations",
            _("There is no folder of automations at {folder}."),
            _("Make it, or set TERRAIN_AUTOMATIONS to where yours are."),
            folder=folder,
        )
    number = sum(1 for file in folder.rglob("*.y*ml") if os.access(file, os.R_OK))
    return visit.fine(
        "automations",
        _("{number} automation files in {folder}."),
        number=number,
        folder=folder,
    )


def mail(visit: Visit) -> Finding:
    address = urlsplit(visit.settings.smtp_url)
    if not address.hostname:
        return visit.fine("mail", _("E-mail stays on this machine: TERRAIN_SMTP_URL is not set."))
    host, port = address.hostname, address.port or (465 if address.scheme == "smtps" else 25)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(host, port, timeout=PATIENCE) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return visit.wrong(
            "mail",
            _("The mail server {host}:{port} does not answer ({why})."),
            _("See whether it runs and whether TERRAIN_SMTP_URL is right."),
            host=host,
            port=str(port),
            why=type(error).__name__,
        )
    return visit.fine("mail", _("The mail server {host} answers."), host=host)


def port(visit: Visit) -> Finding:
    host, number = visit.settings.host, visit.settings.port
    if answers(host, number):
        return visit.fine("port", _("The web process answers on port {port}."), port=str(number))
    with socket.socket() as trial:
        trial.settimeout(PATIENCE)
        taken = trial.connect_ex((host, number)) == 0
    if taken:
        return visit.wrong(
            "port",
            _("Something else listens on port {port}."),
            _("Stop it, or set TERRAIN_PORT to another number."),
            port=str(number),
        )
    return visit.unsure(
        "port",
        _("Nothing listens on port {port}: the web process is not running."),
        _("Start it with `terrain up`, or `terrain serve`."),
        port=str(number),
    )


def database(visit: Visit) -> Iterator[Finding]:
    """Look at the database and at what only it knows."""
    if not visit.settings.database_url and not (visit.settings.data / "postgres").exists():
        yield visit.unsure(
            "database",
            _("There is no database yet."),
            _("`terrain up` makes one; or set TERRAIN_DATABASE_URL to your own."),
        )
        return
    try:
        with (
            opening.with_database(visit.settings) as settings,
            one_connection(settings.database_url) as db,
        ):
            version = db.info.parameter_status("server_version")
            yield visit.fine("database", _("PostgreSQL {version} answers."), version=version)
            behind = schema.lacking(db)
            yield schema_of(visit, behind)
            looks: tuple[Look, ...] = (clock, *(() if behind else (workers, trays, erasures)))
            for look in looks:
                yield look(visit, db)
    except Refusal as refusal:
        yield visit.refused("database", refusal)


def schema_of(visit: Visit, behind: list[str]) -> Finding:
    if behind:
        return visit.unsure(
            "schema",
            _("The schema lacks {missing}."),
            _("Run `terrain migrate`; `terrain up` does it by itself."),
            missing=", ".join(behind),
        )
    return visit.fine("schema", _("The schema is up to date."))


def clock(visit: Visit, db: Connection) -> Finding:
    row = db.execute("SELECT clock_timestamp()").fetchone()
    apart = abs(datetime.now(UTC) - row[0]) if row else timedelta()
    if apart > CLOCKS_MAY_DIFFER:
        return visit.wrong(
            "clock",
            _("The clock of the database is {seconds} s away from ours."),
            _("Let both machines keep time with NTP."),
            seconds=round(apart.total_seconds()),
        )
    return visit.fine("clock", _("The clocks agree."))


def workers(visit: Visit, db: Connection) -> Finding:
    number = leases.alive(db, visit.now)
    if not number:
        return visit.unsure(
            "workers",
            _("No worker gave a sign of life lately: nothing is being decided or sent."),
            _("Start one with `terrain up`, or `terrain work`."),
        )
    return visit.fine("workers", _("Workers at work: {number}."), number=number)


def trays(visit: Visit, db: Connection) -> Finding:
    row = db.execute("SELECT count(*) FROM tray WHERE closed_at IS NULL").fetchone()
    if row and row[0]:
        return visit.unsure(
            "trays",
            _("{number} things could not be handled and wait in the trays."),
            _("Look at them with `terrain trays`."),
            number=row[0],
        )
    return visit.fine("trays", _("Nothing waits in the trays."))


def erasures(visit: Visit, db: Connection) -> Finding:
    late = overdue(db, visit.now - ERASURES_MAY_TAKE)
    if late:
        return visit.wrong(
            "erasures",
            _("{number} customers should have been erased by now and are still there."),
            _("See that a worker runs (`terrain up`, or `terrain work`), and what its log says."),
            number=late,
        )
    return visit.fine("erasures", _("Nobody waits to be erased longer than declared."))


Look = Callable[[Visit, Connection], Finding]
