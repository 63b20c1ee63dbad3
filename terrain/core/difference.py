"""What differs between two versions of an automation, in words.

Promise: every change that can make it act otherwise is said, in the reader's language, before anybody
puts it live; what says the same gives no words at all.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple, TypeVar

import msgspec

from terrain.core.approval import reach_of
from terrain.core.aspects import ASPECTS, SAYS_NOTHING, SIGNALS
from terrain.core.automation import (
    Announcement,
    Automation,
    Branch,
    Question,
    Split,
    Step,
    Terms,
    Wait,
)
from terrain.core.catalogue import Catalogue
from terrain.core.promise import facts_of
from terrain.core.retelling import Tongue, kind_of

_FORMS = {
    "en": {
        "changed": "{what}: {old} → {new}.",
        "added": "{what}: added: {items}.",
        "removed": "{what}: removed: {items}.",
        "in en": "{what} (in English)",
        "in fr": "{what} (in French)",
        "of step": "{step}, {what}",
        "of signal": "{what} for {signal}",
        "new step": "New: {step}.",
        "gone step": "No longer there: {step}.",
        "moved": "{step} stands elsewhere now.",
        "order": "{what}: their order changed.",
        "reach": "Reach: {old} → {new}.",
        "relies": "It newly relies on: {facts}.",
        "relies at first": "It relies on: {facts}.",
        "no longer relies": "It no longer relies on: {facts}.",
        "alike": "{what}: written otherwise, reads the same ({new}).",
        "new": "All of it is new.",
    },
    "fr": {
        "changed": "{what} : {old} → {new}.",
        "added": "{what}, ajouté : {items}.",
        "removed": "{what}, retiré : {items}.",
        "in en": "{what} (en anglais)",
        "in fr": "{what} (en français)",
        "of step": "{step}, {what}",
        "of signal": "{what} : {signal}",
        "new step": "Nouveau : {step}.",
        "gone step": "N’y est plus : {step}.",
        "moved": "{step} a changé de place.",
        "order": "{what} : leur ordre a changé.",
        "reach": "Portée : {old} → {new}.",
        "relies": "Elle s’appuie désormais aussi sur : {facts}.",
        "relies at first": "Elle s’appuie sur : {facts}.",
        "no longer relies": "Elle ne s’appuie plus sur : {facts}.",
        "alike": "{what} : écrit autrement, se lit pareil ({new}).",
        "new": "Tout y est nouveau.",
    },
}
_T = TypeVar("_T")


def is_cosmetic(old: Automation, new: Automation) -> bool:
    """Tell whether nothing that acts differs: only comments, the order of keys, or who and what for."""
    return _acting(old) == _acting(new)


def difference(
    old: Automation | None, new: Automation, language: str, catalogue: Catalogue
) -> tuple[str, ...]:
    """Return every difference as a sentence, what weighs most first."""
    compare = _Comparison(Tongue(language, catalogue))
    if old is None:
        return (compare.form("new"), *compare.first(new))
    return tuple(dict.fromkeys((*compare.totals(old, new), *compare.wholes(old, new))))


def _acting(automation: Automation) -> Automation:
    return msgspec.structs.replace(
        automation, version=0, digest="", owner="", deputy="", mandate={}, looser_because={}
    )


class _Pair(NamedTuple):
    """A step before and now; one of both is missing where it is gone or new."""

    old: Step | None
    new: Step | None
    after: Step | None  # what follows it
    moved: bool = False


class _Comparison:
    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue

    def form(self, key: str, /, **gaps: object) -> str:
        said = self.tongue.tied(_FORMS[self.tongue.language][key].format(**gaps))
        return said[:1].upper() + said[1:]

    def label(self, of: type, field: str) -> str:
        return ASPECTS[of][field][self.tongue.language == "fr"]

    # -- the whole ---------------------------------------------------------------------------------

    def first(self, new: Automation) -> Iterator[str]:
        """Say on what a first version relies; there is nothing before it to compare."""
        if facts := [self.tongue.said(name) for name in facts_of(new)]:
            yield self.form("relies at first", facts=", ".join(dict.fromkeys(facts)))

    def totals(self, old: Automation, new: Automation) -> Iterator[str]:
        """Say how far it goes and on what it relies, before and now."""
        said = self.tongue.said
        if reach_of(old) != reach_of(new):
            yield self.form("reach", old=said(reach_of(old)), new=said(reach_of(new)))
        before = set(facts_of(old))
        newly = [said(name) for name in facts_of(new) if name not in before]
        if newly:
            yield self.form("relies", facts=", ".join(dict.fromkeys(newly)))
        now = set(facts_of(new))
        gone = [said(name) for name in facts_of(old) if name not in now]
        if gone:
            yield self.form("no longer relies", facts=", ".join(dict.fromkeys(gone)))

    def wholes(self, old: Automation, new: Automation) -> Iterator[str]:
        for field in ASPECTS[Automation]:
            before, now = getattr(old, field), getattr(new, field)
            what = self.label(Automation, field)
            if field == "steps":
                yield from self._steps(old.steps, new.steps)
            elif field == "starts":
                yield from self._starts(before, now, what)
            elif field == "bounds":
                yield from self._bounds(before, now, what)
            elif field == "holdout":
                yield from self._holdout(before, now, what)
            else:
                yield from self.value(what, before, now)

    def _bounds(self, old: dict[str, float], new: dict[str, float], what: str) -> Iterator[str]:
        for signal in sorted({*old, *new}):
            before, now = old.get(signal), new.get(signal)
            if before != now:
                called = SIGNALS[signal][self.tongue.language == "fr"]
                of = self.form("of signal", what=what, signal=called)
                yield self.form("changed", what=of, old=self._share(before), new=self._share(now))

    def _holdout(self, old: float, new: float, what: str) -> Iterator[str]:
        if old != new:
            before, now = self._share(old or None), self._share(new or None)
            yield self.form("changed", what=what, old=before, new=now)

    def _share(self, share: float | None) -> str:
        return self.tongue.said(None) if share is None else self.tongue.share(share)

    def _starts(self, old: tuple[Any, ...], new: tuple[Any, ...], what: str) -> Iterator[str]:
        gone = [start for start in old if start not in new]
        come = [start for start in new if start not in old]
        if len(gone) == len(come) == 1 and type(gone[0]) is type(come[0]):
            yield from self.struct(what, gone[0], come[0])
        elif old != new:
            yield from self._members(what, old, new)

    # -- values ------------------------------------------------------------------------------------

    def struct(self, step: str, old: Any, new: Any) -> Iterator[str]:
        """Say every field that differs between two things of one kind."""
        silent = SAYS_NOTHING.get(type(old), frozenset())
        for field in old.__struct_fields__:
            before, now = getattr(old, field), getattr(new, field)
            if field in silent or before == now:
                continue
            label = self.label(type(old), field)
            what = self.form("of step", step=step, what=label) if label else step
            yield from self._field(step, what, before, now)

    def _field(self, step: str, what: str, old: Any, new: Any) -> Iterator[str]:
        if type(old) is type(new) and isinstance(old, Terms | Question | Announcement):
            yield from self.struct(step, old, new)
        else:
            yield from self.value(what, old, new)

    def value(self, what: str, old: Any, new: Any) -> Iterator[str]:
        """Say that one value became another; of lists, what came and what went."""
        if old == new:
            return
        if _are_words(old, new):
            yield from self._words(what, old, new)
        elif isinstance(old, tuple) and isinstance(new, tuple) and old and new:
            yield from self._members(what, old, new)
        else:
            yield self.changed(what, self.tongue.said(old), self.tongue.said(new))

    def changed(self, what: str, old: str, new: str) -> str:
        """Say a value before and now; two that read alike are still not the same."""
        return self.form("alike" if old == new else "changed", what=what, old=old, new=new)

    def _words(self, what: str, old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
        for language in sorted({*old, *new}):
            before, now = old.get(language, ""), new.get(language, "")
            if before != now:
                known = f"in {language}" in _FORMS["en"]
                which = self.form(f"in {language}", what=what) if known else f"{what} ({language})"
                quoted = self.tongue.quoted
                yield self.changed(which, quoted(before), quoted(now))

    def _members(self, what: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[str]:
        differ = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
        if len(old) == len(new) and len(differ) == 1:
            yield self.changed(what, *(self.tongue.said(each) for each in differ[0]))
            return
        come = [each for each in new if each not in old]
        gone = [each for each in old if each not in new]
        for form, items in (("removed", gone), ("added", come)):
            if items:
                yield self.form(form, what=what, items=self.tongue.said(tuple(items)))
        if not come and not gone:
            yield self.form("order", what=what)

    # -- steps -------------------------------------------------------------------------------------

    def _steps(self, old: tuple[Step, ...], new: tuple[Step, ...]) -> Iterator[str]:
        for pair in _found_again(_pairs(old, new)):
            if pair.old is not None and pair.new is not None:
                yield from self._step(pair.old, pair.new, pair)
            elif pair.new is not None:
                yield self.form("new step", step=self.tongue.step(pair.new))
            elif pair.old is not None:
                yield self.form("gone step", step=self.tongue.step(pair.old))

    def _step(self, old: Step, new: Step, pair: _Pair) -> Iterator[str]:
        called = self.tongue.called(new, pair.after)
        if pair.moved:
            yield self.form("moved", step=called)
        if isinstance(old, Branch) and isinstance(new, Branch):
            yield from self._ways(called, old, new)
        elif isinstance(old, Split) and isinstance(new, Split):
            yield from self._parts(called, old, new)
        if isinstance(old, Wait) and old.name != new.name:
            # Waits are numbered by the file, not named by anybody: the name follows the others.
            old = msgspec.structs.replace(old, name=new.name)
        if not isinstance(old, Branch | Split):
            yield from self.struct(called, old, new)
        elif old.name != new.name:
            what = self.form("of step", step=called, what=self.label(type(old), "name"))
            yield self.changed(what, old.name, new.name)

    def _ways(self, called: str, old: Branch, new: Branch) -> Iterator[str]:
        before, now = (tuple(way.when for way in each.ways) for each in (old, new))
        if before != now:
            what = self.form("of step", step=called, what=self.label(Branch, "ways"))
            yield from self._members(what, before, now)

    def _parts(self, called: str, old: Split, new: Split) -> Iterator[str]:
        before, now = (
            tuple(msgspec.structs.replace(part, steps=()) for part in each.parts)
            for each in (old, new)
        )
        if before != now:
            what = self.form("of step", step=called, what=self.label(Split, "parts"))
            yield from self._members(what, before, now)


def _are_words(old: Any, new: Any) -> bool:
    """Tell whether both are texts by language, rather than names that fill gaps."""
    values = [each for said in (old, new) if isinstance(said, dict) for each in said.values()]
    both = isinstance(old, dict) and isinstance(new, dict)
    return both and bool(values) and all(isinstance(each, str) for each in values)


# -- which step is which ---------------------------------------------------------------------------


def _pairs(old: tuple[Step, ...], new: tuple[Step, ...]) -> Iterator[_Pair]:
    """Pair the steps of a block: the same ones anchor, and between two anchors kind goes with kind."""
    before, now = ([_token(step) for step in steps] for steps in (old, new))
    matcher = SequenceMatcher(None, before, now, autojunk=False)
    for _, low, high, start, end in matcher.get_opcodes():
        for one, other in _beside(old[low:high], new[start:end]):
            yield _Pair(one, other, _next(new, other) if other is not None else None)
            yield from _inner(one, other)


def _inner(old: Step | None, new: Step | None) -> Iterator[_Pair]:
    before, now = (dict(_labelled(step)) if step is not None else {} for step in (old, new))
    for label in dict.fromkeys((*before, *now)):
        yield from _pairs(before.get(label, ()), now.get(label, ()))


def _labelled(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Yield the blocks of a step under what they are known by, whatever their order."""
    if isinstance(step, Branch):
        for way in step.ways:
            yield repr(msgspec.to_builtins(way.when)), way.steps
        yield "otherwise", step.otherwise
    elif isinstance(step, Split):
        yield from ((part.label, part.steps) for part in step.parts)
    else:
        for label in ("steps", "then", "or_else"):
            yield label, getattr(step, label, ())


