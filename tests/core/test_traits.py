"""What is recorded of one act, and nothing that was learnt later or is nobody's business."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from terrain.core.catalogue import Catalogue, FactKind, Product
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Decision, UsedFact, Verdict, Weighing
from terrain.core.fact import FactKey, SourceKind
from terrain.core.identifier import CustomerKey
from terrain.core.traits import traits, weakest
from tests.proposals import REMINDER, but

SUNDAY_EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
CATALOGUE = Catalogue(
    facts={
        "uses": FactKind(name="uses", type="yes_no"),
        "level": FactKind(name="level", type="choice", choices=("gold", "silver")),
        "address": FactKind(name="address", type="address"),
        "note": FactKind(name="note"),
    },
    products={"filter-a": Product(sku="filter-a")},
)
PROPOSAL = but(REMINDER, version=7, purpose=Purpose.SERVICE, channel=None, assumes=())


def a_fact(name: str, value: Any, about: str = "", sure: float = 0.9, **more: Any) -> UsedFact:
    given = {"source": "shop", "kind": SourceKind.TRANSACTION, "since": None, **more}
    return UsedFact(key=FactKey(name, about), value=value, confidence=sure, **given)


def a_decision(*facts: UsedFact, **more: Any) -> Decision:
    proposal = but(PROPOSAL, **more.pop("proposal", {}))
    return Decision(
        decision_id=1,
        key=CustomerKey(1, 2),
        at=SUNDAY_EVENING,
        verdict=Verdict.ACT,
        because="sure_enough",
        proposal=proposal,
        facts=facts,
        **more,
    )


def of(decision: Decision) -> dict[str, str]:
    return traits(decision, SUNDAY_EVENING, CATALOGUE, PARIS)


def test_version_step_and_when_by_the_clock_of_the_house() -> None:
    assert of(a_decision()) == {"version": "7", "step": "send", "hour": "0", "weekday": "0"}


def test_by_which_channel() -> None:
    assert of(a_decision(proposal={"channel": Channel.SMS}))["channel"] == "sms"


def test_about_which_product() -> None:
    assert of(a_decision(proposal={"product": "filter-b"}))["product"] == "filter-b"
    assert of(a_decision(a_fact("uses", value=True, about="filter-a")))["product"] == "filter-a"
    assert "product" not in of(a_decision(a_fact("uses", value=True, about="order-1")))


def test_who_said_what_it_was_least_sure_of() -> None:
    sure, doubtful = a_fact("uses", value=True), a_fact("note", "x", sure=0.4, source="broker")

    assert of(a_decision(sure, doubtful))["source"] == "broker"
    assert of(a_decision(sure, doubtful))["who"] == "transaction"


def test_the_weakest_is_the_one_that_was_weighed_as_such() -> None:
    sure, doubtful = a_fact("uses", value=True), a_fact("note", "x", sure=0.4)
    weighed = Weighing(
        certainty=0.4,
        needs=0.3,
        turning=None,
        harm=1.0,
        benefit=1.0,
        intrusion=1.0,
        silence=1.0,
        losses={},
        weakest=sure.key,
    )

    assert weakest(a_decision(sure, doubtful, weighing=weighed)) == sure
    assert weakest(a_decision()) is None


def test_what_was_merely_assumed_was_said_by_nobody() -> None:
    assumed = a_fact("uses", value=True, source="", kind=None, assumed=True)

    assert of(a_decision(assumed))["source"] == "nobody"
    assert of(a_decision(assumed))["who"] == "nobody"


def test_facts_with_a_few_values_tell_people_apart_and_an_address_is_nobodys_trait() -> None:
    facts = [a_fact("uses", value=False), a_fact("level", "gold"), a_fact("address", "12 rue")]
    found = of(a_decision(*facts, a_fact("note", "private"), a_fact("unheard_of", "x")))

    assert found["fact:uses"] == "False"
    assert found["fact:level"] == "gold"
    assert [name for name in found if name.startswith("fact:")] == ["fact:uses", "fact:level"]


def test_a_value_that_nobody_knows_is_no_value() -> None:
    assert "fact:uses" not in of(a_decision(a_fact("uses", value=None)))
