"""The door for what happened, over real HTTP."""

import concurrent.futures
import gzip
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from terrain.core.key import Scope

if TYPE_CHECKING:
    from tests.api.conftest import WebProcess


def an_event(message_id: str = "m-1", **fields: Any) -> dict[str, Any]:
    usual = {"type": "track", "event": "order.placed", "userId": "lea", "messageId": message_id}
    return usual | fields


def test_leas_order_is_answered_once_it_is_kept(web: "WebProcess") -> None:
    answer = web.post("/v1/track", an_event(), web.key(source="shop"))

    assert (answer.status, answer.json) == (200, {"success": True, "messageId": "m-1"})
    assert web.events() == [("m-1", "order.placed", "shop")]


def test_the_same_message_three_times_is_one_event(web: "WebProcess") -> None:
    key = web.key()

    assert [web.post("/v1/track", an_event(), key).status for _ in range(3)] == [200] * 3
    assert len(web.events()) == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/identify", "customer.identified"),
        ("/v1/page", "page.viewed"),
        ("/v1/screen", "screen.viewed"),
        ("/v1/group", "account.joined"),
        ("/v1/alias", "identity.linked"),
        ("/v1/i", "customer.identified"),
    ],
)
def test_every_call_has_its_address(web: "WebProcess", path: str, name: str) -> None:
    web.post(path, {"userId": "lea", "messageId": "m", "previousId": "visitor"}, web.key())

    assert [event[1] for event in web.events()] == [name]


def test_a_batch_answers_for_each_of_its_messages(web: "WebProcess") -> None:
    batch = {"batch": [an_event("a"), an_event("a"), {"type": "track"}, an_event("b"), 7]}
    answer = web.post("/v1/batch", batch, web.key(), accept_language="fr-BE")

    items = answer.json["items"]
    assert answer.status == 200
    assert [item["outcome"] for item in items] == ["taken", "seen", "refused", "taken", "refused"]
    assert items[2]["error"]["message"].startswith("event manque")
    assert [event[0] for event in web.events()] == ["a", "b"]


@pytest.mark.parametrize(
    "bad",
    [rb'{"a":"\ud800 alone"}', b'{"a":"\xff"}', b'{"a":01}', b"[" * 3000 + b"]" * 3000, b"nul"],
    ids=["surrogate", "utf8", "number", "deep", "word"],
)
def test_a_message_no_decoder_gets_past_costs_no_other(web: "WebProcess", bad: bytes) -> None:
    good = b'{"type":"track","event":"x, {y}","userId":"lea","messageId":"good"}'
    answer = web.post("/v1/batch", b'{"batch":[' + bad + b", " + good + b"]}", web.key())

    assert [item["outcome"] for item in answer.json["items"]] == ["refused", "taken"]
    with web.db() as db:
        assert db.execute("SELECT payload FROM tray").fetchall() == [(bad,)]


def test_a_batch_of_which_nothing_was_taken_is_no_success(web: "WebProcess") -> None:
    answer = web.post("/v1/batch", {"batch": [{}]}, web.key())

    assert (answer.status, answer.json["success"]) == (400, False)


def test_the_context_of_a_batch_goes_with_each_message(web: "WebProcess") -> None:
    messages = [an_event(context={"b": 2}), an_event("m-2", context=None)]
    web.post("/v1/batch", {"context": {"a": 1, "b": 1}, "batch": messages}, web.key())

    with web.db() as db:
        kept = db.execute("SELECT payload FROM event ORDER BY message_id").fetchall()
    assert b'"context":{"a":1,"b":2}' in kept[0][0]
    assert b'"context":{"a":1,"b":1}' in kept[1][0]


def test_an_import_needs_its_own_key_and_keeps_its_times(web: "WebProcess") -> None:
    long_ago = {"batch": [an_event(timestamp="2010-06-01T10:00:00Z")], "sentAt": "2010-06-02"}

    assert web.post("/v1/import", long_ago, web.key()).status == 403
    assert web.post("/v1/import", long_ago, web.key(Scope.IMPORT)).status == 200
    with web.db() as db:
        assert str(db.execute("SELECT at FROM event").fetchall()[0][0])[:10] == "2010-06-01"


@pytest.mark.parametrize("key", ["", "nonsense", "terrain_abc_def", "é"])
def test_a_wrong_key_is_told_nothing_and_opens_nothing(web: "WebProcess", key: str) -> None:
    answer = web.post("/v1/track", an_event(), key)

    assert (answer.status, answer.json["code"]) == (401, "wrong_key")
    assert "basic" in answer.headers["www-authenticate"].lower()
    assert web.events() == []


def test_a_browser_may_show_its_key_in_the_body(web: "WebProcess") -> None:
    body = an_event() | {"writeKey": web.key()}

    assert web.post("/v1/t", body).status == 200
    allowed = web.ask("OPTIONS", "/v1/t")
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (204, "*")


def test_gzip_is_unpacked(web: "WebProcess") -> None:
    answer = web.post("/v1/batch", {"batch": [an_event()]}, web.key(), content_encoding="gzip")

    assert answer.status == 200


