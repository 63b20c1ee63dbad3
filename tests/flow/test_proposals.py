"""Camille and Omar change an automation: proposed, looked at, put live by whoever may."""

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from terrain.config import Settings
from terrain.core.approval import NeedsAnotherPerson, Origin, Signature, needs_another, reach_of
from terrain.errors import Refusal
from terrain.flow import proposals, versions
from terrain.flow.proposals import (
    AlreadySettled,
    Change,
    ChangedMeanwhile,
    NothingChanged,
    NotTheirs,
    UnknownProposal,
    Workshop,
    approve,
    as_read,
    checked,
    propose,
)
from terrain.flow.rules import ReasonTooShort
from terrain.store import automations
from terrain.store.proposals import Proposal, of, waiting
from tests.journeys import PROMISE, examples, written
from tests.people import NOON

STARTS = "starts: {when: order.placed}\n"
NEAR = PROMISE + STARTS + "steps: [{wait: 1 day}]\n"
NEARER = NEAR.replace("1 day", "2 days")
REACHES = {"inbox": "email", "phone": "sms", "account": "webhook", "home": "post"}
CAMILLE = Signature(by="Camille Roux", because="she asked for less of it", staff_id=7)
OMAR = Signature(by="Omar Diallo", because="read it with Camille", staff_id=8)


def far(reach: str = "phone") -> str:
    return (
        PROMISE
        + STARTS
        + f"steps: [{{send: hello, by: {REACHES[reach]}, reach: {reach}, benefit: vital}}]\n"
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "messages").mkdir()
    for language in ("en", "fr"):
        (tmp_path / "messages" / f"hello.{language}.md").write_text("Subject: Hello\n\nHello.\n")
    return tmp_path


@pytest.fixture
def bench(db: Connection, shop: Path) -> Workshop:
    return proposals.workshop(db, Settings(automations=shop))


def proposed(
    db: Connection, bench: Workshop, text: str = NEAR, by: Signature = CAMILLE
) -> Proposal:
    return propose(db, Change(text=text, name="a-promise"), bench, by, NOON)


def test_a_proposal_changes_nothing_that_runs(db: Connection, bench: Workshop) -> None:
    proposal = proposed(db, bench)

    assert [each.proposal_id for each in waiting(db, "a-promise")] == [proposal.proposal_id]
    assert automations.versions(db) == {}


def test_a_version_put_live_keeps_who_proposed_it_and_who_approved_it(
    db: Connection, bench: Workshop
) -> None:
    version = approve(db, proposed(db, bench), bench, OMAR, NOON)

    [kept] = automations.history(db, "a-promise")
    assert (kept.version, kept.origin) == (version, "page")
    assert (kept.proposed_by, kept.proposed_because) == ("Camille Roux", CAMILLE.because)
    assert (kept.approved_by, kept.approved_because) == ("Omar Diallo", OMAR.because)
    assert of(db, "a-promise")[0].version == version


@pytest.mark.parametrize("reach", list(REACHES))
@pytest.mark.parametrize("who", ["the proposer", "somebody else"])
@pytest.mark.parametrize("reason", ["", "I read it twice"])
def test_who_may_put_live_what_reaches_how_far(
    db: Connection,
    bench: Workshop,
    reach: str,
    who: str,
    reason: str,
) -> None:
    same = who == "the proposer"
    proposal = proposed(db, bench, far(reach))
    signed = Signature(by=CAMILLE.by if same else "Omar", because=reason, staff_id=7 if same else 8)
    allowed = reach == "inbox" or bool(reason and not same)

    if allowed:
        assert approve(db, proposal, bench, signed, NOON) == 1
        return
    refusal = NeedsAnotherPerson if same else ReasonTooShort
    with pytest.raises(refusal):
        approve(db, proposal, bench, signed, NOON)


