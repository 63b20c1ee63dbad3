"""What is typed about those who work here, above all when nobody can sign in any more."""

from datetime import UTC, datetime

import psycopg
import pytest

from terrain import cli
from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.typing_at_the_terminal import Typed

NOW = datetime.now(UTC)
CAMILLE, INES = "camille@example.org", "ines@example.org"


@pytest.fixture
def camille(fresh_database: str) -> int:
    """Return the number of the only administrator."""
    new = staff.New(name="Camille", email=CAMILLE, roles=[Role.ADMINISTRATOR], joined_at=NOW)
    with psycopg.connect(fresh_database) as db:
        return staff.make(db, new)


def invite(typed: Typed) -> dict[str, str]:
    told: dict[str, str] = typed("staff", "invite", INES, "Inès", "--role", "adviser", "--json")
    return told


def whose(database: str, kind: Kind, address: str) -> int | None:
    with psycopg.connect(database) as db:
        return entries.find(db, kind, address.rpartition("/")[2], datetime.now(UTC))


@pytest.mark.usefixtures("camille")
def test_everybody_is_listed_and_nobodys_password(typed: Typed) -> None:
    code, said = typed("staff", "list")

    assert code == cli.DONE
    assert "Camille" in said
    assert "travaille ici" in said
    assert typed("staff", "list", "--json")[0].keys() == {
        "staff_id",
        "name",
        "email",
        "roles",
        "state",
        "last_login",
    }


def test_without_accounts_a_link_makes_the_first(typed: Typed, fresh_database: str) -> None:
    address = typed("staff", "link", "--json")["address"]

    assert "/enter/" in address
    assert whose(fresh_database, Kind.FIRST, address) == entries.NOBODY


def test_camille_who_lost_everything_gets_a_link(
    typed: Typed, fresh_database: str, camille: int
) -> None:
    address = typed("staff", "link", CAMILLE.upper(), "--json")["address"]

    assert whose(fresh_database, Kind.LINK, address) == camille


@pytest.mark.usefixtures("camille")
def test_ines_is_invited_and_a_link_for_her_is_another_invitation(
    typed: Typed, fresh_database: str
) -> None:
    told = invite(typed)
    again = typed("staff", "link", INES, "--json")["address"]

    assert told["state"] == "invited"
    assert whose(fresh_database, Kind.INVITATION, told["address"]) is None  # a newer one was made
    assert whose(fresh_database, Kind.INVITATION, again) == int(told["staff_id"])


@pytest.mark.usefixtures("camille")
def test_a_person_reads_the_address_once(typed: Typed) -> None:
    code, said = typed("staff", "invite", INES, "Inès", "--role", "viewer")

    assert code == cli.DONE
    assert "/join/" in said


@pytest.mark.usefixtures("camille")
def test_roles_are_given(typed: Typed) -> None:
    invite(typed)

    told = typed("staff", "roles", INES, "owner", "manager", "--json")
    assert told["roles"] == "owner, manager"


@pytest.mark.usefixtures("camille")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("link", "nobody@example.org"), cli.REFUSED),
        (("link",), cli.REFUSED),
        (("roles", CAMILLE, "viewer"), cli.REFUSED),
        (("deactivate", CAMILLE), cli.REFUSED),
        (("deactivate", "nobody@example.org"), cli.REFUSED),
        (("invite", CAMILLE, "Camille", "--role", "viewer"), cli.REFUSED),
        (("invite", "nonsense", "Inès", "--role", "viewer"), cli.REFUSED),
        (("invite", INES, " ", "--role", "viewer"), cli.REFUSED),
        (("invite", INES, "Inès", "--role", "emperor"), cli.NOT_UNDERSTOOD),
        (("roles", CAMILLE), cli.NOT_UNDERSTOOD),
    ],
)
def test_what_cannot_be_is_refused(typed: Typed, words: tuple[str, ...], code: int) -> None:
    assert typed("staff", *words)[0] == code


@pytest.mark.usefixtures("camille")
def test_whoever_is_let_go_gets_no_link_and_comes_back_by_being_brought_back(
    typed: Typed,
) -> None:
    invite(typed)

    assert typed("staff", "deactivate", INES, "--json")["state"] == "let_go"
    assert typed("staff", "link", INES)[0] == cli.REFUSED
    assert typed("staff", "activate", INES, "--json")["state"] == "invited"


@pytest.mark.usefixtures("camille")
def test_what_is_done_here_is_written_down(typed: Typed, fresh_database: str) -> None:
    invite(typed)
    typed("staff", "roles", INES, "owner")
    typed("staff", "link", CAMILLE)

    with psycopg.connect(fresh_database) as db:
        lines = db.execute(
            "SELECT what, about ->> 'person' FROM audit ORDER BY audit_id"
        ).fetchall()
    assert [what for what, _ in lines] == ["staff", "colleague", "way_in"]
    assert all(person for _, person in lines)


def test_the_only_administrator_is_kept_even_from_the_terminal(
    typed: Typed, fresh_database: str, camille: int
) -> None:
    typed("staff", "deactivate", CAMILLE)

    with psycopg.connect(fresh_database) as db:
        kept = staff.find(db, camille)
    assert kept is not None
    assert kept.is_active
