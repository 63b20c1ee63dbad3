"""Any system may ask before it acts, over HTTP."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from terrain.config import read
from terrain.core.key import Scope
from terrain.flow import reference
from terrain.flow.turn import turn

if TYPE_CHECKING:
    from tests.api.conftest import WebProcess

REFUND: dict[str, Any] = {
    "customer": {"user_id": "lea"},
    "act": "answer",
    "name": "grant_refund",
    "purpose": "service",
    "benefit": "important",
    "reach": "account",
    "undo": "easily",
    "channel": "chat",
    "waiting": "critical",
    "ask_by": "conversation",
    "solicited": True,
    "assumes": [{"fact": "entitled", "confidence": 0.8}],
}


def test_it_asks_and_says_what_it_did(web: "WebProcess") -> None:
    key = web.key(Scope.DECIDE, source="bot")

    answer = web.post("/v1/decide", REFUND, key)
    told = web.post(f"/v1/decide/{answer.json['decision_id']}/done", {"done": "asked"}, key)

    assert (answer.status, answer.json["verdict"]) == (200, "ask")
    assert answer.json["question"]["words"]["fr"].startswith("Est-ce exact")
    assert (told.status, told.json["against"]) == (200, False)


def test_after_a_talk_it_is_told_to_ask_and_what_its_customer_says_is_counted(
    web: "WebProcess",
) -> None:
    key = web.key(Scope.DECIDE, Scope.SIGNALS, source="bot")
    talk = {**REFUND, "channel": None, "assumes": [], "name": "explain_the_bill"}
    number = web.post("/v1/decide", talk, key).json["decision_id"]

    done = web.post(f"/v1/decide/{number}/done", {"done": "acted"}, key)
    ask = done.json["ask"]
    assert ask["words"]["en"] == "Did this help you?"
    assert set(ask["answers"]) == {"helped", "dissatisfied"}
    said = {"id": "1", "kind": "dissatisfied", "decision_id": number}
    assert web.post("/v1/signals", {"signals": [said]}, key).json["taken"] == 1
    with web.db() as db:
        turn(db, reference.house(db, read()), range(256), datetime.now(UTC))
        rows = db.execute("SELECT automation, kind, invited, act_id FROM signal").fetchall()
    assert rows == [("bot", "dissatisfied", True, int(done.json["act_id"]))]


def test_what_is_told_again_is_known_by_the_same_number(web: "WebProcess") -> None:
    key = web.key(Scope.DECIDE, source="bot")
    number = web.post("/v1/decide", {**REFUND, "channel": None}, key).json["decision_id"]

    told = [web.post(f"/v1/decide/{number}/done", {"done": "acted"}, key) for _ in range(2)]
    assert told[0].json == told[1].json
    assert told[0].json["act_id"]


def test_a_refusal_of_a_refund_goes_to_a_person(web: "WebProcess") -> None:
    refusal = {**REFUND, "act": "refuse", "benefit": "none", "adverse": True, "significant": True}

    answer = web.post("/v1/decide", refusal, web.key(Scope.DECIDE))

    assert (answer.json["verdict"], bool(answer.json["task_id"])) == ("hand", True)
    with web.db() as db:
        assert db.execute("SELECT count(*) FROM task").fetchone() == (1,)


def test_the_explanation_is_in_the_language_of_who_asks(web: "WebProcess") -> None:
    answer = web.post("/v1/decide", REFUND, web.key(Scope.DECIDE), accept_language="fr")

    assert any("certitude" in sentence for sentence in answer.json["explanation"])


def test_it_takes_a_key_that_may_ask(web: "WebProcess") -> None:
    assert web.post("/v1/decide", REFUND, web.key(Scope.WRITE)).status in (401, 403)
    assert web.post("/v1/decide", REFUND).status == 401


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"purpose": "servise"}, "unknown_choice", "purpose"),
    ({"benefit": 3}, "wrong_type", "benefit"),
    ({"colour": "red"}, "unknown_field", "colour"),
    ({"assumes": [{"fact": "x", "confidence": 7}]}, "out_of_bounds", "assumes[0].confidence"),
    ({"name": "x" * 300}, "out_of_bounds", "name"),
    ({"customer": {}}, "out_of_bounds", "customer"),
    ({"name": "a\x00b"}, "null_character", "message"),
]


def test_what_it_cannot_mean_is_refused_by_field(web: "WebProcess") -> None:
    key = web.key(Scope.DECIDE)

    answers = [web.post("/v1/decide", {**REFUND, **other}, key) for other, _, _ in WRONG]

    assert all(400 <= answer.status < 500 for answer in answers)
    found = [(answer.json["code"], answer.json["field"]) for answer in answers]
    assert found == [(code, field) for _, code, field in WRONG]


def test_what_is_missing_is_named(web: "WebProcess") -> None:
    without = {name: value for name, value in REFUND.items() if name != "reach"}

    answer = web.post("/v1/decide", without, web.key(Scope.DECIDE))

    assert (answer.json["code"], answer.json["field"]) == ("missing_field", "reach")


def test_what_is_no_json_is_refused(web: "WebProcess") -> None:
    key = web.key(Scope.DECIDE)

    for body in (b"", b"{", b"[]", b"\xff", b"null", b"[" * 5000):
        assert 400 <= web.post("/v1/decide", body, key).status < 500


def test_a_number_of_nobody_is_not_found(web: "WebProcess") -> None:
    answer = web.post("/v1/decide/1-1/done", {"done": "acted"}, web.key(Scope.DECIDE))

    assert (answer.status, answer.json["code"]) == (404, "unknown_decision")
