"""What there is to say about a decision, in what order: the reason, how sure, who said so, what else.

Promise: only what the decision itself holds is said, so that it can be explained years later. Here
is chosen *what* is said; the words stand in the catalogue (`flow/explanation.py` finds them).
"""

from __future__ import annotations

from typing import Any

import msgspec

from terrain.core.decision import Decision, Hold, NearestChange, UsedFact, Weighing

# The reasons that come from weighing, not from a gate.
WEIGHED = frozenset(
    {"sure_enough", "better_asked", "better_by_a_person", "not_sure_enough", "no_benefit"}
)
# Every reason there is; each has words in both languages under the context "because".
REASONS = WEIGHED | frozenset(
    {
        *("legal_obligation", "allowed", "assumed_consent"),
        *(
            "paused",
            "flagged",
            "canary",
            "held_out",
            "stopped",
            "frozen",
            "never_wanted",
            "suppressed",
            "objection",
        ),
        *("no_consent", "consent_withdrawn", "consent_without_proof", "consent_too_old"),
        *("legal_hours", "usual_hours", "quiet_hours", "no_common_hours", "channel_unwanted"),
        *("contact_cap", "absent", "too_many_attempts", "refused_lately", "no_sign_of_life"),
        *("on_register", "forbidden_sector", "message_lacks"),
        *("open_complaint", "person_in_charge", "person_wanted", "adverse"),
    }
)


class Line(msgspec.Struct, frozen=True):
    """One thing to say: the code of its sentence, and what goes into the gaps."""

    code: str
    values: dict[str, Any] = {}


def lines(decision: Decision) -> tuple[Line, ...]:
    """Return everything there is to say after the reason itself."""
    found = [*_about_the_hold(decision), *_about_assumed_consent(decision)]
    if decision.weighing is not None:
        found += _about_certainty(decision, decision.weighing)
    found += [_about(fact) for fact in decision.facts]
    if decision.weighing is not None:
        found += _about_another_way(decision.weighing)
    return tuple(found)


def _about_the_hold(decision: Decision) -> list[Line]:
    if decision.hold is Hold.UNTIL and decision.until is not None:
        return [Line("held_until", {"until": decision.until})]
    if decision.hold is Hold.FORBID:
        return [Line("not_at_all")]
    return [Line("held_until_change")] if decision.hold is Hold.UNTIL_CHANGE else []


def _about_assumed_consent(decision: Decision) -> list[Line]:
    return [
        Line("consent_is_assumed", {"rule": said.rule})
        for said in decision.gates
        if said.because == "assumed_consent" or said.inputs.get("assumed") is True
    ]


def _about_certainty(decision: Decision, figures: Weighing) -> list[Line]:
    values = {"needs": figures.needs, "had": figures.certainty, "weakest": figures.weakest}
    if decision.because not in WEIGHED or figures.weakest is None:
        return []
    if not figures.benefit or figures.needs > 1:
        return [Line("never_sure_enough", values)]
    return [Line("sureness", values)]


def _about(fact: UsedFact) -> Line:
    values = {"fact": fact, "sure": fact.confidence}
    if fact.kind is None and fact.since is None and not fact.source:
        return Line("nobody_said", values)
    if fact.assumed:
        return Line("assumed_fact", values)
    return Line("disputed_fact" if fact.disputed else "fact", values)


def _about_another_way(figures: Weighing) -> list[Line]:
    found = [Line("close_call")] if figures.close_call else []
    if figures.nearest is not None:
        found.append(_otherwise(figures.nearest, figures))
    return found


def _otherwise(nearest: NearestChange, figures: Weighing) -> Line:
    """Say the smallest change of one input that would have turned the verdict (GDPR-22-c)."""
    what, _, which = nearest.of.partition(":")
    values = {"to": nearest.to, "verdict": nearest.verdict}
    if what == "gate":
        return Line("otherwise_gate", {**values, "rule": which})
    if what == "fact":
        values |= {"fact": figures.weakest}
        return Line("otherwise_fact", values)
    return Line("otherwise", {**values, "of": what})
