"""Identifiers in their normal form, read out of a message as it came.

Promise: two spellings of one address are one identifier, and what names nobody ("undefined", "0") is
none, because it would make the whole world one customer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from terrain.core.event import Said
from terrain.core.identifier import CALLED, STRENGTH, Identifier, Kind

LONGEST = 255
# What programs and people write where they have no identifier.
NOBODY = frozenset(
    {
        *("undefined", "null", "none", "nil", "nan", "void", "na", "n/a", "n.a.", "-", "--", "."),
        *("0", "-1", "false", "true", "unknown", "inconnu", "anonymous", "anonyme", "anon"),
        *("guest", "invite", "invité", "visitor", "visiteur", "user", "userid", "user_id"),
        *("user-id", "anonymousid", "customer", "client", "default", "test", "string", "id"),
        *("<null>", "(null)", "[null]", "{}", "[]", "[object object]", "(not set)", "not set"),
    }
)
# A template whose gap was never filled: "{{user_id}}", "${id}", "%(id)s", "<id>".
_GAPS = ("{{", "${", "%(", "<%", "*|")
_INVISIBLE = frozenset({"Cc", "Cs"})
# Addresses so plain that they cannot be wrong: nearly all of them, in 1 µs instead of the library's 40.
_LABEL = r"[a-z0-9](?:-?[a-z0-9]){0,30}"
_PLAIN_EMAIL = re.compile(
    rf"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+){{0,9}}@(?:{_LABEL}\.){{1,4}}(?!arpa|invalid|local|onion|test)[a-z]{{2,24}}",
    re.ASCII,
)
_LONGEST_PLAIN = 64


class NotAnIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was given as an identifier and is none, and why."""

    field: str
    value: str
    because: str


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """By what names a message speaks of its customer, the strongest first; what could not be used."""

    identifiers: tuple[Identifier, ...] = ()
    refused: tuple[NotAnIdentifier, ...] = ()


def identifiers_of(said: Said, default_country: str) -> tuple[Identifier, ...]:
    """Return the identifiers of a message, the strongest first; what is none is left out."""
    return names_in(said, default_country).identifiers


def names_in(said: Said, default_country: str) -> Names:
    """Return the identifiers of a message, and what was given as one but could not be used."""
    found: dict[Identifier, None] = {}
    refused = []
    for field, kind, value in _given(said):
        name = named(kind, value, default_country)
        if isinstance(name, Identifier):
            found[name] = None
        else:
            refused.append(NotAnIdentifier(field=field, value=str(value)[:80], because=name))
    if len(found) > 1:
        found = dict.fromkeys(sorted(found, key=_strength))
    return Names(identifiers=tuple(found), refused=tuple(refused))


def named(kind: Kind, value: Any, default_country: str) -> Identifier | str:
    """Return the identifier in its normal form, or the code of why it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return "not_text"
    text = str(value).strip()
    if len(text) > LONGEST:
        return "too_long"
    return _named(kind, text, default_country)


def parsed(text: str, default_country: str) -> Identifier | str:
    """Return the identifier that a person typed: `email:lea@example.org`, or just the address.

    Without a kind, an address is an e-mail, what can be dialled a phone, anything else a user id.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in STRENGTH:
        return named(Kind(kind), rest, default_country)
    for guess in (Kind.EMAIL, Kind.PHONE):
        name = named(guess, text, default_country)
        if isinstance(name, Identifier):
            return name
    return named(Kind.USER_ID, text, default_country)


def _strength(identifier: Identifier) -> int:
    return STRENGTH[identifier.kind]


def _given(said: Said) -> Iterator[tuple[str, Kind, Any]]:
    """Yield what stands where an identifier may stand; the first of its kind counts."""
    if said.user_id is not None:
        yield "userId", Kind.USER_ID, said.user_id
    if said.anonymous_id is not None:
        yield "anonymousId", Kind.ANONYMOUS_ID, said.anonymous_id
    if said.previous_id is not None and said.type == "alias":
        is_address = isinstance(said.previous_id, str) and "@" in said.previous_id
        # A previous id may be anybody's user id; it is only ever taken for a visitor's.
        yield "previousId", Kind.EMAIL if is_address else Kind.ANONYMOUS_ID, said.previous_id
    places = (said.traits, said.context.get("traits"), said.properties)
    for kind, names in CALLED.items():
        yield from _first(kind, names, places)
    others = said.context.get("externalIds")
    for each in others if isinstance(others, list) else ():
        if isinstance(each, dict) and each.get("type") in STRENGTH:
            yield "context.externalIds", Kind(each["type"]), each.get("id")


def _first(
    kind: Kind, names: Iterable[str], places: Iterable[Any]
) -> Iterator[tuple[str, Kind, Any]]:
    for place in places:
        if not place or not isinstance(place, dict):
            continue
        for name in names:
            if place.get(name) not in (None, ""):
                yield name, kind, place[name]
                return


@lru_cache(maxsize=8192)
def _named(kind: Kind, text: str, default_country: str) -> Identifier | str:
    if not text.isprintable() and any(unicodedata.category(c) in _INVISIBLE for c in text):
        return "control_characters"
    normal = unicodedata.normalize("NFC", text)
    if not normal:
        return "empty"
    plain = normal.casefold()
    if plain in NOBODY or not plain.strip("0-") or plain.startswith(_GAPS):
        return "names_everybody"
    normal = _NORMAL[kind](normal, default_country)
    return Identifier(kind, normal) if normal else _WRONG[kind]


def _email(text: str, _country: str) -> str:
    plain = text.lower()
    if text.isascii() and len(text) <= _LONGEST_PLAIN and _PLAIN_EMAIL.fullmatch(plain):
        return plain
    try:
        address = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return ""
    return address.normalized.lower()


def _phone(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text.removeprefix("tel:"), country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _card(text: str, _country: str) -> str:
    return "".join(c for c in text.upper() if c not in " -.")


def _handle(text: str, _country: str) -> str:
    network, colon, name = text.casefold().rpartition(":")
    return f"{network.strip()}{colon}{name.strip().removeprefix('@')}".strip(":")


def _as_it_is(text: str, _country: str) -> str:
    return text


_NORMAL: dict[Kind, Callable[[str, str], str]] = {
    Kind.USER_ID: _as_it_is,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.CARD: _card,
    Kind.HANDLE: _handle,
    Kind.ANONYMOUS_ID: _as_it_is,
}
_WRONG = {
    Kind.USER_ID: "empty",
    Kind.EMAIL: "not_an_email",
    Kind.PHONE: "not_a_phone_number",
    Kind.CARD: "empty",
    Kind.HANDLE: "empty",
    Kind.ANONYMOUS_ID: "empty",
}
