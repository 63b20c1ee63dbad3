"""The rows of an archive as events."""

from typing import Any

import msgspec
import pytest

from terrain.core.fact import SourceKind
from terrain.core.gathering import gathered
from terrain.core.identifier import Kind
from terrain.core.mapping import (
    As,
    Condition,
    EventRule,
    Field,
    LeftOut,
    Mapping,
    NoEventForRow,
    Row,
    Time,
    Total,
    WrongCell,
    columns_of,
    holds,
    left_out,
    messages_of,
    moment,
    value_of,
)

LEAS_ORDER = {"order": "7", "who": "lea", "at": "2010-07-01 12:00", "sku": "a1", "n": "2", "p": "3"}


def a_mapping(**other: Any) -> Mapping:
    usual: dict[str, Any] = {
        "source": "shop",
        "kind": SourceKind.TRANSACTION,
        "customer": {Kind.USER_ID: Field(column="who")},
        "time": Time(column="at", zone="Europe/London"),
        "events": (
            EventRule(
                event="order.placed",
                properties={"order": Field(column="order")},
                lists={
                    "items": {
                        "sku": Field(column="sku", read=As.CODE),
                        "quantity": Field(column="n", read=As.WHOLE),
                        "price": Field(column="p", read=As.NUMBER),
                    }
                },
                totals={"total": Total("items", ("quantity", "price"))},
            ),
        ),
    }
    return Mapping(**(usual | other))


def test_the_lines_of_leas_invoice_are_one_event() -> None:
    second = LEAS_ORDER | {"sku": "b2", "n": "1", "p": "0.5"}
    (message,) = messages_of(a_mapping(), [LEAS_ORDER, second], met=True)

    assert message["userId"] == "lea"
    assert message["timestamp"] == "2010-07-01T11:00:00+00:00"  # summer time in London
    assert message["properties"]["total"] == 6.5
    assert message["properties"]["items"][0] == {"sku": "A1", "quantity": 2, "price": 3}


def test_the_same_rows_give_the_same_id_and_other_rows_another() -> None:
    (first,), (again,) = (messages_of(a_mapping(), [LEAS_ORDER], met=True) for _ in range(2))
    (other,) = messages_of(a_mapping(), [LEAS_ORDER | {"n": "3"}], met=True)

    assert first["messageId"] == again["messageId"] != other["messageId"]


def test_what_is_assumed_is_said_once_of_a_customer_and_called_assumed() -> None:
    email = EventRule(
        event="customer.identified",
        properties={"email": Field(text="{who}@shop.invalid")},
        assumed=("email",),
    )
    mapping = a_mapping(once=(email,))
    said, order = messages_of(mapping, [LEAS_ORDER], met=False)

    assert said["type"] == "identify"
    assert said["traits"] == {"email": "lea@shop.invalid"}
    assert said["context"]["assumed"] == ["email"]
    assert "assumed" not in order["context"]
    assert len(messages_of(mapping, [LEAS_ORDER], met=True)) == 1


@pytest.mark.parametrize(
    ("condition", "row", "so"),
    [
        (Condition(column="a", missing=True), {"a": None}, True),
        (Condition(column="a", missing=True), {"a": "x"}, False),
        (Condition(column="a", among=frozenset({"x", "y"})), {"a": "y"}, True),
        (Condition(column="a", among=frozenset({"x"})), {"a": None}, False),
        (Condition(column="a", starts="C"), {"a": "C12"}, True),
        (Condition(column="a", under=0), {"a": "-3"}, True),
        (Condition(column="a", over=0, under=10), {"a": "10"}, False),
    ],
)
def test_what_a_row_must_be(condition: Condition, row: Row, so: bool) -> None:  # noqa: FBT001
    assert holds(condition, row) is so


def test_a_customer_may_be_known_by_a_card_only() -> None:
    mapping = a_mapping(customer={Kind.CARD: Field(column="who")})
    (message,) = messages_of(mapping, [LEAS_ORDER], met=True)

    assert message["context"]["traits"] == {"card": "lea"}


def test_rows_are_left_out_with_a_reason() -> None:
    nobody = LeftOut("no customer is named", (Condition(column="who", missing=True),))
    mapping = a_mapping(leave_out=(nobody,))

    assert left_out(mapping, {"who": None}) == "no customer is named"
    assert left_out(mapping, {"who": "lea"}) is None


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (As.CODE, "85123a", "85123A"),
        (As.COUNT, "-12", 12),
        (As.WHOLE, "12.0", 12),
        (As.NUMBER, "-53594.36", -53594.36),
        (As.YES_NO, "Oui", True),
        (As.YES_NO, "false", False),
    ],
)
def test_cells_are_read_as_what_they_are(read: As, cell: str, value: object) -> None:
    assert value_of(Field(column="a", read=read), {"a": cell}) == value


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (As.WHOLE, "1.5"),
        (As.WHOLE, "many"),
        (As.NUMBER, "nan"),
        (As.NUMBER, "1e999"),
        (As.YES_NO, "perhaps"),
        (As.NUMBER, "1,5"),
    ],
)
def test_a_cell_that_holds_something_else_is_refused(read: As, cell: str) -> None:
    with pytest.raises(WrongCell) as refused:
        value_of(Field(column="a", read=read), {"a": cell})

    assert (refused.value.field, refused.value.value) == ("a", cell)


def test_what_stands_for_something_is_translated_and_the_unknown_has_its_place() -> None:
    country = Field(column="c", values={"EIRE": "IE"}, otherwise="GB")

    assert [value_of(country, {"c": cell}) for cell in ("EIRE", "Atlantis", None)] == [
        "IE",
        "GB",
        "GB",
    ]


def test_a_text_with_a_gap_that_nobody_can_fill_is_no_text() -> None:
    assert value_of(Field(text="{who}@x.invalid"), {"who": None}) is None
    assert value_of(Field(text="{a.__class__}"), {"a": "x"}) is None


def test_a_date_is_read_as_it_is_written() -> None:
    time = Time(column="at", written="%d/%m/%Y %H:%M")

    assert moment(time, {"at": "29/2/2016 01:16"}).isoformat() == "2016-02-29T01:16:00+00:00"
    with pytest.raises(WrongCell):
        moment(time, {"at": "2016-02-29"})


def test_a_row_that_no_event_is_for_is_refused() -> None:
    rule = msgspec.structs.replace(
        a_mapping().events[0], when=(Condition(column="order", starts="C"),)
    )

    with pytest.raises(NoEventForRow):
        messages_of(a_mapping(events=(rule,)), [LEAS_ORDER], met=True)


def test_every_column_that_is_spoken_of_is_read() -> None:
    assert set(columns_of(a_mapping(group="order"))) == {"order", "who", "at", "sku", "n", "p"}


def gather(*names: str, within: int = 1000) -> list[tuple[list[int], bool]]:
    rows = ((number, {"order": name}) for number, name in enumerate(names))
    return [(group.lines, group.late) for group in gathered(rows, "order", within)]


def test_rows_of_one_invoice_are_gathered_though_others_lie_between() -> None:
    assert gather("a", "b", "a", "b", "a") == [([1, 3], False), ([0, 2, 4], False)]


def test_a_row_that_comes_too_late_is_not_half_an_event() -> None:
    many = ["x"] * 200

    assert gather("a", *many, "a", within=50) == [
        ([0], False),
        ([201], True),
        (list(range(1, 201)), False),
    ]


def test_rows_without_a_group_stand_alone() -> None:
    rows = [(1, {"order": None}), (2, {"order": None})]

    assert [group.lines for group in gathered(rows, "order", 10)] == [[1], [2]]
