"""What is believed of Léa, to the digits of guard.md."""

from datetime import timedelta

import pytest

from terrain.core.act import Assumption
from terrain.core.belief import believe, probability
from terrain.core.catalogue import Aging, Catalogue, FactKind, Prior, Product
from terrain.core.claims import close, last_heard, latest
from terrain.core.customer import Customer
from terrain.core.duration import Span
from terrain.core.fact import Belief, EvidenceKind, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import Identifier, Kind
from tests.people import MONTH, NOON, YEAR, a_claim, a_customer, a_house, an_evidence

HOUSE = a_house()
ADDRESS = FactKey("address")
PET = FactKey("pet")
YES, NO = True, False


def sure(customer: Customer, key: FactKey = ADDRESS, house: House = HOUSE) -> float:
    belief = believe(customer, key, house, NOON)
    assert belief is not None
    return belief.confidence


def of_pets(**certainties: float) -> Belief:
    """Return what follows when each of these sources is exactly so sure, and none is the customer."""
    house = a_house(model_confidence_cap=1)
    said = [
        a_claim(value, source=value, fact="pet", confidence=c) for value, c in certainties.items()
    ]
    belief = believe(a_customer(*said), PET, house, NOON)
    assert belief is not None
    return belief


# -- section 1: the confidence of one fact


@pytest.mark.parametrize(
    ("source", "quality"),
    [
        ("page", 0.98),
        ("desk", 0.93),
        ("shop", 0.90),
        ("site", 0.75),
        ("?", 0.60),
        ("platform", 0.60),
    ],
)
def test_a_source_is_believed_as_far_as_its_kind_deserves(source: str, quality: float) -> None:
    assert sure(a_customer(a_claim("a", source, timedelta()))) == quality


def test_a_model_is_never_believed_beyond_eighty_percent() -> None:
    assert sure(a_customer(a_claim("a", "platform", timedelta(), confidence=0.99))) == 0.80


def test_an_address_from_an_order_fourteen_months_ago_is_81_percent_sure() -> None:
    assert round(sure(a_customer(a_claim("a", "shop", 14 * MONTH))), 4) == 0.8083


def test_delivered_makes_the_address_93_and_returned_12_percent() -> None:
    order = a_claim("a", "shop", 14 * MONTH)
    delivered = an_evidence(EvidenceKind.DELIVERED, "a", timedelta())
    returned = an_evidence(EvidenceKind.RETURNED, "a", timedelta())

    assert round(sure(a_customer(order, delivered)), 2) == 0.93
    assert round(sure(a_customer(order, returned)), 2) == 0.12


def test_a_click_two_months_ago_is_folded_in_where_it_happened() -> None:
    said = a_claim("lea@example.org", ago=26 * MONTH, fact="email")
    click = an_evidence(EvidenceKind.CLICK, "lea@example.org", 2 * MONTH, fact="email")

    assert round(sure(a_customer(said, click), FactKey("email")), 4) == 0.9727


def test_a_machine_of_five_years_is_probably_still_used_after_fourteen_months() -> None:
    house = a_house(Catalogue(products={"m": Product(sku="m", lifetime=Span(months=60))}))
    uses = FactKey("uses", "m")
    bought = a_claim(YES, "shop", fact=uses)

    for months, expected in ((14, 0.8921), (54, 0.543)):
        then = NOON - bought.at + (months - 1) * MONTH
        belief = believe(a_customer(bought), uses, house, bought.at + then)
        assert belief is not None
        assert round(belief.confidence, 4) == pytest.approx(expected, abs=0.0001)


def test_moods_fade_by_half_lives_and_birth_dates_never() -> None:
    mood = a_claim("cross", "page", timedelta(days=3), fact="mood")
    born = a_claim("1990-01-01", "page", 30 * YEAR, fact="birth_date")

    assert sure(a_customer(mood), FactKey("mood")) == pytest.approx(0.49)
    assert sure(a_customer(born), FactKey("birth_date")) == 0.98


def test_the_young_move_house_more_often_and_the_old_hardly() -> None:
    for born, share in (("2004-05-01", 0.29), ("1980-05-01", 0.088), ("1950-05-01", 0.04)):
        birth = a_claim(born, fact="birth_date")
        customer = a_customer(a_claim("a", ago=YEAR), birth)
        assert sure(customer) == pytest.approx(0.98 * (1 - share))


