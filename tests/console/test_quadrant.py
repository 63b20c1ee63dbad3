"""The quadrant and the page of one process: every point a link, the dangerous corner first, nothing flattered."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.identifier import Identifier, Kind
from terrain.core.served import Outcome, Told
from terrain.core.staff import Role
from terrain.flow.seeing import months_back
from terrain.store import automations, processes, served
from terrain.store.identifiers import resolve
from terrain.store.processes import Month
from tests.journeys import examples

NOW = datetime.now(UTC)
NAME = "filter-reminder"
GOOD = {
    "acts": 100,
    "useful": 60,
    "sure": 100,
    "person.offered": 100,
    "stop.offered": 100,
    "correct.offered": 100,
}
# Useless to her and cheap for the house: it pays, and she suffers.
BAD = {"acts": 100, "useful": 30, "wrong": 20, "signal.wrong_assumption": 20, "hurt": 20}
ADDRESS = f"/quadrant/{NAME}"
Seen = Callable[..., None]


@pytest.fixture
def seen(db: Connection) -> Seen:
    """Return what writes down what was seen of the filter in this month, or in that one."""
    automations.add_version(db, examples()[NAME], "", NOW)

    def count(counts: dict[str, int], month: date | None = None) -> None:
        this = month or next(months_back(NOW, 1))
        processes.save(db, Month(NAME, this, NOW, counts))

    return count


def text_of(reader: Any, address: str, language: str = "en") -> str:
    return str(reader.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


# -- the picture -----------------------------------------------------------------------------------


def test_every_point_is_a_link_and_stands_in_the_table_too(operator: Any, seen: Seen) -> None:
    seen(GOOD)
    page = text_of(operator, "/quadrant")

    assert re.search(rf'<a href="{ADDRESS}" aria-label="{NAME}, grade A, ', page)
    assert re.search(rf'<th scope="row"><a href="{ADDRESS}">', page)


def test_a_picture_that_holds_links_is_a_group_with_a_name(operator: Any, seen: Seen) -> None:
    seen(GOOD)

    assert re.search(
        r'<svg class="quadrant"[^>]* role="group" aria-label="[^"]+', text_of(operator, "/quadrant")
    )


@pytest.mark.parametrize(
    ("counts", "corner"), [(GOOD, "Keep, with checks"), (BAD, "The dangerous corner")]
)
def test_it_stands_under_its_corner(
    operator: Any, seen: Seen, counts: dict[str, int], corner: str
) -> None:
    seen(counts)

    headings = re.findall(r'<h2 id="corner-[a-z_]+">([^<]+)', text_of(operator, "/quadrant"))

    assert headings == [corner]


@pytest.mark.usefixtures("seen")
def test_what_nobody_saw_is_listed_and_not_drawn(operator: Any) -> None:
    page = text_of(operator, "/quadrant")

    assert "Nothing seen yet" in page
    assert '<svg class="quadrant"' not in page


def test_without_any_process_it_says_what_to_do(operator: Any) -> None:
    assert "There is no process yet." in text_of(operator, "/quadrant")


def test_drifting_is_said_on_top(operator: Any, seen: Seen) -> None:
    for place, month in enumerate(list(months_back(NOW, 9))[1:]):
        seen(GOOD | {"useful": 40 + 3 * place, "person.offered": 0, "sure": 60}, month)

    assert "Heading for the dangerous corner" in text_of(operator, "/quadrant")
    assert "Heading for the dangerous corner" in text_of(operator, ADDRESS)


def test_the_whole_is_in_french_too(operator: Any, seen: Seen) -> None:
    seen(BAD)
    page = text_of(operator, "/quadrant", "fr")

    assert "Le coin dangereux" in page
    assert "bon pour le client" in page
    assert "dangerous" not in re.sub(r'class="[^"]+"|id="[^"]+"|aria-labelledby="[^"]+"', "", page)


# -- one process -----------------------------------------------------------------------------------


def test_the_letter_its_reasons_and_the_next_one(operator: Any, seen: Seen) -> None:
    seen(GOOD | {"useful": 45})
    page = text_of(operator, ADDRESS)

    assert "82 points of a hundred" in page
    assert "Customers cannot decide when it happens" in page
    assert "What would earn A" in page
    assert "A way to decide when, that is heeded." in page


def test_each_number_says_whether_it_was_measured_declared_or_assumed(
    operator: Any, seen: Seen
) -> None:
    seen(GOOD)
    page = text_of(operator, ADDRESS)

    for basis in ("measured", "declared", "assumed"):
        assert f">{basis}</span>" in page


def test_a_number_of_cases_leads_to_them_for_whoever_may_see_customers(
    operator: Any, seen: Seen, signed_in: Callable[..., Any]
) -> None:
    seen(BAD)
    cases = f'href="/automations/{NAME}/watch/of/wrong_assumption">'
    page = text_of(operator, ADDRESS)

    assert page.count(cases) == 2  # what it cost in use, and what it cost in harm
    assert "/watch/of/spam" not in page
    assert cases not in text_of(signed_in(Role.VIEWER), ADDRESS)


def test_fewer_than_fifty_have_no_letter_and_are_told_kindly(operator: Any, seen: Seen) -> None:
    seen({"acts": 12, "useful": 6})
    page = text_of(operator, ADDRESS)

    assert "No letter yet" in page
    assert "12 were seen: 38 more are needed for a letter." in page
    assert "What would earn" not in page


def test_invited_and_spontaneous_answers_stand_apart(operator: Any, seen: Seen) -> None:
    before, now = list(months_back(NOW, 2))[::-1]
    for month, helped in ((before, 10), (now, 18)):
        seen(
            GOOD
            | {"voice.invited.took_it_up": 20, "voice.invited.took_it_up.helped": helped}
            | {"voice.spontaneous.left_it": 4, "voice.spontaneous.left_it.helped": helped // 9},
            month,
        )
    page = text_of(operator, ADDRESS)

    assert "“this helped” went from 50 % to 90 %." in page
    assert "“this helped” went from 25 % to 50 %." in page


def test_a_better_average_from_happier_people_is_named(operator: Any, seen: Seen) -> None:
    before, now = list(months_back(NOW, 2))[::-1]
    for month, happy, others in ((before, 10, 30), (now, 30, 10)):
        seen(
            GOOD
            | {"voice.invited.took_it_up": happy, "voice.invited.took_it_up.helped": happy}
            | {"voice.invited.left_it": others, "voice.invited.left_it.helped": others // 10},
            month,
        )

    assert "because happier people answered" in text_of(operator, ADDRESS)


@pytest.mark.usefixtures("seen")
def test_a_name_that_nobody_declared_is_refused(operator: Any) -> None:
    answer = operator.get("/quadrant/filter-remainder")

    assert answer.status_code == 404
    assert NAME in answer.content.decode()


def test_what_stands_in_a_name_is_not_run(operator: Any) -> None:
    answer = operator.get("/quadrant/<script>alert(1)</script>".replace("/s", "%2Fs"))

    assert "<script>alert" not in answer.content.decode()


# -- cases -----------------------------------------------------------------------------------------


@pytest.fixture
def gave_up(db: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Let Léa give up on a form that is declared beside the automations."""
    from django.conf import settings  # noqa: PLC0415 - as every page asks for it

    form = "processes: {return-form: {what: {en: Back., fr: Retour.}, served: self_service}}"
    (tmp_path / "processes.yaml").write_text(form)
    monkeypatch.setattr(settings, "TERRAIN", _beside(settings.TERRAIN, tmp_path))
    key = resolve(db, [Identifier(Kind.EMAIL, "lea@example.org")], NOW)
    (node,) = key.values()
    told = Told(
        process="return-form", need="R-1", at=NOW - timedelta(days=9), outcome=Outcome.DEAD_END
    )
    served.keep(db, [(node, 7, told)])
    this = next(months_back(NOW, 1))
    counts = {"needs": 60, "contained": 60, "falsely_contained": 40, "dead_ends": 30, "quiet": 20}
    processes.save(db, Month("return-form", this, NOW, counts))


