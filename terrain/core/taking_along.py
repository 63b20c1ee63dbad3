"""What somebody may take along of their own data, in which words, and what of it is somebody else's.

Promise: everything that is known of them is there; of staff only that it was staff, of other
customers nothing, and no address or key of a system.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from terrain.core.identifier import Identifier

STAFF = "staff"
OTHER = "another customer"
# By these our own events, tasks and gates name somebody who works here.
_WHO_WORKS_HERE = frozenset({"by", "who", "done_by", "closed_by", "paused_by"})
_OF_SYSTEMS = frozenset({"url", "secret", "headers", "gates"})
# What of an act's content speaks to or of the customer; the rest is how it was sent.
ACT_SAYS = ("template", "language", "values", "payload", "question", "answers")
_PARTING = frozenset({"identity.separated", "identity.linked"})


def of_event(
    row: Mapping[str, Any], names: Collection[Identifier], *, staff: bool
) -> dict[str, Any]:
    """Return an event as its customer takes it along; `staff` when somebody who works here says it."""
    said = dict(row["said"])
    properties = said.get("properties")
    if isinstance(properties, dict):
        if staff:
            properties = without_staff(properties)
        if row["name"] in _PARTING:
            properties = _without_others(properties, names)
        said["properties"] = properties
    return {**row, "said": said}


def of_act(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an act as its customer takes it along: what was said, not how it was sent."""
    content = row["content"] if isinstance(row["content"], dict) else {}
    said = {name: content[name] for name in ACT_SAYS if name in content}
    return {**row, "content": without_staff(said)}


def without_staff(value: Any) -> Any:
    """Return the same without names of those who work here, and without addresses of systems."""
    if isinstance(value, Mapping):
        return {
            name: STAFF if name in _WHO_WORKS_HERE and each else without_staff(each)
            for name, each in value.items()
            if name not in _OF_SYSTEMS
        }
    if isinstance(value, list | tuple):
        return [without_staff(each) for each in value]
    return value


def of_decision(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision as its customer takes it along: whole, but for who works here."""
    kept = {name: _gate(each) if name == "gates" else each for name, each in row.items()}
    kept.pop("key", None)
    if isinstance(kept.get("values"), dict):
        kept["values"] = without_staff(kept["values"])
    return kept


def _gate(gates: Any) -> Any:
    return [
        {**gate, "inputs": without_staff(gate.get("inputs", {}))}
        if isinstance(gate, dict)
        else gate
        for gate in gates or ()
    ]


def _without_others(properties: Mapping[str, Any], names: Collection[Identifier]) -> dict[str, Any]:
    """Leave out a name that is not theirs: a person once said that the two are not one."""
    own = {f"{name.kind}:{name.value}" for name in names} | {name.value for name in names}
    return {
        name: OTHER if name == "other" and value not in own else value
        for name, value in properties.items()
    }