def test_the_catalogue_may_say_how_fast_a_fact_ages() -> None:
    kinds = {"pet": FactKind(name="pet", aging=Aging(yearly_change=0.5))}
    house = a_house(Catalogue(facts=kinds))

    assert sure(a_customer(a_claim("cat", ago=YEAR, fact="pet")), PET, house) == 0.49


def test_what_is_bought_again_and_again_is_used_as_long_as_what_it_goes_into() -> None:
    half_a_year = Span(months=6)
    for product, left in (
        (Product(sku="f", lifetime=half_a_year), 0.9 * 0.5),
        (Product(sku="f", lifetime=half_a_year, used_for=Span(months=12)), 0.9 * 0.5**0.125),
        (Product(sku="f", lifetime=Span()), 0.9 * 0.5 ** (0.1**3)),
        (Product(sku="f"), 0.9 * 0.5 ** (0.1**3)),
        (Product(sku="another"), 0.9 * 0.5 ** (0.1**3)),
    ):
        house = a_house(Catalogue(products={product.sku: product}))
        bought = a_claim(YES, "shop", 6 * MONTH, fact=FactKey("uses", "f"))
        assert sure(a_customer(bought), bought.key, house) == pytest.approx(left, abs=0.001)


def test_a_nightly_export_does_not_revive_an_address_that_bounced() -> None:
    bounce = an_evidence(EvidenceKind.BOUNCE, "x", 2 * MONTH, fact="email")
    export = a_claim("x", "crm", timedelta(), fact="email", first_at=NOON - YEAR)
    typed = a_claim("x", "page", timedelta(), fact="email", first_at=NOON - YEAR)

    assert sure(a_customer(export, bounce), FactKey("email")) < 0.05
    assert sure(a_customer(typed, bounce), FactKey("email")) == 0.98


def test_evidence_without_a_value_is_about_what_held_then() -> None:
    old, new = a_claim("a", "shop", YEAR), a_claim("b", "page", MONTH)
    returned = an_evidence(EvidenceKind.RETURNED, None, 2 * MONTH)
    belief = believe(a_customer(old, new, returned), ADDRESS, HOUSE, NOON)

    assert belief is not None
    assert belief.value == "b"
    assert belief.confidence > 0.95


# -- two sources disagree


def test_a_cat_three_months_old_holds_against_an_inferred_dog() -> None:
    house = a_house(model_confidence_cap=1)
    cat = a_claim("cat", "page", 3 * MONTH, fact="pet", confidence=0.96)
    dog = a_claim("dog", "platform", fact="pet", confidence=0.55)
    belief = believe(a_customer(cat, dog), PET, house, NOON)

    assert belief is not None
    assert (belief.value, round(belief.confidence, 3)) == ("cat", 0.915)
    assert belief.disputed


def test_last_weeks_order_outweighs_what_was_said_six_years_ago() -> None:
    belief = of_pets(x=0.56, y=0.90)

    assert (belief.value, round(belief.confidence, 2)) == ("y", 0.80)
    assert belief.disputed


def test_three_rivals_share_what_none_of_them_excludes() -> None:
    belief = of_pets(x=0.5, y=0.6, z=0.2)
    parts = {"x": 0.5 * 0.4 * 0.8, "y": 0.6 * 0.5 * 0.8, "z": 0.2 * 0.5 * 0.4}
    neither = 0.5 * 0.4 * 0.8

    assert belief.value == "y"
    assert belief.confidence == pytest.approx(parts["y"] / (sum(parts.values()) + neither))
    assert {rival.value for rival in belief.rivals} == {"x", "z"}


def test_two_that_agree_are_no_surer_than_the_surer_of_them() -> None:
    agreeing = a_customer(a_claim("a", "shop", timedelta()), a_claim("a", "crm", timedelta()))

    assert sure(agreeing) == 0.90


def test_a_customers_word_holds_for_twelve_months_however_sure_the_others() -> None:
    parcel = a_claim("b", "shop", timedelta())
    delivered = an_evidence(EvidenceKind.DELIVERED, "b", timedelta())
    for months, value in ((11, "a"), (13, "b")):
        belief = believe(
            a_customer(a_claim("a", "page", months * MONTH), parcel, delivered),
            ADDRESS,
            HOUSE,
            NOON,
        )
        assert belief is not None
        assert (belief.value, belief.disputed) == (value, True)


