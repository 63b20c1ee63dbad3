"""Reads the names of things: Terrain's own (`flow/catalogue.yaml`), then the shop's, then its products.

Promise: what every installation knows is always there, the shop's own words hold where both speak, and
a catalogue with a mistake is refused as a whole, each mistake with its line.
"""

import csv
import json
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from terrain.core.catalogue import (
    Action,
    Aging,
    Catalogue,
    EventKind,
    FactKind,
    Prior,
    Product,
    Says,
)
from terrain.core.fact import EvidenceKind, SourceKind
from terrain.flow import values
from terrain.flow.yaml_file import FileRefusal, Node, Reading, read

OWN = Path(__file__).with_name("catalogue.yaml")
TYPES = (
    *("text", "number", "date", "yes_no", "choice", "span", "address", "money", "list", "item"),
    "anything",
)
SECTIONS = ("events", "facts", "products", "actions", "names")
_EVENT = ("also", "properties", "says", "begins", "en", "fr")
_FACT = ("type", "ages", "choices", "prior", "knowable", "told_by", "per", "en", "fr")
_SAYS = ("fact", "value", "constant", "about", "each", "kind", "evidence")
_AGES = ("yearly", "half_life", "product_life")
_ACTION = ("url", "idempotent", "en", "fr")
_PRODUCT = ("lifetime", "used_for", "how_to", "reorder", "en", "fr")
KEYS = frozenset((*_EVENT, *_FACT, *_SAYS, *_AGES, *_ACTION, *_PRODUCT))
DAYS_PER_MONTH = 30.4375


def catalogue_of(path: Path | None, products: str = "") -> tuple[Catalogue, list[FileRefusal]]:
    """Return the whole catalogue, and what is wrong with the shop's part of it."""
    builtin = _own()
    if path is None or not path.exists():
        found, problems = builtin, []
    else:
        root, reading = read(path)
        found = builtin if root is None else _added(builtin, root, reading)
        problems = reading.problems
    if products:
        more, wrong = products_of(Path(products))
        found = msgspec.structs.replace(found, products=found.products | more)
        problems = [*problems, *wrong]
    return _with_version(found), problems


def products_of(path: Path) -> tuple[dict[str, Product], list[FileRefusal]]:
    """Read a list of products: YAML (as in a catalogue), CSV or JSON Lines with a column `sku`."""
    if path.suffix in (".yaml", ".yml"):
        root, reading = read(path)
        if root is None:
            return {}, reading.problems
        return _products(root.get("products") or root, reading), reading.problems
    reading = Reading(path.name)
    found: dict[str, Product] = {}
    for line, row in _rows(path, reading):
        sku = str(row.get("sku") or row.get("id") or "").strip()
        if not sku:
            reading.missing(Node(None, line), "sku")
        else:
            node = Node({key: Node(each, line) for key, each in row.items() if each}, line)
            found[sku] = _product(sku, node, reading)
    return found, reading.problems


@cache
def _own() -> Catalogue:
    root, reading = read(OWN)
    assert root is not None, reading.problems  # our own file, read by every test
    found = _added(Catalogue(), root, reading)
    assert not reading.problems, reading.problems
    return found


def _added(base: Catalogue, root: Node, reading: Reading) -> Catalogue:
    """Return the catalogue with what a file adds to it."""
    sections = reading.keys(root, SECTIONS, "catalogue")
    facts = base.facts | _facts(sections.get("facts"), reading)
    events = base.events | _events(sections.get("events"), reading, facts)
    return msgspec.structs.replace(
        base,
        facts=facts,
        events=events,
        products=base.products | _products(sections.get("products"), reading),
        actions=base.actions | _actions(sections.get("actions"), reading),
        names=base.names | _words_of_names(sections.get("names"), reading),
        event_names=_event_names(events),
    )


def _each(node: Node | None, reading: Reading, field: str) -> Iterator[tuple[str, Node]]:
    if node is not None and node.value is not None:
        yield from reading.mapping(node, field).items()


def _facts(node: Node | None, reading: Reading) -> dict[str, FactKind]:
    return {name: _fact(name, each, reading) for name, each in _each(node, reading, "facts")}


