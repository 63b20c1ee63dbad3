"""What a person types is understood or refused, and exit codes mean something."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping

import click
import pytest

from terrain import cli

ENGLISH = {"LANG": "en_US.UTF-8"}
FRENCH = {"LANG": "fr_FR.UTF-8"}


def test_the_help_lists_every_command_in_the_readers_language() -> None:
    english, french = terrain("--help", **ENGLISH), terrain("--help", **FRENCH)

    assert "Say what is wrong, and what to do about it." in english.stdout
    assert "Dire ce qui ne va pas, et que faire." in french.stdout
    assert (english.returncode, french.returncode) == (0, 0)


def test_the_help_loads_no_command() -> None:
    began = time.monotonic()
    terrain("--help", **ENGLISH)

    assert time.monotonic() - began < 2  # Django alone would take half of that


@pytest.mark.parametrize("name", cli.Commands().files)
def test_every_command_answers_in_json_too(name: str) -> None:
    group = cli.Commands()
    command = group.get_command(click.Context(group), name)
    assert command
    leaves = command.commands.values() if isinstance(command, click.Group) else [command]

    assert all("--json" in names_of_options(leaf) for leaf in leaves)


def test_a_misspelt_command_is_refused_with_the_one_that_was_meant() -> None:
    told = terrain("docter", **FRENCH)

    assert told.returncode == cli.NOT_UNDERSTOOD
    assert "doctor" in told.stderr
    assert "commande" in told.stderr


def test_a_refusal_is_one_sentence_and_no_traceback() -> None:
    told = terrain("settings", TERRAIN_PORT="http", **ENGLISH)

    assert told.returncode == cli.REFUSED
    assert told.stderr == "The setting TERRAIN_PORT cannot be “http”: it should be 1–65535.\n"


def test_a_program_reads_the_refusal_in_json() -> None:
    told = terrain("settings", "--json", TERRAIN_PORT="http", **ENGLISH)

    assert json.loads(told.stdout)["refusal"]["code"] == "wrong_setting"
    assert told.stderr == ""


def test_what_is_wrong_outside_has_a_code_of_its_own() -> None:
    nowhere = "postgresql://127.0.0.1:1/none?connect_timeout=1"

    assert terrain("migrate", TERRAIN_DATABASE_URL=nowhere).returncode == cli.WRONG_OUTSIDE


def test_the_settings_are_told_without_their_secrets() -> None:
    told = terrain("settings", TERRAIN_SMTP_URL="smtp://ines:hunter2@mail", **FRENCH)

    assert "TERRAIN_PORT=8321" in told.stdout
    assert "Le port sur lequel" in told.stdout
    assert "hunter2" not in told.stdout


@pytest.mark.parametrize("option", ["--nonsense", "--json=3"])
def test_an_option_nobody_knows_is_not_understood(option: str) -> None:
    assert terrain("settings", option).returncode == cli.NOT_UNDERSTOOD


def terrain(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "terrain", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=surroundings(environ),
    )


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "TERRAIN_DATA": "/nonexistent", **environ}


def names_of_options(command: click.Command) -> set[str]:
    return {name for option in command.params for name in option.opts}
