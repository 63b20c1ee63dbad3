"""Léa, written down and read again."""

from datetime import timedelta

from psycopg import Connection

from terrain.core.consent import Channel, Consent, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import EvidenceKind, FactKey
from terrain.core.identifier import CustomerKey, first_id_at
from terrain.core.lesson import Suppress, with_claims, with_evidence
from terrain.store import claims, consents, customers, evidence, suppressions
from terrain.store.identifiers import resolve
from terrain.store.people import load
from tests.people import LEA, MONTH, NOON, YEAR, a_claim, a_customer, an_evidence

SECRET = "only the tests know"
PET = FactKey("pet")


def lea(db: Connection) -> CustomerKey:
    return resolve(db, [LEA], NOON)[LEA]


def read(db: Connection, key: CustomerKey) -> Customer:
    return load(db, [key], NOON, secret=SECRET)[key]


def test_what_was_said_comes_back_as_it_was_said(db: Connection) -> None:
    key = lea(db)
    said = [
        a_claim({"street": "1 rue de l’Été", "lines": [1, 2.5, None]}, fact="address"),
        a_claim(value=True, fact=FactKey("uses", "filter-a")),
        a_claim(12, "platform", fact="pets", confidence=0.55, assumed=True),
        a_claim(None, fact="in_charge"),
    ]
    claims.save(db, [(key, claim) for claim in said])

    assert read(db, key).claims == {claim.key: (claim,) for claim in said}


def test_the_order_in_which_claims_arrive_leaves_no_trace(db: Connection) -> None:
    key = lea(db)
    first, last = a_claim("cat", ago=YEAR, fact="pet"), a_claim("cat", ago=MONTH, fact="pet")
    for order in ([first, last], [last, first]):
        db.execute("DELETE FROM claim WHERE bucket = %s", [key.bucket])
        for claim in order:
            claims.save(db, [(key, claim)])
        (row,) = read(db, key).claims[PET]
        assert (row.first_at, row.at, row.message_id) == (first.at, last.at, last.message_id)
    claims.save(db, [(key, last), (key, first), (key, last)])
    assert read(db, key).claims[PET] == with_claims(a_customer(), [first, last]).claims[PET]


def test_two_messages_of_one_moment_are_told_apart_by_their_names(db: Connection) -> None:
    key = lea(db)
    one = a_claim("cat", "crm", fact="pet", message_id="Z", confidence=0.5)
    other = a_claim("cat", "crm", fact="pet", message_id="a", confidence=0.7)
    for order in ([one, other], [other, one]):
        for claim in order:
            claims.save(db, [(key, claim)])
        assert read(db, key).claims[PET][0].message_id == "a"


def test_a_denial_closes_what_others_claim_also_when_it_is_read_again(db: Connection) -> None:
    key = lea(db)
    dog, denied = (
        a_claim("dog", "crm", YEAR, fact="pet"),
        an_evidence(EvidenceKind.DENIED, "dog", MONTH, fact="pet"),
    )
    claims.save(db, [(key, dog)])
    evidence.save(db, [(key, denied), (key, denied)])
    expected = with_evidence(a_customer(dog), [denied])

    assert read(db, key).claims == expected.claims
    assert read(db, key).evidence == {PET: (denied,)}


def test_a_consent_comes_back_with_its_whole_proof(db: Connection) -> None:
    key = lea(db)
    consent = Consent(
        purpose=Purpose.PROSPECTING,
        channel=Channel.EMAIL,
        given=True,
        at=NOON,
        message_id="m",
        source="shop",
        identifier="lea@example.org",
        controller="The Shop",
        wording="Yes, write to me.",
        wording_version="3",
        positive_act="ticked a box",
        where="https://shop.example.org/checkout",
        language="en",
    )
    consents.save(db, [(key, consent), (key, consent)])

    assert read(db, key).consents == (consent,)


def test_an_objection_outlives_the_record_and_a_later_yes_lifts_it(db: Connection) -> None:
    key = lea(db)
    claims.save(db, [(key, a_claim("Lea@example.org", fact="email"))])
    objection = Suppress(
        channel=Channel.EMAIL,
        address="lea@example.org",
        purpose=Purpose.PROSPECTING,
        because="consent.withdrawn",
        at=NOON - MONTH,
    )
    suppressions.save(db, SECRET, [objection, objection])
    assert read(db, key).suppressed == {"email:prospecting"}
    assert load(db, [key], NOON, secret="another")[key].suppressed == frozenset()

    yes = Consent(
        purpose=Purpose.PROSPECTING,
        channel=Channel.EMAIL,
        given=True,
        at=NOON,
        message_id="m",
        source="shop",
    )
    consents.save(db, [(key, yes)])
    assert read(db, key).suppressed == frozenset()


def test_only_acts_that_reach_people_within_ninety_days_count_as_contacts(db: Connection) -> None:
    key = lea(db)
    for days, state, kind in (
        *((1, "left", "send"), (2, "queued", "ask"), (3, "unknown", "send")),
        *((100, "left", "send"), (1, "failed", "send"), (1, "left", "do")),
    ):
        at = NOON - timedelta(days=days)
        db.execute(
            """
            INSERT INTO act (bucket, customer_id, act_id, lane, version, decision_id, run_id, decided_at,
                             state, kind, channel, purpose, reach, automation, name, step, recipient, content)
            VALUES (%s, %s, %s, 1, 1, 1, 1, %s, %s, %s, 'email', 'service', 'inbox', 'a', 'n', 's', '', '')
            """,
            [key.bucket, key.customer_id, first_id_at(at) + len(state + kind), at, state, kind],
        )

    assert {contact.at for contact in read(db, key).contacts} == {
        NOON - timedelta(days=days) for days in (1, 2, 3)
    }


def test_nobody_is_nobody(db: Connection) -> None:
    assert load(db, [], NOON, secret=SECRET) == {}
    assert load(db, [CustomerKey(0, 1)], NOON, secret=SECRET) == {}


def test_order_numbers_go_up_by_what_was_taken(db: Connection) -> None:
    key = lea(db)

    assert customers.bump(db, {key: 3}) == {key: 3}
    assert customers.bump(db, {key: 2}) == {key: 5}
    assert read(db, key).seq == 5
