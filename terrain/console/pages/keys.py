"""The keys that machines show at the door: made, followed by others, closed.

Promise: a key is shown on the one page that answers its making, and nowhere ever again.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.config import secret_of
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.key import DAYS_BESIDE, Key, Scope
from terrain.errors import Refusal
from terrain.flow import keys
from terrain.store import keys as kept
from terrain.store import sources

MOST_CLOSED = 50
# The making of which key this browser has seen answered, so that loading the answer again makes no other.
MADE = "key_made"


def index(request: HttpRequest) -> HttpResponse:
    return _index(request)


def make(request: HttpRequest) -> HttpResponse:
    if _is_answered(request):
        return HttpResponseRedirect(reverse("keys"))
    wanted = _drafted(request)
    try:
        key, text = keys.make(record(), wanted, secret_of(settings.TERRAIN))
    except Refusal as refusal:
        return _index(request, wanted, refusal)
    request.audited = {"key": key.key_id, "source": key.source, "scopes": sorted(key.scopes)}
    return _shown_once(request, key, text)


def show(request: HttpRequest, key: str) -> HttpResponse:
    db = record()
    found = _found(key)
    used = kept.uses(db).get(key)
    return page(request, "key.html", room="keys", key=found, used=used, days=DAYS_BESIDE)


def rotate(request: HttpRequest, key: str) -> HttpResponse:
    if _is_answered(request):
        return HttpResponseRedirect(reverse("key", kwargs={"key": key}))
    text = request.POST.get("days", "")
    days = int(text) if text.isascii() and text.isdecimal() and len(text) < len("1000") else -1
    new, shown = keys.follow(record(), key, days, secret_of(settings.TERRAIN), request.now)
    request.audited = {"successor": new.key_id, "days": days}
    return _shown_once(request, new, shown)


def ask(request: HttpRequest, key: str) -> HttpResponse:
    return page(request, "key_revoke.html", room="keys", key=_found(key))


def revoke(request: HttpRequest, key: str) -> HttpResponse:
    keys.revoke(record(), key, request.now)
    return HttpResponseRedirect(reverse("key", kwargs={"key": key}))


def _index(
    request: HttpRequest, typed: Key | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    db, now = record(), request.now
    found = kept.every(db)
    return page(
        request,
        "keys.html",
        room="keys",
        open_ones=[key for key in found if key.is_open(now)],
        closed=[key for key in found if not key.is_open(now)][:MOST_CLOSED],
        uses=kept.uses(db),
        known=[source.name for source in sources.every(db)],
        typed=typed or keys.draft("", "", [Scope.WRITE], now),
        refusal=refusal,
    )


def _drafted(request: HttpRequest) -> Key:
    said = request.POST
    scopes = [scope for scope in Scope if scope in said.getlist("scopes")]
    label, source = (said.get(name, "").strip() for name in ("label", "source"))
    return keys.draft(label, source, scopes, request.now)


def _found(key_id: str) -> Key:
    found = kept.find(record(), key_id)
    if not found:
        raise PageNotFound
    return found[0]


def _is_answered(request: HttpRequest) -> bool:
    """Say whether this very form was answered before."""
    once = request.POST.get("once", "")
    if once and request.session.get(MADE) == once:
        return True
    request.session[MADE] = once
    return False


def _shown_once(request: HttpRequest, key: Key, text: str) -> HttpResponse:
    return page(request, "key_made.html", room="keys", key=key, text=text)
