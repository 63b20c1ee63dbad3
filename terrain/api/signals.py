"""What came back, reported by other systems: complaints, stops, answers, calls that came again.

Promise: several at once, each taken or refused by itself; an answer of 2xx means that what was taken is in
the record.
"""

from psycopg import Connection

from terrain.api.endpoint import Asked, Endpoint
from terrain.config import read
from terrain.core.key import Scope
from terrain.flow.reporting import Answer, Reporter, Reports, report


def tell(db: Connection, asked: Asked[Reports]) -> Answer:
    """Take in what is reported."""
    reporter = Reporter(asked.source, read().country, asked.language)
    return report(db, asked.body.signals, reporter, asked.now)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/signals",
        summary="Report what came back about an act or a decision. Saying it twice counts once.",
        answer=tell,
        scope=Scope.SIGNALS,
        body=Reports,
        answers=Answer,
    ),
)
