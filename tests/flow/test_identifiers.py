"""By what names Léa is known, however they are spelled."""

from typing import Any

import msgspec
import pytest

from terrain.core.event import Said
from terrain.core.identifier import Identifier, Kind
from terrain.flow.identifiers import identifiers_of, named, names_in, parsed


def said(**fields: Any) -> Said:
    return msgspec.convert(fields, Said)


@pytest.mark.parametrize(
    ("kind", "spellings", "normal"),
    [
        (Kind.EMAIL, ("Lea@Example.org", " lea@example.org "), "lea@example.org"),
        (Kind.PHONE, ("06 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678"), "+33612345678"),
        (Kind.CARD, ("fr 1234-5678", "FR12345678"), "FR12345678"),
        (Kind.HANDLE, ("Mastodon:@Lea", "mastodon:lea"), "mastodon:lea"),
        (Kind.USER_ID, (" Lea-7 ", "Lea-7"), "Lea-7"),
        (Kind.USER_ID, ("Le\u0301a", "L\u00e9a"), "L\u00e9a"),
        (Kind.USER_ID, (17850, "17850"), "17850"),
    ],
)
def test_every_spelling_of_a_name_is_one_name(
    kind: Kind, spellings: tuple[Any, ...], normal: str
) -> None:
    assert {named(kind, each, "FR") for each in spellings} == {Identifier(kind, normal)}


@pytest.mark.parametrize(
    ("value", "because"),
    [
        ("undefined", "names_everybody"),
        ("None", "names_everybody"),
        ("0", "names_everybody"),
        (0, "names_everybody"),
        ("ANONYMOUS", "names_everybody"),
        ("00000000-0000-0000-0000-000000000000", "names_everybody"),
        ("{{ user_id }}", "names_everybody"),
        ("[object Object]", "names_everybody"),
        ("   ", "empty"),
        ("a\x00b", "control_characters"),
        ("a\nb", "control_characters"),
        ("x" * 256, "too_long"),
        (True, "not_text"),
        (["a"], "not_text"),
    ],
)
def test_what_would_name_nobody_or_everybody_is_no_name(value: object, because: str) -> None:
    assert named(Kind.USER_ID, value, "FR") == because


def test_no_email_and_no_phone_are_said_to_be_none() -> None:
    assert named(Kind.EMAIL, "lea@", "FR") == "not_an_email"
    assert named(Kind.PHONE, "12", "FR") == "not_a_phone_number"


def test_the_strongest_name_comes_first_wherever_it_stood() -> None:
    message = said(
        type="identify",
        anonymousId="visit-1",
        traits={"phone": "0612345678", "email": "lea@example.org"},
        userId="lea",
    )

    assert [each.kind for each in identifiers_of(message, "FR")] == [
        Kind.USER_ID,
        Kind.EMAIL,
        Kind.PHONE,
        Kind.ANONYMOUS_ID,
    ]


def test_a_bad_name_is_reported_and_the_good_ones_still_count() -> None:
    names = names_in(said(userId="null", properties={"email": "lea@example.org"}), "FR")

    assert names.identifiers == (Identifier(Kind.EMAIL, "lea@example.org"),)
    assert [(each.field, each.because) for each in names.refused] == [("userId", "names_everybody")]


def test_other_systems_name_people_in_the_context() -> None:
    others = [{"type": "card", "id": "FR 12"}, {"type": "shoe_size", "id": "38"}, "odd", {"id": 1}]
    names = identifiers_of(
        said(context={"externalIds": others, "traits": {"handle": "@Lea"}}), "FR"
    )

    assert names == (Identifier(Kind.CARD, "FR12"), Identifier(Kind.HANDLE, "lea"))


def test_an_alias_never_makes_two_accounts_one() -> None:
    message = said(type="alias", previousId="omar", userId="lea")

    assert [str(each.kind) for each in identifiers_of(message, "FR")] == ["user_id", "anonymous_id"]


@pytest.mark.parametrize("odd", [{"traits": ["a"]}, {"traits": {"email": {"a": 1}}}, {"traits": 7}])
def test_odd_traits_in_the_context_name_nobody(odd: dict[str, Any]) -> None:
    assert identifiers_of(said(userId="lea", context=odd), "FR") == (
        Identifier(Kind.USER_ID, "lea"),
    )


def test_what_a_person_types_is_understood() -> None:
    assert parsed("lea@example.org", "FR") == Identifier(Kind.EMAIL, "lea@example.org")
    assert parsed("0612345678", "FR") == Identifier(Kind.PHONE, "+33612345678")
    assert parsed("user_id:0612345678", "FR") == Identifier(Kind.USER_ID, "0612345678")
    assert parsed("lea", "FR") == Identifier(Kind.USER_ID, "lea")
