"""A recall: everybody touched is found, what is queued stops, and each is made good to once, through the guard."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from msgspec.structs import replace

from terrain.config import read
from terrain.core.act import ActKind, Benefit, Proposal, Reach, Undo
from terrain.core.catalogue import Action, Catalogue
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Decision, UsedFact, Verdict
from terrain.core.fact import FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, id_from
from terrain.core.identifier import Kind as Id
from terrain.core.outbox import ActState
from terrain.core.recall import Fate, Kind, Recall, Remedy, Scope, State, touches
from terrain.errors import Refusal
from terrain.flow import making_good, recall, recall_look, recall_preview, recall_told, recall_typed
from terrain.flow.flagging import UnknownFlag
from terrain.flow.recall import (
    Approval,
    Opening,
    Prepared,
    RecallAlone,
    RecallNotYet,
    RecallReason,
    RecallScope,
    RecallStopReason,
    RecallUnseen,
    UnknownRecall,
)
from terrain.flow.recall_typed import RecallWords
from terrain.flow.reference import own_catalogue
from terrain.flow.take_in import said as word
from terrain.flow.take_in import take_in
from terrain.flow.template import TemplateBroken
from terrain.flow.turn import turn
from terrain.flow.versions import UnknownAutomation
from terrain.store import (
    acts,
    automations,
    counters,
    customers,
    decisions,
    erasing,
    recalled,
    recalls,
    tasks,
    trips,
)
from tests.flow.conftest import Sending, a_letter
from tests.outside import PostOffice, Receiving
from tests.oversight import AUTOMATION, DAY, HOUR, a_house_that_watches, a_new_version, the_settings
from tests.people import NOON

SORRY = Remedy(
    kind=Kind.MESSAGE,
    words={
        "en": {"subject": "We were wrong", "body": "Hello {{ customer.first_name }}, sorry."},
        "fr": {"subject": "Notre erreur", "body": "Bonjour, pardon."},
    },
)
CALL = replace(SORRY, kind=Kind.CALLBACK)
EVERY = range(256)
# Midnight in Paris, where the record's own clock has no year yet.
BEFORE_YEAR_ONE = datetime(1, 1, 1, tzinfo=ZoneInfo("Europe/Paris"))
STOPPED_WHY = "the words named the wrong shop"


class Faulty:
    """A house whose automation touched people, and what it did to each."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.record = sending.record
        self.now = NOON
        with self.record.local() as db:
            a_house_that_watches(db, now=NOON - 30 * DAY)

    @property
    def house(self) -> House:
        with self.record.local() as db:
            paused = frozenset(one.name for one in automations.every(db) if one.paused_at)
        return replace(self.sending.house, paused=paused)

    def touched(self, name: str, state: ActState = ActState.LEFT, **more: Any) -> CustomerKey:
        """Let the automation have written to somebody; return who they are."""
        key = self.sending.customer(name)
        self.touch(key, state, **more)
        return key

    def touch(self, key: CustomerKey, state: ActState = ActState.LEFT, **more: Any) -> None:
        decision = a_decision(key, **more)
        act = a_letter(
            key,
            act_id=id_from(decision.at, "a", decision.decision_id),
            decision_id=decision.decision_id,
            version=decision.proposal.version,
            due_at=NOON - DAY,
        )
        with self.record.local() as db, db.transaction():
            decisions.save(db, [decision])
            acts.queue(db, [act], NOON - DAY)
            if state is not ActState.QUEUED:
                db.execute(
                    "UPDATE act SET state = %s, due_at = NULL, left_at = %s WHERE act_id = %s",
                    [state.value, NOON - DAY, act.act_id],
                )

    def opens(self, **more: Any) -> Recall:
        given = {
            "automation": AUTOMATION,
            "by": "Camille",
            "because": "the wrong product was named",
            "since": NOON - 10 * DAY,
        }
        with self.record.local() as db, db.transaction():
            said = Opening(**{**given, **more})
            return recall.open_recall(db, said, self.house, read(), self.now)

    def looks(self, one: Recall) -> Recall:
        while recall_look.look_on(self.record, self.house, one.recall_id, self.now):
            pass
        return self.knows(one)

    def knows(self, one: Recall) -> Recall:
        with self.record.local() as db:
            return recall.known(db, one.recall_id)

    def latest(self) -> list[Recall]:
        with self.record.local() as db:
            return recalls.latest(db)

    def found(self, one: Recall) -> list[recalled.Recalled]:
        with self.record.local() as db:
            return list(recall_told.everybody(db, one.recall_id))

    def prepares(self, one: Recall, remedy: Remedy = SORRY, by: str = "Camille") -> Recall:
        with self.record.local() as db, db.transaction():
            said = Prepared(remedy=remedy, by=by)
            return recall.prepare(db, one.recall_id, said, self.house, self.now)

    def previews(self, one: Recall) -> list[recall_preview.Shown]:
        with self.record.local() as db, db.transaction():
            return recall_preview.preview(db, one.recall_id, self.house, read(), self.now)

    def approves(self, one: Recall, by: str = "Camille", **settings: Any) -> Recall:
        with self.record.local() as db, db.transaction():
            said = Approval(by=by)
            return recall.approve(db, one.recall_id, said, the_settings(**settings), self.now)

    def sends(self, one: Recall) -> None:
        with self.record.local() as db, db.transaction():
            recall.send(db, one.recall_id, "Camille", self.now)
        while making_good.begin(self.record, one.recall_id, self.now):
            pass

    def stops(self, one: Recall) -> int:
        with self.record.local() as db, db.transaction():
            recall.stop(db, one.recall_id, "Nadia", STOPPED_WHY, self.now)
        return making_good.halt(self.record, one.recall_id, self.now)

    def ready(self, remedy: Remedy = SORRY, **more: Any) -> Recall:
        """Return a recall of everybody touched, approved and on its way."""
        one = self.looks(self.opens(**more))
        self.prepares(one, remedy)
        self.previews(one)
        self.approves(one)
        self.sends(one)
        return one

    def works(self, hours: float = 0) -> None:
        """Let a worker go on with everything that is due."""
        self.now = NOON + timedelta(hours=hours)
        while making_good.make_good(self.record, self.house, EVERY, self.now):
            pass
        while self.sending.send(hours * 3600):
            pass

    def tells(self, key: CustomerKey, event: str, **properties: Any) -> None:
        with self.record.local() as db, db.transaction():
            name = customers.names(db, [key])[key]
            said = [word(event, [name], self.now, f"{event}-{properties}", properties=properties)]
            take_in(db, said, "page", self.now)
        with self.record.local() as db, db.transaction():
            turn(db, self.house, EVERY, self.now)


