"""Other systems report what came back, over HTTP: each report is taken or refused by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from terrain.config import read
from terrain.core.key import Scope
from terrain.flow import reference
from terrain.flow.turn import turn
from tests.api.conftest import Answer, WebProcess

ANSWERING: dict[str, Any] = {
    "customer": {"user_id": "lea"},
    "act": "answer",
    "name": "explain_the_bill",
    "purpose": "service",
    "benefit": "important",
    "reach": "inbox",
    "undo": "easily",
    "channel": "chat",
    "waiting": "critical",
    "ask_by": "conversation",
    "solicited": True,
    "automation": "bot",
}


class HelpDesk:
    """A help desk that asked before it acted, did it, and reports what came of it."""

    def __init__(self, web: WebProcess) -> None:
        self.web = web
        self.key = web.key(Scope.DECIDE, Scope.SIGNALS, source="helpdesk")
        self.decision = web.post("/v1/decide", ANSWERING, self.key).json["decision_id"]
        told = web.post(f"/v1/decide/{self.decision}/done", {"done": "acted"}, self.key)
        assert told.status == 200

    def reports(self, *signals: Any) -> Answer:
        return self.web.post("/v1/signals", {"signals": list(signals)}, self.key)

    def complaint(self, own_id: str = "T-1", **more: Any) -> dict[str, Any]:
        return {"id": own_id, "kind": "complaint", "decision_id": self.decision, **more}

    def counted(self) -> list[tuple[str, str, int]]:
        """Let a worker take its turn, and return what is counted."""
        with psycopg.connect(self.web.conninfo) as db:
            turn(db, reference.house(db, read()), range(256), datetime.now(UTC))
            return db.execute(
                "SELECT automation, what, n::int FROM counter WHERE what LIKE 'signal.%' ORDER BY 2"
            ).fetchall()

    def act(self) -> str:
        with self.web.db() as db:
            return str(db.execute("SELECT act_id FROM act").fetchall()[0][0])


@pytest.fixture
def desk(web: WebProcess) -> HelpDesk:
    return HelpDesk(web)


def test_a_complaint_is_counted_against_what_was_done(desk: HelpDesk) -> None:
    answer = desk.reports(desk.complaint())

    assert (answer.status, answer.json["taken"]) == (200, 1)
    assert desk.counted() == [("bot", "signal.complaint", 1)]


def test_the_same_report_twice_is_one_and_so_is_the_same_person_twice(desk: HelpDesk) -> None:
    desk.reports(desk.complaint("T-1"))
    again = desk.reports(desk.complaint("T-1"), desk.complaint("T-2"))

    assert [each["became"] for each in again.json["signals"]] == ["known", "taken"]
    assert desk.counted() == [("bot", "signal.complaint", 1)]


def test_an_act_is_named_with_whom_it_was_done_to(desk: HelpDesk) -> None:
    lea = {"user_id": "lea"}
    answer = desk.reports(
        {"id": "1", "kind": "helped", "act_id": desk.act(), "customer": lea},
        {"id": "2", "kind": "same_need", "act_id": f"act_{desk.act()}", "customer": lea},
    )

    assert answer.json["taken"] == 2
    assert desk.counted() == [("bot", "signal.helped", 1), ("bot", "signal.same_need", 1)]


WRONG: list[tuple[Any, str, str]] = [
    ({"kind": "complaint"}, "missing_field", "signals[1].id"),
    ({"id": "", "kind": "complaint"}, "out_of_bounds", "signals[1].id"),
    ({"id": "1", "kind": "complant", "decision_id": "1-1"}, "unknown_choice", "signals[1].kind"),
    ({"id": "1", "kind": "run_failed", "decision_id": "1-1"}, "unknown_choice", "signals[1].kind"),
    ({"id": "1", "kind": "stop"}, "signal_about_nothing", "signals[1].act_id"),
    ({"id": "1", "kind": "stop", "act_id": "5"}, "signal_about_nothing", "signals[1].act_id"),
    (
        {"id": "1", "kind": "stop", "decision_id": "1-1"},
        "unknown_decision",
        "signals[1].decision_id",
    ),
    (
        {"id": "1", "kind": "stop", "decision_id": "x-y"},
        "unknown_decision",
        "signals[1].decision_id",
    ),
    ({"id": "1", "kind": "stop", "colour": "red"}, "unknown_field", "signals[1].colour"),
    ({"id": "1", "kind": 3}, "wrong_type", "signals[1].kind"),
    (
        {"id": "1", "kind": "helped", "decision_id": "1-1", "invited": "yes"},
        "wrong_type",
        "signals[1].invited",
    ),
    ("complaint", "wrong_type", "signals[1]"),
    (None, "wrong_type", "signals[1]"),
    (
        {"id": "1", "kind": "stop", "act_id": "5", "customer": {"user_id": "lea"}},
        "unknown_act",
        "signals[1].act_id",
    ),
    (
        {"id": "1", "kind": "stop", "act_id": "5", "customer": {"user_id": "nobody-here"}},
        "nobody_named",
        "signals[1].customer",
    ),
    (
        {"id": "1", "kind": "stop", "act_id": "5", "customer": {"shoe_size": 42}},
        "unknown_choice",
        "signals[1].customer",
    ),
]


@pytest.mark.parametrize(("wrong", "code", "field"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_with_one_says_nothing_about_the_others(
    desk: HelpDesk, wrong: Any, code: str, field: str
) -> None:
    answer = desk.reports(desk.complaint("A"), wrong, desk.complaint("B"))

    assert [each["became"] for each in answer.json["signals"]] == ["taken", "refused", "taken"]
    refusal = answer.json["signals"][1]["refusal"]
    assert (refusal["code"], refusal["field"]) == (code, field)
    assert refusal["message"]


def test_who_misspells_a_kind_is_told_what_would_be_right(desk: HelpDesk) -> None:
    answer = desk.reports({"id": "1", "kind": "complant", "decision_id": desk.decision})

    refusal = answer.json["signals"][0]["refusal"]
    assert (refusal["value"], refusal["right"]) == ("complant", "complaint")


def test_a_time_without_its_zone_is_no_time(desk: HelpDesk) -> None:
    answer = desk.reports(desk.complaint(at="2026-11-22T12:00:00"))

    assert answer.json["refused"] == 1


def test_what_happens_tomorrow_is_held_to_now_and_what_is_a_year_old_does_not_count(
    desk: HelpDesk,
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    desk.reports(desk.complaint(at=tomorrow.isoformat()))

    assert desk.counted() == [("bot", "signal.complaint", 1)]
    with desk.web.db() as db:
        assert db.execute("SELECT bool_and(at < %s) FROM signal", [tomorrow]).fetchone() == (True,)


def test_nobody_reports_about_somebody_elses_act(desk: HelpDesk) -> None:
    other = {**ANSWERING, "customer": {"user_id": "omar"}}
    desk.web.post("/v1/decide", other, desk.key)

    answer = desk.reports(
        {"id": "1", "kind": "stop", "act_id": desk.act(), "customer": {"user_id": "omar"}}
    )
    assert answer.json["signals"][0]["refusal"]["code"] == "unknown_act"


def test_it_takes_a_key_that_may_report(desk: HelpDesk) -> None:
    body = {"signals": [desk.complaint()]}

    assert desk.web.post("/v1/signals", body, desk.web.key(Scope.WRITE)).status in (401, 403)
    assert desk.web.post("/v1/signals", body).status == 401


@pytest.mark.parametrize("body", [{}, {"signals": []}, {"signals": {}}, [], {"signals": [1] * 501}])
def test_what_holds_no_reports_is_refused_whole(desk: HelpDesk, body: Any) -> None:
    assert 400 <= desk.web.post("/v1/signals", body, desk.key).status < 500


def test_the_document_describes_it(web: WebProcess) -> None:
    described = web.ask("GET", "/v1/openapi.json").json
    body = described["components"]["schemas"]["Reports"]["properties"]["signals"]["items"]

    assert described["paths"]["/v1/signals"]["post"]["x-scope"] == "signals"
    assert {"id", "kind", "decision_id", "act_id", "customer", "at", "invited", "text"} == set(
        body["properties"]
    )
    assert "complaint" in body["properties"]["kind"]["enum"]


def test_the_refusal_is_in_the_language_of_who_reports(desk: HelpDesk) -> None:
    body = {"signals": [{"id": "1", "kind": "stop"}]}
    answer = desk.web.post("/v1/signals", body, desk.key, accept_language="fr")

    assert "Un signal porte sur" in answer.json["signals"][0]["refusal"]["message"]


# -- a key that stands in a page -------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_a_key_that_only_writes_reports_nothing_about_an_act(web: WebProcess, path: str) -> None:
    desk = HelpDesk(web)
    said = {"type": "track", "event": "signal.reported", "userId": "lea", "messageId": "forged"}
    said["properties"] = {"kind": "complaint", "act_id": desk.act()}  # type: ignore[assignment]
    body = {"batch": [said]} if path == "/v1/batch" else said
    answer = web.post(path, body, web.key(source="site"))

    refused = answer.json["items"][0]["error"] if path == "/v1/batch" else answer.json
    assert refused["code"] == "report_elsewhere"
    assert "/v1/signals" in refused["message"]
    assert desk.counted() == []


def test_a_key_that_may_report_does_so_by_either_door(web: WebProcess) -> None:
    desk = HelpDesk(web)
    key = web.key(Scope.WRITE, Scope.SIGNALS, source="helpdesk")
    said = {"event": "signal.reported", "userId": "lea", "messageId": "told"}
    said["properties"] = {"kind": "complaint", "act_id": desk.act()}  # type: ignore[assignment]

    assert web.post("/v1/track", said, key).status == 200
    assert [what for _, what, _ in desk.counted()] == ["signal.complaint"]
