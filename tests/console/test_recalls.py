"""Recalls before the console: what opening one would stop is said before, and each step has its person."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from psycopg import Connection

from terrain import words
from terrain.console import recall_phrases
from terrain.core.decision import Verdict
from terrain.core.outbox import ActState
from terrain.core.recall import Fate, Kind, State
from terrain.core.staff import Role
from terrain.store import audit, automations, erasing, recalled, recalls
from terrain.store.audit import Before, Sought
from tests.colleagues import post_as
from tests.oversight import AUTOMATION, a_new_version
from tests.recalling import BECAUSE, DAY, NOW, SORRY, Harm

STOPPED_WHY = "the words named another shop"


@pytest.fixture
def harm(db: Connection, served: str) -> Harm:
    return Harm(db, served)


def words_of(browser: Any, address: str, language: str = "en") -> str:
    """Return all that stands on a page, in one line."""
    return said_by(browser.get(address, HTTP_ACCEPT_LANGUAGE=language))


def said_by(answer: Any) -> str:
    text = re.sub(r"<(script|style|head).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def form(**changed: str) -> dict[str, str]:
    given = {"automation": AUTOMATION, "since": f"{NOW - 9 * DAY:%Y-%m-%dT%H:%M}"}
    return {**given, "because": BECAUSE, **changed}


def checked(browser: Any, **changed: str) -> Any:
    """Ask what opening it would stop."""
    return post_as(browser, "/new-recall", check="yes", **form(**changed))


def opens(browser: Any, **changed: str) -> Any:
    """Ask what it would stop, then open it."""
    shown = checked(browser, **changed).content.decode()
    (seen,) = re.findall(r'name="seen" value="(\w*)"', shown)
    return post_as(browser, "/new-recall", open="yes", seen=seen, **form(**changed))


def step(browser: Any, number: int, name: str, **fields: str) -> Any:
    """Take a step: its form stands on the recall's own page, or on its own."""
    return post_as(browser, "/account", f"/recalls/{number}/{name}", **fields)


def approves(browser: Any, number: int) -> Any:
    shown = browser.get(f"/recalls/{number}/preview").content.decode()
    seen = re.findall(r'name="seen" value="([^"]*)"', shown)
    return step(browser, number, "approve", seen=unescape(seen[0]) if seen else "none was shown")


# -- opening ---------------------------------------------------------------------------------------


def test_a_house_without_recalls_says_so(operator: Any) -> None:
    assert "Nothing was ever recalled." in words_of(operator, "/recalls")
    assert "Rien n’a jamais été rappelé." in words_of(operator, "/recalls", "fr")


def test_what_it_would_stop_is_said_before_anything_is(operator: Any, harm: Harm) -> None:
    harm.touched("lea")
    harm.touched("omar", ActState.QUEUED)

    page = said_by(checked(operator))

    assert "people it touched 2" in page
    assert "still about to leave, would be stopped 1" in page
    assert f"{AUTOMATION} itself is stopped too" in page
    assert recalls.latest(harm.db) == []
    listed = automations.find(harm.db, AUTOMATION)
    assert listed
    assert listed.paused_at is None


def test_opened_it_stops_the_automation_and_names_who_did(operator: Any, harm: Harm) -> None:
    harm.touched("lea")

    answer = opens(operator)

    one = harm.latest()
    assert answer["Location"] == f"/recalls/{one.recall_id}"
    assert (one.automation, one.opened_by, one.because) == (AUTOMATION, "Camille", BECAUSE)
    listed = automations.find(harm.db, AUTOMATION)
    assert listed
    assert listed.paused_at is not None


def test_pressed_twice_it_is_one_recall(operator: Any, harm: Harm) -> None:
    first, again = opens(operator), opens(operator)

    assert first["Location"] == again["Location"]
    assert len(recalls.latest(harm.db)) == 1
    opens(operator, version="1")
    assert len(recalls.latest(harm.db)) == 2


def test_it_is_opened_only_with_what_was_looked_at(operator: Any, harm: Harm) -> None:
    shown = checked(operator).content.decode()
    (seen,) = re.findall(r'name="seen" value="(\w+)"', shown)

    other = form(since=f"{NOW - 20 * DAY:%Y-%m-%dT%H:%M}")
    answer = post_as(operator, "/new-recall", open="yes", seen=seen, **other)

    assert "What opening it would do" in said_by(answer)
    assert recalls.latest(harm.db) == []


