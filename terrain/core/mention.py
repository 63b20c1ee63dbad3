"""Whether a text speaks of somebody: what could not be handled is kept as it came, and may name them.

Promise: an address is found however it is written (capitals, escapes, gaps in a number, a mail's own
encodings); a short number is taken for a name only where one stands, so that nobody else's is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from email import message_from_bytes, policy

import msgspec

from terrain.core.identifier import CustomerKey, Identifier, Kind

# A text so short may stand anywhere; it names somebody only as the value of a field.
SHORTEST_ANYWHERE = 8
_LAST_DIGITS = 9
_NUMBER = re.compile(r"\+?\d(?:[ .()/-]{0,2}\d){7,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_FIELDS = "|".join(
    (
        *("userid", "user_id", "anonymousid", "anonymous_id", "previousid", "id", "customer"),
        *("card", "loyalty_card", "loyaltycard", "handle", "customer_id", "value", "right"),
    )
)


class Marks(msgspec.Struct, frozen=True):
    """By what somebody is recognised in a text."""

    words: re.Pattern[str] | None
    fields: re.Pattern[str] | None
    numbers: frozenset[str]

    def stand_in(self, held: bytes) -> bool:
        """Say whether any of them stands there."""
        return any(self._stand_in(text) for text in _readings(held))

    def _stand_in(self, text: str) -> bool:
        for pattern in (self.words, self.fields):
            if pattern is not None and pattern.search(text):
                return True
        return bool(self.numbers) and any(
            _digits(found[0])[-_LAST_DIGITS:] in self.numbers for found in _NUMBER.finditer(text)
        )


def marks_of(names: Collection[Identifier], nodes: Collection[CustomerKey] = ()) -> Marks:
    """Return by what whoever bears these names is recognised; `nodes` are our own numbers for them."""
    phones = [name for name in names if name.kind is Kind.PHONE]
    others = {name.value.casefold() for name in names if name.kind is not Kind.PHONE}
    long = {text for text in others if len(text) >= SHORTEST_ANYWHERE or "@" in text}
    long |= {str(node.customer_id) for node in nodes}
    return Marks(
        words=_any_of(long, r"(?<![\w.+@-])(?:{})(?![\w@-]|\.\w)"),
        fields=_any_of(others - long, rf'"(?:{_FIELDS})"\s*:\s*"?(?:{{}})"?\s*[,}}\]]'),
        numbers=frozenset(_digits(name.value)[-_LAST_DIGITS:] for name in phones),
    )


def _any_of(texts: Collection[str], around: str) -> re.Pattern[str] | None:
    if not texts:
        return None
    return re.compile(around.replace("{}", "|".join(map(re.escape, sorted(texts)))))


def _readings(held: bytes) -> Iterator[str]:
    """Yield the text as it stands and, where it is written in another way, what it says."""
    text = held.decode("utf-8", "replace").casefold()
    yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).casefold()
    if b"content-transfer-encoding" in held.lower() or b"=?" in held:
        yield from _parts_of(held)


def _parts_of(held: bytes) -> Iterator[str]:
    # What stands before the mail is why it was kept, in one line.
    mail = message_from_bytes(held.partition(b"\n")[2], policy=policy.compat32)
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content.decode("utf-8", "replace").casefold()


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
