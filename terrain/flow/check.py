"""What a file says that reads well and still must not go out.

Promise: each refusal is about the customer: what nobody can know, what leaves no way to a person, what
reaches further than it helps, what no bound would ever stop, words with a hole in them.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import msgspec

from terrain.core.act import Benefit, Moment, Reach, Undo
from terrain.core.approval import reach_of
from terrain.core.automation import (
    Ask,
    Automation,
    Change,
    Do,
    Offer,
    Question,
    Send,
)
from terrain.core.bounds import BoundWatchesNothing, LooserWithoutReason, agreed
from terrain.core.catalogue import Catalogue
from terrain.core.consent import Purpose
from terrain.core.held_out import MOST_HELD_OUT, answers_somebody, may_be_held_out
from terrain.core.name import Name
from terrain.core.promise import every_step
from terrain.core.settings import GuardSettings
from terrain.core.signal import Signal
from terrain.errors import Refusal
from terrain.flow import messages, template
from terrain.flow.automations import PROCESSES, Draft, beside, drafts_of
from terrain.flow.catalogue import catalogue_of
from terrain.flow.processes import processes_of
from terrain.flow.yaml_file import FileRefusal, Where
from terrain.words import LANGUAGES

Acting = Send | Ask | Do

# What the words of every message may speak of (`core/proposing.py`, and `flow/letters.py` for the frame).
ALWAYS_THERE = frozenset({"customer", "event", "subject", "company", "page", "movable_dates"})
WHERE_THERE_IS = frozenset({"item", "unit", "answer", "outcome", "part", "product"})
OF_CUSTOMERS = frozenset({"name", "first_name"})
OF_ANNOUNCEMENTS = frozenset({"takes_effect_at", "action"})


class NobodyKnows(FileRefusal):
    """An assumption that no source tells, nothing supposes and nobody asks about."""

    code = "nobody_knows"


class NoPerson(FileRefusal):
    """Whoever gets something must be able to reach a person about it."""

    code = "no_way_to_a_person"


class ReachesTooFar(FileRefusal):
    """It would need more than 100 % certainty: no doubt is small enough for so little benefit."""

    code = "reaches_too_far"


class NoBound(FileRefusal):
    """Without a bound nothing would ever say that there is too much harm."""

    code = "no_bound"


class LooserBound(FileRefusal):
    """Whoever allows more harm than usual says why, in the file, for those who will read it."""

    code = "looser_bound"


class HoldoutTooLarge(FileRefusal):
    """Who is held out goes without: half of all are as many as a comparison can ever need."""

    code = "holdout_too_large"


class HoldoutKeepsAway(FileRefusal):
    """Nobody is kept from what matters, from what they asked for, or from what reaches beyond the inbox."""

    code = "holdout_keeps_away"


class HoldoutLeavesUnanswered(FileRefusal):
    """Who comes with something is answered, whatever one would like to compare."""

    code = "holdout_leaves_unanswered"


class NoTemplate(FileRefusal):
    """There are no words of that name in this language."""

    code = "no_template"


class TemplateGap(FileRefusal):
    """The words speak of something that this step does not know."""

    code = "template_gap"


class Checked(msgspec.Struct):
    """A folder as it was checked: every file with everything that is wrong with it."""

    catalogue: Catalogue
    drafts: list[Draft]
    problems: list[Refusal]

    @property
    def all_problems(self) -> list[Refusal]:
        return [*self.problems, *(problem for draft in self.drafts for problem in draft.problems)]


def check_folder(folder: Path, settings: GuardSettings, products: str = "") -> Checked:
    """Read and check the whole folder. Nothing is refused for what another file says."""
    catalogue, problems = catalogue_of(beside(folder, "catalogue.yaml"), products)
    drafts = list(drafts_of(folder, catalogue))
    for draft in drafts:
        check_draft(draft, catalogue, settings, folder)
    _, wrong = processes_of(beside(folder, PROCESSES))
    return Checked(catalogue, drafts, [*problems, *wrong])


def check_draft(draft: Draft, catalogue: Catalogue, settings: GuardSettings, folder: Path) -> Draft:
    """Check one file that was read; what must not go out is no automation any more."""
    if draft.automation is not None:
        draft.problems += problems_of(draft, draft.automation, catalogue, settings)
        draft.problems += words_missing(draft, draft.automation, folder)
    if draft.problems:
        draft.automation = None
    return draft


def problems_of(
    draft: Draft, automation: Automation, catalogue: Catalogue, settings: GuardSettings
) -> Iterator[Refusal]:
    """Yield everything about the automation itself that must not go out."""
    acting = list(acts_of(automation))
    asked = {question.about.fact for step in acting if (question := _question(step))}
    noted = {step.fact.fact for step in every_step(automation) if isinstance(step, Change)}
    for step in acting:
        where = draft.where(step.name)
        for name in _relied_on(step):
            if not knowable(name, catalogue) and name.fact not in asked | noted:
                yield NobodyKnows(where, field=step.name, value=name.text)
        if Offer.A_PERSON not in step.terms.offers:
            yield NoPerson(where, field=step.name, right=Offer.A_PERSON)
        yield from _too_far(step, automation, settings, where)
    yield from _unbounded(draft, automation, acting)
    yield from _unsaid(draft, automation)
    yield from _kept_away(draft, automation, acting)


def knowable(name: Name, catalogue: Catalogue) -> bool:
    """Tell whether any source could ever say this fact, or something is supposed of it."""
    kind = catalogue.facts[name.fact]
    if not kind.knowable:
        return False
    if kind.prior is not None or kind.told_by or name.fact.startswith("wish."):
        return True
    return name.fact in _OWN_EVENTS_SAY or any(
        says.fact == name.fact for event in catalogue.events.values() for says in event.says
    )


def acts_of(automation: Automation) -> Iterator[Acting]:
    """Yield every act of the automation, in the order of the file."""
    return (step for step in every_step(automation) if isinstance(step, Send | Ask | Do))


def _question(step: Acting) -> Question | None:
    return step.question if isinstance(step, Ask) else step.ask


def _relied_on(step: Acting) -> Iterator[Name]:
    yield from (assumed.name for assumed in step.terms.assumes)


def _too_far(
    step: Acting, automation: Automation, settings: GuardSettings, where: Where
) -> Iterator[FileRefusal]:
    """Refuse what would need more than certainty even where it helps most and harms least."""
    terms = step.terms
    # What the law demands is done whatever it costs, and what is adverse goes to a person anyway.
    bound = (terms.purpose or automation.purpose) is Purpose.LEGAL_OBLIGATION
    if bound or (terms.adverse and terms.significant):
        return
    benefits = (terms.benefit or automation.benefit).possible()
    least = min(
        _needed(terms.reach, Undo(undo), Moment(moment), Benefit(benefit), settings)
        for undo, moment, benefit in product(
            terms.undo.possible(), terms.moment.possible(), benefits
        )
    )
    if least > 1:
        yield ReachesTooFar(
            where,
            field=step.name,
            value=terms.reach,
            right=_far_enough(benefits, settings),
            needs=f"{least:.0%}",
            benefit=", ".join(benefits),
        )


def _needed(
    reach: Reach, undo: Undo, moment: Moment, benefit: Benefit, settings: GuardSettings
) -> float:
    harm = settings.harm_by_reach[reach] * settings.harm_by_undo[undo]
    harm *= settings.harm_by_moment[moment]
    gain, intrusion = settings.benefit[benefit], settings.intrusion[reach]
    return (harm + intrusion) / (harm + gain)


def _far_enough(benefits: tuple[str, ...], settings: GuardSettings) -> str:
    """Return how far so much benefit may reach at all."""
    gain = max(settings.benefit[Benefit(each)] for each in benefits)
    return ", ".join(reach for reach in Reach if settings.intrusion[reach] <= gain) or "—"


def _unbounded(draft: Draft, automation: Automation, acting: list[Acting]) -> Iterator[FileRefusal]:
    if not acting:
        return
    # Whoever is held out complains, too: that is what the complaints of the others are compared with.
    wanted = [] if automation.holdout else ["complaint"]
    if any(step.terms.assumes for step in acting):
        wanted.append("wrong_assumption")
    purposes = {step.terms.purpose or automation.purpose for step in acting}
    if Purpose.PROSPECTING in purposes:
        wanted.append("stop")
    for signal in wanted:
        if signal not in automation.bounds:
            yield NoBound(draft.where("bounds"), field="bounds", right=signal)


def _unsaid(draft: Draft, automation: Automation) -> Iterator[Refusal]:
    """Refuse a bound that watches nothing, or that is looser than usual without a reason."""
    reach = reach_of(automation) or Reach.INBOX
    for signal, share in automation.bounds.items():
        try:
            agreed(Signal(signal), reach, share, automation.looser_because.get(signal, ""))
        except LooserWithoutReason as looser:
            yield LooserBound(
                draft.where("bounds"), field=signal, value=looser.value, right=looser.right
            )
        except BoundWatchesNothing as refused:
            yield refused


def _kept_away(draft: Draft, automation: Automation, acting: list[Acting]) -> Iterator[FileRefusal]:
    """Refuse to hold people out of what matters to them, and more of them than a comparison needs."""
    if not automation.holdout:
        return
    where = draft.where("holdout")
    if automation.holdout > MOST_HELD_OUT:
        yield HoldoutTooLarge(where, field="holdout", right=f"{MOST_HELD_OUT:.0%}")
    if answers_somebody(automation):
        yield HoldoutLeavesUnanswered(where, field="holdout")
    for step in acting:
        if not may_be_held_out(step, automation):
            yield HoldoutKeepsAway(where, field="holdout", value=step.name)


# -- words -----------------------------------------------------------------------------------------


def words_missing(draft: Draft, automation: Automation, folder: Path) -> Iterator[Refusal]:
    """Yield what is missing in the words that the automation sends."""
    for step in acts_of(automation):
        if isinstance(step, Send):
            more = frozenset(step.values)
            yield from _template(draft, step, step.template, folder, more)
        elif isinstance(step, Do) and step.announce:
            yield from _template(draft, step, step.announce.template, folder, OF_ANNOUNCEMENTS)


def _template(
    draft: Draft, step: Acting, name: str, folder: Path, more: frozenset[str]
) -> Iterator[Refusal]:
    where = draft.where(step.name)
    try:
        found = messages.words_named(folder, name)
    except messages.UnknownMessage as unknown:
        yield NoTemplate(where, field=step.name, value=name, right=unknown.right)
        return
    except Refusal as broken:
        yield broken
        return
    for language in LANGUAGES:
        if language not in found:
            others = sorted(f"{name}.{each}" for each in found)
            yield NoTemplate(where, field=step.name, value=f"{name}.{language}", right=others)
    for words in found.values():
        try:
            template.check(words)
            gaps = [each for each in template.variables_of(words) if not _known(each.name, more)]
        except Refusal as broken:
            yield broken
            continue
        for gap in gaps:
            place = Where(words.file, gap.line, draft.name)
            known = sorted(more | ALWAYS_THERE | WHERE_THERE_IS)
            yield TemplateGap(place, field=step.name, value=gap.name, right=", ".join(known))


def _known(name: str, more: frozenset[str]) -> bool:
    first, _, rest = name.partition(".")
    if first == "customer":
        return not rest or rest in OF_CUSTOMERS
    return first in more or first in ALWAYS_THERE or first in WHERE_THERE_IS


# What Terrain's own events say about a customer (`core/own_events.py`).
_OWN_EVENTS_SAY = frozenset({"complaint", "in_charge", "wants_a_person", "help"})
