"""The words people read, in their language: one catalogue for pages, messages and refusals.

Promise: nobody meets a missing word; one without its translation stops the tests, not the page.

The catalogue is `terrain/locale/{en,fr}/LC_MESSAGES/terrain.po`, read by Babel and compiled in
memory, once per language. Sentences are their own key in English; a refusal's key is its code.
"""

import re
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from terrain.errors import Refusal

LANGUAGES = ("en", "fr")
FALLBACK = "en"
LOCALE = Path(__file__).parent / "locale"
SENTENCE_END, GAP = re.compile(r"(?<=[.!?])\s"), re.compile(r"\{\w+\}")


def _(sentence: str) -> str:
    """Mark a sentence that is said later, where the reader's language is known."""
    return sentence


def say(language: str, msgid: str, /, **values: object) -> str:
    """Return the sentence in this language, its {gaps} filled."""
    sentence = catalogue(language).gettext(msgid)
    return sentence.format_map(values) if values else sentence


def refusal_sentence(language: str, refusal: Refusal) -> str:
    sentence = catalogue(language).pgettext("refusal", refusal.code)
    spoken = {"field": refusal.field, "value": refusal.value, "right": refusal.right}
    told = {name: "—" if said in (None, "") else said for name, said in spoken.items()}
    return sentence.format_map(told | refusal.values)


def refusal_in_short(language: str, code: str) -> str:
    """Return the first sentence of a refusal of which only the code was kept."""
    sentence = catalogue(language).pgettext("refusal", code)
    first, *_rest = SENTENCE_END.split(sentence, maxsplit=1)
    return GAP.sub("…", first)


def refusal_in_words(refusal: Refusal) -> dict[str, object]:
    """Return what a machine is told and a tray keeps: the refusal, with its sentence in each language."""
    message = {language: refusal_sentence(language, refusal) for language in LANGUAGES}
    return {**refusal.as_dict(), "message": message}


def nearest_language(wanted: str | None) -> str:
    """Return the language to speak to someone who asked for `fr_CA.UTF-8` or `fr-BE, en;q=0.8`."""
    for wish in (wanted or "").replace(";", ",").split(","):
        language = wish.strip()[:2].lower()
        if language in LANGUAGES:
            return language
    return FALLBACK


def language_of_terminal(environ: Mapping[str, str]) -> str:
    names = ("TERRAIN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return nearest_language(next((environ[name] for name in names if environ.get(name)), None))


@cache
def catalogue(language: str) -> GNUTranslations:
    # Babel is slow to load, and most commands that speak English never need it.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    if language not in LANGUAGES:
        return catalogue(FALLBACK)
    with (LOCALE / language / "LC_MESSAGES" / "terrain.po").open("rb") as file:
        read = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)
