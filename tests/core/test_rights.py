"""What the law lets Léa ask, and what stops while she is left alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from terrain.core import rights
from terrain.core.act import ActKind, Benefit
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Verdict
from terrain.core.fact import FactKey
from terrain.core.guard import weigh
from terrain.core.identifier import Identifier, Kind, key_of
from terrain.core.mention import marks_of
from terrain.core.rights import Right
from terrain.core.task import TaskKind
from tests.journeys import START, Life, examples, written
from tests.people import NOON, YEAR, a_claim, a_customer, a_house, an_event
from tests.proposals import NOTICE, REMINDER, but

PARIS = ZoneInfo("Europe/Paris")
FILTER = "filter-reminder"
HELLO = """
starts: {when: order.placed}
steps:
  - send: welcome
    by: email
    reach: inbox
    assumes: []
"""


def frozen(value: bool = True, about: str = "", ago: timedelta = timedelta()) -> object:  # noqa: FBT001, FBT002
    return a_claim(value, fact=FactKey("wish.freeze", about), ago=ago)


# -- who is left alone


def test_nobody_is_left_alone_unasked() -> None:
    assert not rights.is_frozen(a_customer())
    assert rights.frozen_since(a_customer()) is None


@pytest.mark.parametrize("about", ["", "erasure"])
def test_who_asked_for_it_or_will_be_erased_is_left_alone(about: str) -> None:
    assert rights.is_frozen(a_customer(frozen(about=about)))  # type: ignore[arg-type]


def test_taking_back_an_erasure_does_not_take_back_a_wish_of_her_own() -> None:
    customer = a_customer(
        frozen(),  # type: ignore[arg-type]
        frozen(about="erasure", ago=timedelta(days=2)),  # type: ignore[arg-type]
        frozen(value=False, about="erasure", ago=timedelta(days=1)),  # type: ignore[arg-type]
    )

    assert rights.is_frozen(customer)
    assert rights.is_frozen_by_wish(customer)


def test_the_last_word_counts() -> None:
    customer = a_customer(
        frozen(ago=timedelta(days=2)),  # type: ignore[arg-type]
        frozen(value=False, ago=timedelta(days=1)),  # type: ignore[arg-type]
    )

    assert not rights.is_frozen(customer)


# -- what may still be done


@pytest.mark.parametrize(
    ("purpose", "solicited", "may"),
    [
        (Purpose.LEGAL_OBLIGATION, False, True),
        (Purpose.SAFETY, False, True),
        (Purpose.SERVICE, True, True),
        (Purpose.SERVICE, False, False),
        (Purpose.PROSPECTING, False, False),
        (Purpose.PROSPECTING, True, False),
    ],
)
def test_only_law_safety_and_what_she_asked_for_herself_go_on(
    purpose: Purpose,
    solicited: bool,  # noqa: FBT001 - a table
    may: bool,  # noqa: FBT001 - a table
) -> None:
    proposal = but(NOTICE, purpose=purpose, solicited=solicited, benefit=Benefit.VITAL)

    assert rights.may_still_be_done(proposal) is may


def test_a_reminder_to_who_is_left_alone_is_held() -> None:
    decision = weigh(REMINDER, a_customer(frozen()), a_house(), NOON)  # type: ignore[arg-type]

    assert (decision.verdict, decision.because) == (Verdict.HOLD, "frozen")


def test_a_machine_that_asks_is_told_so_too() -> None:
    refund = but(NOTICE, act=ActKind.DO, channel=Channel.WEBHOOK)
    decision = weigh(refund, a_customer(frozen()), a_house(), NOON)  # type: ignore[arg-type]

    assert decision.because == "frozen"


# -- runs stay where they are


def test_while_she_is_left_alone_her_reminders_stay_where_they_are() -> None:
    life = Life(examples()[FILTER])
    life.hear("order.delivered", items=[{"sku": "filter-a", "quantity": 1}], order="o")
    life.hear("processing.frozen", "page")
    life.days(300)

    assert life.sent == []
    assert [run.because for run in life.live] == ["frozen"]


def test_when_she_lets_it_go_on_what_fell_due_is_taken_up() -> None:
    life = Life(examples()[FILTER])
    life.hear("order.delivered", items=[{"sku": "filter-a", "quantity": 1}], order="o")
    life.days(170).hear("processing.frozen", "page")
    life.days(20)
    before = life.sent
    life.hear("processing.resumed", "page").days(1)

    assert before == []
    assert life.sent == [FILTER]


def test_nothing_starts_while_she_is_left_alone() -> None:
    life = Life(written(HELLO))
    life.hear("processing.frozen", "page").hear("order.placed", order="o")

    assert life.live == []
    assert life.sent == []


def test_what_came_meanwhile_starts_nothing_that_would_act_at_once() -> None:
    life = Life(written(HELLO))
    life.hear("processing.frozen", "page")
    came = life.now
    life.days(30).hear("processing.resumed", "page")
    event = an_event("order.placed", came, message_id="late")

    assert rights.went_on_after(life.customer, event)
    assert not rights.went_on_after(life.customer, an_event("order.placed", life.now))


def test_who_wants_a_person_gets_one_all_the_same() -> None:
    life = Life(written(HELLO))
    life.hear("processing.frozen", "page").hear("person.wanted", "page", text="please")

    assert [task.kind for task in life.tasks] == [TaskKind.A_PERSON_PLEASE]


# -- what people ask by mail or by phone


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 12, 22, 12, tzinfo=UTC)),
        (datetime(2027, 1, 31, 9, tzinfo=UTC), datetime(2027, 2, 28, 9, tzinfo=UTC)),
        (datetime(2027, 3, 10, 9, tzinfo=UTC), datetime(2027, 4, 10, 8, tzinfo=UTC)),
    ],
)
def test_a_request_is_answered_within_one_calendar_month(asked: datetime, due: datetime) -> None:
    assert rights.answer_by(asked, PARIS) == due


@pytest.mark.parametrize("right", list(Right))
def test_every_right_opens_a_task_that_says_which(right: Right) -> None:
    life = Life(written(HELLO))
    life.hear("right.asked", "desk", right=right.value, text="by phone")

    (task,) = life.tasks
    assert (task.kind, task.title) == (TaskKind.RIGHT, f"right_{right.value}")
    assert task.due_at == rights.answer_by(START, PARIS)


@pytest.mark.parametrize("said", ["", "my data!!", None, 17])
def test_what_cannot_be_read_is_the_question_what_there_is(said: object) -> None:
    event = an_event("right.asked", properties={"right": said})

    assert rights.right_in(event) is Right.ACCESS


@pytest.mark.parametrize("right", [Right.ERASE, Right.RESTRICT, Right.OBJECT])
def test_who_objects_or_wants_to_be_erased_is_left_alone_at_once(right: Right) -> None:
    life = Life(written(HELLO)).hear("right.asked", "desk", right=right.value)

    assert rights.is_frozen(life.customer)


@pytest.mark.parametrize("right", [Right.ACCESS, Right.RECTIFY, Right.PORTABILITY, Right.HUMAN])
def test_who_only_asks_is_served_as_ever(right: Right) -> None:
    life = Life(written(HELLO)).hear("right.asked", "desk", right=right.value)

    assert not rights.is_frozen(life.customer)


# -- whom a text names


def speaks(held: bytes, kind: Kind, value: str) -> bool:
    return marks_of([Identifier(kind, value)]).stand_in(held)


@pytest.mark.parametrize(
    "held",
    [
        b'{"email": "lea@example.org"}',
        b"To: LEA@Example.org\n",
        b'{"to":"l\\u0065a@example.org"}',
        b"<lea@example.org>, others",
        b"{}\nContent-Transfer-Encoding: base64\n\nbGVhQGV4YW1wbGUub3Jn\n",
        b"{}\nContent-Transfer-Encoding: quoted-printable\n\nlea=40example.org\n",
    ],
)
def test_an_address_is_found_however_it_is_written(held: bytes) -> None:
    assert speaks(held, Kind.EMAIL, "lea@example.org")


@pytest.mark.parametrize(
    "held", [b"azalea@example.org", b"lea@example.org.uk", b"lea-2@example.org", b"\xff\xfe"]
)
def test_an_address_that_only_looks_alike_is_not_hers(held: bytes) -> None:
    assert not speaks(held, Kind.EMAIL, "lea@example.org")


@pytest.mark.parametrize("written_as", ["+33612345678", "06 12 34 56 78", "0033 6.12.34.56.78"])
def test_a_number_is_found_however_it_is_written(written_as: str) -> None:
    assert speaks(f'{{"phone": "{written_as}"}}'.encode(), Kind.PHONE, "+33612345678")


def test_another_number_is_not_hers() -> None:
    assert not speaks(b'{"phone": "0612345679"}', Kind.PHONE, "+33612345678")


@pytest.mark.parametrize(
    ("held", "is_hers"),
    [
        (b'{"userId":"42"}', True),
        (b'{"userId": 42, "x": 1}', True),
        (b'{"quantity":42}', False),
        (b'{"userId":"421"}', False),
        (b"42 boxes", False),
    ],
)
def test_a_short_number_names_her_only_where_a_name_stands(
    held: bytes,
    is_hers: bool,  # noqa: FBT001 - a table
) -> None:
    assert speaks(held, Kind.USER_ID, "42") is is_hers


def test_our_own_number_for_her_names_her() -> None:
    key = key_of(3503345872043008)

    assert marks_of([], [key]).stand_in(b'{"bucket":1,"customer_id":3503345872043008}')
    assert not marks_of([], [key]).stand_in(b'{"customer_id":35033458720430081}')


def test_nobody_is_named_by_nothing() -> None:
    assert not marks_of([]).stand_in(b"anything at all")
    assert NOON - YEAR < NOON
