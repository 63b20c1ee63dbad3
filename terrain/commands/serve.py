"""Run the web process: the collector, the API and the pages."""

import contextlib
import os
from types import FrameType

import click
import uvicorn

from terrain import logs, opening
from terrain.api.stopping import told_to_stop
from terrain.config import Settings, read
from terrain.terminal import Terminal, speaks

SECONDS_TO_FINISH = 20
# The pages and the API say themselves who they are, and how much they take.
WAITING_CONNECTIONS = 2048


@click.command()
@speaks
def command(terminal: Terminal) -> None:
    given = read()
    logs.configure(given)
    with opening.ready(given) as settings:
        # The application and Django read the settings themselves, in this process.
        os.environ["TERRAIN_DATABASE_URL"] = settings.database_url
        terminal.say(
            "Listening on http://{host}:{port}", host=settings.host, port=str(settings.port)
        )
        with contextlib.suppress(KeyboardInterrupt):
            Server(configuration(settings)).run()


class Server(uvicorn.Server):
    """A server that lets those who only listen go at once when it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        told_to_stop.set()
        super().handle_exit(sig, frame)


def configuration(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "terrain.api.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        backlog=WAITING_CONNECTIONS,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
