"""What the gates say at the moment of leaving, and what that means for the act."""

from datetime import timedelta

from msgspec.structs import replace

from terrain.core.fact import FactKey
from terrain.core.outbox import ActState
from terrain.core.task import TaskKind
from terrain.flow.gating import HELD_FOR, PAUSED_FOR, held
from tests.flow.conftest import a_letter
from tests.people import NOON, a_claim, a_customer, a_house

LETTER = a_letter(a_customer().key)


def test_what_nothing_speaks_against_may_go() -> None:
    assert held(LETTER, a_customer(), a_house(), NOON) is None


def test_what_she_stopped_never_leaves() -> None:
    stopped = a_claim(True, fact=FactKey("wish.stop", "welcome"))  # noqa: FBT003 - her own yes

    ending = held(LETTER, a_customer(stopped), a_house(), NOON)

    assert ending is not None
    assert (ending.state, ending.because) == (ActState.STOPPED, "stopped")


def test_a_pause_is_asked_about_again_within_a_minute() -> None:
    house = replace(a_house(), paused=frozenset({"welcome"}))

    ending = held(LETTER, a_customer(), house, NOON)

    assert ending is not None
    assert (ending.state, ending.due_at) == (ActState.QUEUED, NOON + PAUSED_FOR)


def test_while_a_complaint_is_open_it_waits() -> None:
    complaint = a_claim("open", fact=FactKey("complaint", "c-1"), source="desk")

    ending = held(LETTER, a_customer(complaint), a_house(), NOON)

    assert ending is not None
    assert (ending.because, ending.due_at) == ("open_complaint", NOON + HELD_FOR)


def test_it_is_not_held_beyond_the_moment_at_which_it_comes_too_late() -> None:
    soon = replace(LETTER, expires_at=NOON + timedelta(minutes=5))
    complaint = a_claim("open", fact=FactKey("complaint", "c-1"), source="desk")

    ending = held(soon, a_customer(complaint), a_house(), NOON)

    assert ending is not None
    assert ending.due_at == soon.expires_at


def test_whoever_is_in_charge_answers_who_waits() -> None:
    waiting = replace(LETTER, content={"gates": {"waiting": "waiting"}})
    in_charge = a_claim("ines", fact="in_charge", source="desk")

    ending = held(waiting, a_customer(in_charge), a_house(), NOON)

    assert ending is not None
    assert (ending.state, ending.task) == (ActState.STOPPED, TaskKind.HAND)
