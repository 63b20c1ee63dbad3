"""Files become versions; a mistake costs nobody anything; what is paused is held and goes on."""

from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import Connection

from terrain.core.breaker import Resuming
from terrain.demo.staging import BY_THE_DEMO
from terrain.flow import versions
from terrain.flow.rules import ReasonTooShort
from terrain.flow.versions import UnknownAutomation, publish
from terrain.store import automations, proposals, reference, runs
from tests.journeys import EXAMPLES, PROMISE, Life, written
from tests.people import NOON

STARTS = "starts: {when: order.placed}\n"
GOOD = PROMISE + STARTS + "steps: [{wait: 1 day}]\n"
BETTER = PROMISE + STARTS + "steps: [{wait: 2 days}]\n"
FAR = PROMISE + STARTS + "steps: [{send: hello, by: sms, reach: phone}]\n"
BAD = PROMISE + STARTS + "steps: [{wiat: 2 days}]\n"


def put(folder: Path, text: str, name: str = "a-promise.yaml") -> Path:
    (folder / name).write_text(text)
    (folder / "messages").mkdir(exist_ok=True)
    for words in ("hello.en", "hello.fr", "news.en", "news.fr"):
        (folder / "messages" / f"{words}.md").write_text("Subject: Hello\n\nHello.\n")
    return folder


def test_the_examples_are_published_once(db: Connection) -> None:
    first = publish(db, EXAMPLES, NOON, approved=BY_THE_DEMO)
    again = publish(db, EXAMPLES, NOON)

    assert not first.problems
    assert len(first.changed) == 10
    assert (again.changed, len(again.same)) == ((), 10)


def test_what_reaches_a_phone_or_further_goes_not_live_by_being_saved(db: Connection) -> None:
    done = publish(db, EXAMPLES, NOON)

    assert done.waiting == ("birthday", "faster-parcel", "safety-recall")
    assert len(done.changed) == 7
    [waits] = proposals.waiting(db, "faster-parcel")
    assert (waits.origin, waits.by, waits.name) == ("folder", "", "faster-parcel")
    assert ("faster-parcel", 1) not in automations.versions(db)


def test_a_file_that_waits_is_proposed_once_and_taken_back_when_it_says_something_else(
    db: Connection, tmp_path: Path
) -> None:
    publish(db, put(tmp_path, GOOD), NOON)
    for _ in range(2):
        assert publish(db, put(tmp_path, FAR), NOON).waiting == ("a-promise",)
    assert len(proposals.of(db, "a-promise")) == 1

    publish(db, put(tmp_path, FAR.replace("hello", "news")), NOON)
    assert [each.state for each in proposals.of(db, "a-promise")].count("waits") == 1

    assert publish(db, put(tmp_path, GOOD), NOON).same == ("a-promise",)
    assert proposals.waiting(db, "a-promise") == []


def test_what_a_file_proposed_goes_with_the_file(db: Connection, tmp_path: Path) -> None:
    publish(db, put(tmp_path, FAR), NOON)
    (tmp_path / "a-promise.yaml").unlink()

    assert publish(db, tmp_path, NOON).retired == ("a-promise",)
    assert [each.state for each in proposals.of(db, "a-promise")] == ["withdrawn"]


def test_what_reached_a_phone_until_now_needs_somebody_even_to_reach_less(
    db: Connection, tmp_path: Path
) -> None:
    publish(db, put(tmp_path, FAR), NOON, approved=BY_THE_DEMO)

    assert publish(db, put(tmp_path, GOOD), NOON).waiting == ("a-promise",)


def test_a_version_keeps_who_approved_it_and_where_it_came_from(db: Connection) -> None:
    publish(db, EXAMPLES, NOON, approved=BY_THE_DEMO)
    [version] = automations.history(db, "faster-parcel")

    assert (version.origin, version.approved_by) == ("demo", "the demo")


def test_a_file_refused_and_gone_leaves_no_complaint_behind(db: Connection, tmp_path: Path) -> None:
    publish(db, put(tmp_path, BAD), NOON)
    (tmp_path / "a-promise.yaml").unlink()

    assert publish(db, tmp_path, NOON).retired == ("a-promise",)
    listed = automations.find(db, "a-promise")
    assert listed
    assert listed.refused is None