def _fact(name: str, node: Node, reading: Reading) -> FactKind:
    keys = reading.keys(node, _FACT, name)
    kind = str(keys["type"].value) if "type" in keys else "text"
    if kind not in TYPES:
        reading.unknown(keys["type"].line, kind, TYPES)
    choices, told_by = keys.get("choices"), keys.get("told_by")
    return FactKind(
        name=name,
        type=kind,
        aging=_aging(keys["ages"], reading) if "ages" in keys else Aging(),
        words=_words(keys, reading),
        choices=_choices(choices, reading) if choices else (),
        said=_said(choices, reading) if choices else {},
        prior=_prior(keys["prior"], kind, reading) if "prior" in keys else None,
        knowable=values.yes_no(keys["knowable"], reading, "knowable")
        if "knowable" in keys
        else True,
        told_by=tuple(str(each.value) for each in reading.items(told_by)) if told_by else (),
        per=str(keys["per"].value) if "per" in keys else "",
    )


def _choices(node: Node, reading: Reading) -> tuple[str, ...]:
    """Return what may be chosen: a list of words, or words and how each is said."""
    if isinstance(node.value, dict):
        return tuple(node.value)
    return tuple(str(each.value) for each in reading.items(node))


def _said(node: Node, reading: Reading) -> dict[str, dict[str, str]]:
    if not isinstance(node.value, dict):
        return {}
    return {name: values.words(each, reading, name) for name, each in node.value.items()}


def _aging(node: Node, reading: Reading) -> Aging:
    if node.value == "never":
        return Aging()
    keys = reading.keys(node, _AGES, "ages")
    if "yearly" in keys:
        return Aging(yearly_change=values.share(keys["yearly"], reading, "yearly") or 0.0)
    if "half_life" in keys:
        span = values.span(keys["half_life"], reading, "half_life")
        if span is None:
            return Aging()
        days = span.days + span.months * DAYS_PER_MONTH + span.seconds / 86400
        return Aging(half_life_days=days)
    return Aging(product_life="product_life" in keys)


def _prior(node: Node, kind: str, reading: Reading) -> Prior | None:
    keys = reading.keys(node, ("value", "confidence"), "prior")
    for key in ("value", "confidence"):
        if key not in keys:
            reading.missing(node, f"prior.{key}", "prior: {value: yes, confidence: 60 %}")
            return None
    confidence = values.share(keys["confidence"], reading, "confidence")
    value = keys["value"].plain()
    if kind == "yes_no":
        value = values.yes_no(keys["value"], reading, "value")
    return None if confidence is None else Prior(value=value, confidence=confidence)


def _events(
    node: Node | None, reading: Reading, facts: dict[str, FactKind]
) -> dict[str, EventKind]:
    return {
        name: _event(name, each, reading, facts) for name, each in _each(node, reading, "events")
    }


def _event(name: str, node: Node, reading: Reading, facts: dict[str, FactKind]) -> EventKind:
    if node.value is None:
        return EventKind(name=name)
    keys = reading.keys(node, _EVENT, name)
    also = keys.get("also")
    says, begins = keys.get("says"), keys.get("begins")
    return EventKind(
        name=name,
        also=tuple(str(each.value) for each in reading.items(also)) if also else (),
        properties=_properties(keys.get("properties"), reading),
        says=tuple(_says(each, reading, facts) for each in reading.items(says)) if says else (),
        begins=values.yes_no(begins, reading, "begins") if begins else False,
        words=_words(keys, reading),
    )


def _properties(node: Node | None, reading: Reading, prefix: str = "") -> dict[str, str]:
    """Return the types of what an event says; `items: {sku: text}` also gives `items.sku`."""
    found: dict[str, str] = {}
    for key, each in _each(node, reading, "properties"):
        if isinstance(each.value, dict):
            found[prefix + key] = "list" if key.endswith("s") else "item"
            found |= _properties(each, reading, f"{prefix}{key}.")
        elif each.value not in TYPES:
            reading.unknown(each.line, str(each.value), TYPES)
        else:
            found[prefix + key] = each.value
    return found


