"""Every page of the table, for whoever comes: what it carries, what it is made of, and what it never holds."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from terrain.core.staff import Role

NOBODYS = re.compile(r"<(\w+):\w+>")
# Files are kept by browsers; a letter of somebody else's is framed by our own page.
KEPT, FRAMED = {"asset"}, {"letter_body"}
LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "form": "action"}


def addresses() -> Iterator[tuple[str, str]]:
    """Yield the name and an address of every page; where one needs a customer, of nobody's."""
    from terrain.console.urls import PAGES  # noqa: PLC0415

    for page in PAGES:
        filled = NOBODYS.sub(lambda part: "1" if part[1] == "number" else "forged", page.address)
        yield page.name, f"/{filled}"


COMERS = ("a stranger", "somebody with every role")
_answered: dict[str, dict[str, Any]] = {}


@pytest.fixture(params=COMERS)
def answers(request: Any) -> dict[str, Any]:
    """Return what every page answered; they are asked once, and looked at by many tests."""
    if request.param not in _answered:
        come = request.getfixturevalue("reader")
        if request.param != COMERS[0]:
            come = request.getfixturevalue("signed_in")(*Role)
        _answered[request.param] = {name: come.get(address) for name, address in addresses()}
    return _answered[request.param]


class Made(HTMLParser):
    """What a page is made of that could run, dress or load something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.loaded: list[str] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: of or "" for name, of in attrs}
        if tag == "script":
            self.scripts.append(given.get("src", "inline"))
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.wrong.append(f"<{tag}> inline")
        self.wrong += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        if tag in LOADED and given.get(LOADED[tag]):
            self.loaded.append(given[LOADED[tag]])


def pages(answers: dict[str, Any]) -> Iterator[tuple[str, Made]]:
    for name, answer in answers.items():
        if not answer.streaming and "html" in answer.headers["Content-Type"] and name not in FRAMED:
            yield name, Made(answer.content.decode())


def test_no_page_runs_dresses_or_frames_what_is_not_ours(answers: dict[str, Any]) -> None:
    weak = {}
    for name, answer in answers.items():
        said = answer.headers["Content-Security-Policy"]
        wanted = {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"}
        if name not in FRAMED and (not wanted <= set(said.split("; ")) or "unsafe" in said):
            weak[name] = said

    assert weak == {}


def test_every_page_keeps_to_itself_and_to_its_reader(answers: dict[str, Any]) -> None:
    weak = {}
    for name, answer in answers.items():
        headers = answer.headers
        said = {
            headers["X-Content-Type-Options"] == "nosniff",
            headers["Referrer-Policy"] == "no-referrer",
            headers["Cross-Origin-Opener-Policy"] == "same-origin",
            headers["Cross-Origin-Resource-Policy"] == "same-origin",
            "noindex" in headers["X-Robots-Tag"],
            name in KEPT or headers["Cache-Control"] == "no-store",
        }
        if said != {True}:
            weak[name] = dict(headers)

    assert weak == {}


def test_under_tls_every_page_asks_for_tls(reader: Any, settings_of_django: Any) -> None:
    settings_of_django.SERVED_BY_TLS = True

    for _, address in addresses():
        assert reader.get(address).headers["Strict-Transport-Security"] == "max-age=63072000"


def test_no_page_holds_a_script_or_a_style_of_its_own(answers: dict[str, Any]) -> None:
    assert {name: made.wrong for name, made in pages(answers) if made.wrong} == {}


def test_no_page_asks_anybody_else_for_anything(answers: dict[str, Any]) -> None:
    foreign = {
        name: [each for each in made.loaded if not re.match(r"/(?!/)|\?|#|data:image/", each)]
        for name, made in pages(answers)
    }

    assert {name: links for name, links in foreign.items() if links} == {}


def test_a_stranger_and_a_customer_are_sent_no_script(reader: Any) -> None:
    # A passkey is asked for by a script, and only of those who work here.
    theirs = {name: address for name, address in addresses() if not name.startswith("mfa_")}
    asked = {name: reader.get(address) for name, address in theirs.items()}

    assert {name: made.scripts for name, made in pages(asked) if made.scripts} == {}


def test_no_page_sets_a_cookie_that_scripts_can_read(answers: dict[str, Any]) -> None:
    for answer in answers.values():
        cookies = answer.cookies.values()
        assert all(each["httponly"] and each["samesite"] == "Lax" for each in cookies)


def test_every_page_has_one_title_one_first_heading_and_says_its_language(
    answers: dict[str, Any],
) -> None:
    for name, answer in answers.items():
        if answer.status_code == 200 and name not in KEPT | FRAMED and not answer.streaming:
            shown = answer.content.decode()
            assert shown.count("<h1") == 1, name
            assert not re.search(r"<title>\s*·", shown), name
            assert f'<html lang="{answer.headers["Content-Language"]}"' in shown, name


def test_every_page_is_measured_by_the_benchmark(served: str) -> None:  # noqa: ARG001 - makes Django ready
    from benchmarks.samples import NOT_ASKED, sampling_of  # noqa: PLC0415
    from terrain.console.urls import PAGES  # noqa: PLC0415

    needing = [page for page in PAGES if "<" in page.address and page.name not in NOT_ASKED]

    assert [page.name for page in needing if sampling_of(page) is None] == []
