"""The words of messages: found in the owner's folder or in ours, filled, and made into a letter.

Promise: whatever is sent says who sends it, why, how to change or stop it and how to reach a
person. Words lie in `messages/<name>.<language>.md`: `Subject: ...`, then Markdown.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from terrain.core.house import Company
from terrain.core.message import Message, Words, words_of
from terrain.errors import Refusal, did_you_mean
from terrain.flow import markdown, template
from terrain.flow.links import PLACES
from terrain.flow.stationery import LETTERS
from terrain.words import LANGUAGES, _, say

SHIPPED = Path(__file__).parent.parent / "messages"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}")
WAYS = {
    "why": _("Why you get this"),
    "date": _("Change the date"),
    "stop": _("Stop these messages"),
    "stop_all": _("Stop all messages"),
    "person": _("Reach a person"),
}

ASKED = _("Did this help you?")
ANSWERS = {"helped": _("Yes"), "not_helped": _("No"), "tell_us": _("Tell us")}


class UnknownMessage(Refusal):
    """There are no words of that name."""

    code = "unknown_message"


class Frame(msgspec.Struct, frozen=True):
    """What surrounds the words: whose they are, the page of this act, and where links lead.

    `without` names the ways out that would lead nowhere: where no date is left to move, none is offered.
    `surveys`: it asks whether it helped.
    """

    company: Company
    page: str
    lead: Callable[[str], str] = str
    without: frozenset[str] = frozenset()
    surveys: bool = False


def words_named(automations: Path, name: str) -> dict[str, Words]:
    """Return the words of this name by language; the owner's own go before ours."""
    for folder in shelves(automations):
        if NAME.fullmatch(name) and (found := _in_folder(folder, name)):
            return found
    raise UnknownMessage(value=name, right=did_you_mean(name, names(automations)) or "—")


def names(automations: Path) -> set[str]:
    """Return the names of all messages there are words for."""
    files = (file for folder in shelves(automations) for file in folder.glob("*.*.md"))
    return {file.name.split(".")[0] for file in files}


def shelves(automations: Path) -> tuple[Path, ...]:
    """Return where words lie, in this order: in the folder of automations, next to it, with us."""
    return (automations / "messages", automations.parent / "messages", SHIPPED)


def compose(
    words: Words, values: Mapping[str, Any], speech: template.Speech, frame: Frame
) -> Message:
    """Return the message as this customer reads it, as text and as HTML."""
    subject, source = template.fill(words, values, speech)
    tokens = markdown.parsed(source)
    text = markdown.as_text(tokens)
    body = markdown.as_html(tokens, frame.lead)
    who = say(speech.language, "{company} wrote you this.", company=_who(frame.company))
    return Message(
        subject=subject,
        text=f"{text}\n-- \n{who}\n{_asked_as_text(speech.language, frame)}"
        f"{_ways_as_text(speech.language, frame)}\n",
        html=_paper().render(
            language=speech.language,
            subject=subject,
            body=Markup(body),  # noqa: S704 - made here from Markdown, with HTML switched off
            who=who,
            asked=say(speech.language, ASKED),
            answers=_answers(speech.language, frame),
            ways=_ways(speech.language, frame),
        ),
        language=speech.language,
    )


def _who(company: Company) -> str:
    return f"{company.name}, {company.address}" if company.address else company.name


def _answers(language: str, frame: Frame) -> list[tuple[str, str]]:
    """Return what may be answered with one tap: each leads to the page where it is said."""
    if not frame.surveys:
        return []
    return [(say(language, words), frame.page + PLACES[place]) for place, words in ANSWERS.items()]


def _asked_as_text(language: str, frame: Frame) -> str:
    if not frame.surveys:
        return ""
    return f"{say(language, ASKED)}\n{frame.page}{PLACES['tell_us']}\n"


def _ways(language: str, frame: Frame) -> list[tuple[str, str]]:
    ways = {place: words for place, words in WAYS.items() if place not in frame.without}
    return [(say(language, words), frame.page + PLACES[place]) for place, words in ways.items()]


def _ways_as_text(language: str, frame: Frame) -> str:
    labels: Sequence[str] = [words for words, _address in _ways(language, frame)]
    said, page = " · ".join(labels), frame.page
    return f"{said}:\n{page}" if language == "en" else f"{said} :\n{page}"


def _in_folder(folder: Path, name: str) -> dict[str, Words]:
    return dict(_each(folder, name, LANGUAGES))


def _each(folder: Path, name: str, languages: Iterable[str]) -> Iterable[tuple[str, Words]]:
    for language in languages:
        file = folder / f"{name}.{language}.md"
        try:
            changed = file.stat().st_mtime_ns
        except OSError:
            continue
        yield language, _read(file, changed, name, language)


@lru_cache(maxsize=1_000)
def _read(file: Path, changed: int, name: str, language: str) -> Words:  # noqa: ARG001 - read anew
    text = file.read_text(encoding="utf-8", errors="replace")
    return words_of(text, name, language, f"messages/{file.name}")


@cache
def _paper() -> Any:
    letters = Environment(
        loader=FileSystemLoader([SHIPPED, LETTERS]), autoescape=True, trim_blocks=True
    )
    return letters.get_template("letter.html")
