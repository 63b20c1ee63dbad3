"""What customers wish on their own page: their dates, days away, how and when to be reached, and stops.

Promise: whatever is set here can be changed or taken back here; nothing is agreed to by taking a stop back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from terrain.core.settings import EVERY_DAY
from terrain.core.wishes import EVERYTHING, PROSPECTING, ByChannel
from terrain.flow import agreeing
from terrain.flow.own_page import OwnPage
from terrain.flow.saying import (
    AllWeekQuiet,
    Form,
    Gone,
    NotADate,
    NotAnAnswer,
    NoTimeAtAll,
    Saying,
    Sayings,
    day_of,
    hour_of,
)


def move_date(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Choose one's own date for something that is planned."""
    names = (form.get("automation"), form.get("subject"))
    planned = next((one for one in own.dates if (one.automation, one.subject) == names), None)
    if planned is None:
        raise Gone(field="date")
    to = day_of("date", form.get("to", ""), own.today)
    said = {"automation": planned.automation, "subject": planned.subject, "to": to.isoformat()}
    return [Saying(event="date.moved", properties=said)]


def be_away(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say from when until when one is not to be disturbed."""
    start = day_of("from", form.get("from", ""), own.today)
    end = day_of("until", form.get("until", ""), own.today)
    if end < start:
        raise NotADate(field="until", value=end.isoformat(), right=f"≥ {start.isoformat()}")
    said = {"from": start.isoformat(), "until": end.isoformat()}
    return [Saying(event="absence.set", properties=said)]


def be_back(_own: OwnPage, _form: Form, _now: datetime) -> Sayings:
    """Say that one is there again."""
    return [Saying(event="absence.set", properties={})]


def choose_channels(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say for what one may be reached by each channel; what stays as it was is not said again."""
    sayings = []
    for now_is in own.wishes.channels:
        name = now_is.channel.value
        wanted = form.get(name, now_is.wish.value)
        if wanted not in list(ByChannel):
            raise NotAnAnswer(field=name, value=wanted, right=list(ByChannel))
        if wanted != now_is.wish:
            said = {"channel": name, "wish": wanted}
            sayings.append(Saying(event="channel.chosen", properties=said))
    return sayings


def want_quiet(_own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say at which hours and on which days one wants to be left in peace."""
    said: dict[str, Any] = {}
    if form.get("from") or form.get("until"):
        said["from"] = hour_of("from", form.get("from", ""))
        said["until"] = hour_of("until", form.get("until", ""))
        if said["from"] == said["until"]:
            raise NoTimeAtAll(field="until", value=said["until"])
    days = [day for day in EVERY_DAY if form.get(f"day.{day}") == "yes"]
    if len(days) == len(EVERY_DAY):
        raise AllWeekQuiet(field="days", value=len(days))
    if not (said or days):
        raise NoTimeAtAll(field="from")
    if days:
        said["days"] = days
    return [Saying(event="quiet_hours.set", properties=said)]


def end_quiet(_own: OwnPage, _form: Form, _now: datetime) -> Sayings:
    """Say that every hour will do again."""
    return [Saying(event="quiet_hours.set", properties={})]


def stop(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Stop one automation that touched this customer, all prospecting, or everything."""
    name = form.get("automation", "")
    if name not in own.stoppable:
        raise Gone(field="automation")
    said = [Saying(event="automation.stopped", properties={"automation": name})]
    if name in (PROSPECTING, EVERYTHING):
        # Without a channel named, it is a no to all of them.
        no = {"purpose": PROSPECTING}
        said.append(Saying(event="consent.withdrawn", properties=no))
    return said


def resume(own: OwnPage, form: Form, now: datetime) -> Sayings:
    """Take a stop back. Prospecting comes again only where a box beside its exact words was ticked."""
    name = form.get("automation", "")
    if name not in own.wishes.stopped:
        raise Gone(field="automation")
    back = Saying(event="automation.resumed", properties={"automation": name})
    return [back, *agreeing.agreed(form, own.customer, own.house, now)]


def be_asked_again(own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Take back an answer that was given once for all: next time one is asked."""
    standing = {"always": own.wishes.always, "never": own.wishes.never}
    word, fact = form.get("word", ""), form.get("fact", "")
    if fact not in standing.get(word, ()):
        raise Gone(field="fact")
    said = {"fact": f"wish.{word}", "about": fact, "from": True, "to": False}
    return [Saying(event="fact.corrected", properties=said)]
