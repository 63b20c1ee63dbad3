"""One message as it stands on the wire, read or refused.

Promise: what comes through here can be kept, decoded again and written anywhere in the record; what
cannot is refused with the field, the value and what would have been right.
"""

import re
from typing import Any

import msgspec

from terrain.core.event import NAME_OF_CALL, CallType, Said
from terrain.errors import Refusal, did_you_mean

MOST_BYTES = 32 * 1024
LONGEST_NAME = 200
LONGEST_ID = 256
DEEPEST = 64
# What msgspec may raise over bytes that somebody sent us.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

CALLS: tuple[CallType, ...] = ("track", "identify", "page", "screen", "group", "alias")
# What a 64-bit number can hold; a whole number beyond it is no quantity and no price of anything.
LARGEST_NUMBER = 2**63 - 1
LONG_NUMBER = b"0" * len(str(LARGEST_NUMBER))
DIGITS_AS_NOUGHTS = bytes.maketrans(b"123456789", b"000000000")
WRONG_TYPE = re.compile(r"Expected `(.+?)`(?:, got `(.+?)`)?(?: - at `\$\.?(.*)`)?$")


OTHER_MISFITS = re.compile(
    r"Object (contains unknown|missing required) field `(.+?)`(?: - at `\$\.?(.*)`)?$"
    r"|Expected `(.+?)` ((?:of length )?[<>]=? .+?)(?: - at `\$\.?(.*)`)?$"
)


class RefusedMessage(Refusal):
    """A message that is not what it should be; sending it again would not help."""

    status = 400


class InvalidJson(RefusedMessage):
    code = "invalid_json"


class InvalidUtf8(RefusedMessage):
    code = "invalid_utf8"


class WrongType(RefusedMessage):
    code = "wrong_type"


class UnknownField(RefusedMessage):
    code = "unknown_field"


class MissingField(RefusedMessage):
    code = "missing_field"


class OutOfBounds(RefusedMessage):
    code = "out_of_bounds"


class UnknownCall(RefusedMessage):
    code = "unknown_call"


class OtherCall(RefusedMessage):
    """The address says one kind of call, the message another."""

    code = "other_call"


class EventWithoutName(RefusedMessage):
    code = "event_without_name"


class ReportElsewhere(RefusedMessage):
    """A key that stands in a page opens no report about an act: whoever looks into it could invent complaints."""

    code = "report_elsewhere"
    status = 403


class NullCharacter(RefusedMessage):
    """No text of PostgreSQL can hold U+0000, and no text of a person ever does."""

    code = "null_character"


class TooDeep(RefusedMessage):
    code = "too_deep"


class TooLong(RefusedMessage):
    code = "too_long"


class EventTooLarge(RefusedMessage):
    code = "event_too_large"
    status = 413


class Wire(Said, frozen=True, kw_only=True, rename="camel"):
    """`Said`, with what only the door needs to know."""

    message_id: str | int | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None

    @property
    def event_name(self) -> str:
        """The name of the event, also for calls that carry none of their own."""
        return NAME_OF_CALL.get(self.type) or self.event or ""


_decode = msgspec.json.Decoder(Wire).decode
_any = msgspec.json.Decoder().decode
_top = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read(raw: bytes, call: CallType | None) -> tuple[Wire, bytes]:
    """Return the message and the bytes to keep of it, or refuse it."""
    if len(raw) > MOST_BYTES:
        raise EventTooLarge(value=f"{len(raw)} B", right=f"{MOST_BYTES // 1024} KB")
    if call and call != "track" and b'"type"' not in raw:
        raw = _naming_its_call(raw, call)
    try:
        wire = _decode(raw)
    except msgspec.ValidationError as error:
        wire, raw = _without_nulls(raw, error)
    except UNREADABLE as error:
        raise refusal_of(error) from None
    if call and wire.type != call:
        raise OtherCall(field="type", value=wire.type, right=call)
    _refuse_what_cannot_be_kept(raw)
    _refuse_what_has_no_name(wire)
    return wire, raw


