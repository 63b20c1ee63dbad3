"""The page an owner opens when her automation was stopped, and the one she trusts when it was not."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.core import watch as rules
from terrain.core.automation import Automation
from terrain.core.bounds import UNBOUND
from terrain.core.breaker import Cause
from terrain.core.cohorts import Gap
from terrain.core.holdout import Block, Comparison
from terrain.core.interval import Share
from terrain.core.look import Kept
from terrain.core.signal import Signal
from terrain.core.staff import Role
from terrain.flow import breaker
from terrain.flow.breaker import Tripping
from terrain.store import automations, trips, watches
from tests.colleagues import post_as
from tests.flow.test_alike import WATCH, Beside
from tests.hurt import Written
from tests.oversight import (
    AUTOMATION,
    a_house_that_watches,
    a_new_version,
    the_settings,
    tripped,
)

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PAGE = f"/automations/{AUTOMATION}/watch"
CASES = f"{PAGE}/of/complaint"
WHY = "the product is read from the order now"


@pytest.fixture
def house(db: Connection) -> dict[str, int]:
    return a_house_that_watches(db, now=NOW - 90 * DAY)


@pytest.fixture
def written(db: Connection, house: Any) -> Written:  # noqa: ARG001 - it stands in it
    """Return whom it wrote to: a calm season."""
    written = Written(db, NOW)
    for week in range(3, 11):
        written.to(30, ago=week * 7 * DAY)
    return written


@pytest.fixture
def strayed(written: Written) -> Written:
    """Let a version go out that many complain about."""
    written.to(30, ago=2 * DAY, bad=6, version=2, source="broker")
    written.watched()
    return written


def seen(browser: Any, address: str = PAGE, language: str = "en") -> str:
    return str(browser.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def send(browser: Any, step: str, **fields: Any) -> Any:
    return post_as(browser, PAGE, f"{PAGE}/{step}", **fields)


def open_trip(db: Connection) -> int:
    return next(one.trip_id for one in trips.of_automation(db, AUTOMATION) if not one.resumed_at)


def let_go_on(browser: Any, db: Connection, **said: Any) -> Any:
    given = {"trip": open_trip(db), "how": "bound_was_wrong", "because": WHY, **said}
    return send(browser, "resume", **given)


# -- beside those held out -----------------------------------------------------------------------


@pytest.fixture
def compared(db: Connection, house: Any) -> Beside:  # noqa: ARG001 - it stands in it
    """Return whom it wrote to and whom it left out: most of those it wrote to are known by a broker."""
    beside = Beside(db, NOW)
    beside.to(30, ago=3 * DAY, bad=1)
    beside.to(60, ago=2 * DAY, bad=12, source="broker")
    beside.leaves_out(30, ago=2 * DAY, bad=1)
    found = Comparison(treated=Share(13, 90), held_out=Share(1, 30), winnings=(math.log(165),) * 5)
    watch = replace(WATCH, version=1)
    reading = rules.compared(watch, found, Block(found.treated, found.held_out), None, 1.0)
    watches.save(db, [Kept(watch=watch, reading=reading, at=NOW, began=NOW.date())])
    return beside


@pytest.mark.usefixtures("compared")
def test_both_groups_stand_side_by_side_in_words_and_in_the_picture(operator: Any) -> None:
    page = seen(operator)

    assert "13 of 90 treated" in page
    assert "1 of 30 held out" in page
    assert "so 3 were to be expected" in page
    assert "fewer than one house of 160 would ever see this" in page
    assert "as many as among those held out: 3.3 %" in page
    assert "to be expected</th>" in page


@pytest.mark.usefixtures("compared")
def test_where_the_groups_are_not_alike_that_is_said_with_each_kind_by_itself(
    operator: Any,
) -> None:
    page = seen(operator)

    assert "Both groups are not alike: source of the weakest fact “broker” for 66.7 %" in page
    assert "Among people alike in this" in page
    assert "The kinds of people one by one" in page
    assert "12 / 60" in page
    assert "90 who were treated and 30 held out" in page


@pytest.mark.usefixtures("compared")
def test_both_groups_are_spoken_of_in_french_as_well(operator: Any) -> None:
    page = seen(operator, language="fr")

    for words in ("dans le groupe témoin, 1 sur 30", "Les deux groupes ne se ressemblent pas"):
        assert words in page


def test_groups_that_are_alike_are_said_to_be(
    db: Connection, compared: Beside, operator: Any
) -> None:
    db.execute("DELETE FROM signal")
    compared.leaves_out(60, source="broker")

    assert "Both groups are alike in all that was known of them." in seen(operator)


# -- how it stands ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("house")
def test_before_anything_was_looked_at_it_says_so(operator: Any) -> None:
    page = seen(operator)

    assert "Nothing is watched yet." in page
    assert "nobody can tell" in page
    assert "Never." in page


def test_what_nobody_knows_is_not_found(operator: Any, house: Any) -> None:  # noqa: ARG001
    for address in ("/automations/nobody/watch", "/automations/nobody/watch/of/complaint"):
        assert operator.get(address).status_code == 404
    for signal in ("unheard-of", "", "..", "complaint/x"):
        assert operator.get(f"{PAGE}/of/{signal}").status_code == 404


def test_calm_is_said_with_its_figures(operator: Any, written: Written) -> None:
    written.watched()
    page = seen(operator)

    assert "Complaints: 0 of 240; at most 0.48 expected (0.2 %)." in page.replace("\xa0", " ")
    assert "within its bounds" in page
    assert page.count('<svg class="meter"') == 1
    assert 'class="since"' not in page


def test_straying_is_said_since_when_and_drawn(operator: Any, strayed: Written) -> None:
    page = seen(operator)

    assert re.search(r"Since \d+ \w+: 6 of 30 \(complaints\); at most 0.06 expected", page)
    assert "out of bounds" in page
    assert 'class="since"' in page
    assert "The numbers behind it" in page
    assert strayed.people == 270


@pytest.mark.usefixtures("strayed")
def test_it_is_said_in_french_as_well(operator: Any) -> None:
    page = seen(operator, language="fr").replace("\xa0", " ").replace("\u202f", " ")

    assert "6 sur 30 (réclamations)" in page
    assert "hors limites" in page
    assert "au plus 0,06" in page


@pytest.mark.usefixtures("strayed")
def test_nothing_is_styled_or_scripted_within_the_page(operator: Any) -> None:
    page = seen(operator)

    assert " style=" not in page
    assert "<script>" not in page


def test_what_cannot_be_heard_is_grey_and_never_green(operator: Any, written: Written) -> None:
    written.watched(deaf_since=NOW - 5 * DAY)
    page = seen(operator)

    assert "What is not heard is not good news." in page
    assert 'class="gap"' in page
    assert "within its bounds" not in page


def test_a_gap_of_the_past_stays_grey_in_the_picture(operator: Any, written: Written) -> None:
    day = (NOW - 20 * DAY).date()
    written.watched(gaps=(Gap(day, day + 2 * DAY),))
    page = seen(operator)

    assert page.count('class="gap"') == 2  # the days, and the key to them
    assert "nothing could be heard" in page


def test_where_nobody_said_how_much_is_too_much_there_is_no_line(
    operator: Any, written: Written
) -> None:
    written.watched(agreed=UNBOUND)
    page = seen(operator)

    assert "it is being learned" in page
    assert 'class="bound"' not in page


def test_the_aim_is_drawn_under_the_bound_of_spam(operator: Any, written: Written) -> None:
    written.watched(0.003, Signal.SPAM)

    assert "what to strive for: 0.1" in seen(operator)


def test_it_is_said_what_it_cannot_see_yet(operator: Any, written: Written) -> None:
    written.to(200, ago=DAY)
    written.watched(0.003)
    page = seen(operator)

    assert re.search(r"At 2\d\d acts a month, 3 times the bound .* takes about", page)
    assert "To see 3 times the bound, a pilot takes" in page


@pytest.mark.usefixtures("strayed")
def test_it_is_said_how_often_the_house_may_cry_wolf(operator: Any) -> None:
    assert "pauses a year may be mistakes; 3 are accepted" in seen(operator)


def test_several_versions_that_act_apart_are_told_apart(operator: Any, strayed: Written) -> None:
    strayed.watched(0.2, first_version=4)
    page = seen(operator)

    assert len(re.findall(r'id="complaint-\d"|id="complaint-\d-title"', page)) == 2
    assert "versions 4 to 9, which act alike" in page


def test_of_what_is_calm_one_picture_is_shown_and_the_others_where_they_are_asked_for(
    operator: Any, written: Written
) -> None:
    for signal in (Signal.COMPLAINT, Signal.STOP, Signal.SPAM):
        written.watched(signal=signal)
    page = seen(operator)
    [first] = re.findall(r'<svg class="meter" id="meter-([a-z-]+-\d)"', page)
    others = re.findall(r'href="/automations/welcome/watch\?open=([a-z-]+-\d)#', page)

    assert sorted([first, *others]) == ["complaint-1", "spam-1", "stop-1"]
    for each in others:
        opened = seen(operator, f"{PAGE}?open={each}")
        assert opened.count('<svg class="meter"') == 1
        assert f'<details class="behind" id="picture-{each}" open>' in opened
        assert f'hx-get="{PAGE}?open={each}"' in opened  # it stays open when it moves


@pytest.mark.usefixtures("strayed")
@pytest.mark.parametrize("odd", ["", "x", "stop-1", "complaint-77", "<b>"])
def test_an_odd_picture_is_none(operator: Any, odd: str) -> None:
    page = seen(operator, f"{PAGE}?open={odd}")

    assert page.count('<svg class="meter"') == 1
    assert "?open=" not in page
    assert "<b>" not in page


def test_many_signals_ask_the_record_no_more_often_than_one(
    operator: Any, strayed: Written, statements: Any
) -> None:
    before = statements(operator, PAGE)
    for signal in (Signal.STOP, Signal.SPAM, Signal.OVERRIDE):
        strayed.watched(signal=signal)
        strayed.watched(0.0001, signal=signal, first_version=4)

    assert seen(operator).count('<svg class="meter" id=') >= 1
    assert statements(operator, PAGE) == before


# -- who was hit -----------------------------------------------------------------------------------


def test_cases_lead_to_their_decision_and_their_customer(operator: Any, db: Connection) -> None:
    a_house_that_watches(db, now=NOW - 90 * DAY)
    [key, *_] = Written(db, NOW).to(3, bad=1)
    (decision,) = db.execute(
        "SELECT decision_id FROM decision WHERE customer_id = %s", [key.customer_id]
    ).fetchone() or (0,)
    page = seen(operator, CASES)

    assert f'href="/customers/{key.customer_id}"' in page
    assert f'href="/decisions/{key.customer_id}/{decision}"' in page
    assert page.count('class="line-said"') == 1


def test_many_cases_are_turned_over_the_latest_first_and_none_is_left_out(
    operator: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terrain.console.pages.watch_cases.A_PAGE", 4)
    for days in (9, 7, 5):
        written.to(3, ago=days * DAY, bad=3)
    found, address = [], CASES
    for _ in range(4):
        page = seen(operator, address)
        found += re.findall(r'<time datetime="([^"]+)"', page)
        earlier = re.search(r'rel="next" href="(\?before=[0-9-]+)"', page)
        if earlier is None:
            break
        address = f"{CASES}{earlier[1]}"

    assert len(found) == 9
    assert found == sorted(found, reverse=True)


@pytest.mark.usefixtures("strayed")
@pytest.mark.parametrize("odd", ["x", "1-", "-1-1", "9" * 30 + "-1", "1-%00", "<b>"])
def test_an_odd_place_in_the_list_is_none(operator: Any, odd: str) -> None:
    answer = operator.get(CASES, {"before": odd.replace("%00", "")})

    assert answer.status_code == 200
    assert answer.content.decode().count('class="line-said"') == 6


@pytest.mark.usefixtures("strayed")
def test_what_differs_about_them_is_said_and_counted(
    operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terrain.store.samples.MOST_OTHERS", 300)  # all there are
    for address in (PAGE, CASES):
        page = seen(operator, address).replace("\xa0", " ")
        assert "Source of the weakest fact “broker”: 100 % of those hit" in page
        assert "6 / 6" in page
        assert "24 / 264" in page
        assert "it comes with" in page


@pytest.mark.usefixtures("strayed")
def test_what_differs_is_said_in_french_as_well(operator: Any) -> None:
    page = seen(operator, CASES, "fr").replace("\xa0", " ")

    assert "ource du fait le moins sûr « broker »" in page


@pytest.mark.usefixtures("strayed")
def test_what_moves_by_itself_does_not_compare_people_each_time(operator: Any) -> None:
    moved = operator.get(PAGE, HTTP_HX_REQUEST="true").content.decode()

    assert 'id="cases"' in moved
    assert "What differs about them" not in moved


@pytest.mark.usefixtures("strayed")
def test_another_signal_has_other_cases(operator: Any) -> None:
    page = seen(operator, f"{PAGE}/of/stop")

    assert "None yet." in page
    assert "Nobody was hit" in page


# -- who may see and do what -----------------------------------------------------------------------


@pytest.mark.usefixtures("strayed")
def test_who_sees_nobodys_data_sees_how_it_stands_and_nobody(
    signed_in: Any, db: Connection
) -> None:
    tripped(db)
    viewer = signed_in(Role.VIEWER)
    page = seen(viewer)

    assert "out of bounds" in page
    assert "/customers/" not in page
    assert "broker" not in page
    assert "<textarea" not in page
    assert viewer.get(CASES).status_code == 403


@pytest.mark.usefixtures("strayed")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADVISER, Role.ADMINISTRATOR])
def test_who_may_not_pause_sees_no_form_and_sends_none(
    signed_in: Any, db: Connection, role: Role
) -> None:
    tripped(db)
    browser = signed_in(role)

    assert f"{PAGE}/resume" not in seen(browser)
    for step in ("pause", "answer", "resume"):
        assert post_as(browser, "/account", f"{PAGE}/{step}").status_code == 403
    assert open_trip(db)


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER])
def test_who_may_pause_may_do_all_of_it(
    signed_in: Any,
    db: Connection,
    house: Any,  # noqa: ARG001
    role: Role,
) -> None:
    browser = signed_in(role)

    assert send(browser, "pause", because=WHY).status_code == 302
    assert send(browser, "resume", trip=open_trip(db)).status_code == 302


@pytest.mark.usefixtures("house")
def test_whoever_is_not_signed_in_is_led_to_the_door(browser: Any) -> None:
    for address in (PAGE, CASES):
        assert browser().get(address).headers["Location"].startswith("/sign-in")
    for step in ("pause", "answer", "resume"):
        assert browser().post(f"{PAGE}/{step}").status_code == 403


@pytest.mark.usefixtures("house")
def test_nothing_is_done_by_looking_at_an_address(operator: Any, db: Connection) -> None:
    for step in ("pause", "answer", "resume"):
        assert operator.get(f"{PAGE}/{step}").headers["Location"] == PAGE
    assert trips.of_automation(db, AUTOMATION) == []


# -- stopped ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("strayed")
def test_it_says_why_since_when_and_who_was_told(operator: Any, db: Connection) -> None:
    said = {"en": "Since 3 March: 12 of 800.", "fr": "Depuis le 3 mars : 12 sur 800."}
    what = Tripping(
        automation=AUTOMATION,
        cause=Cause.METER,
        because=said["en"],
        evidence={"sentence": said, "signal": "complaint"},
    )
    breaker.trip(db, what, breaker.alarm_of(the_settings()), NOW)
    page, french = seen(operator), seen(operator, language="fr")

    assert "Stopped since" in page
    assert page.count(said["en"]) == 2  # above, and in its history
    assert said["fr"] in french
    assert "Omar" in page
    assert "Without an answer by" in page
    assert "by e-mail: not yet; 0 tries" in page


@pytest.mark.parametrize(
    ("cause", "because", "said"),
    [
        (Cause.FLAG, "severe_flag", "One flag with a reason that holds for everybody."),
        (Cause.FLAG, "three_people_in_a_day", "Three different people within a day."),
        (Cause.RECALL, "it named another product", "Nadia stopped it: it named another product"),
        (Cause.EVENT, "A safety report came in.", "A safety report came in."),
    ],
)
@pytest.mark.usefixtures("house")
def test_whatever_stopped_it_is_said_in_words(
    operator: Any, db: Connection, cause: Cause, because: str, said: str
) -> None:
    what = Tripping(automation=AUTOMATION, cause=cause, because=because, by="Nadia")
    breaker.trip(db, what, breaker.alarm_of(the_settings()), NOW)

    assert said in seen(operator)


def test_where_nobody_could_be_told_that_is_said(operator: Any, db: Connection) -> None:
    automations.add_version(db, Automation(name=AUTOMATION, owner="gone", digest="x"), "", NOW)
    db.execute("UPDATE staff SET is_active = false WHERE id <> %s", [operator.person.pk])
    tripped(db)
    db.execute("DELETE FROM notice")

    page = seen(operator)
    assert "There was nobody to tell: gone has no account here" in page
    assert '<a href="/staff">Invite them' in page


@pytest.mark.usefixtures("house")
def test_a_secret_in_the_address_of_a_webhook_is_not_shown(operator: Any, db: Connection) -> None:
    tripped(db, watch_url="https://hooks.example.org/s3cr3t")
    page = seen(operator)

    assert "s3cr3t" not in page
    assert "your own systems" in page


@pytest.mark.usefixtures("house")
def test_somebody_looks_after_it_and_the_second_is_told_who(
    operator: Any, signed_in: Any, db: Connection
) -> None:
    trip = tripped(db)
    words = "I read the complaints first, then the version."
    assert send(operator, "answer", trip=trip.trip_id, answer=words).status_code == 302
    page = seen(operator)
    assert words in page
    assert "in good hands" in page
    assert f"{PAGE}/answer" not in page

    second = signed_in(Role.OWNER, name="Omar")
    answer = send(second, "answer", trip=trip.trip_id, answer="I do, I do, I do")
    assert answer.status_code == 409
    assert "Camille" in answer.content.decode()


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("words", ["", "   ", "ok", "x" * 2_001])
def test_an_answer_is_a_sentence_and_what_was_typed_is_kept(
    operator: Any, db: Connection, words: str
) -> None:
    trip = tripped(db)
    answer = send(operator, "answer", trip=trip.trip_id, answer=words)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert f">{words}</textarea>" in answer.content.decode()
    assert "Say in a sentence what you do about it" in answer.content.decode()
    assert trips.last_of(db, AUTOMATION).answered_at is None  # type: ignore[union-attr]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("trip", ["", "x", "-1", "12", str(2**63), "1e3"])
def test_no_odd_number_answers_or_resumes_anything(
    operator: Any, db: Connection, trip: str
) -> None:
    tripped(db)

    assert send(operator, "answer", trip=trip, answer=WHY).status_code == 404
    assert let_go_on(operator, db, trip=trip).status_code == 409
    assert open_trip(db)


def test_a_stop_of_another_automation_is_not_answered_here(operator: Any, db: Connection) -> None:
    a_house_that_watches(db, AUTOMATION, "other", now=NOW)
    tripped(db)
    other = tripped(db, "other")

    assert send(operator, "answer", trip=other.trip_id, answer=WHY).status_code == 404


# -- going on --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("strayed")
def test_it_is_said_beforehand_how_it_climbs(operator: Any, db: Connection) -> None:
    tripped(db)
    page = seen(operator).replace("\xa0", " ")

    for share in ("1 %", "10 %", "100 %"):
        assert f'<strong class="number">{share}</strong>' in page
    assert re.search(r"for about \d+ acts without a sign of a fault ten times the bound", page)


@pytest.mark.usefixtures("house")
def test_it_goes_on_for_a_few_with_a_name_a_reason_and_what_was_wrong(
    operator: Any, db: Connection
) -> None:
    tripped(db)
    assert let_go_on(operator, db).status_code == 302
    page = seen(operator).replace("\xa0", " ")

    assert "Coming back: 1 % of its customers" in page
    assert "Camille let it go on" in page
    assert "the bound was wrong" in page
    assert WHY in page
    found = automations.find(db, AUTOMATION)
    assert found
    assert found.paused_at is None


def test_it_is_said_how_far_it_has_come_back(
    operator: Any, db: Connection, strayed: Written
) -> None:
    tripped(db)
    let_go_on(operator, db)
    db.execute("UPDATE trip SET resumed_at = %(at)s, climbed_at = %(at)s", {"at": NOW - 5 * DAY})
    strayed.watched(0.4)

    page = seen(operator)
    assert re.search(r"after \d+ acts that are two days old, .* so far there are 30\.", page)


@pytest.mark.usefixtures("house")
def test_a_new_version_is_offered_only_where_there_is_one(operator: Any, db: Connection) -> None:
    tripped(db)
    assert 'value="new_version" required disabled' in seen(operator)
    refused = let_go_on(operator, db, how="new_version")
    assert refused.status_code == 422
    assert 'id="how-error"' in refused.content.decode()

    a_new_version(db, now=NOW)
    assert 'value="new_version" required checked' in seen(operator)
    assert let_go_on(operator, db, how="new_version").status_code == 302


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "said",
    [{"because": ""}, {"because": "no"}, {"because": "x" * 2_001}, {"how": ""}, {"how": "<b>"}],
)
def test_without_a_reason_or_what_is_different_it_stays_stopped(
    operator: Any, db: Connection, said: dict[str, str]
) -> None:
    tripped(db)
    answer = let_go_on(operator, db, **said)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert open_trip(db)


@pytest.mark.usefixtures("house")
def test_of_two_who_let_it_go_on_the_second_is_told(
    operator: Any, signed_in: Any, db: Connection
) -> None:
    trip, second = tripped(db), signed_in(Role.OWNER, name="Omar")
    word = seen(second).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    let_go_on(operator, db)
    said = {"trip": trip.trip_id, "how": "bound_was_wrong", "because": WHY}
    answer = second.post(f"{PAGE}/resume", {"csrfmiddlewaretoken": word, **said})

    assert answer.status_code == 409
    assert "Camille has let it go on already" in answer.content.decode()


@pytest.mark.usefixtures("house")
def test_who_read_of_one_stop_does_not_resume_the_next(operator: Any, db: Connection) -> None:
    first = tripped(db, now=NOW - DAY)
    let_go_on(operator, db)
    tripped(db, now=NOW)
    answer = let_go_on(operator, db, trip=first.trip_id)

    assert answer.status_code == 409
    assert open_trip(db)


@pytest.mark.usefixtures("house")
def test_what_was_paused_by_hand_goes_on_for_everybody(operator: Any, db: Connection) -> None:
    for short in ("", "no", "   "):
        refused = send(operator, "pause", because=short)
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in refused.content.decode()
    assert send(operator, "pause", because="the shop is closed today").status_code == 302
    page = seen(operator)
    assert "Camille stopped it: the shop is closed today" in page
    assert "goes on for as many customers as before" in page

    assert send(operator, "resume", trip=open_trip(db)).status_code == 302
    page = seen(operator)
    assert "Coming back" not in page
    assert "Stopped by Camille" in page


@pytest.mark.usefixtures("house")
def test_an_automation_that_nobody_has_takes_no_form(operator: Any) -> None:
    for step in ("pause", "answer", "resume"):
        answer = post_as(operator, "/account", f"/automations/nobody/watch/{step}", because=WHY)
        assert answer.status_code == 404


@pytest.mark.usefixtures("house")
def test_each_of_it_is_written_down_and_nothing_that_was_typed(
    operator: Any, db: Connection
) -> None:
    trip = tripped(db)
    send(operator, "answer", trip=trip.trip_id, answer="I read the secret complaints")
    let_go_on(operator, db, because="a secret reason")
    rows = db.execute("SELECT what, outcome, details::text FROM audit WHERE what LIKE 'watch%'")
    ours = {what: (outcome, details) for what, outcome, details in rows.fetchall()}

    assert set(ours) == {"watch_answer", "watch_resume"}
    assert {outcome for outcome, _ in ours.values()} == {302}
    assert all(AUTOMATION in details and "secret" not in details for _, details in ours.values())


@pytest.mark.usefixtures("strayed")
def test_what_people_typed_is_only_text(operator: Any, db: Connection) -> None:
    evil = "<script>alert('wrong')</script>"
    trip = tripped(db)
    send(operator, "answer", trip=trip.trip_id, answer=evil)
    let_go_on(operator, db, because=evil)
    page = seen(operator)

    assert evil not in page
    assert page.count("&lt;script&gt;alert") >= 2


@pytest.mark.usefixtures("house")
def test_each_stop_of_the_past_is_told(operator: Any, db: Connection) -> None:
    for days in (30, 20):
        tripped(db, now=NOW - days * DAY)
        let_go_on(operator, db)
    page = seen(operator)

    assert page.count("Stopped by the meter") == 2
    assert "still stopped" not in page


# -- where it is marked ----------------------------------------------------------------------------


@pytest.mark.usefixtures("strayed")
@pytest.mark.parametrize("address", ["/automations", f"/automations/{AUTOMATION}", "/"])
def test_the_mark_leads_from_wherever_it_is_listed(operator: Any, address: str) -> None:
    page = seen(operator, address)

    assert f'class="mark-link" href="{PAGE}"' in page
    assert "out of bounds" in page


def test_a_mark_is_green_only_where_something_was_heard(operator: Any, written: Written) -> None:
    assert "nobody can tell" in seen(operator, "/automations")
    written.watched()
    written.watched(agreed=UNBOUND, signal=Signal.OVERRIDE)
    assert "within its bounds" in seen(operator, "/automations")
    written.watched(signal=Signal.STOP, deaf_since=NOW)
    assert "nobody can tell" in seen(operator, "/automations")


@pytest.mark.usefixtures("house")
def test_what_did_harm_is_let_go_on_only_from_its_watch(operator: Any, db: Connection) -> None:
    tripped(db)
    page = seen(operator, f"/automations/{AUTOMATION}")

    assert "Why it was stopped, and how it goes on" in page
    assert f"/automations/{AUTOMATION}/resume" not in page


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("address", ["/automations", f"/automations/{AUTOMATION}"])
def test_wherever_a_stop_is_listed_it_is_said_in_the_readers_words(
    operator: Any, db: Connection, address: str
) -> None:
    sentence = {"en": "Since 3 March: 12 of 800.", "fr": "Depuis le 3 mars : 12 sur 800."}
    given: dict[str, Any] = {"automation": AUTOMATION, "because": sentence["en"]}
    breaker.trip(
        db,
        Tripping(**given, cause=Cause.METER, evidence={"sentence": sentence}),
        breaker.alarm_of(the_settings()),
        NOW,
    )
    page = seen(operator, address, "fr")

    assert "par la jauge" in page
    assert sentence["fr"] in page
    assert sentence["en"] not in page
