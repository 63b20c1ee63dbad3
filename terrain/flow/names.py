"""Resolves the names that a file uses against the catalogue.

Promise: a misspelt name is refused when the file is read, with the one that was likely meant; what
is accepted here can be looked up for every customer (`core/scene.py`).
"""

import re
from collections.abc import Iterable, Iterator

from terrain.core.catalogue import Catalogue, EventKind, Product
from terrain.core.name import Name, Root

_NAME = re.compile(r"\s*([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)\s*(?:\((.*)\))?\s*", re.DOTALL)

_ROOTS = {"event": Root.EVENT, "heard": Root.HEARD, "item": Root.ITEM, "run": Root.RUN}
LONGEST = 200
# What a run itself knows.
OF_THE_RUN = {
    "subject": "text",
    "unit": "number",
    "answer": "text",
    "outcome": "text",
    "part": "text",
    "started_at": "date",
}
OF_EVERY_EVENT = {"at": "date", "name": "text", "source": "text", "message_id": "text"}
OF_EVERY_PRODUCT = {
    "sku": "text",
    "name": "text",
    "lifetime": "span",
    "how_to": "text",
    "reorder": "text",
}


class NameRefused(Exception):
    """A name nobody declared, with those that could have been meant."""

    def __init__(self, word: str, known: Iterable[str]) -> None:
        self.word = word
        self.known = tuple(known)
        super().__init__(word)


class Names:
    """The names that one automation may use: the customer's facts, and what its events say."""

    def __init__(self, catalogue: Catalogue, started_by: Iterable[EventKind] = ()) -> None:
        self.catalogue = catalogue
        self.events = tuple(started_by)
        self._product = OF_EVERY_PRODUCT | dict.fromkeys(_product_properties(catalogue), "anything")

    def resolve(self, text: str) -> Name:
        """Return the name, or raise NameRefused."""
        match = _NAME.fullmatch(text) if len(text) <= LONGEST else None
        if match is None:
            raise NameRefused(text[:LONGEST], self.known())
        words, about = match[1], match[2]
        if about is not None:
            return self._fact(words.removeprefix("customer."), self.resolve(about), text)
        first, _, rest = words.partition(".")
        if first == "customer":
            return self._fact(rest, None, text)
        if first in _ROOTS:
            return self._rooted(_ROOTS[first], tuple(rest.split(".")) if rest else (), text)
        return self._plain(words, text)

    def known(self) -> Iterator[str]:
        """Yield what could have been meant, for "did you mean"."""
        yield from self.catalogue.facts
        yield from (f"customer.{fact}" for fact in self.catalogue.facts)
        yield from OF_THE_RUN
        for prefix, properties in self._said().items():
            yield from (f"{prefix}.{name}" for name in properties)
        yield from (f"item.product.{name}" for name in self._product)

    def _plain(self, words: str, text: str) -> Name:
        if words in self.catalogue.facts:
            return self._fact(words, None, text)
        if words in OF_THE_RUN:
            return Name(text=text, root=Root.RUN, path=(words,), type=OF_THE_RUN[words])
        noun, _, rest = words.partition(".")
        # `order.total` is how people say what the event about an order says: its `total`.
        if rest and any(kind.name.startswith(noun + ".") for kind in self.events):
            return self._rooted(Root.EVENT, (noun, *rest.split(".")), text)
        raise NameRefused(words, self.known())

    def _fact(self, fact: str, about: Name | None, text: str) -> Name:
        kind = self.catalogue.facts.get(fact)
        if kind is None:
            raise NameRefused(text.strip(), self.known())
        return Name(
            text=text.strip(),
            root=Root.FACT,
            path=tuple(fact.split(".")),
            about=about,
            type=kind.type,
            per_subject=kind.per == "subject" and about is None,
        )

    def _rooted(self, root: Root, path: tuple[str, ...], text: str) -> Name:
        kind = self._type(root, path)
        if kind is None:
            raise NameRefused(text.strip(), self.known())
        return Name(text=text.strip(), root=root, path=path, type=kind)

    def _type(self, root: Root, path: tuple[str, ...]) -> str | None:
        if root is Root.RUN:
            return OF_THE_RUN.get(path[0]) if len(path) == 1 else None
        if root is Root.HEARD:
            return OF_EVERY_EVENT.get(path[0], "anything") if path else None
        if not path:
            return "item" if root is Root.ITEM else None
        if path[0] == "product":
            return self._product.get(path[1]) if len(path) > 1 else "product"
        if root is Root.ITEM:
            return self._property(("items", *path)) or self._property(("item", *path))
        return OF_EVERY_EVENT.get(path[0]) or self._property(path)

    def _property(self, path: tuple[str, ...]) -> str | None:
        """Return the type of what an event says; one that declares nothing may say anything."""
        dotted = ".".join(path)
        for kind in self.events:
            declared = kind.properties
            if not declared:
                return "anything"
            noun = kind.name.partition(".")[0]
            for name in (dotted, dotted.removeprefix(noun + "."), path[0]):
                found = declared.get(name)
                if found is not None and (name != path[0] or len(path) == 1 or found == "anything"):
                    return found
        return None

    def _said(self) -> dict[str, set[str]]:
        said: dict[str, set[str]] = {"event": set(OF_EVERY_EVENT), "item": {"product"}}
        for kind in self.events:
            noun = kind.name.partition(".")[0]
            for name in kind.properties:
                owner, _, inner = name.partition(".")
                said["event"].add(name)
                said.setdefault(noun, set()).add(name)
                if owner in ("items", "item") and inner:
                    said["item"].add(inner)
        return said


def _product_properties(catalogue: Catalogue) -> set[str]:
    products: Iterable[Product] = catalogue.products.values()
    return {name for product in products for name in product.properties}
