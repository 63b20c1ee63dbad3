"""Story 1. Three filters good for six months each: told when it is time, never too soon, never twice."""

from datetime import date

from tests.stories.shop import FILTER, Shop


def test_lea_is_told_at_six_twelve_and_eighteen_months(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)  # delivered on 9 January 2025

    shop.goes_on_for("2 years")

    assert lea.reminders == [date(2025, 7, 9), date(2026, 1, 9), date(2026, 7, 9)]


def test_nothing_comes_a_day_too_soon(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)

    shop.goes_on_for("5 months")
    shop.goes_on_for("27 days")

    assert lea.reminders == []


def test_her_letter_shows_how_and_leads_to_the_right_product(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(1, FILTER)

    shop.goes_on_for("7 months")

    (letter,) = lea.letters
    assert letter.subject == "Time to change your Spring water filter"
    assert "Watch how it is changed" in letter.text
    assert "Order the right one" in letter.text


def test_who_reads_french_is_written_to_in_french(shop: Shop) -> None:
    lea = shop.customer("Léa", language="fr")
    lea.buys(1, FILTER)

    shop.goes_on_for("7 months")

    assert "votre Filtre Source" in lea.letters[0].subject


def test_lea_moves_the_second_date_and_the_third_follows(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")

    lea.moves(0, to=date(2026, 3, 20))
    shop.goes_on_for("2 years")

    assert lea.reminders == [date(2025, 7, 9), date(2026, 3, 20), date(2026, 9, 20)]


def test_the_date_she_chose_stands_on_her_page(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(2, FILTER)
    shop.goes_on_for("7 months")

    lea.moves(0, to=date(2026, 3, 20))

    (planned,) = lea.page().dates
    assert planned.chosen == "2026-03-20"
    assert planned.due_at.date() == date(2026, 3, 20)


def test_omar_buys_early_and_the_new_ones_follow_those_in_the_drawer(shop: Shop) -> None:
    omar = shop.customer("Omar")
    omar.buys(2, FILTER)  # 9 January: July, January
    shop.goes_on_for("8 months")

    omar.buys(2, FILTER)  # before the second is used up

    assert omar.planned() == [date(2026, 1, 9), date(2026, 7, 9), date(2027, 1, 9)]


def test_nothing_is_said_twice_to_omar_who_bought_early(shop: Shop) -> None:
    omar = shop.customer("Omar")
    omar.buys(2, FILTER)
    shop.goes_on_for("8 months")
    omar.buys(2, FILTER)

    shop.goes_on_for("2 years")

    days = [date(2025, 7, 9), date(2026, 1, 9), date(2026, 7, 9), date(2027, 1, 9)]
    assert omar.reminders == days


def test_a_delivery_that_is_told_twice_is_one_delivery(shop: Shop) -> None:
    lea = shop.customer("Léa")
    order = lea.buys(1, FILTER)
    items = [{"sku": FILTER, "quantity": 1}]

    lea.the_carrier_says("order.delivered", order=order, items=items)
    shop.goes_on_for("1 year")

    assert len(lea.reminders) == 1


def test_what_goes_back_to_the_shop_needs_no_new_one(shop: Shop) -> None:
    lea = shop.customer("Léa")
    order = lea.buys(2, FILTER)

    lea.the_carrier_says("order.returned", order=order)
    shop.goes_on_for("2 years")

    assert lea.reminders == []


def test_lea_stops_them_and_nothing_more_comes(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")

    lea.says("stop", automation="filter-reminder")
    shop.goes_on_for("2 years")

    assert len(lea.reminders) == 1


def test_who_no_longer_uses_it_says_so_once(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")

    lea.says("correct", fact="uses", about=FILTER, wrong="yes")
    shop.goes_on_for("2 years")

    assert len(lea.reminders) == 1


def test_what_does_not_help_her_is_not_sent_again_whatever_the_owner_declared(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")

    lea.says("help", helped="no")
    shop.goes_on_for("2 years")

    assert len(lea.reminders) == 1
    assert "no_benefit" in [decision.because for decision in lea.decisions()]


def test_what_helps_her_goes_on(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")

    lea.says("help", helped="yes")
    shop.goes_on_for("2 years")

    assert len(lea.reminders) == 3


def test_the_last_reminder_offers_no_date_because_none_is_left(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(2, FILTER)

    shop.goes_on_for("2 years")

    first, last = lea.letters
    assert "Choose your own date" in first.text
    assert "Change the date" in first.text
    assert "own date" not in last.text
    assert "Change the date" not in last.text
    assert lea.page().dates == []
