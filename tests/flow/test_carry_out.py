"""Acts leave the outbox: each once, none after a stop, and what failed is in somebody's hands."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace
from standardwebhooks import Webhook

from terrain.core.act import ActKind, Lane
from terrain.core.calling import signing_key, spoken_key
from terrain.core.consent import Channel
from terrain.core.outbox import MOST_TRIES, ActState
from terrain.flow.carry_out import LEASE, LINES, hang_up
from terrain.store import acts, tasks, trays
from tests.flow.conftest import Sending, a_letter, a_shipment
from tests.outside import PostOffice, Receiving, answer
from tests.people import NOON


def test_lea_gets_her_letter(sending: Sending, post_office: PostOffice) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(letter)

    assert sending.send() == 1

    assert post_office.messages[0]["Subject"] == "Hello Léa"
    assert post_office.recipients == ["lea@example.org"]
    assert sending.standing(letter).state is ActState.LEFT


def test_nothing_leaves_twice(sending: Sending, post_office: PostOffice) -> None:
    sending.queue(a_letter(sending.customer("lea")))

    sending.send_all()
    sending.send_all()

    assert len(post_office.mail) == 1


def test_her_letter_is_in_her_language(sending: Sending, post_office: PostOffice) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(replace(letter, content=letter.content | {"language": "fr"}))

    sending.send()

    assert post_office.messages[0]["Subject"] == "Bonjour Léa"


def test_every_letter_bears_its_own_name(sending: Sending, post_office: PostOffice) -> None:
    key = sending.customer("lea")
    sending.queue(*(a_letter(key, run_id=run) for run in range(1, 31)))

    sending.send_all()

    assert len({message["Message-ID"] for message in post_office.messages}) == 30


def test_a_reminder_can_be_left_with_one_click_and_a_code_cannot(
    sending: Sending, post_office: PostOffice
) -> None:
    lea, omar = sending.customer("lea"), sending.customer("omar")
    sending.queue(a_letter(lea), a_letter(omar, solicited=True))

    sending.send_all()

    clicks = {message["To"]: message["List-Unsubscribe-Post"] for message in post_office.messages}
    assert clicks == {"lea@example.org": "List-Unsubscribe=One-Click", "omar@example.org": None}


def test_the_warehouse_is_told_whose_parcel_and_that_it_was_us(
    sending: Sending, receiving: Receiving
) -> None:
    act = a_shipment(sending.customer("lea"))
    sending.queue(act)

    sending.send()

    heard = receiving.heard[0]
    key = spoken_key(signing_key(sending.house.secret, receiving.url))
    signed = Webhook(key).sign(f"act_{act.act_id}", NOON, heard.body.decode())
    assert heard.headers["webhook-signature"] == signed
    said = msgspec.json.decode(heard.body)
    assert said["type"] == "again"
    assert said["data"]["order"] == "A-1"
    assert said["data"]["customer"] == {"email": "lea@example.org"}
    assert heard.headers["idempotency-key"] == f"act_{act.act_id}"


def test_a_question_is_put_in_her_words_with_what_silence_means(
    sending: Sending, post_office: PostOffice
) -> None:
    content = {
        "template": "question",
        "language": "fr",
        "values": {"deadline": NOON + timedelta(hours=6)},
        "question": {"fr": "On le fait ?", "en": "Shall we?"},
        "no_answer": "no",
    }
    sending.queue(a_letter(sending.customer("lea"), kind=ActKind.ASK, content=content))

    sending.send()

    text = next(iter(post_office.messages[0].iter_parts())).get_content()
    assert "On le fait ?" in text
    assert "Sans réponse avant le 22 novembre 2026, 19:00, nous comprendrons : non." in text


def test_a_shadow_is_only_written_down(
    sending: Sending, post_office: PostOffice, receiving: Receiving
) -> None:
    act = a_letter(sending.customer("lea"), channel=Channel.SHADOW)
    sending.queue(act)

    sending.send()

    assert sending.standing(act).state is ActState.LEFT
    assert not post_office.mail
    assert not receiving.heard


def test_an_sms_goes_to_the_gateway_with_its_words(sending: Sending, receiving: Receiving) -> None:
    sending.queue(a_letter(sending.customer("lea"), channel=Channel.SMS))

    sending.send()

    said = msgspec.json.decode(receiving.heard[0].body)["data"]
    assert said["to"] == "lea@example.org"
    assert said["text"].startswith("Hello Léa, read on")


# -- stop means stop ------------------------------------------------------------------------------


def pause(sending: Sending, name: str = "welcome") -> None:
    with sending.record.local() as db:
        db.execute(
            "INSERT INTO automation (name, live_version, changed_at, paused_at) VALUES (%s, 1, %s, %s)",
            [name, NOON, NOON],
        )


def test_stopped_after_49_of_300_letters_means_49(
    sending: Sending, post_office: PostOffice
) -> None:
    key = sending.customer("lea")
    sending.queue(*(a_letter(key, run_id=run) for run in range(1, 301)))
    post_office.on_mail = lambda count: pause(sending) if count == 49 else None

    sending.send_all()

    assert len(post_office.mail) == 49


def test_with_three_senders_at_most_one_each_was_on_its_way(
    sending: Sending, post_office: PostOffice
) -> None:
    keys = [sending.customer(f"customer{number}") for number in range(60)]
    sending.queue(*(a_letter(key, run_id=run) for key in keys for run in range(5)))
    post_office.on_mail = lambda count: pause(sending) if count == 49 else None

    senders = [threading.Thread(target=send_and_hang_up, args=[sending]) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert 49 <= len(post_office.mail) <= 51


def send_and_hang_up(sending: Sending) -> None:
    sending.send_all()
    hang_up()


def test_stopped_after_48_webhooks_no_more_than_the_open_lines_follow(
    sending: Sending, receiving: Receiving
) -> None:
    key = sending.customer("lea")
    sending.queue(*(a_shipment(key, run_id=run) for run in range(1, 301)))
    receiving.on_request = lambda count: pause(sending) if count == 49 else None

    sending.send_all()

    assert 49 <= len(receiving.heard) <= 49 + LINES


def test_what_omar_stopped_does_not_leave_while_lea_s_does(
    sending: Sending, post_office: PostOffice
) -> None:
    lea, omar = sending.customer("lea"), sending.customer("omar")
    sending.queue(a_letter(lea), a_letter(omar))
    with sending.record.local() as db:
        acts.stop_queued(db, [omar], "welcome", "stopped", NOON)

    sending.send_all()

    assert post_office.recipients == ["lea@example.org"]


def test_a_paused_automation_waits_and_goes_on_when_resumed(
    sending: Sending, post_office: PostOffice
) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(letter)
    house = sending.house
    sending.house = replace(house, paused=frozenset({"welcome"}))
    sending.send()

    assert sending.standing(letter).because == "paused"
    sending.house = house
    assert sending.send(seconds=120) == 1
    assert len(post_office.mail) == 1


def test_what_comes_too_late_is_dropped_with_its_reason(
    sending: Sending, post_office: PostOffice
) -> None:
    letter = a_letter(sending.customer("lea"), expires_at=NOON)
    sending.queue(letter)

    sending.send()

    standing = sending.standing(letter)
    assert (standing.state, standing.because) == (ActState.STOPPED, "came_too_late")
    assert not post_office.mail


def test_quiet_hours_hold_a_letter_until_the_morning(
    sending: Sending, post_office: PostOffice
) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(letter)

    sending.send(seconds=12 * 3600)  # one in the morning in Paris

    standing = sending.standing(letter)
    assert (standing.state, standing.because) == (ActState.QUEUED, "usual_hours")
    assert standing.act.due_at > NOON + timedelta(hours=12)
    assert not post_office.mail


def test_what_is_urgent_goes_before_a_newsletter(sending: Sending, post_office: PostOffice) -> None:
    lea, omar = sending.customer("lea"), sending.customer("omar")
    sending.queue(a_letter(lea, lane=Lane.BULK), a_letter(omar, lane=Lane.URGENT))

    sending.send()

    assert post_office.recipients == ["omar@example.org"]


# -- when it goes wrong ---------------------------------------------------------------------------


def test_a_busy_server_is_tried_again_later(sending: Sending, post_office: PostOffice) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(letter)
    post_office.answers_to_rcpt = ["450 4.2.0 later"]

    sending.send()

    assert sending.standing(letter).state is ActState.QUEUED
    assert sending.send(seconds=60) == 0
    assert sending.send(seconds=600) == 1
    assert len(post_office.mail) == 1


def test_a_letter_that_may_have_left_goes_again_under_its_own_name(
    sending: Sending, post_office: PostOffice
) -> None:
    sending.queue(a_letter(sending.customer("lea")))
    post_office.answers_to_data = ["hang up"]

    sending.send()
    sending.send(seconds=60)

    names = [message["Message-ID"] for message in post_office.messages]
    assert len(names) == 2
    assert len(set(names)) == 1


def test_a_receiver_that_counts_a_key_once_is_asked_again(
    sending: Sending, receiving: Receiving
) -> None:
    act = a_shipment(sending.customer("lea"), "again")
    sending.queue(act)
    receiving.answers = [b""]

    sending.send()
    sending.send(seconds=60)

    assert sending.standing(act).state is ActState.LEFT
    assert len({heard.headers["idempotency-key"] for heard in receiving.heard}) == 1
    assert receiving.heard[0].body == receiving.heard[1].body


def test_a_parcel_that_may_have_been_moved_goes_to_a_person(
    sending: Sending, receiving: Receiving
) -> None:
    act = a_shipment(sending.customer("lea"), "ship")
    sending.queue(act)
    receiving.answers = [b""]

    sending.send()
    sending.send(seconds=86_400)

    assert len(receiving.heard) == 1
    assert sending.standing(act).state is ActState.UNKNOWN
    with sending.record.local() as db:
        task = tasks.open_ones(db)[0]
        assert (task.kind, task.act_id) == ("unknown_outcome", act.act_id)
        assert task.file["may_have_happened"] is True
        assert trays.count(db) == {"act": 1}


def test_a_receiver_that_certainly_did_not_get_it_is_asked_again(
    sending: Sending, receiving: Receiving
) -> None:
    act = a_shipment(sending.customer("lea"), "ship")
    sending.queue(act)
    receiving.answers = [answer(429)]

    sending.send()
    sending.send(seconds=60)

    assert sending.standing(act).state is ActState.LEFT


def test_after_the_last_try_it_lies_in_the_tray_and_somebody_is_told(
    sending: Sending, receiving: Receiving
) -> None:
    act = a_shipment(sending.customer("lea"), "ship")
    sending.queue(act)
    receiving.answers = [answer(503)] * MOST_TRIES

    for day in range(MOST_TRIES):
        sending.send(seconds=day * 86_400)

    assert sending.standing(act).state is ActState.FAILED
    with sending.record.local() as db:
        assert [task.kind for task in tasks.open_ones(db)] == ["repeated_failure"]
        assert trays.waiting(db)[0].reason["value"] == "receiver_is_busy"


def test_an_unknown_address_is_an_event_about_her(
    sending: Sending, post_office: PostOffice
) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(letter)
    post_office.answers_to_rcpt = ["550 5.1.1 unknown"]

    sending.send()

    assert sending.standing(letter).because == "address_refused"
    with sending.record.local() as db:
        assert db.execute("SELECT name, source FROM event").fetchall() == [
            ("message.bounced", "mail")
        ]
        assert tasks.open_ones(db) == []


def test_a_gap_in_the_words_costs_this_letter_and_no_other(
    sending: Sending, post_office: PostOffice
) -> None:
    lea, omar = sending.customer("lea"), sending.customer("omar")
    nameless = a_letter(lea, content={"template": "hello", "values": {}})
    sending.queue(nameless, a_letter(omar))

    sending.send_all()

    assert post_office.recipients == ["omar@example.org"]
    standing = sending.standing(nameless)
    assert (standing.state, standing.because) == (ActState.FAILED, "message_gap")
    with sending.record.local() as db:
        reason = trays.waiting(db)[0].reason
        assert "name, messages/hello.fr.md:1" in reason["message"]["en"]


@pytest.mark.parametrize("broken", [{"values": 5}, {"values": {"name": "Léa"}, "template": "../x"}])
def test_odd_content_costs_no_other_act(
    sending: Sending, post_office: PostOffice, broken: dict[str, object]
) -> None:
    sending.queue(
        a_letter(sending.customer("lea"), content={"template": "hello", **broken}),
        a_letter(sending.customer("omar")),
    )

    sending.send_all()

    assert post_office.recipients == ["omar@example.org"]


def test_an_action_without_an_address_lies_in_the_tray(sending: Sending) -> None:
    act = a_shipment(sending.customer("lea"), "fly")
    sending.queue(act)

    sending.send()

    assert sending.standing(act).because == "no_way_out"


# -- found leaving after a crash ------------------------------------------------------------------


def leaving(sending: Sending, some: Sequence[object]) -> None:
    with sending.record.local() as db:
        acts.mark_leaving(db, some, NOON, NOON + LEASE)  # type: ignore[arg-type]


def test_what_a_crash_left_open_goes_again_only_when_its_lease_ran_out(
    sending: Sending, post_office: PostOffice
) -> None:
    letter = a_letter(sending.customer("lea"))
    sending.queue(letter)
    leaving(sending, [letter])

    assert sending.send(seconds=60) == 0
    assert sending.send(seconds=121) == 1
    assert len(post_office.mail) == 1


def test_a_parcel_found_leaving_goes_to_a_person(sending: Sending, receiving: Receiving) -> None:
    act = a_shipment(sending.customer("lea"), "ship")
    sending.queue(act)
    leaving(sending, [act])

    sending.send(seconds=121)

    standing = sending.standing(act)
    assert (standing.state, standing.because) == (ActState.UNKNOWN, "crashed_while_leaving")
    assert not receiving.heard


# -- how fast -------------------------------------------------------------------------------------


def test_a_mail_domain_gets_no_more_than_its_pace(
    sending: Sending, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAIN_MAIL_PER_MINUTE", "60")
    key = sending.customer("lea")
    sending.queue(*(a_letter(key, run_id=run) for run in range(40)))

    sending.send()
    at_once = len(post_office.mail)
    sending.send(seconds=30)

    assert 1 <= at_once <= 14
    assert len(post_office.mail) <= 44


def test_what_is_urgent_does_not_wait_for_the_pace(
    sending: Sending, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAIN_MAIL_PER_MINUTE", "1")
    key = sending.customer("lea")
    sending.queue(*(a_letter(key, run_id=run, lane=Lane.URGENT) for run in range(5)))

    sending.send()

    assert len(post_office.mail) == 5
