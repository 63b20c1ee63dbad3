"""Child processes: started, watched, started again when they die, and stopped.

Promise: no child outlives its parent, and none is cut off before it had its chance to finish.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from terrain.embedded.privilege import dying_with
from terrain.errors import Refusal

PATIENCE_WITH_STOP = 30.0
# What cannot even live this long, this often, has something wrong that starting again won't mend.
SHORT_LIFE = 5.0
SHORT_LIVES_BORNE = 4


class KeepsDying(Refusal):
    """A part of Terrain ends as soon as it is started; its log says why."""

    code = "keeps_dying"
    status = 503


class Child:
    """One process of ours that is to run for as long as we do."""

    def __init__(
        self, name: str, command: Sequence[str], environ: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", *command]
        self._environ = dict(environ)
        self._log = log
        self._short_lives = 0
        self._started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        self._log.touch(mode=0o600)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C on the terminal is its parent's to handle
                preexec_fn=dying_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - see there
            )
        self._started_at = time.monotonic()
        return self

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> bool:
        """Start it again if it died; say whether that was needed."""
        if self.is_alive():
            return False
        lived = time.monotonic() - self._started_at
        self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE else 0
        if self._short_lives >= SHORT_LIVES_BORNE:
            raise KeepsDying(value=self.name, right=self._log)
        time.sleep(0.1 * 2**self._short_lives)
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_alive():
            self.process.terminate()

    def wait(self, patience: float = PATIENCE_WITH_STOP) -> None:
        """Wait until it has finished what was in flight; it does not get for ever."""
        if self.process is None:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def stop_together(children: Sequence[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait()
