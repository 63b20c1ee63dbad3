"""The log holds ids, never names, addresses or text."""

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

import terrain
from terrain import logs
from terrain.api.faults import write_down
from terrain.config import Settings

METHODS = {"debug", "info", "warning", "error", "exception", "critical", "bind"}


@pytest.fixture(autouse=True)
def _the_log_is_left_as_it_was() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    structlog.reset_defaults()
    logging.getLogger().setLevel(level)
    logging.getLogger().handlers.clear()


def test_a_line_is_json_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="json"))
    logs.get("worker").info("batch_done", events=312)
    line = json.loads(capsys.readouterr().err)

    assert (line["part"], line["event"], line["events"]) == ("worker", "batch_done", 312)


def test_an_address_does_not_reach_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="json"))
    logs.get("email").info("sent", act_id=7, email="lea@example.org")

    assert "lea@" not in capsys.readouterr().err


def test_what_opens_a_door_does_not_reach_the_log_whatever_broke_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(Settings(log_format="json"))
    for room in ("my", "stop", "to", "enter", "join", "password"):
        write_down(ValueError(), f"/{room}/her-key_1/erase")
    log = capsys.readouterr().err

    assert "her-key" not in log
    assert "/my/…/erase" in log


def test_an_error_is_written_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="json"))
    try:
        int("lea@example.org")
    except ValueError:
        logs.get("worker").exception("bug")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    told = capsys.readouterr().err

    assert told.count("ValueError") == 2
    assert "lea@" not in told


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="json", log_level="warning"))
    logs.get("worker").info("batch_done")

    assert capsys.readouterr().err == ""


def test_no_line_of_ours_tries_to_log_what_is_personal() -> None:
    tried = [
        f"{file.name}:{call.lineno}"
        for file in Path(terrain.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in METHODS
        and {keyword.arg for keyword in call.keywords} & logs.FORBIDDEN
    ]

    assert tried == []
