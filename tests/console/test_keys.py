"""The room of keys: made with a few ticks, shown once, replaced, closed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.key import Scope
from terrain.core.staff import Role
from terrain.flow.keys import WrongKey, whose
from terrain.store import keys, sources
from terrain.store.sources import Source

Post = Callable[..., Any]
SECRET = "a secret that only the tests know"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def shown_in(answer: Any) -> str:
    return text_of(answer).split('class="shown-once" tabindex="0">')[1].split("<")[0]


def made(post: Post, **fields: str) -> str:
    return shown_in(
        post("/keys", **{"source": "shop", "scopes": "write", "label": "Till"} | fields)
    )


@pytest.mark.usefixtures("operator")
def test_a_key_made_here_opens_what_was_ticked_and_no_more(post: Post, db: Connection) -> None:
    key = whose(db, made(post, scopes="decide"), SECRET, datetime.now(UTC))

    assert (key.source, key.label) == ("shop", "Till")
    assert key.scopes == {Scope.DECIDE}


def test_the_key_is_on_no_other_page(operator: Any, post: Post, db: Connection) -> None:
    secret = made(post).rsplit("_", 1)[1]
    (key,) = keys.every(db)

    for page in ("/keys", f"/keys/{key.key_id}", f"/keys/{key.key_id}/revoke", "/audit"):
        answer = operator.get(page)
        assert answer.status_code == 200
        assert secret not in text_of(answer)


def test_the_page_with_the_key_is_kept_by_no_cache(operator: Any, post: Post) -> None:  # noqa: ARG001
    answer = post("/keys", source="shop", scopes="write")

    assert answer.headers["Cache-Control"] == "no-store"


def test_loading_the_answer_again_makes_no_second_key(operator: Any, db: Connection) -> None:
    page = text_of(operator.get("/keys"))
    word, once = (
        page.split(f'name="{name}" value="')[-1].split('"', maxsplit=1)[0]
        for name in ("csrfmiddlewaretoken", "once")
    )
    form = {"csrfmiddlewaretoken": word, "once": once, "source": "shop", "scopes": "write"}

    assert operator.post("/keys", form).status_code == 200
    assert operator.post("/keys", form).status_code == 302
    assert len(keys.every(db)) == 1


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""},
        {"source": "  "},
        {"source": "x" * 81},
        {"label": "x" * 81},
        {"scopes": ""},
        {"scopes": "everything"},
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(
    post: Post, db: Connection, wrong: dict[str, str]
) -> None:
    answer = post("/keys", **{"source": "shop", "scopes": "write", "label": "Till"} | wrong)

    assert answer.status_code == 422
    assert 'role="alert"' in text_of(answer)
    assert keys.every(db) == []


@pytest.mark.usefixtures("operator")
def test_a_name_is_shown_as_text(post: Post) -> None:
    answer = post("/keys", source="<b>shop", scopes="write", label="<script>alert(1)</script>")

    assert "<script>" not in text_of(answer)
    assert "<b>shop" not in text_of(answer)


def test_sources_we_know_are_offered(operator: Any, db: Connection) -> None:
    sources.declare(db, Source(name="warehouse"))

    page = text_of(operator.get("/keys"))
    assert '<option value="warehouse">' in page
    assert "No key opens anything" in page


@pytest.mark.usefixtures("operator")
def test_a_key_is_replaced_and_both_open_for_a_while(post: Post, db: Connection) -> None:
    old, now = made(post), datetime.now(UTC)
    new = shown_in(post(f"/keys/{keys.every(db)[0].key_id}", days="1"))

    assert whose(db, old, SECRET, now).successor == whose(db, new, SECRET, now).key_id
    with pytest.raises(WrongKey):
        whose(db, old, SECRET, now + timedelta(days=1, minutes=1))


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("days", ["", "2", "-1", "x", "9" * 30, "٧"])
def test_an_overlap_that_is_not_offered_is_refused(post: Post, db: Connection, days: str) -> None:
    made(post)
    answer = post(f"/keys/{keys.every(db)[0].key_id}", days=days)

    assert answer.status_code == 422
    assert [key.closes_at for key in keys.every(db)] == [None]


def test_closing_asks_first_and_closes_then(operator: Any, post: Post, db: Connection) -> None:
    text = made(post)
    address = f"/keys/{keys.every(db)[0].key_id}/revoke"
    assert operator.get(address).status_code == 200
    assert whose(db, text, SECRET, datetime.now(UTC)).closes_at is None

    assert post(address).status_code == 302
    with pytest.raises(WrongKey):
        whose(db, text, SECRET, datetime.now(UTC))


def test_a_closed_key_can_be_neither_replaced_nor_opened(
    operator: Any, post: Post, db: Connection
) -> None:
    made(post)
    address = f"/keys/{keys.every(db)[0].key_id}"
    post(f"{address}/revoke")
    page = text_of(operator.get(address))

    assert 'name="days"' not in page
    assert post("/keys", address, days="7").status_code == 409


def test_when_a_key_was_last_used_is_shown(operator: Any, post: Post, db: Connection) -> None:
    made(post)
    assert ">never<" in text_of(operator.get("/keys"))
    keys.note_use(db, {keys.every(db)[0].key_id: datetime(2026, 11, 3, 9, 30, tzinfo=UTC)})

    assert "3 November 2026, 10:30" in text_of(operator.get("/keys"))


def test_what_is_no_key_is_not_found(operator: Any) -> None:
    assert operator.get("/keys/nonsense").status_code == 404
    assert operator.get("/keys/nonsense/revoke").status_code == 404


def test_keys_are_for_those_who_administer(signed_in: Callable[..., Any]) -> None:
    may = {role for role in Role if signed_in(role).get("/keys").status_code == 200}

    assert may == {Role.ADMINISTRATOR}


@pytest.mark.usefixtures("operator")
def test_every_scope_is_explained_in_plain_words(reader: Any) -> None:
    page = text_of(reader.get("/keys?language=fr"))

    for scope in Scope:
        assert f'value="{scope.value}"' in page
    assert "demander avant d’agir" in page
