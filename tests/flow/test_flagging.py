"""The cord, pulled by Inès or by Léa herself: held for her at once, for all when due, answered, never counted."""

import ast
import inspect
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core.breaker import Cause, How, Resuming
from terrain.core.fact import SourceKind
from terrain.core.flag import Reason
from terrain.core.identifier import CustomerKey, key_of
from terrain.flow import answering, breaker, customer_says, desk_says, flagging, own_page, reference
from terrain.flow.answering import Answer, AnswerTooShort, FlagAnswered
from terrain.flow.desk_says import Adviser
from terrain.flow.flagging import (
    FlagAboutWhom,
    FlagWhat,
    NotAReason,
    Pull,
    UnknownCase,
    UnknownFlag,
)
from terrain.flow.saying import Saying
from terrain.flow.sources import declare_desk
from terrain.store import automations, decisions, erasing, flags, sources, trips
from terrain.store.sources import Source
from tests.oversight import HOUR, MINUTE, a_house_that_watches, customers
from tests.people import NOON
from tests.reminded import ACT, AUTOMATION, DECISION, Reminded

INES, CAMILLE_ANSWERS = 5, Answer(by="Camille", words="You were right, thank you.")


@pytest.fixture
def lea(db: Connection) -> Reminded:
    a_house_that_watches(db, AUTOMATION, now=datetime.now(UTC))
    return Reminded(db)


def a_pull(lea: Reminded, reason: str = Reason.WRONG_FACT, **more: Any) -> Pull:
    given: dict[str, Any] = {
        "node": lea.key,
        "automation": AUTOMATION,
        "reason": str(reason),
        "text": "she has another filter",
        "act_id": ACT,
        "decision_id": DECISION,
        "who": INES,
    }
    return Pull(**{**given, **more})


def pull(lea: Reminded, reason: str = Reason.WRONG_FACT, **more: Any) -> int:
    return flagging.pull(lea.db, a_pull(lea, reason, **more), read(), lea.now).flag_id


def is_paused(db: Connection, name: str = AUTOMATION) -> bool:
    listed = automations.find(db, name)
    return bool(listed and listed.paused_at)


def as_her_page_sends(lea: Reminded, **form: str) -> None:
    said = {"text": "Ce n’est pas moi", "reason": "other", **form}
    house = lea.house
    own = own_page.read(lea.db, _link(lea), house, lea.now)
    customer_says.tell(
        lea.db, own.speaker, customer_says.say_it_is_wrong(own, said, lea.now), lea.now
    )


def _link(lea: Reminded) -> Any:
    from terrain.core.link import LinkKind, link_to  # noqa: PLC0415

    return link_to(LinkKind.PAGE, lea.key, ACT, lea.now)


# -- for her ---------------------------------------------------------------------------------------


def test_what_waits_to_leave_for_her_is_stopped_when_it_is_said(lea: Reminded) -> None:
    pull(lea)

    assert lea.state_of_act() == "stopped"
    assert not is_paused(lea.db)


def test_it_is_one_flag_though_the_worker_hears_of_it_too(lea: Reminded) -> None:
    number = pull(lea)
    lea.work()

    (kept,) = flags.of_customer(lea.db, [lea.key])
    assert (kept.flag_id, kept.reason, kept.words) == (
        number,
        Reason.WRONG_FACT,
        "she has another filter",
    )
    assert not kept.answered_at


def test_nothing_of_that_automation_reaches_her_afterwards(lea: Reminded) -> None:
    lea.buys_a_filter()
    pull(lea)
    lea.work()

    house = reference.house(lea.db, read())
    from terrain.core.flag import hold_of  # noqa: PLC0415

    customer = own_page.load(lea.db, lea.key, house, lea.now)
    assert [claim.value for claim in customer.claims[hold_of(AUTOMATION)]] == [True]


def test_the_flag_leads_to_the_act_the_decision_and_its_facts(lea: Reminded) -> None:
    case = flagging.case_of(lea.db, flagging.known(lea.db, pull(lea)))

    assert case.act
    assert case.act.act.act_id == ACT
    assert case.decision
    assert case.decision.decision_id == DECISION
    assert [str(fact.key) for fact in case.decision.facts] == ["address"]


