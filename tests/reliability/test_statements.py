"""What the hot path really asks PostgreSQL: each statement is read as it was executed (scale.md R13, R15, R18).

A year of a small shop is lived through with everything that can happen to a customer; whatever is said to
the record on the way is written down and looked at. The test fails too when a hot table was never touched.
"""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest
from psycopg import Cursor

import terrain
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.outside import Wanted
from terrain.demo.shop import EXAMPLES
from terrain.demo.wire import SHOP
from terrain.flow import crediting, making_good, schedules
from terrain.flow.carry_out import hang_up
from terrain.flow.decide import Asker, decide
from terrain.flow.setbacks import set_aside_the_first
from terrain.flow.stop import Stop, stop_at_once
from terrain.flow.take_in import said, take_in
from terrain.flow.turn import turn
from terrain.store.connection import Record
from tests.outside import PostOffice, Receiving
from tests.reliability.test_tables import HOT
from tests.stories.shop import EVERY_BUCKET, FILTER, LAST_PAIR, Shop

# Not the hot path: what people and the demo ask for over everybody, seldom (scale.md R13).
REPORTS = (
    "SELECT min(due_at) FROM run",  # the demo's clock; a real one is not asked what time it is
    "FROM task WHERE done_at IS NULL",  # the list of open tasks
    "SELECT at, reason, puller FROM flag",  # who else pulled the cord today: asked once a flag
)
TOUCHES = re.compile(
    r"(?P<how>INSERT INTO|FROM|JOIN|USING|UPDATE) (?P<table>\w+)(?: (?:AS )?(?P<alias>\w+))?"
)
KEYWORDS = {
    "where",
    "set",
    "on",
    "join",
    "order",
    "limit",
    "using",
    "cross",
    "left",
    "for",
    "values",
}
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")
NOT_A_PARAMETER = re.compile(
    r"\b(now|random|clock_timestamp|statement_timestamp|transaction_timestamp|gen_random_uuid|nextval)\s*\("
    r"|\bCURRENT_(TIMESTAMP|TIME|DATE)\b|\bLOCALTIME",
    re.IGNORECASE,
)
OVER_ALL = re.compile(r"\bMERGE INTO\b|\bRECURSIVE\b|\bOVER \(", re.IGNORECASE)


LEA = Identifier(Kind.USER_ID, "lea")
REFUSAL = Wanted(
    customer={"user_id": "lea"},
    act="refuse",
    name="refuse_refund",
    purpose="service",
    benefit="none",
    reach="account",
    undo="easily",
    adverse=True,
    significant=True,
)


class Listening(Cursor[Any]):
    """A cursor that notes what is asked through it."""

    heard: ClassVar[set[str]] = set()

    def execute(self, query: Any, params: Any = None, **more: Any) -> "Listening":
        text = query if isinstance(query, str) else query.decode()
        self.heard.add(" ".join(text.split()))
        return super().execute(query, params, **more)


def without_bucket(statement: str) -> list[str]:
    """Return the hot tables that this statement touches without saying in which buckets."""
    return [
        touched["table"]
        for touched in TOUCHES.finditer(statement)
        if touched["table"] in HOT and not _names_its_bucket(statement, touched)
    ]


def _names_its_bucket(statement: str, touched: re.Match[str]) -> bool:
    alias = touched["alias"] or ""
    if touched["how"] == "INSERT INTO":
        return bool(re.match(r"(?: AS \w+)? \((\w+, )*bucket, ", statement[touched.end("table") :]))
    called = alias if alias.lower() not in KEYWORDS | {""} else ""
    name = rf"\b{called}\." if called else r"(?<![\w.])"
    return bool(re.search(rf"{name}bucket = ", statement))


@pytest.fixture
def shop(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    Listening.heard.clear()
    with PostOffice() as post_office, Receiving() as warehouse:
        monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(EXAMPLES))
        monkeypatch.setenv("TERRAIN_SMTP_URL", post_office.url)
        record = Record(fresh_database)
        record._pool.kwargs = {"autocommit": True, "cursor_factory": Listening}
        with record.opened():
            yield Shop(record, post_office, warehouse)
        hang_up()


def a_year_of(shop: Shop) -> None:
    """Let happen what can happen: new people, merges, due runs, letters, questions, tasks, stops, bugs."""
    omar, lea = shop.customer("Omar"), shop.customer("Léa")
    omar.could_have_it_sooner(omar.orders(1, LAST_PAIR))
    omar.answers("yes")
    lea.buys(3, FILTER)
    lea.is_known_as({"phone": "+33612345678"})
    shop.goes_on_for("7 months")
    with shop.record.local() as db, db.transaction():
        decide(db, shop.house, REFUSAL, Asker(source="bot"), shop.now)
        stop_at_once(db, the_last_act(shop), shop.house.secret, shop.now)
        take_in(db, [said("order.placed", [LEA], shop.now, "odd")], SHOP, shop.now)
        set_aside_the_first(db, shop.house, EVERY_BUCKET, ValueError("odd"), shop.now)
    schedules.start_what_is_due(shop.record, shop.house, EVERY_BUCKET, shop.now)
    what_comes_back_to(shop)
    others_serve(shop)
    something_is_wrong(shop)


