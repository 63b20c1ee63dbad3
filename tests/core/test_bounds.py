"""A bound says where it comes from; being looser than usual needs a reason."""

import math

import pytest

from terrain.core.act import Reach
from terrain.core.bounds import (
    Agreed,
    BoundWatchesNothing,
    LooserWithoutReason,
    Origin,
    agreed,
    learned,
)
from terrain.core.signal import Signal


def test_what_the_owner_declares_holds() -> None:
    assert agreed(Signal.STOP, Reach.INBOX, 0.001) == Agreed(share=0.001, origin=Origin.DECLARED)


def test_without_a_word_the_usual_bound_holds() -> None:
    assert agreed(Signal.STOP, Reach.INBOX, None) == Agreed(share=0.005, origin=Origin.USUAL)


def test_the_further_an_act_reaches_the_fewer_wrong_assumptions_are_usual() -> None:
    shares = [agreed(Signal.WRONG_ASSUMPTION, reach, None) for reach in Reach]

    assert [each and each.share for each in shares] == [0.05, 0.02, 0.005, 0.005]


def test_what_is_neither_declared_nor_usual_has_no_bound() -> None:
    assert agreed(Signal.MAKE_GOOD, Reach.INBOX, None) is None


def test_looser_than_usual_needs_a_reason_which_is_kept() -> None:
    with pytest.raises(LooserWithoutReason) as refused:
        agreed(Signal.STOP, Reach.INBOX, 0.01, "  ")
    assert (refused.value.field, refused.value.value, refused.value.right) == (
        "stop",
        "1 %",
        "0.5 %",
    )

    kept = agreed(Signal.STOP, Reach.INBOX, 0.01, " New subscribers try it. ")
    assert kept is not None
    assert kept.reason == "New subscribers try it."


def test_as_usual_or_stricter_needs_none_and_keeps_none() -> None:
    for share in (0.005, 0.0001, 0.0):
        found = agreed(Signal.STOP, Reach.INBOX, share, "because")
        assert found is not None
        assert found.reason == ""


@pytest.mark.parametrize("share", [1, 1.5, 40, -0.1, math.nan, math.inf])
def test_a_bound_that_watches_nothing_is_refused(share: float) -> None:
    with pytest.raises(BoundWatchesNothing):
        agreed(Signal.COMPLAINT, Reach.HOME, share, "because")


def test_a_learned_bound_is_an_upper_limit() -> None:
    found = learned(6, 2_000)

    assert found is not None
    assert found.origin is Origin.LEARNED
    assert found.share == pytest.approx(0.00591, abs=1e-5)


def test_nothing_seen_or_nothing_but_bad_teaches_nothing() -> None:
    assert learned(0, 0) is None
    assert learned(3, 3) is None
