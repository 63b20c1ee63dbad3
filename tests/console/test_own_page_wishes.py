"""How and when Léa is reached, what she stops and takes back: all on her own page, all undone there."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.consent import Channel, Purpose, standing
from terrain.core.fact import FactKey
from terrain.core.link import LinkKind
from terrain.core.wishes import last, wishes
from terrain.flow.stop import Stop, stop_at_once
from terrain.store import suppressions
from tests.reminded import ACT, SECRET, Reminded

EMAIL = "lea@example.org"


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def says(lea: Reminded, post: Any, what: str, **form: str) -> Any:
    return post(lea.page, f"{lea.page}/{what}", **form)


def agreed(lea: Reminded, *channels: str) -> None:
    """Let her have agreed once to be written to."""
    for channel in channels or ("email",):
        lea.hear("consent.given", source="shop", purpose="prospecting", channel=channel)
    lea.work()


def the_box(page: str) -> dict[str, str]:
    """Return what the form sends when the box beside the words about e-mail is ticked."""
    version = page.split('name="wording.email" value="')[1].split('"', maxsplit=1)[0]
    language = page.split('name="language" value="')[1].split('"', maxsplit=1)[0]
    return {"agree.email": "yes", "wording.email": version, "language": language}


# -- how


def test_she_is_asked_only_about_the_ways_that_are_known(lea: Reminded, reader: Any) -> None:
    page = reader.get(lea.page).content.decode()
    assert 'name="email"' in page
    assert 'name="sms"' not in page

    lea.hear("customer.identified", phone="+33612345678")
    lea.work()
    assert 'name="sms"' in reader.get(lea.page).content.decode()


def test_she_chooses_a_way_and_it_is_shown_with_since_when(
    lea: Reminded, reader: Any, post: Any
) -> None:
    done = says(lea, post, "reach", email="service")

    assert lea.said() == [("channel.chosen", {"channel": "email", "wish": "service"})]
    page = reader.get(done.headers["Location"]).content.decode()
    assert "only my orders and my questions" in page
    assert "You chose this on" in page
    email = next(one for one in wishes(lea.work()).channels if one.channel is Channel.EMAIL)
    assert email.wish == "service"


def test_what_she_does_not_change_is_not_said_again(lea: Reminded, post: Any) -> None:
    says(lea, post, "reach", email="any")

    assert lea.said() == []


def test_two_choices_in_one_form_are_two_events_and_once(lea: Reminded, post: Any) -> None:
    lea.hear("customer.identified", phone="+33612345678")
    lea.work()
    for _ in range(2):
        says(lea, post, "reach", email="service", sms="none", once="one form")

    assert [said["channel"] for _, said in lea.said()] == ["email", "sms"]


@pytest.mark.parametrize("wish", ["perhaps", "", "ANY", "all"])
def test_what_is_no_choice_is_refused_whole(lea: Reminded, post: Any, wish: str) -> None:
    done = says(lea, post, "reach", email="none", sms=wish)

    assert done.status_code == 422
    assert lea.said() == []


# -- when


def test_she_asks_for_quiet_hours_and_days_and_takes_them_back(
    lea: Reminded, reader: Any, post: Any
) -> None:
    hours = {"from": "20:00", "until": "09:00"}
    done = says(lea, post, "quiet", **hours, **{"day.sun": "yes"})
    page = reader.get(done.headers["Location"]).content.decode()
    assert "every day from 20:00 until 09:00" in page
    assert "You asked for peace on: Sunday" in page
    assert lea.said() == [("quiet_hours.set", hours | {"days": ["sun"]})]
    kept = last(lea.work(), FactKey("wish.quiet_hours"))
    assert kept
    assert kept.value == hours | {"days": ["sun"]}

    says(lea, post, "unquiet")
    assert wishes(lea.work()).quiet is None
    assert "every day from 20:00" not in reader.get(lea.page).content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"from": "20:00"},
        {"until": "20:00"},
        {"from": "20:00", "until": "20:00"},
        {"from": "24:00", "until": "08:00"},
        {"from": "8", "until": "09:00"},
        {"from": "٢٠:٠٠", "until": "09:00"},
        {"from": "20:00:00", "until": "09:00"},
        {f"day.{day}": "yes" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        {"day.someday": "yes"},
    ],
)
def test_hours_that_cannot_be_kept_are_refused(
    lea: Reminded, post: Any, form: dict[str, str]
) -> None:
    assert says(lea, post, "quiet", **form).status_code == 422
    assert lea.said() == []


def test_a_week_of_peace_is_led_to_the_stop(lea: Reminded, post: Any) -> None:
    week = {f"day.{day}": "yes" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}

    assert b"Peace all the week is a stop" in says(lea, post, "quiet", **week).content
    assert b"at least one day" in says(lea, post, "quiet").content


# -- stops


def test_one_stop_leaves_her_other_consents(lea: Reminded, post: Any) -> None:
    agreed(lea)
    says(lea, post, "stop", automation="filter-reminder")

    assert [name for name, _ in lea.said()] == ["automation.stopped"]
    given = standing(lea.work().consents, Purpose.PROSPECTING, Channel.EMAIL)
    assert given
    assert given.given
    assert lea.state_of_act() == "stopped"


@pytest.mark.parametrize("name", ["prospecting", "all"])
def test_a_wide_stop_withdraws_suppresses_and_stops_what_waits_at_once(
    lea: Reminded, post: Any, name: str
) -> None:
    agreed(lea)
    says(lea, post, "stop", automation=name)

    # No worker came by yet.
    assert lea.state_of_act() == "stopped"
    assert "email:prospecting" in suppressions.scopes(lea.db, SECRET, [EMAIL])[EMAIL]
    assert [name for name, _ in lea.said()] == ["automation.stopped", "consent.withdrawn"]
    for channel in (Channel.EMAIL, Channel.SMS, Channel.CALL, Channel.POST):
        given = standing(lea.work().consents, Purpose.PROSPECTING, channel)
        assert given
        assert not given.given


def test_a_stop_is_shown_with_since_when_and_taken_back(
    lea: Reminded, reader: Any, post: Any
) -> None:
    says(lea, post, "stop", automation="filter-reminder")
    assert "Take this back" in reader.get(lea.page).content.decode()

    done = says(lea, post, "resume", automation="filter-reminder")

    assert (
        "What starts from now on reaches you again"
        in reader.get(done.headers["Location"]).content.decode()
    )
    assert wishes(lea.work()).stops == ()


def test_what_was_not_stopped_cannot_be_taken_back(lea: Reminded, post: Any) -> None:
    assert says(lea, post, "resume", automation="all").status_code == 409
    assert lea.said() == []


def test_reminders_come_again_only_by_a_tick_beside_exact_words(
    lea: Reminded, reader: Any, post: Any
) -> None:
    agreed(lea)
    says(lea, post, "stop", automation="prospecting")
    page = reader.get(lea.page).content.decode()
    assert "may send me reminders and offers by e-mail, to lea@example.org" in page
    assert 'name="agree.email" value="yes" checked' not in page

    says(lea, post, "resume", automation="prospecting", **the_box(page))

    given = standing(lea.work().consents, Purpose.PROSPECTING, Channel.EMAIL)
    assert given
    assert given.given
    assert given.missing_proof() == ()
    assert given.identifier == EMAIL
    assert "I can stop this at any time." in given.wording
    assert lea.work().suppressed == frozenset()


def test_the_proof_is_in_the_language_she_read(lea: Reminded, reader: Any, post: Any) -> None:
    agreed(lea)
    says(lea, post, "stop", automation="all")
    page = reader.get(f"{lea.page}?language=fr").content.decode()

    says(lea, post, "resume", automation="all", **the_box(page))

    given = standing(lea.work().consents, Purpose.PROSPECTING, Channel.EMAIL)
    assert given
    assert given.language == "fr"
    assert given.wording.startswith("Oui, ")


def test_words_she_did_not_read_are_not_agreed_to(lea: Reminded, reader: Any, post: Any) -> None:
    agreed(lea)
    says(lea, post, "stop", automation="prospecting")
    box = the_box(reader.get(lea.page).content.decode())

    for wrong in (
        box | {"wording.email": "0" * 16},
        box | {"language": "fr"},
        {"agree.email": "yes"},
        {"agree.sms": "yes", "wording.sms": box["wording.email"]},
    ):
        assert says(lea, post, "resume", automation="prospecting", **wrong).status_code == 409
    assert "consent.given" not in [name for name, _ in lea.said()]


def test_a_stop_is_no_occasion_to_ask_for_more(lea: Reminded, reader: Any, post: Any) -> None:
    lea.hear("customer.identified", phone="+33612345678")
    agreed(lea, "email")
    says(lea, post, "stop", automation="all")

    page = reader.get(lea.page).content.decode()

    assert 'name="agree.email"' in page
    assert 'name="agree.sms"' not in page
    assert 'name="agree.call"' not in page


def test_a_click_that_stops_again_after_it_was_taken_back_is_not_lost(
    lea: Reminded, reader: Any, post: Any
) -> None:
    click = f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}"
    for _ in range(2):
        reader.post(click, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert [name for name, _ in lea.said()] == ["automation.stopped", "consent.withdrawn"]
    says(lea, post, "resume", automation="filter-reminder")

    reader.post(click, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")

    assert wishes(lea.work()).stopped == ("filter-reminder",)


def test_one_click_on_everything_is_a_no_to_every_channel(lea: Reminded) -> None:
    with lea.db.transaction():
        stop = Stop(key=lea.key, act_id=ACT, everything=True)
        assert stop_at_once(lea.db, stop, SECRET, lea.now + timedelta(seconds=1))

    consents = lea.work().consents
    assert {row.channel for row in consents} == set(Channel) - {Channel.WEBHOOK, Channel.SHADOW}
    assert not any(row.given for row in consents)


def test_what_never_touched_her_cannot_be_stopped(lea: Reminded, post: Any) -> None:
    for name in ("", "safety-recall", "filter-reminder ", "../x"):
        assert says(lea, post, "stop", automation=name).status_code == 409


def test_a_recall_that_she_stopped_says_what_it_is_for(lea: Reminded, reader: Any) -> None:
    lea.hear("automation.stopped", automation="recall-1afaa42919020ffb")
    lea.work()

    page = reader.get(lea.page).content.decode()
    assert "Make good what we did wrong." in page
    assert "recall 1afaa" not in page


def test_what_she_stopped_is_not_shown_as_planned(db: Connection, reader: Any, post: Any) -> None:
    lea = Reminded(db).buys_a_filter()
    assert "Choose another date" in reader.get(lea.page).content.decode()

    says(lea, post, "stop", automation="prospecting")

    assert "Nothing is planned for you" in reader.get(lea.page).content.decode()


def test_the_page_behind_the_click_shows_before_it_stops(lea: Reminded, reader: Any) -> None:
    address = f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}"

    assert "Nothing has been changed yet" in reader.get(address).content.decode()
    assert lea.said() == []


# -- once for all


def answered(lea: Reminded, word: str) -> None:
    lea.hear("question.answered", source="customer-page", fact="wants_sooner", answer=word)
    lea.work()


@pytest.mark.parametrize("word", ["always", "never"])
def test_what_she_answered_once_for_all_stands_on_both_pages(
    lea: Reminded, reader: Any, operator: Any, word: str
) -> None:
    lea.buys_a_filter()
    answered(lea, word)

    for page in (reader.get(lea.page), operator.get(f"/customers/{lea.key.customer_id}")):
        assert "Wants it sooner: <strong>" in page.content.decode()
        assert word in page.content.decode()


def test_she_takes_it_back_and_is_asked_each_time(lea: Reminded, post: Any, reader: Any) -> None:
    lea.buys_a_filter()
    answered(lea, "never")
    done = says(lea, post, "ask_again", word="never", fact="wants_sooner")

    assert done.status_code == 302
    assert wishes(lea.work()).never == ()
    assert "once for all" not in reader.get(lea.page).content.decode()


@pytest.mark.parametrize(
    ("word", "fact"), [("always", "wants_sooner"), ("never", "pet"), ("", ""), ("stop", "all")]
)
def test_what_she_never_answered_for_good_cannot_be_taken_back(
    lea: Reminded, post: Any, word: str, fact: str
) -> None:
    answered(lea, "never")

    assert says(lea, post, "ask_again", word=word, fact=fact).status_code in (404, 409, 410, 422)
    assert "fact.corrected" not in [name for name, _ in lea.said()]
