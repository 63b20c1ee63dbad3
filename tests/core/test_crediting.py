"""What came back is credited to the act that caused it: at most once of each kind, however late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terrain.core import served
from terrain.core.act import ActKind, Reach
from terrain.core.catalogue import Catalogue
from terrain.core.consent import Channel, Purpose
from terrain.core.crediting import Credit, Loose, credited, of_loose, once
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import FactKey
from terrain.core.flag import flag_in
from terrain.core.identifier import key_of
from terrain.core.need import need_in
from terrain.core.question import Question
from terrain.core.signal import GOOD, LATE, Signal
from terrain.core.signs import NAMES
from terrain.core.touched import Touched, Used
from tests.people import NOON, a_customer, a_house, an_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOUSE = a_house(Catalogue())
LEA = a_customer()
ADDRESS = FactKey("address")
Credited = set[tuple[int, Signal]]


def an_act(act_id: int = 1, ago: timedelta = HOUR, **more: Any) -> Touched:
    given_ = {
        "key": key_of(1),
        "act_id": act_id,
        "decision_id": 100 + act_id,
        "at": NOON - ago,
        "kind": ActKind.SEND,
        "channel": Channel.EMAIL,
        "purpose": Purpose.PROSPECTING,
        "reach": Reach.INBOX,
        "automation": "reminder",
        "version": 1,
    }
    return Touched(**{**given_, **more})


def says(name: str, ago: timedelta = timedelta(), source: str = "page", **said: Any) -> Event:
    return an_event(name, NOON - ago, source, properties=said)


def denies(value: str) -> Event:
    said = {"fact": "address", "from": value}
    return an_event("fact.corrected", NOON, "page", properties=said)


def of(event: Event, *acts: Touched, customer: Customer = LEA) -> Credited:
    return {credit.of for credit in credited(event, customer, acts, HOUSE).credits}


# -- by name ---------------------------------------------------------------------------------------

BY_NAME = [
    ("complaint.opened", {}, Signal.COMPLAINT),
    ("message.complained", {}, Signal.SPAM),
    ("automation.stopped", {"automation": "another"}, Signal.STOP),
    ("consent.withdrawn", {"channel": "sms"}, Signal.STOP),
    ("message.bounced", {"type": "hard"}, Signal.BOUNCE),
    ("person.wanted", {}, Signal.A_PERSON),
    ("help.judged", {"helped": True}, Signal.HELPED),
    ("help.judged", {"helped": False}, Signal.DISSATISFIED),
    ("message.clicked", {}, Signal.TAKEN_UP),
    ("order.refunded", {"order": "order-9"}, Signal.MAKE_GOOD),
    ("gesture.made", {}, Signal.MAKE_GOOD),
    ("fact.corrected", {"fact": "pet", "from": "dog", "to": "cat"}, Signal.CORRECTION),
    ("verdict.overridden", {}, Signal.OVERRIDE),
    ("signal.reported", {"kind": "same_need"}, Signal.SAME_NEED),
]


@pytest.mark.parametrize(("name", "said", "signal"), BY_NAME, ids=range(len(BY_NAME)))
def test_what_names_an_act_is_credited_to_it_though_others_are_later(
    name: str, said: dict[str, Any], signal: Signal
) -> None:
    acts = [an_act(1, 2 * DAY), an_act(2), an_act(3, channel=Channel.SMS)]

    assert of(says(name, act_id="1", **said), *acts) == {(1, signal)}
    assert of(says(name, decision_id="101", **said), *acts) == {(1, signal)}


def test_a_decision_is_named_as_other_systems_know_it() -> None:
    named = says("signal.reported", kind="complaint", decision_id="1f-66")

    assert of(named, an_act(3), an_act(1, decision_id=0x66)) == {(1, Signal.COMPLAINT)}


def test_who_names_an_act_that_nobody_knows_is_kept_for_when_it_is_known() -> None:
    heard = credited(says("complaint.opened", act_id="77"), LEA, [an_act(1)], HOUSE)

    assert heard.credits == ()
    assert heard.loose == (Loose(signal=Signal.COMPLAINT, at=NOON, source="page", act_id=77),)


# -- by what it can be an answer to ----------------------------------------------------------------

LATEST: list[tuple[str, str, dict[str, Any], dict[str, Any], Signal]] = [
    ("a complaint on whatever channel", "complaint.opened", {}, {}, Signal.COMPLAINT),
    ("spam", "message.complained", {}, {}, Signal.SPAM),
    ("a stop of all", "automation.stopped", {"automation": "all"}, {}, Signal.STOP),
    ("a stop of nothing readable", "automation.stopped", {}, {}, Signal.STOP),
    ("no more offers", "automation.stopped", {"automation": "prospecting"}, {}, Signal.STOP),
    ("a consent taken back", "consent.withdrawn", {}, {}, Signal.STOP),
    ("a bounce", "message.bounced", {"recipient": "lea@example.org"}, {}, Signal.BOUNCE),
    ("a person", "person.wanted", {}, {}, Signal.A_PERSON),
    ("no help", "help.judged", {"helped": False}, {}, Signal.DISSATISFIED),
]


@pytest.mark.parametrize(
    ("name", "said", "more", "signal"), [each[1:] for each in LATEST], ids=[e[0] for e in LATEST]
)
def test_what_names_none_is_credited_to_the_latest(
    name: str, said: dict[str, Any], more: dict[str, Any], signal: Signal
) -> None:
    acts = [an_act(1, 3 * DAY), an_act(2, 2 * DAY, **more), an_act(3, -DAY)]

    assert of(says(name, **said), *acts) == {(2, signal)}


WRONG_KIND: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("message.complained", {}, {"channel": Channel.SMS}),
    ("message.complained", {}, {"kind": ActKind.DO}),
    ("automation.stopped", {"automation": "another"}, {}),
    ("automation.stopped", {"automation": "prospecting"}, {"purpose": Purpose.SERVICE}),
    ("automation.stopped", {"automation": "all"}, {"kind": ActKind.DO}),
    ("consent.withdrawn", {"channel": "sms"}, {}),
    ("message.bounced", {"channel": "sms"}, {}),
    ("message.bounced", {"recipient": "lea@example.org"}, {"recipient": "omar@example.org"}),
    ("person.wanted", {"about": "another"}, {}),
    ("person.wanted", {}, {"kind": ActKind.CHANGE}),
    ("help.judged", {"helped": True, "automation": "another"}, {}),
    ("verdict.overridden", {}, {}),
    ("signal.reported", {"kind": "complaint"}, {}),
]


@pytest.mark.parametrize(("name", "said", "more"), WRONG_KIND, ids=range(len(WRONG_KIND)))
def test_what_no_act_can_have_caused_is_kept_loose(
    name: str, said: dict[str, Any], more: dict[str, Any]
) -> None:
    heard = credited(says(name, **said), LEA, [an_act(**more)], HOUSE)

    assert heard.credits == ()
    assert len(heard.loose) == 1


def test_a_stop_finds_its_automation_among_later_ones() -> None:
    acts = [an_act(1, DAY, automation="filter"), an_act(2)]

    assert of(says("automation.stopped", automation="filter"), *acts) == {(1, Signal.STOP)}


def test_a_complaint_about_an_order_is_of_the_act_about_it_or_of_none() -> None:
    acts = [an_act(1, DAY, subject="order-17/filter-a/1"), an_act(2)]

    assert of(says("complaint.opened", order="17"), *acts) == {(1, Signal.COMPLAINT)} | {
        (1, Signal.SAME_NEED)
    }
    assert of(says("complaint.opened", order="18"), *acts) == set()
    assert of(says("complaint.opened"), *acts) == {(2, Signal.COMPLAINT)}


def test_a_mail_that_will_be_tried_again_did_not_bounce() -> None:
    assert of(says("message.bounced", act_id="1", type="soft"), an_act(1)) == set()


def test_who_says_that_it_is_wrong_is_dissatisfied_too() -> None:
    said = says("person.wanted", act_id="1", wrong=True)

    assert of(said, an_act(1)) == {(1, Signal.A_PERSON), (1, Signal.DISSATISFIED)}


def test_an_answer_is_taken_up_by_whoever_asked() -> None:
    asked = Question(
        key=key_of(1),
        question_id=9,
        fact=FactKey("wants_sooner", "order-1"),
        asked_at=NOON - HOUR,
        answers=("yes", "no"),
        words={},
        decision_id=101,
    )
    answer = says("question.answered", question_id="9", answer="yes")

    asking = an_act(1, kind=ActKind.ASK)
    lea = replace(LEA, questions=(asked,))
    assert of(answer, asking, an_act(2), customer=lea) == {(1, Signal.TAKEN_UP)}


@pytest.mark.parametrize(
    "event",
    [
        says("message.clicked"),
        says("order.refunded", order="order-9"),
        says("fact.corrected", fact="pet", to="cat"),
        says("help.judged", helped="perhaps"),
        says("signal.reported", kind="run_failed", act_id="1"),
        says("signal.reported", kind="nonsense", act_id="1"),
        says("signal.reported", kind=["complaint"], act_id="1"),
        says("order.placed", order="order-9"),
        says("page.viewed"),
    ],
)
def test_what_says_nothing_about_an_act_leaves_nothing(event: Event) -> None:
    heard = credited(event, LEA, [an_act()], HOUSE)

    assert (heard.credits, heard.loose) == ((), ())


# -- the same need again ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["contact.made", "call.received", "return.requested"])
def test_who_calls_again_about_the_same_was_not_helped(name: str) -> None:
    act = an_act(1, 6 * DAY, kind=ActKind.DO, subject="order-17")

    assert of(says(name, order="17"), act) == {(1, Signal.SAME_NEED)}
    assert of(says(name, order="order-17"), act) == {(1, Signal.SAME_NEED)}


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({"order": "18"}, {"subject": "order-17"}),
        ({}, {"subject": "order-17"}),
        ({"order": "17"}, {"subject": "order-17", "kind": ActKind.ASK}),
        ({"order": "17"}, {"subject": "order-17", "ago": 8 * DAY}),
        ({"order": "17"}, {"subject": "order-171"}),
    ],
)
def test_another_need_or_another_week_is_not_the_same_need(
    said: dict[str, Any], more: dict[str, Any]
) -> None:
    heard = credited(says("contact.made", **said), LEA, [an_act(1, **more)], HOUSE)

    assert (heard.credits, heard.loose) == ((), ())


def test_a_need_is_also_known_by_what_its_facts_are_about() -> None:
    act = an_act(1, used=(Used(FactKey("uses", "filter-a"), "yes"),))

    assert of(says("contact.made", sku="filter-a"), act) == {(1, Signal.SAME_NEED)}


# -- wrong assumptions -----------------------------------------------------------------------------

WRONG = {(1, Signal.WRONG_ASSUMPTION)}
RELIED = (Used(ADDRESS, "12 rue des Lilas"),)


@pytest.mark.parametrize(
    "event",
    [
        says("fact.stated", fact="address", value="3 rue Neuve"),
        says("fact.stated", source="desk", fact="address", value="3 rue Neuve"),
        says("fact.corrected", fact="address", to="3 rue Neuve"),
        denies("12 rue des Lilas"),
        says("question.answered", fact="address", value="12 rue des Lilas", answer="no"),
    ],
)
def test_a_fact_contradicted_after_an_act_relied_on_it_was_a_wrong_assumption(event: Event) -> None:
    assert of(event, an_act(1, used=RELIED)) >= WRONG


@pytest.mark.parametrize(
    "event",
    [
        says("fact.stated", fact="address", value="12 rue des Lilas"),
        says("fact.stated", fact="pet", value="cat"),
        says("fact.stated", source="platform", fact="address", value="3 rue Neuve"),
        denies("1 rue Haute"),
        says("fact.stated", ago=2 * HOUR, fact="address", value="3 rue Neuve"),
    ],
)
def test_what_is_confirmed_guessed_or_was_said_before_is_none(event: Event) -> None:
    assert WRONG.isdisjoint(of(event, an_act(1, used=RELIED)))


def test_every_act_that_relied_on_it_was_wrong_and_no_question_was() -> None:
    acts = [an_act(number, number * DAY, used=RELIED) for number in (1, 2, 8)]
    asking = an_act(3, kind=ActKind.ASK, used=RELIED)
    said = says("fact.stated", fact="address", value="3 rue Neuve")

    assert of(said, *acts, asking) == {(1, Signal.WRONG_ASSUMPTION), (2, Signal.WRONG_ASSUMPTION)}


def test_a_correction_is_counted_beside_the_wrong_assumption() -> None:
    said = says("fact.corrected", fact="address", to="3 rue Neuve")

    assert of(said, an_act(1, used=RELIED)) == WRONG | {(1, Signal.CORRECTION)}


def test_nothing_was_relied_on_where_nothing_was_known() -> None:
    said = says("fact.stated", fact="address", value="3 rue Neuve")

    assert of(said, an_act(1, used=(Used(ADDRESS, None),))) == set()


# -- who says it --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "said", "signal"), BY_NAME)
def test_what_a_page_says_against_an_act_is_kept_and_counts_nothing(
    name: str, said: dict[str, Any], signal: Signal
) -> None:
    event = says(name, source="site", act_id="1", **said)
    found = credited(event, LEA, [an_act()], HOUSE).credits

    assert {credit.signal: credit.counted for credit in found}[signal] is (signal in GOOD)


def test_it_counts_nothing_either_where_its_act_is_known_later_only() -> None:
    event = says("complaint.opened", source="site", act_id="1")
    (loose,) = credited(event, LEA, [], HOUSE).loose

    credit = of_loose(loose, NOON, [an_act()], HOUSE)
    assert credit is not None
    assert not credit.counted


# -- how late --------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", sorted(LATE))
def test_what_comes_in_time_counts_and_later_does_not(signal: Signal) -> None:
    loose = Loose(signal=signal, at=NOON, act_id=1)
    in_time = of_loose(loose, NOON, [an_act(1, LATE[signal])], HOUSE)
    too_late = of_loose(loose, NOON, [an_act(1, LATE[signal] + timedelta(seconds=1))], HOUSE)

    assert in_time is not None
    assert too_late is not None
    assert (in_time.counted, too_late.counted) == (True, False)


def test_a_complaint_of_last_year_is_kept_and_does_not_count() -> None:
    (credit,) = credited(
        says("complaint.opened", act_id="1"), LEA, [an_act(1, 365 * DAY)], HOUSE
    ).credits

    assert (credit.of, credit.counted) == ((1, Signal.COMPLAINT), False)


def test_what_we_hear_of_when_the_cohort_is_closed_does_not_count() -> None:
    event = replace(says("complaint.opened"), received_at=NOON + 40 * DAY)

    (credit,) = credited(event, LEA, [an_act(1)], HOUSE).credits
    assert credit.counted is False


def test_nothing_comes_back_from_the_future() -> None:
    event = replace(says("complaint.opened", act_id="1"), at=NOON + 300 * DAY)

    (credit,) = credited(event, LEA, [an_act(1)], HOUSE).credits
    assert (credit.at, credit.counted) == (NOON, True)


def test_a_clock_that_is_slow_does_not_hide_what_names_its_act() -> None:
    event = says("complaint.opened", ago=2 * HOUR, act_id="1")

    assert of(event, an_act(1, HOUR)) == {(1, Signal.COMPLAINT)}


def test_an_act_that_failed_is_credited_by_name_alone() -> None:
    failed = an_act(1, at=None)

    assert of(says("message.bounced", act_id="1"), failed) == {(1, Signal.BOUNCE)}
    assert of(says("message.bounced"), failed) == set()


# -- whatever the order ----------------------------------------------------------------------------

some_acts = st.lists(
    st.builds(
        an_act,
        act_id=st.integers(1, 9),
        ago=st.integers(0, 40 * 24).map(lambda hours: hours * HOUR),
        kind=st.sampled_from(ActKind),
        channel=st.sampled_from([Channel.EMAIL, Channel.SMS]),
        automation=st.sampled_from(["reminder", "offer"]),
        subject=st.sampled_from(["", "order-1", "order-2/filter-a"]),
        used=st.sampled_from([(), RELIED]),
    ),
    max_size=6,
    unique_by=lambda act: act.act_id,
)
SAID: list[dict[str, Any]] = [
    {},
    {"act_id": "3"},
    {"decision_id": "104"},
    {"order": "1"},
    {"automation": "offer", "helped": False},
    {"fact": "address", "value": "3 rue Neuve", "from": "12 rue des Lilas", "kind": "override"},
]
some_events = st.lists(
    st.builds(
        lambda name, said, hours: says(name, hours * HOUR, **said),
        st.sampled_from(sorted(NAMES | {"fact.stated"})),
        st.sampled_from(SAID),
        st.integers(-48, 40 * 24),
    ),
    max_size=6,
)


def all_of(events: list[Event], acts: list[Touched]) -> list[Credit]:
    return once(credit for each in events for credit in credited(each, LEA, acts, HOUSE).credits)


@given(events=some_events, acts=some_acts, mixed=st.randoms(use_true_random=False))
def test_the_order_does_not_matter_and_twice_is_once(
    events: list[Event], acts: list[Touched], mixed: Any
) -> None:
    again, others = [*events, *events], list(acts)
    mixed.shuffle(again)
    mixed.shuffle(others)

    told = {(credit.of, credit.counted) for credit in all_of(events, acts)}
    assert {(credit.of, credit.counted) for credit in all_of(again, others)} == told
    assert len(told) == len({of for of, _ in told})


@given(events=some_events, acts=some_acts)
def test_nothing_is_credited_to_an_act_before_it_or_twice_over(
    events: list[Event], acts: list[Touched]
) -> None:
    for event in events:
        heard = credited(event, LEA, acts, HOUSE)
        named = {"act_id", "decision_id"} & event.properties.keys()
        assert len({credit.of for credit in heard.credits}) == len(heard.credits)
        assert all(credit.at <= event.received_at for credit in heard.credits)
        if not named:
            assert all(credit.act.at and credit.act.at <= credit.at for credit in heard.credits)


@given(acts=some_acts, ago=st.integers(0, 40), waited=st.integers(0, 40))
def test_an_act_known_later_is_credited_as_if_it_had_been_known(
    acts: list[Touched], ago: int, waited: int
) -> None:
    event = replace(
        says("complaint.opened", ago * DAY, act_id="3"), received_at=NOON + waited * DAY
    )
    at_once = credited(event, LEA, acts, HOUSE).credits
    (loose,) = credited(event, LEA, [], HOUSE).loose

    later = of_loose(loose, event.received_at, acts, HOUSE)
    assert ([later] if later else []) == list(at_once)


def test_a_day_is_a_day_wherever_it_is_read() -> None:
    night = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the clocks go back
    said = says("complaint.opened", NOON - night - 30 * DAY)

    assert of(said, an_act(1, at=night)) == {(1, Signal.COMPLAINT)}


# -- beside who is held out ------------------------------------------------------------------------


def left_out(act_id: int, ago: timedelta, automation: str = "reminder") -> Touched:
    return an_act(act_id, ago, automation=automation, held_out=True)


def complained_of(*acts: Touched) -> set[int]:
    return {act_id for act_id, _ in of(says("complaint.opened"), *acts)}


def test_what_was_left_out_since_the_last_act_gets_the_complaint_beside_it() -> None:
    assert complained_of(an_act(1, 3 * HOUR), left_out(2, HOUR, "newcomer")) == {1, 2}


def test_what_was_left_out_before_the_last_act_gets_none() -> None:
    assert complained_of(left_out(1, 3 * HOUR, "newcomer"), an_act(2, HOUR)) == {2}


def test_of_two_that_one_automation_left_out_only_the_later_would_have_got_it() -> None:
    assert complained_of(left_out(1, 3 * HOUR), left_out(2, HOUR)) == {2}


def test_what_another_left_out_later_takes_nothing_off_either_group() -> None:
    """An act and one that was left out are counted alike, whoever else leaves something out after them."""
    later = left_out(9, HOUR, "newcomer")

    assert complained_of(an_act(1, 3 * HOUR), later) == {1, 9}
    assert complained_of(left_out(1, 3 * HOUR), later) == {1, 9}


def test_what_nobody_did_anything_about_waits_for_its_act_all_the_same() -> None:
    heard = credited(says("complaint.opened"), LEA, [left_out(1, HOUR)], HOUSE)

    assert [each.signal for each in heard.loose] == [Signal.COMPLAINT]


# -- whatever stands in it -------------------------------------------------------------------------

ANYTHING = st.sampled_from(
    [
        *(None, True, False, 0, -1, 7, 2**70, 1.5, float("nan"), float("inf"), "", " ", "open"),
        *("1f-66", "act_1", "-", "é" * 5_000, "2026-13-45", [], [None], ["a", {}], {}, {"a": [1]}),
    ]
)
NOUNS = st.sampled_from(
    [
        *("act_id", "decision_id", "question_id", "automation", "about", "channel", "recipient"),
        *("kind", "helped", "invited", "wrong", "fact", "to", "from", "order", "sku", "process"),
        *("reason", "text", "version", "puller", "need", "outcome", "minutes", "transfers"),
    ]
)


@given(
    name=st.sampled_from(sorted(NAMES | served.NAMES | {"automation.flagged", "need.seen"})),
    said=st.dictionaries(NOUNS, ANYTHING, max_size=6),
)
def test_nothing_that_stands_in_an_event_makes_us_fail(name: str, said: dict[str, Any]) -> None:
    event = says(name, **said)

    heard = credited(event, LEA, [an_act(1), an_act(2, DAY, used=RELIED)], HOUSE)
    flag, need = flag_in(event, LEA, HOUSE), need_in(event, LEA)
    assert {each.act.act_id for each in heard.credits} <= {1, 2}
    assert flag is None or flag.automation
    assert need is None or need.words
    told = served.told(event)
    assert told is None or told.process
