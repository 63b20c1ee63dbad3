"""Changing an automation: typed, checked, proposed; then looked at and put live, taken back or refused."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console import colouring
from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.approval import Signature, furthest, needs_another
from terrain.core.difference import difference
from terrain.core.picture import picture
from terrain.core.retelling import Tongue
from terrain.errors import Refusal
from terrain.flow import folder, proposals, rehearsal, versions
from terrain.flow.proposals import Change
from terrain.store import automations, standing
from terrain.store import proposals as kept
from terrain.store.proposals import Proposal

HEAD = """automation: {name}
owner:
mandate:
  en:
  fr:
benefit:
purpose: service

starts:
  when:

steps:
  -

bounds:
  complaint: 1 in 1000
"""


def write(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form with the text that runs."""
    db = record()
    listed = versions.known(db, name)
    text = proposals.text_to_change(db, name, listed.live_version)
    return _form(request, Change(text=text or HEAD.format(name=name), name=name))


def write_new(request: HttpRequest) -> HttpResponse:
    """Show the form with the heads of a first promise."""
    return _form(request, Change(text=HEAD.format(name="")))


def propose(request: HttpRequest, name: str = "") -> HttpResponse:
    """Take the text as a proposal, or show it again with what is wrong beside it."""
    db, typed = record(), request.POST
    change = Change(text=typed.get("text", ""), name=name)
    signed = _signed(request)
    if "check" in typed:
        return _form(request, change, signed.because)
    try:
        proposal = proposals.propose(
            db, change, proposals.workshop(db, settings.TERRAIN), signed, request.now
        )
    except Refusal as refusal:
        return _form(request, change, signed.because, refusal)
    request.audited = {"automation": proposal.name, "proposal": proposal.proposal_id}
    return _to(proposal)


def show(request: HttpRequest, name: str, proposal: int) -> HttpResponse:
    return _show(request, _found(name, proposal))


def rehearse(request: HttpRequest, name: str, proposal: int) -> HttpResponse:
    """Show what it would have done last month, beside what the version that runs would have."""
    db, found = record(), _found(name, proposal)
    live = automations.version(db, name, versions.known(db, name).live_version)
    said = kept.automation_of(db, found.proposal_id)
    return page(
        request,
        "proposal_rehearsal.html",
        room="automations",
        proposal=found,
        running=live,
        told=rehearsal.last_month(db, live, said, house(db), request.now),
    )


def approve(request: HttpRequest, name: str, proposal: int) -> HttpResponse:
    db, found = record(), _found(name, proposal)
    seen = number_in(request.POST.get("seen", "")) or 0
    bench = proposals.workshop(db, settings.TERRAIN)
    try:
        with transaction.atomic():
            number = proposals.approve(
                db, proposals.as_read(found, seen), bench, _signed(request), request.now
            )
    except Refusal as refusal:
        return _show(request, found, refusal)
    request.audited = {"automation": name, "proposal": proposal, "version": number}
    transaction.on_commit(lambda: _write_back(request, name))
    return HttpResponseRedirect(reverse("automation", kwargs={"name": name}))


def withdraw(request: HttpRequest, name: str, proposal: int) -> HttpResponse:
    found = _found(name, proposal)
    proposals.withdraw(record(), found, _signed(request), request.now)
    request.audited = {"automation": name, "proposal": proposal}
    return _to(found)


def reject(request: HttpRequest, name: str, proposal: int) -> HttpResponse:
    found = _found(name, proposal)
    try:
        with transaction.atomic():
            proposals.reject(record(), found, _signed(request), request.now)
    except Refusal as refusal:
        return _show(request, found, refusal)
    request.audited = {"automation": name, "proposal": proposal}
    return _to(found)


def _form(
    request: HttpRequest, change: Change, because: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    """Show the text with everything that is wrong with it, and what it would change."""
    db, new = record(), request.method == "POST"
    draft = proposals.checked(change, proposals.workshop(db, settings.TERRAIN)) if new else None
    listed = versions.known(db, change.name) if change.name else None
    live = automations.version(db, change.name, listed.live_version) if listed else None
    said = draft.automation if draft else None
    catalogue = house(db).catalogue
    if refusal and draft and any(each.code == refusal.code for each in draft.problems):
        refusal = None  # it stands beside its line already
    return page(
        request,
        "automation_change.html",
        status=422 if refusal or (draft and draft.problems) else 200,
        room="automations",
        change=change,
        because=because,
        refusal=refusal,
        draft=draft,
        said=said,
        words=difference(live, said, request.language, catalogue) if said else (),
        numbered=colouring.lines(change.text.replace("\r\n", "\n")) if draft else [],
    )


def _show(request: HttpRequest, proposal: Proposal, refusal: Refusal | None = None) -> HttpResponse:
    db = record()
    listed = versions.known(db, proposal.name)
    # What went live is compared with what it replaced, not with itself.
    number = proposal.version - 1 if proposal.version else listed.live_version
    live = automations.version(db, proposal.name, number)
    said = kept.automation_of(db, proposal.proposal_id)
    catalogue, signed = house(db).catalogue, _signed(request)
    text = automations.file_of(db, proposal.name, number) or ""
    return page(
        request,
        "proposal.html",
        room="automations",
        proposal=proposal,
        listed=listed,
        running=live,
        refusal=refusal,
        typed=signed.because,
        words=difference(live, said, request.language, catalogue),
        changed=colouring.changed(text, proposal.file),
        reach=furthest(live, said),
        two=needs_another(live, said),
        is_theirs=proposal.signature.is_of(signed),
        under_way=standing.by_version(db, proposal.name, [number]),
        drawn=picture(said, Tongue(request.language, catalogue)),
    )


def _found(name: str, number: int) -> Proposal:
    found = proposals.find(record(), number)
    if found.name != name:
        raise PageNotFound
    return found


def _signed(request: HttpRequest) -> Signature:
    because = request.POST.get("because", "").strip()
    staff = request.staff
    return Signature(by=staff.name, because=because, staff_id=staff.staff_id)


def _write_back(request: HttpRequest, name: str) -> None:
    """Let the folder say what runs now, once it does."""
    with transaction.atomic():
        folder.write_back(record(), settings.TERRAIN.automations, name, request.now)


def _to(proposal: Proposal) -> HttpResponse:
    parts = {"name": proposal.name, "proposal": proposal.proposal_id}
    return HttpResponseRedirect(reverse("proposal", kwargs=parts))