def test_what_says_something_new_is_a_new_version_and_the_old_one_stays(
    db: Connection, tmp_path: Path
) -> None:
    publish(db, put(tmp_path, GOOD), NOON)
    publish(db, put(tmp_path, "# only a comment\n" + GOOD), NOON)

    done = publish(db, put(tmp_path, BETTER), NOON)

    assert done.changed == ("a-promise",)
    assert sorted(automations.versions(db)) == [("a-promise", 1), ("a-promise", 2)]
    assert automations.file_of(db, "a-promise", 1) == GOOD


def test_a_bad_file_leaves_the_previous_version_running_and_says_so(
    db: Connection, tmp_path: Path
) -> None:
    publish(db, put(tmp_path, GOOD), NOON)

    done = publish(db, put(tmp_path, BAD), NOON)

    listed = automations.find(db, "a-promise")
    assert done.refused == ("a-promise",)
    assert listed
    assert listed.refused
    assert (listed.live_version, listed.refused[0]["code"]) == (1, "unknown_name")
    assert listed.refused[0]["line"] == 10


def test_putting_it_right_again_takes_the_refusal_away(db: Connection, tmp_path: Path) -> None:
    for text in (GOOD, BAD, GOOD):
        publish(db, put(tmp_path, text), NOON)

    listed = automations.find(db, "a-promise")
    assert listed
    assert (listed.live_version, listed.refused) == (1, None)


def test_one_bad_file_keeps_none_of_the_others_back(db: Connection, tmp_path: Path) -> None:
    put(tmp_path, "automation: [", "broken.yaml")

    done = publish(db, put(tmp_path, GOOD), NOON)

    assert (done.changed, done.refused) == (("a-promise",), ("broken.yaml",))


def test_a_bad_catalogue_changes_nothing_at_all(db: Connection, tmp_path: Path) -> None:
    publish(db, put(tmp_path, GOOD), NOON)
    put(tmp_path, "facts: {pet: {typ: text}}\n", "catalogue.yaml")

    done = publish(db, put(tmp_path, BETTER), NOON)

    listed = automations.find(db, "a-promise")
    assert listed
    assert (done.changed, listed.live_version) == ((), 1)
    assert listed.refused


def test_a_file_that_is_gone_starts_nothing_new(db: Connection, tmp_path: Path) -> None:
    publish(db, put(tmp_path, GOOD), NOON)
    (tmp_path / "a-promise.yaml").unlink()

    assert publish(db, tmp_path, NOON).retired == ("a-promise",)
    listed = automations.find(db, "a-promise")
    assert listed
    assert listed.retired_at == NOON
    assert publish(db, put(tmp_path, GOOD), NOON).changed == ("a-promise",)


def test_a_pause_needs_a_reason_that_others_understand(db: Connection, tmp_path: Path) -> None:
    publish(db, put(tmp_path, GOOD), NOON)

    with pytest.raises(ReasonTooShort):
        versions.pause(db, "a-promise", "Camille", "just so", NOON)
    with pytest.raises(UnknownAutomation) as refused:
        versions.pause(db, "a-promis", "Camille", "too many complaints", NOON)
    assert refused.value.right == "a-promise"


def test_pausing_again_keeps_the_first_name_and_every_change_is_noticed(
    db: Connection, tmp_path: Path
) -> None:
    publish(db, put(tmp_path, GOOD), NOON)
    before = reference.changes(db)

    versions.pause(db, "a-promise", "Camille", "too many complaints", NOON)
    again = versions.pause(db, "a-promise", "Omar", "I also think so", NOON + timedelta(days=1))

    assert (again.paused_by, again.paused_at) == ("Camille", NOON)
    assert reference.changes(db) == before + 1


def test_what_was_held_by_a_pause_is_taken_up_when_it_is_resumed(
    db: Connection, tmp_path: Path
) -> None:
    publish(db, put(tmp_path, GOOD), NOON)
    versions.pause(db, "a-promise", "Camille", "too many complaints", NOON)
    automation = written(STARTS + "steps: [{send: hello, by: email, reach: inbox}]\n")
    held = Life(automation, paused=frozenset({"a-promise"})).hear("order.placed", order="17").live
    runs.save(db, held)

    versions.resume(db, "a-promise", NOON, Resuming(by="Camille"))

    found = db.execute("SELECT state, due_at FROM run WHERE run_id = %s", [held[0].run_id])
    assert found.fetchall() == [("held", NOON)]
