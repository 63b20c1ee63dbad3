"""Links in messages: ours are understood, everybody else's are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core.identifier import key_of
from terrain.core.link import Link, LinkExpired, LinkForged, LinkKind, link_to, read, sign

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "a secret that only the tests know"
LEA = key_of(3_503_345_872_043_008)


def test_lea_s_link_says_whose_page_it_opens_and_for_which_act() -> None:
    link = link_to(LinkKind.PAGE, LEA, 77, NOON)

    understood = read(SECRET, sign(SECRET, link), NOON)

    assert understood == link
    assert understood.key == LEA


def test_a_click_leads_where_the_message_said() -> None:
    link = link_to(LinkKind.CLICK, LEA, 77, NOON, to="https://shop.example/filtre?é=1")

    assert read(SECRET, sign(SECRET, link), NOON).to == "https://shop.example/filtre?é=1"


def test_an_old_link_says_that_it_is_too_old() -> None:
    token = sign(SECRET, link_to(LinkKind.PAGE, LEA, 77, NOON))

    with pytest.raises(LinkExpired) as refused:
        read(SECRET, token, NOON + timedelta(days=401))

    assert refused.value.status == 410


def test_a_link_made_with_another_secret_is_refused() -> None:
    token = sign("another secret altogether, not ours", link_to(LinkKind.PAGE, LEA, 77, NOON))

    with pytest.raises(LinkForged):
        read(SECRET, token, NOON)


@given(place=st.integers(0, 54), letter=st.sampled_from("AaZz09-_"))
def test_a_link_in_which_one_letter_was_changed_is_refused(place: int, letter: str) -> None:
    token = sign(SECRET, link_to(LinkKind.UNSUBSCRIBE, LEA, 77, NOON))
    changed = token[:place] + letter + token[place + 1 :]

    if changed != token:
        with pytest.raises(LinkForged):
            read(SECRET, changed, NOON)


@given(st.text(max_size=80))
def test_whatever_is_put_in_its_place_is_refused(token: str) -> None:
    with pytest.raises(LinkForged):
        read(SECRET, token, NOON)


def test_a_very_long_link_is_refused_without_reading_it() -> None:
    with pytest.raises(LinkForged):
        read(SECRET, "A" * 1_000_000, NOON)


def test_no_address_stands_in_a_link() -> None:
    link = Link(kind=LinkKind.PAGE, customer_id=LEA.customer_id, act_id=77, good_until=NOON)

    assert len(sign(SECRET, link)) == 55