def test_what_reached_a_home_until_now_still_takes_two(db: Connection, bench: Workshop) -> None:
    approve(db, proposed(db, bench, far("home")), bench, OMAR, NOON)
    nearer = proposed(db, bench, NEAR)

    with pytest.raises(NeedsAnotherPerson) as refused:
        approve(db, as_read(nearer, 1), bench, CAMILLE, NOON)
    assert refused.value.values["reach"] == "home"


def test_without_accounts_a_person_is_known_by_their_name(db: Connection, bench: Workshop) -> None:
    at_terminal = Signature(by="Camille", because="seen at the terminal")
    again = Signature(by=" camille ", because="it is me again, and I like it")
    proposal = proposed(db, bench, far(), at_terminal)

    with pytest.raises(NeedsAnotherPerson):
        approve(db, proposal, bench, again, NOON)
    assert approve(db, proposal, bench, OMAR, NOON) == 1


def test_a_file_is_nobodys_so_anybody_may_approve_it(
    db: Connection, bench: Workshop, shop: Path
) -> None:
    (shop / "a-promise.yaml").write_text(far())
    versions.publish(db, shop, NOON)
    [waits] = waiting(db, "a-promise")

    assert approve(db, waits, bench, CAMILLE, NOON) == 1
    assert automations.history(db, "a-promise")[0].origin == "folder"
    assert versions.publish(db, shop, NOON).same == ("a-promise",)


# -- two at once -----------------------------------------------------------------------------------


def test_what_went_live_meanwhile_is_read_before_it_is_undone(
    db: Connection, bench: Workshop
) -> None:
    hers, his = proposed(db, bench), proposed(db, bench, NEARER, OMAR)
    approve(db, his, bench, OMAR, NOON)

    with pytest.raises(ChangedMeanwhile) as refused:
        approve(db, hers, bench, CAMILLE, NOON)
    assert (refused.value.value, refused.value.right) == ("1", "0")
    assert approve(db, as_read(hers, 1), bench, CAMILLE, NOON) == 2


def test_a_proposal_is_settled_once(db: Connection, bench: Workshop) -> None:
    proposal = proposed(db, bench)
    proposals.reject(db, proposal, OMAR, NOON)

    for settle in (proposals.reject, proposals.withdraw):
        with pytest.raises(AlreadySettled) as refused:
            settle(db, proposal, CAMILLE, NOON)
        assert (refused.value.value, refused.value.right) == ("rejected", "Omar Diallo")


def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told(
    fresh_database: str, shop: Path
) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        bench = proposals.workshop(db, Settings(automations=shop))
        proposal = proposed(db, bench, far())
    told: list[object] = []

    def decide(name: str) -> None:
        signed = Signature(by=name, because="it reads well to me")
        with psycopg.connect(fresh_database, autocommit=True) as db:
            try:
                with db.transaction():
                    told.append(approve(db, proposal, bench, signed, NOON))
            except Refusal as refusal:
                told.append(refusal.code)

    both = [threading.Thread(target=decide, args=[name]) for name in ("Inès", "Omar")]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert sorted(map(str, told)) == ["1", "proposal_settled"]


# -- taking back, saying no ------------------------------------------------------------------------


def test_only_whoever_proposed_it_takes_it_back(db: Connection, bench: Workshop) -> None:
    proposal = proposed(db, bench)

    with pytest.raises(NotTheirs):
        proposals.withdraw(db, proposal, OMAR, NOON)
    proposals.withdraw(db, proposal, CAMILLE, NOON)
    assert waiting(db, "a-promise") == []


def test_saying_no_needs_a_reason(db: Connection, bench: Workshop) -> None:
    proposal = proposed(db, bench)

    with pytest.raises(ReasonTooShort):
        proposals.reject(db, proposal, Signature(by="Omar", because="no"), NOON)
    proposals.reject(db, proposal, OMAR, NOON + timedelta(hours=1))
    [kept] = of(db, "a-promise")
    assert (kept.state, kept.settled_because) == ("rejected", OMAR.because)


