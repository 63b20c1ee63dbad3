"""See how every automation stands against its bounds.

The worst comes first. M is the evidence: from 20 on it is worth a look, from 100 on (20 where an act reaches an
account or a home) the automation is stopped. What cannot be heard is never called good.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import msgspec
from babel.dates import format_date
from babel.numbers import format_decimal

from terrain.core import finding
from terrain.core.blindness import blindness
from terrain.core.explanation import Line
from terrain.core.watch import RED_BY_REACH
from terrain.flow import versions, watching
from terrain.flow.finding import SIGNALS, STATES, sentence
from terrain.flow.spoken import bound_said
from terrain.flow.watching import Stand
from terrain.opening import opened
from terrain.terminal import Terminal, speaks
from terrain.words import _, say

_MONTHS = 12
_FEW = 10
_MOST_SAID = 10_000


@click.command()
@click.option("--automation", default="", help="Of one automation alone.")
@click.option("--details", is_flag=True, help="Say each in a sentence, and what it cannot see yet.")
@speaks
def command(terminal: Terminal, automation: str, details: bool) -> None:
    with opened() as (settings, record), record.local() as db:
        now = datetime.now(UTC)
        found = watching.stand(db, now, automation)
        if automation and not found:
            versions.known(db, automation)
        expected, budget = watching.false_reds(db)
    zone = ZoneInfo(settings.time_zone)
    if not found:
        terminal.say(_("Nothing is watched yet."))
    else:
        terminal.table(
            [
                _("State"),
                _("Automation"),
                _("Version"),
                _("Signal"),
                _("Seen"),
                _("Bound"),
                _("Evidence (M)"),
                _("Since"),
            ],
            [_row(each, terminal.language) for each in found],
        )
    for each in found if details else ():
        terminal.print("")
        terminal.print(f"{each.watch.automation}, {_signal(each, terminal.language)}")
        for line in (*each.lines, *_blind(each)):
            terminal.print(f"  {sentence(line, terminal.language, zone)}")
    if found:
        terminal.print("")
        line = finding.false_reds(expected, budget)
        terminal.print(sentence(line, terminal.language, zone))
    terminal.answer(
        {
            "watches": [_plain(each) for each in found],
            "false_reds_a_year": {"at_most": expected, "accepted": budget},
        }
    )


def _row(one: Stand, language: str) -> list[object]:
    watch, reading = one.watch, one.reading
    since = reading.strongest
    acts, bad = (since.acts, since.bad) if since else (reading.acts, reading.bad)
    return [
        say(language, STATES[reading.state]),
        watch.automation,
        str(watch.version),
        _signal(one, language),
        say(language, _("{bad} of {acts}"), bad=bad, acts=format_decimal(acts, locale=language)),
        bound_said(watch.agreed.share, language) if watch.is_bounded else "—",
        _strength(reading.strength, language) if watch.by_counting or watch.compares else "—",
        format_date(since.day, "d MMM y", locale=language) if since else "—",
    ]


def _signal(one: Stand, language: str) -> str:
    return say(language, SIGNALS[one.watch.signal])


def _strength(strength: float, language: str) -> str:
    if strength > _MOST_SAID:
        return "> " + str(format_decimal(_MOST_SAID, locale=language))
    return str(format_decimal(strength, "#,##0.0" if strength < _FEW else "#,##0", locale=language))


def _blind(one: Stand) -> Iterator[Line]:
    """Say how long a fault stays unproven at its pace; before its first act, how large a pilot has to be."""
    if not one.watch.by_counting:
        return
    a_month = one.watch.acts_per_year / _MONTHS
    for seen in blindness(one.watch.agreed.share, RED_BY_REACH[one.watch.reach]):
        yield finding.blind(seen, a_month) if one.reading.acts else finding.pilot(seen)


def _plain(one: Stand) -> object:
    said = msgspec.to_builtins(one.watch), msgspec.to_builtins(one.reading)
    since = one.reading.strongest
    strength = min(one.reading.strength, 1e12)
    strongest = {"since": since.day, "acts": since.acts, "bad": since.bad} if since else None
    return {
        **said[0],
        **said[1],
        "strength": strength,
        "strongest": strongest,
        "stage": one.stage,
        "at": one.at,
    }