def test_without_an_act_there_is_still_a_flag(lea: Reminded) -> None:
    case = flagging.case_of(lea.db, flagging.known(lea.db, pull(lea, act_id=0, decision_id=0)))

    assert case.act is None
    assert case.decision is None


def test_she_says_so_herself_and_a_person_comes_all_the_same(lea: Reminded) -> None:
    as_her_page_sends(lea)
    assert lea.state_of_act() == "stopped"
    lea.work()

    assert [name for name, _ in lea.said()] == ["person.wanted", "automation.flagged"]
    (kept,) = flags.of_customer(lea.db, [lea.key])
    assert (kept.reason, kept.act_id, kept.words) == (Reason.OTHER, ACT, "Ce n’est pas moi")
    tasks = lea.db.execute("SELECT kind FROM task").fetchall()
    assert tasks == [("a_person_please",)]


def test_she_says_it_on_the_phone_and_who_heard_it_is_not_in_it(lea: Reminded) -> None:
    own = desk_says.page_of(lea.db, lea.key, lea.house, lea.now)
    said = [
        Saying(
            event="automation.flagged",
            properties={"automation": AUTOMATION, "reason": "too_much"},
        )
    ]
    desk_says.tell(lea.db, own, said, Adviser(name="Inès"), lea.now)
    lea.work()

    (kept,) = flags.of_customer(lea.db, [lea.key])
    assert kept.reason is Reason.TOO_MUCH
    payloads = lea.db.execute(
        "SELECT convert_from(payload, 'UTF8') FROM event WHERE name = 'automation.flagged'"
    ).fetchall()
    assert "Inès" not in payloads[0][0]


def test_another_system_may_say_it_too(lea: Reminded) -> None:
    lea.hear("automation.flagged", source="chat", automation=AUTOMATION, reason="too_much")
    lea.work()

    (kept,) = flags.of_customer(lea.db, [lea.key])
    assert kept.reason is Reason.TOO_MUCH


# -- for all ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["wrong_person", "safety", "legal", "vulnerable"])
def test_a_severe_reason_stops_it_for_all_and_tells_the_owner(lea: Reminded, reason: str) -> None:
    pull(lea, Reason(reason))

    assert is_paused(lea.db)
    stopped = trips.open_one(lea.db, AUTOMATION)
    assert stopped
    assert stopped.cause is Cause.FLAG
    assert stopped.because == "severe_flag"
    assert stopped.evidence == {"flags": 1, "reasons": {reason: 1}}


def test_three_different_people_stop_it_for_all(lea: Reminded) -> None:
    for who in (5, 6):
        pull(lea, who=who)
    assert not is_paused(lea.db)
    pull(lea, who=7)

    assert is_paused(lea.db)


def test_the_same_person_thrice_stops_it_for_nobody_else(lea: Reminded) -> None:
    for minute in range(3):
        said = a_pull(lea)
        flagging.pull(lea.db, said, read(), lea.now + minute * MINUTE)

    assert len(flags.of_automation(lea.db, AUTOMATION)) == 3
    assert not is_paused(lea.db)


def test_staff_and_customers_count_together(lea: Reminded) -> None:
    pull(lea)
    as_her_page_sends(lea)
    omar = Reminded.__new__(Reminded)
    omar.db, omar.user_id, omar.now = lea.db, "omar", lea.now
    omar.key = omar._known("Omar")
    omar._reminded()
    omar.hear("automation.flagged", source="shop", automation=AUTOMATION)
    omar.work()

    assert is_paused(lea.db)