def _token(step: Step) -> str:
    """Return what a step is recognised by: a wait by how long, anything else by its name."""
    if isinstance(step, Wait):
        bare = msgspec.structs.replace(step, name="", then=(), or_else=())
        return repr(msgspec.to_builtins(bare))
    return f"{kind_of(step)} {step.name}"


def _beside(
    old: tuple[Step, ...], new: tuple[Step, ...]
) -> Iterator[tuple[Step | None, Step | None]]:
    left = list(new)
    for before in old:
        alike = [step for step in left if type(step) is type(before)]
        now = next((step for step in alike if step.name == before.name), next(iter(alike), None))
        if now is not None:
            yield from ((None, each) for each in _taken(left, now))
        yield before, now
    yield from ((None, step) for step in left)


def _taken(left: list[_T], until: _T) -> list[_T]:
    """Take everything up to and with this one off the list; return what stood before it."""
    place = left.index(until)
    before = left[:place]
    del left[: place + 1]
    return before


def _next(steps: tuple[Step, ...], step: Step) -> Step | None:
    place = next(place for place, each in enumerate(steps) if each is step)
    return steps[place + 1] if place + 1 < len(steps) else None


def _found_again(pairs: Iterator[_Pair]) -> list[_Pair]:
    """Join what went from one place and came to another into one step that moved."""
    found = list(pairs)
    gone = [pair for pair in found if pair.new is None]
    for place, pair in enumerate(found):
        if pair.old is None and pair.new is not None:
            token = _token(pair.new)
            went = next((each for each in gone if each.old and _token(each.old) == token), None)
            if went is not None:
                gone.remove(went)
                found[place] = pair._replace(old=went.old, moved=True)
    return [pair for pair in found if pair.new is not None or pair in gone]
