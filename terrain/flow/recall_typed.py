"""What people type about a recall, as values: whom it is about, what was believed, what makes good.

Promise: what is typed is read as an automation's file would be, or refused with what would be right.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from terrain.core.catalogue import Catalogue
from terrain.core.condition import ALWAYS, Condition
from terrain.core.house import House
from terrain.core.recall import Kind, Remedy
from terrain.errors import Refusal
from terrain.flow import values
from terrain.flow.names import Names
from terrain.flow.yaml_file import read_text

_NUMBER = re.compile(r"-?\d{1,15}([.,]\d{1,9})?")


class RecallWords(Refusal):
    """A remedy is written by a person, in every language that customers are written to in."""

    code = "recall_words"


def value_in(text: str, fact: str, catalogue: Catalogue) -> Any:
    """Return what was typed as the kind of value that this fact has; None where nothing was."""
    kind = catalogue.facts.get(fact.partition("(")[0])
    match kind.type if kind else "":
        case _ if not text.strip():
            return None
        case "yes_no" if text.casefold() in values.YES_NO:
            return values.YES_NO[text.casefold()]
        case "number" if _NUMBER.fullmatch(text):
            number = float(text.replace(",", "."))
            return int(number) if number.is_integer() else number
    return text


def payload_in(text: str) -> dict[str, Any]:
    """Return what a gesture carries, typed as a line for each: `voucher: 5`."""
    root, reading = read_text(text, "payload")
    for problem in reading.problems:
        raise problem
    said = root.plain() if root else {}
    if not isinstance(said, dict):
        raise RecallWords(field="payload", value=text, right="voucher: 5")
    return said


def segment_of(text: str, house: House) -> Condition:
    """Return the condition that was typed, as an automation's file says one."""
    if not text.strip():
        return ALWAYS
    root, reading = read_text(text, "segment")
    found = values.condition(root, reading, Names(house.catalogue)) if root else ALWAYS
    for problem in reading.problems:
        raise problem
    return found


def remedy_in(text: str, file: str) -> Remedy:
    """Return the remedy that a file says, or refuse what is not one."""
    root, reading = read_text(text, file)
    for problem in reading.problems:
        raise problem
    try:
        return msgspec.convert(root.plain() if root else {}, Remedy)
    except msgspec.ValidationError as error:
        raise RecallWords(field=file, value=str(error), right=", ".join(Kind)) from None
