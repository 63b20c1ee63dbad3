"""The cord in the console: pulled in one step by anybody who works here, and written down under nobody's name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, sql
from structlog.testing import capture_logs

from terrain.core.fact import FactKey
from terrain.core.flag import Reason
from terrain.core.staff import Role
from terrain.core.task import Task, TaskKind
from terrain.flow import answering
from terrain.flow.answering import Answer
from terrain.store import automations, flags, needs, tasks
from tests.colleagues import post_as
from tests.oversight import a_house_that_watches
from tests.reminded import ACT, AUTOMATION, DECISION, Reminded

FAR = 2**63 - 1


@pytest.fixture
def lea(db: Connection) -> Reminded:
    a_house_that_watches(db, AUTOMATION, now=datetime.now(UTC))
    return Reminded(db)


def place_of(lea: Reminded) -> str:
    return f"/decisions/{lea.key.customer_id}/{DECISION}"


def pull(browser: Any, lea: Reminded, reason: str = "wrong_fact", **more: Any) -> Any:
    """Pull it from the page of the decision; a role that sees no customer from its own page of the cord."""
    sees = browser.get(place_of(lea)).status_code == 200
    form = {"customer": lea.key.customer_id, "automation": AUTOMATION, "decision": DECISION}
    given = {**form, "reason": reason, "do": "wrong", **more}
    return post_as(browser, place_of(lea) if sees else "/cord", "/cord", **given)


def text_of(browser: Any, address: str, language: str = "en") -> str:
    return str(browser.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


# -- in one step -----------------------------------------------------------------------------------


def test_ines_pulls_it_on_a_decision_and_what_waited_does_not_leave(
    signed_in: Any, lea: Reminded
) -> None:
    ines = signed_in(Role.ADVISER)

    led_to = pull(ines, lea, text="She gave the filter away.").headers["Location"]

    (flag,) = flags.open_ones(lea.db)
    assert lea.state_of_act() == "stopped"
    assert (flag.act_id, flag.decision_id, flag.words) == (
        ACT,
        DECISION,
        "She gave the filter away.",
    )
    assert led_to == f"/flags/mine/{flag.flag_id}#said"
    page = text_of(ines, f"/flags/mine/{flag.flag_id}")
    assert "It is held, and the answer will come here." in page
    assert "1 act was stopped before it left." in page
    assert "For everybody else it goes on." in page


def test_she_reads_beforehand_what_it_will_stop(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER)

    assert "1 act that waits does not leave" in text_of(ines, place_of(lea))
    for name in ("Omar", "Nadia"):
        pull(signed_in(Role.ADVISER, name=name), lea)
    assert "2 other people said so within a day, and three are enough" in text_of(
        ines, place_of(lea)
    )
    pull(ines, lea)
    assert "For everybody it is stopped already." in text_of(ines, place_of(lea))


def test_in_french_too(signed_in: Any, lea: Reminded) -> None:
    page = text_of(signed_in(Role.ADVISER), place_of(lea), "fr")

    assert "Quelque chose ne va pas ici" in page
    assert "1 acte en attente ne part pas" in page
    assert "l’arrête pour tout le monde" in page


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_can_be_chosen(signed_in: Any, lea: Reminded, reason: str) -> None:
    ines = signed_in(Role.ADVISER)
    assert f'name="reason" value="{reason}"' in text_of(ines, place_of(lea))

    assert pull(ines, lea, reason).status_code == 302
    assert flags.open_ones(lea.db)[0].reason is Reason(reason)


def test_a_severe_reason_stops_it_for_all(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER)
    pull(ines, lea, "safety")

    listed = automations.find(lea.db, AUTOMATION)
    assert listed
    assert listed.paused_at
    (flag,) = flags.open_ones(lea.db)
    assert "For everybody: held since" in text_of(ines, f"/flags/mine/{flag.flag_id}")


@pytest.mark.parametrize("role", list(Role))
def test_whoever_works_here_may_pull_it(signed_in: Any, lea: Reminded, role: Role) -> None:
    somebody = signed_in(role)

    assert pull(somebody, lea).status_code == 302
    (flag,) = flags.open_ones(lea.db)
    assert somebody.get(f"/flags/mine/{flag.flag_id}").status_code == 200
    assert somebody.get("/cord").status_code == 200


def test_somebody_without_a_role_may_not(signed_in: Any, lea: Reminded) -> None:
    assert signed_in().get("/cord").status_code == 403
    assert flags.open_ones(lea.db) == []


def test_a_viewer_learns_nothing_of_her(signed_in: Any, lea: Reminded) -> None:
    viewer = signed_in(Role.VIEWER)
    asked = f"/cord?customer={lea.key.customer_id}&decision={DECISION}"
    pull(viewer, lea, text="A neighbour told me.")
    (flag,) = flags.open_ones(lea.db)

    for address in (asked, "/flags/mine", f"/flags/mine/{flag.flag_id}"):
        page = text_of(viewer, address)
        for hers in ("Léa", "lilas", "lea@", "that waits"):
            assert hers.lower() not in page.lower(), (address, hers)


def test_it_stands_on_her_page_her_task_and_beside_each_act(operator: Any, lea: Reminded) -> None:
    task = Task(
        key=lea.key,
        task_id=5,
        kind=TaskKind.HAND,
        title="X",
        opened_at=lea.now,
        decision_id=DECISION,
    )
    tasks.save(lea.db, [task])
    customer = text_of(operator, f"/customers/{lea.key.customer_id}")

    assert 'id="cord"' in customer
    assert f"/cord?customer={lea.key.customer_id}&amp;act={ACT}" in customer
    assert f'name="decision" value="{DECISION}"' in text_of(operator, "/tasks/5")


def test_a_task_about_nothing_decided_asks_which_automation(operator: Any, lea: Reminded) -> None:
    odd = {"said": {"decision_id": "77"}}
    task = Task(key=lea.key, task_id=5, kind=TaskKind.HAND, title="X", opened_at=lea.now, file=odd)
    tasks.save(lea.db, [task])

    page = text_of(operator, "/tasks/5")
    assert 'name="automation"' in page
    assert 'value="77"' not in page


def test_from_an_act_the_page_of_the_cord_knows_what_it_is_about(
    operator: Any, lea: Reminded
) -> None:
    page = text_of(operator, f"/cord?customer={lea.key.customer_id}&act={ACT}")

    assert f"It is about {AUTOMATION}." in page
    assert "1 act that waits does not leave" in page


# -- a need ----------------------------------------------------------------------------------------


def test_the_same_place_says_that_a_need_is_not_served(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER)

    led_to = pull(ines, lea, do="need", text="Delivery in the evening").headers["Location"]
    lea.work()

    assert led_to == "/flags/mine#said"
    assert "Needs that are alike are counted together" in text_of(ines, "/flags/mine")
    (need,) = needs.loose(lea.db, 5)
    assert (need.words, need.decision_id) == ("Delivery in the evening", DECISION)
    assert flags.open_ones(lea.db) == []
    assert lea.state_of_act() == "queued"


def test_a_need_without_words_is_asked_for_them(signed_in: Any, lea: Reminded) -> None:
    refused = pull(signed_in(Role.ADVISER), lea, do="need", text="  ")

    assert refused.status_code == 422
    assert 'name="do" value="need"' in refused.content.decode()


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "no-such-reason", "<b>"])
def test_without_a_reason_it_is_shown_again_with_what_was_typed(
    signed_in: Any, lea: Reminded, reason: str
) -> None:
    refused = pull(signed_in(Role.ADVISER), lea, reason, text="Pas <elle>")
    page = refused.content.decode()

    assert refused.status_code == 422
    assert "Please choose one." in page
    assert "Pas &lt;elle&gt;" in page
    assert flags.open_ones(lea.db) == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"customer": "", "decision": ""}, 422),
        ({"customer": FAR, "decision": ""}, 422),
        ({"customer": "x", "decision": ""}, 422),
        ({"customer": FAR + 1, "decision": ""}, 422),
        ({"decision": 77}, 404),
        ({"act": 77}, 404),
        ({"decision": "", "automation": "no-such-thing"}, 422),
        ({"automation": "faster-parcel"}, 422),
        ({"decision": "", "automation": ""}, 422),
    ],
)
def test_what_is_about_nothing_is_refused(
    signed_in: Any, lea: Reminded, wrong: dict[str, Any], status: int
) -> None:
    refused = pull(signed_in(Role.ADVISER), lea, **wrong)

    assert refused.status_code == status
    assert flags.open_ones(lea.db) == []
    assert lea.state_of_act() == "queued"


def test_somebody_elses_decision_is_not_hers(signed_in: Any, lea: Reminded) -> None:
    omar = Reminded(lea.db, user_id="omar", name="Omar Diallo")
    lea.db.execute("DELETE FROM decision WHERE customer_id = %s", [omar.key.customer_id])
    lea.db.execute("DELETE FROM act WHERE customer_id = %s", [omar.key.customer_id])

    refused = pull(signed_in(Role.ADVISER), lea, customer=omar.key.customer_id)
    assert refused.status_code == 404


def test_looking_pulls_nothing(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER)
    asked = f"customer={lea.key.customer_id}&automation={AUTOMATION}&reason=safety&do=wrong"

    assert ines.get(f"/cord?{asked}").status_code == 200
    assert flags.open_ones(lea.db) == []


def test_the_same_form_sent_twice_is_one_flag(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER)

    first = pull(ines, lea, once="a-word").headers["Location"]
    assert pull(ines, lea, once="a-word").headers["Location"] == first
    assert len(flags.open_ones(lea.db)) == 1


# -- under nobody's name ---------------------------------------------------------------------------


def everything_written(db: Connection) -> dict[str, str]:
    """Return all that stands in every table, as text."""
    tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    said = sql.SQL("SELECT string_agg(t::text, chr(10)) FROM {} t")
    return {
        name: str(db.execute(said.format(sql.Identifier(name))).fetchone())
        for (name,) in tables.fetchall()
    }


def test_the_audit_log_says_that_it_was_pulled_and_not_by_whom(
    signed_in: Any, lea: Reminded, db: Connection
) -> None:
    pull(signed_in(Role.ADVISER), lea)

    (line,) = db.execute(
        "SELECT staff_id, name, outcome, customer_id, about, details FROM audit WHERE what = 'cord'"
    )
    assert line == (None, "", 302, None, {}, {"automation": AUTOMATION})


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"decision": 77}, {"csrfmiddlewaretoken": "forged"}]
)
def test_nor_does_it_when_it_was_refused(
    signed_in: Any, lea: Reminded, db: Connection, wrong: dict[str, Any]
) -> None:
    assert pull(signed_in(Role.ADVISER), lea, **wrong).status_code >= 400

    (line,) = db.execute(
        "SELECT staff_id, name, customer_id FROM audit WHERE what = 'cord'"
    ).fetchall()
    assert line == (None, "", None)


def test_the_page_of_the_audit_log_says_so(signed_in: Any, operator: Any, lea: Reminded) -> None:
    pull(signed_in(Role.ADVISER, name="Zoé"), lea)

    page = text_of(operator, "/audit?what=cord")
    line = page.split("<tbody>")[1]
    assert "is written down nowhere" in line
    assert "Zoé" not in line


def test_nothing_that_is_kept_leads_from_the_flag_to_her_name(
    signed_in: Any, lea: Reminded, db: Connection
) -> None:
    ines = signed_in(Role.ADVISER, name="Zoé")
    before = everything_written(db)
    pull(ines, lea, text="wrong")
    lea.work()

    after = everything_written(db)
    assert after["flag"] != before["flag"]
    told = [
        table for table, text in after.items() if text.count("Zoé") > before[table].count("Zoé")
    ]
    assert told == []
    assert str(ines.person.pk) not in after["flag"].strip("('),").split(",")


def test_the_log_of_the_process_does_not_name_her_either(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER)
    ines.get(place_of(lea))
    with capture_logs() as said:
        post_as(
            ines,
            "/cord",
            customer=lea.key.customer_id,
            decision=DECISION,
            reason="safety",
        )
        ines.get("/flags/mine")
        (flag,) = flags.open_ones(lea.db)
        ines.get(f"/flags/mine/{flag.flag_id}")

    assert [line for line in said if "staff_id" in line] == []


# -- what came of it -------------------------------------------------------------------------------


def test_whoever_pulled_finds_the_answer_under_their_own_name(
    signed_in: Any, lea: Reminded
) -> None:
    ines = signed_in(Role.ADVISER)
    pull(ines, lea)
    (flag,) = flags.open_ones(lea.db)
    said = Answer(by="Camille", words="You were right: it was her neighbour’s.", goes_on=True)
    answering.answer(lea.db, flag.flag_id, said, lea.now)

    for address in ("/flags/mine", f"/flags/mine/{flag.flag_id}"):
        assert "You were right: it was her neighbour’s." in text_of(ines, address)
    assert "it goes on for this customer" in text_of(ines, f"/flags/mine/{flag.flag_id}")


def test_nobody_reads_what_somebody_else_said_under_their_own_name(
    signed_in: Any, lea: Reminded
) -> None:
    pull(signed_in(Role.ADVISER), lea, text="said by Inès")
    (flag,) = flags.open_ones(lea.db)
    nadia = signed_in(*Role, name="Nadia")

    assert nadia.get(f"/flags/mine/{flag.flag_id}").status_code == 404
    assert "said by Inès" not in text_of(nadia, "/flags/mine")
    assert nadia.get("/flags/mine/1").status_code == 404


def test_what_another_system_does_can_be_wrong_too(signed_in: Any, lea: Reminded) -> None:
    """It has no file here: its decision says which system it was."""
    lea.db.execute("DELETE FROM automation_version WHERE name = %s", [AUTOMATION])
    lea.db.execute("DELETE FROM automation WHERE name = %s", [AUTOMATION])
    ines = signed_in(Role.ADVISER)

    assert pull(ines, lea).status_code == 302
    assert AUTOMATION in text_of(ines, "/flags/mine")


def test_the_hold_stands_in_what_is_known_of_her(signed_in: Any, lea: Reminded) -> None:
    pull(signed_in(Role.ADVISER), lea)
    customer = lea.work()

    claims = customer.claims[FactKey("wish.hold", AUTOMATION)]
    assert [claim.value for claim in claims] == [True]
    assert lea.now - timedelta(minutes=1) < claims[0].at
