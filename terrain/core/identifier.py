"""The names by which one customer is known, and the numbers made from them: bucket and customer id.

The bucket is the unit in which the record is spread over workers and, one day, over machines (`scale.md`
R1, R2). It is a fixed hash that is never changed: the test vectors in `tests/core/test_identifier.py` are
part of the format of every installation. Identifiers are spelled in one normal form before they are
compared: normalising needs outside knowledge (phone prefixes), so it happens at the door
(`flow/identifiers.py`), and what arrives here is already normal.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from terrain.core.word import Word

BUCKETS = 256
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ONE_MS = timedelta(milliseconds=1)
_ONE_MINUTE = timedelta(minutes=1)
# Minutes fill 26 bits until the year 2127; the rest keeps apart what one customer meets in one minute:
# of a thousand names, two are the same once in 270,000 times.
FREE_BITS = 37
_LARGEST = 2**63 - 1
# As webhooks call an act and people a row; and as `/v1/decide` calls a decision, behind its customer.
_NUMBER = re.compile(r"(?:act_)?([0-9]{1,19})")
_DECISION = re.compile(r"[0-9a-fA-F]{1,16}-([0-9a-fA-F]{1,16})")


class Kind(Word):
    """Identifier kinds, the strongest first: an event belongs to its strongest identifier."""

    USER_ID = "user_id"
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    HANDLE = "handle"
    ANONYMOUS_ID = "anonymous_id"


# Under which names people and tracking libraries send an identifier that has no field of its own.
CALLED = {
    Kind.EMAIL: ("email", "e_mail", "mail"),
    Kind.PHONE: ("phone", "phone_number", "phoneNumber", "mobile"),
    Kind.CARD: ("card", "loyalty_card", "loyaltyCard"),
    Kind.HANDLE: ("handle",),
}
STRENGTH = {kind: place for place, kind in enumerate(Kind)}


class Identifier(msgspec.Struct, frozen=True, order=True):
    """One identifier in normal form: e-mail in lower case, phone in E.164, the rest trimmed."""

    kind: Kind
    value: str

    @property
    def bucket(self) -> int:
        """The bucket of the identifier's own row (not of the customer it leads to)."""
        return bucket_of_text(self.kind + ":" + self.value)


class CustomerKey(msgspec.Struct, frozen=True, order=True):
    """Where a customer's rows live."""

    bucket: int
    customer_id: int


def bucket_of(customer_id: int) -> int:
    """Return the bucket (0-255) of a customer id: one byte of BLAKE2b over its eight big-endian bytes."""
    return blake2b(customer_id.to_bytes(8, "big"), digest_size=1).digest()[0]


def bucket_of_text(text: str) -> int:
    """Return the bucket (0-255) of a text: one byte of BLAKE2b over its UTF-8 bytes."""
    return blake2b(text.encode(), digest_size=1).digest()[0]


def key_of(customer_id: int) -> CustomerKey:
    """Return where the rows of this customer live."""
    return CustomerKey(bucket_of(customer_id), customer_id)


@lru_cache(maxsize=256)
def first_id_at(at: datetime) -> int:
    """Return the smallest id that can be made in this minute: ids of later minutes are larger."""
    return max(0, (at - EPOCH) // _ONE_MINUTE) << FREE_BITS


def made_at(number: int) -> datetime:
    """Return the minute in which an id was made."""
    return EPOCH + (number >> FREE_BITS) * _ONE_MINUTE


def new_id(at: datetime) -> int:
    """Return a fresh 63-bit id: minutes since 2000, then 37 bits by chance.

    It is a name, never a cursor or an order: two ids of one minute have none (`scale.md` R3).
    """
    return first_id_at(at) | int.from_bytes(os.urandom(5), "big") >> 3


def id_from(at: datetime, *parts: object) -> int:
    """Return the id that these parts always give at this moment, so that deciding twice names the same."""
    text = "\x1f".join(map(str, parts))
    return (
        first_id_at(at) | int.from_bytes(blake2b(text.encode(), digest_size=5).digest(), "big") >> 3
    )


def number_in(said: Any) -> int:
    """Return the number of an act or decision as people and machines write it; 0 for what is none.

    `/v1/decide` calls a decision `<customer>-<decision>` in hexadecimal; webhooks call an act `act_<number>`; in
    JSON a long number is a text.
    """
    text = str(said) if isinstance(said, int | str) and not isinstance(said, bool) else ""
    if found := _DECISION.fullmatch(text):
        number = int(found[1], 16)
    else:
        plain = _NUMBER.fullmatch(text)
        number = int(plain[1]) if plain else 0
    return number if number <= _LARGEST else 0


def place_in_line(at: datetime, message_id: str) -> int:
    """Return where an event stands among those that wait: by milliseconds, then by any fixed order.

    Not a name: two events may stand in the same place.
    """
    tie = int.from_bytes(blake2b(message_id.encode(), digest_size=3).digest(), "big") >> 2
    return max(0, (at - EPOCH) // _ONE_MS) << 22 | tie