def refusal_of(error: Exception) -> Refusal:
    """Say in our own words what the decoder stumbled over."""
    if isinstance(error, UnicodeDecodeError):
        return InvalidUtf8(value=f"0x{error.object[error.start]:02x}", right="UTF-8")
    if isinstance(error, RecursionError):
        return TooDeep(right=DEEPEST)
    if isinstance(error, msgspec.ValidationError):
        return _refusal_of_a_wrong_type(str(error))
    return InvalidJson(value=str(error).removeprefix("JSON is malformed: "))


def _refusal_of_a_wrong_type(words: str) -> Refusal:
    if words.startswith("Invalid enum value") and words.endswith("`$.type`"):
        wrong = words.split("'")[1]
        return UnknownCall(field="type", value=wrong, right=did_you_mean(wrong, CALLS) or CALLS)
    if OTHER_MISFITS.match(words):
        return _refusal_of_another_misfit(words)
    match = WRONG_TYPE.match(words)
    if not match:
        return InvalidJson(value=words)
    expected, got, field = match.groups()
    return WrongType(field=field or "message", value=got or "", right=expected)


def _refusal_of_another_misfit(words: str) -> Refusal:
    match = OTHER_MISFITS.match(words)
    assert match  # whoever calls this has looked
    what, name, within, kind, bounds, field = match.groups()
    if what is None:
        return OutOfBounds(field=field or "message", right=f"{kind} {bounds}")
    path = f"{within}.{name}" if within else name
    return (UnknownField if what == "contains unknown" else MissingField)(field=path, value=name)


def _naming_its_call(raw: bytes, call: CallType) -> bytes:
    """Write the call into the message: the bytes are all that is kept of it."""
    body = raw.lstrip()
    if not body.startswith(b"{"):
        return raw
    rest = body[1:].lstrip()
    comma = b"" if rest.startswith(b"}") else b","
    return b'{"type":"' + call.encode() + b'"' + comma + rest


def _without_nulls(raw: bytes, error: msgspec.ValidationError) -> tuple[Wire, bytes]:
    """Forgive `"traits": null`, which some libraries send: it says as much as nothing."""
    if b"null" not in raw:
        raise refusal_of(error)
    try:
        whole = _top(raw)
        kept = {name: value for name, value in whole.items() if bytes(value) != b"null"}
        again = msgspec.json.encode(kept)
        return _decode(again), again
    except UNREADABLE as still:
        raise refusal_of(still) from None


def _refuse_what_cannot_be_kept(raw: bytes) -> None:
    # All three looks are cheap; only what is suspect is taken apart.
    suspect = b"\\u0000" in raw or LONG_NUMBER in raw.translate(DIGITS_AS_NOUGHTS)
    if suspect or raw.count(b"{") + raw.count(b"[") > DEEPEST:
        _look_into(_any(raw), "", 0)


def _look_into(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise TooDeep(field=path.split(".")[1], right=DEEPEST)
    if isinstance(value, str) and "\x00" in value:
        raise NullCharacter(field=path.lstrip("."))
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise OutOfBounds(field=path.lstrip("."), right=f"≤ {LARGEST_NUMBER}")
    if isinstance(value, dict):
        for name, each in value.items():
            _look_into(name, f"{path}.…", depth)
            _look_into(each, f"{path}.{name}", depth + 1)
    elif isinstance(value, list):
        for each in value:
            _look_into(each, f"{path}[…]", depth + 1)


def _refuse_what_has_no_name(wire: Wire) -> None:
    name = wire.event_name
    if not name.strip():
        raise EventWithoutName(field="event", right="order.placed")
    refuse_longer("event", name, LONGEST_NAME)
    if wire.message_id is not None:
        refuse_longer("messageId", str(wire.message_id), LONGEST_ID)


def refuse_longer(field: str, text: str, most: int) -> None:
    """Refuse a name that is longer than what can be found again by an index."""
    if len(text) > most:
        raise TooLong(field=field, value=text, right=most)
