"""Why did I get this, and why did you not write? What Léa reads of each decision, and of all of them."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.console import own_words
from terrain.core.act import ActKind
from terrain.core.consent import Channel
from terrain.core.decision import Decision, Hold, NearestChange, UsedFact, Verdict, Weighing
from terrain.core.explanation import REASONS
from terrain.core.fact import FactKey, SourceKind
from terrain.flow import customers
from terrain.flow.customers import Word
from terrain.flow.explanation import OTHERWISE
from terrain.store import decisions
from terrain.words import LANGUAGES
from tests.reminded import ACT, DECISION, Reminded

FIGURES = Weighing(
    certainty=0.74,
    needs=0.3,
    turning=0.3,
    harm=1,
    benefit=3,
    intrusion=0.2,
    silence=0,
    losses={"act": -1, "hold": 0},
    weakest=FactKey("uses", "filter-a"),
    nearest=NearestChange(of="fact:uses", to=0.3, verdict=Verdict.HOLD),
)


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def decide(lea: Reminded, number: int, because: str, ago: int = 1, **other: Any) -> Decision:
    """Keep a decision about her: a hold, unless something else is said."""
    usual = {"verdict": Verdict.HOLD, "hold": Hold.UNTIL_CHANGE}
    made = replace(
        lea._decision(),
        decision_id=number,
        at=lea.now - timedelta(days=ago),
        because=because,
        **usual | other,
    )
    decisions.save(lea.db, [made])
    return made


def read(reader: Any, address: str, **more: str) -> str:
    answer = reader.get(address, **more)
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_every_line_of_her_history_leads_to_its_page(lea: Reminded, reader: Any) -> None:
    decide(lea, 70, "open_complaint")

    page = read(reader, f"{lea.page}/history")

    assert f"{lea.page}/why/70" in page
    assert f"{lea.page}/why/{DECISION}" in page


def test_she_reads_why_she_was_not_written_to(lea: Reminded, reader: Any) -> None:
    decide(lea, 70, "open_complaint")

    english = read(reader, f"{lea.page}/why/70", HTTP_ACCEPT_LANGUAGE="en")
    french = read(reader, f"{lea.page}/why/70", HTTP_ACCEPT_LANGUAGE="fr")

    assert "Why did you not write to me?" in english
    assert "We did not write to you: your complaint is open" in english
    assert "Nous ne vous avons pas écrit : votre réclamation est ouverte" in french


def test_she_reads_that_she_is_in_the_group_that_goes_without(lea: Reminded, reader: Any) -> None:
    decide(lea, 70, "held_out", hold=Hold.FORBID)

    english = read(reader, f"{lea.page}/why/70", HTTP_ACCEPT_LANGUAGE="en")
    french = read(reader, f"{lea.page}/why/70", HTTP_ACCEPT_LANGUAGE="fr")

    assert "We did not write to you: you are in the group that does not get it" in english
    assert "Nous ne vous avons pas écrit : vous êtes dans le groupe témoin" in french
    assert "you are in the group that does not get it" in read(reader, f"{lea.page}/history")


def test_what_was_held_in_our_systems_is_not_called_a_letter(lea: Reminded, reader: Any) -> None:
    proposal = replace(lea._decision().proposal, act=ActKind.DO, channel=Channel.WEBHOOK)
    decide(lea, 70, "not_sure_enough", proposal=proposal)
    decide(
        lea, 71, "quiet_hours", proposal=replace(proposal, act=ActKind.CALL, channel=Channel.CALL)
    )

    assert "Why did you not do this?" in read(reader, f"{lea.page}/why/70")
    assert "Why did you not call me?" in read(reader, f"{lea.page}/why/71")


def test_she_sees_what_was_assumed_who_said_it_and_what_would_have_changed_it(
    lea: Reminded, reader: Any
) -> None:
    used = UsedFact(
        key=FactKey("uses", "filter-a"),
        value=True,
        confidence=0.74,
        source="",
        kind=None,
        since=None,
        assumed=True,
    )
    decide(lea, 70, "sure_enough", verdict=Verdict.ACT, facts=(used,), weighing=FIGURES)

    page = read(reader, f"{lea.page}/why/70")

    assert "assumed when older records were taken over; nobody said it" in page
    assert "If we had been 30 % sure – still uses (filter-a) –" in page
    assert "we would have left it." in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_said_to_her_in_her_language(language: str) -> None:
    for code in REASONS:
        assert own_words.why(code, language), code


def test_a_reason_that_is_not_for_her_says_nothing() -> None:
    assert own_words.why("bug", "en") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_would_have_changed_a_decision_is_said(lea: Reminded, language: str) -> None:
    house = lea.house
    for (of, to), verdict in [(each, verdict) for each in OTHERWISE for verdict in Verdict]:
        figures = replace(FIGURES, nearest=NearestChange(of=of, to=to, verdict=verdict))
        said = own_words.otherwise(replace(lea._decision(), weighing=figures), house, language)
        assert said.endswith("."), (of, to)
        assert "{" not in said
    gate = replace(FIGURES, nearest=NearestChange(of="gate:x", to="ok", verdict=Verdict.ACT))
    assert own_words.otherwise(replace(lea._decision(), weighing=gate), house, language)
    assert own_words.otherwise(lea._decision(), house, language) == ""


def test_twenty_equal_holds_are_one_line_of_her_history(lea: Reminded, reader: Any) -> None:
    for ago in range(20):
        decide(lea, 100 + ago, "open_complaint", ago=ago + 1)

    page = read(reader, f"{lea.page}/history")

    assert page.count("your complaint is open") == 1
    assert "20 times since" in page


def test_she_reads_on_and_meets_every_line_once(lea: Reminded, reader: Any) -> None:
    for ago in range(60):
        because = "quiet_hours" if ago % 2 else "contact_cap"
        decide(lea, 100 + ago, because, ago=ago + 1)

    address, found = f"{lea.page}/history", []
    for _ in range(4):
        page = read(reader, address)
        found += [part.split('"')[0] for part in page.split("/why/")[1:]]
        if 'rel="next"' not in page:
            break
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert sorted(map(int, found)) == sorted([DECISION, *range(100, 160)])


@pytest.mark.parametrize(
    "before", ["x", "-", "1-", "-1", "1--1", f"{10**17 + 1}-1", f"1-{2**63}", "-" * 900]
)
def test_an_odd_place_in_the_history_is_its_beginning(
    lea: Reminded, reader: Any, before: str
) -> None:
    assert f"/why/{DECISION}" in read(reader, f"{lea.page}/history?before={before}")


def test_the_page_of_an_act_leads_home_and_home_to_it(lea: Reminded, reader: Any) -> None:
    assert f'href="{lea.page}/why"' in read(reader, lea.page)
    assert f'href="{lea.page}"' in read(reader, f"{lea.page}/why")


def test_a_correction_there_leads_back_there(lea: Reminded, reader: Any, post: Any) -> None:
    decide(lea, 70, "open_complaint")
    form = {"fact": "address", "about": "", "wrong": "yes", "decision": "70", "place": "why/70"}

    done = post(f"{lea.page}/why/70", f"{lea.page}/correct", **form)

    assert done.headers["Location"] == f"{lea.page}/why/70#said"
    assert "From now on what you told us counts" in read(reader, done.headers["Location"])


def test_a_yes_becomes_a_no_with_one_click(lea: Reminded, reader: Any, post: Any) -> None:
    lea.buys_a_filter()
    used = replace(lea._decision().facts[0], key=FactKey("uses", "filter-a"), value=True)
    decide(lea, 70, "sure_enough", verdict=Verdict.ACT, facts=(used,))
    page = read(reader, f"{lea.page}/why/70")
    form = page.split("This is not so")[0].rpartition("<form")[2]
    assert 'name="to" value="no"' in form

    post(f"{lea.page}/why/70", f"{lea.page}/correct", fact="uses", about="filter-a", to="no")

    assert lea.said()[-1][1]["to"] is False


@pytest.mark.parametrize(
    "place",
    ["https://evil.example", "//evil.example", "why/../../stop", "history?x=1", "why/" + "9" * 40],
)
def test_a_form_leads_back_to_her_own_pages_only(lea: Reminded, post: Any, place: str) -> None:
    done = post(lea.page, f"{lea.page}/person", place=place)

    assert done.headers["Location"] == f"{lea.page}#said"


def test_she_says_that_it_is_wrong_and_a_person_sees_which_act(lea: Reminded, post: Any) -> None:
    form = {"text": "Je n’ai plus ce filtre", "reason": "wrong_fact", "decision": str(DECISION)}
    post(f"{lea.page}/why", f"{lea.page}/wrong", **form)
    lea.work()

    ((file,),) = lea.db.execute("SELECT file FROM task").fetchall()
    assert file["said"]["wrong"] is True
    assert file["said"]["decision_id"] == str(DECISION)
    assert file["said"]["act_id"] == str(ACT)
    assert file["said"]["about"] == "filter-reminder"


def test_she_is_not_asked_whether_it_helped_before_it_left(lea: Reminded, reader: Any) -> None:
    assert "Did this help you?" not in read(reader, f"{lea.page}/why")
    lea.db.execute("UPDATE act SET state = 'left', left_at = decided_at")

    assert "Did this help you?" in read(reader, f"{lea.page}/why")


def test_what_was_stopped_says_by_whom(lea: Reminded, reader: Any, post: Any) -> None:
    post(lea.page, f"{lea.page}/stop", automation="filter-reminder")

    page = read(reader, f"{lea.page}/why")

    assert "This was stopped before it left: you asked us to stop" in page


# -- whose it is


def test_another_customers_decision_is_not_shown_under_her_link(
    db: Connection, reader: Any
) -> None:
    lea, omar = Reminded(db), Reminded(db, user_id="omar", name="Omar Diallo")
    decide(omar, 99, "open_complaint")

    assert reader.get(f"{omar.page}/why/99").status_code == 200
    assert reader.get(f"{lea.page}/why/99").status_code == 404


def test_nothing_is_said_about_another_customers_decision(db: Connection, post: Any) -> None:
    lea, omar = Reminded(db), Reminded(db, user_id="omar", name="Omar Diallo")
    decide(omar, 99, "open_complaint")

    done = post(lea.page, f"{lea.page}/person", text="It is mine", decision="99")

    assert done.status_code == 404
    assert lea.said() == []


@pytest.mark.parametrize("number", ["0", "x", "9" * 19, "9" * 40, "-1", "%00", "../stop"])
def test_numbers_that_no_decision_has_are_nowhere(lea: Reminded, reader: Any, number: str) -> None:
    assert reader.get(f"{lea.page}/why/{number}").status_code in {302, 404}


@pytest.mark.parametrize("older", ["lea", "the shop's number"])
def test_a_link_still_works_when_its_customer_was_merged_and_split_again(
    db: Connection, reader: Any, older: str
) -> None:
    other = Reminded(db, user_id="12345") if older != "lea" else None
    lea = Reminded(db)
    other = other or Reminded(db, user_id="12345")
    words = {"by": "ines", "because": "she showed both cards"}
    said = Word(one="user_id:lea", other="user_id:12345", **words)
    with db.transaction():
        assert customers.merge(db, said, lea.house, lea.now)

    # A run goes on under its own node; what is decided about it stands under the survivor.
    db.execute("DELETE FROM decision WHERE decision_id = %s", [DECISION])
    survivor = customers.find(db, "user_id:12345", lea.house)
    for key in {survivor, other.key, lea.key}:
        decisions.save(db, [replace(lea._decision(), key=key, decision_id=DECISION)])
        for person in (lea, other):
            page = read(reader, f"{person.page}/why")
            assert "What we relied on" in page
        db.execute("DELETE FROM decision WHERE decision_id = %s", [DECISION])

    decisions.save(db, [replace(lea._decision(), key=other.key, decision_id=DECISION)])
    with db.transaction():
        assert customers.separate(db, said, lea.house, lea.now + timedelta(minutes=1))
    assert "We no longer hold what this rested on." in read(reader, f"{lea.page}/why")
    assert "What we relied on" in read(reader, f"{other.page}/why")


def test_of_who_was_forgotten_nothing_is_shown(lea: Reminded, reader: Any) -> None:
    lea.db.execute("DELETE FROM act")
    lea.db.execute("DELETE FROM decision")

    assert reader.get(f"{lea.page}/why").status_code == 302
    assert read(reader, lea.page)
    for where in ("", "/why", "/history"):
        lea.db.execute("DELETE FROM customer")
        assert reader.get(lea.page + where).status_code == 410


def test_facts_of_the_house_are_shown_but_not_corrected_there(lea: Reminded, reader: Any) -> None:
    used = UsedFact(
        key=FactKey("complaint", "c-1"),
        value="open",
        confidence=1.0,
        source="desk",
        kind=SourceKind.STAFF_HEARD,
        since=lea.now,
    )
    decide(lea, 70, "open_complaint", facts=(used,))

    page = read(reader, f"{lea.page}/why/70")

    assert "one of our people heard it from you" in page
    assert 'name="fact" value="complaint"' not in page


def test_she_is_not_asked_whether_it_helped_while_she_complains(lea: Reminded, reader: Any) -> None:
    lea.db.execute("UPDATE act SET state = 'left', left_at = now(), due_at = NULL")
    lea.hear("complaint.opened", complaint_id="K-1")
    lea.work()

    assert "Did this help you?" not in read(reader, f"{lea.page}/why")


def test_the_answer_she_tapped_in_her_letter_stands_out_and_is_not_yet_said(
    lea: Reminded, reader: Any
) -> None:
    lea.db.execute("UPDATE act SET state = 'left', left_at = now(), due_at = NULL")

    assert '<button class="" name="helped" value="no">' in read(reader, f"{lea.page}/why?helped=no")
    assert lea.said() == []
