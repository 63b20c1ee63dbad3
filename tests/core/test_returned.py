"""What comes back by mail is understood for what it is, and believed only under our own names."""

from email.message import EmailMessage

import pytest

from terrain.core.identifier import key_of
from terrain.core.message import message_id_of
from terrain.core.returned import ReturnedKind, read

SECRET = "a secret that only the tests know"
LEA = key_of(3_503_345_872_043_008)
OURS = message_id_of(SECRET, LEA, 77, "shop.example")
LETTER = f"From: shop@shop.example\r\nTo: lea@example.org\r\nMessage-ID: {OURS}\r\n\r\nHello"


def a_report(kind: str, fields: str, letter: str = LETTER) -> bytes:
    part = "feedback-report" if kind == "feedback-report" else "delivery-status"
    return (
        f"From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="x"\r\n\r\n'
        f"--x\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n"
        f"--x\r\nContent-Type: message/{part}\r\n\r\n{fields}\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\n{letter}\r\n--x--\r\n"
    ).encode()


def a_bounce(action: str = "failed", status: str = "5.1.1", letter: str = LETTER) -> bytes:
    fields = (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; lea@example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <lea@example.org> unknown\r\n"
    )
    return a_report("delivery-status", fields, letter)


def a_reply(text: str = "Merci !", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Léa <lea@example.org>"
    mail["In-Reply-To"] = OURS
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def test_a_bounce_for_good_names_the_act_and_the_address() -> None:
    mail = read(a_bounce(), SECRET)

    assert (mail.kind, mail.act, mail.permanent) == (ReturnedKind.BOUNCE, (LEA, 77), True)
    assert mail.recipient == "lea@example.org"
    assert "lea@" not in mail.reason


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.2.0"), ("failed", "4.4.7")])
def test_what_is_only_late_may_still_arrive(action: str, status: str) -> None:
    assert read(a_bounce(action, status), SECRET).permanent is False


def test_word_of_a_delivery_is_no_bounce() -> None:
    assert read(a_bounce("delivered", "2.0.0"), SECRET).kind is ReturnedKind.AUTOMATIC


def test_a_forged_bounce_is_about_no_act_of_ours() -> None:
    forged = LETTER.replace(".4d.", ".4e.")

    assert read(a_bounce(letter=forged), SECRET).act is None


def test_a_complaint_names_the_act() -> None:
    fields = "Feedback-Type: abuse\r\nVersion: 1\r\nOriginal-Rcpt-To: lea@example.org\r\n"

    mail = read(a_report("feedback-report", fields), SECRET)

    assert (mail.kind, mail.act) == (ReturnedKind.COMPLAINT, (LEA, 77))


def test_a_reply_is_tied_to_what_it_answers() -> None:
    mail = read(a_reply("Merci, c’est gentil"), SECRET)

    assert (mail.kind, mail.act) == (ReturnedKind.REPLY, (LEA, 77))
    assert mail.text.strip() == "Merci, c’est gentil"


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}]
)
def test_who_is_on_holiday_did_not_write(headers: dict[str, str]) -> None:
    assert read(a_reply(**headers), SECRET).kind is ReturnedKind.AUTOMATIC


def test_the_same_mail_read_twice_has_one_name() -> None:
    assert read(a_reply(), SECRET).name == read(a_reply(), SECRET).name


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00" * 100,
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 50,
        b"Subject: =?utf-8?b?////?=\r\nIn-Reply-To: " + b"<" * 5_000,
        a_bounce().replace(b"rfc822;", b"\x00\xff;"),
    ],
)
def test_whatever_is_wrong_with_a_mail_reading_it_does_not_fail(raw: bytes) -> None:
    assert read(raw, SECRET).kind in ReturnedKind
