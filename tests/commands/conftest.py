"""Commands typed against a database of one's own, by somebody who reads French."""

from typing import Any

import msgspec
import pytest

from terrain import cli
from tests.typing_at_the_terminal import Typed


@pytest.fixture
def typed(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Return what types a command and gives back its exit code, or its answer in JSON."""
    monkeypatch.setenv("TERRAIN_DATABASE_URL", fresh_database)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")

    def type_it(*words: str) -> Any:
        code = cli.run([*words])
        said = capsys.readouterr()
        if "--json" in words and code == cli.DONE:
            return msgspec.json.decode(said.out)
        return code, said.out + said.err

    return type_it
