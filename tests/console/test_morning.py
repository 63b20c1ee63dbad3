"""The morning page: what needs this person, what to do about it, and where that is done."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from terrain.config import read
from terrain.console import drifts
from terrain.console.pages.morning import _WAYS, PARTS, SAID
from terrain.core.breaker import Cause
from terrain.core.drift import heading
from terrain.core.flag import Flag, Reason
from terrain.core.identifier import key_of
from terrain.core.look import Kept
from terrain.core.need import Need
from terrain.core.quadrant import Spot
from terrain.core.recall import Recall, Scope
from terrain.core.recall import State as Stage
from terrain.core.staff import Role
from terrain.core.task import Task, TaskKind
from terrain.core.watch import Because, State
from terrain.flow import flagging
from terrain.flow.desk import What
from terrain.flow.flagging import Pull
from terrain.flow.morning import OF_A_KIND
from terrain.store import (
    automations,
    counters,
    flags,
    leases,
    needs,
    recalls,
    tasks,
    trays,
    watches,
)
from terrain.store.counters import What as Counts
from terrain.store.flags import Answered
from terrain.store.trays import Misfit
from terrain.words import LANGUAGES, catalogue
from tests.core.test_meter_picture import FIRST, a_reading, a_watch, days
from tests.oversight import AUTOMATION, an_automation, customers, tripped

NOW = datetime.now(UTC)
CAMILLE = "camille@example.org"


def text_of(reader: Any, language: str = "en") -> str:
    return str(reader.get("/morning", HTTP_ACCEPT_LANGUAGE=language).content.decode())


def lines_of(reader: Any) -> list[str]:
    """Return what each line says, without its picture."""
    lines = text_of(reader).split('id="morning"')[1].split('class="line-name">')[1:]
    return [re.sub(r"<[^>]+>|\s+", " ", line.split("</a>")[0]).strip() for line in lines]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no process know the drifts of another test's record."""
    monkeypatch.setattr(drifts._Known, "found", None)


@pytest.fixture
def camille(signed_in: Callable[..., Any], db: Connection) -> Any:
    """Return the browser of somebody who owns an automation, in a house where somebody is at work."""
    leases.say_alive(db, "worker-1", datetime.now(UTC), 1)
    automations.add_version(db, an_automation(owner="Camille", deputy=""), "", NOW)
    return signed_in(Role.OWNER, name="Camille")


@pytest.fixture
def ines(signed_in: Callable[..., Any], db: Connection) -> Any:
    leases.say_alive(db, "worker-1", datetime.now(UTC), 1)
    return signed_in(Role.ADVISER, name="Inès")


def a_flag(db: Connection, number: int = 1, name: str = AUTOMATION) -> None:
    flag = Flag(node=key_of(number), flag_id=number, at=NOW, automation=name, reason=Reason.OTHER)
    flags.keep(db, [flag])


def a_task(db: Connection, due: timedelta | None = None) -> None:
    task = Task(
        key=key_of(1),
        task_id=1,
        kind=TaskKind.A_PERSON_PLEASE,
        title="a_person_please",
        opened_at=NOW - timedelta(days=1),
        due_at=NOW + due if due else None,
    )
    tasks.save(db, [task])


def test_it_is_calm_where_nothing_needs_anybody(ines: Any, db: Connection) -> None:
    counters.add(db, counters.counts(7, NOW, [Counts("welcome", 1, "act.left")] * 1_204))

    page = text_of(ines)
    assert "Nothing needs you." in page
    # Not all of it is shown to everybody.
    assert "The overview shows how everything stands." in page
    assert "1,204 messages and actions left" in page
    assert 'class="line-name"' not in page


def test_a_night_without_anything_is_said_too(ines: Any) -> None:
    assert "nothing left this house" in text_of(ines)


