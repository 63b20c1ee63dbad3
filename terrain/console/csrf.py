"""Django's own protection of forms, made to live with `Referrer-Policy: no-referrer`.

Promise: a form is taken only with the word that our own page put into it.

A browser that may not tell where it comes from sends `Origin: null` with our own forms too. Where it
says in another header that the form is from the same site, that is believed (pages cannot set it);
where it says neither, the word in the form decides alone, as it did before browsers sent an origin.
"""

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware


class Csrf(CsrfViewMiddleware):
    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.META.get("HTTP_ORIGIN") == "null":
            site: str = request.headers.get("Sec-Fetch-Site", "same-origin")
            return site == "same-origin"
        verified: bool = super()._origin_verified(request)
        return verified
