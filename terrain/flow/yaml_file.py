"""Reads a YAML file into nodes that remember their lines, and collects everything wrong with it.

Promise: no file can hang or swell the reader (size, depth and aliases are limited before anything
is built), and every complaint names file, automation and line. Aliases and tags are refused
altogether: a file that reads as a promise says things where they stand.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML, events, nodes
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from terrain.errors import Refusal, did_you_mean

LARGEST = 256 * 1024
DEEPEST = 40
MOST_NODES = 50_000


class FileRefusal(Refusal):
    """Something in a file that cannot stand; always with file, automation and line."""

    def __init__(
        self,
        where: "Where",
        *,
        field: str | None = None,
        value: object = None,
        right: object = None,
        **values: object,
    ) -> None:
        self.where = where
        super().__init__(
            field=field,
            value=value,
            right=right,
            file=where.file,
            line=where.line,
            automation=where.automation or "…",
            **values,
        )

    def as_dict(self) -> dict[str, object]:
        where = {"file": self.where.file, "line": self.where.line}
        return super().as_dict() | where | {"automation": self.where.automation}


class NotYaml(FileRefusal):
    code = "not_yaml"


class TooMuchYaml(FileRefusal):
    code = "too_much_yaml"


class AliasRefused(FileRefusal):
    code = "yaml_alias"


class SaidTwice(FileRefusal):
    code = "said_twice"


class UnknownKey(FileRefusal):
    code = "unknown_key"


class UnknownName(FileRefusal):
    code = "unknown_name"


class MissingKey(FileRefusal):
    code = "missing_key"


class WrongValue(FileRefusal):
    code = "wrong_value"


class Where(msgspec.Struct, frozen=True):
    """Where in which file."""

    file: str
    line: int
    automation: str = ""


class Node(msgspec.Struct):
    """One value of a file with its line. `value` is a dict or list of nodes, or a plain value."""

    value: Any
    line: int

    def get(self, key: str) -> "Node | None":
        """Return the node under a key, of a mapping that may lack it."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, Node) else None

    def plain(self) -> Any:
        """Return the value without lines, all the way down."""
        if isinstance(self.value, dict):
            return {key: each.plain() for key, each in self.value.items()}
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        return self.value


class Reading:
    """One file being read: where we are, and what is wrong so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.automation = ""
        self.problems: list[FileRefusal] = []

    def at(self, line: int) -> Where:
        return Where(self.file, line, self.automation)

    def wrong(self, node: Node, field: str, right: object) -> None:
        """Complain that a value is not what its key wants."""
        shown = node.value if not isinstance(node.value, dict | list) else "…"
        self.problems.append(WrongValue(self.at(node.line), field=field, value=shown, right=right))

    def unknown(self, line: int, word: str, known: Iterable[str]) -> None:
        """Complain about a name nobody declared, and say which one was likely meant."""
        known = sorted(set(known))
        right = did_you_mean(word, known) or ", ".join(known[:12])
        self.problems.append(UnknownName(self.at(line), value=word, right=right))

    def mapping(self, node: Node, field: str) -> dict[str, Node]:
        if isinstance(node.value, dict):
            return node.value
        self.wrong(node, field, "key: value")
        return {}

    def items(self, node: Node) -> list[Node]:
        """Return the nodes of a list; one thing alone is a list of one."""
        return node.value if isinstance(node.value, list) else [node]

    def keys(self, node: Node, known: Iterable[str], field: str) -> dict[str, Node]:
        """Return the mapping less what nobody knows, each unknown key being complained about."""
        known = list(known)
        mapping = self.mapping(node, field)
        for key, each in mapping.items():
            if key not in known:
                right = did_you_mean(key, known) or ", ".join(known)
                where = self.at(each.line)
                self.problems.append(UnknownKey(where, field=field, value=key, right=right))
        return {key: each for key, each in mapping.items() if key in known}

    def missing(self, node: Node, key: str, right: object = None) -> None:
        self.problems.append(MissingKey(self.at(node.line), field=key, right=right))


def read(path: Path) -> tuple[Node | None, Reading]:
    """Return the root of a file, or None with the reason in the reading's problems."""
    return read_text(text_of(path), path.name)


