"""Which acts belong together, and whether her word was heeded afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from terrain.core.act import ActKind
from terrain.core.automation import Offer
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.matters import Answer, APersonCame, Claimed, Done, Evidence, Heard, matters
from terrain.core.process import Control
from terrain.core.seen import Matter, Use
from terrain.core.signal import Signal

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEA, OMAR = CustomerKey(1, 10), CustomerKey(2, 20)
USES = FactKey("uses", "filter")


def done(act_id: int = 1, **said: Any) -> Done:
    usual: dict[str, Any] = {
        "key": LEA,
        "run_id": 7,
        "decision_id": 100 + act_id,
        "at": NOON,
        "kind": ActKind.SEND,
    }
    return Done(act_id=act_id, **usual | said)


def heard(kind: Signal, at: datetime = NOON + HOUR, **said: Any) -> Heard:
    usual: dict[str, Any] = {"key": LEA, "act_id": 1, "source": "page", "message_id": "m"}
    return Heard(kind=kind, at=at, **usual | said)


def found(begun_by: int = 101, **known: Any) -> Matter:
    (matter,) = matters(Evidence(**known), {begun_by})
    return matter


def test_a_run_is_one_matter_and_stands_at_its_first_act() -> None:
    both = [done(1), done(2, at=NOON + DAY)]

    assert len(found(done=both).deeds) == 2
    assert list(matters(Evidence(done=both), {102})) == []


def test_acts_without_a_run_are_a_matter_each() -> None:
    both = Evidence(done=[done(1, run_id=0), done(2, run_id=0)])

    assert len(list(matters(both, {101, 102}))) == 2


def test_the_same_run_number_of_another_customer_is_another_matter() -> None:
    both = Evidence(done=[done(1), done(2, key=OMAR)])

    assert len(list(matters(both, {101, 102}))) == 2


@pytest.mark.parametrize(
    ("because", "is_sure"),
    [("sure_enough", True), ("better_asked", True), ("nobody_weighed_it", False), ("", False)],
)
def test_only_the_guard_makes_sure(because: str, *, is_sure: bool) -> None:
    assert found(done=[done(because=because)]).is_sure is is_sure


def test_the_first_time_a_signal_came_counts() -> None:
    twice = [heard(Signal.COMPLAINT, NOON + DAY), heard(Signal.COMPLAINT, NOON + HOUR)]

    assert found(done=[done()], heard=twice).heard == {Signal.COMPLAINT: NOON + HOUR}


# -- stop ------------------------------------------------------------------------------------------


def test_a_stop_is_heeded_when_nothing_more_came() -> None:
    assert found(done=[done()], heard=[heard(Signal.STOP)]).uses == (
        Use(Control.STOP, is_heeded=True),
    )


def test_a_letter_days_after_her_stop_says_it_was_not() -> None:
    later = done(2, run_id=8, at=NOON + 3 * DAY)

    uses = found(done=[done(), later], heard=[heard(Signal.STOP)]).uses

    assert uses == (Use(Control.STOP, is_heeded=False),)


def test_what_was_on_its_way_is_not_held_against_it() -> None:
    later = done(2, run_id=8, at=NOON + 20 * HOUR)

    assert found(done=[done(), later], heard=[heard(Signal.STOP)]).uses[0].is_heeded


def test_once_she_wants_them_again_they_may_come() -> None:
    later = done(2, run_id=8, at=NOON + 9 * DAY)
    again = Claimed(
        LEA, FactKey("wish.stop", "filter"), NOON + 5 * DAY, value=False, message_id="n"
    )

    uses = found(done=[done(), later], heard=[heard(Signal.STOP)], claimed=[again]).uses

    assert uses == (Use(Control.STOP, is_heeded=True),)


# -- correct ---------------------------------------------------------------------------------------


def corrected(after: Any) -> tuple[Use, ...]:
    later = done(2, run_id=8, at=NOON + 9 * DAY, used={USES: after})
    said = Claimed(LEA, USES, NOON + HOUR, value=False, message_id="m")
    return found(done=[done(), later], heard=[heard(Signal.CORRECTION)], claimed=[said]).uses


def test_a_correction_is_heeded_when_her_word_is_relied_on() -> None:
    assert corrected(after=False) == (Use(Control.CORRECT, is_heeded=True),)


def test_a_correction_is_not_heeded_when_the_old_value_is() -> None:
    assert corrected(after=True) == (Use(Control.CORRECT, is_heeded=False),)


def test_what_she_said_in_another_message_is_no_correction_of_this() -> None:
    said = Claimed(LEA, USES, NOON + HOUR, value=False, message_id="another")

    assert found(done=[done()], heard=[heard(Signal.CORRECTION)], claimed=[said]).uses == ()


# -- decide when -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "is_heeded"),
    [("yes", True), ("always", True), ("no", False), ("never", False), (False, False)],
)
def test_what_is_done_after_a_no_was_not_her_decision(answer: Any, *, is_heeded: bool) -> None:
    asked = done(1, kind=ActKind.ASK)
    then = done(2, kind=ActKind.DO, at=NOON + 2 * HOUR)

    uses = found(done=[asked, then], answers=[Answer(LEA, 7, NOON + HOUR, answer)]).uses

    assert uses == (Use(Control.DECIDE_WHEN, is_heeded=is_heeded),)


def moved(next_at: datetime) -> tuple[Use, ...]:
    letter = done(1, subject="F/1", offers=frozenset({Offer.MOVE_THE_DATE}))
    following = done(2, run_id=8, subject="F/2", at=next_at)
    wish = Claimed(LEA, FactKey("wish.date", "F/2"), NOON + HOUR, "2026-06-01", "w")
    return found(done=[letter, following], claimed=[wish]).uses


def test_the_date_she_chose_is_kept() -> None:
    assert moved(datetime(2026, 6, 1, 8, tzinfo=UTC)) == (Use(Control.DECIDE_WHEN, is_heeded=True),)


def test_a_letter_before_the_date_she_chose_did_not_heed_it() -> None:
    assert moved(datetime(2026, 5, 1, 8, tzinfo=UTC)) == (
        Use(Control.DECIDE_WHEN, is_heeded=False),
    )


# -- a person --------------------------------------------------------------------------------------


def asked(done_at: datetime | None) -> Matter:
    came = APersonCame(LEA, "m", NOON + HOUR, done_at)
    return found(done=[done()], heard=[heard(Signal.A_PERSON)], people=[came])


def test_a_person_within_a_day_came_in_time() -> None:
    assert asked(NOON + 20 * HOUR).in_time
    assert not asked(NOON + 3 * DAY).in_time
    assert not asked(None).in_time
    assert asked(None).asked


def test_who_complains_to_an_adviser_has_a_person() -> None:
    complaint = heard(Signal.COMPLAINT, source="support")
    found_one = found(done=[done()], heard=[complaint], staff=frozenset({"support"}))

    assert (found_one.asked, found_one.in_time) == (True, True)
    assert not found(done=[done()], heard=[complaint]).asked
