"""Story 7. While a complaint is open nothing reaches her but what is about it, or vital."""

from datetime import date

from tests.stories.shop import FILTER, LAST_PAIR, Person, Shop


def lea_whose_filter_is_due_while_she_complains(shop: Shop) -> Person:
    lea = shop.customer("Léa")
    lea.buys(1, FILTER)  # due on 9 July 2025
    shop.goes_on_for("5 months")
    lea.complains(about="the invoice")
    shop.goes_on_for("40 days")
    return lea


def test_no_reminder_reaches_her_while_the_complaint_is_open(shop: Shop) -> None:
    lea = lea_whose_filter_is_due_while_she_complains(shop)

    assert shop.now.date() > date(2025, 7, 9)
    assert lea.letters == []


def test_the_reminder_comes_once_the_complaint_is_closed(shop: Shop) -> None:
    lea = lea_whose_filter_is_due_while_she_complains(shop)

    lea.is_content_again()

    assert lea.reminders == [shop.now.date()]


def test_a_complaint_that_lasts_too_long_lets_the_reminder_go_and_says_so(shop: Shop) -> None:
    lea = lea_whose_filter_is_due_while_she_complains(shop)

    shop.goes_on_for("40 days")
    lea.is_content_again()

    assert lea.letters == []
    assert lea.planned() == []


def test_she_is_asked_nothing_either(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.complains(about="the invoice")

    lea.could_have_it_sooner(lea.orders(1, LAST_PAIR))
    shop.goes_on_for("1 day")

    assert lea.letters == []
    assert shop.upgrades == []


def test_the_decision_names_the_complaint(shop: Shop) -> None:
    lea = lea_whose_filter_is_due_while_she_complains(shop)

    assert "open_complaint" in [decision.because for decision in lea.decisions()]


def test_what_is_vital_still_reaches_her(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.complains(about="the invoice")

    lea.the_carrier_says(
        "product.recalled", sku=FILTER, reason="it may leak", url="https://x.example"
    )

    assert any("recall" in letter.subject.casefold() for letter in lea.letters)


def lea_who_complains_before_it_leaves(shop: Shop) -> Person:
    """Let the complaint come in between the question's decision and its letter."""
    lea = shop.customer("Léa")
    order = lea.orders(1, LAST_PAIR)
    with shop.all_at_once():
        lea.could_have_it_sooner(order)
    with shop.all_at_once():
        lea.complains(about="the invoice")
    return lea


def test_what_was_decided_a_moment_before_does_not_leave_either(shop: Shop) -> None:
    lea = lea_who_complains_before_it_leaves(shop)
    assert [decision.verdict for decision in lea.decisions()] == ["ask"]

    shop.sends()
    shop.goes_on_for("2 hours")

    assert lea.letters == []
    assert shop.upgrades == []


def test_her_page_never_says_that_it_is_about_to_leave(shop: Shop) -> None:
    lea = lea_who_complains_before_it_leaves(shop)
    before_a_sender_came = [(line.says, line.act.because) for line in lea.history() if line.act]

    shop.sends()

    after = [(line.says, line.act.because) for line in lea.history() if line.act]
    assert before_a_sender_came == after == [("waiting", "open_complaint")]


def test_what_comes_in_together_with_her_complaint_is_decided_by_it(shop: Shop) -> None:
    lea = shop.customer("Léa")
    order = lea.orders(1, LAST_PAIR)

    with shop.all_at_once():
        lea.could_have_it_sooner(order)
        lea.complains(about="the invoice")

    assert [decision.because for decision in lea.decisions()] == ["open_complaint"]


def test_another_customer_is_not_concerned(shop: Shop) -> None:
    lea_whose_filter_is_due_while_she_complains(shop)
    omar = shop.customer("Omar")

    omar.buys(1, FILTER)
    shop.goes_on_for("7 months")

    assert len(omar.reminders) == 1
