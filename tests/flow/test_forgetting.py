"""Léa asks to be erased, and nothing of her is left anywhere; whatever happens at that moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from terrain.config import read
from terrain.core.catalogue import Action
from terrain.core.identifier import BUCKETS, Kind
from terrain.core.outbox import ActState, Ending
from terrain.core.task import TaskKind
from terrain.flow import aftermath, erasure, forgetting, take_in, told
from terrain.flow.erasure import ErasureBegun
from terrain.flow.forgetting import How
from terrain.flow.take_in import Known, Message, Outcome, door_of
from terrain.flow.turn import turn
from terrain.store import acts, automations, customers, erasing, erasures, suppressions, tasks
from tests.erased import EMAIL, USER_ID, VISITOR, WORD, Planted
from tests.journeys import example_catalogue

LONG_AGO = "2020-01-01T10:00:00Z"


@pytest.fixture
def planted(fresh_database: str, tmp_path: Path) -> Iterator[Planted]:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        yield Planted(db, tmp_path)


@pytest.fixture
def erased(planted: Planted) -> Planted:
    planted.asks()
    assert planted.erases() is How.GONE
    return planted


def an_event(number: str, **more: object) -> dict[str, object]:
    return {
        "type": "track",
        "event": "order.placed",
        "userId": USER_ID,
        "messageId": number,
        "properties": {"note": WORD},
        **more,
    }


# -- nothing is left


def test_she_was_planted_in_every_table_that_can_hold_her(planted: Planted) -> None:
    tables = {place.partition(".")[0] for place in planted.found()}

    assert tables >= {
        *("customer", "identifier", "alias", "event", "pending", "claim", "evidence", "consent"),
        *("run", "act", "task", "tray", "caught_mail", "directory"),
    }


def test_nothing_of_her_is_left_in_any_column_or_file(erased: Planted) -> None:
    assert erased.found() == {}


def test_nothing_of_her_is_left_when_steps_are_small(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "ROWS_A_STEP", 2)
    planted.asks(days=0)

    assert planted.erases(0) is How.GONE
    assert planted.found() == {}


def test_every_table_that_says_whose_its_rows_are_is_emptied(planted: Planted) -> None:
    planted.db.execute(
        "CREATE TABLE tomorrow (bucket smallint, customer_id bigint, n int, said text,"
        " CONSTRAINT tomorrow_pk PRIMARY KEY (bucket, customer_id, n))"
    )
    planted.db.execute(
        "INSERT INTO tomorrow VALUES (%s, %s, 1, %s)",
        [planted.key.bucket, planted.key.customer_id, WORD],
    )
    planted.asks()
    planted.erases()

    assert planted.found() == {}


def test_a_table_with_customers_is_emptied_or_known_not_to_be(planted: Planted) -> None:
    """The log of what staff did keeps our own number of a customer, which leads nowhere any more."""
    rows = planted.db.execute(
        """
        SELECT table_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'customer_id'
        EXCEPT
        SELECT table_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'bucket'
        """
    )

    assert {table for (table,) in rows} <= {"audit"}


def test_what_is_kept_is_a_hash_of_each_name_and_a_number_of_rows(erased: Planted) -> None:
    kept = erasures.since(erased.db)

    assert len(kept) >= 7
    assert max(row.rows for row in kept) > 30
    assert not erasures.due(erased.db, range(BUCKETS), datetime.now(UTC) + timedelta(days=9), 9)


def test_what_is_kept_stands_beside_the_record_too(erased: Planted) -> None:
    listed = forgetting.read_list(erased.folder / forgetting.FILE)

    assert set(listed) == set(erasures.since(erased.db))
    assert (erased.folder / forgetting.FILE).stat().st_mode & 0o077 == 0


def test_the_erasure_goes_on_where_nothing_can_be_written_beside_the_record(
    planted: Planted, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("")
    planted.folder = tmp_path / "a-file" / "below"
    planted.asks()

    assert planted.erases() is How.GONE


def test_an_objection_outlives_her_as_a_hash(planted: Planted) -> None:
    planted.hears(
        an_event(
            "no",
            event="consent.withdrawn",
            properties={"purpose": "prospecting", "channel": "email"},
            context={"traits": {"email": EMAIL}},
        )
    )
    planted.works()
    planted.asks()
    planted.erases()

    assert suppressions.scopes(planted.db, planted.house.secret, [EMAIL]) != {}


def test_trays_that_name_somebody_else_stay(planted: Planted) -> None:
    held = Message(raw=b'{"type":"track","event":"","userId":"omar"}')
    with planted.db.transaction():
        take_in.take_in(planted.db, [held], "shop", datetime.now(UTC))
    planted.asks()
    planted.erases()

    rows = planted.db.execute("SELECT convert_from(payload, 'UTF8') FROM tray").fetchall()
    assert rows == [('{"type":"track","event":"","userId":"omar"}',)]


def test_another_customers_edges_stay(erased: Planted) -> None:
    assert customers.survivors(erased.db, [erased.omar.key]) == {erased.omar.key: erased.omar.key}
    assert not erased.db.execute(
        "SELECT FROM identity_edge e WHERE NOT EXISTS"
        " (SELECT FROM customer c WHERE c.bucket = e.bucket AND c.customer_id = e.customer_id)"
    ).fetchall()


# -- until then


def test_until_the_day_comes_nothing_is_erased(planted: Planted) -> None:
    planted.asks(days=3)

    planted.erases(after_days=2)

    assert planted.node_of(Kind.EMAIL, EMAIL) is not None


def test_she_takes_it_back(planted: Planted) -> None:
    planted.asks()
    with planted.db.transaction():
        assert erasure.take_back(planted.db, planted.key, planted.house, datetime.now(UTC))
    planted.erases()

    assert planted.node_of(Kind.EMAIL, EMAIL) is not None
    assert not tasks.open_of(planted.db, planted.key, "rights")


def test_what_was_never_asked_cannot_be_taken_back(planted: Planted) -> None:
    assert not erasure.take_back(planted.db, planted.key, planted.house, datetime.now(UTC))


def test_what_has_begun_cannot_be_taken_back(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "ROWS_A_STEP", 1)
    planted.asks(days=0)
    (one,) = erasures.due(planted.db, range(BUCKETS), datetime.now(UTC), 1)
    forgetting._step(planted.db, one, planted.house, planted.folder, datetime.now(UTC))

    with pytest.raises(ErasureBegun):
        erasure.take_back(planted.db, planted.key, planted.house, datetime.now(UTC))


def test_asked_twice_the_first_day_stands(planted: Planted) -> None:
    planted.asks(days=3)
    planted.asks(days=9)

    assert planted.erases(after_days=3) is How.GONE


def test_her_own_address_hears_of_it(planted: Planted) -> None:
    planted.asks()

    letters = [act for act in acts.waiting(planted.db) if act.name == "erasure-asked"]
    assert [act.recipient for act in letters] == ["email"]


def test_a_person_is_told_whom_to_tell_while_her_name_is_there(planted: Planted) -> None:
    planted.asks()

    (task,) = tasks.open_of(planted.db, planted.key, "rights")
    assert (task.kind, task.title) == (TaskKind.RIGHT, "tell_who_has_it")
    assert "shop" in task.file["sources"]


def test_whom_nobody_told_is_listed_afterwards_without_her(erased: Planted) -> None:
    (task,) = [one for one in tasks.open_ones(erased.db) if one.title == "tell_who_had_it"]

    assert task.key != erased.key
    assert task.file["sources"] == ["shop"]
    assert erased.found() == {}


def test_nobody_is_asked_again_when_it_was_done(planted: Planted) -> None:
    planted.asks()
    (task,) = tasks.open_of(planted.db, planted.key, "rights")
    tasks.close(planted.db, task, "Inès", "told them", datetime.now(UTC))
    planted.erases()

    assert [one for one in tasks.open_ones(planted.db) if one.title == "tell_who_had_it"] == []


def declare_a_receiver(planted: Planted) -> None:
    """Let the house name a system that has her data and wants to hear of an erasure."""
    gone = Action(name="customer.erased", url="https://crm.example/gone")
    catalogue = msgspec.structs.replace(example_catalogue(), actions={gone.name: gone})
    automations.keep_catalogue(planted.db, catalogue, planted.now)


def test_a_declared_receiver_is_told_before_she_goes(planted: Planted) -> None:
    declare_a_receiver(planted)
    planted.asks()

    assert planted.erases() is How.WAITS
    (call,) = [act for act in acts.waiting(planted.db) if act.name == "customer.erased"]
    assert {"user_id": USER_ID} in call.content["payload"]["names"]
    acts.settle(planted.db, [Ending(act=call, state=ActState.LEFT, left_at=planted.now)])
    assert planted.erases() is How.GONE
    assert planted.found() == {}


def test_a_receiver_that_never_answers_holds_nobody_up_for_ever(planted: Planted) -> None:
    declare_a_receiver(planted)
    planted.asks()

    assert planted.erases() is How.WAITS
    assert planted.erases(after_days=5) is How.GONE


# -- she does not come back by what is old


def test_an_old_archive_does_not_bring_her_back(erased: Planted) -> None:
    results = erased.hears(
        an_event("a1", timestamp=LONG_AGO),
        an_event("a2", timestamp=LONG_AGO, userId=None, context={"traits": {"email": EMAIL}}),
        an_event(
            "a3", timestamp=LONG_AGO, userId="a new number", context={"traits": {"email": EMAIL}}
        ),
        an_event("a4", timestamp=LONG_AGO, userId=None, anonymousId=VISITOR),
    )

    assert {result.outcome for result in results} == {Outcome.SEEN}
    assert erased.found() == {}


def test_a_late_event_does_not_bring_her_back(planted: Planted) -> None:
    before = datetime.now(UTC).isoformat()
    planted.asks(days=0)
    planted.erases(0)

    planted.hears(an_event("late", timestamp=before))

    assert planted.found() == {}


def test_a_new_contact_of_her_own_is_a_new_customer(erased: Planted) -> None:
    (result,) = erased.hears(an_event("new"), after_days=5)

    assert result.outcome is Outcome.TAKEN
    assert result.node not in (None, erased.key)


def test_what_is_old_stays_out_once_she_is_a_new_customer(erased: Planted) -> None:
    erased.hears(an_event("new"), after_days=5)
    (old,) = erased.hears(an_event("old", timestamp=LONG_AGO), after_days=5)

    assert old.outcome is Outcome.SEEN
    rows = erased.db.execute("SELECT count(*) FROM event WHERE message_id = 'old'").fetchone()
    assert rows == (0,)


def test_in_one_breath_the_old_is_left_out_and_the_new_taken(erased: Planted) -> None:
    old, new = erased.hears(an_event("o", timestamp=LONG_AGO), an_event("n"), after_days=5)

    assert (old.outcome, new.outcome) == (Outcome.SEEN, Outcome.TAKEN)


def test_what_somebody_else_said_of_her_address_long_ago_makes_no_node(erased: Planted) -> None:
    erased.hears(
        {
            "type": "identify",
            "userId": "omar",
            "messageId": "o1",
            "timestamp": LONG_AGO,
            "context": {"traits": {"email": EMAIL}},
        }
    )
    erased.works()

    assert erased.node_of(Kind.EMAIL, EMAIL) is None


def test_somebody_elses_archive_comes_in_as_ever(erased: Planted) -> None:
    (result,) = erased.hears(an_event("o2", userId="omar", timestamp=LONG_AGO))

    assert result.outcome is Outcome.TAKEN


def test_a_door_that_still_knows_her_brings_nothing_back(planted: Planted) -> None:
    door = door_of(read())
    raw = [Message(raw=msgspec.json.encode(an_event("k1")))]
    take_in.take_in(planted.db, raw, "shop", datetime.now(UTC), door)
    door.known.committed()
    planted.works()
    planted.asks(days=0)
    planted.erases(0)

    again = [Message(raw=msgspec.json.encode(an_event("k2", timestamp=planted.now.isoformat())))]
    take_in.take_in(planted.db, again, "shop", datetime.now(UTC), door)
    planted.works()

    assert planted.found() == {}


def test_what_a_forgetful_door_wrote_after_the_erasure_is_a_new_customers(planted: Planted) -> None:
    door = door_of(read())
    take_in.take_in(
        planted.db,
        [Message(raw=msgspec.json.encode(an_event("k1")))],
        "shop",
        datetime.now(UTC),
        door,
    )
    door.known.committed()
    planted.asks(days=0)
    planted.erases(0)
    later = datetime.now(UTC) + timedelta(minutes=1)
    take_in.take_in(
        planted.db, [Message(raw=msgspec.json.encode(an_event("k3")))], "shop", later, door
    )
    planted.works()
    planted.works()  # the first look only brought it home

    node = planted.node_of(Kind.USER_ID, USER_ID)
    assert node not in (None, planted.key)
    assert planted.db.execute("SELECT count(*) FROM pending").fetchone() == (0,)


def test_a_door_that_heard_of_it_asks_the_record_again() -> None:
    known = Known()
    known.note({EMAIL: WORD})  # type: ignore[dict-item] # any two things
    known.committed()
    known.doubt()

    assert known.find([EMAIL]) == {}  # type: ignore[list-item]


# -- whatever happens at that moment


def test_a_worker_in_the_middle_of_her_turn_is_waited_for(
    planted: Planted, fresh_database: str
) -> None:
    planted.asks(days=0)
    with psycopg.connect(fresh_database) as other:
        customers.lock(other, [planted.key])
        assert planted.erases(0) is How.WAITS

    assert planted.erases(0) is How.GONE
    assert planted.found() == {}


def test_an_act_that_is_on_a_line_is_let_out_first(planted: Planted) -> None:
    planted.asks(days=0)
    until = datetime.now(UTC) + timedelta(seconds=120)
    planted.db.execute(
        "UPDATE act SET state = 'leaving', lease_until = %s WHERE act_id = 103", [until]
    )

    assert planted.erases(0) is How.WAITS
    planted.db.execute("UPDATE act SET state = 'left', lease_until = NULL WHERE act_id = 103")
    assert planted.erases(0) is How.GONE


def test_an_act_whose_row_a_sender_holds_is_left_for_the_next_look(
    planted: Planted, fresh_database: str
) -> None:
    planted.asks(days=0)
    with psycopg.connect(fresh_database) as other:
        other.execute("SELECT FROM act WHERE act_id = 103 FOR UPDATE")
        assert planted.erases(0) is How.WAITS

    assert planted.erases(0) is How.GONE
    assert planted.found() == {}


def test_what_failed_on_its_way_leaves_no_trace_of_who_is_erased(planted: Planted) -> None:
    standing = acts.find(planted.db, planted.key, 103)
    assert standing is not None
    planted.asks(days=0)
    planted.erases(0)
    ending = Ending(act=standing.act, state=ActState.FAILED, because="bug", detail=WORD)
    aftermath.write(planted.db, [ending], datetime.now(UTC))

    assert planted.found() == {}


def test_an_event_that_comes_in_while_she_is_erased_goes_too(
    planted: Planted, fresh_database: str
) -> None:
    planted.asks(days=0)
    with psycopg.connect(fresh_database) as door:
        raw = [Message(raw=msgspec.json.encode(an_event("during")))]
        take_in.take_in(door, raw, "shop", datetime.now(UTC))
        assert planted.erases(0) is How.GONE
    planted.works()

    assert planted.found() == {}


def test_a_page_that_speaks_for_who_is_gone_is_told_so(erased: Planted) -> None:
    word = told.Told(event="person.wanted", properties={"text": WORD}, once="x")

    assert told.tell(erased.db, erased.key, word, datetime.now(UTC)) is None


def test_a_turn_over_nobody_finds_nothing_to_do(erased: Planted) -> None:
    with erased.db.transaction():
        tally = turn(erased.db, erased.house, range(BUCKETS), datetime.now(UTC))

    assert tally.customers == 0


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
import psycopg
from terrain.flow import forgetting
from terrain.store import erasures, erasing
from tests.erased import Planted
from terrain.config import read
from terrain.flow import reference
from pathlib import Path
forgetting.ROWS_A_STEP = 5
was, seen = erasing.some_rows, [0]
def dies(*args):
    seen[0] += 1
    gone = was(*args)
    if seen[0] == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return gone
erasing.some_rows = dies
with psycopg.connect(sys.argv[1], autocommit=True) as db:
    for one in erasures.due(db, range(256), datetime.now(UTC), 9):
        forgetting.whole(db, one, reference.house(db, read()), Path(sys.argv[2]), datetime.now(UTC))
"""


