"""The customer's own page: what Léa sees behind the link in a message, and what she changes there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.belief import believe
from terrain.core.fact import FactKey, SourceKind
from terrain.core.link import LinkKind
from tests.reminded import QUESTION, Reminded

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def test_lea_sees_what_is_believed_of_her_and_who_says_so(lea: Reminded, reader: Any) -> None:
    page = reader.get(lea.page).content.decode()

    assert "Léa Martin" in page
    assert "12 rue des Lilas" in page
    assert "one of our people" not in page
    assert (
        "it follows from an order or a delivery" in reader.get(f"{lea.page}/why").content.decode()
    )


def test_lea_is_told_why_in_plain_words(lea: Reminded, reader: Any) -> None:
    lea.gets_it()
    page = reader.get(f"{lea.page}/why", HTTP_ACCEPT_LANGUAGE="fr").content.decode()

    assert "Pourquoi ai-je reçu cela" in page
    assert "nous étions assez sûrs que cela vous aide." in page
    assert "nous en étions sûrs à 90" in page


def test_what_may_not_leave_is_held_back_and_not_about_to_leave(lea: Reminded, reader: Any) -> None:
    page = reader.get(f"{lea.page}/why", HTTP_ACCEPT_LANGUAGE="fr").content.decode()

    assert "Pourquoi retenez-vous ceci" in page
    assert "Nous retenons ceci" in page
    assert "vous n’avez pas accepté" in page


def test_looking_at_the_page_says_nothing_in_her_name(lea: Reminded, reader: Any) -> None:
    for saying in ("", "/why", "/history", "/answer", "/stop", "/resume", "/correct", "/person"):
        reader.get(lea.page + saying)

    assert lea.said() == []


def test_what_lea_corrects_counts_at_once(lea: Reminded, reader: Any, post: Any) -> None:
    done = post(lea.page, f"{lea.page}/correct", fact="address", about="", to="3 quai Perrache")

    assert done.status_code == 302
    page = reader.get(done.headers["Location"]).content.decode()
    assert "3 quai Perrache" in page
    assert "From now on what you told us counts" in page
    assert lea.said() == [
        (
            "fact.corrected",
            {"fact": "address", "about": "", "from": "12 rue des Lilas", "to": "3 quai Perrache"},
        )
    ]


def test_an_address_is_corrected_part_by_part(lea: Reminded, reader: Any, post: Any) -> None:
    told = {"street": "12 rue des Lilas", "city": "Lyon", "country": "FR"}
    lea.hear("fact.stated", source="customer-page", fact="address", value=told)
    assert 'name="to.city" value="Lyon"' in reader.get(lea.page).content.decode()
    parts = {"to.street": "12 rue des Lilas", "to.city": "Villeurbanne", "to.country": "FR"}
    post(lea.page, f"{lea.page}/correct", fact="address", about="", **parts)

    assert lea.said()[-1][1]["to"] == told | {"city": "Villeurbanne"}


def test_a_correction_is_hers_for_everything_that_runs(lea: Reminded, post: Any) -> None:
    post(lea.page, f"{lea.page}/correct", fact="address", about="", to="3 quai Perrache")

    (claim,) = [each for each in lea.work().claims[FactKey("address")] if not each.closed_at]
    assert (claim.value, claim.kind) == ("3 quai Perrache", SourceKind.CUSTOMER_SAID)


def test_lea_may_say_that_it_is_wrong_without_saying_what_is_right(
    lea: Reminded, post: Any
) -> None:
    post(lea.page, f"{lea.page}/correct", fact="address", about="", wrong="yes")

    from terrain.config import read  # noqa: PLC0415
    from terrain.flow import reference  # noqa: PLC0415

    house = reference.house(lea.db, read())
    assert believe(lea.work(), FactKey("address"), house, datetime.now(UTC)) is None


@pytest.mark.parametrize("answer", ["yes", "no", "always", "never"])
def test_lea_answers_what_was_asked(lea: Reminded, reader: Any, post: Any, answer: str) -> None:
    post(lea.page, f"{lea.page}/answer", question=str(QUESTION), answer=answer)

    assert [(name, said["answer"]) for name, said in lea.said()] == [("question.answered", answer)]
    assert "Your parcel could come sooner" not in reader.get(lea.page).content.decode()
    lea.work()
    (given,) = lea.db.execute("SELECT answer FROM question").fetchone() or (None,)
    assert given == answer


def test_what_was_not_offered_is_no_answer(lea: Reminded, post: Any) -> None:
    done = post(lea.page, f"{lea.page}/answer", question=str(QUESTION), answer="perhaps")

    assert done.status_code == 422
    assert "always, never" in done.content.decode()
    assert lea.said() == []


def test_answering_twice_is_answering_once(lea: Reminded, post: Any) -> None:
    form = {"question": str(QUESTION), "answer": "yes", "once": "the-same-form"}
    post(lea.page, f"{lea.page}/answer", **form)
    again = post(lea.page, f"{lea.page}/answer", **form)

    assert len(lea.said()) == 1
    assert again.status_code == 409


def test_lea_stops_these_messages_and_what_waits_stays_here(lea: Reminded, post: Any) -> None:
    post(lea.page, f"{lea.page}/stop", automation="filter-reminder")

    assert lea.state_of_act() == "stopped"
    assert lea.said() == [("automation.stopped", {"automation": "filter-reminder"})]


def test_lea_stops_everything_and_is_told_so(lea: Reminded, reader: Any, post: Any) -> None:
    post(lea.page, f"{lea.page}/stop", automation="all")

    assert "You stopped everything" in reader.get(lea.page).content.decode()
    assert lea.state_of_act() == "stopped"


def test_lea_says_when_she_is_away_and_that_she_is_back(
    lea: Reminded, reader: Any, post: Any
) -> None:
    post(lea.page, f"{lea.page}/away", **{"from": TOMORROW, "until": NEXT_WEEK})
    assert "I am back already" in reader.get(lea.page).content.decode()

    post(lea.page, f"{lea.page}/back")
    assert "I am back already" not in reader.get(lea.page).content.decode()


@pytest.mark.parametrize(("start", "end"), [(NEXT_WEEK, TOMORROW), ("9999-12-31", ""), ("x", "y")])
def test_dates_that_cannot_be_are_refused(lea: Reminded, post: Any, start: str, end: str) -> None:
    done = post(lea.page, f"{lea.page}/away", **{"from": start, "until": end})

    assert done.status_code == 422
    assert lea.said() == []


def test_lea_moves_the_date_of_her_reminder(lea: Reminded, reader: Any, post: Any) -> None:
    page = reader.get(lea.buys_a_filter().page).content.decode()
    assert "Spring water filter" in page
    subject = page.split('name="subject" value="')[1].split('"')[0]
    moved = {"automation": "filter-reminder", "subject": subject, "to": NEXT_WEEK}
    post(lea.page, f"{lea.page}/move", **moved)

    assert lea.said() == [("date.moved", moved)]
    assert "the date you chose" in reader.get(lea.page).content.decode()
    (run,) = lea.work().runs
    assert run.due_at
    assert run.due_at.date().isoformat() == NEXT_WEEK


def test_several_dates_alike_say_which_order_and_which_unit_they_are(
    lea: Reminded, reader: Any
) -> None:
    lea.buys_a_filter()
    items = [{"sku": "filter-a", "quantity": 2}]
    lea.hear("order.delivered", order="order-2", items=items)
    lea.work()
    page = reader.get(lea.page).content.decode()

    assert page.count('<span class="fact-who">of order order-1</span>') == 1
    assert '<span class="fact-who">no. 1 of order order-2</span>' in page
    assert '<span class="fact-who">no. 2 of order order-2</span>' in page


def test_a_date_of_somebody_else_cannot_be_moved(lea: Reminded, post: Any) -> None:
    moved = {"automation": "filter-reminder", "subject": "order-of-omar", "to": NEXT_WEEK}

    assert post(lea.page, f"{lea.page}/move", **moved).status_code == 409


def test_a_person_is_asked_for_and_a_task_opens(lea: Reminded, post: Any) -> None:
    post(lea.page, f"{lea.page}/person", text="Mon filtre fuit")
    lea.work()

    ((kind, file),) = lea.db.execute("SELECT kind, file FROM task").fetchall()
    assert kind == "a_person_please"
    assert file["said"]["text"] == "Mon filtre fuit"


def test_lea_says_whether_it_helped(lea: Reminded, post: Any) -> None:
    post(lea.page, f"{lea.page}/help", helped="no")

    assert lea.said()[0][1]["helped"] is False


def test_a_name_with_a_script_in_it_is_only_a_name(db: Connection, reader: Any) -> None:
    page = reader.get(Reminded(db, name="<script>alert(1)</script>").page).content.decode()

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_link_is_good_for_its_own_customer_only(lea: Reminded, post: Any) -> None:
    omar = Reminded(lea.db, user_id="omar", name="Omar Diallo")
    done = post(omar.page, f"{omar.page}/answer", question=str(QUESTION), answer="yes")

    assert done.status_code == 302
    nodes = {
        row[0]
        for row in lea.db.execute("SELECT customer_id FROM event WHERE source = 'customer-page'")
    }
    assert nodes == {omar.key.customer_id}


def test_a_changed_signature_opens_nothing(lea: Reminded, reader: Any) -> None:
    token = lea.link()
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    swapped = token[:8] + ("A" if token[8] != "A" else "B") + token[9:]

    for each in (changed, swapped, token + "A", "x", token.upper()):
        answer = reader.get(f"/my/{each}", HTTP_ACCEPT_LANGUAGE="fr")
        assert answer.status_code == 404
        assert "Une personne peut vous aider" in answer.content.decode()


def test_an_old_link_says_so_and_leads_to_a_person(lea: Reminded, reader: Any) -> None:
    old = lea.link(ago=timedelta(days=401))
    answer = reader.get(f"/my/{old}")

    assert answer.status_code == 410
    assert "mailto:" in answer.content.decode()


def test_a_link_of_one_kind_opens_no_other_door(lea: Reminded, reader: Any) -> None:
    assert reader.get(f"/my/{lea.link(LinkKind.UNSUBSCRIBE)}").status_code == 404
    assert reader.get(f"/stop/{lea.link()}").status_code == 404


def test_without_the_word_of_the_form_nothing_is_said(lea: Reminded, reader: Any) -> None:
    answer = reader.post(f"{lea.page}/stop", {"automation": "all"})

    assert answer.status_code == 403
    assert lea.said() == []


def test_one_click_stops_without_cookie_account_or_second_click(lea: Reminded, reader: Any) -> None:
    address = f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}"
    reader.get(address)
    assert lea.state_of_act() == "queued"

    answer = reader.post(address, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert lea.state_of_act() == "stopped"


def test_a_post_that_is_no_click_stops_nothing(lea: Reminded, reader: Any) -> None:
    address = f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}"

    assert reader.post(address, {"List-Unsubscribe": "maybe"}).status_code == 400
    assert lea.state_of_act() == "queued"


def test_a_link_leads_on_and_a_persons_click_leaves_word(lea: Reminded, reader: Any) -> None:
    address = f"/to/{lea.link(LinkKind.CLICK, to='https://example.org/how-to')}"
    reader.get(address)  # a scanner
    assert lea.db.execute("SELECT 1 FROM event WHERE name = 'message.clicked'").fetchone() is None

    person = {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_USER": "?1"}
    answer = reader.get(address, **person)
    assert answer.headers["Location"] == "https://example.org/how-to"
    assert lea.db.execute("SELECT 1 FROM event WHERE name = 'message.clicked'").fetchone()


def test_the_log_never_holds_a_link(lea: Reminded, reader: Any, caplog: Any) -> None:
    reader.get(f"/my/{lea.link()}x")
    reader.post(f"{lea.page}/stop", {"automation": "all"})

    assert "/my/…" in caplog.text
    assert lea.link()[:20] not in caplog.text


# -- values as people say them


def test_languages_and_countries_are_called_by_their_names(lea: Reminded, reader: Any) -> None:
    lea.hear("customer.identified", language="fr", country="FR", time_zone="Europe/Paris")
    lea.work()

    english = reader.get(f"{lea.page}?language=en").content.decode()
    french = reader.get(f"{lea.page}?language=fr").content.decode()

    assert '<span class="fact-value">French</span>' in english
    assert '<span class="fact-value">France</span>' in english
    assert '<span class="fact-value">Paris</span>' in english
    assert '<span class="fact-value">français</span>' in french


@pytest.mark.parametrize("typed", ["Belgique", "belgium", "BE", " be "])
def test_a_country_is_typed_by_its_name_or_its_code(lea: Reminded, post: Any, typed: str) -> None:
    lea.hear("customer.identified", country="FR")
    lea.work()
    post(lea.page, f"{lea.page}/correct", fact="country", about="", to=typed)

    assert lea.said()[0][1]["to"] == "BE"


def test_a_country_that_is_none_is_refused(lea: Reminded, post: Any) -> None:
    lea.hear("customer.identified", country="FR")
    lea.work()

    assert post(lea.page, f"{lea.page}/correct", fact="country", to="Atlantis").status_code == 422


def test_she_is_called_by_her_name_in_the_head(lea: Reminded, reader: Any) -> None:
    page = reader.get(lea.page, HTTP_ACCEPT_LANGUAGE="fr").content.decode()

    assert "Voici ce que nous savons de vous, Léa Martin" in page


# -- when there is much


def test_what_lasts_stands_at_home_and_everything_on_its_own_page(
    lea: Reminded, reader: Any, post: Any
) -> None:
    for number in range(40):
        lea.hear("order.delivered", order=f"o-{number}", items=[{"sku": f"sku-{number:02}"}])
    lea.work()
    home = reader.get(lea.page).content.decode()
    first = reader.get(f"{lea.page}/facts").content.decode()

    assert home.count('class="fact-who"') < 10
    assert "more things" in home
    assert "sku-00" in first
    assert "o-39" not in first
    later = reader.get(f"{lea.page}/facts?from=60").content.decode()
    assert "o-39" in later
    assert 'rel="next"' not in later

    form = {"fact": "uses", "about": "sku-00", "to": "no", "place": "facts"}
    done = post(f"{lea.page}/facts", f"{lea.page}/correct", **form)
    assert done.headers["Location"] == f"{lea.page}/facts#said"


@pytest.mark.parametrize("start", ["-1", "x", "99999", "9" * 30, "1e3", ""])
def test_an_odd_place_among_the_facts_breaks_nothing(
    lea: Reminded, reader: Any, start: str
) -> None:
    assert reader.get(f"{lea.page}/facts?from={start}").status_code == 200


def test_what_lea_typed_is_kept_where_it_is_refused_and_sent_again_put_right(
    lea: Reminded, reader: Any, post: Any
) -> None:
    days = {"from": NEXT_WEEK, "until": TOMORROW, "place": "history"}
    refused = post(lea.page, f"{lea.page}/away", **days).content.decode()

    assert f'name="from" value="{NEXT_WEEK}"' in refused
    assert f'name="until" value="{TOMORROW}"' in refused
    assert refused.count('name="once"') == refused.count('name="csrfmiddlewaretoken"') == 1
    word = refused.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    right = {"from": TOMORROW, "until": NEXT_WEEK, "csrfmiddlewaretoken": word}
    assert reader.post(f"{lea.page}/away", right).status_code == 302


def test_a_long_text_that_is_refused_is_not_lost(lea: Reminded, post: Any) -> None:
    text = "<b>Bonjour</b> " * 200
    refused = post(lea.page, f"{lea.page}/wrong", text=text, reason="other").content.decode()

    assert "&lt;b&gt;Bonjour&lt;/b&gt; " * 199 in refused
    assert '<input type="hidden" name="reason" value="other">' in refused


def test_a_form_that_is_not_ours_is_not_filled_again(lea: Reminded, reader: Any) -> None:
    refused = reader.post(f"{lea.page}/person", {"text": "from elsewhere"})

    assert (refused.status_code, b"from elsewhere" in refused.content) == (403, False)