def test_what_is_stopped_comes_first_and_leads_to_its_watch(camille: Any, db: Connection) -> None:
    trays.put(db, [Misfit("event", "shop", "nobody", {"code": "x"}, b"{}")], NOW)
    with db.transaction():
        tripped(db, now=NOW)
    lines = lines_of(camille)

    assert lines[0].startswith("welcome is stopped")
    assert "say that you look after it" in lines[0]
    assert any("could not be understood: 1" in line for line in lines[1:])
    assert f'href="/automations/{AUTOMATION}' in text_of(camille)


def test_what_is_stopped_is_not_told_to_whoever_does_not_answer_for_it(
    camille: Any, ines: Any, db: Connection
) -> None:
    with db.transaction():
        tripped(db, now=NOW)

    assert "welcome is stopped" in text_of(camille)
    assert "welcome is stopped" not in text_of(ines)


def test_what_somebody_paused_by_hand_waits_quietly_with_their_reason(
    camille: Any, db: Connection
) -> None:
    with db.transaction():
        tripped(db, cause=Cause.HAND, now=NOW)

    (line,) = lines_of(camille)
    assert "welcome is paused" in line
    assert "12 of 800" in line
    assert "What waits" in text_of(camille)


def test_flags_about_one_automation_are_one_line(camille: Any, db: Connection) -> None:
    a_flag(db)
    assert "Somebody says that welcome is wrong" in lines_of(camille)[0]

    a_flag(db, 2)
    a_flag(db, 3)
    (line,) = lines_of(camille)
    assert "welcome was said to be wrong 3 times" in line


def test_a_hundred_of_a_kind_are_eight_and_a_number(camille: Any, db: Connection) -> None:
    for number in range(20):
        name = f"reminder-{number:02}"
        automations.add_version(db, an_automation(name, owner="Camille", deputy=""), "", NOW)
        a_flag(db, number + 1, name)

    assert len(lines_of(camille)) == OF_A_KIND
    assert "12 more like this" in text_of(camille)
    assert "12 autres du même genre" in text_of(camille, "fr")


def test_each_sees_what_they_may_do_something_about(
    signed_in: Callable[..., Any], db: Connection
) -> None:
    leases.say_alive(db, "worker-1", datetime.now(UTC), 1)
    a_task(db)
    trays.put(db, [Misfit("event", "shop", "nobody", {"code": "x"}, b"{}")], NOW)
    seen = {role: " ".join(lines_of(signed_in(role))) for role in Role}

    assert {role for role in Role if "task is open" in seen[role]} == {Role.ADVISER, Role.MANAGER}
    assert {role for role in Role if "could not be understood" in seen[role]} == {
        Role.OWNER,
        Role.MANAGER,
        Role.ADMINISTRATOR,
    }
    assert seen[Role.VIEWER] == ""


def test_a_house_in_which_nobody_works_says_so(
    signed_in: Callable[..., Any], db: Connection
) -> None:
    db.execute("INSERT INTO pending VALUES (1, 1, 1, 'm')")

    assert "Nobody handles what comes in" in lines_of(signed_in(Role.OWNER))[0]
    assert lines_of(signed_in(Role.ADVISER)) == []


def test_a_late_task_is_above_an_open_one(ines: Any, db: Connection) -> None:
    a_task(db, due=-timedelta(hours=1))

    late, open_one = lines_of(ines)
    assert "1 task is late" in late
    assert "1 task is open" in open_one


def test_a_refused_file_is_told_to_its_owner_with_the_line(camille: Any, db: Connection) -> None:
    message = {"code": "x", "message": {"en": "line 3: what is <b>this</b>?", "fr": "ligne 3"}}
    automations.refuse(db, AUTOMATION, [message], NOW)

    (line,) = lines_of(camille)
    assert "line 3" in line
    assert "&lt;b&gt;this" in line
    assert "ligne 3" in text_of(camille, "fr")


