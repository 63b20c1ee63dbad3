"""How long somebody who signed in stays in, and where they are signed in.

Promise: a session ends twelve hours after its last page and a week after it began, whatever happens in it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest

from terrain.core.staff import Staff

LONGEST = timedelta(days=7)
BEGAN, SEEN, PLACE, BROWSER = "began", "seen", "place", "browser"
LONGEST_BROWSER = 200
# A session is written down again this long after the last time, and not for every page.
NOTED_EVERY = timedelta(minutes=5)


def begin(request: HttpRequest, **_: Any) -> None:
    """Note when and where this session began; Django calls it whichever way somebody signed in."""
    request.session.clear_expired()  # of everybody: nobody else tidies up
    request.session[BEGAN] = request.session[SEEN] = _seconds(datetime.now(UTC))
    request.session[PLACE] = request.META.get("REMOTE_ADDR")
    request.session[BROWSER] = request.META.get("HTTP_USER_AGENT", "")[:LONGEST_BROWSER]


def staff_of(request: HttpRequest) -> Staff | None:
    """Return who is signed in."""
    if not request.user.is_authenticated or is_over(request.session, request.now):
        return None
    staff: Staff = request.user.as_staff
    return staff


def recognise(request: HttpRequest) -> None:
    """Put who is signed in on the request, and speak their language unless this browser chose one."""
    request.staff = staff_of(request)
    if request.staff and request.user.language and not request.language_chosen:
        request.language = request.user.language


def is_over(session: Any, now: datetime) -> bool:
    """Say whether this session has lasted long enough."""
    return _seconds(now) - int(session.get(BEGAN, 0)) > LONGEST.total_seconds()


def note(request: HttpRequest, now: datetime) -> None:
    """Note that somebody is there still: it moves the end of the session, and shows in their list."""
    if _seconds(now) - int(request.session.get(SEEN, 0)) < NOTED_EVERY.total_seconds():
        return
    request.session[SEEN] = _seconds(now)
    request.session[PLACE] = request.META["REMOTE_ADDR"]


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
