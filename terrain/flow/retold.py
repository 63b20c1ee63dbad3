"""What a replay came to, in words and a table, in both languages.

Promise: pure; each number was counted, and where nobody can know whether something came true it says
nothing about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terrain.core.replay import Line, Tally
from terrain.flow.explanation import because

Words = dict[str, str]
VERDICTS: dict[str, Words] = {
    "act": {"en": "would have been done", "fr": "auraient été faits"},
    "ask": {"en": "would have been asked about first", "fr": "auraient été demandés d’abord"},
    "hold": {"en": "would have been held", "fr": "auraient été retenus"},
    "hand": {"en": "would have gone to a person", "fr": "seraient allés à une personne"},
}
AS_IT_IS: Words = {"en": "as it is", "fr": "tel quel"}
WITH_CONSENT: Words = {"en": "with the consent assumed", "fr": "avec le consentement supposé"}
WITHOUT_CONSENT: Words = {
    "en": "without the assumed consent",
    "fr": "sans le consentement supposé",
}


def body(told: Mapping[str, tuple[Words, Tally]], digest: str) -> dict[str, Any]:
    """Return the report as the pages show one; each way it was told has its section."""
    first = next(iter(told.values()))[1]
    return {
        "title": {"en": "The past, lived again", "fr": "Le passé, revécu"},
        "intro": {
            "en": f"{first.events} events of {first.customers} customers, with today’s files and "
            f"rules. Nothing was sent. Fingerprint {digest}.",
            "fr": f"{first.events} évènements de {first.customers} clients, avec les fichiers et "
            f"les règles d’aujourd’hui. Rien n’est parti. Empreinte {digest}.",
        },
        "sections": [_section(title, tally) for title, tally in told.values()],
    }


def _section(title: Words, tally: Tally) -> dict[str, Any]:
    lines = sorted(tally.lines.values(), key=lambda each: (each.automation, -each.acts))
    return {
        "title": title,
        "paragraphs": _sums(tally),
        "table": {
            "head": [
                {"en": "automation", "fr": "automatisation"},
                {"en": "acts that", "fr": "actes qui"},
                {"en": "why", "fr": "pourquoi"},
                {"en": "how many", "fr": "combien"},
                {"en": "came true", "fr": "se sont vérifiés"},
            ],
            "rows": [_row(line) for line in lines],
        },
    }


def _sums(tally: Tally) -> list[Words]:
    foreseen = sum(line.foreseen for line in tally.lines.values())
    came_true = sum(line.came_true for line in tally.lines.values())
    said: list[Words] = [
        {
            "en": f"{tally.runs} runs, {tally.decisions} decisions, {tally.acts} acts, "
            f"{tally.questions} questions, {tally.tasks} tasks for people.",
            "fr": f"{tally.runs} parcours, {tally.decisions} décisions, {tally.acts} actes, "
            f"{tally.questions} questions, {tally.tasks} tâches pour des personnes.",
        }
    ]
    if foreseen:
        share = round(100 * came_true / foreseen)
        said.append(
            {
                "en": f"Of {foreseen} needs foreseen for a day on which nothing had been bought yet, "
                f"{came_true} ({share} %) came true within the window.",
                "fr": f"Sur {foreseen} besoins prévus pour un jour où rien n’avait encore été acheté, "
                f"{came_true} ({share} %) se sont vérifiés dans la fenêtre.",
            }
        )
    return said


def _row(line: Line) -> list[Any]:
    why = {language: because(line.because, language) for language in ("en", "fr")}
    true = f"{round(100 * line.came_true / line.foreseen)} %" if line.foreseen else "–"
    return [line.automation, VERDICTS[line.verdict], why, line.acts, true]
