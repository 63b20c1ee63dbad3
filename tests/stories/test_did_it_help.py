"""Whether it helped is asked once people are done with her, within one budget, and counted for the desk."""

from terrain.store import counters, signals
from tests.stories.shop import FILTER, Letter, Person, Shop

SUBJECT = "Did we help you?"


def lea_who_was_called_back(shop: Shop) -> Person:
    lea = shop.customer("Léa")
    shop.hears(lea.user, "support", "person.wanted", text="my invoice")
    is_called_back(shop)
    return lea


def is_called_back(shop: Shop) -> None:
    shop.closes_the_task("called her, all is well")
    shop.goes_on_for("3 hours")


def asking(lea: Person) -> list[Letter]:
    return [letter for letter in lea.letters if letter.subject == SUBJECT]


def counted(shop: Shop) -> dict[str, int]:
    with shop.record.local() as db:
        return {each.what: each.n for each in counters.sums(db, counters.EVER, "desk")}


def test_an_hour_after_the_call_she_is_asked(shop: Shop) -> None:
    lea = lea_who_was_called_back(shop)

    (letter,) = asking(lea)
    assert "Did this help you?" in letter.text
    assert counted(shop)["act.left"] == 1


def test_her_answer_counts_for_the_desk_as_one_that_was_asked_for(shop: Shop) -> None:
    lea = lea_who_was_called_back(shop)

    lea.says("help", helped="no", text="nobody could tell me")

    assert counted(shop)["signal.dissatisfied"] == 1
    with shop.record.local() as db:
        (case,) = signals.of_customer(db, lea.known().nodes)
    assert (case.automation, case.invited) == ("desk", True)


def test_called_back_twice_in_a_month_she_is_asked_once(shop: Shop) -> None:
    lea = lea_who_was_called_back(shop)

    shop.goes_on_for("10 days")
    shop.hears(lea.user, "support", "person.wanted", text="my invoice again")
    is_called_back(shop)

    assert len(asking(lea)) == 1


def test_while_she_complains_she_is_asked_nothing(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.complains(about="the invoice")
    shop.hears(lea.user, "support", "person.wanted", text="my invoice")
    is_called_back(shop)

    assert asking(lea) == []


def test_who_complains_within_the_hour_is_not_asked_any_more(shop: Shop) -> None:
    lea = shop.customer("Léa")
    shop.hears(lea.user, "support", "person.wanted", text="my invoice")
    shop.closes_the_task("called her")
    shop.goes_on_for("10 minutes")
    lea.complains(about="the call")
    shop.goes_on_for("2 days")

    assert asking(lea) == []


def test_a_complaint_about_the_call_is_not_about_our_asking(shop: Shop) -> None:
    lea = lea_who_was_called_back(shop)
    lea.complains(about="the call")

    assert "signal.complaint" not in counted(shop)


def test_the_reminder_months_later_may_ask_again(shop: Shop) -> None:
    lea = lea_who_was_called_back(shop)
    lea.buys(1, FILTER)
    shop.goes_on_for("7 months")

    assert [("Did this help you?" in each.text) for each in lea.letters] == [True, True]