def test_killed_in_the_middle_it_goes_on(planted: Planted, fresh_database: str) -> None:
    planted.asks(days=0)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, fresh_database, str(planted.folder)],
        env=dict(os.environ),
        check=False,
    )

    assert died.returncode == -signal.SIGKILL
    assert planted.found() != {}
    assert planted.erases(0) is How.GONE
    assert planted.found() == {}


def test_a_wish_about_somebody_who_is_not_there_is_let_go(planted: Planted) -> None:
    now = datetime.now(UTC)
    planted.asks(days=0)
    planted.db.execute("DELETE FROM customer WHERE customer_id = %s", [planted.key.customer_id])

    assert planted.erases(0) is How.GONE
    assert not erasures.due(planted.db, range(BUCKETS), now, 9)


def test_erasing_lea_leaves_nothing_to_say_about_the_house(planted: Planted) -> None:
    """Counters are numbers without persons, and stay."""
    before = planted.db.execute("SELECT sum(n) FROM counter").fetchone()
    planted.asks(days=0)
    planted.erases(0)
    after = planted.db.execute("SELECT sum(n) FROM counter").fetchone()

    assert before is not None
    assert after is not None
    assert (after[0] or 0) >= (before[0] or 0)


def test_settings_say_how_long_one_may_think_again() -> None:
    assert read().erase_after_days == 3
    assert erasing.__doc__
