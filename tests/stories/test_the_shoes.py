"""Story 2. A parcel could come sooner; Léa is away, and nobody told the shop. Terrain asks."""

from datetime import date

from terrain.core.fact import SourceKind
from terrain.demo import naive, play, world
from terrain.demo import shop as demo
from terrain.demo.wire import CARRIER
from tests.stories.shop import LAST_PAIR, Person, Shop


def a_parcel_that_could_come_sooner(shop: Shop, *, last_pair: bool = False) -> Person:
    lea = shop.customer("Léa")
    order = lea.orders(1, LAST_PAIR)
    lea.could_have_it_sooner(order, last_pair=last_pair)
    return lea


def test_lea_is_asked_before_anything_is_changed(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    (letter,) = lea.letters
    assert "Your parcel could come on" in letter.text
    assert shop.upgrades == []


def test_the_question_offers_always_and_never(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    (question,) = lea.page().questions

    assert question.answers == ("yes", "no", "always", "never")


def test_no_answer_means_no_change(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    shop.goes_on_for("10 days")

    assert shop.upgrades == []
    assert len(lea.letters) == 1


def test_she_says_no_and_nothing_changes(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    lea.answers("no")
    shop.goes_on_for("10 days")

    assert shop.upgrades == []


def test_she_says_yes_and_is_told_before_it_takes_effect(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    lea.answers("yes")

    assert "will come sooner" in lea.letters[-1].subject
    assert shop.upgrades == []


def test_then_the_warehouse_is_told_once(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    lea.answers("yes")
    shop.goes_on_for("1 day")

    assert [upgrade["order"] for upgrade in shop.upgrades] == ["lea-1"]


def test_who_is_told_before_can_still_stop_it(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)
    lea.answers("yes")

    lea.says("stop", automation="faster-parcel")
    shop.goes_on_for("1 day")

    assert shop.upgrades == []


def test_always_is_not_asked_again(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)
    lea.answers("always")
    shop.goes_on_for("30 days")

    lea.could_have_it_sooner(lea.orders(1, LAST_PAIR))
    shop.goes_on_for("1 day")

    assert [upgrade["order"] for upgrade in shop.upgrades] == ["lea-1", "lea-2"]
    assert len([letter for letter in lea.letters if "could come" in letter.text]) == 1


def test_never_is_not_asked_again(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)
    lea.answers("never")
    shop.goes_on_for("30 days")

    lea.could_have_it_sooner(lea.orders(1, LAST_PAIR))
    shop.goes_on_for("10 days")

    assert shop.upgrades == []
    assert len(lea.letters) == 1


def test_the_last_pair_weighs_more_because_it_cannot_be_sent_again(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)
    lea.could_have_it_sooner(lea.orders(1, LAST_PAIR), last_pair=True)

    weighed = {each.proposal.subject: each.weighing for each in lea.decisions()}
    usual, last = weighed["order-lea-1"], weighed["order-lea-2"]
    assert usual is not None
    assert last is not None
    assert last.needs > usual.needs
    assert last.harm == 5 * usual.harm


def test_the_decision_says_what_it_lacked(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    (decision,) = lea.decisions()

    assert decision.weighing is not None
    assert decision.weighing.certainty < decision.weighing.needs
    assert str(decision.weighing.weakest) == "wants_sooner(lea-1)"


def test_delivered_is_what_the_carrier_says_and_lea_may_dispute_it(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)
    lea.the_carrier_says("order.delivered", order="lea-1", items=[])
    said = lea.believed("delivered", "lea-1")
    assert said is not None
    assert said.holder.kind is SourceKind.THIRD_PARTY

    lea.says("correct", fact="delivered", about="lea-1", to="no")

    known = lea.believed("delivered", "lea-1")
    assert known is not None
    assert known.value is False


def test_what_the_carrier_did_by_itself_is_shown_with_whom_to_ask(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)

    lea.the_carrier_says("address.marked_as_risk", order="lea-1", undo="claims@carrier.example")

    shown = next(each for each in lea.page().facts if each.key.fact == "marked_as_risk")
    assert shown.belief.value == "claims@carrier.example"
    assert shown.belief.holder.source == CARRIER


def test_the_naive_shop_asks_nobody_and_the_last_pair_is_lost() -> None:
    opened = date(2025, 1, 6)
    stage = play.Stage(
        house=naive.unguarded(demo.house()), opened=opened, days=340, weigh=naive.weigh
    )

    lea = play.live_through(world.lea(opened), stage)

    felt = [each.what for each in lea.life.felt]
    assert "asked" not in felt
    assert {"parcel_went_back", "last_pair_lost", "house_marked_as_a_risk"} <= set(felt)


def test_what_she_never_wants_is_held_and_says_so(shop: Shop) -> None:
    lea = a_parcel_that_could_come_sooner(shop)
    lea.answers("never")

    lea.could_have_it_sooner(lea.orders(1, LAST_PAIR))

    assert "never_wanted" in [decision.because for decision in lea.decisions()]