def a_decision(key: CustomerKey, value: str = "filter-a", **more: Any) -> Decision:
    at, verdict = more.get("at", NOON - DAY), more.get("verdict", Verdict.ACT)
    automation, version = more.get("automation", AUTOMATION), more.get("version", 1)
    proposal = Proposal(
        automation=automation,
        version=version,
        step="send",
        act=ActKind.SEND,
        name="hello",
        purpose=Purpose.SERVICE,
        benefit=Benefit.USEFUL,
        reach=Reach.INBOX,
        undo=Undo.BY_CUSTOMER,
        channel=Channel.EMAIL,
    )
    used = UsedFact(
        key=FactKey("uses", value),
        value=value,
        confidence=0.9,
        source="shop",
        kind=SourceKind.TRANSACTION,
        since=at,
    )
    number = id_from(at, key.customer_id, value, version, verdict, automation)
    return Decision(
        decision_id=number,
        key=key,
        at=at,
        verdict=verdict,
        because="sure_enough",
        proposal=proposal,
        facts=(used,),
    )


@pytest.fixture
def faulty(sending: Sending) -> Faulty:
    return Faulty(sending)


# -- whom it is about ------------------------------------------------------------------------------


def test_everybody_touched_is_found_with_what_was_done(faulty: Faulty) -> None:
    lea, omar = faulty.touched("lea"), faulty.touched("omar")
    faulty.touch(lea, at=NOON - 2 * DAY)
    faulty.touched("stranger", automation="faster-parcel")

    one = faulty.looks(faulty.opens())

    found = {each.key: each for each in faulty.found(one)}
    assert one.state is State.FOUND
    assert set(found) == {lea, omar}
    assert (found[lea].done, len(found[lea].acts)) == (2, 2)
    assert found[lea].first_at == NOON - 2 * DAY


def test_what_is_still_queued_stops_at_once_and_counts(faulty: Faulty) -> None:
    faulty.touched("lea", ActState.QUEUED)

    one = faulty.looks(faulty.opens())

    (hers,) = faulty.found(one)
    assert (hers.done, hers.stopped, hers.acts[0]["state"]) == (0, 1, "stopped")
    with faulty.record.local() as db:
        assert db.execute("SELECT state, because FROM act").fetchall() == [("stopped", "recalled")]
        stopped = db.execute("SELECT sum(n) FROM counter WHERE what = 'act.stopped'").fetchone()
    assert stopped == (1,)


