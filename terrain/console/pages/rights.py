"""A customer's rights over their data, used by themselves or by staff for them.

Nothing here acts on GET, and erasing is asked once more on a page of its own.
"""

from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.house import house
from terrain.console.pages import own_page as own_pages
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core import own_page as shown
from terrain.core import rights
from terrain.core.identifier import CustomerKey, key_of
from terrain.core.rights import Right
from terrain.errors import Refusal
from terrain.flow import erasure, export, freezing, own_page
from terrain.flow.erasure import Asking
from terrain.flow.export import KINDS, Form, Order
from terrain.flow.freezing import THEMSELVES, Asker, Word, by_staff
from terrain.flow.saying import LONGEST_TEXT, TooMuchText
from terrain.store import tasks


class UnknownForm(Refusal):
    code = "unknown_export_form"


class UnknownRight(Refusal):
    code = "unknown_right"


class NotConfirmed(Refusal):
    """Erasing is asked once more; only the tick is a yes."""

    code = "erasure_not_confirmed"


# -- by themselves --------------------------------------------------------------------------------


def hand_over(request: HttpRequest, token: str) -> HttpResponse:
    return _handed_over(request, request.link.key, THEMSELVES)


def freeze(request: HttpRequest, token: str) -> HttpResponse:
    _freeze(request, request.link.key, THEMSELVES)
    return _home(token)


def show_erasure(request: HttpRequest, token: str, refusal: Refusal | None = None) -> HttpResponse:
    """Say what will go, what stays and why, and ask once more."""
    own = own_pages.read(request)
    return page(
        request,
        "erase.html",
        zone=own.zone.key,
        token=token,
        own=own,
        rights=erasure.standing(record(), own.customer),
        days=settings.TERRAIN.erase_after_days,
        refusal=refusal,
    )


def erase(request: HttpRequest, token: str) -> HttpResponse:
    try:
        _erase(request, request.link.key, THEMSELVES)
    except NotConfirmed as refusal:
        return show_erasure(request, token, refusal)
    return _home(token)


def keep(request: HttpRequest, token: str) -> HttpResponse:
    erasure.take_back(record(), request.link.key, house(record()), request.now)
    return _home(token)


# -- by staff for them ----------------------------------------------------------------------------


def show(request: HttpRequest, customer: int, refusal: Refusal | None = None) -> HttpResponse:
    db, reference = record(), house(record())
    known = own_page.load(db, key_of(customer), reference, request.now)
    asked = [each for each in tasks.of_customer(db, known.nodes) if each.title.startswith("right_")]
    return page(
        request,
        "customer_rights.html",
        room="customers",
        customer_id=customer,
        called=shown.called(known, reference, request.now),
        rights=erasure.standing(db, known),
        days=settings.TERRAIN.erase_after_days,
        asked=asked,
        every_right=list(Right),
        now=request.now,
        typed=request.POST,
        refusal=refusal,
    )


def act(request: HttpRequest, customer: int) -> HttpResponse:
    """Do for a customer what they asked for by mail, by phone or over a counter."""
    asker, key = by_staff(request.staff.name), key_of(customer)
    do = request.POST.get("do", "")
    request.audited = {"do": do}
    if do == "export":
        return _handed_over(request, key, asker)
    if do not in _ACTS:
        raise UnknownRight(field="do", value=do, right=sorted(_ACTS))
    try:
        _ACTS[do](request, key, asker)
    except (NotConfirmed, UnknownRight, TooMuchText) as refusal:
        return show(request, customer, refusal)
    return HttpResponseRedirect(reverse("customer_rights", kwargs={"customer": customer}))


def _keep(request: HttpRequest, key: CustomerKey, asker: Asker) -> None:
    erasure.take_back(record(), key, house(record()), request.now, asker)


def _note_request(request: HttpRequest, key: CustomerKey, asker: Asker) -> None:
    """Take down that somebody asked for a right; a person answers it within a month."""
    right = request.POST.get("right", "")
    if right not in {each.value for each in Right}:
        raise UnknownRight(field="right", value=right, right=[each.value for each in Right])
    text = request.POST.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        raise TooMuchText(field="text", value=len(text), right=LONGEST_TEXT)
    word = Word(rights.ASKED, asker, {"right": right, "text": text})
    freezing.leave_alone_if_asked(record(), key, house(record()), request.now, word)


# -- both -----------------------------------------------------------------------------------------


def _handed_over(request: HttpRequest, key: CustomerKey, asker: Asker) -> HttpResponse:
    """Answer with the export as a file, written to disk as it is read."""
    form = request.POST.get("copy", "")
    if form not in {each.value for each in Form}:
        raise UnknownForm(field="copy", value=form, right=[each.value for each in Form])
    db, order = record(), Order(Form(form), asker)
    subject = export.of(db, key, house(db), request.now)
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it when it has left
    name = export.hand_over(db, key, subject, order, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[order.form])


def _freeze(request: HttpRequest, key: CustomerKey, asker: Asker) -> None:
    do = freezing.go_on if request.POST.get("go_on") == "yes" else freezing.freeze
    do(record(), key, house(record()), request.now, asker)


def _erase(request: HttpRequest, key: CustomerKey, asker: Asker) -> None:
    if request.POST.get("sure") != "yes":
        raise NotConfirmed(field="sure", right="yes")
    wait = timedelta(days=settings.TERRAIN.erase_after_days)
    erasure.ask(record(), key, house(record()), request.now, Asking(wait, asker))


def _home(token: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("own_page", kwargs={"token": token}) + "#rights")


_ACTS: dict[str, Any] = {
    "freeze": _freeze,
    "erase": _erase,
    "keep": _keep,
    "asked": _note_request,
}
