"""The pictures that pages draw: icons, lines, bars, rings and calendars, as SVG made on the server.

Promise: every picture says in words what it shows, takes its colours from the style sheet (so that dark
mode, print and high contrast hold), and needs no script.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from babel.dates import format_date, get_day_names
from markupsafe import Markup, escape

# One hand drew them: 20 units, a line of 1.5, round ends, nothing filled.
ICONS = {
    "morning": "M2 14.5h16M5.2 14.5a4.8 4.8 0 0 1 9.6 0M10 4v2.5M3.6 7.7l1.6 1.5M16.4 7.7l-1.6 1.5",
    "overview": "M2.5 5.5 7.5 3.5l5 2 5-2v11l-5 2-5-2-5 2zM7.5 3.5v11M12.5 5.5v11",
    "customers": "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c.4-3 2.6-4.5 5.5-4.5s5.1 1.5 5.5 4.5"
    "M13 4a2.8 2.8 0 0 1 0 5.2M15 12.3c1.7.6 2.7 2 3 4.2",
    "tasks": "M3 5l1.3 1.3L6.5 4M9.5 5H17M3 10.5l1.3 1.3L6.5 9.5M9.5 10.5H17M3 16h2.5M9.5 16H17",
    "automations": "M4.5 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM15.5 17a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z"
    "M6 4.5h6.5a2.75 2.75 0 0 1 0 5.5h-5a2.75 2.75 0 0 0 0 5.5H14",
    "decisions": "M10 18V2.5M10 4h5.5l2 2-2 2H10M10 9.5H4.5l-2 2 2 2H10",
    "recalls": "M7 4.5 3 8.5l4 4M3 8.5h8.5a4.5 4.5 0 0 1 0 9H8",
    "quadrant": "M3 3v14h14M10 3v14M3 10h14M14 5.500h.01M6 13.500h.01M13.500 13h.01",
    "trays": "M2.5 11.5 5 3.5h10l2.5 8v5h-15zM2.5 11.5h4.3c.3 1.7 1.5 2.5 3.2 2.5s2.9-.8 3.2-2.5h4.3",
    "sources": "M10 2.5c2.8 3.5 4.5 5.8 4.5 8a4.5 4.5 0 0 1-9 0c0-2.2 1.7-4.5 4.5-8z"
    "M3 17.5c2.3-1.3 4.7-1.3 7 0s4.7 1.3 7 0",
    "mail": "M2.5 4.5h15v11h-15zM2.5 5l7.5 6 7.5-6",
    "report": "M10 3.5 2.5 16.5h15zM10 3.5l-1.5-2M10 3.5l1.5-2M7 16.5l3-5.5 3 5.5",
    "account": "M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.5 17c.6-3.2 3-5 6.5-5s5.9 1.8 6.5 5",
    "staff": "M3.5 3h13v14h-13zM10 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6.5 14c.5-1.5 1.7-2.2 3.5-2.2s3 .7 3.5 2.2",
    "keys": "M13.2 10.3a3.8 3.8 0 1 0-3.5-3.5L3 13.5V17h3.5v-2.2h2.2v-2.2l1-1M13.7 6.3h.01",
    "audit": "M5 2.5h10.5v15H5a1.5 1.5 0 0 1-1.5-1.5V4"
    "A1.5 1.5 0 0 1 5 2.5zM3.5 15.5A1.5 1.5 0 0 1 5 14h10.5M7 6h5.5M7 9h5.5",
    "search": "M8.7 14.5a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6zM13 13l4.5 4.5",
    "menu": "M3 5.5h14M3 10h14M3 14.5h14",
    "close": "M5 5l10 10M15 5 5 15",
    "out": "M8 3H3.5v14H8M7.5 10h10M14 6.5l3.5 3.5-3.5 3.5",
    "back": "M12 4.5 6.5 10l5.5 5.5",
    "on": "M8 4.5l5.5 5.5L8 15.5",
    "add": "M10 4v12M4 10h12",
    "pause": "M7 4.5v11M13 4.5v11",
    "play": "M6.5 4l9 6-9 6z",
    "clock": "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 5.5V10l3 2",
    "warning": "M10 3 2 16.5h16zM10 8v4M10 14.2h.01",
    "done": "M4 10.5l4 4L16 6",
    "person": "M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.5 17c.6-3.2 3-5 6.5-5s5.9 1.8 6.5 5",
    "flags": "M5 18V3M5 3.5c3-1.5 6 1.5 10 0v7c-4 1.5-7-1.5-10 0",
    "my_flags": "M6 18V3M6 3.5c3-1.5 5.500 1.5 9 0v7c-3.500 1.5-6-1.5-9 0M3.500 18h5",
    "needs": "M10 17.5S3 13.2 3 8.2A3.9 3.9 0 0 1 10 6a3.9 3.9 0 0 1 7 2.2c0 5-7 9.3-7 9.3z",
    "flag": "M5 18V3M5 3.5c3-1.5 6 1.5 10 0v7c-4 1.5-7-1.5-10 0",
    "steps": "M6 3c1.5 0 2.5 1.6 2.5 3.6 0 1.3-.3 2.1-.7 2.9H4.5c-.5-.8-1-1.6-1-2.9C3.5 4.6 4.5 3 6 3z"
    "M4.6 11.5h3.3c0 1.3-.6 2-1.6 2s-1.7-.7-1.7-2zM14 6.5c1.5 0 2.5 1.6 2.5 3.6 0 1.3-.5 2.1-1 2.9h-3.3"
    "c-.4-.8-.7-1.6-.7-2.9 0-2 1-3.6 2.5-3.6zM12.1 15h3.3c0 1.3-.6 2-1.7 2s-1.6-.7-1.6-2z",
}
REACHES = ("inbox", "phone", "account", "home")


def icon(name: str) -> Markup:
    """Draw one icon. It stands beside its words, so nobody needs to hear it."""
    return Markup(
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>'
    ).format(ICONS[name])


def spark(values: Sequence[float], label: str) -> Markup:
    """Draw how a number went: a line without axes, its last point marked."""
    if not values:
        return Markup("")
    wide, high, top = 120.0, 28.0, max(*values, 1)
    step = wide / max(len(values) - 1, 1)
    points = [(n * step, high - 3 - (high - 6) * of / top) for n, of in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup(
        '<svg class="spark" viewBox="-3 0 126 28" role="img" aria-label="{}">'
        '<polygon class="under" points="0,28 {} {:.1f},28"/><polyline points="{}"/>'
        '<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/></svg>'
    ).format(label, line, x, line, x, y)


def stacked(parts: Sequence[tuple[str, float]], label: str) -> Markup:
    """Draw the shares of a whole as one bar; each part is (class, how many)."""
    whole = sum(n for _, n in parts) or 1
    widths = [(kind, 400 * n / whole) for kind, n in parts if n]
    starts = [sum(wide for _, wide in widths[:n]) for n in range(len(widths))]
    drawn = Markup("").join(
        Markup('<rect class="{}" x="{:.1f}" y="0" width="{:.1f}" height="10"/>').format(
            kind, x, max(wide - 2, 1)
        )
        for (kind, wide), x in zip(widths, starts, strict=True)
    )
    return Markup(
        '<svg class="stacked" viewBox="0 0 400 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        "{}</svg>"
    ).format(label, drawn)


def rings(reach: str, label: str) -> Markup:
    """Draw how far an act goes into a life, as a hill is drawn on a map: a ring for each step."""
    far = REACHES.index(reach) if reach in REACHES else -1
    shapes = (
        "M16 3c7 0 13 5 13 13s-6 13-13.5 13S3 23.5 3 16.5 9 3 16 3z",
        "M16.2 6.500c5.3 0 9.3 4 9.3 9.500s-4.5 9.8-10 9.8-9-4.3-9-9.6 4.4-9.7 9.7-9.700z",
        "M16.4 10c3.6 0 5.9 2.7 5.9 6.200s-2.9 6.3-6.5 6.3-5.6-2.9-5.6-6.3 2.6-6.2 6.2-6.200z",
        "M16.5 13.300c1.9 0 2.9 1.3 2.9 3s-1.4 3.1-3.2 3.1-2.7-1.5-2.7-3.2 1.1-2.9 3-2.900z",
    )
    drawn = Markup("").join(
        Markup('<path{} d="{}"/>').format(Markup(' class="in"') if n <= far else "", shape)
        for n, shape in enumerate(shapes)
    )
    return Markup(
        '<svg class="rings" viewBox="0 0 32 32" width="32" height="32" role="img" aria-label="{}">{}</svg>'
    ).format(label, drawn)


def calendar(
    days: Mapping[date, str], first: date, last: date, language: str, label: str
) -> Markup:
    """Draw the days from `first` to `last`, a column a week, a square a day with the class it has."""
    monday = first - timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1
    size, left, top = 18, 30, 18
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    squares = Markup("").join(
        Markup('<rect class="{}" x="{}" y="{}" width="14" height="14" rx="3"/>').format(
            days.get(day, "none"),
            left + size * ((day - monday).days // 7),
            top + size * day.weekday(),
        )
        for day in every
    )
    heads = [every[0], *(after for before, after in pairwise(every) if before.month != after.month)]
    names = get_day_names("narrow", locale=language)
    texts = [
        (left + size * ((day - monday).days // 7), 11, format_date(day, "MMM", language))
        for day in heads
    ]
    texts += [(0, top + size * n + 11, names[n]) for n in (0, 2, 4)]
    said = Markup("").join(Markup('<text x="{}" y="{}">{}</text>').format(*each) for each in texts)
    return Markup(
        '<svg class="calendar" viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">{}{}</svg>'
    ).format(left + size * weeks, top + size * 7, left + size * weeks, escape(label), said, squares)