def test_a_gzip_bomb_does_not_go_off(web: "WebProcess") -> None:
    bomb = gzip.compress(b" " * 50_000_000, compresslevel=9, mtime=0)
    answer = web.post("/v1/batch", bomb, web.key(), content_encoding="gzip")

    assert len(bomb) < 500_000
    assert (answer.status, answer.json["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("body", [b"\x1f\x8bnot gzip", gzip.compress(b"{}", mtime=0)[:-4], b"{}"])
def test_what_is_not_gzip_is_refused(web: "WebProcess", body: bytes) -> None:
    answer = web.ask("POST", "/v1/track", body, web.key(), content_encoding="gzip")

    assert (answer.status, answer.json["code"]) == (400, "not_gzip")


def test_an_event_of_forty_kilobytes_is_too_large(web: "WebProcess") -> None:
    large = an_event(properties={"text": "a" * 40_000})

    assert web.post("/v1/track", large, web.key()).json["code"] == "event_too_large"
    answer = web.post("/v1/batch", {"batch": [large, an_event("small")]}, web.key())
    assert [item["outcome"] for item in answer.json["items"]] == ["refused", "taken"]


def test_a_batch_of_more_than_500_kilobytes_is_too_large(web: "WebProcess") -> None:
    batch = {"batch": [an_event(str(n), properties={"a": "a" * 900}) for n in range(600)]}

    assert web.post("/v1/batch", batch, web.key()).status == 413
    assert web.events() == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"batch":[]}', 400, "empty_batch"),
        (b'{"batch":{}}', 400, "wrong_type"),
        (b'{"batch":[nul}', 400, "invalid_json"),
        (b"", 400, "invalid_json"),
        (b'{"batch":[0' + b",0" * 10_000 + b"]}", 413, "too_many_messages"),
    ],
)
def test_a_batch_that_is_none_is_refused_and_waits_in_the_tray(
    web: "WebProcess", body: bytes, status: int, code: str
) -> None:
    answer = web.post("/v1/batch", body, web.key())

    assert (answer.status, answer.json["code"]) == (status, code)
    with web.db() as db:
        assert db.execute("SELECT code, payload FROM tray").fetchall() == [(code, body)]


@pytest.mark.parametrize("noise", [b'\\"', b'"\\'])
def test_a_batch_full_of_quotes_holds_up_nobody(web: "WebProcess", noise: bytes) -> None:
    body = b'{"batch":["' + noise * 150_000
    begun = time.monotonic()

    assert web.post("/v1/batch", body, web.key()).json["code"] == "invalid_json"
    assert time.monotonic() - begun < 5


def test_get_is_refused(web: "WebProcess") -> None:
    assert web.ask("GET", "/v1/track").status == 405


def test_sixty_at_once_for_one_customer_all_count(web: "WebProcess") -> None:
    key = web.key()
    with concurrent.futures.ThreadPoolExecutor(20) as many:
        answers = list(
            many.map(lambda n: web.post("/v1/track", an_event(f"m-{n}"), key), range(60))
        )

    assert {answer.status for answer in answers} == {200}
    assert len(web.events()) == 60


def test_when_the_record_is_away_nothing_is_acknowledged(own_web: "WebProcess") -> None:
    key = own_web.key()
    own_web.post("/v1/track", an_event("first"), key)
    with own_web.db() as db:
        db.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
    answer = own_web.post("/v1/track", an_event("second"), key)

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert [event[0] for event in own_web.events()] == ["first"]
    assert own_web.post("/v1/track", an_event("second"), key).status == 200


def test_a_bug_of_ours_is_no_success_and_tells_nobodys_data(
    own_web: "WebProcess", capfd: pytest.CaptureFixture[str]
) -> None:
    key = own_web.key()
    with own_web.db() as db:
        db.execute("ALTER TABLE event RENAME TO away")
    answer = own_web.post("/v1/track", an_event(userId="a-secret-person"), key)

    assert (answer.status, answer.json["code"]) == (500, "broken")
    assert "a-secret-person" not in "".join(capfd.readouterr())


def test_when_too_much_waits_the_next_one_is_told_to_come_back(own_web: "WebProcess") -> None:
    key = own_web.key()
    own_web.app.group._most_waiting = 1
    answer = own_web.post("/v1/batch", {"batch": [an_event("a"), an_event("b")]}, key)

    assert (answer.status, answer.json["code"]) == (503, "too_busy")


def test_a_body_may_come_in_pieces_but_not_in_too_many(web: "WebProcess") -> None:
    key = web.key()
    pieces = [b'{"batch":[', b'{"event":"x","userId":"lea","messageId":"m"}', b"]}"]

    assert web.stream("/v1/batch", pieces, key).status == 200
    assert web.stream("/v1/batch", [b" " * 300_000] * 2, key).status == 413
    assert [event[0] for event in web.events()] == ["m"]


def test_whoever_leaves_before_the_end_has_said_nothing(web: "WebProcess") -> None:
    head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {web.key()}\r\n"
    with socket.create_connection(("127.0.0.1", web.port)) as line:
        line.sendall(f'{head}Content-Length: 90\r\n\r\n{{"event":"x"'.encode())
    web.post("/v1/track", an_event("after"), web.key())

    assert [event[0] for event in web.events()] == ["after"]


def test_a_packing_nobody_here_unpacks_is_refused(web: "WebProcess") -> None:
    answer = web.post("/v1/track", b"x", web.key(), content_encoding="br")

    assert (answer.status, answer.json["right"]) == (415, "gzip")


def test_what_is_wrong_with_a_message_is_said_though_its_batch_has_a_context(
    web: "WebProcess",
) -> None:
    batch = b'{"context":{"a":1},"batch":[7,{"event":"x","userId":"lea","context":[]}]}'
    answer = web.post("/v1/batch", batch, web.key())

    assert [item["error"]["code"] for item in answer.json["items"]] == ["wrong_type"] * 2