@pytest.mark.parametrize("reason", ["other", "safety"])
def test_customers_whom_somebody_made_up_stop_it_for_nobody(lea: Reminded, reason: str) -> None:
    """Whoever has the key of a shop's page or system can name as many people as they like."""
    for name in ("nobody-1", "nobody-2", "nobody-3"):
        made_up = Reminded.__new__(Reminded)
        made_up.db, made_up.user_id, made_up.now = lea.db, name, lea.now
        made_up.hear("automation.flagged", automation=AUTOMATION, reason=reason)
        made_up.key = made_up._known(name)
        made_up.work()

    assert flags.waiting(lea.db) == 0
    assert not is_paused(lea.db)
    assert flagging.beforehand(lea.db, a_pull(lea), read(), lea.now).others == 0


def test_automations_that_somebody_made_up_fill_no_list(lea: Reminded) -> None:
    lea.hear("automation.flagged", automation="no-such-thing", reason="safety")
    lea.work()

    assert flags.flagged(lea.db) == []


def test_the_key_of_a_page_speaks_for_nobody_but_whom_it_names(lea: Reminded) -> None:
    sources.declare(lea.db, Source(name="site", kind=SourceKind.BEHAVIOUR))
    lea.hear("automation.flagged", source="site", automation=AUTOMATION, reason="safety")
    lea.work()

    assert held(lea)
    assert not is_paused(lea.db)
    (flag,) = answering.theirs(lea.db, [lea.key], read())  # nobody of staff said it
    assert answering.mine(lea.db, INES, read()) == []
    assert flag.reason is Reason.SAFETY


def test_three_who_pull_at_the_same_moment_are_three(fresh_database: str) -> None:
    def pulls(db: Connection, node: CustomerKey, who: int) -> None:
        said = Pull(node=node, automation=AUTOMATION, reason="other", who=who)
        flagging.pull(db, said, read(), NOON)

    def pulls_too(node: CustomerKey) -> None:
        with psycopg.connect(fresh_database) as db:
            pulls(db, node, 7)

    with psycopg.connect(fresh_database) as db:
        a_house_that_watches(db, AUTOMATION)
        keys = customers(db, 3)
        declare_desk(db)
        db.commit()
        pulls(db, keys[0], 5)
        pulls(db, keys[1], 6)
        third = threading.Thread(target=pulls_too, args=[keys[2]])
        third.start()
        third.join(1)
        assert third.is_alive()
        db.commit()
        third.join(20)
        assert is_paused(db)


def test_what_was_said_before_it_went_on_again_has_been_answered_for(lea: Reminded) -> None:
    pull(lea, Reason.SAFETY)
    said = Resuming(by="Camille", because="nobody was in danger", how=How.BOUND_WAS_WRONG)
    breaker.resume(lea.db, AUTOMATION, said, lea.now + MINUTE)

    flagging.pull(lea.db, a_pull(lea, Reason.OTHER), read(), lea.now + HOUR)
    assert not is_paused(lea.db)
    flagging.pull(lea.db, a_pull(lea, Reason.SAFETY), read(), lea.now + 2 * HOUR)
    assert is_paused(lea.db)


def test_an_old_archive_that_is_read_in_stops_nothing(lea: Reminded) -> None:
    long_ago = lea.now - timedelta(days=30)
    flagging.pull(lea.db, a_pull(lea, Reason.SAFETY), read(), long_ago)
    lea.db.execute("UPDATE automation SET paused_at = NULL")
    lea.db.execute("DELETE FROM trip")

    assert flagging._hold_for_all(lea.db, AUTOMATION, breaker.alarm_of(read()), lea.now) == ""


# -- the answer ------------------------------------------------------------------------------------


def test_the_owner_answers_and_whoever_pulled_reads_it(lea: Reminded) -> None:
    number = pull(lea)

    answering.answer(lea.db, number, CAMILLE_ANSWERS, lea.now + HOUR)

    (hers,) = answering.mine(lea.db, INES, read())
    assert (hers.answered_by, hers.answer) == ("Camille", "You were right, thank you.")
    assert answering.mine(lea.db, 6, read()) == []
    (on_her_page,) = flags.of_customer(lea.db, [lea.key])
    assert on_her_page.answer == "You were right, thank you."
    assert flags.open_ones(lea.db) == []


