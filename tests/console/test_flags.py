"""What was said to be wrong, before those who answer: the list, the case, the answer, and nobody's name."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from terrain.config import read
from terrain.core.fact import FactKey
from terrain.core.flag import Reason
from terrain.core.outside import Wanted
from terrain.core.staff import Role
from terrain.flow import flagging
from terrain.flow.decide import Asker, decide
from terrain.flow.flagging import Pull
from terrain.store import automations, flags
from tests.colleagues import post_as
from tests.oversight import OWNER, a_house_that_watches, an_automation
from tests.reminded import ACT, AUTOMATION, DECISION, Reminded

INES = 77
ASKED: dict[str, Any] = {
    "customer": {"user_id": "lea"},
    "name": "explain_the_bill",
    "purpose": "service",
    "benefit": "important",
    "reach": "inbox",
    "undo": "easily",
}
RIGHT = "You were right: the filter was her neighbour’s."


@pytest.fixture
def lea(db: Connection) -> Reminded:
    a_house_that_watches(db, AUTOMATION, now=datetime.now(UTC))
    return Reminded(db)


@pytest.fixture
def flag(lea: Reminded) -> int:
    return pulled(lea, text="It is <not> hers")


def pulled(lea: Reminded, reason: str = "wrong_fact", **more: Any) -> int:
    given: dict[str, Any] = {
        "node": lea.key,
        "automation": AUTOMATION,
        "reason": reason,
        "decision_id": DECISION,
        "who": INES,
    }
    with lea.db.transaction():
        return flagging.pull(lea.db, Pull(**{**given, **more}), read(), lea.now).flag_id


def text_of(browser: Any, address: str, language: str = "en") -> str:
    return str(browser.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def answer(browser: Any, flag: int, words: str = RIGHT, **more: Any) -> Any:
    return post_as(browser, f"/flags/{flag}", f"/flags/{flag}/answer", answer=words, **more)


# -- the list --------------------------------------------------------------------------------------


def test_those_that_wait_come_first_the_oldest_above(signed_in: Any, lea: Reminded) -> None:
    first = pulled(lea, text="the first")
    lea.now += timedelta(minutes=1)
    second = pulled(lea, text="the second", who=2)
    camille = signed_in(Role.MANAGER)
    page = text_of(camille, "/flags")

    assert "2 wait for an answer" in page
    assert page.index(f"/flags/{first}") < page.index(f"/flags/{second}")
    answer(camille, first)
    assert f"/flags/{first}" not in text_of(camille, "/flags")
    assert RIGHT in text_of(camille, "/flags?show=answered")


def test_it_is_looked_at_by_automation(signed_in: Any, lea: Reminded) -> None:
    automations.add_version(lea.db, an_automation("faster-parcel"), "", lea.now)
    hers = pulled(lea)
    other = pulled(lea, automation="faster-parcel", decision_id=0)
    page = text_of(signed_in(Role.MANAGER), "/flags?automation=faster-parcel")

    assert f"/flags/{other}" in page
    assert f'/flags/{hers}"' not in page


def test_an_odd_address_shows_what_waits(signed_in: Any, flag: int) -> None:
    for odd in (
        "show=x",
        "from=x",
        "from=9999999999999-1",
        "automation=%3Cb%3E",
        "show=answered&from=1-1",
    ):
        page = signed_in(Role.MANAGER).get(f"/flags?{odd}")
        assert page.status_code == 200
        assert "<b>" not in page.content.decode()
    assert f"/flags/{flag}" in text_of(signed_in(Role.MANAGER), "/flags?show=x")


def test_a_long_list_comes_in_pieces(signed_in: Any, lea: Reminded) -> None:
    for number in range(53):
        lea.now += timedelta(seconds=1)
        pulled(lea, text=f"said {number}.", who=number % 2)
    camille = signed_in(Role.MANAGER)
    page = text_of(camille, "/flags")
    more = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    rest = text_of(camille, f"/flags{more}")

    assert ("said 0." in page, "said 52." in page) == (True, False)
    assert ("said 49." in rest, "said 50." in rest, "said 52." in rest) == (False, True, True)
    assert 'rel="prev"' in rest


def test_an_empty_list_says_so(signed_in: Any, db: Connection) -> None:  # noqa: ARG001 - a house
    assert "Nothing waits for an answer." in text_of(signed_in(Role.MANAGER), "/flags")


def test_it_is_counted_by_automation_and_reason(signed_in: Any, lea: Reminded) -> None:
    pulled(lea, who=1)
    pulled(lea, "too_much", who=2)
    lea.now += timedelta(minutes=1)
    pulled(lea, "too_much", who=1)
    counted = text_of(signed_in(Role.MANAGER), "/flags").split("counted-title")[2]

    assert "too much, too often 2" in counted
    assert "a wrong fact 1" in counted


# -- the case --------------------------------------------------------------------------------------


def test_the_case_carries_the_act_the_facts_and_their_sources(signed_in: Any, flag: int) -> None:
    page = text_of(signed_in(Role.MANAGER), f"/flags/{flag}")

    assert "It is &lt;not&gt; hers" in page
    assert "stopped before it left" in page
    assert "12 rue des Lilas" in page
    assert "shop (a transaction implies it)" in page
    assert "By somebody who works here" in page
    assert f'/{DECISION}"' in page


def test_an_act_that_is_held_by_the_flag_is_not_called_about_to_leave(
    signed_in: Any, lea: Reminded, flag: int
) -> None:
    lea.db.execute("UPDATE act SET state = 'queued', left_at = NULL, due_at = now()")
    page = text_of(signed_in(Role.MANAGER), f"/flags/{flag}")

    assert "held back for now" in page
    assert "about to leave" not in page


def test_in_french_too(signed_in: Any, flag: int) -> None:
    page = text_of(signed_in(Role.MANAGER), f"/flags/{flag}", "fr")

    assert "un fait inexact" in page
    assert "Était-ce fondé, et qu’en faites-vous" in page


def test_what_the_customer_said_herself_is_told_apart(
    signed_in: Any, lea: Reminded, post: Any
) -> None:
    post(f"{lea.page}/why", f"{lea.page}/wrong", reason="wrong_fact", text="Pas à moi")
    (flag,) = flags.open_ones(lea.db)
    page = text_of(signed_in(Role.MANAGER), f"/flags/{flag.flag_id}")

    assert "By the customer" in page
    assert "Pas à moi" in page


def test_a_case_without_act_or_decision_can_be_read(signed_in: Any, lea: Reminded) -> None:
    flag = pulled(lea, decision_id=0)
    page = text_of(signed_in(Role.MANAGER), f"/flags/{flag}")

    assert "No act of it is named" in page
    assert "No decision is named" in page


def test_the_letter_it_shows_opens_nothing_of_hers(signed_in: Any, lea: Reminded) -> None:
    """A link in a letter is the key to her own page, and belongs to her."""
    said = {"words": {"fr": {"subject": "Votre filtre", "body": "Bonjour. [ici]({{ page }})"}}}
    lea.db.execute(
        "UPDATE act SET content = %s WHERE act_id = %s", [msgspec.msgpack.encode(said), ACT]
    )
    flag = pulled(lea)
    page = text_of(signed_in(Role.MANAGER), f"/flags/{flag}")

    assert "Bonjour." in page
    tokens = re.findall(r"/my/([\w.~-]+)", page)
    assert tokens
    for token in tokens:
        assert signed_in().get(f"/my/{token}").status_code == 404


@pytest.mark.parametrize("role", [Role.ADVISER, Role.OWNER, Role.MANAGER])
def test_whoever_sees_customers_may_read_it(signed_in: Any, flag: int, role: Role) -> None:
    browser = signed_in(role)

    assert browser.get("/flags").status_code == 200
    assert browser.get(f"/flags/{flag}").status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_whoever_does_not_may_not(signed_in: Any, flag: int, role: Role) -> None:
    browser = signed_in(role)

    assert browser.get("/flags").status_code == 403
    assert browser.get(f"/flags/{flag}").status_code == 403


@pytest.mark.parametrize("number", [1, 2**63 - 1])
def test_a_number_nobody_gave(signed_in: Any, flag: int, number: int) -> None:
    camille = signed_in(Role.MANAGER)

    assert camille.get(f"/flags/{number}").status_code == 404
    sent = post_as(camille, f"/flags/{flag}", f"/flags/{number}/answer", answer=RIGHT)
    assert sent.status_code == 404


def test_nowhere_does_it_say_who_pulled(signed_in: Any, lea: Reminded) -> None:
    ines = signed_in(Role.ADVISER, name="Zoé")
    flag = pulled(lea, who=ines.person.pk)
    camille = signed_in(Role.MANAGER)

    kept = flagging.known(lea.db, flag)
    for address in ("/flags", f"/flags/{flag}"):
        page = text_of(camille, address)
        assert "Zoé" not in page
        assert kept.puller not in page


# -- the answer ------------------------------------------------------------------------------------


def test_a_manager_answers_and_it_goes_on_for_her(signed_in: Any, lea: Reminded, flag: int) -> None:
    sent = answer(signed_in(Role.MANAGER, name="Nadia"), flag, goes_on="yes")

    assert sent.headers["Location"] == f"/flags/{flag}#said"
    kept = flagging.known(lea.db, flag)
    assert (kept.answer, kept.answered_by, kept.goes_on) == (RIGHT, "Nadia", True)
    events = lea.db.execute("SELECT count(*) FROM event WHERE name = 'flag.answered'").fetchone()
    assert events == (1,)


def test_the_answer_is_written_down_with_who_gave_it(
    signed_in: Any, db: Connection, flag: int
) -> None:
    nadia = signed_in(Role.MANAGER, name="Nadia")
    answer(nadia, flag)

    rows = db.execute("SELECT staff_id, about, details FROM audit WHERE what = 'flag_answer'")
    assert rows.fetchall() == [(nadia.person.pk, {"flag": flag}, {"automation": AUTOMATION})]


def test_answered_twice_the_first_one_stands(signed_in: Any, lea: Reminded, flag: int) -> None:
    nadia, omar = signed_in(Role.MANAGER, name="Nadia"), signed_in(Role.MANAGER, name="Omar")
    word = text_of(omar, f"/flags/{flag}").split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    answer(nadia, flag)
    late = omar.post(
        f"/flags/{flag}/answer",
        {"csrfmiddlewaretoken": word, "answer": "It was all right.", "goes_on": "yes"},
        HTTP_ACCEPT_LANGUAGE="en",
    )

    assert late.status_code == 409
    assert "Nadia has already answered" in late.content.decode()
    kept = flagging.known(lea.db, flag)
    assert (kept.answered_by, kept.goes_on) == ("Nadia", False)


@pytest.mark.parametrize("words", ["", "   ", "ok", "x" * 2_001])
def test_too_short_an_answer_is_shown_again(
    signed_in: Any, lea: Reminded, flag: int, words: str
) -> None:
    refused = answer(signed_in(Role.MANAGER), flag, words, goes_on="yes")
    page = refused.content.decode()

    assert refused.status_code == 422
    assert 'id="answer-error"' in page
    assert 'name="goes_on" value="yes" checked' in page
    assert flagging.known(lea.db, flag).answered_at is None


def test_nothing_is_answered_by_looking(signed_in: Any, lea: Reminded, flag: int) -> None:
    led = signed_in(Role.MANAGER).get(f"/flags/{flag}/answer?answer={RIGHT}")

    assert led.headers["Location"] == f"/flags/{flag}"
    assert flagging.known(lea.db, flag).answered_at is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADVISER, Role.ADMINISTRATOR])
def test_a_role_that_answers_nothing(signed_in: Any, lea: Reminded, flag: int, role: Role) -> None:
    sent = post_as(signed_in(role), "/account", f"/flags/{flag}/answer", answer=RIGHT)

    assert sent.status_code == 403
    assert flagging.known(lea.db, flag).answered_at is None


def test_somebody_elses_automation_is_theirs_to_answer_for(
    signed_in: Any, lea: Reminded, flag: int
) -> None:
    stranger = signed_in(Role.OWNER, name="Zoé")
    assert "Its owner answers, or the deputy, or a manager." in text_of(stranger, f"/flags/{flag}")
    sent = post_as(stranger, "/account", f"/flags/{flag}/answer", answer=RIGHT)

    assert sent.status_code == 403
    assert OWNER in sent.content.decode()
    assert flagging.known(lea.db, flag).answered_at is None


def test_its_owner_and_their_deputy_answer(signed_in: Any, lea: Reminded) -> None:
    for email in ("camille@example.org", "omar.diallo@example.org"):
        browser = signed_in(Role.OWNER)
        lea.db.execute("UPDATE staff SET email = email || '.old' WHERE email = %s", [email])
        lea.db.execute("UPDATE staff SET email = %s WHERE id = %s", [email, browser.person.pk])
        lea.now += timedelta(minutes=1)

        assert answer(browser, pulled(lea)).status_code == 302


def test_where_none_it_names_works_here_any_owner_answers(signed_in: Any, lea: Reminded) -> None:
    lea.db.execute("UPDATE staff SET is_active = false")

    assert answer(signed_in(Role.OWNER), pulled(lea)).status_code == 302


def test_an_answered_flag_has_no_form_any_more(signed_in: Any, flag: int) -> None:
    nadia = signed_in(Role.MANAGER)
    answer(nadia, flag)
    page = text_of(nadia, f"/flags/{flag}")

    assert RIGHT in page
    assert 'name="answer"' not in page
    assert "it stays held for this customer" in page


def test_what_stayed_held_for_her_goes_on_later_by_a_click(
    signed_in: Any, lea: Reminded, flag: int
) -> None:
    nadia = signed_in(Role.MANAGER, name="Nadia")
    form = (f"/flags/{flag}", f"/flags/{flag}/go-on")
    assert post_as(nadia, *form).status_code == 409
    answer(nadia, flag)
    lea.work()

    assert post_as(nadia, *form).headers["Location"] == f"/flags/{flag}#said"
    claims = lea.work().claims[FactKey("wish.hold", AUTOMATION)]
    assert max(claims, key=lambda claim: claim.at).value is False
    assert flagging.known(lea.db, flag).answer == RIGHT
    assert post_as(nadia, *form).status_code == 409
    assert "Let it go on for this customer" not in text_of(nadia, f"/flags/{flag}")


def test_nor_does_it_go_on_by_somebody_who_does_not_answer_for_it(
    signed_in: Any, lea: Reminded, flag: int
) -> None:
    answer(signed_in(Role.MANAGER), flag)
    for role in (Role.OWNER, Role.ADVISER, Role.VIEWER):
        stranger = signed_in(role, name="Zoé")
        assert post_as(stranger, "/account", f"/flags/{flag}/go-on").status_code == 403
        assert stranger.get(f"/flags/{flag}/go-on").status_code in {302, 403}
    assert not flagging.known(lea.db, flag).goes_on


def test_an_answer_is_text(signed_in: Any, lea: Reminded, flag: int) -> None:
    nadia = signed_in(Role.MANAGER)
    answer(nadia, flag, "<script>alert(1)</script>")

    for address in ("/flags?show=answered", f"/flags/{flag}"):
        assert "<script>alert" not in text_of(nadia, address)
    assert "<script>alert" not in text_of(nadia, lea.page)


# -- on her own page -------------------------------------------------------------------------------


def test_she_says_it_on_her_page_and_finds_the_answer_there(
    signed_in: Any, lea: Reminded, post: Any, reader: Any
) -> None:
    form = {"reason": "wrong_fact", "text": "Pas à moi", "place": "why"}
    sent = post(f"{lea.page}/why", f"{lea.page}/wrong", **form)
    (flag,) = flags.open_ones(lea.db)

    assert (flag.act_id, flag.decision_id, flag.reason) == (ACT, DECISION, Reason.WRONG_FACT)
    assert lea.state_of_act() == "stopped"
    shown = text_of(reader, sent.headers["Location"].split("#")[0])
    assert "Nothing more of it reaches you until a person has answered you here." in shown
    assert "It is held for you." in shown
    answer(signed_in(Role.MANAGER), flag.flag_id, goes_on="yes")
    for address in (lea.page, f"{lea.page}/why"):
        page = text_of(reader, address)
        assert RIGHT in page
        assert "It goes on for you." in page


def test_what_staff_said_about_her_is_not_on_her_page(lea: Reminded, reader: Any) -> None:
    pulled(lea, text="She seems confused.")

    for address in (lea.page, f"{lea.page}/why"):
        assert "She seems confused." not in text_of(reader, address)


def test_what_omar_said_is_not_on_her_page(lea: Reminded, reader: Any, post: Any) -> None:
    omar = Reminded(lea.db, user_id="omar", name="Omar Diallo")
    post(f"{omar.page}/why", f"{omar.page}/wrong", reason="other", text="Omars Sache")

    assert "Omars Sache" not in text_of(reader, lea.page)


@pytest.mark.parametrize("reason", ["", "no-such", "SAFETY"])
def test_a_reason_that_was_not_offered_is_refused(lea: Reminded, post: Any, reason: str) -> None:
    assert post(f"{lea.page}/why", f"{lea.page}/wrong", reason=reason).status_code == 422
    assert flags.open_ones(lea.db) == []


def test_a_page_about_nothing_cannot_be_wrong(lea: Reminded, post: Any) -> None:
    lea.db.execute("DELETE FROM act")
    lea.db.execute("DELETE FROM decision")

    assert post(lea.page, f"{lea.page}/wrong", reason="other").status_code == 409


def test_she_says_what_is_missing_here(lea: Reminded, post: Any, reader: Any) -> None:
    sent = post(lea.page, f"{lea.page}/need", text="Livrer le soir")

    assert "We count what people need and do not find here." in text_of(
        reader, sent.headers["Location"].split("#")[0]
    )
    ((name, said),) = lea.said()
    assert (name, said["text"], said["act_id"]) == ("need.seen", "Livrer le soir", str(ACT))


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001])
def test_a_need_is_told_in_words(lea: Reminded, post: Any, text: str) -> None:
    assert post(lea.page, f"{lea.page}/need", text=text).status_code == 422
    assert lea.said() == []


@pytest.mark.parametrize("name", ["crm/agent", "..", "<b>", "a?b#c", "%2F"])
def test_whatever_name_a_system_gives_its_pages_stand(
    signed_in: Any, lea: Reminded, name: str
) -> None:
    wanted = msgspec.convert(ASKED | {"automation": name}, Wanted)
    decided = decide(lea.db, lea.house, wanted, Asker(source="bot"), lea.now)
    customer, decision = (int(part, 16) for part in decided.decision_id.split("-"))
    flag = pulled(lea, automation=name, decision_id=decision)
    camille = signed_in(Role.MANAGER)

    for address in (
        *("/flags", "/decisions", f"/flags/{flag}"),
        *(f"/customers/{customer}", f"/decisions/{customer}/{decision}"),
    ):
        assert camille.get(address).status_code == 200, address