def test_an_older_version_is_recalled_while_the_new_one_runs(operator: Any, harm: Harm) -> None:
    a_new_version(harm.db, now=NOW - DAY)

    assert f"{AUTOMATION} goes on" in said_by(checked(operator, version="1"))
    opens(operator, version="1")

    listed = automations.find(harm.db, AUTOMATION)
    assert listed
    assert listed.paused_at is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"because": "oops"}, "because"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2126-01-01T00:00"}, "since"),
        ({"since": "0001-01-01T00:00"}, "since"),
        ({"until": "2001-01-01T00:00"}, "since"),
        ({"version": "9"}, "version"),
        ({"version": "one"}, "version"),
        ({"version": "99999999999999999999"}, "version"),
        ({"segment": "country: ["}, ""),
        ({"segment": "nonsense: FR"}, ""),
        ({"automation": "no-such-thing"}, ""),
        ({"automation": ""}, ""),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_typed(
    operator: Any, harm: Harm, wrong: dict[str, str], told: str
) -> None:
    answer = checked(operator, **wrong)

    page = answer.content.decode()
    assert answer.status_code in (404, 422)
    assert 'role="alert"' in page
    assert not told or f'id="{told}-error"' in page
    assert "for since" not in page
    assert "for version" not in page
    assert recalls.latest(harm.db) == []


@pytest.mark.usefixtures("harm")
@pytest.mark.parametrize(
    ("language", "said"), [("en", "By the clock of Paris."), ("fr", "À l’heure de Paris.")]
)
def test_the_clock_of_its_dates_is_called_by_its_place(
    operator: Any, language: str, said: str
) -> None:
    page = words_of(operator, "/new-recall", language)

    assert said in page
    assert "Europe/" not in page


def test_it_is_narrowed_down_to_a_fact_and_its_value(operator: Any, harm: Harm) -> None:
    harm.touched("lea")
    harm.touched("omar", value="filter-b")

    narrowed = {"fact": "uses", "value": "filter-b"}
    assert "people it touched 1" in said_by(checked(operator, **narrowed))
    opens(operator, **narrowed)

    one = harm.looks(harm.latest())
    assert (one.scope.fact, one.scope.value, one.people) == ("uses", "filter-b", 1)