def test_opening_it_stops_the_automation_that_still_runs(faulty: Faulty) -> None:
    faulty.opens()

    with faulty.record.local() as db:
        stopped = trips.open_one(db, AUTOMATION)
    assert stopped
    assert stopped.cause == "recall"
    assert stopped.by == "Camille"


def test_a_recall_of_an_older_version_lets_the_new_one_run(faulty: Faulty) -> None:
    with faulty.record.local() as db:
        assert a_new_version(db, now=NOON - HOUR) == 2

    faulty.opens(version=1)

    with faulty.record.local() as db:
        listed = automations.find(db, AUTOMATION)
    assert listed
    assert listed.paused_at is None


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ({}, {"lea", "omar", "zoe"}),
        ({"since": BEFORE_YEAR_ONE}, {"lea", "omar", "zoe"}),
        ({"version": 1}, {"lea", "zoe"}),
        ({"since": NOON - 3 * DAY}, {"lea", "omar"}),
        ({"until": NOON - 3 * DAY}, {"zoe"}),
        ({"fact": "uses", "value": "Filter-B"}, {"omar"}),
        ({"fact": "uses"}, {"lea", "omar", "zoe"}),
        ({"fact": "address"}, set()),
        ({"fact": "uses", "value": True}, set()),
    ],
)
def test_it_is_about_a_version_dates_or_a_fact(
    faulty: Faulty, scope: dict[str, Any], names: set[str]
) -> None:
    keys = {
        "lea": faulty.touched("lea"),
        "omar": faulty.touched("omar", value="filter-b", version=2),
        "zoe": faulty.touched("zoe", at=NOON - 5 * DAY),
    }
    with faulty.record.local() as db:
        a_new_version(db, now=NOON - HOUR)

    one = faulty.looks(faulty.opens(**scope))

    assert {each.key for each in faulty.found(one)} == {keys[name] for name in names}


def test_it_is_about_a_segment(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.touched("omar")
    faulty.tells(lea, "fact.stated", fact="country", value="FR")
    faulty.sending.house = replace(faulty.sending.house, catalogue=own_catalogue())

    one = faulty.looks(faulty.opens(segment="country: FR"))

    assert [each.key for each in faulty.found(one)] == [lea]


def test_a_decision_not_to_act_touched_nobody() -> None:
    key = CustomerKey(1, 1)
    scope = Scope(automation=AUTOMATION, since=NOON - 9 * DAY, until=NOON)

    assert touches(scope, a_decision(key))
    for verdict in (Verdict.HOLD, Verdict.HAND):
        assert not touches(scope, a_decision(key, verdict=verdict))
    assert touches(scope, a_decision(key, verdict=Verdict.ASK))


def test_many_pages_find_each_once(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall_look, "PAGE", 3)
    keys = [faulty.touched(f"customer{number}") for number in range(8)]

    one = faulty.looks(faulty.opens())

    assert {each.key for each in faulty.found(one)} == set(keys)
    assert {each.done for each in faulty.found(one)} == {1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": NOON + DAY},
        {"until": NOON - 20 * DAY},
        {"since": BEFORE_YEAR_ONE, "until": BEFORE_YEAR_ONE + DAY},
        {"version": -1},
        {"version": 7},
    ],
)
def test_what_cannot_have_happened_is_refused(faulty: Faulty, wrong: dict[str, Any]) -> None:
    with pytest.raises(RecallScope):
        faulty.opens(**wrong)


@pytest.mark.parametrize("nobody_gave", [404, -3, 10**20])
def test_it_follows_from_no_flag_that_nobody_raised(faulty: Faulty, nobody_gave: int) -> None:
    with pytest.raises(UnknownFlag):
        faulty.opens(flag_id=nobody_gave)

    assert faulty.latest() == []


def test_what_went_wrong_is_said_in_a_sentence(faulty: Faulty) -> None:
    with pytest.raises(RecallReason) as refused:
        faulty.opens(because="oops")

    assert (refused.value.field, refused.value.right) == ("because", "10–2000")
    assert refused.value.value is None  # nobody is told that "because" should be "10–2000"


def test_a_name_nobody_has_is_refused(faulty: Faulty) -> None:
    with pytest.raises(UnknownAutomation):
        faulty.opens(automation="no-such-thing")
    with faulty.record.local() as db, pytest.raises(UnknownRecall):
        recall.known(db, 404)


