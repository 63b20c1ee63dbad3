"""May I do this? Asked by any other system or AI agent before it acts, over HTTP.

Promise: the same guard as for our own automations, with the reason, the question to put, and a number
under which to say what was done.
"""

from time import monotonic

from psycopg import Connection

from terrain.api.endpoint import Asked, Endpoint
from terrain.config import read
from terrain.core.house import House
from terrain.core.key import Scope
from terrain.core.outside import Done, Wanted
from terrain.flow import reference
from terrain.flow.decide import Answer, Asker, decide
from terrain.flow.done import Doer, Recorded, record
from terrain.flow.links import links_of

SECONDS_FRESH = 1.0


class _Known:
    """The house this process read last, by database; a house is a value that nobody can spoil."""

    houses: dict[str, tuple[House, float]] = {}  # noqa: RUF012 - one process, one memory


def ask(db: Connection, asked: Asked[Wanted]) -> Answer:
    """Decide about one act."""
    asker = Asker(source=asked.source, language=asked.language)
    return decide(db, _house(db), asked.body, asker, asked.now)


def tell(db: Connection, asked: Asked[Done]) -> Recorded:
    """Write down what was done."""
    doer = Doer(_house(db), links_of(read()))
    return record(db, asked.path["decision_id"], asked.body, doer, asked.now)


def _house(db: Connection) -> House:
    """Return the house of this moment: looked after once a second, read again when it moved."""
    name = f"{db.info.host}:{db.info.port}/{db.info.dbname}"
    house, looked = _Known.houses.get(name, (None, 0.0))
    if house is not None and monotonic() - looked < SECONDS_FRESH:
        return house
    if house is None or reference.moved(db, house):
        house = reference.house(db, read())
    _Known.houses[name] = (house, monotonic())
    return house


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/decide",
        summary="May I do this to this customer? Decides, explains, and keeps the decision.",
        answer=ask,
        scope=Scope.DECIDE,
        body=Wanted,
        answers=Answer,
    ),
    Endpoint(
        method="POST",
        path="/v1/decide/{decision_id}/done",
        summary="Say what was done after asking: acted, asked or nothing. Saying it twice counts once.",
        answer=tell,
        scope=Scope.DECIDE,
        body=Done,
        answers=Recorded,
    ),
)
