"""The tables themselves, as PostgreSQL holds them: what scale.md asks of every hot one (R1, R7, R8, R18)."""

from psycopg import Connection

HOT = (
    "customer",
    "identifier",
    "alias",
    "identity_edge",
    "event",
    "pending",
    "claim",
    "evidence",
    "consent",
    "suppression",
    "erased",
    "run",
    "decision",
    "act",
    "question",
    "task",
    "counter",
    "directory",
    "directory_order",
    "flag",
    "need",
    "recalled",
    "signal",
    "loose_signal",
    "served",
)
# By bucket too, and local: who tends it, how far a walk over it came.
BY_BUCKET = {*HOT, "erasure", "bucket_lease", "walk", "recall_look"}
UNIQUE = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname
      FROM pg_index i
      JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE i.indisunique OR i.indisprimary
"""


def test_a_table_with_buckets_is_known_to_be_one(db: Connection) -> None:
    rows = db.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'bucket'"
    )

    assert {table for (table,) in rows} == BY_BUCKET


def test_what_is_unique_is_unique_within_a_bucket(db: Connection) -> None:
    unique = [row for row in db.execute(UNIQUE) if row[0] in BY_BUCKET]

    assert {table for table, _, _ in unique} == BY_BUCKET
    assert [row for row in unique if row[2] != "bucket"] == []


def test_a_foreign_key_stays_within_a_bucket(db: Connection) -> None:
    rows = db.execute(
        """
        SELECT c.conname, k.attname, f.attname
          FROM pg_constraint c
          JOIN pg_attribute k ON k.attrelid = c.conrelid AND k.attnum = c.conkey[1]
          JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
         WHERE c.contype = 'f' AND (c.conrelid::regclass::text = ANY(%(hot)s)
                                    OR c.confrelid::regclass::text = ANY(%(hot)s))
        """,
        {"hot": list(BY_BUCKET)},
    )

    assert [row for row in rows if row[1:] != ("bucket", "bucket")] == []


def test_nothing_of_ours_happens_behind_a_statement(db: Connection) -> None:
    """No triggers, no rules, and no key from a sequence."""
    behind = db.execute(
        """
        SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT rulename FROM pg_rules WHERE schemaname = 'public'
        UNION ALL
        SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_name = ANY(%(hot)s)
           AND (is_identity = 'YES' OR column_default ~ 'nextval|now|random|CURRENT')
        """,
        {"hot": list(BY_BUCKET)},
    )

    assert behind.fetchall() == []
