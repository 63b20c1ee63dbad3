"""What was done, in words: a message by its subject, a question as it was asked, an action by its name.

Promise: what has no words any more, because a file is gone, is called by its name and breaks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from terrain.config import Settings
from terrain.core.act import Act, ActKind
from terrain.core.house import House
from terrain.errors import Refusal
from terrain.flow import letters


def in_words(act: Act, house: House, settings: Settings, language: str) -> str:
    """Return what this act is called: as the customer read it, or in the reader's language."""
    question = act.content.get("question")
    if act.kind is ActKind.ASK and isinstance(question, Mapping):
        return str(question.get(language) or next(iter(question.values()), act.name))
    action = house.catalogue.actions.get(act.name)
    if act.kind is ActKind.DO and action is not None:
        return action.words.get(language, act.name)
    return _subject(act, house, settings) or act.name


def _subject(act: Act, house: House, settings: Settings) -> str:
    try:
        return letters.subject_of(act, house, settings)
    except Refusal:
        return ""
