"""A web process of its own that tests may kill and start again where it was."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.request import urlopen


class Web:
    """A web process that can be killed and started again on its port."""

    def __init__(self, conninfo: str, folder: Path, **settings: str) -> None:
        with closing(socket.socket()) as trial:
            trial.bind(("127.0.0.1", 0))
            self.port: int = trial.getsockname()[1]
        self.environ = {
            **os.environ,
            "TERRAIN_DATABASE_URL": conninfo,
            "TERRAIN_PORT": str(self.port),
            "TERRAIN_DATA": str(folder),
            **settings,
        }
        self.log = folder / "log"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "terrain", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        give_up_at = time.monotonic() + 30
        while time.monotonic() < give_up_at:
            assert self.process.poll() is None, self.log.read_text()
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5):
                return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def end(self, how: signal.Signals = signal.SIGTERM) -> float:
        """End the process; return how long that took."""
        started = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        return time.monotonic() - started

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"