def _says(node: Node, reading: Reading, facts: dict[str, FactKind]) -> Says:
    keys = reading.keys(node, _SAYS, "says")
    fact = str(keys["fact"].value) if "fact" in keys else ""
    if fact not in facts:
        reading.unknown(node.line, fact, facts)
    kind = keys.get("kind")
    evidence = keys.get("evidence")
    constant = keys["constant"].plain() if "constant" in keys else None
    return Says(
        fact=fact,
        value=str(keys["value"].value) if "value" in keys else "",
        constant=values.YES_NO.get(str(constant).lower(), constant),
        about=str(keys["about"].value) if "about" in keys else "",
        each=str(keys["each"].value) if "each" in keys else "",
        kind=values.choice(kind, reading, "kind", SourceKind) if kind else None,
        evidence=values.choice(evidence, reading, "evidence", EvidenceKind) if evidence else None,
    )


def _products(node: Node | None, reading: Reading) -> dict[str, Product]:
    return {sku: _product(sku, each, reading) for sku, each in _each(node, reading, "products")}


def _product(sku: str, node: Node, reading: Reading) -> Product:
    """Return a product; what it says beyond the known keys are properties of the shop's own."""
    keys = reading.mapping(node, sku)
    lifetime, used_for = keys.get("lifetime"), keys.get("used_for")
    return Product(
        sku=sku,
        words=_words(keys, reading),
        lifetime=values.span(lifetime, reading, "lifetime") if lifetime else None,
        used_for=values.span(used_for, reading, "used_for") if used_for else None,
        how_to=_address(keys.get("how_to"), reading, "how_to"),
        reorder=_address(keys.get("reorder"), reading, "reorder"),
        properties={key: each.plain() for key, each in keys.items() if key not in _PRODUCT},
    )


def _address(node: Node | None, reading: Reading, field: str) -> str:
    if node is None:
        return ""
    if isinstance(node.value, str) and node.value.startswith(("https://", "http://")):
        return node.value
    reading.wrong(node, field, "https://…")
    return ""


def _actions(node: Node | None, reading: Reading) -> dict[str, Action]:
    return {name: _action(name, each, reading) for name, each in _each(node, reading, "actions")}


def _action(name: str, node: Node, reading: Reading) -> Action:
    keys = reading.keys(node, _ACTION, name)
    idempotent = keys.get("idempotent")
    if "url" not in keys:
        reading.missing(node, "url", "https://…")
    return Action(
        name=name,
        url=_address(keys.get("url"), reading, "url"),
        idempotent=values.yes_no(idempotent, reading, "idempotent") if idempotent else False,
        words=_words(keys, reading),
    )


def _words(keys: dict[str, Node], reading: Reading) -> dict[str, str]:
    return {
        language: values.text(keys[language], reading, language)
        for language in values.LANGUAGES
        if language in keys
    }


def _words_of_names(node: Node | None, reading: Reading) -> dict[str, dict[str, str]]:
    return {name: values.words(each, reading, name) for name, each in _each(node, reading, "names")}


def _event_names(events: dict[str, EventKind]) -> dict[str, str]:
    """Return the way from every name of an event to ours; foreign ones in any case and spacing."""
    ours = {name: name for name in events}
    foreign = {other: kind.name for kind in events.values() for other in kind.also}
    folded = {other.casefold(): name for other, name in foreign.items()}
    return folded | foreign | ours


def _with_version(found: Catalogue) -> Catalogue:
    said = msgspec.json.encode(msgspec.structs.replace(found, version=""), order="deterministic")
    digest = blake2b(said, digest_size=6).hexdigest()
    return msgspec.structs.replace(found, version=digest)


def _rows(path: Path, reading: Reading) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if path.suffix == ".csv":
            yield from enumerate(csv.DictReader(file), start=2)
            return
        for line, said in enumerate(file, start=1):
            try:
                row = json.loads(said)
            except ValueError:
                row = None
            if isinstance(row, dict):
                yield line, row
            elif said.strip():
                reading.wrong(Node(said, line), "sku", '{"sku": "…"}')