def test_a_source_that_says_something_new_no_longer_says_the_old() -> None:
    moved = a_customer(a_claim("a", "shop", YEAR), a_claim("b", "shop", MONTH))
    belief = believe(moved, ADDRESS, HOUSE, NOON)

    assert belief is not None
    assert (belief.value, belief.rivals, belief.disputed) == ("b", (), False)


def test_what_the_customer_corrected_is_no_rival_any_more() -> None:
    denied = an_evidence(EvidenceKind.DENIED, "dog", MONTH, fact="pet")
    dog = a_claim("dog", "platform", 2 * MONTH, fact="pet")
    again = a_claim("dog", "platform", timedelta(), fact="pet", first_at=NOON - YEAR)
    cat = a_claim("cat", "page", MONTH, fact="pet")

    for guess in (dog, again):
        closed = close([guess, cat], [denied])
        belief = believe(a_customer(*closed, denied), PET, HOUSE, NOON)
        assert belief is not None
        assert (belief.value, belief.rivals) == ("cat", ())


def test_the_customer_may_take_a_correction_back() -> None:
    denied = an_evidence(EvidenceKind.DENIED, "dog", MONTH, fact="pet")
    (dog,) = close([a_claim("dog", "page", timedelta(), fact="pet")], [denied])

    assert sure(a_customer(dog, denied), PET) == 0.98


# -- what nobody said, wishes, standing answers


def test_nobody_said_anything_so_nothing_is_believed() -> None:
    used = probability(a_customer(), Assumption(key=PET), HOUSE, NOON)

    assert believe(a_customer(), PET, HOUSE, NOON) is None
    assert (used.value, used.confidence, used.kind) == (None, 0.0, None)


def test_what_is_only_supposed_is_marked_as_inferred() -> None:
    prior = Prior(value=True, confidence=0.6)
    house = a_house(Catalogue(facts={"at_home": FactKind(name="at_home", prior=prior)}))
    used = probability(a_customer(), Assumption(key=FactKey("at_home")), house, NOON)

    assert (used.value, used.confidence, used.assumed) == (True, 0.6, True)
    assert used.since is None
    assert used.kind is SourceKind.INFERRED


def test_an_expected_value_that_a_rival_claims_has_the_rivals_probability() -> None:
    customer = a_customer(
        a_claim("cat", "shop", timedelta(), fact="pet"),
        a_claim("dog", "platform", timedelta(), fact="pet"),
    )
    total = 0.9 * 0.4 + 0.6 * 0.1 + 0.1 * 0.4

    for expects, c in (("Cat", 0.36 / total), ("dog", 0.06 / total), ("fish", 0.0)):
        used = probability(customer, Assumption(key=PET, expects=expects), HOUSE, NOON)
        assert used.confidence == pytest.approx(c)


def test_equal_addresses_are_one_value_however_their_parts_are_ordered() -> None:
    one = a_claim({"street": "1 rue X", "city": "Lyon"}, "shop", timedelta())
    other = a_claim({"city": "Lyon", "street": "1 rue X"}, "crm", timedelta())
    belief = believe(a_customer(one, other), ADDRESS, HOUSE, NOON)

    assert belief is not None
    assert (belief.confidence, belief.rivals) == (0.90, ())


def test_a_wish_that_was_taken_back_is_none() -> None:
    stop = FactKey("wish.stop", "all")
    denied = an_evidence(EvidenceKind.DENIED, YES, timedelta(), fact="wish.stop")
    (closed,) = close([a_claim(YES, fact=stop)], [denied])

    assert latest(a_customer(closed), stop) is None
    assert believe(a_customer(closed), stop, HOUSE, NOON) is None


def test_the_closed_word_of_another_does_not_bring_an_older_one_back() -> None:
    stop = FactKey("wish.stop", "all")
    older = a_claim(NO, "desk", YEAR, fact=stop)
    closed = a_claim(YES, "page", MONTH, fact=stop, closed_at=NOON)

    assert believe(a_customer(older, closed), stop, HOUSE, NOON) is None


def test_a_date_of_birth_that_is_none_says_nothing_of_moving_house() -> None:
    odd = a_claim("long ago", fact="birth_date")

    assert sure(a_customer(a_claim("a", ago=YEAR), odd)) == pytest.approx(0.98 * (1 - 0.088))


