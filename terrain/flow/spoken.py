"""Dates, amounts and numbers as people say them, in French and English (Babel's tables).

Promise: what is no date or number is refused by name, not printed as a computer writes it.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

CURRENCY = "EUR"
# From how many percent on a share is said with how many decimals, and with how many below.
_PLACES, _MOST_PLACES = ((1.0, 1), (0.01, 2)), 4
_ALIKE = 1e-6


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


def share_said(share: float, language: str) -> str:
    """Return "21,5 %", "0,57 %": no more digits than mean something; nought is said only of what is nought."""
    percent = abs(share) * 100
    places = next((places for least, places in _PLACES if percent >= least), _MOST_PLACES)
    if 0 < percent < 10**-_MOST_PLACES / 2:
        return f"< {_decimal(10**-_MOST_PLACES, _MOST_PLACES, language)} %"
    return f"{_decimal(share * 100, places, language)} %"


def bound_said(share: float, language: str) -> str:
    """Return a bound as it was declared, "1,25 %"; one that was learned as any other share."""
    hundredths = share * 10_000
    declared = hundredths >= 1 and abs(hundredths - round(hundredths)) < _ALIKE
    return f"{_decimal(share * 100, 2, language)} %" if declared else share_said(share, language)


def _decimal(value: float, places: int, language: str) -> str:
    return str(format_decimal(value, f"#,##0.{'#' * places}", locale=language))


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