# -- what makes good -------------------------------------------------------------------------------


def test_it_is_seen_on_real_customers_before_anything_leaves(
    faulty: Faulty, post_office: PostOffice
) -> None:
    for number in range(7):
        faulty.touched(f"customer{number}")
    one = faulty.looks(faulty.opens())
    faulty.prepares(one)

    shown = faulty.previews(one)

    assert len(shown) == recall_preview.FEW
    assert {each.verdict for each in shown} == {"act"}
    assert all(each.subject in ("We were wrong", "Notre erreur") for each in shown)
    faulty.works()
    assert post_office.mail == []


def test_a_gap_that_cannot_be_filled_for_somebody_is_told_in_the_preview(faulty: Faulty) -> None:
    faulty.touched("lea")
    one = faulty.looks(faulty.opens())
    body = {"subject": "x", "body": "Hello {{ customer.first_name }}."}
    faulty.prepares(one, replace(SORRY, words={"en": body, "fr": body}))

    (shown,) = faulty.previews(one)

    assert (shown.refusal, shown.text) == ("message_gap", "")


@pytest.mark.parametrize(
    "remedy",
    [
        replace(SORRY, words={}),
        replace(SORRY, words={"fr": SORRY.words["fr"]}),
        replace(SORRY, words={**SORRY.words, "en": {"subject": "x", "body": " "}}),
        Remedy(kind=Kind.GESTURE, action="no-such-action"),
        Remedy(kind=Kind.CORRECTION),
        Remedy(kind=Kind.CORRECTION, fact="address"),
        Remedy(kind=Kind.CALLBACK),
    ],
)
def test_half_a_remedy_is_refused(faulty: Faulty, remedy: Remedy) -> None:
    one = faulty.looks(faulty.opens())

    with pytest.raises(RecallWords):
        faulty.prepares(one, remedy)


def test_words_that_cannot_be_filled_are_refused_before_anybody_gets_them(faulty: Faulty) -> None:
    one = faulty.looks(faulty.opens())
    broken = {language: {"subject": "x", "body": "{{ oops"} for language in ("en", "fr")}

    with pytest.raises(TemplateBroken):
        faulty.prepares(one, replace(SORRY, words=broken))


def test_each_step_has_one_before_it(faulty: Faulty) -> None:
    one = faulty.opens()
    for step in (faulty.prepares, faulty.previews, faulty.approves, faulty.sends):
        with pytest.raises(RecallNotYet):
            step(one)
    faulty.looks(one)
    faulty.prepares(one)
    with pytest.raises(RecallUnseen):
        faulty.approves(one)
    with pytest.raises(RecallNotYet):
        faulty.sends(one)


def test_another_remedy_takes_back_what_was_approved(faulty: Faulty) -> None:
    one = faulty.looks(faulty.opens())
    faulty.prepares(one)
    faulty.previews(one)
    faulty.approves(one)

    faulty.prepares(one, CALL)

    with pytest.raises(RecallNotYet):
        faulty.sends(one)
    with pytest.raises(RecallUnseen):
        faulty.approves(one)


def test_above_a_set_number_a_second_person_agrees(faulty: Faulty) -> None:
    for number in range(3):
        faulty.touched(f"customer{number}")
    one = faulty.looks(faulty.opens())
    faulty.prepares(one)
    faulty.previews(one)

    with pytest.raises(RecallAlone):
        faulty.approves(one, recall_alone=2)
    approved = faulty.approves(one, by="Nadia", recall_alone=2)
    assert (approved.state, approved.approved_by) == (State.APPROVED, "Nadia")


def test_up_to_that_number_one_is_enough(faulty: Faulty) -> None:
    faulty.touched("lea")
    one = faulty.looks(faulty.opens())
    faulty.prepares(one)
    faulty.previews(one)

    assert faulty.approves(one, recall_alone=1).state is State.APPROVED


# -- making good -----------------------------------------------------------------------------------


def test_everybody_gets_it_once_though_the_automation_is_stopped(
    faulty: Faulty, post_office: PostOffice
) -> None:
    for number in range(5):
        faulty.touched(f"customer{number}")
    one = faulty.ready()

    for hour in (0, 1, 7, 13):
        faulty.works(hour)
    faulty.sends(one)
    faulty.works(14)

    assert len(post_office.mail) == 5
    assert len(set(post_office.recipients)) == 5
    assert {each.state for each in faulty.found(one)} == {Fate.REACHED}