def test_a_number_may_be_expected() -> None:
    pets = a_customer(a_claim(2, "page", timedelta(), fact="pets"))
    for expects, certainty in ((2, 0.98), (3, 0.0)):
        used = probability(pets, Assumption(key=FactKey("pets"), expects=expects), HOUSE, NOON)
        assert used.confidence == certainty


def test_what_the_customer_contradicts_has_no_probability_left() -> None:
    customer = a_customer(
        a_claim("cat", "page", fact="pet"), a_claim("dog", "platform", fact="pet")
    )

    assert probability(customer, Assumption(key=PET, expects="dog"), HOUSE, NOON).confidence == 0


def test_of_a_wish_the_last_word_counts_whoever_passed_it_on() -> None:
    stop = FactKey("wish.stop", "all")
    customer = a_customer(
        a_claim(YES, "page", YEAR, fact=stop), a_claim(NO, "desk", MONTH, fact=stop)
    )
    last = latest(customer, stop)
    belief = believe(customer, stop, HOUSE, NOON)

    assert last is not None
    assert last.value is False
    assert belief is not None
    assert (belief.value, belief.disputed) == (False, False)


def test_never_answers_for_every_order_to_come_and_does_not_fade() -> None:
    never = a_claim(YES, "page", 3 * YEAR, fact=FactKey("wish.never", "wants_sooner"))
    belief = believe(a_customer(never), FactKey("wants_sooner", "order-7"), HOUSE, NOON)

    assert belief is not None
    assert (belief.value, belief.confidence) == (False, 0.98)


def test_whoever_wrote_from_an_address_probably_has_it() -> None:
    named = a_customer(identifiers=(Identifier(Kind.EMAIL, "lea@example.org"),))
    belief = believe(named, FactKey("email"), HOUSE, NOON)

    assert belief is not None
    assert (belief.value, belief.confidence) == ("lea@example.org", 0.60)


def test_a_click_is_a_sign_of_life_and_a_carriers_word_is_none() -> None:
    order = a_claim("a", "crm", timedelta())
    click = an_evidence(EvidenceKind.CLICK, "a", MONTH, fact="email")
    delivered = an_evidence(EvidenceKind.DELIVERED, "a", timedelta())

    assert last_heard(a_customer(order, click, delivered)) == NOON - MONTH


# -- much evidence that names no value


@pytest.mark.parametrize("first", [0, 30])  # the address was said before the parcels, or among them
def test_what_names_no_value_is_about_the_one_that_held_however_much_of_it_there_is(
    first: int,
) -> None:
    said = a_claim("12 rue des Lilas", source="shop", ago=timedelta(days=60 - first))
    days = [timedelta(days=ago) for ago in range(59, 0, -1)]
    named = [an_evidence(EvidenceKind.DELIVERED, said.value, ago) for ago in days]
    unnamed = [an_evidence(EvidenceKind.DELIVERED, None, ago) for ago in days]

    one = believe(a_customer(said, *unnamed), FactKey("address"), a_house(), NOON)
    other = believe(
        a_customer(said, *(row for row in named if row.at >= said.first_at)),
        FactKey("address"),
        a_house(),
        NOON,
    )

    assert one == other


def test_a_second_value_is_thought_through_parcel_by_parcel() -> None:
    old = a_claim("12 rue des Lilas", source="shop", ago=timedelta(days=60))
    new = a_claim("3 quai Perrache", source="page", ago=timedelta(days=30))
    parcels = [an_evidence(EvidenceKind.RETURNED, None, timedelta(days=ago)) for ago in (50, 40)]

    belief = believe(a_customer(old, new, *parcels), FactKey("address"), a_house(), NOON)
    alone = believe(a_customer(new), FactKey("address"), a_house(), NOON)

    assert belief is not None
    assert alone is not None
    assert belief.value == new.value  # what came back spoke against the old one only


def test_clicks_of_somebody_known_by_one_address_are_about_it() -> None:
    clicks = [
        an_evidence(EvidenceKind.CLICK, None, timedelta(days=ago), fact="email") for ago in (9, 3)
    ]
    named = (Identifier(Kind.EMAIL, "lea@example.org"),)
    lea = a_customer(*clicks, identifiers=named)

    quiet = believe(a_customer(identifiers=named), FactKey("email"), a_house(), NOON)
    clicked = believe(lea, FactKey("email"), a_house(), NOON)

    assert quiet is not None
    assert clicked is not None
    assert clicked.confidence > quiet.confidence
