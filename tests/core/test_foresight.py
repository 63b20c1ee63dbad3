"""The ninety days to come: everything on its day, nothing made up, nothing touched."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from terrain.core import foresight
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.customer import Customer
from terrain.core.decision import Verdict
from terrain.core.event import Event
from terrain.core.foresight import DAYS, Foresight, Life, foresee
from terrain.core.house import House
from terrain.core.schedule import Earlier
from terrain.flow.automations import draft_of
from terrain.flow.rules import shipped_law
from tests.journeys import example_catalogue, examples
from tests.people import LEA, a_claim, a_customer, a_house, an_event

# A Wednesday in Paris, before noon.
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
ALWAYS = """
automation: {name}
owner: camille@example.org
mandate: {{en: Say hello., fr: Dire bonjour.}}
benefit: useful
purpose: service
starts: {starts}
steps:
  - send: welcome
    by: shadow
    reach: inbox
    undo: by_customer
    offers: [stop_these, a_person]
bounds: {{complaint: 1 in 1000, stop: 5 in 1000, wrong_assumption: 5 in 100}}
"""


def automation(starts: str, name: str = "hello") -> Automation:
    draft = draft_of(ALWAYS.format(name=name, starts=starts), f"{name}.yaml", example_catalogue())
    assert draft.automation, draft.problems
    return draft.automation


def house_of(*automations: Automation, **more: Any) -> House:
    catalogue: Catalogue = example_catalogue()
    return msgspec.structs.replace(
        a_house(catalogue),
        law=shipped_law(),
        live={each.name: each for each in automations},
        versions={(each.name, each.version): each for each in automations},
        **more,
    )


def lea(**more: Any) -> Customer:
    return a_customer(
        a_claim("lea@example.org", fact="email"),
        a_claim("1990-12-24", fact="birth_date"),
        a_claim("FR", fact="country"),
        identifiers=(LEA,),
        **more,
    )


def foreseen(house: House, life: Life | None = None, customer: Customer | None = None) -> Foresight:
    return foresee(customer or lea(), life or Life(), house, NOW)


def days_of(seen: Foresight) -> list[int]:
    return [(each.decision.at.date() - NOW.date()).days for each in seen.things]


def test_a_customer_with_nothing_has_ninety_quiet_days() -> None:
    assert foreseen(house_of()).things == ()


def test_every_monday_is_foreseen_on_its_monday() -> None:
    seen = foreseen(house_of(automation("{every: monday, at: '09:00'}")))

    later = [day for day in days_of(seen) if day >= 5]
    assert later
    assert all((NOW + timedelta(days=day)).weekday() == 0 for day in later)
    assert max(later) > DAYS - 8


def test_a_birthday_is_foreseen_once_on_its_day() -> None:
    seen = foreseen(house_of(automation("{on: birth_date, yearly: yes}")))

    assert [each.decision.at.strftime("%m-%d") for each in seen.things][:1] == ["12-24"]
    assert len({each.decision.proposal.run_id for each in seen.things}) == 1


def test_what_was_looked_through_already_is_not_looked_through_again() -> None:
    house = house_of(automation("{every: monday, at: '09:00'}"))
    seen = foreseen(house, Life(seen=frozenset({("hello", "0/2026-11-16")})))

    assert min(days_of(seen)) == 5


def test_a_segment_does_not_come_back_before_its_time() -> None:
    house = house_of(automation("{segment: {country: FR}, again_after: 60 days}"))
    fresh = foreseen(house)
    had = foreseen(
        house, Life(earlier={"hello": (Earlier("segment/x", NOW - timedelta(days=30)),)})
    )

    assert days_of(fresh)[0] == 0
    assert days_of(had)[0] == 30
    assert days_of(fresh)[1:] == [60]


def placed(days: int, order: str = "A-1") -> Event:
    at = NOW + timedelta(days=days)
    return an_event("order.delivered", at=at, message_id=f"d{order}", properties={"order": order})


def test_what_is_supposed_happens_on_its_day_and_nothing_else_does() -> None:
    house = house_of(automation("{when: order.delivered}"))

    assert foreseen(house).things == ()
    seen = foreseen(house, Life(supposed=(placed(12), placed(3, "A-2"))))
    assert days_of(seen)[0] == 3
    assert 12 in days_of(seen)


def test_what_lies_beyond_the_last_day_is_not_foreseen() -> None:
    house = house_of(automation("{when: order.delivered}"))

    assert foreseen(house, Life(supposed=(placed(DAYS + 1),))).things == ()


def test_what_is_paused_stays_paused() -> None:
    by_calendar = house_of(automation("{every: day, at: '09:00'}"), paused=frozenset({"hello"}))
    by_event = house_of(automation("{when: order.delivered}"), paused=frozenset({"hello"}))

    assert foreseen(by_calendar).things == ()
    seen = foreseen(by_event, Life(supposed=(placed(1),)))
    assert [each.decision.because for each in seen.things] == ["paused"]
    assert seen.things[0].decision.verdict is Verdict.HOLD


def test_the_same_hold_again_is_one_line_that_says_how_often() -> None:
    complaint = an_event(
        "complaint.opened", at=NOW, message_id="c", properties={"complaint_id": "c"}
    )
    house = house_of(automation("{when: order.delivered}"))
    seen = foreseen(house, Life(supposed=(complaint, placed(1))))

    held = [each for each in seen.things if each.decision.because == "open_complaint"]
    assert len(held) == 1
    assert held[0].until >= held[0].decision.at


def test_all_automations_are_foreseen_together() -> None:
    many = [automation("{every: day, at: '09:00'}", name=f"hello-{n}") for n in range(12)]
    house = house_of(*many)
    seen = foreseen(house)

    # Shadow letters reach nobody, so no cap holds them: every one of them is foreseen.
    assert len(seen.things) == 12 * len({each.decision.at.date() for each in seen.things})


def test_foreseeing_changes_nothing_and_says_the_same_twice() -> None:
    house, customer = house_of(automation("{every: day, at: '09:00'}")), lea()
    before = msgspec.json.encode(customer.runs)
    one, two = (foresee(customer, Life(), house, NOW) for _ in range(2))

    assert [each.decision.verdict for each in one.things] == [
        each.decision.verdict for each in two.things
    ]
    assert msgspec.json.encode(customer.runs) == before


def test_what_goes_on_for_ever_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foresight, "MOST_MOMENTS", 10)
    seen = foreseen(house_of(automation("{every: day, at: '09:00'}")))

    assert seen.more
    assert len(seen.things) <= 10


def test_what_waits_for_a_later_day_is_named() -> None:
    house = house_of(automation("{when: order.delivered}"))
    assert foreseen(house, Life(supposed=(placed(2),))).later == ()

    waiting = examples()["filter-reminder"]
    items = [{"sku": "filter-a", "quantity": 2}]
    bought = an_event(
        "order.delivered", at=NOW, message_id="b", properties={"order": "A-1", "items": items}
    )
    seen = foreseen(house_of(waiting), Life(supposed=(bought,)))

    assert [run.automation for run in seen.later] == ["filter-reminder"] * 2
    assert all(run.due_at and run.due_at > NOW + timedelta(days=DAYS) for run in seen.later)
