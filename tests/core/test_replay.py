"""The past comes out the same, each event at its own time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from terrain.core.event import Event
from terrain.core.identifier import key_of
from terrain.core.replay import Past, relive, retell, together
from terrain.demo import shop
from terrain.demo.days import begin, unfold
from terrain.demo.play import heard
from terrain.demo.world import people
from terrain.flow.pasts import past_of

OPENED, END = date(2025, 1, 6), datetime(2026, 7, 1, tzinfo=UTC)
HOUSE = shop.house()


def lea_s_events() -> list[Event]:
    told = unfold(begin(people(OPENED)[0]), END).told
    return [heard(each, HOUSE, each.at) for each in told]


def the_past(events: Iterable[Event]) -> Past:
    return past_of(key_of(7), events)


def test_the_same_past_is_told_the_same_way() -> None:
    assert retell(the_past(lea_s_events()), HOUSE, END) == retell(
        the_past(lea_s_events()), HOUSE, END
    )


def test_the_order_in_which_it_is_remembered_does_not_matter() -> None:
    forwards, backwards = lea_s_events(), lea_s_events()[::-1]

    assert retell(the_past(forwards), HOUSE, END) == retell(the_past(backwards), HOUSE, END)


def test_another_event_leaves_another_fingerprint() -> None:
    events = lea_s_events()
    without_shoes = [each for each in events if each.name != "parcel.could_go_faster"]

    assert retell(the_past(events), HOUSE, END)[1] != retell(the_past(without_shoes), HOUSE, END)[1]


def test_what_fell_due_happens_on_its_own_day() -> None:
    past = the_past(lea_s_events())

    days = [
        act.due_at.date()
        for changes in relive(past.customer, past.events, HOUSE, END)
        for act in changes.acts
        if act.automation == "filter-reminder"
    ]

    assert days == [date(2025, 7, 10), date(2026, 1, 10)]


def test_nothing_later_than_the_end_happens() -> None:
    spring = datetime(2025, 6, 1, tzinfo=UTC)
    first = [each for each in lea_s_events() if each.at < spring]

    tally, _ = retell(the_past(first), HOUSE, spring)

    assert (tally.runs, tally.acts) == (3, 0)


def test_two_parts_add_up_to_the_whole() -> None:
    tally, _ = retell(the_past(lea_s_events()), HOUSE, END)

    both = together([tally, tally])

    assert both.events == 2 * tally.events
    assert tally.lines
    assert all(both.lines[what].acts == 2 * line.acts for what, line in tally.lines.items())