def test_mishaps_of_a_day_are_one_line_an_automation(
    camille: Any, signed_in: Callable[..., Any], db: Connection
) -> None:
    automations.add_version(db, an_automation("other", owner="Nadia", deputy=""), "", NOW)
    signed_in(Role.OWNER, name="Nadia")
    seen = [Counts(AUTOMATION, 1, "signal.run_failed")] * 3
    seen += [Counts(AUTOMATION, 1, "signal.send_retried"), Counts("other", 1, "signal.run_failed")]
    counters.add(db, counters.counts(7, NOW, seen))
    counters.add(db, counters.counts(7, NOW - timedelta(days=3), seen))

    (line,) = lines_of(camille)
    assert "4 mishaps of welcome since yesterday" in line
    assert "runs that failed: 3" in line


@pytest.mark.parametrize("cause", [Cause.METER, Cause.HAND])
def test_mishaps_of_what_is_stopped_stand_with_it_and_ask_for_nothing(
    camille: Any, db: Connection, cause: Cause
) -> None:
    counters.add(db, counters.counts(7, NOW, [Counts(AUTOMATION, 1, "signal.run_failed")] * 3))
    with db.transaction():
        tripped(db, cause=cause, now=NOW)

    (line,) = lines_of(camille)
    assert "3 mishaps since yesterday" in line
    assert "See what failed" not in line
    assert "3 incidents depuis hier" in text_of(camille, "fr")


def a_watch_that_is(db: Connection, state: State, because: Because, name: str = AUTOMATION) -> None:
    of = msgspec.structs.replace(a_watch(), automation=name)
    year = days(*[(100, 0)] * 40, *[(100, 3)] * 3)
    reading = msgspec.structs.replace(a_reading(of, year), state=state, because=because)
    if state is State.GREY:
        reading = msgspec.structs.replace(reading, strength=0.0, deaf_since=NOW)
    watches.save(db, [Kept(watch=of, reading=reading, at=NOW, began=FIRST)])


def test_what_strays_is_told_in_the_sentence_of_its_meter(camille: Any, db: Connection) -> None:
    a_watch_that_is(db, State.AMBER, Because.EVIDENCE)

    (line,) = lines_of(camille)
    assert "welcome strays: 1 watch is amber" in line
    assert "9 of 300 (called spam); at most 0.9 expected" in line
    assert "9 sur 300" in text_of(camille, "fr")


def test_what_can_hear_nothing_is_grey_and_what_did_nothing_yet_is_silent(
    camille: Any, db: Connection
) -> None:
    a_watch_that_is(db, State.GREY, Because.NO_ACTS)
    assert lines_of(camille) == []

    a_watch_that_is(db, State.GREY, Because.GAP)
    (line,) = lines_of(camille)
    assert "welcome is not heard: 1 watch is grey" in line
    assert "What is not heard is not good news" in line


def test_what_strays_of_somebody_elses_is_not_theirs(
    camille: Any, signed_in: Callable[..., Any], db: Connection
) -> None:
    other = an_automation("other", owner="Nadia", deputy="")
    automations.add_version(db, other, "", NOW)
    nadia = signed_in(Role.OWNER, name="Nadia")
    a_watch_that_is(db, State.AMBER, Because.EVIDENCE, "other")

    assert lines_of(camille) == []
    assert "other strays" in lines_of(nadia)[0]
    assert "other strays" in lines_of(signed_in(Role.MANAGER, name="Ada"))[0]


