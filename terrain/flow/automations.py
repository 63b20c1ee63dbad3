"""Reads automation files: YAML that reads as a promise, each mistake with its line.

Promise: what comes out can be run and explained; a file with a mistake gives no automation at all,
so that half a promise never goes out.
"""

import re
from collections.abc import Iterator
from datetime import time
from hashlib import blake2b
from pathlib import Path

import msgspec

from terrain.core.act import Benefit, Lane
from terrain.core.automation import (
    Automation,
    EndsWhen,
    Offer,
    Start,
    StartOnDate,
    StartOnEvent,
    StartOnSchedule,
    StartOnSegment,
    Step,
)
from terrain.core.catalogue import Catalogue, EventKind
from terrain.core.condition import ALWAYS, Condition
from terrain.core.consent import Purpose
from terrain.core.duration import Span
from terrain.core.name import MORNING, Name
from terrain.errors import Refusal
from terrain.flow import grammar, steps, terms, values
from terrain.flow.names import Names
from terrain.flow.terms import items
from terrain.flow.yaml_file import FileRefusal, Node, Reading, Where, read_text

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,79}")
CATALOGUE = "catalogue.yaml"
# What no automation serves is declared in a file of its own (`flow/processes.py`).
PROCESSES = "processes.yaml"
YEARLY_AT_MOST = Span(months=12)


class Draft(msgspec.Struct):
    """One file as it was read: the automation, unless something is wrong with it."""

    file: str
    text: str
    name: str
    automation: Automation | None
    problems: list[Refusal]
    lines: dict[str, int]

    def where(self, step: str = "") -> Where:
        """Return where a step, or else the automation, stands."""
        return Where(self.file, self.lines.get(step, 1), self.name)


class NoBenefit(FileRefusal):
    """What it is worth to the customer is the first question, so it has its own refusal."""

    code = "no_benefit"


def files_of(folder: Path) -> list[Path]:
    """Return the automation files of a folder: its own, or those of its folder `automations`."""
    where = place_of_files(folder)
    found = (*where.glob("*.yaml"), *where.glob("*.yml"))
    return sorted(path for path in found if path.name not in (CATALOGUE, PROCESSES))


def place_of_files(folder: Path) -> Path:
    """Return where the automation files of a folder lie: in it, or in its folder `automations`."""
    inside = folder / "automations"
    return inside if inside.is_dir() else folder


def beside(folder: Path, name: str) -> Path | None:
    """Return the catalogue or the messages that go with a folder: in it, or next to it."""
    places = (folder / name, folder.parent / name)
    return next((place for place in places if place.exists()), None)


def drafts_of(folder: Path, catalogue: Catalogue) -> Iterator[Draft]:
    """Read every file; two files of one name are both told."""
    seen: dict[str, str] = {}
    for path in files_of(folder):
        draft = draft_of(path.read_bytes().decode("utf-8", "replace"), path.name, catalogue)
        other = seen.setdefault(draft.name, draft.file)
        if draft.name and other != draft.file:
            draft.problems.append(SameName(draft.where(), value=draft.name, right=other))
            draft.automation = None
        yield draft


class SameName(FileRefusal):
    code = "same_name"


def draft_of(text: str, file: str, catalogue: Catalogue) -> Draft:
    """Read one file."""
    root, reading = read_text(text, file)
    draft = Draft(file, text, "", None, [], {})
    if root is None:
        draft.problems += reading.problems
        return draft
    draft.name = reading.automation = _name(root, reading)
    read = _Reader(root, reading, catalogue)
    automation = read.automation(draft.name)
    draft.lines = read.lines
    draft.problems += reading.problems
    if not draft.problems:
        draft.automation = msgspec.structs.replace(automation, digest=digest(automation))
    return draft


def digest(automation: Automation) -> str:
    """Return the name of what it says: comments, order of keys and spacing do not count."""
    said = msgspec.json.encode(
        msgspec.structs.replace(automation, version=0, digest=""), order="deterministic"
    )
    return blake2b(said, digest_size=16).hexdigest()


