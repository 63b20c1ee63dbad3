"""What stops an act before anything is weighed."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from terrain.core.act import Act, ActKind, Benefit, Contact, Lane, Proposal, Reach, Waiting
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue, Product
from terrain.core.consent import Channel, Consent, Purpose
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.fact import Claim, FactKey
from terrain.core.gates import gate_again, terms_for_leaving
from terrain.core.guard import weigh
from terrain.core.house import House
from terrain.core.identifier import Identifier, Kind, key_of
from terrain.flow.rules import shipped_law
from tests.people import MONTH, NOON, YEAR, a_claim, a_customer, a_house
from tests.proposals import NOTICE, REMINDER, UPGRADE, but

DAY = timedelta(days=1)
YES, NO = True, False
MONDAY = datetime(2026, 11, 23, 11, tzinfo=UTC)
FILTERS = Catalogue(
    products={
        "filter-a": Product(sku="filter-a", properties={"category": "filters"}),
        "filter-b": Product(sku="filter-b", properties={"category": "filters"}),
        "shoe": Product(sku="shoe", properties={"category": "shoes"}),
    }
)
HOUSE = msgspec.structs.replace(a_house(FILTERS), law=shipped_law())
EMAIL = a_claim("lea@example.org", fact="email")
SMS = but(REMINDER, channel=Channel.SMS, reach=Reach.PHONE, benefit=Benefit.IMPORTANT, assumes=())
CALL = but(SMS, channel=Channel.CALL)
PROOF = {
    "identifier": "lea@example.org",
    "controller": "The shop",
    "wording": "Yes, tell me when it is time",
    "wording_version": "2",
    "positive_act": "ticked",
    "where": "checkout",
    "language": "en",
}


def consent(channel: Channel = Channel.EMAIL, **more: Any) -> Consent:
    given = {"at": NOON - MONTH, "given": True, "source": "page", "message_id": "c1", **PROOF}
    return Consent(purpose=Purpose.PROSPECTING, channel=channel, **{**given, **more})


def contacts(
    n: int, purpose: Purpose = Purpose.PROSPECTING, since: datetime = NOON
) -> tuple[Contact, ...]:
    """Return as many contacts, one a day, the last one yesterday."""
    return tuple(
        Contact(
            act_id=100 + day,
            at=since - (day + 1) * DAY,
            channel=Channel.EMAIL,
            purpose=purpose,
            automation="another",
        )
        for day in range(n)
    )


def said(fact: str, value: Any, about: str = "", **more: Any) -> Claim:
    return a_claim(value, fact=FactKey(fact, about), **more)


def lea(*claims: Claim, **more: Any) -> Customer:
    return a_customer(EMAIL, *claims, **{"consents": (consent(),), **more})


def decide(
    customer: Customer, proposal: Proposal = REMINDER, house: House = HOUSE, now: datetime = NOON
) -> Decision:
    return weigh(proposal, customer, house, now)


def held(decision: Decision, because: str, hold: Hold = Hold.UNTIL_CHANGE) -> bool:
    found = (decision.verdict, decision.hold, decision.because)
    assert found == (Verdict.HOLD, hold, because)
    return True


forbidden = partial(held, hold=Hold.FORBID)


# -- people


def test_a_reminder_she_agreed_to_goes_out() -> None:
    assert decide(lea()).verdict is Verdict.ACT


def test_a_paused_automation_holds_until_it_goes_on() -> None:
    paused = msgspec.structs.replace(HOUSE, paused=frozenset({"filter-reminder"}))

    assert held(decide(lea(), house=paused), "paused")


@pytest.mark.parametrize("about", ["filter-reminder", "all"])
def test_stop_means_stop(about: str) -> None:
    assert forbidden(decide(lea(said("wish.stop", YES, about))), "stopped")


def test_who_stopped_another_automation_still_gets_this_one() -> None:
    assert decide(lea(said("wish.stop", YES, "birthday"))).verdict is Verdict.ACT


def test_who_stopped_everything_still_gets_the_code_they_wait_for() -> None:
    code = but(NOTICE, solicited=True, automation="login-code")

    assert decide(lea(said("wish.stop", YES, "all")), code).verdict is Verdict.ACT


def test_who_started_again_gets_it_again() -> None:
    stopped = said("wish.stop", YES, "filter-reminder", ago=MONTH)
    again = said("wish.stop", NO, "filter-reminder", ago=DAY)

    assert decide(lea(stopped, again)).verdict is Verdict.ACT


def test_never_is_a_standing_answer() -> None:
    never = said("wish.never", YES, "wants_sooner")

    assert forbidden(decide(lea(never), UPGRADE), "never_wanted")


# -- complaints and people in charge


def test_while_a_complaint_is_open_there_is_no_reminder() -> None:
    complaint = said("complaint", "open", "c-7", source="desk")

    assert held(decide(lea(complaint)), "open_complaint")
    assert held(decide(lea(complaint), NOTICE), "open_complaint")


def test_once_it_is_closed_they_come_again() -> None:
    opened = said("complaint", "open", "c-7", source="desk", ago=MONTH)
    closed = said("complaint", "closed", "c-7", source="desk", ago=DAY)

    assert decide(lea(opened, closed)).verdict is Verdict.ACT


def test_what_is_about_the_complaint_or_vital_still_reaches_her() -> None:
    customer = lea(said("complaint", "open", "c-7", source="desk"))

    about_it = decide(customer, but(NOTICE, complaint="c-7"))
    vital = decide(customer, but(NOTICE, benefit=Benefit.VITAL))

    assert [about_it.verdict, vital.verdict] == ["act", "act"]


def test_when_a_person_is_in_charge_the_machine_is_silent() -> None:
    customer = lea(said("in_charge", "ines", source="desk"))
    answer = but(NOTICE, act=ActKind.ANSWER, waiting=Waiting.WAITING, channel=Channel.CHAT)

    assert held(decide(customer), "person_in_charge")
    assert decide(customer, answer).verdict is Verdict.HAND


def test_who_asked_for_a_person_is_not_answered_by_a_machine() -> None:
    customer = lea(said("wants_a_person", YES, ago=DAY))
    answer = but(NOTICE, act=ActKind.ANSWER, channel=Channel.CHAT, solicited=True)

    assert decide(customer, answer).because == "person_wanted"
    assert decide(customer, answer, now=NOON + 30 * DAY).verdict is Verdict.ACT


def test_only_a_person_says_no() -> None:
    refusal = but(NOTICE, act=ActKind.REFUSE, channel=Channel.CHAT, adverse=True, significant=True)

    decision = decide(lea(), refusal)

    assert (decision.verdict, decision.because) == (Verdict.HAND, "adverse")
    assert [said.rule for said in decision.gates if said.verdict == "hand"] == [
        "GDPR-22-a",
        "adverse",
    ]


def test_what_the_law_demands_is_done_whatever_it_weighs() -> None:
    duty = but(NOTICE, purpose=Purpose.LEGAL_OBLIGATION, benefit=Benefit.NONE)
    customer = lea(said("wish.stop", YES, "all"), contacts=contacts(9))

    decision = decide(customer, duty, now=NOON.replace(hour=3))

    assert (decision.verdict, decision.because) == (Verdict.ACT, "legal_obligation")


# -- consent and law


def test_without_consent_there_is_no_prospecting() -> None:
    assert forbidden(decide(lea(consents=())), "no_consent")


def test_a_consent_for_email_is_none_for_sms() -> None:
    assert forbidden(decide(lea(), SMS, now=MONDAY), "no_consent")


def test_the_last_word_counts() -> None:
    withdrawn = consent(given=False, at=NOON - DAY, message_id="c2")

    assert forbidden(decide(lea(consents=(withdrawn, consent()))), "consent_withdrawn")


def test_a_gap_in_the_proof_is_a_gap_in_the_consent() -> None:
    decision = decide(lea(consents=(consent(wording=""),)))

    assert held(decision, "consent_without_proof")
    assert decision.values["missing"] == ["wording"]


def test_an_assumed_consent_is_used_and_marked_as_assumed() -> None:
    decision = decide(lea(consents=(consent(assumed=True, wording=""),)))

    (law,) = [one for one in decision.gates if one.rule == "FR-EP-1"]
    assert decision.verdict is Verdict.ACT
    assert (law.because, law.inputs["assumed"]) == ("assumed_consent", True)


def ordered(sku: str, *, told: bool = True) -> Customer:
    claims = [said("ordered", YES, sku, source="shop")]
    if told:
        claims.append(said("told_at_collection", YES, "email", source="shop"))
    return lea(*claims, consents=())


def test_who_ordered_a_filter_and_was_told_may_hear_of_filters() -> None:
    reminder = but(REMINDER, product="filter-b")

    assert decide(ordered("filter-a"), reminder).verdict is Verdict.ACT
    assert forbidden(decide(ordered("shoe"), reminder), "no_consent")
    assert forbidden(decide(ordered("filter-a", told=False), reminder), "no_consent")
    assert forbidden(decide(ordered("filter-a")), "no_consent")  # about nothing in particular


def test_a_business_hears_of_what_concerns_the_job() -> None:
    told = said("told_at_collection", YES, "email")
    named = said("business_address", "named")
    fits = said("concerns_their_job", YES)

    assert decide(lea(said("business_address", "generic"), consents=())).verdict is Verdict.ACT
    assert decide(lea(named, told, fits, consents=())).verdict is Verdict.ACT
    assert forbidden(decide(lea(named, told, consents=())), "no_consent")


def test_an_objection_is_absolute() -> None:
    assert forbidden(decide(lea(said("wish.stop", YES, "prospecting"))), "objection")


@pytest.mark.parametrize("entry", ["email:prospecting", "email:*"])
def test_an_address_on_the_suppression_list_is_not_used(entry: str) -> None:
    assert forbidden(decide(lea(suppressed=frozenset({entry}))), "suppressed")


def test_a_suppressed_prospect_still_gets_service_mail() -> None:
    customer = lea(suppressed=frozenset({"email:prospecting"}))

    assert decide(customer, NOTICE).verdict is Verdict.ACT


def test_nobody_is_prospected_after_three_years_of_silence() -> None:
    long_ago = a_claim("lea@example.org", fact="email", ago=3.1 * YEAR)
    customer = a_customer(long_ago, consents=(consent(at=NOON - 3.1 * YEAR),))

    assert held(decide(customer), "no_sign_of_life")


def test_calls_need_consent_from_the_eleventh_of_august_2026() -> None:
    eve, day = datetime(2026, 8, 10, 9, tzinfo=UTC), datetime(2026, 8, 11, 9, tzinfo=UTC)

    assert decide(lea(), CALL, now=eve).verdict is Verdict.ACT
    assert forbidden(decide(lea(), CALL, now=day), "no_consent")


def test_whoever_is_on_the_register_was_not_called_even_before() -> None:
    august = datetime(2026, 8, 10, 9, tzinfo=UTC)

    assert forbidden(decide(lea(said("bloctel", YES)), CALL, now=august), "on_register")


def test_a_current_contract_may_be_called_about() -> None:
    contract = said("contract", "current", "filters")

    assert decide(lea(contract), but(CALL, product="filter-a"), now=MONDAY).verdict is Verdict.ACT
    assert forbidden(decide(lea(contract), but(CALL, product="shoe"), now=MONDAY), "no_consent")


def test_a_consent_to_calls_is_good_for_three_years() -> None:
    old = consent(Channel.CALL, at=NOON - 3.1 * YEAR)

    assert forbidden(decide(lea(consents=(old,)), CALL, now=MONDAY), "consent_too_old")


def test_four_calls_in_thirty_days_are_enough() -> None:
    calls = tuple(
        msgspec.structs.replace(contact, channel=Channel.CALL, at=MONDAY - (8 + place) * DAY)
        for place, contact in enumerate(contacts(4))
    )
    generous = msgspec.structs.replace(HOUSE, settings=a_house(prospecting_per_30_days=9).settings)
    customer = lea(consents=(consent(Channel.CALL),), contacts=calls)

    decision = decide(customer, CALL, generous, MONDAY)

    assert held(decision, "too_many_attempts", Hold.UNTIL)
    # Thirty days after the first of them is Saturday, 12 December: Monday at ten, then.
    assert decision.until == datetime(2026, 12, 14, 9, tzinfo=UTC)


def test_who_refused_in_a_call_is_left_alone_for_sixty_days() -> None:
    customer = lea(said("call_refused", YES, ago=10 * DAY), consents=(consent(Channel.CALL),))

    decision = decide(customer, CALL, now=MONDAY)

    assert held(decision, "refused_lately", Hold.UNTIL)
    # Sixty days later it is one o'clock, and lunch: at two.
    assert decision.until == datetime(2027, 1, 11, 13, tzinfo=UTC)


def test_some_trades_may_not_prospect_at_all() -> None:
    assert forbidden(decide(lea(), but(REMINDER, sector="energy_renovation")), "forbidden_sector")


def test_every_law_that_was_asked_leaves_its_proof() -> None:
    gates = decide(lea()).gates

    assert [one.rule for one in gates] == ["FR-EP-1", "FR-SUPP", "FR-RET", "EU-OBJ"]
    assert {one.version for one in gates} == {"FR:0", "EU:0"}
    assert gates[0].inputs["consent"] == "c1"


def test_in_the_united_states_mail_is_allowed_until_refused() -> None:
    american = said("country", "US"), said("time_zone", "America/New_York")
    afternoon = NOON.replace(hour=18)

    assert decide(lea(*american, consents=()), now=afternoon).verdict is Verdict.ACT
    assert forbidden(
        decide(lea(*american, consents=(consent(given=False),)), now=afternoon), "consent_withdrawn"
    )


def test_in_canada_an_order_is_a_consent_for_two_years() -> None:
    canadian = said("country", "CA"), said("time_zone", "America/Toronto")
    lately = said("last_order", "2026-01-02", source="shop", ago=10 * MONTH)
    long_ago = said("last_order", "2024-01-02", source="shop", ago=2.5 * YEAR)
    afternoon = NOON.replace(hour=18)

    assert decide(lea(*canadian, lately, consents=()), now=afternoon).verdict is Verdict.ACT
    assert forbidden(decide(lea(*canadian, long_ago, consents=()), now=afternoon), "no_consent")


def test_where_no_table_exists_the_european_one_holds() -> None:
    decision = decide(lea(said("country", "JP"), consents=()))

    assert forbidden(decision, "no_consent")
    assert decision.gates[0].rule == "EU-EP-1"


# -- hours, caps, absence


def test_an_email_waits_for_seven_in_the_morning_by_her_clock() -> None:
    in_paris = decide(lea(), now=NOON.replace(hour=22))
    in_reunion = decide(lea(said("time_zone", "Indian/Reunion")), now=NOON.replace(hour=22))

    assert held(in_paris, "usual_hours", Hold.UNTIL)
    assert in_paris.until == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert in_reunion.until == datetime(2026, 11, 23, 3, tzinfo=UTC)


def test_no_sms_on_a_sunday_nor_on_the_holiday_after_it() -> None:
    customer = lea(consents=(consent(Channel.SMS),))
    easter_saturday = datetime(2026, 4, 4, 20, tzinfo=UTC)

    decision = decide(customer, SMS, now=easter_saturday)

    assert decision.hold is Hold.UNTIL
    assert decision.until == datetime(2026, 4, 7, 8, tzinfo=UTC)  # Tuesday, ten in Paris


def test_the_number_tells_the_clock_where_nothing_else_does() -> None:
    customer = lea(identifiers=(Identifier(Kind.PHONE, "+14155550100"),), consents=(consent(),))

    decision = decide(customer, NOTICE, now=NOON)

    assert decision.until == datetime(2026, 11, 22, 15, tzinfo=UTC)  # seven in California


def test_her_own_quiet_hours_come_on_top() -> None:
    quiet = said("wish.quiet_hours", {"from": "12:00", "until": "14:00"})

    decision = decide(lea(quiet), NOTICE)

    assert held(decision, "quiet_hours", Hold.UNTIL)
    assert decision.until == datetime(2026, 11, 22, 13, tzinfo=UTC)


def test_what_she_waits_for_comes_at_any_hour() -> None:
    code = but(NOTICE, solicited=True)

    assert decide(lea(), code, now=NOON.replace(hour=2)).verdict is Verdict.ACT


def test_two_offers_a_week_are_enough_whoever_sent_them() -> None:
    decision = decide(lea(contacts=contacts(2)))

    assert held(decision, "contact_cap", Hold.UNTIL)
    assert decision.until == NOON + 5 * DAY


def test_six_in_thirty_days_too() -> None:
    spread = tuple(
        msgspec.structs.replace(contact, at=NOON - (8 + 3 * place) * DAY)
        for place, contact in enumerate(contacts(6))
    )

    decision = decide(lea(contacts=spread))

    assert decision.until == NOON + 7 * DAY  # thirty days after the oldest of the six


def test_service_does_not_count_against_the_cap() -> None:
    assert decide(lea(contacts=contacts(1, Purpose.SERVICE))).verdict is Verdict.ACT


def test_a_hold_ends_at_a_moment_that_nothing_else_holds() -> None:
    quiet = said("wish.quiet_hours", {"from": "06:00", "until": "16:00"})
    away = said("wish.absence", {"from": "2026-11-20", "until": "2026-11-28"})

    decision = decide(lea(quiet, away, contacts=contacts(2)))

    assert decision.until == datetime(2026, 11, 29, 15, tzinfo=UTC)  # the 29th at four in Paris
    assert decide(lea(quiet, away, contacts=contacts(2)), now=decision.until).verdict is Verdict.ACT


def test_while_she_is_away_nothing_comes() -> None:
    away = said("wish.absence", {"from": "2026-11-20", "until": "2026-11-30"})

    decision = decide(lea(away))

    assert held(decision, "absent", Hold.UNTIL)
    assert decision.until == datetime(2026, 12, 1, 6, tzinfo=UTC)  # not at midnight: at seven


@pytest.mark.parametrize(
    "odd",
    [
        ("wish.absence", {"from": "soon", "until": 7}),
        ("wish.absence", {"until": "9999-12-31"}),
        ("wish.quiet_hours", {"from": "25:99", "until": "x"}),
        ("wish.quiet_hours", "always"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("country", 12),
        ("address", {"country": None}),
    ],
)
def test_odd_wishes_break_nothing(odd: tuple[str, Any]) -> None:
    assert decide(lea(said(*odd))).verdict in set(Verdict)


# -- when it leaves


def leaving(proposal: Proposal = REMINDER) -> Act:
    return Act(
        key=lea().key,
        act_id=100,
        decision_id=1,
        kind=proposal.act,
        name=proposal.name,
        automation=proposal.automation,
        version=1,
        step="send",
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=proposal.channel or Channel.EMAIL,
        lane=Lane.USUAL,
        due_at=NOON,
        solicited=proposal.solicited,
        content={"gates": terms_for_leaving(proposal)},
    )


def test_what_may_leave_leaves() -> None:
    assert gate_again(leaving(), lea(), HOUSE, NOON) is None


def test_a_stop_reaches_what_is_already_queued() -> None:
    stop = gate_again(leaving(), lea(said("wish.stop", YES, "all")), HOUSE, NOON)

    assert stop is not None
    assert (stop.verdict, stop.because) == ("forbid", "stopped")


def test_an_act_does_not_count_against_itself() -> None:
    customer = lea(contacts=contacts(2))  # one of them is act 100, this one

    assert gate_again(leaving(), customer, HOUSE, NOON) is None


def test_what_was_about_the_complaint_still_is_when_it_leaves() -> None:
    customer = lea(said("complaint", "open", "c-7", source="desk"))

    assert gate_again(leaving(but(NOTICE, complaint="c-7")), customer, HOUSE, NOON) is None
    assert gate_again(leaving(NOTICE), customer, HOUSE, NOON) is not None


def test_a_message_without_its_way_out_does_not_leave() -> None:
    stop = gate_again(leaving(), lea(), HOUSE, NOON, frozenset({"sender", "way_to_object"}))
    whole = frozenset({"sender", "way_to_object", "one_click"})

    assert stop is not None
    assert (stop.rule, stop.inputs["missing"]) == ("MB-1", ["one_click"])
    assert gate_again(leaving(), lea(), HOUSE, NOON, whole) is None


def test_the_same_gates_hold_without_any_table_of_law() -> None:
    decision = decide(lea(suppressed=frozenset({"email:*"})), house=a_house())

    assert forbidden(decision, "suppressed")


# -- how and when she wants to be reached


def by_channel(channel: Channel, wish: str) -> Claim:
    return said("wish.channel", wish, about=channel.value)


@pytest.mark.parametrize(
    ("wish", "purpose", "comes"),
    [
        ("any", Purpose.PROSPECTING, "yes"),
        ("any", Purpose.SERVICE, "yes"),
        ("service", Purpose.PROSPECTING, "no"),
        ("service", Purpose.SERVICE, "yes"),
        ("none", Purpose.PROSPECTING, "no"),
        ("none", Purpose.SERVICE, "no"),
        ("none", Purpose.SAFETY, "yes"),
        ("none", Purpose.LEGAL_OBLIGATION, "yes"),
    ],
)
def test_she_is_reached_only_by_the_ways_she_chose(wish: str, purpose: Purpose, comes: str) -> None:
    customer = lea(by_channel(Channel.EMAIL, wish), said("wish.channel", "none", about="sms"))

    decision = decide(customer, but(REMINDER, purpose=purpose))

    if comes == "yes":
        assert decision.verdict is Verdict.ACT
    else:
        assert held(decision, "channel_unwanted")
        assert decision.values["wish"] == "wish.channel(email)"


def test_what_she_does_not_want_by_text_message_goes_by_e_mail() -> None:
    customer = lea(by_channel(Channel.SMS, "none"))

    assert decide(customer, but(NOTICE, channel=Channel.SMS)).because == "channel_unwanted"
    assert decide(customer, NOTICE).verdict is Verdict.ACT


def test_a_code_that_she_waits_for_comes_by_the_way_it_was_asked_for() -> None:
    customer = lea(by_channel(Channel.SMS, "none"))
    code = but(NOTICE, channel=Channel.SMS, solicited=True, waiting=Waiting.WAITING)

    assert decide(customer, code).because != "channel_unwanted"
    assert decide(customer, but(code, waiting=Waiting.NOBODY)).because == "channel_unwanted"


def test_whatever_is_vital_comes_by_any_way() -> None:
    vital = but(NOTICE, channel=Channel.SMS, benefit=Benefit.VITAL)

    assert decide(lea(by_channel(Channel.SMS, "none")), vital).verdict is Verdict.ACT


def test_her_later_choice_holds() -> None:
    first = said("wish.channel", "none", about="email", ago=2 * DAY)
    later = said("wish.channel", "any", about="email", ago=DAY)

    assert decide(lea(first, later), NOTICE).verdict is Verdict.ACT


def test_a_question_is_not_put_by_a_way_she_does_not_want() -> None:
    guess = said("wants_sooner", YES, about="42", source="platform")
    assert decide(lea(guess), UPGRADE).verdict is Verdict.ASK

    decision = decide(lea(guess, by_channel(Channel.EMAIL, "none")), UPGRADE)

    assert decision.verdict is not Verdict.ASK
    assert "channel_unwanted" in {each.because for each in decision.gates}


def test_an_act_decided_before_she_chose_is_asked_again_when_it_leaves() -> None:
    act = leaving()

    assert gate_again(act, lea(), HOUSE, NOON) is None
    stopped = gate_again(act, lea(by_channel(Channel.EMAIL, "service")), HOUSE, NOON)
    assert stopped is not None
    assert stopped.because == "channel_unwanted"


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # Paris is an hour ahead of UTC. The 22nd of November 2026 is a Sunday.
        (NOON, datetime(2026, 11, 23, 8, tzinfo=UTC)),  # all Sunday is quiet, then until nine
        (datetime(2026, 11, 23, 10, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 17, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC)),
        # Clocks go back in the night to Sunday 25 October 2026, and forward on 28 March 2027.
        (datetime(2026, 10, 24, 16, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)),
        (datetime(2027, 3, 27, 17, tzinfo=UTC), datetime(2027, 3, 29, 7, tzinfo=UTC)),
    ],
)
def test_outside_her_hours_an_act_waits_for_her_next_one(
    now: datetime, until: datetime | None
) -> None:
    quiet = said("wish.quiet_hours", {"from": "18:00", "until": "09:00", "days": ["sun"]})

    decision = decide(lea(quiet), NOTICE, now=now)

    if until is None:
        assert decision.verdict is Verdict.ACT
    else:
        assert held(decision, "quiet_hours", Hold.UNTIL)
        assert decision.until == until
        assert decide(lea(quiet), NOTICE, now=until).verdict is Verdict.ACT


def test_quiet_days_alone_leave_the_other_days_as_they_are() -> None:
    quiet = said("wish.quiet_hours", {"days": ["sat", "sun"]})

    assert decide(lea(quiet), NOTICE, now=NOON - 2 * DAY).verdict is Verdict.ACT
    assert decide(lea(quiet), NOTICE).until == datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        ("wish.channel", {"a": 1}, "email"),
        ("wish.channel", "carrier pigeon", "email"),
        ("wish.quiet_hours", {"days": "sun"}, ""),
        ("wish.quiet_hours", {"days": [["sun"]]}, ""),
        ("wish.quiet_hours", {"days": ["someday"]}, ""),
        ("wish.quiet_hours", {"from": "10:00"}, ""),
        ("wish.quiet_hours", {"from": "99:00", "until": "10:00"}, ""),
        ("wish.quiet_hours", {}, ""),
    ],
)
def test_a_wish_that_cannot_be_read_holds_nothing(odd: tuple[str, Any, str]) -> None:
    fact, value, about = odd

    assert decide(lea(said(fact, value, about=about))).verdict is Verdict.ACT


def test_a_canary_goes_by_the_version_that_is_live_whichever_a_run_stands_on() -> None:
    live = Automation(name=REMINDER.automation, version=7)
    house = msgspec.structs.replace(
        HOUSE, canaries={REMINDER.automation: 0.1}, live={REMINDER.automation: live}
    )

    def held(version: int) -> list[int]:
        proposal = but(REMINDER, version=version)
        folk = [msgspec.structs.replace(lea(), key=key_of(number)) for number in range(1, 200)]
        return [
            one.key.customer_id
            for one in folk
            if weigh(proposal, one, house, NOON).because == "canary"
        ]

    assert held(6) == held(7)
    assert 150 < len(held(7)) < 199
