"""Reads the steps of an automation file.

Promise: a step that is read can be run; what it leaves unsaid is filled in here, once, so that the
interpreter never guesses.
"""

import math
from collections.abc import Callable
from typing import Any

from terrain.core.automation import (
    Announcement,
    Ask,
    Branch,
    Change,
    DateOf,
    Do,
    DoTask,
    End,
    Offer,
    Part,
    Repeat,
    Send,
    Split,
    Step,
    Wait,
    Way,
)
from terrain.core.condition import ALWAYS
from terrain.core.consent import Channel
from terrain.core.duration import Span, span_of
from terrain.core.name import Name, Root
from terrain.flow import grammar, values
from terrain.flow.names import Names
from terrain.flow.terms import Keys, TermsReader
from terrain.flow.yaml_file import Node, Reading

AN_HOUR = Span(seconds=3600)
MOST_TIMES = 1000


class StepReader(TermsReader):
    """Reads the steps of one automation; `lines` says where each was found, by its name."""

    def __init__(self, reading: Reading, names: Names, offers: tuple[Offer, ...]) -> None:
        super().__init__(reading, names, offers)
        self.lines: dict[str, int] = {}

    def steps(self, node: Node | None) -> tuple[Step, ...]:
        if node is None:
            return ()
        found = (self._step(each) for each in self.reading.items(node))
        return tuple(step for step in found if step is not None)

    def _step(self, node: Node) -> Step | None:
        mapping = self.reading.mapping(node, "step")
        kinds = [kind for kind in grammar.STEPS if kind in mapping]
        # `ask` is a step of its own only where nothing else is: beside send and do it is their question.
        kind = next((each for each in kinds if each != "ask"), kinds[0] if kinds else "")
        if not kind:
            first = next(iter(mapping), "")
            self.reading.unknown(node.line, first, grammar.STEPS)
            return None
        keys = self.reading.keys(node, grammar.keys_of(kind), kind)
        return _READERS[kind](self, node, keys)

    def name(self, keys: Keys, node: Node, otherwise: str) -> str:
        """Return the step's name; two steps of one file never share one."""
        said = str(keys["name"].value) if "name" in keys else otherwise
        name, count = said, 1
        while name in self.lines:
            count += 1
            name = f"{said}-{count}"
        self.lines[name] = node.line
        return name

    # -- waiting ---------------------------------------------------------------------------------

    def wait(self, node: Node, keys: Keys) -> Wait | None:
        name = self.name(keys, node, "wait")
        said = keys["wait"]
        then, or_else = self.steps(keys.get("then")), self.steps(keys.get("or_else"))
        if not isinstance(said.value, dict):
            span = values.span(said, self.reading, "wait")
            return Wait(name=name, span=span) if span else None
        inner = self.reading.keys(said, grammar.keys_of("wait.until"), "wait")
        if "event" in inner:
            return self._wait_for_event(name, inner, then, or_else)
        if "for" in inner:
            span = values.span(inner["for"], self.reading, "for")
            return Wait(name=name, span=span) if span else None
        until = tuple(
            date
            for key in ("until", "or_else")
            if key in inner and (date := self.date_of(inner[key])) is not None
        )
        if not until:
            self.reading.missing(said, "until", "for, until, event")
            return None
        stock = self.maybe_name(inner, "stock")
        return Wait(name=name, until=until, stock=stock, or_else=or_else)

    def _wait_for_event(
        self, name: str, inner: Keys, then: tuple[Step, ...], or_else: tuple[Step, ...]
    ) -> Wait:
        within = inner.get("within")
        if within is None:
            self.reading.missing(inner["event"], "within", values.A_SPAN)
        return Wait(
            name=name,
            event=values.event(inner["event"], self.reading, self.names),
            condition=values.condition(inner["if"], self.reading, self.names)
            if "if" in inner
            else ALWAYS,
            within=values.span(within, self.reading, "within") if within else None,
            then=then,
            or_else=or_else,
        )

    def date_of(self, node: Node) -> DateOf | None:
        if not isinstance(node.value, dict):
            after = values.name(node, self.reading, self.names)
            return DateOf(after=after) if after else None
        keys = self.reading.keys(node, grammar.keys_of("date_of"), "until")
        if "after" not in keys:
            self.reading.missing(node, "after", "{after: event.at, plus: 6 months}")
            return None
        after = values.name(keys["after"], self.reading, self.names)
        if after is None:
            return None
        at = keys.get("at")
        return DateOf(
            after=after,
            plus=self._span_or_name(keys.get("plus")),
            minus=self._span_or_name(keys.get("minus")),
            at=values.time_of_day(at, self.reading, "at") if at else None,
        )

    def _span_or_name(self, node: Node | None) -> Span | Name | None:
        if node is None:
            return None
        span = span_of(node.value)
        return span or values.name(node, self.reading, self.names)

    # -- acting ----------------------------------------------------------------------------------

    def send(self, node: Node, keys: Keys) -> Send | None:
        template = values.text(keys["send"], self.reading, "send")
        channel = self.channel(node, keys)
        if channel is None:
            return None
        return Send(
            name=self.name(keys, node, template),
            template=template,
            by=channel,
            terms=self.terms(node, keys, channel),
            ask=self.question(keys["ask"], channel, keys) if "ask" in keys else None,
            values=self.names_by_word(keys.get("with")),
            or_else=self.steps(keys.get("or_else")),
        )

    def ask(self, node: Node, keys: Keys) -> Ask | None:
        channel = self.channel(node, keys, Channel.EMAIL)
        if channel is None:
            return None
        question = self.question(keys["ask"], channel, keys)
        if question is None:
            return None
        return Ask(
            name=self.name(keys, node, f"ask-{question.about.fact}"),
            question=question,
            by=channel,
            terms=self.terms(node, keys, channel),
            or_else=self.steps(keys.get("or_else")),
        )

    def do(self, node: Node, keys: Keys) -> Do | None:
        action = values.text(keys["do"], self.reading, "do")
        if action not in self.names.catalogue.actions:
            self.reading.unknown(keys["do"].line, action, self.names.catalogue.actions)
        return Do(
            name=self.name(keys, node, action),
            action=action,
            terms=self.terms(node, keys, None),
            payload=self.names_by_word(keys.get("with")),
            ask=self.question(keys["ask"], Channel.EMAIL, keys) if "ask" in keys else None,
            announce=self._announcement(keys["announce"], action) if "announce" in keys else None,
            or_else=self.steps(keys.get("or_else")),
        )

    def _announcement(self, node: Node, action: str) -> Announcement:
        if not isinstance(node.value, dict):
            if node.value != "before":
                self.reading.wrong(node, "announce", "before")
            return Announcement(template=f"{action}-announced", before=AN_HOUR)
        keys = self.reading.keys(node, grammar.keys_of("announce"), "announce")
        before = values.span(keys["before"], self.reading, "before") if "before" in keys else None
        template = str(keys["with"].value) if "with" in keys else f"{action}-announced"
        return Announcement(template=template, before=before or AN_HOUR)

    # -- choosing --------------------------------------------------------------------------------

    def branch(self, node: Node, keys: Keys) -> Branch:
        name = self.name(keys, node, "branch")
        ways: list[Way] = []
        otherwise: tuple[Step, ...] = ()
        for each in self.reading.items(keys["branch"]):
            way = self.reading.keys(each, grammar.keys_of("way"), "branch")
            if "otherwise" in way:
                otherwise = self.steps(way["otherwise"])
            elif "if" in way:
                when = values.condition(way["if"], self.reading, self.names)
                ways.append(Way(when=when, steps=self.steps(way.get("then"))))
            else:
                self.reading.missing(each, "if", "if, otherwise")
        return Branch(name=name, ways=tuple(ways), otherwise=otherwise)

    def split(self, node: Node, keys: Keys) -> Split:
        name = self.name(keys, node, "split")
        mapping = self.reading.mapping(keys["split"], "split")
        parts = tuple(self._part(label, each) for label, each in mapping.items())
        together = sum(part.share for part in parts)
        if not math.isclose(together, 1, abs_tol=1e-6):  # a third three times is nearly one
            self.reading.wrong(Node(f"{together:.0%}", node.line), "split", "100 %")
        return Split(name=name, parts=parts)

    def _part(self, label: str, node: Node) -> Part:
        keys = self.reading.keys(node, grammar.keys_of("part"), label)
        if "share" not in keys:
            self.reading.missing(node, "share", "50 %")
        share = values.share(keys["share"], self.reading, "share") if "share" in keys else None
        return Part(label=label, share=share or 0.0, steps=self.steps(keys.get("steps")))

    def change(self, node: Node, keys: Keys) -> Change | None:
        mapping = self.reading.mapping(keys["change"], "change")
        for said, value in mapping.items():
            fact = values.named(said, node.line, self.reading, self.names)
            if fact is None or fact.root is not Root.FACT:
                return None
            name = self.name(keys, node, f"change-{fact.fact}")
            named = self._said_by_event(value)
            said_here = None if named else self._changed(value, fact)
            return Change(name=name, fact=fact, value=said_here, named=named)
        self.reading.missing(node, "change", "customer.tags: …")
        return None

    def _changed(self, node: Node, fact: Name) -> Any:
        if fact.type == "yes_no":
            return values.yes_no(node, self.reading, fact.text)
        return node.plain()

    def _said_by_event(self, node: Node) -> Name | None:
        said = node.value
        if isinstance(said, str) and said.partition(".")[0] in ("event", "heard", "item"):
            return values.name(node, self.reading, self.names)
        return None

    def task(self, node: Node, keys: Keys) -> DoTask:
        within = keys.get("within")
        return DoTask(
            name=self.name(keys, node, "task"),
            title=values.words(keys["task"], self.reading, "task"),
            within=values.span(within, self.reading, "within") if within else None,
            shows=self.some_names(keys.get("shows")),
            then=self.steps(keys.get("then")),
            or_else=self.steps(keys.get("or_else")),
        )

    def repeat(self, node: Node, keys: Keys) -> Repeat:
        name = self.name(keys, node, "repeat")
        inner = self.reading.keys(keys["repeat"], grammar.keys_of("repeat.steps"), "repeat")
        times = values.number(inner["times"], self.reading, "times") if "times" in inner else None
        if "times" not in inner:
            self.reading.missing(node, "times", "times: 3")
        if times is not None and not 1 <= times <= MOST_TIMES:
            self.reading.wrong(inner["times"], "times", f"1–{MOST_TIMES}")
        until = inner.get("until")
        return Repeat(
            name=name,
            steps=self.steps(inner.get("steps")),
            times=int(times or 1),
            every=values.span(inner["every"], self.reading, "every") if "every" in inner else None,
            until=values.condition(until, self.reading, self.names) if until else None,
        )

    def end(self, node: Node, keys: Keys) -> End:
        because = values.text(keys["end"], self.reading, "end")
        return End(name=self.name(keys, node, "end"), because=because)


_READERS: dict[str, Callable[[StepReader, Node, Keys], Step | None]] = {
    "wait": StepReader.wait,
    "send": StepReader.send,
    "ask": StepReader.ask,
    "do": StepReader.do,
    "branch": StepReader.branch,
    "split": StepReader.split,
    "change": StepReader.change,
    "task": StepReader.task,
    "repeat": StepReader.repeat,
    "end": StepReader.end,
}
