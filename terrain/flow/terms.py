"""Reads what every act declares: what it assumes, how far it reaches, how it can be taken back.

Promise: what a file leaves unsaid is filled in here, once, so that neither guard nor interpreter guesses.
"""

import re
from enum import StrEnum
from typing import TypeVar

from terrain.core.act import AskBy, Benefit, Lane, Moment, Reach, Undo, Waiting
from terrain.core.automation import Assumed, Case, Declared, Offer, Question, Terms
from terrain.core.consent import ADDRESS_OF, Channel, Purpose
from terrain.core.name import Name, Root
from terrain.flow import grammar, values
from terrain.flow.names import Names
from terrain.flow.yaml_file import Node, Reading

E = TypeVar("E", bound=StrEnum)
Keys = dict[str, Node]

OTHERWISE = "otherwise"
_FAR = tuple(Reach)
_GAP = re.compile(r"\{([^{}]+)\}")
# How a question goes by a channel, and how far it reaches.
ASKED_BY = {
    Channel.EMAIL: AskBy.INBOX,
    Channel.SMS: AskBy.SMS,
    Channel.CALL: AskBy.CALL,
    Channel.CHAT: AskBy.CONVERSATION,
}
REACHES = {Channel.SMS: Reach.PHONE, Channel.CALL: Reach.PHONE, Channel.POST: Reach.HOME}


