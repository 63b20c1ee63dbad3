"""A town of 200,000 customers and five million events, made of the demo's 360 by giving each of them many doubles.

Promise: every table that holds customers grows alike, whatever columns it has by then; made once in about
two minutes, kept under `var/benchmarks` and made again when the schema or this file changes.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import psycopg
from psycopg import Connection, sql

from benchmarks import oversight, shop
from terrain.core.customer import Customer
from terrain.core.directory import Entry, entry_of
from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import (
    BUCKETS,
    FREE_BITS,
    CustomerKey,
    Identifier,
    Kind,
    bucket_of,
    first_id_at,
    made_at,
)
from terrain.embedded import server
from terrain.store import schema

PEOPLE = 200_000
SECRET = "a secret of nothing but the benchmarks"  # noqa: S105 - it keeps nothing
KEPT = Path(__file__).resolve().parents[1] / "var" / "benchmarks"
QUICK = {
    **server.FORGETFUL,
    "max_wal_size": "4GB",
    "maintenance_work_mem": "1GB",
    "shared_buffers": "1GB",
}
# What is larger than the shop would make it: so many times the events and decisions of the years before.
AGAIN = {"event": 2, "decision": 1}
# Whose rows are made of names.
BY_HAND = {"identifier", "directory"}
APART = 1_000_000_007
# Names made of a minute and of chance (core/identifier.py): no two customers share one.
NAMED = ("act_id", "decision_id", "question_id", "run_id", "served_id", "task_id")
BY_CHANCE = (1 << FREE_BITS) - 1
EARLIER_DAYS = 540
NAMES = """
Léa Omar Inès Camille Anaïs Hélène Noémie Jeanne Théo Hugo Loïc Gaël Rémi Yanis Zoé Chloé
Bar Ber Cha Del Dub Fau Gar Gir Lam Lec Mar Mer Mor Per Rou Sau Tho Val
ba be che de du ga la le lo ma mi na ne po ra ri ta vi
n t r ud ier ont in ard eau ez oux el
"""
FIRST, BEGINNINGS, MIDDLES, ENDS = (line.split() for line in NAMES.strip().splitlines())


@contextmanager
def living(people: int = PEOPLE) -> Iterator[str]:
    """Yield the address of a PostgreSQL with the town in it."""
    home, mark = KEPT / f"town-{people}", _mark(people)
    if not (home / "mark").exists() or (home / "mark").read_text() != mark:
        _build(home, people)
        (home / "mark").write_text(mark)
    with server.start(home, settings={"shared_buffers": "1GB"}) as running:
        schema.migrate(running.conninfo)
        yield running.conninfo


def _mark(people: int) -> str:
    said = blake2b(f"{people}".encode(), digest_size=16)
    ours = [Path(__file__), Path(oversight.__file__)]
    for file in [*ours, *sorted(schema.FOLDER.glob("*.sql"))]:
        said.update(file.read_bytes())
    return said.hexdigest()


def _build(home: Path, people: int) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    with server.start(home, settings=QUICK) as running:
        schema.migrate(running.conninfo)
        _play_the_demo(running.conninfo, home)
        with psycopg.connect(running.conninfo, autocommit=True) as db:
            _name_the_doubles(db, people)
            tables = _tables_of_customers(db)
            again = _without_indexes(db, tables)
            for table in tables:  # this town is not worth a journal
                db.execute(f"ALTER TABLE {table} SET UNLOGGED")
            _each(
                running.conninfo, [_doubling(db, table) for table in tables if table not in BY_HAND]
            )
            _fill_the_directory(db)
            _each(running.conninfo, again)
            _add_what_the_demo_lacks(db)
            oversight.oversee(db)
            db.execute("DROP TABLE double")
            db.execute("VACUUM (ANALYZE, FREEZE)")
            db.execute("CHECKPOINT")


def _play_the_demo(conninfo: str, home: Path) -> None:
    environment = {
        "TERRAIN_DATABASE_URL": conninfo,
        "TERRAIN_DATA": str(home / "terrain"),
        "TERRAIN_SECRET": SECRET,
        "PATH": "",
    }
    command = [sys.executable, "-m", "terrain", "demo", "--load"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _name_the_doubles(db: Connection, people: int) -> None:
    """Write down who becomes whom: each name of each customer of the demo, once for every double."""
    db.execute(
        """
        CREATE UNLOGGED TABLE double (
            old_id bigint, copy bigint, bucket smallint, customer_id bigint, kind text, value text,
            person bigint, called text, door smallint)
        """
    )
    nodes = db.execute("SELECT customer_id, survivor_id, kind, value FROM customer").fetchall()
    copies = people // len({survivor for _, survivor, _, _ in nodes}) + 1
    chance = random.Random(7)  # noqa: S311 - the same town each time
    with db.cursor().copy("COPY double FROM STDIN") as to:
        for copy in range(1, copies):
            called = {survivor: _a_name(chance) for _, survivor, _, _ in nodes}
            for old, survivor, kind, value in nodes:
                new, name = old + copy * APART, f"{copy}.{value}"
                door = Identifier(Kind(kind), name).bucket
                to.write_row(
                    (old, copy, bucket_of(new), new, kind, name, survivor, called[survivor], door)
                )
    db.execute("CREATE INDEX ON double (old_id)")
    db.execute("ANALYZE double")


def _a_name(chance: random.Random) -> str:
    middle = "".join(chance.choices(MIDDLES, k=chance.choice((0, 1, 1, 2))))
    return f"{chance.choice(FIRST)} {chance.choice(BEGINNINGS)}{middle}{chance.choice(ENDS)}"


def _tables_of_customers(db: Connection) -> list[str]:
    rows = db.execute(
        """
        SELECT table_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name IN ('bucket', 'customer_id')
           AND table_name <> 'double'
         GROUP BY table_name HAVING count(*) = 2 ORDER BY table_name
        """
    )
    return [name for (name,) in rows]


def _without_indexes(db: Connection, tables: list[str]) -> list[str]:
    """Drop what would slow the filling down; return the statements that bring it back."""
    again = []
    for table in tables:
        kept = db.execute(
            """
            SELECT conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
             WHERE conrelid = %s::regclass AND contype IN ('f', 'p', 'u') ORDER BY contype
            """,
            [table],
        ).fetchall()
        for name, _, what in kept:
            db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}")
        indexes = db.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table]
        )
        for name, what in indexes.fetchall():
            db.execute(f"DROP INDEX {name}")
            again.append(what)
    return again


def _each(conninfo: str, statements: list[str]) -> None:
    """Run the statements, two at a time."""

    def run(statement: str) -> None:
        with psycopg.connect(conninfo, autocommit=True) as db:
            db.execute(sql.SQL(statement))

    with ThreadPoolExecutor(2) as both:
        list(both.map(run, statements))


def _doubling(db: Connection, table: str) -> str:
    """Return the statement that gives every row of a table its doubles."""
    rows = db.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
    )
    columns = [name for (name,) in rows]
    other = next((f"{of}_id" for of in ("survivor", "alias", "other") if f"{of}_id" in columns), "")
    joined = f"JOIN double o ON o.old_id = x.{other} AND o.copy = n.copy" if other else ""
    years = f"generate_series(0, {AGAIN.get(table, 0)})"
    said = ", ".join(_as_doubled(table, column) for column in columns)
    return (  # every name in it is one of the schema's
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {said} FROM {table} x "  # noqa: S608
        f"JOIN double n ON n.old_id = x.customer_id {joined} CROSS JOIN {years} AS y (earlier)"
    )


def _as_doubled(table: str, column: str) -> str:
    return {
        "bucket": "n.bucket",
        "customer_id": "n.customer_id",
        **{f"{of}_bucket": "o.bucket" for of in ("survivor", "alias", "other")},
        **{f"{of}_id": "o.customer_id" for of in ("survivor", "alias", "other")},
        **{name: _named_anew(name) for name in NAMED},
        "number": "(x.number + n.copy * 7919) & 9223372036854775807",
        **_names_of(table),
        **_years_of(table),
    }.get(column, f"x.{column}")


def _named_anew(column: str) -> str:
    """Return a name of the same minute, and of none of the other doubles; what is named by nothing stays so."""
    minute, chance = f"x.{column} & ~{BY_CHANCE}", f"x.{column} + n.copy * 7919 & {BY_CHANCE}"
    earlier = first_id_at(made_at(0) + timedelta(days=EARLIER_DAYS))
    return f"CASE x.{column} WHEN 0 THEN 0 ELSE ({minute} | ({chance})) - y.earlier * {earlier} END"


def _names_of(table: str) -> dict[str, str]:
    return {
        "customer": {"value": "n.value"},
        "alias": {"value": "o.value"},
        "claim": {"value": "CASE x.fact WHEN 'name' THEN to_jsonb(n.called) ELSE x.value END"},
    }.get(table, {})


def _years_of(table: str) -> dict[str, str]:
    if table not in AGAIN:
        return {}
    earlier = f"- y.earlier * interval '{EARLIER_DAYS} days'"
    return {
        "at": f"x.at {earlier}",
        "received_at": f"x.received_at {earlier}",
        "message_id": "x.message_id || repeat('~', y.earlier)",
    }


def _fill_the_directory(db: Connection) -> None:
    db.execute("INSERT INTO identifier SELECT door, kind, value, customer_id FROM double")
    house = shop.house(*shop.files())
    people = db.execute(
        """
        SELECT s.bucket, s.customer_id, s.called, array_agg(n.kind), array_agg(n.value)
          FROM double n JOIN double s ON s.old_id = n.person AND s.copy = n.copy
         GROUP BY 1, 2, 3
        """
    ).fetchall()
    with db.cursor().copy(
        "COPY directory (bucket, customer_id, called, names, keys) FROM STDIN"
    ) as to:
        for bucket, customer_id, called, kinds, values in people:
            who = tuple(map(Identifier, map(Kind, kinds), values))
            line = _line(CustomerKey(bucket, customer_id), called, who, house)
            to.write_row((bucket, customer_id, line.called, list(line.names), list(line.keys)))


def _line(key: CustomerKey, called: str, who: tuple[Identifier, ...], house: House) -> Entry:
    said = Claim(
        key=FactKey("name"),
        value=called,
        source=shop.SOURCE,
        kind=SourceKind.TRANSACTION,
        first_at=shop.NOON,
        at=shop.NOON,
        message_id="1",
    )
    customer = Customer(key=key, identifiers=who, claims={said.key: (said,)})
    line = entry_of(customer, house, shop.NOON)
    assert line
    return line


def _add_what_the_demo_lacks(db: Connection) -> None:
    """Add what people see over all customers: tasks, trays, numbers, keys, what staff did."""
    for statement in MORE:
        db.execute(statement, {"buckets": BUCKETS})


MORE = (
    """
    INSERT INTO task (bucket, customer_id, task_id, run_id, decision_id, act_id, opened_at, due_at, done_at,
                      kind, title, automation, done_by, outcome, file)
    SELECT d.bucket, d.customer_id, row_number() OVER (), 0, 0, 0, now() - n * interval '1 minute',
           now() + (n - 500) * interval '1 hour', CASE WHEN n > 2000 THEN now() END,
           'a_person_please', 'a_person_please', 'filter-reminder', '', '',
           '{"text": "Le filtre fuit depuis hier soir.", "asked": ["une personne"]}'
      FROM (SELECT bucket, customer_id, row_number() OVER () AS n FROM directory LIMIT 60000) d
    """,
    """
    INSERT INTO tray (tray_id, at, kind, source, code, reason, payload, closed_at, closed_by)
    SELECT n, now() - n * interval '1 minute', 'event', 'shop', 'no_identifier',
           '{"code": "no_identifier", "message": {"en": "Nobody is named.", "fr": "Personne n’est nommé."}}',
           '{"type": "track", "event": "Order Completed"}', CASE WHEN n > 5000 THEN now() END, ''
      FROM generate_series(1, 50000) n
    """,
    """
    INSERT INTO counter (bucket, automation, version, what, hour, n)
    SELECT b, a, 1, w, date_trunc('hour', now()) - h * interval '1 hour', 1 + (b * h) %% 7
      FROM generate_series(0, %(buckets)s - 1) b, generate_series(0, 2) h,
           unnest(ARRAY['filter-reminder', 'faster-parcel']) a,
           unnest(ARRAY['decided.act', 'decided.ask', 'decided.hold', 'run.started', 'run.ended',
                        'act.left']) w
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO counter (bucket, automation, version, what, hour, n)
    SELECT 0, a, 1, w, date_trunc('hour', now()) - (3 + h) * interval '1 hour', 900 + h %% 90
      FROM generate_series(1, 190) h,
           unnest(ARRAY['filter-reminder', 'faster-parcel']) a,
           unnest(ARRAY['decided.act', 'decided.ask', 'decided.hold', 'run.started', 'run.ended',
                        'act.left']) w
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO automation_proposal (proposal_id, name, at, state, origin, by, because, digest, file, parsed)
    SELECT row_number() OVER (), name, now(), 'waits', 'page', 'Inès', 'Un mot plus clair.', digest, file, parsed
      FROM automation_version
    """,
    """
    INSERT INTO audit (at, staff_id, name, what, outcome, customer_id, about, details)
    SELECT now() - n * interval '5 minutes', 1 + n %% 40, 'Inès', 'task', 302, NULL,
           jsonb_build_object('task', n), '{}'
      FROM generate_series(1, 100000) n
    """,
    """
    INSERT INTO access_key (key_id, hash, label, source, scopes, made_at)
    SELECT 'key' || n, decode(md5(n::text), 'hex'), 'Boutique ' || n, 'shop', ARRAY['write'], now()
      FROM generate_series(1, 40) n
    """,
)