def what_comes_back_to(shop: Shop) -> None:
    """Let her complain of a letter, of one that becomes known later, and of one that never does."""
    act_id = the_last_act(shop).act_id
    for number in (act_id, 17, 18):
        shop.hears("lea", SHOP, "message.complained", act_id=str(number))
    with psycopg.connect(shop.record.conninfo) as db:
        db.execute("UPDATE loose_signal SET act_id = %s WHERE act_id = 17", [act_id])
    shop.now += timedelta(minutes=2)
    with shop.record.local() as db, db.transaction():
        assert crediting.look_again(db, EVERY_BUCKET, shop.house, shop.now) == 2


def others_serve(shop: Shop) -> None:
    """Let a form tell of a need, and her complain of the form."""
    form = {"process": "return-form", "need": "R-1"}
    shop.hears("lea", SHOP, "need.served", **form, outcome="gave_up")
    shop.hears("lea", SHOP, "complaint.opened", **form, complaint_id="K-form")


def something_is_wrong(shop: Shop) -> None:
    """Let the cord be pulled, a need be told, and what was done be made good."""
    flagged = {"automation": "filter-reminder", "reason": "other"}  # it wrote to her
    with shop.record.local() as db, db.transaction():
        said_so = [
            said("automation.flagged", [LEA], shop.now, "wrong", properties=flagged),
            said("need.seen", [LEA], shop.now, "need", properties={"text": "evening delivery"}),
        ]
        take_in(db, said_so, SHOP, shop.now)
    with shop.record.local() as db, db.transaction():
        turn(db, shop.house, EVERY_BUCKET, shop.now)
    making_good.make_good(shop.record, shop.house, EVERY_BUCKET, shop.now)


def the_last_act(shop: Shop) -> Stop:
    with psycopg.connect(shop.record.conninfo) as db:
        acts = db.execute("SELECT bucket, customer_id, act_id FROM act ORDER BY act_id").fetchall()
    bucket, customer_id, act_id = acts[-1]
    return Stop(key=CustomerKey(bucket, customer_id), act_id=act_id)


def test_every_statement_of_the_hot_path_names_its_bucket(shop: Shop) -> None:
    a_year_of(shop)

    seldom = {each for each in Listening.heard if any(report in each for report in REPORTS)}
    wrong = {each: without_bucket(each) for each in Listening.heard - seldom}
    assert {each: tables for each, tables in wrong.items() if tables} == {}
    touched = {found["table"] for each in Listening.heard for found in TOUCHES.finditer(each)}
    assert set(HOT) <= touched


def test_what_writes_is_told_the_time_and_never_draws_lots(shop: Shop) -> None:
    a_year_of(shop)

    writing = {each for each in Listening.heard if WRITES.search(each)}
    assert len(writing) > len(HOT)
    assert {each for each in writing if NOT_A_PARAMETER.search(each)} == set()


def test_nothing_looks_over_all_customers_at_once(shop: Shop) -> None:
    a_year_of(shop)

    assert {each for each in Listening.heard if OVER_ALL.search(each)} == set()


def test_no_sql_of_ours_that_writes_asks_for_the_time() -> None:
    asking = [
        f"{path.name}: {text}"
        for path in Path(terrain.__file__).parent.rglob("*.py")
        for text in texts_of(ast.parse(path.read_text()))
        if WRITES.search(text) and NOT_A_PARAMETER.search(text)
    ]

    assert asking == []


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Yield every text of a module, with the parts of an f-string as one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield " ".join(
                str(part.value) for part in node.values if isinstance(part, ast.Constant)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("SELECT 1 FROM run WHERE bucket = ANY(%b) AND due_at < %b", []),
        ("SELECT 1 FROM run WHERE due_at < %b", ["run"]),
        (
            "SELECT r.bucket FROM decision d JOIN run r ON r.run_id = d.run_id WHERE d.bucket = 1",
            ["run"],
        ),
        ("UPDATE act a SET state = '' FROM unnest(%b) AS w (id) WHERE a.act_id = w.id", ["act"]),
        (
            "DELETE FROM pending p USING event e WHERE p.bucket = 1 AND e.event_id = p.event_id",
            ["event"],
        ),
        ("INSERT INTO task (task_id, title) VALUES (%b, %b)", ["task"]),
        ("INSERT INTO task AS t (bucket, task_id) VALUES (%b, %b)", []),
        ("SELECT * FROM automation", []),
    ],
)
def test_a_statement_that_forgets_its_bucket_is_found(statement: str, missing: list[str]) -> None:
    assert without_bucket(statement) == missing
