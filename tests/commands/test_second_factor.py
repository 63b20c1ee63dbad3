"""What is typed about second factors, for the day nobody can sign in any more."""

import psycopg

from terrain import cli
from tests.typing_at_the_terminal import Typed

BECAUSE = "the auditors asked for it"


def test_who_needs_a_second_factor_is_said_with_a_reason(typed: Typed, fresh_database: str) -> None:
    answer = typed("staff", "require-factor", "adviser", "owner", "--because", BECAUSE, "--json")

    with psycopg.connect(fresh_database) as db:
        rows = db.execute("SELECT by, because, roles FROM second_factor_rule").fetchall()
    assert answer["roles"] == ["adviser", "owner"]
    assert rows == [("terminal", BECAUSE, ["adviser", "owner"])]


def test_nobody_may_need_one_any_more(typed: Typed) -> None:
    typed("staff", "require-factor", "adviser", "--because", BECAUSE)

    assert typed("staff", "require-factor", "--because", BECAUSE, "--json")["roles"] == []


def test_a_rule_without_a_reason_is_refused(typed: Typed) -> None:
    assert typed("staff", "require-factor", "adviser", "--because", "x")[0] == cli.REFUSED


def test_those_who_still_have_to_are_named(typed: Typed) -> None:
    typed("staff", "invite", "ines@example.org", "Inès", "--role", "adviser")

    answer = typed("staff", "require-factor", "adviser", "--because", BECAUSE, "--json")
    assert answer["without"] == ["Inès"]


def test_a_lost_factor_is_taken_away(typed: Typed, fresh_database: str) -> None:
    typed("staff", "invite", "ines@example.org", "Inès", "--role", "adviser")
    with psycopg.connect(fresh_database) as db:
        db.execute(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at)"
            " SELECT 'totp', '{}', id, now() FROM staff"
        )

    assert typed("staff", "forget-factor", "ines@example.org", "--json")["factors"] == 1
    assert typed("staff", "forget-factor", "nobody@example.org")[0] == cli.REFUSED
    with psycopg.connect(fresh_database) as db:
        assert db.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)


def test_what_is_typed_about_keys_is_a_line_of_the_audit_log(
    typed: Typed, fresh_database: str
) -> None:
    key = typed("keys", "make", "shop", "--json")["key_id"]
    typed("keys", "rotate", key)
    typed("keys", "revoke", key)

    with psycopg.connect(fresh_database) as db:
        rows = db.execute("SELECT staff_id, what FROM audit ORDER BY audit_id").fetchall()
    assert rows == [(None, "keys"), (None, "key"), (None, "key_revoke")]