def read_text(text: str, file: str) -> tuple[Node | None, Reading]:
    """Return the root of a text; see `read`."""
    reading = Reading(file)
    try:
        _refuse_what_swells(text, reading)
        root = YAML(typ="rt", pure=True).compose(text)
        return (_node(root, reading) if root is not None else Node({}, 1)), reading
    except FileRefusal as refusal:
        reading.problems.append(refusal)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = reading.at(mark.line + 1 if mark else 1)
        reading.problems.append(NotYaml(where, value=error.problem or error.context))
    except (YAMLError, ValueError) as error:
        # ruamel lets the ValueError of an impossible date or a strange character through as it is.
        reading.problems.append(NotYaml(reading.at(1), value=str(error)))
    return None, reading


def text_of(path: Path) -> str:
    """Return the text of a file, of one that is too large only the beginning."""
    # One byte more than the limit is enough to know that it is too much.
    with path.open("rb") as file:
        return file.read(LARGEST + 1).decode("utf-8", "replace")


def _refuse_what_swells(text: str, reading: Reading) -> None:
    """Walk over the file's events, which builds nothing, before anything is built."""
    if len(text) > LARGEST:
        raise TooMuchYaml(reading.at(1), value=f"{len(text)} …", right=f"{LARGEST} bytes")
    depth = 0
    for count, event in enumerate(YAML(typ="rt", pure=True).parse(text)):
        line = event.start_mark.line + 1
        depth += isinstance(event, events.CollectionStartEvent)
        depth -= isinstance(event, events.CollectionEndEvent)
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None):
            raise AliasRefused(reading.at(line), value=str(event.anchor))
        if depth > DEEPEST or count > MOST_NODES:
            raise TooMuchYaml(reading.at(line), value=depth, right=DEEPEST)
        if getattr(event, "tag", None) not in (None, "!"):
            raise AliasRefused(reading.at(line), value=str(event.tag))
        _refuse_what_is_no_letter(getattr(event, "value", "") or "", reading.at(line))


def _refuse_what_is_no_letter(text: str, where: Where) -> None:
    """Refuse what an escape can write and neither a page nor the record can hold."""
    odd = next((each for each in text if each == "\0" or "\ud800" <= each <= "\udfff"), None)
    if odd is not None:
        raise NotYaml(where, value=f"U+{ord(odd):04X}")


def _node(node: nodes.Node, reading: Reading) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, nodes.MappingNode):
        return Node(dict(_pairs(node, reading)), line)
    if isinstance(node, nodes.SequenceNode):
        return Node([_node(each, reading) for each in node.value], line)
    assert isinstance(node, nodes.ScalarNode)  # compose knows three kinds of node
    return Node(_scalar(node), line)


def _pairs(node: nodes.MappingNode, reading: Reading) -> Iterator[tuple[str, Node]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = key_node.value
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise NotYaml(reading.at(line), value="[…]: …")
        if key in seen:
            reading.problems.append(SaidTwice(reading.at(line), value=key))
            continue
        seen.add(key)
        value = _node(value_node, reading)
        # A complaint about a key points at the key, also where its value begins a line below.
        yield key, Node(value.value, line)


def _scalar(node: nodes.ScalarNode) -> Any:
    kind = str(node.tag).rpartition(":")[2]
    text = node.value
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text.replace("_", ""), 0) if not text.lstrip("+-").isdigit() else int(text)
    if kind == "float":
        return float(text.replace("_", ""))
    return _date(text) if kind == "timestamp" else text


def _date(text: str) -> date | datetime | str:
    try:
        return (
            datetime.fromisoformat(text)
            if len(text) > len("2026-11-22")
            else (date.fromisoformat(text))
        )
    except ValueError:
        return text
