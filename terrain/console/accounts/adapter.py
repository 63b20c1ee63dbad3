"""What django-allauth asks of us while somebody signs in, whichever way.

Promise: nobody makes an account for themselves, and nobody is led to a page that is not ours.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.ways import is_a_room


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        return is_a_room(url or "")

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def add_message(self, *_: Any, **__: Any) -> None:
        """Say nothing: our pages say what happened."""
