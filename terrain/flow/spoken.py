"""Dates, amounts and numbers as people say them, in French and English (Babel's tables).

Promise: what is no date or number is refused by name, not printed as a computer writes it.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

CURRENCY = "EUR"


def day_said(day: date, language: str) -> str:
    """Return "22 novembre 2026"; the first of a month has a word of its own in French."""
    is_first = language == "fr" and day.day == 1
    return format_date(day, "d'er' MMMM y" if is_first else "d MMMM y", locale=language)


def moment_said(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """Return "22 novembre 2026 à 14:30" by the reader's clock."""
    local = moment.astimezone(zone)
    joint = ", " if language == "en" else " à "
    return f"{day_said(local, language)}{joint}{local:%H:%M}"


def date_said(value: object, language: str, zone: ZoneInfo) -> str:
    """Return the day; a moment is the day it is by the reader's clock."""
    moment = _moment(value)
    if isinstance(moment, datetime) and moment.tzinfo:
        moment = moment.astimezone(zone)
    return day_said(moment, language)


def time_said(value: object, language: str, zone: ZoneInfo) -> str:
    """Return "14:30" by the reader's clock."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        raise TypeError(str(value))
    return format_time(moment, "short", tzinfo=zone, locale=language)


def money_said(value: object, language: str, currency: str = CURRENCY) -> str:
    return format_currency(_number(value), str(currency), locale=language)


def number_said(value: object, language: str) -> str:
    return format_decimal(_number(value), locale=language)


def _moment(value: object) -> date | datetime:
    if isinstance(value, str):
        # A date alone is a day by everybody's clock; with a time it is a moment.
        read = date.fromisoformat if len(value) == len("2026-11-22") else datetime.fromisoformat
        return read(value)
    if isinstance(value, date | datetime):
        return value
    raise TypeError(str(value))


def _number(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(str(value)) from None
