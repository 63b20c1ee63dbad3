"""Who works here: somebody who administers always remains, whatever happens at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import sleep

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import UniqueViolation

from terrain.core.staff import GRANTS, May, Role, Staff
from terrain.errors import Refusal
from terrain.flow import staff as office
from terrain.flow.staff import AT_THE_TERMINAL
from terrain.store import staff
from terrain.store.staff import New

NOW = datetime.now(UTC)


def joined(db: Connection, name: str, *roles: Role) -> int:
    email = f"{name}@example.org"
    return staff.make(db, New(name=name, email=email, roles=list(roles), joined_at=NOW))


@pytest.mark.parametrize("by", [AT_THE_TERMINAL, 1])
def test_the_last_administrator_keeps_the_role(db: Connection, by: int) -> None:
    camille = joined(db, "camille", Role.ADMINISTRATOR, Role.OWNER)

    with pytest.raises(office.LastAdministrator):
        office.change_roles(db, camille, [Role.OWNER], by)
    with pytest.raises(office.LastAdministrator):
        office.deactivate(db, camille, by)


def test_with_another_one_the_terminal_may(db: Connection) -> None:
    camille, _ = joined(db, "camille", Role.ADMINISTRATOR), joined(db, "omar", Role.ADMINISTRATOR)
    office.change_roles(db, camille, [Role.VIEWER], AT_THE_TERMINAL)

    assert office.found(db, camille).roles == [Role.VIEWER]


def test_of_two_who_demote_each_other_at_once_one_remains(fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        camille = joined(db, "camille", Role.ADMINISTRATOR)
        omar = joined(db, "omar", Role.ADMINISTRATOR)

    def demote(whom: int, by: int) -> bool:
        with psycopg.connect(fresh_database) as db:
            try:
                office.change_roles(db, whom, [Role.VIEWER], by)
            except office.LastAdministrator:
                return False
            sleep(0.3)  # the other one comes while this is not yet settled
            return True

    with ThreadPoolExecutor(2) as both:
        done = [both.submit(demote, camille, omar), both.submit(demote, omar, camille)]
        assert sorted(each.result() for each in done) == [False, True]


def test_an_address_has_one_account_however_it_is_written(db: Connection) -> None:
    joined(db, "camille", Role.OWNER)

    with pytest.raises(office.StaffEmailTaken):
        office.invite(db, office.drafted("C", "CAMILLE@Example.org ", [Role.OWNER]), NOW)
    with pytest.raises(UniqueViolation):
        db.execute(
            "INSERT INTO staff (name, email, password) VALUES ('x', 'Camille@example.org', '!')"
        )


@pytest.mark.parametrize(
    ("name", "email", "roles", "refused"),
    [
        ("", "ines@example.org", [Role.OWNER], office.StaffNameNeeded),
        ("x" * 81, "ines@example.org", [Role.OWNER], office.StaffNameNeeded),
        ("Inès", "ines", [Role.OWNER], office.StaffEmailWrong),
        ("Inès", "ines@example.org\nBcc: all@example.org", [Role.OWNER], office.StaffEmailWrong),
        ("Inès", "ines@example.org", [], office.RoleMissing),
    ],
)
def test_what_cannot_be_an_account_is_refused(
    name: str, email: str, roles: list[Role], refused: type[Refusal]
) -> None:
    with pytest.raises(refused):
        office.drafted(name, email, roles)


def test_a_name_is_kept_in_one_line() -> None:
    assert office.drafted(" Inès\n Martin ", "i@example.org", [Role.OWNER]).name == "Inès Martin"


def test_only_an_open_invitation_is_withdrawn_or_made_again(db: Connection) -> None:
    ines = joined(db, "ines", Role.ADVISER)

    for step in (office.withdraw, lambda db, of: office.invite_again(db, of, NOW)):
        with pytest.raises(office.HasJoined):
            step(db, ines)


def test_nobody_is_found_under_a_number_of_nobody(db: Connection) -> None:
    with pytest.raises(office.NoSuchStaff):
        office.found(db, 12345)
    with pytest.raises(office.NoSuchStaff):
        office.way_in(db, "nobody@example.org", NOW)


def test_several_roles_allow_what_any_of_them_does_and_none_allows_nothing() -> None:
    both = Staff(staff_id=1, name="", email="", roles=frozenset({Role.VIEWER, Role.ADMINISTRATOR}))
    none = Staff(staff_id=2, name="", email="", roles=frozenset())

    assert {what for what in May if both.may(what)} == (
        GRANTS[Role.VIEWER] | GRANTS[Role.ADMINISTRATOR]
    )
    assert not any(none.may(what) for what in May)


def test_an_administrator_alone_sees_no_customer_and_a_viewer_nobodys_data() -> None:
    for role in (Role.ADMINISTRATOR, Role.VIEWER):
        assert not {May.SEE_CUSTOMERS, May.SERVE_CUSTOMERS} & GRANTS[role]
