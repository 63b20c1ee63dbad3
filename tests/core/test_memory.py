"""What one event teaches of Léa."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from terrain.core.belief import believe
from terrain.core.catalogue import Catalogue, EventKind, FactKind, Says
from terrain.core.claims import latest
from terrain.core.consent import Channel, Purpose, standing
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim, EvidenceKind, FactKey, SourceKind
from terrain.core.identifier import Identifier, Kind
from terrain.core.memory import Learned, remember
from terrain.core.own_events import OWN_EVENTS
from terrain.core.question import Question
from tests.people import LEA, NOON, a_claim, a_customer, a_house, an_event

ORDERS = Catalogue(
    facts={
        "pet": FactKind(name="pet", type="choice", choices=("cat", "dog")),
        "size": FactKind(name="size", type="number"),
        "at_home": FactKind(name="at_home", type="yes_no"),
    },
    events={
        "order.delivered": EventKind(
            name="order.delivered",
            says=(
                Says(fact="address", value="shipping_address"),
                Says(fact="uses", constant=True, about="item.sku", each="items"),
                Says(fact="address", evidence=EvidenceKind.DELIVERED),
                Says(fact="at_home", value="event.signed", kind=SourceKind.BEHAVIOUR),
            ),
        )
    },
)
HOUSE = a_house(ORDERS)
YES, NO = True, False


def learn(name: str, customer: Customer | None = None, **more: Any) -> Learned:
    return remember(customer or a_customer(), an_event(name, **more), HOUSE)


def says(learned: Learned) -> dict[str, Any]:
    return {str(claim.key): claim.value for claim in learned.claims}


# -- what the catalogue declares


def test_a_delivery_says_where_and_what_and_shows_that_the_address_is_right() -> None:
    learned = learn(
        "order.delivered",
        properties={
            "shipping_address": {"street": "1 rue X"},
            "items": [{"sku": "f"}, {"sku": "g"}],
            "signed": "yes",
        },
    )

    assert says(learned) == {
        "address": {"street": "1 rue X"},
        "uses(f)": True,
        "uses(g)": True,
        "at_home": True,
    }
    assert [claim.kind for claim in learned.claims][-1] is SourceKind.BEHAVIOUR
    assert [(row.kind, row.value) for row in learned.evidence] == [(EvidenceKind.DELIVERED, None)]


def test_what_a_mapping_assumed_is_marked_as_assumed() -> None:
    properties = {"shipping_address": "x", "items": [{"sku": "f"}]}
    learned = learn("order.delivered", properties=properties, assumed=("shipping_address",))

    assert [claim.assumed for claim in learned.claims] == [True, False]


def test_odd_values_are_left_out_with_a_note_and_the_rest_is_kept() -> None:
    learned = learn(
        "order.delivered",
        properties={
            "shipping_address": "a\x00b",
            "items": [{"sku": "f"}, 7, {}],
            "signed": "maybe",
        },
    )

    assert says(learned) == {"uses(f)": True}
    assert "odd_value:address" in learned.notes


def test_traits_become_facts_where_the_catalogue_knows_them() -> None:
    traits = {
        "email": "LEA@example.org",
        "firstName": "Léa",
        "lastName": "Martin",
        "birthday": "1990-05-01",
        "locale": "fr-FR",
        "pet": "cat",
        "size": "38",
        "shoe_colour": "red",
    }
    names = (LEA, Identifier(Kind.EMAIL, "lea@example.org"))
    learned = learn("customer.identified", traits=traits, identifiers=names, source="page")

    assert says(learned) == {
        "email": "lea@example.org",
        "name": "Léa Martin",
        "birth_date": "1990-05-01",
        "language": "fr",
        "pet": "cat",
        "size": 38,
    }


def test_a_pet_that_is_no_pet_is_not_believed() -> None:
    assert says(learn("customer.identified", traits={"pet": "unicorn", "size": "big"})) == {}


def test_a_model_says_how_sure_it_is_and_people_do_not() -> None:
    said = {"fact": "animal", "value": "dog", "confidence": 0.55}
    odd = {**said, "confidence": True}
    learned = [
        learn("fact.stated", source="platform", properties=said),
        learn("fact.stated", source="platform", properties=odd),
        learn("fact.stated", source="page", properties=said),
    ]

    assert [each.claims[0].confidence for each in learned] == [0.55, None, None]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (100.0, 100),
        (float("inf"), None),
        (["Le\u0301a", 1.0, None], ["Le\u0301a", 1, None]),
        ({"a": {"b": 2.5}}, {"a": {"b": 2.5}}),
        ({"a": "\x00"}, None),
        (["x" * 9000], None),
        (["\ud800"], None),
        ("Le\u0301a", "L\u00e9a"),
    ],
)
def test_values_are_kept_as_they_compare(said: object, kept: object) -> None:
    learned = learn("fact.stated", properties={"fact": "anything", "value": said, "about": 7})

    assert says(learned) == ({} if kept is None else {"anything(7)": kept})


def test_where_an_event_says_something_is_a_path() -> None:
    events = {
        "seen": EventKind(
            name="seen",
            says=(
                Says(fact="tag", each="tags", value="item"),
                Says(fact="plan", value="traits.plan"),
                Says(fact="page", value="event.page.url"),
                Says(fact="seen_at", value="event.at"),
                Says(fact="kind", value="item.kind", each="tags"),
                Says(fact="bought", constant=True, about="order"),
            ),
        )
    }
    event = an_event(
        "seen",
        properties={"tags": ["vip"], "page": {"url": "https://shop.example.org"}},
        traits={"plan": "gold"},
    )
    learned = remember(a_customer(), event, a_house(Catalogue(events=events)))

    assert says(learned) == {
        "tag": "vip",
        "plan": "gold",
        "page": "https://shop.example.org",
        "seen_at": NOON.isoformat(),
    }
    assert learned.notes == ("nothing_to_be_about:bought",)


def test_a_browser_tells_language_and_time_zone_by_its_behaviour() -> None:
    context = {"locale": "fr-CA", "timezone": "America/Montreal"}
    learned = learn("customer.identified", traits={"name": "Léa"}, context=context)

    assert says(learned) == {"name": "Léa", "language": "fr", "time_zone": "America/Montreal"}
    assert {claim.kind for claim in learned.claims[1:]} == {SourceKind.BEHAVIOUR}


def test_a_date_that_is_none_is_no_wish() -> None:
    for name, said in (("date.moved", {"to": "soon"}), ("absence.set", {"from": "soon"})):
        learned = learn(name, properties=said)
        assert (learned.claims, len(learned.notes)) == ((), 1)


def test_whether_it_helped_counts_for_the_automation() -> None:
    said = {"automation": "filter-reminder", "helped": True}

    assert says(learn("help.judged", properties=said)) == {"help(filter-reminder)": True}
    assert says(learn("help.judged", properties={"helped": "?"})) == {}


def test_what_an_automation_changed_is_seen_by_its_next_step() -> None:
    customer = a_customer(a_claim("cat", fact="pet"))

    assert believe(customer, FactKey("pet"), HOUSE, NOON) is not None


def test_our_own_word_about_an_address_does_not_claim_it() -> None:
    mail = Identifier(Kind.EMAIL, "lea@example.org")
    context = {"traits": {"email": "lea@example.org"}}
    learned = learn("message.bounced", identifiers=(mail,), context=context, source="mail")

    assert learned.claims == ()


# -- what they say of what we believe


def test_a_correction_closes_what_was_corrected_whoever_claimed_it() -> None:
    dog = a_claim("dog", "platform", fact="pet")
    learned = learn(
        "fact.corrected",
        a_customer(dog),
        source="page",
        properties={"fact": "pet", "from": "dog", "to": "cat"},
    )
    belief = believe(learned.customer, FactKey("pet"), HOUSE, NOON)

    assert belief is not None
    assert (belief.value, belief.confidence, belief.rivals) == ("cat", 0.98, ())


def test_an_adviser_who_passes_a_correction_on_stays_the_one_who_heard_it() -> None:
    learned = learn("fact.stated", source="desk", properties={"fact": "pet", "value": "cat"})

    assert [claim.kind for claim in learned.claims] == [SourceKind.STAFF_HEARD]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("yes", {"wants_sooner(o-1)": True}),
        ("non", {"wants_sooner(o-1)": False}),
        ("always", {"wish.always(wants_sooner)": True, "wants_sooner(o-1)": True}),
        ("never", {"wish.never(wants_sooner)": True, "wants_sooner(o-1)": False}),
        ("on tuesday", {"wants_sooner(o-1)": "on tuesday"}),
    ],
)
def test_an_answer_is_the_customers_own_word(answer: str, expected: dict[str, Any]) -> None:
    asked = Question(
        key=a_customer().key,
        question_id=7,
        fact=FactKey("wants_sooner", "o-1"),
        asked_at=NOON,
        answers=("yes", "no"),
        words={},
    )
    properties = {"question_id": "7", "answer": answer}
    learned = learn("question.answered", a_customer(questions=(asked,)), properties=properties)

    assert says(learned) == expected
    assert {claim.kind for claim in learned.claims} == {SourceKind.CUSTOMER_SAID}


def test_yes_to_a_value_that_was_put_to_them_confirms_it() -> None:
    said = {"fact": "address", "value": "1 rue X", "answer": "yes"}
    learned = learn("question.answered", properties=said)

    assert says(learned) == {"address": "1 rue X"}
    assert [row.kind for row in learned.evidence] == [EvidenceKind.CONFIRMED]


def test_no_to_a_value_denies_it() -> None:
    said = {"fact": "address", "value": "1 rue X", "answer": "no"}
    customer = learn("question.answered", a_customer(a_claim("1 rue X", "shop")), properties=said)

    assert believe(customer.customer, FactKey("address"), HOUSE, NOON) is None


def test_an_answer_to_nothing_is_noted() -> None:
    assert learn("question.answered", properties={"answer": "yes"}).notes == ("answer_to_nothing",)


# -- wishes, complaints, who looks after them


def test_wishes_are_facts_of_the_customer() -> None:
    moved = learn("date.moved", properties={"subject": "f:1", "to": "2027-01-03"})
    stopped = learn("automation.stopped", properties={"automation": "filter-reminder"})
    away = learn("absence.set", properties={"from": "2026-12-20", "until": "2027-01-02"})
    person = learn("person.wanted")

    assert says(moved) == {"wish.date(f:1)": "2027-01-03"}
    assert says(stopped) == {"wish.stop(filter-reminder)": True}
    assert says(away) == {"wish.absence": {"from": "2026-12-20", "until": "2027-01-02"}}
    assert says(person) == {"wants_a_person": True}


@pytest.mark.parametrize("odd", [{}, {"automation": 7}, {"automation": ""}, {"automation": ["a"]}])
def test_a_stop_that_cannot_be_read_stops_everything(odd: dict[str, Any]) -> None:
    assert says(learn("automation.stopped", properties=odd)) == {"wish.stop(all)": True}


def test_a_stop_is_taken_back_by_a_person_and_by_nothing_else() -> None:
    name = {"automation": "filter-reminder"}

    assert says(learn("automation.resumed", properties=name)) == {
        "wish.stop(filter-reminder)": False
    }
    assert says(learn("automation.resumed", source="platform", properties=name)) == {}
    assert says(learn("automation.resumed", properties={"automation": 7})) == {}


def test_how_and_when_to_reach_her_are_facts_of_hers() -> None:
    channel = learn("channel.chosen", properties={"channel": "sms", "wish": "none"})
    quiet = learn("quiet_hours.set", properties={"from": "20:00", "until": "09:00"})
    days = learn("quiet_hours.set", properties={"days": ["sat", "sun"]})

    assert says(channel) == {"wish.channel(sms)": "none"}
    assert says(quiet) == {"wish.quiet_hours": {"from": "20:00", "until": "09:00"}}
    assert says(days) == {"wish.quiet_hours": {"days": ["sat", "sun"]}}
    assert says(learn("quiet_hours.set")) == {"wish.quiet_hours": None}


@pytest.mark.parametrize(
    ("event", "odd"),
    [
        ("channel.chosen", {}),
        ("channel.chosen", {"channel": "pigeon", "wish": "none"}),
        ("channel.chosen", {"channel": "sms", "wish": "perhaps"}),
        ("channel.chosen", {"channel": "sms", "wish": ["any", "none"]}),
        ("quiet_hours.set", {"from": "20:00"}),
        ("quiet_hours.set", {"from": "x", "until": "y"}),
        ("quiet_hours.set", {"days": ["someday"]}),
        ("quiet_hours.set", {"days": {"sun": 1}}),
    ],
)
def test_a_wish_about_reaching_her_that_cannot_be_read_is_noted(
    event: str, odd: dict[str, Any]
) -> None:
    learned = learn(event, properties=odd)

    assert says(learned) == {}
    assert learned.notes[0].startswith("odd_value:wish.")


def test_an_absence_is_taken_back_by_naming_none() -> None:
    away = learn("absence.set", properties={"from": "2026-12-20", "until": "2027-01-02"})
    back = remember(
        away.customer, an_event("absence.set", at=NOON + timedelta(hours=1)), HOUSE
    ).customer
    last = latest(back, FactKey("wish.absence"))

    assert last is not None
    assert last.value is None


def test_a_complaint_is_open_until_it_is_closed_and_somebody_is_in_charge_until_they_let_go() -> (
    None
):
    customer = a_customer()
    for minute, name in enumerate(
        ("complaint.opened", "person.took_charge", "complaint.closed", "person.let_go")
    ):
        said = {"complaint_id": "c-1", "who": "ines"}
        event = an_event(name, NOON + timedelta(minutes=minute), "desk", properties=said)
        customer = remember(customer, event, HOUSE).customer
    complaint, charge = (
        latest(customer, key) for key in (FactKey("complaint", "c-1"), FactKey("in_charge"))
    )

    assert complaint is not None
    assert complaint.value == "closed"
    assert charge is not None
    assert charge.value is None


# -- consent


def test_a_yes_is_kept_with_its_proof() -> None:
    learned = learn(
        "consent.given",
        identifiers=(LEA, Identifier(Kind.EMAIL, "lea@example.org")),
        context={"page": {"url": "https://shop.example.org/join"}, "locale": "fr_FR"},
        properties={
            "purpose": "prospecting",
            "channel": ["email", "sms", "telepathy"],
            "proof": {"controller": "Shop", "wording": "Oui", "wording_version": 3},
            "positive_act": "ticked",
        },
    )
    email, sms = learned.consents

    assert email.missing_proof() == ()
    assert sms.missing_proof() == ("identifier",)
    assert learned.suppress == ()


def test_a_yes_to_nothing_in_particular_is_no_yes() -> None:
    learned = learn("consent.given", properties={"purpose": "prospecting"})

    assert learned.consents == ()
    assert learned.notes == ("odd_value:consent",)


def test_a_no_to_nothing_in_particular_is_a_no_to_everything() -> None:
    learned = learn("consent.withdrawn", properties={"channel": 7})

    assert {row.channel for row in learned.consents} >= {Channel.EMAIL, Channel.SMS, Channel.CALL}
    assert not any(row.given for row in learned.consents)


def test_a_withdrawal_puts_the_address_on_the_list() -> None:
    mail = Identifier(Kind.EMAIL, "lea@example.org")
    learned = learn("consent.withdrawn", identifiers=(mail,), properties={"channel": "email"})

    assert [(row.channel, row.address) for row in learned.suppress] == [
        (Channel.EMAIL, "lea@example.org")
    ]


def test_calling_it_spam_is_a_no_for_good() -> None:
    learned = learn("message.complained", properties={"recipient": "Lea@example.org"})
    last = standing(learned.customer.consents, Purpose.PROSPECTING, Channel.EMAIL)

    assert last is not None
    assert not last.given
    assert [row.address for row in learned.suppress] == ["lea@example.org"]


# -- what came back


def test_a_hard_bounce_speaks_against_the_address_and_a_soft_one_says_nothing() -> None:
    hard = learn(
        "message.bounced", properties={"recipient": "Lea@example.org", "type": "permanent"}
    )
    soft = [
        learn("message.bounced", properties=odd)
        for odd in ({"type": "soft"}, {"hard": False}, {"status": "4.2.2"})
    ]

    assert [(row.key.fact, row.value) for row in hard.evidence] == [("email", "lea@example.org")]
    assert not any(each.evidence for each in soft)


def test_a_click_is_evidence_and_a_delivery_of_a_message_is_none() -> None:
    assert [row.kind for row in learn("message.clicked").evidence] == [EvidenceKind.CLICK]
    assert learn("message.delivered", properties={"recipient": "x"}).evidence == ()


# -- whatever comes, in whatever order

some_json = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(max_size=12)
    | some.sampled_from(["yes", "a\x00b", "\ud800", "2026-01-01", "always", "x" * 9000]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = (
    *("fact", "about", "value", "from", "to", "answer", "question_id", "automation", "subject"),
    *("until", "complaint_id", "who", "purpose", "channel", "proof", "recipient", "type", "email"),
    *("shipping_address", "items", "signed", "confidence", "helped"),
)


@settings(max_examples=400, deadline=None)
@given(
    some.sampled_from([*OWN_EVENTS, "order.delivered", "?"]),
    some.dictionaries(some.sampled_from(FIELDS), some_json),
    some.dictionaries(some.text(max_size=8) | some.sampled_from(["locale", "page"]), some_json),
)
def test_nothing_that_stands_in_an_event_makes_it_fail(
    name: str, properties: dict[str, Any], context: dict[str, Any]
) -> None:
    event = an_event(name, properties=properties, traits=properties, context=context)
    learned = remember(a_customer(), event, HOUSE)

    assert remember(learned.customer, event, HOUSE).customer == learned.customer


VALUES = ("cat", "dog", "fish")
some_said = some.lists(
    some.tuples(
        some.integers(0, 5),
        some.sampled_from(["stated", "corrected", "answered", "order", "bounced", "stopped", "no"]),
        some.sampled_from(VALUES),
        some.sampled_from(["page", "desk", "shop", "platform"]),
    ),
    min_size=2,
    max_size=8,
)


def as_event(place: int, drawn: tuple[int, str, str, str]) -> Event:
    month, what, value, source = drawn
    at = NOON - timedelta(days=900) + timedelta(days=100 * month)
    name, properties = {
        "stated": ("fact.stated", {"fact": "animal", "value": value}),
        "corrected": ("fact.corrected", {"fact": "animal", "from": value, "to": VALUES[month % 3]}),
        "answered": ("question.answered", {"fact": "animal", "value": value, "answer": "no"}),
        "order": ("order.delivered", {"shipping_address": value, "items": [{"sku": value}]}),
        "bounced": ("message.bounced", {}),
        "stopped": ("automation.stopped", {"automation": value}),
        "no": ("consent.withdrawn", {"channel": "email"}),
    }[what]
    return an_event(name, at, source, properties=properties, message_id=f"m{place}")


@settings(max_examples=300, deadline=None)
@given(some_said, some.randoms(use_true_random=False))
def test_the_record_is_the_same_whatever_the_order_of_arrival(
    drawn: list[tuple[int, str, str, str]], dice: Any
) -> None:
    events = [as_event(place, each) for place, each in enumerate(drawn)]
    records = []
    for order in (events, dice.sample(events, len(events))):
        customer = a_customer()
        for event in order:
            customer = remember(customer, event, HOUSE).customer
        records.append(a_record_of(customer))

    assert records[0] == records[1]


def a_record_of(customer: Customer) -> tuple[Any, ...]:
    def by_source(claim: Claim) -> str:
        return f"{claim.source} {claim.value}"

    return (
        {key: sorted(rows, key=by_source) for key, rows in customer.claims.items()},
        {
            key: believe(customer, key, HOUSE, NOON) and _held(customer, key)
            for key in customer.claims
        },
        {key: set(map(repr, rows)) for key, rows in customer.evidence.items()},
        {(row.message_id, row.purpose, row.channel) for row in customer.consents},
    )


def _held(customer: Customer, key: FactKey) -> tuple[Any, float, bool]:
    belief = believe(customer, key, HOUSE, NOON)
    assert belief is not None
    return (belief.value, belief.confidence, belief.disputed)