def _beside(of: Any, folder: Any) -> Any:
    import msgspec  # noqa: PLC0415

    return msgspec.structs.replace(of, automations=folder)


@pytest.mark.usefixtures("gave_up")
def test_that_nobody_was_needed_is_no_success(operator: Any) -> None:
    page = text_of(operator, "/quadrant/return-form")

    assert "In 60 of 60 needs no person was involved. That is no success by itself: 40" in page


@pytest.mark.usefixtures("gave_up")
def test_a_case_leads_to_its_customer_for_those_who_may_see_her(
    operator: Any, signed_in: Callable[..., Any]
) -> None:
    case = re.compile(
        r'<a href="/customers/\d+">[^<]+</a></span><span class="line-more">got nowhere'
    )

    assert case.search(text_of(operator, "/quadrant/return-form"))
    viewer = text_of(signed_in(Role.VIEWER), "/quadrant/return-form")
    assert "got nowhere" in viewer
    assert "/customers/" not in viewer


# -- where else it is shown ------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/automations", f"/automations/{NAME}"])
def test_the_grade_stands_beside_the_automation(operator: Any, seen: Seen, address: str) -> None:
    seen(GOOD)

    assert f'<a class="grade-link" href="{ADDRESS}">' in text_of(operator, address)


def test_a_stranger_sees_neither(reader: Any, seen: Seen) -> None:
    seen(GOOD)

    for address in ("/quadrant", ADDRESS):
        assert reader.get(address).status_code in (302, 401, 403)


def test_a_viewer_may_look(signed_in: Callable[..., Any], seen: Seen) -> None:
    seen(GOOD)

    assert signed_in(Role.VIEWER).get("/quadrant").status_code == 200