def test_more_than_is_looked_through_is_said_as_at_least(
    operator: Any, harm: Harm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terrain.flow.recall_preview.MOST", 2)
    for name in ("lea", "omar", "zoe"):
        harm.touched(name)

    assert "people it touched at least 2" in said_by(checked(operator))


@pytest.mark.usefixtures("harm")
def test_it_starts_from_a_stopped_automation(operator: Any) -> None:
    page = operator.get(f"/new-recall?automation={AUTOMATION}&version=1").content.decode()

    assert f'<option value="{AUTOMATION}" selected>' in page
    assert 'name="version" value="1"' in page


@pytest.mark.parametrize("odd", ["?automation=nobody&version=x", "?flag=x", "?version=1", "?flag="])
def test_an_odd_beginning_is_an_empty_form(operator: Any, odd: str) -> None:
    assert operator.get(f"/new-recall{odd}").status_code == 200


def test_a_flag_nobody_raised_is_refused(operator: Any) -> None:
    assert operator.get("/new-recall?flag=404").status_code == 404


# -- one recall ------------------------------------------------------------------------------------


def test_everybody_stands_there_with_what_was_done(operator: Any, harm: Harm) -> None:
    lea = harm.touched("lea")
    harm.touched("omar", ActState.QUEUED)
    one = harm.opened()

    page = words_of(operator, f"/recalls/{one.recall_id}")

    assert "2 people are found" in page
    assert "stopped before they left 1" in page
    assert str(lea.customer_id) in page
    assert "hello by e-mail · left" in page
    assert "hello by e-mail · stopped before it left" in page


def test_nobody_touched_is_said_and_nothing_asked_for(operator: Any, harm: Harm) -> None:
    one = harm.opened()

    page = words_of(operator, f"/recalls/{one.recall_id}")

    assert "Nobody was touched" in page
    assert "Say what makes good" not in page


def test_people_are_shown_a_page_at_a_time(
    operator: Any, harm: Harm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terrain.console.pages.recalls.A_PAGE", 2)
    keys = {harm.touched(f"customer{number}").customer_id for number in range(5)}
    one = harm.opened()

    seen, address = set[int](), f"/recalls/{one.recall_id}"
    for _ in range(3):
        page = operator.get(address).content.decode()
        seen |= {int(number) for number in re.findall(r'href="/customers/(\d+)"', page)}
        more = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/recalls/{one.recall_id}{unescape(more[1]).split('#')[0]}" if more else ""
    assert seen == keys
    assert address == ""


@pytest.mark.parametrize("odd", ["show=nonsense", "from=x", "from=99999-1", "from=1-", "show=due"])
def test_an_odd_address_of_a_list_breaks_nothing(operator: Any, harm: Harm, odd: str) -> None:
    harm.touched("lea")
    one = harm.opened()

    assert operator.get(f"/recalls/{one.recall_id}?{odd}").status_code == 200


def test_a_number_nobody_gave_is_refused(operator: Any) -> None:
    for address in ("", "/report", "/remedy", "/preview"):
        assert operator.get(f"/recalls/404{address}").status_code == 404
    assert step(operator, 404, "stop").status_code == 404


# -- what makes good -------------------------------------------------------------------------------


def test_it_is_seen_on_real_customers_in_their_language(operator: Any, harm: Harm) -> None:
    lea = harm.touched("lea")
    omar = harm.touched("omar")
    harm.tells(lea, "lea", "fact.stated", fact="language", value="fr")
    harm.tells(omar, "omar", "fact.stated", fact="language", value="en")
    one = harm.opened()

    answer = step(operator, one.recall_id, "remedy", **SORRY)

    assert answer["Location"] == f"/recalls/{one.recall_id}/preview"
    page = words_of(operator, answer["Location"])
    assert "Bonjour, nous avons nommé le mauvais filtre. Pardon." in page
    assert "Hello, we named the wrong filter. Sorry." in page
    assert page.count("would get it ") == 2


def test_a_letter_that_is_looked_at_opens_nobodys_page(operator: Any, harm: Harm) -> None:
    harm.touched("lea")
    one = harm.opened()
    step(operator, one.recall_id, "remedy", **SORRY)

    page = words_of(operator, f"/recalls/{one.recall_id}/preview")

    assert "/my/…" in page
    assert re.search(r"/my/[\w-]{9}", page) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body.fr": " "}, "body.fr"),
        ({"subject.en": ""}, "subject.en"),
        ({"body.en": "{{ oops"}, ""),
        ({"body.en": "{{ customer.__class__ }}"}, ""),
        ({"kind": "correction"}, "fact"),
        ({"kind": "correction", "fact": "no_such_fact", "right": "x"}, "fact"),
        ({"kind": "gesture", "action": "no-such-action"}, "action"),
        ({"kind": "gesture", "action": "x", "payload": "- a\n- b"}, "payload"),
        ({"kind": "gesture", "action": "x", "payload": "a: ["}, ""),
    ],
)
def test_half_a_remedy_is_shown_again_with_what_is_wrong(
    operator: Any, harm: Harm, wrong: dict[str, str], field: str
) -> None:
    harm.touched("lea")
    one = harm.opened()

    answer = step(operator, one.recall_id, "remedy", **SORRY | wrong)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert not field or f'id="{field}-error"' in page
    assert harm.looks(one).remedy is None


def test_a_gap_nobody_fills_is_told_beside_the_customer(operator: Any, harm: Harm) -> None:
    harm.touched("lea")
    one = harm.opened()
    gap = {
        "body.en": "Hello {{ customer.first_name }}.",
        "body.fr": "Bonjour {{ customer.first_name }}.",
    }
    step(operator, one.recall_id, "remedy", **SORRY | gap)

    assert "It could not be written to them" in words_of(
        operator, f"/recalls/{one.recall_id}/preview"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "correction", "fact": "country", "wrong": "FR", "right": "BE"},
        {"kind": "callback", "within_days": "0"},
        {"kind": "callback", "within_days": "999"},
        {"kind": "nonsense"},
    ],
)
def test_other_remedies_are_taken_too(operator: Any, harm: Harm, other: dict[str, str]) -> None:
    harm.touched("lea")
    one = harm.opened()

    assert step(operator, one.recall_id, "remedy", **SORRY | other).status_code == 302
    kept = harm.looks(one)
    assert kept.remedy
    assert 1 <= kept.remedy.within_days <= 30
    for address in ("", "/preview", "/remedy", "/report"):
        assert operator.get(f"/recalls/{one.recall_id}{address}").status_code == 200


