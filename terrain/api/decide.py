"""May I do this? Asked by any other system or AI agent before it acts, over HTTP.

Promise: the same guard as for our own automations, with the reason, the question to put, and a number
under which to say what was done.
"""

from psycopg import Connection

from terrain.api.endpoint import Asked, Endpoint
from terrain.api.known import known
from terrain.core.key import Scope
from terrain.core.outside import Done, Wanted
from terrain.flow.decide import Answer, Asker, decide
from terrain.flow.done import Doer, Recorded, record


def ask(db: Connection, asked: Asked[Wanted]) -> Answer:
    """Decide about one act."""
    asker = Asker(source=asked.source, language=asked.language)
    return decide(db, known(db).house, asked.body, asker, asked.now)


def tell(db: Connection, asked: Asked[Done]) -> Recorded:
    """Write down what was done."""
    here = known(db)
    doer = Doer(here.house, here.links)
    return record(db, asked.path["decision_id"], asked.body, doer, asked.now)


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
