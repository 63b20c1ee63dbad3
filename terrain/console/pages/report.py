"""What a long piece of work found out, to be read: the demo, a replay.

A report's body: `{"title": words, "intro": words, "sections": [section, ...]}` where words are
`{"en": ..., "fr": ...}` and a section is `{"title": words, "paragraphs": [words, ...], "table":
{"head": [words, ...], "rows": [[words or text or number, ...], ...]}}`; everything but titles may be
missing. It is text: nothing in it is taken as HTML.
"""

from django.http import HttpRequest, HttpResponse

from terrain.console.paper import page
from terrain.console.record import record
from terrain.store import reports

DEMO = "demo"


def show(request: HttpRequest) -> HttpResponse:
    return page(request, "report.html", room="report", report=reports.find(record(), DEMO))
