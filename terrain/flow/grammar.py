"""Every key that an automation file may have: one table (`grammar.yaml`) for reader, schema, manual.

Promise: a key that is read is in the table and a key of the table is read; each says in both
languages what it is for (a test holds the manual to it).
"""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from terrain.core.act import AskBy, Benefit, Lane, Moment, Reach, Undo, Waiting
from terrain.core.automation import Offer
from terrain.core.consent import Channel, Purpose
from terrain.core.signal import BAD, Signal
from terrain.flow.yaml_file import read


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key: what it holds, whether it must be there, and a sentence in each language."""

    name: str
    holds: str
    en: str
    fr: str
    required: bool = False


# What a signal may be, for bounds: what customers and staff say against an act.
SIGNALS = tuple(signal.value for signal in Signal if signal in BAD)
EVERY = (
    *("day", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("month", "year"),
)
ACTS = ("send", "ask", "do")
STEPS = ("wait", "send", "ask", "do", "branch", "split", "change", "task", "repeat", "end")

CHOICES: dict[str, type[StrEnum]] = {
    "reach": Reach,
    "purpose": Purpose,
    "lane": Lane,
    "channel": Channel,
    "ask_by": AskBy,
}
# What may depend on facts: `undo: {easily: item.in_stock, never: otherwise}`.
DEPENDS: dict[str, type[StrEnum]] = {
    "benefit": Benefit,
    "undo": Undo,
    "moment": Moment,
    "waiting": Waiting,
}


@cache
def table() -> dict[str, tuple[Key, ...]]:
    """Return the keys of every section; `send`, `ask` and `do` have the terms of an act as well."""
    root, reading = read(Path(__file__).with_suffix(".yaml"))
    assert root is not None, reading.problems  # our own file, read by every test
    found = {
        section: tuple(
            Key(**said | {"name": name, "required": said.get("required") == "yes"})
            for name, said in keys.items()
        )
        for section, keys in root.plain().items()
    }
    terms = found.pop("terms")
    return found | {section: (*found[section], *terms) for section in ACTS}


def keys_of(section: str) -> tuple[str, ...]:
    """Return the keys that a section may have."""
    return tuple(key.name for key in table()[section])


def schema() -> dict[str, Any]:
    """Return the JSON Schema that editors use while a file is being written."""
    sections = {name: _section(name) for name in table()}
    steps = [{"$ref": f"#/$defs/{name}"} for name in STEPS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Terrain automation",
        **sections.pop("automation"),
        "$defs": sections | {"step": {"oneOf": steps}} | _COMMON,
    }


def _section(name: str) -> dict[str, Any]:
    keys = table()[name]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key.name for key in keys if key.required],
        "properties": {key.name: _property(key) for key in keys},
    }


def _property(key: Key) -> dict[str, Any]:
    return {"description": f"{key.en} / {key.fr}", **_holds(key.holds)}


def _holds(kind: str) -> dict[str, Any]:
    if kind in CHOICES:
        return {"enum": [str(each) for each in CHOICES[kind]]}
    if kind in DEPENDS:
        words = [str(each) for each in DEPENDS[kind]]
        cases = {"type": "object", "propertyNames": {"enum": words}, "minProperties": 1}
        return {"anyOf": [{"enum": words}, cases]}
    return _HOLDS[kind]


_TEXT = {"type": "string", "minLength": 1}
_ONE_OR_MANY = {"anyOf": [_TEXT, {"type": "array", "items": {"type": ["string", "object"]}}]}
_ANYTHING_SAID = {"anyOf": [_TEXT, {"type": "object"}, {"type": "array"}]}
_BY_WORD = {"type": "object", "additionalProperties": _TEXT}


def _list_of(section: str) -> dict[str, Any]:
    one = {"$ref": f"#/$defs/{section}"}
    return {"anyOf": [one, {"type": "array", "items": one}]}


_HOLDS: dict[str, dict[str, Any]] = {
    "slug": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
    "text": _TEXT,
    "texts": {"type": "array", "items": {"type": ["string", "number"]}},
    "number": {"type": "number"},
    "yes_no": {"enum": ["yes", "no", True, False]},
    "span": _TEXT,
    "span_or_name": _TEXT,
    "time": _TEXT,
    "share": {"type": ["string", "number"]},
    "event": _TEXT,
    "action": _TEXT,
    "every": {"enum": list(EVERY)},
    "name": _TEXT,
    "names": _ONE_OR_MANY,
    "names_by_word": _BY_WORD,
    "condition": _ANYTHING_SAID,
    "date_of": {"anyOf": [_TEXT, {"$ref": "#/$defs/date_of"}]},
    "wait": {"anyOf": [_TEXT, {"$ref": "#/$defs/wait.until"}]},
    "question": {"$ref": "#/$defs/question"},
    "announce": {"anyOf": [{"const": "before"}, {"$ref": "#/$defs/announce"}]},
    "words": {"$ref": "#/$defs/words"},
    "starts": _list_of("starts"),
    "ends": _list_of("ends"),
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    "ways": {"type": "array", "items": {"$ref": "#/$defs/way"}},
    "parts": {"type": "object", "additionalProperties": {"$ref": "#/$defs/part"}},
    "repeat": {"$ref": "#/$defs/repeat.steps"},
    "changes": {"type": "object", "minProperties": 1},
    "offers": {"type": "array", "items": {"enum": [str(each) for each in Offer]}},
    "bounds": {
        "type": "object",
        "propertyNames": {"enum": list(SIGNALS)},
        "additionalProperties": {"type": ["string", "number"]},
    },
    "reasons": {
        "type": "object",
        "propertyNames": {"enum": list(SIGNALS)},
        "additionalProperties": _TEXT,
    },
}
_COMMON: dict[str, Any] = {
    "words": {
        "type": "object",
        "additionalProperties": False,
        "required": ["en", "fr"],
        "properties": {"en": _TEXT, "fr": _TEXT},
    }
}
