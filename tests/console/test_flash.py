"""What a form did is said once on the page it leads to, and by no address that somebody made up."""

from typing import Any

import pytest
from psycopg import Connection

from tests.colleagues import post_as
from tests.reminded import Reminded

STOPPED, WRITTEN = (
    "Stopped. It holds for what was already on its way, too.",
    "Written down as heard",
)


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def read(reader: Any, address: str) -> str:
    return str(reader.get(address).content.decode())


def test_what_was_done_is_said_once(lea: Reminded, reader: Any, post: Any) -> None:
    done = post(lea.page, f"{lea.page}/stop", automation="all")

    assert done.headers["Location"] == f"{lea.page}#said"
    assert STOPPED in read(reader, lea.page)
    assert STOPPED not in read(reader, lea.page)  # a reload does not say it again


def test_no_link_makes_a_page_say_that_something_was_stopped(lea: Reminded, reader: Any) -> None:
    for forged in ("?said=stop", "?done=stop", "?said=stop#said"):
        assert STOPPED not in read(reader, lea.page + forged)


@pytest.mark.parametrize("odd", ["", "nothing", "__class__", "<script>", "x" * 3000])
def test_an_odd_word_is_not_said(lea: Reminded, reader: Any, odd: str) -> None:
    reader.cookies["done"] = odd

    shown = reader.get(lea.page)

    assert shown.status_code == 200
    assert 'role="status"' not in shown.content.decode()


def test_what_an_adviser_wrote_down_is_said_once_too(lea: Reminded, operator: Any) -> None:
    address = f"/customers/{lea.key.customer_id}"
    post_as(operator, address, f"{address}/say/person", text="Elle rappelle")

    assert WRITTEN in read(operator, address)
    assert WRITTEN not in read(operator, address)
    assert WRITTEN not in read(operator, f"{address}?said=person")


def test_it_is_kept_for_that_page_alone_and_from_every_script(lea: Reminded, post: Any) -> None:
    kept = post(f"{lea.page}/why", f"{lea.page}/person", place="why").cookies["done"]

    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", f"{lea.page}/why")
