"""Every example is a story that plays, and every word it sends has no hole in it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from terrain.core.act import Act, ActKind
from terrain.core.consent import Channel
from terrain.core.schedule import periods, run_for
from terrain.core.settings import GuardSettings
from terrain.flow import messages, template
from terrain.flow.check import check_folder
from terrain.words import LANGUAGES
from tests.journeys import EXAMPLES, Life, a_shop, examples

FRAME = {"company": {"name": "The shop"}, "page": "https://shop.example/p/1"}
ITEMS = [{"sku": "filter-a", "quantity": 1, "price": 40}]


def a_life(name: str) -> Life:
    return Life(examples()[name], lawful=True)


def by_calendar(life: Life) -> Life:
    """Look at Léa as a walk over all customers would, now."""
    for period in list(periods(life.house, life.now)):
        run = run_for(period, life.customer, (), life.house, life.now)
        if run is not None:
            life.take_in(run)
    return life


def play_filter_reminder() -> Life:
    life = a_life("filter-reminder")
    return life.hear("order.delivered", "carrier", order="17", items=ITEMS).days(200)


def play_faster_parcel() -> Life:
    life = a_life("faster-parcel").hear("order.placed", order="17", address={"city": "Lyon"})
    said = {"order": "17", "date": "2026-02-05", "new_date": "2026-02-02"}
    life.hear("parcel.could_go_faster", item={"sku": "shoes-42", "in_stock": True}, **said)
    return life.answer("yes").days(1)


def play_order_delayed() -> Life:
    said: dict[str, Any] = {
        "order": "17",
        "total": 300,
        "date": "2026-02-05",
        "new_date": "2026-02-20",
    }
    return a_life("order-delayed").hear("order.delayed", reason="A lorry broke down", **said)


def play_birthday() -> Life:
    life = a_life("birthday").hear("customer.identified", "page", birth_date="1990-01-20")
    return by_calendar(life.days(5)).days(1)


def play_review_request() -> Life:
    life = a_life("review-request").hear("order.delivered", "carrier", order="17", total=40)
    return life.days(15)


def play_welcome() -> Life:
    return a_life("welcome").hear("order.placed", order="17", items=ITEMS).days(4).answer("no")


def play_win_back() -> Life:
    life = a_life("win-back").hear("order.placed", order="17", items=ITEMS).days(400)
    life.consents()
    return by_calendar(life).answer("yes").days(50)


def play_safety_recall() -> Life:
    life = a_life("safety-recall")
    life.hear("product.recalled", sku="filter-a", reason="It may leak")
    return life.days(12)


def play_return_received() -> Life:
    return a_life("return-received").hear("order.returned", "carrier", order="17").days(3)


def play_bottle_care() -> Life:
    items = [{"sku": "bottle-a", "quantity": 1}]
    return a_life("bottle-care").hear("order.delivered", "carrier", order="18", items=items).days(4)


PLAYS = {
    "bottle-care": (play_bottle_care, ["bottle-care"]),
    "filter-reminder": (play_filter_reminder, ["filter-reminder"]),
    "faster-parcel": (
        play_faster_parcel,
        ["question", "upgrade_shipping-announced", "upgrade_shipping"],
    ),
    "order-delayed": (play_order_delayed, ["order-delayed"]),
    "birthday": (play_birthday, ["birthday"]),
    "review-request": (play_review_request, None),
    "welcome": (play_welcome, ["welcome", "question"]),
    "win-back": (play_win_back, ["question", "news"]),
    "safety-recall": (play_safety_recall, ["safety-recall", "question"]),
    "return-received": (play_return_received, ["return-delayed"]),
}


def test_every_example_has_its_play() -> None:
    assert set(PLAYS) == set(examples())


def test_every_example_is_fit_to_run() -> None:
    assert not check_folder(EXAMPLES, GuardSettings()).all_problems


@pytest.mark.parametrize("name", sorted(PLAYS))
def test_an_example_does_what_it_promises(name: str) -> None:
    play, expected = PLAYS[name]

    life = play()

    assert life.sent == (expected or life.sent)
    assert life.sent


@pytest.mark.parametrize("name", sorted(PLAYS))
def test_its_words_have_no_hole_in_either_language(name: str) -> None:
    for act in PLAYS[name][0]().acts:
        for language in LANGUAGES if act.channel is not Channel.WEBHOOK else ():
            subject, body = words_of(act, language)
            assert subject.strip()
            assert "{{" not in body
            assert "  " not in body.replace("\n", " ").strip() or body


def words_of(act: Act, language: str) -> tuple[str, str]:
    words = messages.words_named(EXAMPLES, act.content["template"])[language]
    speech = template.Speech(language, ZoneInfo("Europe/Paris"))
    return template.fill(words, act.content["values"] | FRAME, speech)


def test_a_birthday_is_wished_by_mail_where_the_number_is_old() -> None:
    life = play_birthday()

    assert [act.channel for act in life.acts] == [Channel.EMAIL]
    assert life.acts[0].due_at == datetime(2026, 1, 20, 11, tzinfo=UTC)


def test_a_review_is_not_asked_of_whoever_complains() -> None:
    life = a_life("review-request").hear("order.delivered", "carrier", order="17", total=40)

    life.hear("complaint.opened", "desk", complaint_id="c1", about="it leaks").days(60)

    assert not life.sent


def test_a_recall_that_nobody_answered_is_taken_up_by_a_person_and_then_by_another() -> None:
    life = play_safety_recall()

    assert [task.title for task in life.tasks] == [
        "safety-recall-sms",
        "Call about the recalled product",
        "Write a letter about the recalled product",
    ]


def test_a_return_nobody_looked_at_is_told_and_given_to_somebody_else() -> None:
    life = play_return_received()

    assert [task.title for task in life.tasks][-1].startswith("This return has been waiting")
    assert life.sent == ["return-delayed"]


def test_whoever_was_welcomed_is_not_welcomed_again() -> None:
    life = play_welcome().hear("order.placed", order="18", items=ITEMS).days(30)

    assert life.sent.count("welcome") == 1
    assert life.acts[-1].kind is ActKind.ASK


def test_the_house_of_all_examples_starts_them_side_by_side() -> None:
    house = a_shop(*examples().values())

    assert len(house.live) == len(PLAYS)
