"""People react to what is so, not to what was believed."""

from datetime import UTC, date, datetime, timedelta

from terrain.demo.days import begin, unfold
from terrain.demo.life import Life
from terrain.demo.reactions import Deed, react
from terrain.demo.world import people

OPENED = date(2025, 1, 6)
LEA, OMAR = people(OPENED)[:2]
ORDERED = datetime(2025, 11, 3, 9, tzinfo=UTC)  # the morning after Léa ordered her shoes
LATER = ORDERED + timedelta(days=5)


def a_deed(kind: str, at: datetime, **more: object) -> Deed:
    return Deed(kind=kind, automation="faster-parcel", act_id=7, at=at, **more)  # type: ignore[arg-type]


def what_was_felt(life: Life) -> list[str]:
    return [each.what for each in life.felt]


def test_a_parcel_that_comes_while_lea_is_away_goes_back_and_marks_her_house() -> None:
    lea = unfold(begin(LEA), ORDERED).life

    sped_up = react(lea, a_deed("change", ORDERED, order="S-lea-1"))
    after = unfold(sped_up, ORDERED + timedelta(days=20))

    assert {"parcel_went_back", "house_marked_as_a_risk", "last_pair_lost", "complained"} <= set(
        what_was_felt(after.life)
    )
    assert "address.marked_as_risk" in [told.message.get("event") for told in after.told]


def test_asked_first_lea_says_no_and_the_parcel_comes_when_she_is_home() -> None:
    lea = unfold(begin(LEA), ORDERED).life

    asked = react(lea, a_deed("question", ORDERED, order="S-lea-1", question_id=3))
    after = unfold(asked, ORDERED + timedelta(days=20))

    answers = [told.message["properties"] for told in after.told if "question_id" in str(told)]
    assert [each["answer"] for each in answers] == ["no"]
    assert "parcel_went_back" not in what_was_felt(after.life)


def test_a_reminder_in_time_makes_omar_change_his_filter() -> None:
    used_up = datetime(2025, 7, 14, 9, tzinfo=UTC)
    omar = unfold(begin(OMAR), used_up).life

    reminded = react(omar, a_deed("reminder", used_up, subject="filter-a"))
    after = unfold(reminded, used_up + timedelta(days=7)).life

    assert "changed_the_filter" in what_was_felt(after)
    assert after.drawer == omar.drawer - 1


MOVABLE = {"subject": "order-F-lea-1/filter-a/1", "offers": ("move_the_date",)}


def test_lea_whose_filters_last_longer_moves_the_date() -> None:
    too_soon = datetime(2025, 7, 10, 9, tzinfo=UTC)
    lea = unfold(begin(LEA), too_soon).life

    reminded = react(lea, a_deed("reminder", too_soon, **MOVABLE))

    assert what_was_felt(reminded)[-2:] == ["reminded_too_soon", "moved_the_date"]


def test_a_date_that_cannot_be_moved_is_not_moved() -> None:
    too_soon = datetime(2025, 7, 10, 9, tzinfo=UTC)
    lea = unfold(begin(LEA), too_soon).life

    reminded = react(lea, a_deed("reminder", too_soon, **MOVABLE | {"offers": ()}))

    assert what_was_felt(reminded)[-1] == "reminded_too_soon"


def test_what_went_back_is_paid_back_within_two_days() -> None:
    lea = unfold(begin(LEA), ORDERED).life

    sped_up = react(lea, a_deed("change", ORDERED, order="S-lea-1"))
    after = unfold(sped_up, ORDERED + timedelta(days=20))
    at = {each.what: each.at for each in after.life.felt}

    assert at["money_back"] - at["parcel_went_back"] <= timedelta(hours=48)
    assert "order.refunded" in [told.message.get("event") for told in after.told]


def test_a_letter_that_asks_whether_it_helped_is_no_reminder() -> None:
    lives = [unfold(begin(person), ORDERED).life for person in people(OPENED)[:40]]
    letter = Deed(kind="reminder", automation="desk", act_id=7, at=ORDERED)

    asked = [react(life, letter) for life in lives]

    assert [life.felt for life in asked] == [life.felt for life in lives]
    said = [told.message for life in asked for told in unfold(life, LATER).told]
    assert {each["event"] for each in said if each.get("properties", {}).get("act_id") == "7"} == {
        "help.judged"
    }