def test_each_remedy_is_a_decision_of_the_guard(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    one = faulty.ready()
    faulty.works()

    (hers,) = faulty.found(one)
    with faulty.record.local() as db:
        decided = decisions.find(db, lea, hers.decision_id)
    assert decided
    assert decided.verdict is Verdict.ACT
    assert decided.proposal.purpose is Purpose.SERVICE
    assert decided.seq > 0


def test_whoever_stopped_everything_is_not_written_to(
    faulty: Faulty, post_office: PostOffice
) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "automation.stopped", automation="all")
    one = faulty.ready()
    faulty.works()

    (hers,) = faulty.found(one)
    assert (hers.state, hers.because) == (Fate.KEPT_FROM, "stopped")
    assert post_office.mail == []


def test_an_open_complaint_does_not_keep_away_what_makes_good(
    faulty: Faulty, post_office: PostOffice
) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "complaint.opened", complaint_id="c-1")
    faulty.ready()
    faulty.works()

    assert len(post_office.mail) == 1


def test_what_is_held_is_taken_up_again_and_given_up_after_a_month(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "processing.frozen")
    one = faulty.ready()

    faulty.works()
    (hers,) = faulty.found(one)
    assert (hers.state, hers.because) == (Fate.DUE, "frozen")
    for day in range(1, 32):
        faulty.works(24 * day)
    (hers,) = faulty.found(one)
    assert (hers.state, hers.because) == (Fate.NOT_REACHED, "frozen")


def test_a_callback_is_a_task_and_reaches_when_it_is_done(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "fact.stated", fact="phone", value="+33612345678")
    one = faulty.ready(CALL)
    faulty.works()

    (hers,) = faulty.found(one)
    with faulty.record.local() as db, db.transaction():
        task = tasks.find(db, hers.task_id)
        assert task
        assert task.title in ("We were wrong", "Notre erreur")
        tasks.close(db, task, "Inès", "she was glad to be called", faulty.now + HOUR)
    faulty.works(7)
    (hers,) = faulty.found(one)
    assert (hers.state, hers.reached_at) == (Fate.REACHED, NOON + HOUR)


def test_a_correction_reaches_only_those_of_whom_it_was_believed(faulty: Faulty) -> None:
    lea, omar = faulty.touched("lea"), faulty.touched("omar")
    faulty.tells(lea, "fact.stated", fact="country", value="FR")
    faulty.tells(omar, "fact.stated", fact="country", value="BE")
    faulty.ready(Remedy(kind=Kind.CORRECTION, fact="country", wrong="fr", right="CH"))
    faulty.works()

    (one,) = faulty.latest()
    fates = {each.key: (each.state, each.because) for each in faulty.found(one)}
    assert fates[lea] == (Fate.REACHED, "")
    assert fates[omar] == (Fate.NOT_REACHED, making_good.NOT_WRONG)


def test_a_correction_is_an_event_like_any_other(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "fact.stated", fact="uses", about="x", value=True)
    wrong = Remedy(kind=Kind.CORRECTION, fact="uses", about="x", wrong=True, right=False)
    one = faulty.ready(wrong)
    faulty.works()

    assert [each.state for each in faulty.found(one)] == [Fate.REACHED]
    with faulty.record.local() as db:
        told = db.execute(
            "SELECT count(*) FROM event WHERE name = 'fact.corrected' AND customer_id = %s",
            [lea.customer_id],
        ).fetchone()
    assert told == (1,)


def test_a_gesture_goes_to_whoever_makes_it(faulty: Faulty, receiving: Receiving) -> None:
    faulty.touched("lea")
    ship = Action(name="again", url=receiving.url, idempotent=True)
    faulty.sending.house = replace(
        faulty.sending.house, catalogue=Catalogue(actions={"again": ship})
    )
    one = faulty.ready(Remedy(kind=Kind.GESTURE, action="again", payload={"voucher": 5}))
    faulty.works()
    faulty.works(7)

    assert len(receiving.heard) == 1
    assert b'"voucher":5' in receiving.heard[0].body
    assert [each.state for each in faulty.found(one)] == [Fate.REACHED]