# -- what is refused -------------------------------------------------------------------------------


def test_proposing_needs_a_reason_and_something_new(db: Connection, bench: Workshop) -> None:
    with pytest.raises(ReasonTooShort):
        proposed(db, bench, by=Signature(by="Camille", because="so"))
    approve(db, proposed(db, bench), bench, CAMILLE, NOON)
    with pytest.raises(NothingChanged):
        proposed(db, bench, "# only a comment\n" + NEAR)
    proposed(db, bench, NEARER)
    with pytest.raises(NothingChanged):
        proposed(db, bench, NEARER, OMAR)


BAD = {
    "unknown_key": NEAR.replace("benefit:", "benefti:"),
    "unknown_name": NEAR.replace("wait", "wiat"),
    "another_name": NEAR.replace("automation: a-promise", "automation: another"),
    "no_template": far().replace("hello", "hello-you"),
    "not_yaml": "automation: [",
    "too_much_yaml": "a: " + "[" * 60 + "]" * 60,
    "yaml_alias": "a: &a [x]\nb: [*a, *a]\n",
    "missing_key": "",
}


@pytest.mark.parametrize("code", BAD)
def test_what_the_checker_refuses_cannot_be_proposed(
    db: Connection, bench: Workshop, code: str
) -> None:
    draft = checked(Change(text=BAD[code], name="a-promise"), bench)

    assert code in {problem.code for problem in draft.problems}
    assert draft.automation is None
    with pytest.raises(Refusal):
        proposed(db, bench, BAD[code])


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "\x00\x01\x02", "\ufeff\ufffe", "--- !!python/object:os.system {}\n", "- a\n- b\n"],
    ids=["a megabyte", "binary", "marks", "a tag", "a list"],
)  # fmt: skip
def test_no_text_at_all_breaks_the_checker(bench: Workshop, text: str) -> None:
    assert checked(Change(text=text, name="a-promise"), bench).problems


def test_a_form_ends_its_lines_otherwise_than_a_file(db: Connection, bench: Workshop) -> None:
    assert proposed(db, bench, NEAR.replace("\n", "\r\n")).file == NEAR


def test_a_catalogue_that_changed_since_is_asked_again(db: Connection, bench: Workshop) -> None:
    proposal = proposed(db, bench, far())
    (bench.folder / "messages" / "hello.fr.md").unlink()

    with pytest.raises(Refusal) as refused:
        approve(db, proposal, bench, OMAR, NOON)
    assert refused.value.code == "no_template"


def test_an_unknown_proposal_is_not_found(db: Connection) -> None:
    with pytest.raises(UnknownProposal):
        proposals.find(db, 17)
    with pytest.raises(UnknownProposal):
        proposals.the_one_that_waits(db, "a-promise")


# -- how far ---------------------------------------------------------------------------------------


def test_the_furthest_act_counts_wherever_it_stands() -> None:
    hidden = written(
        STARTS
        + "steps: [{branch: [{if: {country: FR}, then: [{send: hello, by: sms, reach: phone}]}]}]"
    )

    assert reach_of(hidden) == "phone"
    assert reach_of(examples()["faster-parcel"]) == "home"
    assert reach_of(written(STARTS + "steps: [{wait: 1 day}]")) is None


def test_new_and_old_reach_both_count() -> None:
    near, home = examples()["filter-reminder"], examples()["faster-parcel"]

    assert not needs_another(near, near)
    assert not needs_another(None, near)
    assert needs_another(None, home)
    assert needs_another(home, near)
    assert needs_another(near, home)


def test_the_origin_of_a_change_is_kept(db: Connection, bench: Workshop) -> None:
    change = Change(text=NEAR, origin=Origin.TERMINAL)
    approve(db, propose(db, change, bench, CAMILLE, NOON), bench, CAMILLE, NOON)

    assert automations.history(db, "a-promise")[0].origin == "terminal"