# -- agreeing, sending, stopping -------------------------------------------------------------------


@pytest.fixture
def strict(settings_of_django: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two people be as many as one person may make good for alone."""
    import msgspec  # noqa: PLC0415

    given = msgspec.structs.replace(settings_of_django.TERRAIN, recall_alone=2)
    monkeypatch.setattr(settings_of_django, "TERRAIN", given)


@pytest.fixture
def nadia(signed_in: Callable[..., Any]) -> Any:
    return signed_in(Role.MANAGER, name="Nadia")


def prepared(harm: Harm, browser: Any, people: int = 3) -> int:
    for number in range(people):
        harm.touched(f"customer{number}")
    one = harm.opened()
    step(browser, one.recall_id, "remedy", **SORRY)
    return one.recall_id


@pytest.mark.usefixtures("strict")
def test_above_the_number_its_writer_does_not_approve_it(
    operator: Any, nadia: Any, harm: Harm
) -> None:
    number = prepared(harm, operator)
    preview = f"/recalls/{number}/preview"

    assert "somebody else than you has to approve it" in words_of(operator, preview)
    kept = recalls.find(harm.db, number)
    assert kept
    assert kept.prepared_at
    answer = step(operator, number, "approve", seen=kept.prepared_at.isoformat())
    assert answer.status_code == 409

    assert approves(nadia, number).status_code == 302
    one = harm.latest()
    assert (one.state, one.prepared_by, one.approved_by) == (State.APPROVED, "Camille", "Nadia")


@pytest.mark.usefixtures("strict")
def test_a_namesake_is_another_person(
    operator: Any, signed_in: Callable[..., Any], harm: Harm
) -> None:
    number = prepared(harm, operator)
    other = signed_in(Role.MANAGER, name="Camille")

    assert approves(other, number).status_code == 302


def test_up_to_the_number_one_person_is_enough(operator: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=1)

    assert approves(operator, number).status_code == 302


def test_of_two_who_approve_at_once_one_does(operator: Any, nadia: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=1)
    seen = re.findall(
        r'name="seen" value="([^"]*)"', nadia.get(f"/recalls/{number}/preview").content.decode()
    )[0]
    approves(operator, number)

    answer = step(nadia, number, "approve", seen=unescape(seen))

    assert answer.status_code == 409
    assert "Approved by Camille" in said_by(answer)
    assert harm.latest().approved_by == "Camille"


def test_what_is_approved_is_what_was_read(operator: Any, nadia: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=1)
    shown = nadia.get(f"/recalls/{number}/preview").content.decode()
    seen = unescape(re.findall(r'name="seen" value="([^"]*)"', shown)[0])
    step(operator, number, "remedy", **SORRY | {"subject.en": "Something else"})

    answer = step(nadia, number, "approve", seen=seen)

    assert answer.status_code == 409
    assert "Camille wrote another remedy meanwhile" in said_by(answer)
    assert harm.latest().state is State.PREPARED


def test_sent_it_reaches_each_and_says_so(operator: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=2)
    approves(operator, number)

    assert step(operator, number, "send").status_code == 302
    harm.works()
    assert harm.latest().state is State.SENDING
    page = words_of(operator, f"/recalls/{number}")
    assert "0 of 2 had their turn" in page
    harm.db.execute(
        "UPDATE act SET state = 'left', left_at = %s, due_at = NULL WHERE state = 'queued'", [NOW]
    )
    harm.works(7)
    assert harm.latest().state is State.DONE
    assert "reached 2" in words_of(operator, f"/recalls/{number}")
    assert "Nothing: everybody had their turn." in words_of(operator, f"/recalls/{number}/report")


def test_stopped_half_way_nothing_more_leaves(operator: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=3)
    approves(operator, number)
    step(operator, number, "send")
    harm.works()

    assert step(operator, number, "stop", because=STOPPED_WHY).status_code == 302

    left = harm.db.execute(
        "SELECT count(*) FROM act WHERE state = 'queued' AND automation LIKE 'recall-%'"
    ).fetchone()
    assert left == (0,)
    harm.works(1)
    assert {one.state for one in recalled.people(harm.db, number)} == {Fate.NOT_REACHED}
    assert "It was stopped again" in words_of(operator, f"/recalls/{number}")
    assert STOPPED_WHY in words_of(operator, f"/recalls/{number}")
    assert "stopped on" in words_of(operator, f"/recalls/{number}/report")
    assert STOPPED_WHY in words_of(operator, f"/recalls/{number}/report")


def test_stopping_it_takes_a_reason_and_what_is_gone_stays_told(operator: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=1)
    approves(operator, number)
    step(operator, number, "send")
    harm.db.execute("UPDATE recalled SET state = 'reached', made_at = now(), due_at = NULL")

    answer = step(operator, number, "stop", because="wrong")

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say why this recall is stopped" in page
    assert ">wrong</textarea>" in page
    assert "1 person has what makes good already" in page
    assert recalls.find(harm.db, number).state is State.SENDING  # type: ignore[union-attr]


def test_stopped_while_it_looks_it_looks_no_further(operator: Any, harm: Harm) -> None:
    harm.touched("lea")
    opens(operator)
    one = harm.latest()

    step(operator, one.recall_id, "stop", because=STOPPED_WHY)

    assert harm.looks(one).state is State.STOPPED
    assert "Stop this recall" not in words_of(operator, f"/recalls/{one.recall_id}")


def test_a_step_out_of_turn_is_refused(operator: Any, harm: Harm) -> None:
    harm.touched("lea")
    one = harm.opened()

    assert step(operator, one.recall_id, "send").status_code == 409
    assert step(operator, one.recall_id, "approve", seen="x").status_code == 409
    step(operator, one.recall_id, "stop", because=STOPPED_WHY)
    for name in ("send", "stop", "remedy"):
        assert step(operator, one.recall_id, name, **SORRY).status_code == 409


def test_a_new_word_has_to_be_approved_anew(operator: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=1)
    approves(operator, number)

    step(operator, number, "remedy", **SORRY)

    assert step(operator, number, "send").status_code == 409


def test_who_was_erased_in_between_is_counted_and_not_named(operator: Any, harm: Harm) -> None:
    lea = harm.touched("lea")
    harm.touched("omar")
    one = harm.opened()
    erasing.some_rows(harm.db, [lea], 10_000, NOW)

    page = words_of(operator, f"/recalls/{one.recall_id}")
    report = words_of(operator, f"/recalls/{one.recall_id}/report")

    assert str(lea.customer_id) not in page
    assert "erased since, at their own wish 1" in page
    assert "2 people were touched" in report
    assert "1 of them was erased" in report


def test_who_was_kept_from_it_stands_there_with_the_reason(operator: Any, harm: Harm) -> None:
    lea = harm.touched("lea")
    harm.tells(lea, "lea", "automation.stopped", automation="all")
    number = prepared(harm, operator, people=1)
    approves(operator, number)
    step(operator, number, "send")
    harm.works()

    page = operator.get(f"/recalls/{number}?show=kept_from").content.decode()
    assert "kept from it by the guard" in page
    assert f"/customers/{lea.customer_id}" in page


# -- a page for a board ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("What happened", "2 people were touched", "Nothing was sent yet.", BECAUSE)),
        (
            "fr",
            ("Ce qui est arrivé", "2 personnes ont été touchées", "Rien n’a encore été envoyé."),
        ),
    ],
)
def test_the_page_for_a_board_names_no_customer(
    operator: Any, harm: Harm, language: str, sentences: tuple[str, ...]
) -> None:
    lea = harm.touched("lea")
    harm.touched("omar")
    one = harm.opened()

    page = words_of(operator, f"/recalls/{one.recall_id}/report", language)

    for sentence in sentences:
        assert sentence in page
    assert str(lea.customer_id) not in page
    assert "example.org" not in page.replace("operator@example.org", "")


# -- who may ---------------------------------------------------------------------------------------


def test_a_viewer_sees_the_page_for_a_board_and_nobodys_data(
    operator: Any, signed_in: Callable[..., Any], harm: Harm
) -> None:
    number = prepared(harm, operator, people=1)
    viewer = signed_in(Role.VIEWER, name="Vera")

    assert viewer.get("/recalls").status_code == 200
    assert f"/recalls/{number}/report" in viewer.get("/recalls").content.decode()
    assert viewer.get(f"/recalls/{number}/report").status_code == 200
    for address in ("", "/preview", "/remedy"):
        assert viewer.get(f"/recalls/{number}{address}").status_code == 403


@pytest.mark.parametrize("name", ["remedy", "approve", "send", "stop"])
def test_an_adviser_looks_and_takes_no_step(
    operator: Any, signed_in: Callable[..., Any], harm: Harm, name: str
) -> None:
    number = prepared(harm, operator, people=1)
    adviser = signed_in(Role.ADVISER)

    page = words_of(adviser, f"/recalls/{number}")
    assert "customer" in page
    assert "Stop this recall" not in page
    assert step(adviser, number, name, **SORRY).status_code == 403
    assert adviser.get("/new-recall").status_code == 403


def test_nothing_happens_by_looking(operator: Any, harm: Harm) -> None:
    number = prepared(harm, operator, people=1)
    before = recalls.find(harm.db, number)

    for name in ("approve", "send", "stop"):
        assert operator.get(f"/recalls/{number}/{name}").status_code == 302

    assert recalls.find(harm.db, number) == before


def test_every_step_is_in_the_audit_log_without_anybodys_data(operator: Any, harm: Harm) -> None:
    opens(operator)
    number = harm.latest().recall_id
    harm.looks(harm.latest())
    step(operator, number, "remedy", **SORRY)
    approves(operator, number)
    step(operator, number, "send")
    step(operator, number, "stop", because=STOPPED_WHY)

    lines = [
        line
        for line in audit.lines(harm.db, Sought(), Before(NOW + DAY), 50)
        if line.what.startswith("recall")
    ]

    assert {line.what for line in lines} == {
        "recall_new",
        "recall_remedy",
        "recall_approve",
        "recall_send",
        "recall_stop",
    }
    assert {line.details.get("automation") for line in lines if line.outcome < 400} <= {
        AUTOMATION,
        None,
    }
    assert "Sorry" not in str(lines)


# -- words -----------------------------------------------------------------------------------------


def test_every_code_has_its_phrase() -> None:
    assert set(recall_phrases.STATES) == set(recall_phrases.STATE_BADGES) == set(State)
    assert set(recall_phrases.FATES) == set(recall_phrases.FATE_BADGES) == set(Fate)
    assert set(recall_phrases.KINDS) == set(recall_phrases.KINDS_WHY) == set(Kind)
    assert set(recall_phrases.FORESEEN) == {*Verdict, Fate.ELSEWHERE}


@pytest.mark.parametrize(
    "code",
    ["recalled", "recall_stopped", "nobody_there", "nothing_to_correct", "made_good_elsewhere"],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_of_ours_has_its_sentence(code: str, language: str) -> None:
    assert words.catalogue(language).pgettext("because", code) != code


def test_ten_thousand_people_are_read_by_an_index(harm: Harm) -> None:
    one = harm.opened()
    harm.db.execute(
        """
        INSERT INTO recalled (bucket, customer_id, recall_id, done, first_at, last_at, state, acts)
        SELECT i % 256, i, %s, 1, now(), now(), CASE WHEN i % 100 = 0 THEN 'due' ELSE 'reached' END, '[]'
          FROM generate_series(1, 10000) i
        """.replace("i % ", "i %% "),
        [one.recall_id],
    )
    harm.db.execute("ANALYZE recalled")

    for which in ("", "AND state = 'due'", "AND answered_at IS NOT NULL"):
        plan = harm.db.execute(
            f"EXPLAIN SELECT acts FROM recalled WHERE recall_id = %s {which}"  # noqa: S608 - ours
            " AND (bucket, customer_id) > (100, 0) ORDER BY bucket, customer_id LIMIT 51",
            [one.recall_id],
        ).fetchall()
        assert "Index Scan" in str(plan), which
        assert "Seq Scan" not in str(plan), which
