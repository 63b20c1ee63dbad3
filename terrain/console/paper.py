"""What pages are written on: Jinja2 templates, the reader's words, dates and numbers.

Promise: whatever a template prints was escaped, and every sentence in it comes from the catalogue.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, numbers
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from terrain import words
from terrain.console import assets, own_words, phrases, pictures, rooms, shortcut
from terrain.console.house import at_hand
from terrain.flow.spoken import bound_said, day_said, moment_said, share_said
from terrain.flow.tasks import title_of

DATE = re.compile(r"\d{4}-\d{2}-\d{2}($|T)")
FIRST_GROUPED = 1_000
TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters["titled"] = lambda text: str(text)[:1].upper() + str(text)[1:]
    made.globals |= {
        "asset": assets.address,
        "url": _url,
        "company": settings.TERRAIN.company,
        "contact": settings.TERRAIN.mail_from,
        "company_address": settings.TERRAIN.company_address,
        "nonce": partial(secrets.token_urlsafe, 9),
        "phrases": phrases,
        "icon": pictures.icon,
        "spark": pictures.spark,
        "stacked": pictures.stacked,
        "rings": pictures.rings,
        "calendar": pictures.calendar,
    }
    return made


def _url(name: str, /, **parts: object) -> str:
    address: str = reverse(name, kwargs=parts)
    return address


def page(request: HttpRequest, template: str, *, status: int = 0, **values: Any) -> HttpResponse:
    """Return the page, in the reader's language and, where they are known, on the reader's clock.

    A page that shows a `refusal` beside what was typed answers with its status.
    """
    zone = ZoneInfo(values.pop("zone", "") or settings.TERRAIN.time_zone)
    given = {**voice(request.language, zone), **_shell(request), **values}
    text = environment().get_template(template).render(given)
    refusal = values.get("refusal")
    response = HttpResponse(text, status=status or (refusal.status if refusal else 200))
    response.headers["Content-Language"] = request.language
    return response


def _shell(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame around a page asks for: who is here, and which rooms are open to them."""
    staff = getattr(request, "staff", None)
    return {
        "request": request,
        "me": staff,
        "has_shortcut": shortcut.is_on(request),
        "form_word": lambda: get_token(request),
        "rail": lambda: rooms.open_to(staff, rooms.ROOMS),
        "desk": lambda: rooms.open_to(staff, rooms.DESK),
        "opens": lambda name: rooms.opens(staff, name),
    }


def voice(language: str, zone: ZoneInfo) -> dict[str, Any]:
    """Return what a template says things with: words, plurals, dates and numbers of one language."""

    def say(sentence: str, /, **values: object) -> Markup:
        return _filled(words.say(language, sentence), values)

    def say_many(one: str, many: str, n: int, /, **values: object) -> Markup:
        sentence = words.catalogue(language).ngettext(one, many, n)
        return _filled(sentence, {"n": number(n), **values})

    number = _number(language)

    return {
        "language": language,
        "_": say,
        "many": say_many,
        "day": _day(language, zone),
        "moment": _moment(language, zone),
        "clock": lambda at: dates.format_time(at, "HH:mm", tzinfo=zone, locale=language),
        "sentence_of": lambda refusal: words.refusal_sentence(language, refusal),
        "spoken": own_words.spoken(language, _value(language, zone, say), at_hand),
        "because": lambda code: _because(language, code),
        "word": lambda name: _word(language, name),
        "title_of": lambda task: title_of(task, language),
        "number": number,
        "percent": _percent(language),
        "share": partial(share_said, language=language),
        "bound": partial(bound_said, language=language),
        "span": lambda delta: dates.format_timedelta(delta, locale=language),
        "phrase": lambda said, code: say(said[code]) if code in said else str(code),
        "value": _value(language, zone, say),
        "of_language": lambda texts: _in_language(texts, language),
    }


def _filled(sentence: str, values: dict[str, object]) -> Markup:
    """Fill the gaps of a sentence, escaping whatever is put into them."""
    return escape(sentence).format(**values) if values else escape(sentence)


def _day(language: str, zone: ZoneInfo) -> Callable[[date | None], str]:
    def day(value: date | None) -> str:
        if value is None:
            return "–"
        # A day without an hour is that day by everybody's clock.
        local = value.astimezone(zone) if isinstance(value, datetime) and value.tzinfo else value
        return day_said(local, language)

    return day


def _moment(language: str, zone: ZoneInfo) -> Callable[[datetime | None], str]:
    def moment(value: datetime | None) -> str:
        if value is None:
            return "–"
        at = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment_said(at, language, zone)

    return moment


def _number(language: str) -> Callable[[float], str]:
    def number(value: float) -> str:
        # Most are small, and are written alike in every language of ours.
        if type(value) is int and 0 <= value < FIRST_GROUPED:
            return str(value)
        return str(numbers.format_decimal(value, locale=language))

    return number


def _percent(language: str) -> Callable[[float | None], str]:
    def percent(value: float | None) -> str:
        return "–" if value is None else numbers.format_percent(value, "#,##0 %", locale=language)

    return percent


def _value(language: str, zone: ZoneInfo, say: Callable[[str], str]) -> Callable[[Any], str]:
    """Return how a value of a fact is said: dates as dates, lists and addresses in one line."""
    number = _number(language)

    def value(of: Any) -> str:
        if of is None:
            return say("not known")
        if isinstance(of, bool):
            return say("yes") if of else say("no")
        if isinstance(of, int | float):
            return number(of)
        if isinstance(of, Mapping):
            return ", ".join(value(part) for part in of.values() if part not in (None, ""))
        if isinstance(of, list | tuple):
            return ", ".join(value(part) for part in of)
        return _day_or_text(of, _day(language, zone))

    return value


def _day_or_text(of: Any, day: Callable[[date | None], str]) -> str:
    """Say a date as a date; whatever else stands as it is."""
    if isinstance(of, date):
        return day(of)
    text = str(of)
    try:
        return day(datetime.fromisoformat(text)) if DATE.match(text) else text
    except ValueError:
        return text


def _word(language: str, name: str) -> str:
    """Return what a part of a handover file is called; a name that only its sender knows stays as it is."""
    called = words.catalogue(language).pgettext("handover", name)
    return name.replace("_", " ") if called == name else called


def _because(language: str, code: str) -> str:
    """Return the sentence behind the code of a reason; one without words is shown as it is stored."""
    sentence = words.catalogue(language).pgettext("because", code)
    return code.replace("_", " ") if sentence == code else sentence


def _in_language(texts: dict[str, str] | str | None, language: str) -> str:
    """Return the text of this language, else of any."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    return texts.get(language) or next(iter(texts.values()))
