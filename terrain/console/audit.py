"""Writes down what staff do: every form they send, taken or refused, and who comes, goes, or fails to come in.

Promise: what was done and the line about it stand or fall together; a refusal is written down after what it
refused was undone. Lines hold ids and names of automations, never what a customer said or is called. Of a page
without names (the cord) a line says that it was used, never by whom, taken or refused.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from terrain import logs
from terrain.config import secret_of
from terrain.console.record import record
from terrain.store import audit
from terrain.store.audit import Line

# Of the parts of an address: the number of a customer has a column, a link's token is somebody's key.
CUSTOMER, TOKEN = "customer", "token"
LONGEST_PART = 200
REFUSED = 403

log = logs.get("console")


def note_done(request: HttpRequest, response: HttpResponse) -> None:
    """Write down what a page did, in the page's own transaction."""
    if request.staff is None:
        return
    audit.note(record(), _line(request, response.status_code, getattr(request, "audited", {})))
    request.is_noted = True


def note_refused(request: HttpRequest, response: HttpResponse) -> None:
    """Write down what was refused or broke: whatever the page had written is undone by now."""
    if getattr(request, "is_noted", False) or _who(request) is None:
        return
    if request.resolver_match is None:
        return  # there is no such page, so there was nothing to do
    refusal = getattr(request, "refusal", None)
    with transaction.atomic():
        line = _line(request, response.status_code, {"refused": refusal.code} if refusal else {})
        audit.note(record(), line)


def _who(request: HttpRequest) -> Any:
    """Return who sent it; a form without our word was refused before anybody asked."""
    if not hasattr(request, "staff"):
        request.now = datetime.now(UTC)
        request.staff = request.user.as_staff if request.user.is_authenticated else None
    return request.staff


def note_look(request: HttpRequest, parts: Mapping[str, Any]) -> None:
    """Say in the log, in ids, who looked at which customer."""
    if request.method == "GET" and request.staff is not None and CUSTOMER in parts:
        log.info(
            "looked_at",
            page=request.resolver_match.url_name,
            staff_id=request.staff.staff_id,
            customer_id=parts[CUSTOMER],
        )


def listen() -> None:
    """Hear from Django who comes and goes."""
    user_logged_in.connect(_came_in)
    user_logged_out.connect(_went)
    user_login_failed.connect(_did_not_come_in)


def _line(request: HttpRequest, outcome: int, details: Mapping[str, Any]) -> Line:
    match, rest = request.resolver_match, dict(details)
    parts: dict[str, Any] = {name: _short(of) for name, of in match.kwargs.items() if name != TOKEN}
    customer = parts.pop(CUSTOMER, None) or rest.pop(CUSTOMER, None)
    nameless = match.func.page.nameless
    return Line(
        at=request.now,
        staff_id=None if nameless else request.staff.staff_id,
        name="" if nameless else request.staff.name,
        what=match.url_name,
        outcome=outcome,
        customer_id=customer,
        about=parts,
        details=rest,
    )


def _short(part: object) -> object:
    return part[:LONGEST_PART] if isinstance(part, str) else part


def _came_in(request: HttpRequest, user: Any, **_: Any) -> None:
    from allauth.account.internal.flows.login import get_authentication_records  # noqa: PLC0415

    records = get_authentication_records(request, user)
    ways = [str(each.get("type") or each["method"]) for each in records]
    note_about(user, "signed_in", 200, {"by": ways} if ways else {})


def _went(request: HttpRequest, user: Any, **_: Any) -> None:  # noqa: ARG001 - Django's
    if user is not None:
        note_about(user, "signed_out", 200)


def _did_not_come_in(credentials: Mapping[str, Any], **_: Any) -> None:
    typed = str(credentials.get("email", "")).strip().lower()
    person = get_user_model().objects.filter(email__iexact=typed).first()
    # Somebody else's address is nobody's business; the same one tried again is to be seen as the same.
    details = {} if person else {"address_hash": hashed(typed)}
    note_about(person, "sign_in_failed", REFUSED, details)


def note_about(
    person: Any, what: str, outcome: int = REFUSED, details: Mapping[str, Any] | None = None
) -> None:
    """Write down what happened around somebody who is not signed in, or not any more."""
    line = Line(
        at=datetime.now(UTC),
        staff_id=person.pk if person else None,
        name=person.name if person else "",
        what=what,
        outcome=outcome,
        details=details or {},
    )
    with transaction.atomic():
        audit.note(record(), line)


def hashed(address: str) -> str:
    """Return what is kept of an address that nobody here has: the same each time, and of no other use."""
    key = blake2b(secret_of(settings.TERRAIN).encode(), digest_size=32).digest()
    return blake2b(address.encode(), key=key, digest_size=8).hexdigest()