def test_the_first_answer_stands(lea: Reminded) -> None:
    number = pull(lea)
    answering.answer(lea.db, number, CAMILLE_ANSWERS, lea.now)

    with pytest.raises(FlagAnswered) as refused:
        answering.answer(lea.db, number, Answer(by="Omar", words="It was all right."), lea.now)
    assert refused.value.values["by"] == "Camille"


def test_thanks_alone_let_nothing_go_on_for_her(lea: Reminded) -> None:
    number = pull(lea)
    lea.work()
    answering.answer(lea.db, number, CAMILLE_ANSWERS, lea.now + HOUR)
    assert held(lea)


def test_the_answer_may_let_it_go_on_for_her(lea: Reminded) -> None:
    number = pull(lea)
    lea.work()
    goes_on = Answer(by="Camille", words="The filter is hers.", goes_on=True)
    answering.answer(lea.db, number, goes_on, lea.now + HOUR)
    assert not held(lea)


def held(lea: Reminded) -> bool:
    from terrain.core.claims import latest  # noqa: PLC0415
    from terrain.core.flag import hold_of  # noqa: PLC0415

    claim = latest(lea.work(), hold_of(AUTOMATION))
    return bool(claim and claim.value)


@pytest.mark.parametrize("words", ["", "   ", "ok", "x" * 2_001])
def test_an_answer_is_more_than_a_nod_and_less_than_a_novel(lea: Reminded, words: str) -> None:
    with pytest.raises(AnswerTooShort):
        answering.answer(lea.db, pull(lea), Answer(by="Camille", words=words), lea.now)


def test_a_number_nobody_gave_is_refused(lea: Reminded) -> None:
    with pytest.raises(UnknownFlag):
        answering.answer(lea.db, 404, CAMILLE_ANSWERS, lea.now)


@pytest.mark.parametrize("name", ["", "no-such-thing", "x" * 500])
def test_without_a_case_a_flag_names_an_automation(lea: Reminded, name: str) -> None:
    with pytest.raises(FlagWhat):
        pull(lea, automation=name, act_id=0, decision_id=0)


def test_a_case_says_itself_which_automation_it_is_of(lea: Reminded) -> None:
    number = pull(lea, automation="")

    assert flagging.known(lea.db, number).automation == AUTOMATION


@pytest.mark.parametrize("wrong", [{"act_id": 77}, {"decision_id": 77}])
def test_what_was_not_done_to_her_cannot_be_wrong_for_her(
    lea: Reminded, wrong: dict[str, Any]
) -> None:
    with pytest.raises(UnknownCase):
        pull(lea, **wrong)


def test_nobody_is_nobody(lea: Reminded) -> None:
    with pytest.raises(FlagAboutWhom):
        pull(lea, node=key_of(10**12), act_id=0, decision_id=0)


def test_the_same_form_twice_is_one_flag(lea: Reminded) -> None:
    first = pull(lea, once="form-1")
    lea.now += MINUTE

    assert pull(lea, once="form-1") == first
    assert len(flags.open_ones(lea.db)) == 1


def test_it_is_told_beforehand_what_would_stop(lea: Reminded) -> None:
    def told(who: int = INES) -> flagging.Beforehand:
        return flagging.beforehand(lea.db, a_pull(lea, who=who), read(), lea.now)

    assert told() == (1, 0, False)
    pull(lea, who=1)
    pull(lea, who=2)
    assert told() == (0, 2, False)
    assert told().is_last
    assert told(who=1) == (0, 1, False)
    pull(lea, Reason.SAFETY, who=3)
    assert told() == (0, 3, True)
    assert not told().is_last


@pytest.mark.parametrize("name", ["no-such-thing", "x" * 500])
def test_a_flag_is_about_the_automation_of_its_case(lea: Reminded, name: str) -> None:
    with pytest.raises(FlagWhat):
        pull(lea, automation=name)