def test_it_is_seen_who_answered(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.touched("omar")
    one = faulty.ready()
    faulty.works()
    (hers,) = [each for each in faulty.found(one) if each.key == lea]
    faulty.works(1)
    faulty.tells(lea, "help.judged", act_id=str(hers.act_id), helped=True)
    faulty.works(7)

    answered = {each.key: each.answered_at is not None for each in faulty.found(one)}
    assert answered[lea]
    assert sum(answered.values()) == 1


def test_one_person_under_two_names_is_made_good_to_once(
    faulty: Faulty, post_office: PostOffice
) -> None:
    lea = faulty.touched("lea")
    with faulty.record.local() as db, db.transaction():
        phone = Identifier(Id.PHONE, "+33612345678")
        email = customers.names(db, [lea])[lea]
        take_in(db, [word("order.placed", [phone], NOON, "m1")], "shop", NOON)
    with faulty.record.local() as db, db.transaction():
        turn(db, faulty.house, EVERY, NOON)
        from terrain.store.identifiers import resolve  # noqa: PLC0415

        other = resolve(db, [phone], NOON)[phone]
    faulty.touch(other)
    one = faulty.looks(faulty.opens())
    with faulty.record.local() as db, db.transaction():
        said = [word("customer.identified", [phone, email], NOON, "m2")]
        take_in(db, said, "page", NOON)
    with faulty.record.local() as db, db.transaction():
        turn(db, faulty.house, EVERY, NOON)
        assert len(set(customers.survivors(db, [lea, other]).values())) == 1
    faulty.prepares(one)
    faulty.previews(one)
    faulty.approves(one)
    faulty.sends(one)
    for hour in (0, 7):
        faulty.works(hour)

    assert sorted(each.state for each in faulty.found(one)) == [Fate.REACHED, Fate.SAME_PERSON]
    assert len(post_office.mail) == 1


def test_stopped_before_it_left_nothing_leaves(faulty: Faulty, post_office: PostOffice) -> None:
    for number in range(4):
        faulty.touched(f"customer{number}")
    one = faulty.ready()
    making_good.make_good(faulty.record, faulty.house, EVERY, NOON, most=2)

    faulty.stops(one)
    faulty.works()
    faulty.works(7)

    assert post_office.mail == []
    found = faulty.found(one)
    assert {each.state for each in found} == {Fate.NOT_REACHED}
    assert {each.because for each in found} == {"stopped", making_good.CALLED_OFF}
    with pytest.raises(RecallNotYet):
        faulty.sends(one)


def test_what_stopping_it_calls_off_is_counted_and_the_reason_stays_told(faulty: Faulty) -> None:
    faulty.touched("lea")
    faulty.touched("omar")
    one = faulty.ready()
    making_good.make_good(faulty.record, faulty.house, EVERY, NOON, most=1)

    faulty.stops(one)

    with faulty.record.local() as db:
        counted = counters.sums(db, NOON - DAY, one.name, of=("act.stopped",))
        told = recall_told.facts(db, one.recall_id)["stopped"]
    assert [(each.what, each.n) for each in counted] == [("act.stopped", 1)]
    assert (told["by"], told["because"]) == ("Nadia", STOPPED_WHY)


@pytest.mark.parametrize("because", ["", "  wrong  ", "x" * 3_000])
def test_whoever_stops_it_says_why(faulty: Faulty, because: str) -> None:
    faulty.touched("lea")
    one = faulty.ready()

    with faulty.record.local() as db, pytest.raises(RecallStopReason):
        recall.stop(db, one.recall_id, "Nadia", because, NOON)

    assert faulty.knows(one).state is State.SENDING


# -- two recalls of the same -----------------------------------------------------------------------


def test_whom_another_recall_reached_the_same_way_is_not_written_to_again(
    faulty: Faulty, post_office: PostOffice
) -> None:
    lea = faulty.touched("lea")
    one = faulty.ready()
    making_good.make_good(faulty.record, faulty.house, EVERY, NOON)
    other = faulty.ready(by="Nadia")
    faulty.works()
    (waiting,) = faulty.found(other)
    faulty.touched("omar", at=NOON - HOUR)
    faulty.works(7)
    faulty.works(14)

    assert [(each.key, each.state) for each in faulty.found(one)] == [(lea, Fate.REACHED)]
    assert (waiting.state, waiting.because) == (Fate.DUE, making_good.ELSEWHERE)
    (hers,) = faulty.found(other)
    assert (hers.state, hers.because) == (Fate.ELSEWHERE, making_good.ELSEWHERE)
    assert len(post_office.mail) == 1


def test_what_another_recall_did_not_bring_this_one_does(
    faulty: Faulty, post_office: PostOffice
) -> None:
    faulty.touched("lea")
    one = faulty.ready()
    making_good.make_good(faulty.record, faulty.house, EVERY, NOON)
    other = faulty.ready(by="Nadia")
    faulty.stops(one)
    for hours in (7, 24, 31):
        faulty.works(hours)

    assert [each.state for each in faulty.found(other)] == [Fate.REACHED]
    assert len(post_office.mail) == 1


def test_harm_done_after_another_recall_had_looked_is_made_good_too(
    faulty: Faulty, post_office: PostOffice
) -> None:
    lea = faulty.touched("lea", at=NOON - 3 * DAY)
    faulty.ready()
    faulty.works()
    faulty.touch(lea, at=NOON - DAY)
    later = faulty.ready(by="Nadia")
    faulty.works()
    faulty.works(7)

    assert [each.state for each in faulty.found(later)] == [Fate.REACHED]
    assert len(post_office.mail) == 2


def test_another_way_of_making_good_is_another_thing(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "fact.stated", fact="phone", value="+33612345678")
    faulty.ready()
    call = faulty.ready(CALL, by="Nadia")
    faulty.works()

    assert [each.state for each in faulty.found(call)] == [Fate.MADE]


def test_the_preview_says_whom_another_recall_makes_good_to(faulty: Faulty) -> None:
    faulty.touched("lea")
    faulty.ready()
    faulty.works()
    other = faulty.looks(faulty.opens(by="Nadia"))
    faulty.prepares(other)

    (shown,) = faulty.previews(other)

    assert (shown.verdict, shown.because, shown.text) == ("elsewhere", making_good.ELSEWHERE, "")


def test_a_callback_nobody_made_yet_is_called_off(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.tells(lea, "fact.stated", fact="phone", value="+33612345678")
    one = faulty.ready(CALL)
    faulty.works()

    assert faulty.stops(one) == 1
    faulty.works(7)

    (hers,) = faulty.found(one)
    assert (hers.state, hers.because) == (Fate.NOT_REACHED, making_good.CALLED_OFF)
    with faulty.record.local() as db:
        assert tasks.open_ones(db) == []


def test_the_worker_begins_goes_on_and_says_when_everybody_had_their_turn(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making_good, "CHUNK", 2)
    for number in range(5):
        faulty.touched(f"customer{number}")
    one = faulty.looks(faulty.opens())
    faulty.prepares(one)
    faulty.previews(one)
    faulty.approves(one)
    with faulty.record.local() as db, db.transaction():
        recall.send(db, one.recall_id, "Camille", faulty.now)
    for hour in (0, 7):
        while making_good.go_on(faulty.record, faulty.house, NOON + timedelta(hours=hour)):
            pass
        faulty.works(hour)
    making_good.go_on(faulty.record, faulty.house, faulty.now)

    assert {each.state for each in faulty.found(one)} == {Fate.REACHED}
    assert faulty.knows(one).state is State.DONE


def test_whoever_stopped_it_dies_and_the_worker_calls_off_what_it_queued(
    faulty: Faulty, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making_good, "CHUNK", 2)
    for number in range(5):
        faulty.touched(f"customer{number}")
    one = faulty.ready()
    while making_good.make_good(faulty.record, faulty.house, EVERY, NOON):
        pass
    with faulty.record.local() as db, db.transaction():
        recall.stop(db, one.recall_id, "Nadia", STOPPED_WHY, NOON)

    for _ in range(4):
        making_good.go_on(faulty.record, faulty.house, NOON)
    faulty.works(1)

    assert post_office.mail == []
    assert {each.because for each in faulty.found(one)} == {making_good.CALLED_OFF}


def test_what_it_found_stays_counted_when_somebody_is_erased(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.touched("omar")
    one = faulty.looks(faulty.opens())
    with faulty.record.local() as db:
        erasing.some_rows(db, [lea], 10_000, NOON)
        told = recall_told.facts(db, one.recall_id)

    assert (told["found"]["people"], told["erased_since"]) == (2, 1)
    assert told["open"] == 1


def test_what_opening_it_would_stop_is_told_and_not_done(faulty: Faulty) -> None:
    faulty.touched("lea")
    faulty.touched("omar", ActState.QUEUED)
    said = Opening(
        automation=AUTOMATION, by="Camille", because="the wrong product", since=NOON - 9 * DAY
    )
    with faulty.record.local() as db:
        told = recall_preview.foresee(db, said, faulty.house, NOON)
        listed = automations.find(db, AUTOMATION)

    assert (told.people, told.acts_done, told.acts_queued, told.is_all) == (2, 1, 1, True)
    assert told.stops_automation
    assert listed
    assert listed.paused_at is None


def test_as_many_acts_are_found_as_were_foreseen(faulty: Faulty) -> None:
    for name, state in (("lea", "LEFT"), ("omar", "LEAVING"), ("zoe", "UNKNOWN")):
        faulty.touched(name, ActState[state])
    another_systems = a_decision(faulty.sending.customer("ana"))
    said = Opening(
        automation=AUTOMATION, by="Camille", because="the wrong product", since=NOON - 9 * DAY
    )
    with faulty.record.local() as db, db.transaction():
        decisions.save(db, [another_systems])
        told = recall_preview.foresee(db, said, faulty.house, NOON)

    one = faulty.looks(faulty.opens())

    assert (told.people, told.acts_done) == (one.people, one.acts_done) == (4, 4)


@pytest.mark.parametrize("text", ["a: [", "- a", "just words"])
def test_what_a_gesture_carries_is_a_line_each(text: str) -> None:
    with pytest.raises(Refusal):
        recall_typed.payload_in(text)
    assert recall_typed.payload_in("") == {}
    assert recall_typed.payload_in("voucher: 5\nfor: parcel") == {"voucher": 5, "for": "parcel"}


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("", "country", None),
        ("FR", "country", "FR"),
        ("oui", "uses(filter-a)", True),
        ("no", "uses", False),
        ("12", "no_such_fact", "12"),
        ("maybe", "uses", "maybe"),
    ],
)
def test_a_value_is_read_as_its_fact_has_it(text: str, fact: str, value: Any) -> None:
    assert recall_typed.value_in(text, fact, own_catalogue()) == value


# -- one page --------------------------------------------------------------------------------------


def test_it_can_be_told_as_one_page_without_anybodys_data(faulty: Faulty) -> None:
    lea = faulty.touched("lea")
    faulty.touched("omar", ActState.QUEUED)
    one = faulty.ready()
    faulty.works()
    faulty.works(7)

    with faulty.record.local() as db:
        told = recall_told.facts(db, one.recall_id)

    assert told["found"]["people"] == 2
    assert (told["found"]["acts_done"], told["found"]["acts_stopped"]) == (1, 1)
    assert told["people"] == {"reached": 2}
    assert told["approved"]["by"] == "Camille"
    assert told["hours_to_the_last"] == 0.0
    assert str(lea.customer_id) not in str(told)
    assert "example.org" not in str(told)


# -- kill -9 ---------------------------------------------------------------------------------------

WORKER = """
import os, signal, sys
from terrain.flow import making_good
from terrain.store import recalled, recalls
from terrain.store.connection import Record
from tests.flow.test_recall import EVERY, NOON
from tests.people import a_house
from msgspec.structs import replace
from terrain.config import read, secret_of

house = replace(a_house(), secret=secret_of(read()))
dies_at, written = int(sys.argv[2]), [0]
write = recalled.write


def dying(db, one):
    write(db, one)
    written[0] += 1
    if written[0] == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)


recalled.write = dying
with Record(sys.argv[1]).opened() as record:
    while making_good.make_good(record, house, EVERY, NOON, most=3):
        pass
"""


def test_killed_at_any_moment_nobody_is_made_good_to_twice_and_nobody_forgotten(
    faulty: Faulty, post_office: PostOffice
) -> None:
    for number in range(10):
        faulty.touched(f"customer{number}")
    one = faulty.ready()
    root = Path(__file__).parents[2]
    for dies_at in (1, 2, 5):
        command = [sys.executable, "-c", WORKER, faulty.record.conninfo, str(dies_at)]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        killed = subprocess.run(command, cwd=root, env=environment, check=False)
        assert killed.returncode == -signal.SIGKILL
        while faulty.sending.send():
            pass
    faulty.works()
    faulty.works(7)

    assert len(post_office.mail) == 10
    assert len(set(post_office.recipients)) == 10
    assert {each.state for each in faulty.found(one)} == {Fate.REACHED}


def test_a_look_that_was_killed_counts_nobody_twice(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_look, "PAGE", 2)
    for number in range(6):
        faulty.touched(f"customer{number}")
    one = faulty.opens()
    seen = recalls.looked

    def dies(*_: Any, **__: Any) -> None:
        raise psycopg.OperationalError

    recall_look.look_on(faulty.record, faulty.house, one.recall_id, NOON)
    monkeypatch.setattr(recalls, "looked", dies)
    with pytest.raises(psycopg.OperationalError):
        recall_look.look_on(faulty.record, faulty.house, one.recall_id, NOON)
    monkeypatch.setattr(recalls, "looked", seen)
    faulty.looks(one)

    assert [each.done for each in faulty.found(one)] == [1] * 6
