"""Her own page: what she corrects, stops and takes back there changes what is done from then on."""

from datetime import date

from terrain.core.consent import Channel, Purpose, standing
from terrain.core.decision import Decision, Verdict
from terrain.core.fact import FactKey
from terrain.core.link import LinkKind
from terrain.flow import agreeing, customer_says, own_page
from terrain.flow.links import links_of
from terrain.flow.own_page import OwnPage
from tests.stories.shop import FILTER, Person, Shop

USES = FactKey("uses", FILTER)


def whose_second_reminder_waits(shop: Shop, *names: str) -> list[Person]:
    """Return people who were reminded in July 2025, and not in January 2026: they complain."""
    people = [shop.customer(name) for name in names]
    for person in people:
        person.buys(2, FILTER)
    shop.goes_on_for("8 months")
    for person in people:
        person.complains(about="the invoice")
    shop.goes_on_for("4 months")
    shop.goes_on_for("10 days")
    return people


def why(lea: Person, decision: Decision) -> OwnPage:
    """Open the page of one decision by the link in her latest letter."""
    with lea.shop.record.local() as db:
        link = links_of(lea.shop.settings).read(LinkKind.PAGE, lea.letters[-1].token, lea.shop.now)
        return own_page.read(db, link, lea.shop.house, lea.shop.now, decision.decision_id)


def says_there(lea: Person, page: OwnPage, what: str, **form: str) -> None:
    said = customer_says.SAYINGS[what](page, form, lea.shop.now)
    with lea.shop.record.local() as db, db.transaction():
        customer_says.tell(db, page.speaker, said, lea.shop.now)
    lea.shop._works()


def the_hold(lea: Person) -> Decision:
    return next(line.decision for line in lea.history() if line.says == "held" and line.decision)


def test_a_correction_on_the_page_of_a_decision_wakes_what_rested_on_it(shop: Shop) -> None:
    (lea,) = whose_second_reminder_waits(shop, "Léa")
    before = len(lea.decisions())
    page = why(lea, the_hold(lea))
    assert page.decision is not None
    assert USES in {fact.key for fact in page.decision.facts}

    says_there(lea, page, "correct", fact="uses", about=FILTER, to="no")

    assert len(lea.decisions()) > before  # it was weighed again at once
    uses = lea.believed("uses", FILTER)
    assert uses is not None
    assert uses.value is False
    assert uses.holder.kind == "customer_said"


def test_what_she_corrected_is_not_done_and_what_he_did_not_is(shop: Shop) -> None:
    lea, omar = whose_second_reminder_waits(shop, "Léa", "Omar")
    says_there(lea, why(lea, the_hold(lea)), "correct", fact="uses", about=FILTER, to="no")

    lea.is_content_again()
    omar.is_content_again()

    assert len(omar.reminders) == 2
    assert len(lea.reminders) == 1


def test_she_reads_why_she_was_not_written_to(shop: Shop) -> None:
    (lea,) = whose_second_reminder_waits(shop, "Léa")

    lines = [(line.says, line.decision.because) for line in lea.history() if line.decision]

    assert lines == [("held", "open_complaint"), ("wrote", "sure_enough")]
    assert why(lea, the_hold(lea)).still_waits

    lea.is_content_again()  # it goes out: the page of the old hold promises nothing any more
    assert not why(lea, the_hold(lea)).still_waits


def test_all_prospecting_stopped_and_taken_back_with_her_express_yes(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(2, FILTER)
    shop.goes_on_for("7 months")
    lea.says("stop", automation="prospecting")
    assert lea.page().dates == []
    shop.goes_on_for("7 months")
    assert len(lea.reminders) == 1

    with shop.record.local():
        (offer,) = agreeing.offered(lea.known(), shop.house, "en", shop.now)
    words = {"agree.email": "yes", "wording.email": offer.version, "language": "en"}
    lea.says("resume", automation="prospecting", **words)
    lea.buys(1, FILTER)
    shop.goes_on_for("7 months")

    assert len(lea.reminders) == 2
    given = standing(lea.known().consents, Purpose.PROSPECTING, Channel.EMAIL)
    assert given is not None
    assert given.given
    assert given.missing_proof() == ()
    assert "reminders and offers by e-mail, to lea@example.org" in given.wording


def test_taking_a_stop_back_without_the_tick_agrees_to_nothing(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(2, FILTER)
    shop.goes_on_for("7 months")
    lea.says("stop", automation="prospecting")
    lea.says("resume", automation="prospecting")
    lea.buys(1, FILTER)
    shop.goes_on_for("14 months")

    assert len(lea.reminders) == 1
    assert {one.because for one in lea.decisions()[:2] if one.verdict is Verdict.HOLD} <= {
        "consent_withdrawn",
        "suppressed",
    }


def test_she_chooses_peace_on_a_day_and_her_reminder_comes_the_day_after(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(2, FILTER)
    shop.goes_on_for("7 months")
    lea.says("quiet", **{"day.fri": "yes"})  # 9 January 2026 is a Friday

    shop.goes_on_for("7 months")

    assert lea.reminders == [date(2025, 7, 9), date(2026, 1, 10)]


def test_two_names_that_are_one_person_keep_their_links(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(1, FILTER)
    shop.goes_on_for("7 months")
    page = lea.page()
    shop.hears("lea-at-the-shop", "shop", "identify", email=lea.email)
    shop.hears(lea.user, "shop", "identity.linked", other="user_id:lea-at-the-shop")

    again = lea.page()

    assert again.act == page.act
    assert again.decision == page.decision
    assert again.decision is not None