class TermsReader:
    """Reads the terms of one automation's acts; `offers` are those of the whole automation."""

    def __init__(self, reading: Reading, names: Names, offers: tuple[Offer, ...]) -> None:
        self.reading = reading
        self.names = names
        self.offers = offers

    def channel(self, node: Node, keys: Keys, usual: Channel | None = None) -> Channel | None:
        if "by" not in keys:
            if usual is None:
                self.reading.missing(node, "by", ", ".join(Channel))
            return usual
        return values.choice(keys["by"], self.reading, "by", Channel)

    def terms(self, node: Node, keys: Keys, channel: Channel | None) -> Terms:
        reach = self._choice(keys, "reach", Reach)
        if reach is None:
            reach = REACHES.get(channel, Reach.INBOX) if channel else Reach.INBOX
            if "reach" not in keys and ("send" in keys or "do" in keys):
                self.reading.missing(node, "reach", ", ".join(Reach))
        elif channel and _FAR.index(reach) < _FAR.index(REACHES.get(channel, Reach.INBOX)):
            self.reading.wrong(keys["reach"], "reach", REACHES[channel])
        offers = self._offers(keys["offers"]) if "offers" in keys else self.offers
        return Terms(
            reach=reach,
            undo=self._declared(keys, "undo", Undo) or Declared(otherwise=Undo.BY_CUSTOMER),
            moment=self._declared(keys, "moment", Moment) or Declared(otherwise=Moment.ROUTINE),
            waiting=self._declared(keys, "waiting", Waiting) or Declared(otherwise=Waiting.NOBODY),
            benefit=self._declared(keys, "benefit", Benefit),
            purpose=self._choice(keys, "purpose", Purpose),
            assumes=self._assumes(keys.get("assumes"), channel),
            offers=offers,
            **{key: self._yes(keys, key) for key in _YES_NO},
            complaint=self.maybe_name(keys, "complaint"),
            product=self.maybe_name(keys, "product"),
            lane=self._choice(keys, "lane", Lane),
            expires=values.span(keys["expires"], self.reading, "expires")
            if "expires" in keys
            else None,
        )

    def _assumes(self, node: Node | None, channel: Channel | None) -> tuple[Assumed, ...]:
        """Return the assumptions; that the address still leads to the customer is always one."""
        found = [self._assumed(each) for each in (self.reading.items(node) if node else ())]
        recipient = ADDRESS_OF.get(channel) if channel else None
        known = [each for each in found if each is not None]
        if recipient and all(each.name.fact != recipient for each in known):
            known.append(Assumed(name=self.names.resolve(f"customer.{recipient}")))
        return tuple(known)

    def _assumed(self, node: Node) -> Assumed | None:
        if isinstance(node.value, dict) and len(node.value) == 1:
            [(said, expected)] = node.value.items()
        else:
            said, expected = node.value, None
        one = values.named(str(said), node.line, self.reading, self.names)
        if one is None:
            return None
        if one.root is not Root.FACT:
            self.reading.wrong(node, "assumes", "customer.email, customer.uses(item.product)")
            return None
        if expected is not None:
            value = expected.plain()
            return Assumed(name=one, expects=values.YES_NO.get(str(value).lower(), value))
        return Assumed(name=one, expects=True if one.type == "yes_no" else None)

    def question(self, node: Node, channel: Channel, around: Keys) -> Question | None:
        keys = self.reading.keys(node, grammar.keys_of("question"), "ask")
        about = self._asked_about(node, keys, around)
        if about is None:
            return None
        words = {
            language: values.text(keys[language], self.reading, language)
            for language in values.LANGUAGES
            if language in keys
        }
        for language in values.LANGUAGES:
            if language not in words:
                self.reading.missing(node, f"ask.{language}", "en, fr")
        answers = (
            tuple(str(each.plain()) for each in self.reading.items(keys["answers"]))
            if ("answers" in keys)
            else ("yes", "no")
        )
        return Question(
            about=about,
            words=words,
            answers=answers,
            within=values.span(keys["within"], self.reading, "within")
            if "within" in keys
            else None,
            no_answer=str(keys["no_answer"].plain()) if "no_answer" in keys else "no",
            by=ASKED_BY.get(channel, AskBy.INBOX),
            gaps=self._gaps(node, words),
        )

    def _gaps(self, node: Node, words: dict[str, str]) -> dict[str, Name]:
        """Return the names that fill the gaps of a question."""
        said = dict.fromkeys(gap for each in words.values() for gap in _GAP.findall(each))
        found = {gap: values.named(gap, node.line, self.reading, self.names) for gap in said}
        return {gap: name for gap, name in found.items() if name is not None}

    def _asked_about(self, node: Node, keys: Keys, around: Keys) -> Name | None:
        """Return the fact a question is about: what it says, else the first doubt of its act."""
        if "about" in keys:
            return self.maybe_name(keys, "about")
        assumes = self._assumes(around.get("assumes"), None)
        if not assumes:
            self.reading.missing(node, "about", "customer.wants_sooner(event.order)")
            return None
        return assumes[0].name

    def _choice(self, keys: Keys, key: str, kind: type[E]) -> E | None:
        return values.choice(keys[key], self.reading, key, kind) if key in keys else None

    def _declared(self, keys: Keys, key: str, kind: type[StrEnum]) -> Declared | None:
        return declared(keys[key], self.reading, key, kind, self.names) if key in keys else None

    def _yes(self, keys: Keys, key: str) -> bool:
        return key in keys and values.yes_no(keys[key], self.reading, key)

    def _offers(self, node: Node) -> tuple[Offer, ...]:
        return offers(node, self.reading)

    def maybe_name(self, keys: Keys, key: str) -> Name | None:
        return values.name(keys[key], self.reading, self.names) if key in keys else None

    def some_names(self, node: Node | None) -> tuple[Name, ...]:
        found = (values.name(each, self.reading, self.names) for each in items(node, self.reading))
        return tuple(name for name in found if name is not None)

    def names_by_word(self, node: Node | None) -> dict[str, Name]:
        if node is None:
            return {}
        found: dict[str, Name] = {}
        for word, each in self.reading.mapping(node, "with").items():
            one = values.name(each, self.reading, self.names)
            if one is not None:
                found[word] = one
        return found


def declared(
    node: Node, reading: Reading, key: str, kind: type[StrEnum], names: Names
) -> Declared | None:
    """Read a value that may depend on facts: `{easily: item.in_stock, never: otherwise}`."""
    if not isinstance(node.value, dict):
        one = values.choice(node, reading, key, kind)
        return Declared(otherwise=one) if one else None
    cases: list[Case] = []
    otherwise = None
    for said, each in node.value.items():
        value = values.choice(Node(said, each.line), reading, key, kind)
        if value is None:
            continue
        if each.value == OTHERWISE:
            otherwise = value
        else:
            when = values.condition(each, reading, names)
            cases.append(Case(value=value, when=when))
    if otherwise is None:
        reading.missing(node, f"{key}: …: otherwise", OTHERWISE)
        return None
    return Declared(otherwise=otherwise, cases=tuple(cases))


def offers(node: Node, reading: Reading) -> tuple[Offer, ...]:
    found = (values.choice(each, reading, "offers", Offer) for each in reading.items(node))
    return tuple(offer for offer in found if offer is not None)


def items(node: Node | None, reading: Reading) -> list[Node]:
    return reading.items(node) if node is not None else []


_YES_NO = ("solicited", "adverse", "significant", "obligation")
