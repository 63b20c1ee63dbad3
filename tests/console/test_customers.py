"""Customers as those who work here see them: found, read whole, spoken for; nobody without the right sees any."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.staff import Role
from terrain.store import automations, sources
from terrain.store.sources import Source
from tests.journeys import example_catalogue
from tests.reminded import DECISION, Reminded

NOW = datetime.now(UTC)
SCRIPT = "<script>alert('Léa')</script>"


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def text_of(reader: Any, address: str, language: str = "en") -> str:
    return str(reader.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def page_of(lea: Reminded) -> str:
    return f"/customers/{lea.key.customer_id}"


def says(lea: Reminded) -> list[tuple[str, str]]:
    rows = lea.db.execute(
        "SELECT name, source FROM event WHERE source = 'desk' ORDER BY received_at"
    )
    return rows.fetchall()


# -- found ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["lea@ex", "Lea Marten", "martin", "art", "lea@example.org"])
def test_lea_is_found_and_why_is_said(operator: Any, lea: Reminded, text: str) -> None:
    page = text_of(operator, f"/customers?q={text}")

    assert page_of(lea) in page
    assert "Léa Martin" in page
    assert "1 person found" in page


def test_nobody_is_told_kindly(operator: Any, lea: Reminded) -> None:
    for text in ("%25", "_ea%25", "zzz", "';--", "\\"):
        page = text_of(operator, f"/customers?q={text}")
        assert "Nobody is known by this." in page
        assert page_of(lea) not in page


def test_without_a_question_those_come_about_whom_something_was_decided(
    operator: Any, lea: Reminded
) -> None:
    page = text_of(operator, "/customers")

    assert page_of(lea) in page
    assert "Léa Martin" in page


def test_a_name_is_never_taken_as_a_page(operator: Any, db: Connection) -> None:
    lea = Reminded(db, name=SCRIPT)

    for address in ("/customers?q=alert", "/customers", page_of(lea), f"{page_of(lea)}/shoes"):
        page = text_of(operator, address)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "%F0%28", "٣٤", "²³½", "-1", "1e9", "0x10", "9" * 40, "%E2%80%AE", "{}[]"],
)
def test_nothing_that_is_typed_breaks_the_search(operator: Any, lea: Reminded, text: str) -> None:
    answer = operator.get(f"/customers?q={text}")

    assert answer.status_code == 200
    assert page_of(lea) not in answer.content.decode()


def test_no_person_types_a_nul(operator: Any) -> None:
    assert operator.get("/customers?q=le%00a").status_code == 400


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_who_may_see_nobody_sees_nobody_anywhere(
    signed_in: Callable[..., Any], lea: Reminded, role: Role
) -> None:
    reader = signed_in(role)

    for address in ("/customers?q=lea", "/customers", page_of(lea), f"{page_of(lea)}/shoes"):
        answer = reader.get(address)
        assert answer.status_code == 403
        assert "Martin" not in answer.content.decode()
    assert "/customers" not in text_of(reader, "/")
    decision = reader.get(f"/decisions/{lea.key.customer_id}/{DECISION}")
    assert decision.status_code == 403


# -- read whole -----------------------------------------------------------------------------------


def test_a_customer_shows_claims_and_one_line_through_time(operator: Any, lea: Reminded) -> None:
    page = text_of(operator, page_of(lea))

    assert "a third party says so" in page
    assert "nobody says otherwise" in page
    assert "somebody said who they are" in page.lower()
    assert f"/decisions/{lea.key.customer_id}/{DECISION}" in page


def test_who_says_otherwise_is_shown_and_why_one_holds(operator: Any, lea: Reminded) -> None:
    for name, kind in (
        ("platform", SourceKind.INFERRED),
        ("customer-page", SourceKind.CUSTOMER_SAID),
    ):
        sources.declare(lea.db, Source(name=name, kind=kind))
    lea.hear("fact.stated", source="platform", fact="pet", value="dog")
    lea.hear("fact.corrected", source="customer-page", fact="pet", to="cat", **{"from": "dog"})
    lea.work()
    page = text_of(operator, page_of(lea))

    assert "Who was wrong about them" in page
    assert "<strong>platform</strong>" in page
    assert "1 of 1" in page


@pytest.mark.parametrize(("language", "said"), [("en", "a cat"), ("fr", "un chat")])
def test_a_choice_is_said_by_the_words_of_the_catalogue(
    operator: Any, lea: Reminded, language: str, said: str
) -> None:
    sources.declare(lea.db, Source(name="desk", kind=SourceKind.STAFF_HEARD))
    automations.keep_catalogue(lea.db, example_catalogue(), lea.now)
    lea.hear("fact.stated", source="desk", fact="pet", value="cat")
    lea.work()
    own = operator.get(f"{lea.page}?language={language}").content.decode()

    assert f'<span class="fact-value">{said} ' in text_of(operator, page_of(lea), language)
    assert f'<span class="fact-value">{said}</span>' in own
    assert f'<option value="cat" selected>{said}</option>' in own


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_open_stands_on_top(operator: Any, lea: Reminded, language: str) -> None:
    soon = {"from": f"{NOW:%Y-%m-%d}", "until": f"{NOW + timedelta(days=9):%Y-%m-%d}"}
    lea.hear("complaint.opened", complaint_id="c-1")
    lea.hear("person.wanted", text="Mon filtre fuit")
    lea.hear("absence.set", **soon)
    lea.hear("person.took_charge", who="Inès")
    lea.hear("automation.stopped", automation="all")
    lea.work()
    page = text_of(operator, page_of(lea), language)

    for words in {
        "en": (
            "A complaint is open",
            "Inès looks after them",
            "Away from",
            "They stopped everything",
        ),
        "fr": ("Une réclamation est ouverte", "Inès s’occupe", "En déplacement", "A tout arrêté"),
    }[language]:
        assert words in page
    assert "/tasks/" in page


def test_what_she_said_a_moment_ago_is_there_before_a_worker_comes(
    operator: Any, lea: Reminded
) -> None:
    lea.hear("complaint.opened", complaint_id="c-1")

    assert "A complaint is open" in text_of(operator, page_of(lea))


def test_no_line_is_left_out_between_two_pages(
    operator: Any, lea: Reminded, monkeypatch: Any
) -> None:
    for number in range(7):
        lea.hear("page.viewed", number=number)
    lea.db.execute("UPDATE event SET at = %s", [NOW])
    monkeypatch.setattr("terrain.console.pages.customers.A_PAGE", 3)
    for part in ("", "&part=line"):
        seen, lines = page_of(lea), 0
        while seen and lines < 30:
            page = text_of(operator, seen)
            lines += page.count("<time ")
            more = re.findall(
                r'class="button quiet" href="(/customers/[^"]+before[^"]+)" hx-get', page
            )
            seen = more[0].replace("&amp;", "&") + part if more else ""
        assert lines == 7 + 1 + 1  # she was identified; one act with its decision


def test_a_piece_of_the_line_comes_alone(operator: Any, lea: Reminded) -> None:
    piece = text_of(operator, f"{page_of(lea)}?part=line")

    assert piece.strip().startswith("<li")
    assert "<html" not in piece


@pytest.mark.parametrize(
    ("only", "shown", "left"),
    [
        ("messages", "held back for now", "Somebody said who"),
        ("decisions", "done", "held back for now"),
        ("events", "Somebody said who", "held back for now"),
        ("said", "person", "Somebody said who"),
        ("<script>", "Somebody said who", "<script>"),
    ],
)
def test_the_line_can_be_narrowed(
    operator: Any, lea: Reminded, only: str, shown: str, left: str
) -> None:
    lea.hear("person.wanted")
    piece = text_of(operator, f"{page_of(lea)}?part=line&only={only}")

    assert shown in piece
    assert left not in piece


def test_the_same_hold_again_and_again_is_one_line(operator: Any, lea: Reminded) -> None:
    lea.db.execute("UPDATE decision SET verdict = 'hold', because = 'open_complaint'")
    lea.db.execute("DELETE FROM act")
    for number in range(4):
        lea.db.execute(
            "INSERT INTO decision SELECT bucket, close_call, version, customer_id, decision_id + %s,"
            " run_id, seq, at + %s * interval '1 minute', certainty, needs, verdict, because,"
            " automation, step, explanation FROM decision WHERE decision_id = %s",
            [number + 1, number + 1, DECISION],
        )
    piece = text_of(operator, f"{page_of(lea)}?part=line")

    assert "4 times since" in piece  # and one before she said who she is
    assert piece.count("held back") == 2
    assert "complaint is open" in piece


@pytest.mark.parametrize(
    "odd",
    ["x", "9" * 30, "2026-11-22", "1-x", "%F0", "-", "-1", "a-b-c", f"{10**18}-1", f"1-{2**64}"],
)
def test_an_odd_place_to_go_on_from_is_the_beginning(
    operator: Any, lea: Reminded, odd: str
) -> None:
    for more in ("", "&part=line", "&only=acts"):
        answer = operator.get(f"{page_of(lea)}?before={odd}{more}")
        assert answer.status_code == 200
        assert f"/decisions/{lea.key.customer_id}/{DECISION}" in answer.content.decode()


# -- spoken for -----------------------------------------------------------------------------------


def test_an_adviser_says_what_she_said_on_the_phone(
    operator: Any, lea: Reminded, post: Any
) -> None:
    answer = post(
        page_of(lea), f"{page_of(lea)}/say/correct", fact="address", about="", to="3 rue Neuve"
    )
    assert answer.status_code == 302
    lea.work()
    page = text_of(operator, page_of(lea))

    assert "3 rue Neuve" in page
    assert "staff heard it" in page
    assert says(lea) == [("fact.corrected", "desk")]
    assert sources.kinds(lea.db)["desk"] == "staff_heard"
    (raw,) = lea.db.execute("SELECT payload FROM event WHERE source = 'desk'").fetchone() or ("",)
    assert b'"by":"' in bytes(raw)


@pytest.mark.usefixtures("operator")
def test_what_staff_heard_is_believed_nearly_as_her_own_word(lea: Reminded, post: Any) -> None:
    post(page_of(lea), f"{page_of(lea)}/say/correct", fact="address", about="", to="3 rue Neuve")
    customer = lea.work()

    (claim,) = [
        each
        for each in customer.claims[next(k for k in customer.claims if k.fact == "address")]
        if each.value == "3 rue Neuve"
    ]
    assert claim.kind == "staff_heard"


@pytest.mark.parametrize(
    ("said", "event"),
    [
        (("away", {"from": "2030-01-01", "until": "2030-01-09"}), "absence.set"),
        (("stop", {"automation": "all"}), "automation.stopped"),
        (("complaint", {"text": "Mon filtre fuit"}), "complaint.opened"),
        (("person", {"text": "Rappelez-la"}), "person.wanted"),
        (("charge", {}), "person.took_charge"),
    ],
)
def test_what_she_says_is_one_event_by_the_desk(
    operator: Any, lea: Reminded, post: Any, said: tuple[str, dict[str, str]], event: str
) -> None:
    saying, form = said
    for _ in range(2):
        answer = post(page_of(lea), f"{page_of(lea)}/say/{saying}", **form, once="one-form")
        assert answer.status_code == 302
    assert says(lea)[:1] == [(event, "desk")]
    assert len({name for name, _ in says(lea)}) == len(says(lea))
    assert "heard by you" in text_of(operator, answer.headers["Location"])


@pytest.mark.usefixtures("operator")
def test_stop_means_stop_when_an_adviser_says_it(lea: Reminded, post: Any) -> None:
    assert lea.state_of_act() == "queued"
    post(page_of(lea), f"{page_of(lea)}/say/stop", automation="all")

    assert lea.state_of_act() == "stopped"


def test_a_complaint_is_opened_and_settled(operator: Any, lea: Reminded, post: Any) -> None:
    post(page_of(lea), f"{page_of(lea)}/say/complaint", text="Il fuit")
    page = text_of(operator, page_of(lea))
    assert "A complaint is open" in page
    number = page.split('name="complaint" value="')[1].split('"')[0]

    post(page_of(lea), f"{page_of(lea)}/say/complaint_closed", complaint=number)
    assert "A complaint is open" not in text_of(operator, page_of(lea))


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (("nonsense", {}), 404),
        (("help", {"helped": "yes"}), 404),  # that is hers to say
        (("resume", {"automation": "all"}), 404),
        (("correct", {"fact": "no_such_fact", "to": "x"}), 409),
        (("away", {"from": "yesterday", "until": "2030-01-01"}), 422),
        (("away", {"from": "2030-01-09", "until": "2030-01-01"}), 422),
        (("stop", {"automation": "somebody-elses"}), 409),
        (("let_go", {}), 409),
        (("complaint_closed", {"complaint": "x"}), 409),
        (("complaint", {"text": "x" * 3_000}), 422),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_kept(
    lea: Reminded, post: Any, said: tuple[str, dict[str, str]], status: int
) -> None:
    saying, form = said
    answer = post(page_of(lea), f"{page_of(lea)}/say/{saying}", **form)

    assert answer.status_code == status
    assert says(lea) == []


def test_an_owner_reads_and_does_not_speak_for_her(
    signed_in: Callable[..., Any], lea: Reminded
) -> None:
    reader = signed_in(Role.OWNER)

    assert "They just said so" not in text_of(reader, page_of(lea))
    assert reader.post(f"{page_of(lea)}/say/charge").status_code == 403
    assert says(lea) == []


def test_a_form_without_the_pages_word_says_nothing(operator: Any, lea: Reminded) -> None:
    assert operator.post(f"{page_of(lea)}/say/charge").status_code == 403
    assert operator.get(f"{page_of(lea)}/say/charge").status_code == 302
    assert says(lea) == []


def test_nobody_is_not_found(operator: Any) -> None:
    for number in (1, 2**63 - 1):
        for more in ("", "/shoes"):
            assert operator.get(f"/customers/{number}{more}").status_code == 410


def test_lists_of_people_and_of_decisions_tell_one_from_another(
    operator: Any, lea: Reminded
) -> None:
    lea.work()

    assert "lea@example.org" in operator.get("/customers").content.decode()
    shown = operator.get("/decisions").content.decode()
    line = shown.split(f'href="/decisions/{lea.key.customer_id}/')[1].split("</a>")[0]
    assert "Léa" in line