def _name(root: Node, reading: Reading) -> str:
    node = root.get("automation")
    name = str(node.value) if node else ""
    if node and not _SLUG.fullmatch(name):
        reading.wrong(node, "automation", "filter-reminder")
    return name


def bounds(node: Node | None, reading: Reading) -> dict[str, float]:
    """Return the share of acts that is too much, by signal, as a file says it."""
    declared = reading.keys(node, grammar.SIGNALS, "bounds") if node is not None else {}
    shares = {key: values.share(each, reading, key) for key, each in declared.items()}
    return {key: share for key, share in shares.items() if share is not None}


class _Reader:
    def __init__(self, root: Node, reading: Reading, catalogue: Catalogue) -> None:
        self.reading = reading
        self.keys = reading.keys(root, grammar.keys_of("automation"), "automation")
        self.root = root
        self.catalogue = catalogue
        self.names = Names(catalogue, self._events())
        self.lines = {key: node.line for key, node in self.keys.items()}

    def automation(self, name: str) -> Automation:
        self._complain_about_what_is_missing()
        keys, reading = self.keys, self.reading
        offers = terms.offers(keys["offers"], reading) if "offers" in keys else ()
        benefit, purpose, lane = (keys.get(key) for key in ("benefit", "purpose", "lane"))
        said = Automation(
            name=name,
            owner=self._text("owner"),
            deputy=self._text("deputy"),
            mandate=values.words(keys["mandate"], reading, "mandate") if "mandate" in keys else {},
            purpose=(purpose and values.choice(purpose, reading, "purpose", Purpose))
            or Purpose.SERVICE,
            starts=tuple(self._starts()),
            ends=tuple(self._ends()),
            bounds=bounds(self.keys.get("bounds"), reading),
            looser_because=self._reasons(),
            holdout=self._holdout(),
            offers=offers,
            sector=self._text("sector"),
            lane=(lane and values.choice(lane, reading, "lane", Lane)) or Lane.USUAL,
        )
        found = benefit and terms.declared(benefit, reading, "benefit", Benefit, self.names)
        if found:
            said = msgspec.structs.replace(said, benefit=found)
        return msgspec.structs.replace(said, steps=self._steps(offers))

    def _steps(self, offers: tuple[Offer, ...]) -> tuple[Step, ...]:
        reader = steps.StepReader(self.reading, self.names, offers)
        found = reader.steps(self.keys.get("steps"))
        self.lines |= reader.lines
        return found

    def _complain_about_what_is_missing(self) -> None:
        for key in grammar.table()["automation"]:
            node = self.keys.get(key.name)
            if not key.required or (node is not None and node.value not in (None, [], {})):
                continue
            if key.name == "benefit":
                where = self.reading.at(self.root.line)
                right = ", ".join(Benefit)
                self.reading.problems.append(NoBenefit(where, field="benefit", right=right))
            else:
                self.reading.missing(node or self.root, key.name, key.en)

    def _text(self, key: str) -> str:
        node = self.keys.get(key)
        return values.text(node, self.reading, key) if node is not None else ""

    def _holdout(self) -> float:
        node = self.keys.get("holdout")
        return (values.share(node, self.reading, "holdout") if node else None) or 0.0

    def _reasons(self) -> dict[str, str]:
        node = self.keys.get("looser_because")
        if node is None:
            return {}
        known = self.reading.keys(node, grammar.SIGNALS, "looser_because")
        return {key: values.text(each, self.reading, key) for key, each in known.items()}

    def _ends(self) -> Iterator[EndsWhen]:
        node = self.keys.get("ends")
        for each in self.reading.items(node) if node else ():
            keys = self.reading.keys(each, grammar.keys_of("ends"), "ends")
            if not keys:
                self.reading.missing(each, "when", "when, if")
                continue
            when = keys.get("when")
            yield EndsWhen(
                event=values.event(when, self.reading, self.names) if when else "",
                condition=self._condition(keys, "if"),
            )

    # -- starts ----------------------------------------------------------------------------------

    def _events(self) -> tuple[EventKind, ...]:
        """Return the kinds of events that start it, whose words its names may use."""
        node = self.keys.get("starts")
        said = [each.get("when") for each in (self.reading.items(node) if node else [])]
        known = self.catalogue.event_names
        names = [known.get(str(each.value)) for each in said if each is not None]
        return tuple(self.catalogue.events[name] for name in names if name)

    def _starts(self) -> Iterator[Start]:
        node = self.keys.get("starts")
        for each in self.reading.items(node) if node else ():
            keys = self.reading.keys(each, grammar.keys_of("starts"), "starts")
            kind = next((key for key in ("when", "every", "segment", "on") if key in keys), None)
            if kind is None:
                self.reading.missing(each, "when", "when, every, segment, on")
                continue
            start = _STARTS[kind](self, keys)
            if start is not None:
                yield start

    def on_event(self, keys: dict[str, Node]) -> Start:
        reading, names = self.reading, self.names
        each = keys.get("each")
        unit = keys.get("units")
        said = [values.name(one, reading, names) for one in items(keys.get("subject"), reading)]
        return StartOnEvent(
            when=values.event(keys["when"], reading, names),
            each=self._in("event", each) if each else None,
            units=self._in("item", unit) if unit else None,
            condition=self._condition(keys, "if"),
            subject=tuple(name for name in said if name is not None),
        )

    def _in(self, owner: str, node: Node) -> Name | None:
        """Read `each: items` as the event's and `units: quantity` as the item's."""
        said = str(node.value)
        full = said if "." in said else f"{owner}.{said}"
        return values.named(full, node.line, self.reading, self.names)

    def on_schedule(self, keys: dict[str, Node]) -> Start | None:
        every = str(keys["every"].value)
        if every not in grammar.EVERY:
            self.reading.unknown(keys["every"].line, every, grammar.EVERY)
            return None
        return StartOnSchedule(
            every=every,
            at=self._time(keys) or MORNING,
            condition=self._condition(keys, "for"),
            day=self._day(keys, "on_day", 31),
            month=self._day(keys, "on_month", 12),
        )

    def on_segment(self, keys: dict[str, Node]) -> Start:
        again = keys.get("again_after")
        if again is None:
            self.reading.missing(keys["segment"], "again_after", values.A_SPAN)
        span = values.span(again, self.reading, "again_after") if again else None
        return StartOnSegment(
            condition=self._condition(keys, "segment"), again_after=span or YEARLY_AT_MOST
        )

    def on_date(self, keys: dict[str, Node]) -> Start | None:
        date = values.name(keys["on"], self.reading, self.names)
        if date is None:
            return None
        if date.type not in ("date", "anything"):
            self.reading.wrong(keys["on"], "on", "customer.birth_date")
        return StartOnDate(
            date=date,
            yearly="yearly" in keys and values.yes_no(keys["yearly"], self.reading, "yearly"),
            before=self._span(keys, "before"),
            after=self._span(keys, "after"),
            at=self._time(keys),
            condition=self._condition(keys, "if"),
        )

    def _span(self, keys: dict[str, Node], key: str) -> Span:
        return (key in keys and values.span(keys[key], self.reading, key)) or Span()

    def _time(self, keys: dict[str, Node]) -> time | None:
        return values.time_of_day(keys["at"], self.reading, "at") if "at" in keys else None

    def _day(self, keys: dict[str, Node], key: str, most: int) -> int:
        node = keys.get(key)
        if node is None:
            return 1
        if not isinstance(node.value, int) or not 1 <= node.value <= most:
            self.reading.wrong(node, key, f"1–{most}")
            return 1
        return node.value

    def _condition(self, keys: dict[str, Node], key: str) -> Condition:
        node = keys.get(key)
        return values.condition(node, self.reading, self.names) if node else ALWAYS


_STARTS = {
    "when": _Reader.on_event,
    "every": _Reader.on_schedule,
    "segment": _Reader.on_segment,
    "on": _Reader.on_date,
}
