"""Refuses what is too large before anything of it is read.

Promise: a body of ten megabytes costs its sender time and us nothing.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from terrain.console.headers import Answering
from terrain.console.refusals import refused
from terrain.errors import Refusal


class BodyTooLarge(Refusal):
    """No form of ours is that long."""

    code = "form_too_large"
    status = 413


def refuse_large_bodies(answer: Answering) -> Answering:
    def answered(request: HttpRequest) -> HttpResponse:
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return refused(request, BodyTooLarge(right="64 KB"))
        return answer(request)

    return answered


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0