def test_what_another_system_was_allowed_can_be_flagged_by_its_decision(lea: Reminded) -> None:
    decided = decisions.find(lea.db, lea.key, DECISION)
    assert decided
    proposal = replace(decided.proposal, automation="chatbot", version=0)
    decisions.save(lea.db, [replace(decided, decision_id=99, proposal=proposal)])

    pull(lea, automation="chatbot", decision_id=99, act_id=0)

    (kept,) = flags.of_automation(lea.db, "chatbot")
    assert kept.decision_id == 99
    with pytest.raises(FlagWhat):
        pull(lea, automation="chatbot", decision_id=DECISION)


def test_flags_and_needs_go_with_whom_they_are_about(lea: Reminded) -> None:
    pull(lea)
    flagging.see_a_need(lea.db, a_pull(lea, text="evening delivery"), lea.now)
    lea.work()
    assert lea.db.execute("SELECT count(*) FROM need").fetchone() == (1,)

    erasing.some_rows(lea.db, [lea.key], 10_000, lea.now)

    for table in ("flag", "need", "recalled"):
        assert lea.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608


def test_a_need_without_words_is_none(lea: Reminded) -> None:
    with pytest.raises(FlagWhat):
        flagging.see_a_need(lea.db, a_pull(lea, text="  "), lea.now)


@pytest.mark.parametrize("reason", ["", "because", "SAFETY"])
def test_there_are_so_many_reasons(lea: Reminded, reason: str) -> None:
    with pytest.raises(NotAReason):
        pull(lea, reason=reason)


# -- never against whoever pulled ------------------------------------------------------------------


def test_it_is_counted_by_automation(lea: Reminded) -> None:
    pull(lea)
    pull(lea, Reason.TOO_MUCH, who=6)

    found = flags.counts(lea.db, lea.now - HOUR)
    assert found == [(AUTOMATION, "too_much", 1, 1), (AUTOMATION, "wrong_fact", 1, 1)]


def test_no_statement_counts_by_person() -> None:
    texts = [
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(flags)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    adding_up = [text for text in texts if "count(" in text or "GROUP BY" in text]

    assert adding_up
    assert [text for text in adding_up if "puller" in text or "answered_by" in text] == []


def test_nothing_that_is_kept_says_who_pulled(lea: Reminded, db: Connection) -> None:
    """The fingerprint of one person differs from automation to automation, so nobody can be added up."""
    a_second(db)
    pull(lea)
    pull(lea, automation="faster-parcel", act_id=0, decision_id=0)
    lea.work()

    pullers = db.execute("SELECT DISTINCT puller FROM flag").fetchall()
    assert len(pullers) == 2
    events = db.execute("SELECT convert_from(payload, 'UTF8') FROM event WHERE source = 'desk'")
    said = [text for (text,) in events]
    fingerprints = {text.split('"puller":"')[1].split('"')[0] for text in said}
    assert len(said) == len(fingerprints) == 2


def a_second(db: Connection) -> None:
    from tests.oversight import an_automation  # noqa: PLC0415

    automations.add_version(db, an_automation("faster-parcel"), "", NOON)


def test_the_table_has_no_column_for_it(db: Connection) -> None:
    columns = {
        name
        for (name,) in db.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'flag'"
        )
    }
    assert columns & {"staff_id", "by", "name", "email", "pulled_by"} == set()


# -- lists -----------------------------------------------------------------------------------------


def test_open_flags_come_a_page_at_a_time_the_oldest_first(db: Connection) -> None:
    a_house_that_watches(db, AUTOMATION)
    keys = customers(db, 5)
    for place, key in enumerate(keys):
        said = Pull(node=key, automation=AUTOMATION, reason="other", who=INES)
        flagging.pull(db, said, read(), NOON + place * MINUTE)

    first = flags.open_ones(db, 3)
    then = flags.open_ones(db, 3, flags.Place(first[-1].at, first[-1].flag_id))
    assert [one.node for one in (*first, *then)] == keys
    latest = flags.of_automation(db, AUTOMATION, 2)
    assert [one.node for one in latest] == keys[:-3:-1]


def test_of_nobody_there_are_none(db: Connection) -> None:
    assert flags.of_customer(db, [CustomerKey(1, 1)]) == []
    assert flags.of_puller(db, []) == []
    assert flags.keep(db, []) == set()