def test_what_drifts_says_in_how_many_months_it_arrives(
    camille: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail = [Spot(business=0.2, customer=90 - 4 * n, seen=200) for n in range(7)]
    found = heading(tail)
    assert found is not None
    monkeypatch.setattr(drifts._Known, "found", drifts._Found(NOW, {AUTOMATION: found}))

    (line,) = lines_of(camille)
    assert "welcome drifts towards good for us and bad for customers" in line
    assert f'href="/quadrant/{AUTOMATION}"' in text_of(camille)


def a_recall(db: Connection, state: Stage, **more: Any) -> None:
    recall = Recall(
        recall_id=8,
        automation=AUTOMATION,
        state=state,
        opened_at=NOW,
        opened_by="Camille",
        because="it went to the wrong people",
        since=NOW - timedelta(hours=1),
        until=NOW,
        scope=Scope(automation=AUTOMATION, since=NOW, until=NOW),
    )
    recalls.add(db, recall, [7])
    recalls.move(db, msgspec.structs.replace(recall, state=state, **more))


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (Stage.FOUND, "The recall of welcome has found everybody"),
        (Stage.PREPARED, "A recall of welcome waits for a second person"),
        (Stage.APPROVED, "The recall of welcome is approved"),
        (Stage.SENDING, ""),
        (Stage.STOPPED, ""),
    ],
)
def test_a_recall_is_told_to_whoever_takes_its_next_step(
    camille: Any, db: Connection, state: Stage, says: str
) -> None:
    a_recall(db, state)

    assert says in "".join(lines_of(camille))
    assert bool(lines_of(camille)) is bool(says)


def test_who_wrote_what_makes_good_is_not_asked_to_agree_to_it(
    camille: Any, signed_in: Callable[..., Any], db: Connection
) -> None:
    a_recall(
        db,
        Stage.PREPARED,
        prepared_by="Camille",
        prepared_staff=camille.person.id,
        people=900,
    )

    assert lines_of(camille) == []
    assert "waits for a second person" in lines_of(signed_in(Role.OWNER, name="Omar"))[0]


def test_managers_read_of_needs_that_nothing_serves(
    signed_in: Callable[..., Any], db: Connection
) -> None:
    leases.say_alive(db, "worker-1", datetime.now(UTC), 1)
    some = [
        Need(node=key_of(n), need_id=n, at=NOW - timedelta(hours=1), words="a spare lid")
        for n in (1, 2)
    ]
    needs.keep(db, some)
    for need in some:
        needs.place(db, need, 5)

    assert "2 customers need something" in lines_of(signed_in(Role.MANAGER, name="Ada"))[0]
    assert lines_of(signed_in(Role.OWNER, name="Omar")) == []


def test_whoever_pulled_the_cord_reads_that_they_were_answered_and_nobody_else_does(
    ines: Any, signed_in: Callable[..., Any], db: Connection
) -> None:
    said = Pull(node=customers(db, 1)[0], automation=AUTOMATION, reason="other", who=ines.person.id)
    automations.add_version(db, an_automation(owner="Camille", deputy=""), "", NOW)
    with db.transaction():
        flag = flagging.pull(db, said, read(), NOW)
    flags.answer(db, flag, Answered(NOW, "Camille", "You were right: <it stops>", True))  # noqa: FBT003

    (line,) = lines_of(ines)
    assert "What you said of welcome was answered" in line
    assert "&lt;it stops&gt;" in line
    assert lines_of(signed_in(Role.ADVISER, name="Omar")) == []


def test_it_moves_by_itself_for_whatever_is_in_it(ines: Any) -> None:
    page = text_of(ines)

    for topic in ("stops", "flags", "recalls", "tasks", "trays", "automations", "sources"):
        assert f"sse:{topic}" in page


def test_whoever_signs_in_begins_here_and_the_bare_address_leads_here_too(
    reader: Any, ines: Any
) -> None:
    assert reader.get("/").headers["Location"] == "/sign-in"
    assert "next=" in reader.get("/tasks").headers["Location"]
    rooms = re.findall(r'<a href="([^"]+)" ', text_of(ines).split('class="rooms"')[1])
    assert rooms[0] == "/morning"


@pytest.mark.parametrize("what", What)
def test_whatever_there_is_to_do_reads_in_both_languages_and_leads_somewhere(what: What) -> None:
    said = SAID[what]

    assert what in _WAYS
    assert sum(what in those for _, _, those in PARTS) == 1
    for language in LANGUAGES:
        assert catalogue(language).gettext(said.do)
        if said.several:
            assert catalogue(language).ngettext(said.one, said.several, 2)
    assert catalogue("fr").gettext(said.do) != said.do
    if said.several:
        assert catalogue("fr").ngettext(said.one, said.several, 2) != said.several
