"""Opening a recall: from a flag, from what was stopped, or by hand. What it would stop is said before.

Promise: a recall is opened with exactly what was looked at; changed since, it is shown again first.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import get_timezone_location
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.pages.recalls import fact_said
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.flag import Flag
from terrain.errors import Refusal
from terrain.flow import flagging, recall_preview
from terrain.flow import recall as steps
from terrain.flow.recall import Opening, RecallMoment, RecallVersion
from terrain.flow.recall_typed import value_in
from terrain.store import automations, trips

FIELDS = ("automation", "version", "since", "until", "because", "fact", "value", "segment")
LONGEST = {"because": 2_000, "segment": 4_000}
LONGEST_OTHER = 200
FORM = "%Y-%m-%dT%H:%M"
A_MONTH = timedelta(days=30)


def write(request: HttpRequest) -> HttpResponse:
    """Show the form, as far filled as the flag or the stopped automation says."""
    db = record()
    flag = _flag(db, request.GET.get("flag", ""))
    return _form(request, _typed(db, request, flag), flag)


def open_it(request: HttpRequest) -> HttpResponse:
    """Say what it would stop; said already of the same, open it."""
    db, typed = record(), _trimmed(request.POST)
    flag = _flag(db, request.POST.get("flag", ""))
    try:
        said = _opening(db, request, typed, flag)
        foreseen = recall_preview.foresee(db, said, house(db), request.now)
    except Refusal as refusal:
        return _form(request, typed, flag, refusal=refusal)
    mark = _mark(typed)
    if "open" not in request.POST or request.POST.get("seen") != mark:
        return _form(request, typed, flag, foreseen=foreseen, seen=mark)
    with transaction.atomic():
        opened = steps.open_recall(db, said, house(db), settings.TERRAIN, request.now)
    request.audited = {"automation": opened.automation, "recall": opened.recall_id}
    return HttpResponseRedirect(reverse("recall", kwargs={"recall": opened.recall_id}))


def _form(
    request: HttpRequest, typed: Mapping[str, str], flag: Flag | None, **said: Any
) -> HttpResponse:
    """Show the form, with what is `said` of it: a refusal, or what it would stop."""
    db = record()
    facts = house(db).catalogue.facts
    case = flagging.case_of(db, flag) if flag else None
    relied = case.decision.facts if case and case.decision else ()
    return page(
        request,
        "recall_new.html",
        room="recalls",
        typed=typed,
        flag=flag,
        relied=relied,
        names=[one.name for one in automations.every(db) if one.live_version],
        facts=sorted({*facts, *(str(one.key) for one in relied), typed["fact"]} - {""}),
        fact_said=fact_said(db, request.language),
        place=get_timezone_location(_zone(), locale=request.language, return_city=True),
        **{"refusal": None, "foreseen": None, "seen": ""} | said,
    )


def _typed(db: Connection, request: HttpRequest, flag: Flag | None) -> dict[str, str]:
    """Return what stands in the form at first."""
    asked = request.GET
    name = flag.automation if flag else asked.get("automation", "").strip()[:LONGEST_OTHER]
    number = flag.version if flag else number_in(asked.get("version", "")) or 0
    if not automations.find(db, name):
        name, number = "", 0
    typed = dict.fromkeys(FIELDS, "")
    typed |= {"automation": name, "version": str(number or "")}
    return typed | {"since": f"{_since(db, name, number, request.now):{FORM}}" if name else ""}


def _since(db: Connection, name: str, version: int, now: datetime) -> datetime:
    """Return since when this version runs: what it did before, it cannot have done."""
    past = automations.history(db, name, 1, until=version) if version else []
    began = past[0].since if past else now - A_MONTH
    return began.astimezone(_zone()).replace(second=0, microsecond=0)


def _flag(db: Connection, number: str) -> Flag | None:
    asked = number_in(number)
    return flagging.known(db, asked) if asked else None


def _trimmed(form: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(form.get(name, "")).strip()[: LONGEST.get(name, LONGEST_OTHER)] for name in FIELDS
    }


def _opening(
    db: Connection, request: HttpRequest, typed: Mapping[str, str], flag: Flag | None
) -> Opening:
    version = number_in(typed["version"]) if typed["version"] else 0
    if version is None or version >= 2**31:
        raise RecallVersion(field="version", value=typed["version"], right="1, 2, 3 …")
    stopped = trips.last_of(db, typed["automation"]) if typed["automation"] else None
    catalogue = house(db).catalogue
    return Opening(
        automation=typed["automation"],
        by=request.staff.name,
        because=typed["because"],
        since=_moment(typed["since"], "since"),
        until=_moment(typed["until"], "until") if typed["until"] else None,
        version=version,
        fact=typed["fact"],
        value=value_in(typed["value"], typed["fact"], catalogue) if typed["fact"] else None,
        segment=typed["segment"].replace("\r\n", "\n"),
        flag_id=flag.flag_id if flag else 0,
        trip_id=stopped.trip_id if stopped and stopped.resumed_at is None else 0,
    )


def _moment(text: str, field: str) -> datetime:
    """Return the moment that was typed, on the house's clock, or refuse what is none."""
    try:
        return datetime.strptime(text[:16], FORM).replace(tzinfo=_zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        right = f"{datetime.now(_zone()):%Y-%m-%d 09:00}"
        raise RecallMoment(field=field, value=text, right=right) from None


def _mark(typed: Mapping[str, str]) -> str:
    """Return by what two fillings of the form are told apart."""
    return blake2b(msgspec.json.encode(list(typed.values())), digest_size=12).hexdigest()


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TERRAIN.time_zone)
