"""The rooms where work waits: what needs somebody, tasks, trays, sources, decisions."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.identifier import key_of
from terrain.core.staff import Role
from terrain.core.task import Task, TaskKind
from terrain.core.trust import Trust
from terrain.flow import sources as source_work
from terrain.flow import versions
from terrain.flow.sources import hear
from terrain.store import counters, events, leases, reports, sources, tasks, trays
from terrain.store.counters import What
from terrain.store.reports import Report
from terrain.store.trays import Misfit
from tests.oversight import a_house_that_watches
from tests.reminded import Reminded

NOW = datetime.now(UTC)
GOOD = b'{"type":"track","event":"order.placed","userId":"lea","messageId":"m-7"}'


def text_of(reader: Any, address: str, language: str = "en") -> str:
    return str(reader.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def send(browser: Any, address: str, **fields: Any) -> Any:
    """Send a form of the page at this address, with the word that the page put into it."""
    shown = browser.get(address).content.decode()
    word = shown.split('name="csrfmiddlewaretoken" value="')[-1].split('"')[0]
    return browser.post(address, {"csrfmiddlewaretoken": word, **fields})


def a_task(db: Connection, number: int = 1, due: timedelta | None = None) -> Task:
    task = Task(
        key=key_of(number),
        task_id=number,
        kind=TaskKind.A_PERSON_PLEASE,
        title="a_person_please",
        opened_at=NOW - timedelta(days=1),
        due_at=NOW + due if due else None,
    )
    tasks.save(db, [task])
    return task


def a_misfit(db: Connection, payload: bytes = b"{}", kind: str = "event") -> int:
    reason = {"code": "nobody", "message": {"en": "lea@example.org is nobody", "fr": "personne"}}
    before = {line.tray_id for line in trays.waiting(db)}
    trays.put(db, [Misfit(kind, "shop", "nobody", reason, payload)], NOW)
    (made,) = {line.tray_id for line in trays.waiting(db)} - before
    return made


@pytest.fixture
def ines(signed_in: Callable[..., Any]) -> Any:
    return signed_in(Role.ADVISER, name="Inès")


@pytest.fixture
def camille(signed_in: Callable[..., Any]) -> Any:
    return signed_in(Role.OWNER, name="Camille")


class TestOverview:
    def test_who_is_at_work_is_said(self, ines: Any, db: Connection) -> None:
        leases.say_alive(db, "worker-1", datetime.now(UTC), 1)

        assert "1 event handled" in text_of(ines, "/")

    def test_verdicts_are_counted_by_hour_day_and_month(
        self, operator: Any, db: Connection
    ) -> None:
        name = "filter-reminder"
        for ago, n in ((0, 2), (5, 3), (24 * 20, 40), (24 * 40, 500)):
            at = NOW - timedelta(hours=ago)
            counters.add(db, counters.counts(7, at, [What(name, 1, "decided.act")] * n))
        row = text_of(operator, "/").split('href="/decisions?verdict=act"')[1].split("</tr>")[0]

        assert re.findall(r'data-label="[^"]+">([\d,]+)<', row) == ["2", "5", "45"]

    def test_of_very_many_the_busiest_are_shown_and_the_others_counted(
        self, operator: Any, db: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("terrain.console.pages.overview.MOST", 2)
        a_house_that_watches(db, "advice", "bottles", "cups", "filters", now=NOW)
        versions.pause(db, "bottles", "Camille", "the shop is closed", NOW)
        counters.add(db, counters.counts(7, NOW, [What("filters", 1, "decided.act")]))
        page = text_of(operator, "/")

        assert re.findall(r'<th scope="row">([a-z]+) <span', page) == ["bottles", "filters"]
        assert "2 more are listed among the automations." in page
        assert "2 autres se trouvent parmi les automatisations." in text_of(operator, "/", "fr")

    def test_a_silent_source_is_grey_and_needs_somebody(
        self, operator: Any, db: Connection
    ) -> None:
        for minute in range(60):
            hear(db, {"shop": 10}, NOW - timedelta(hours=3) + timedelta(minutes=minute))
        page = text_of(operator, "/")

        assert "shop is silent" in text_of(operator, "/morning")
        assert '<span class="tag silent">silent</span>' in page.split('id="sources"')[1]

    def test_an_odd_name_of_a_source_has_its_page(self, operator: Any, db: Connection) -> None:
        hear(db, {"shop/eu & co?": 1}, NOW)
        address = unescape(re.findall(r'href="(/sources/[^"]+)"', text_of(operator, "/"))[0])

        assert "shop/eu &amp; co?" in text_of(operator, address)


class TestTasks:
    def test_ines_takes_gives_back_and_closes_it(self, ines: Any, db: Connection) -> None:
        a_task(db)
        assert "In nobody’s yet." in text_of(ines, "/tasks/1")

        send(ines, "/tasks/1", do="take")
        assert "In yours." in text_of(ines, "/tasks/1")
        assert 'href="/tasks/1"' in text_of(ines, "/tasks?show=mine")
        send(ines, "/tasks/1", do="give_back")
        assert "In nobody’s yet." in text_of(ines, "/tasks/1")

        send(ines, "/tasks/1", do="close", outcome="Called her.")
        assert "closed by Inès" in text_of(ines, "/tasks?show=done")
        assert "None is open" in text_of(ines, "/tasks")

    def test_what_was_typed_stays_when_it_is_too_short(self, ines: Any, db: Connection) -> None:
        a_task(db)
        answer = send(ines, "/tasks/1", do="close", outcome="ok")

        assert answer.status_code == 422
        assert ">ok</textarea>" in answer.content.decode()
        assert tasks.open_ones(db)

    def test_a_colleague_sees_whose_it_is(
        self, ines: Any, signed_in: Callable[..., Any], db: Connection
    ) -> None:
        a_task(db)
        send(ines, "/tasks/1", do="take")
        omar = signed_in(Role.ADVISER, name="Omar")

        assert "In the charge of Inès." in text_of(omar, "/tasks/1")
        assert "0" in text_of(omar, "/tasks?show=mine")
        send(omar, "/tasks/1", do="take")
        assert "In the charge of Omar." in text_of(ines, "/tasks/1")

    def test_late_ones_are_marked_and_found(self, ines: Any, db: Connection) -> None:
        a_task(db, 1, due=-timedelta(hours=1))
        a_task(db, 2, due=timedelta(hours=1))

        assert text_of(ines, "/tasks").count('<span class="tag wrong">late</span>') == 1
        assert 'href="/tasks/2"' not in text_of(ines, "/tasks?show=late")

    def test_page_after_page_shows_all(
        self, ines: Any, db: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("terrain.console.pages.tasks.A_PAGE", 2)
        for number in range(1, 6):
            a_task(db, number)
        seen: list[str] = []
        address = "/tasks"
        while address:
            page = text_of(ines, address)
            seen += re.findall(r'href="/tasks/(\d+)"', page)
            more = re.findall(r'rel="next" href="([^"]+)"', page)
            address = "/tasks" + more[0].replace("&amp;", "&") if more else ""

        assert sorted(seen) == ["1", "2", "3", "4", "5"]

    @pytest.mark.parametrize("odd", ["?from=x", "?from=1", "?from=9-9-9", "?show=all", "?from=-"])
    def test_an_odd_place_is_the_beginning(self, ines: Any, db: Connection, odd: str) -> None:
        a_task(db)

        assert 'href="/tasks/1"' in text_of(ines, f"/tasks{odd}")
        assert ines.get("/tasks?from=99999999999999999999-1").status_code == 200

    def test_a_viewer_is_refused(self, signed_in: Callable[..., Any], db: Connection) -> None:
        a_task(db)
        viewer = signed_in(Role.VIEWER)

        assert viewer.get("/tasks/1").status_code == 403
        assert send_anyway(viewer, "/tasks/1", do="take").status_code == 403
        assert tasks.open_ones(db)[0].taken_by == ""


def send_anyway(browser: Any, address: str, **fields: Any) -> Any:
    """Send a form that the page never showed, with a word that is right."""
    shown = browser.get("/").content.decode()
    word = shown.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    return browser.post(address, {"csrfmiddlewaretoken": word, **fields})


class TestTrays:
    def test_what_is_good_now_is_handled_and_gone(self, camille: Any, db: Connection) -> None:
        line = a_misfit(db, GOOD)
        answer = send(camille, "/trays", do="retry", line=line)

        assert answer.status_code == 302
        assert trays.waiting(db) == []
        assert count_of(db, "event") == 1
        found = trays.find(db, line)
        assert found
        assert found.closed_by == "Camille"

    def test_what_is_still_wrong_stays_with_the_reason(self, camille: Any, db: Connection) -> None:
        good, wrong = a_misfit(db, GOOD), a_misfit(db, b"not json")
        answer = send(camille, "/trays", do="retry", line=[good, wrong])

        assert answer.status_code == 409
        page = answer.content.decode()
        assert "1 line could not be handled this time either" in page
        assert [line.tray_id for line in trays.waiting(db)] == [wrong]
        assert count_of(db, "event") == 1

    def test_nothing_is_done_twice(self, camille: Any, db: Connection) -> None:
        line = a_misfit(db, GOOD)
        send(camille, "/trays", do="retry", line=line)
        a_misfit(db)
        answer = send(camille, "/trays", do="retry", line=line)

        assert answer.status_code == 409
        assert count_of(db, "event") == 1

    def test_an_event_that_met_a_bug_waits_for_the_worker_again(
        self, camille: Any, db: Connection
    ) -> None:
        lea = Reminded(db)
        lea.hear("page.viewed")
        (bucket, node, event_id, message_id) = db.execute(
            "DELETE FROM pending RETURNING bucket, customer_id, event_id, message_id"
        ).fetchall()[0]
        pointer = {"bucket": bucket, "customer_id": node, "event_id": event_id}
        line = a_misfit(db, msgspec.json.encode({**pointer, "message_id": message_id}), "bug")
        send(camille, "/trays", do="retry", line=line)

        assert count_of(db, "pending") == 1

    def test_what_nobody_can_do_again_is_looked_after(self, camille: Any, db: Connection) -> None:
        line = a_misfit(db, kind="mail")
        assert send(camille, "/trays", do="retry", line=line).status_code == 409
        assert trays.waiting(db)

        send(camille, "/trays", do="close", line=line)
        assert trays.waiting(db) == []

    def test_one_kind_alone(self, camille: Any, db: Connection) -> None:
        a_misfit(db)
        bug = a_misfit(db, kind="bug")
        page = text_of(camille, "/trays?kind=bug")

        assert page.count('name="line"') == 1
        assert f'value="{bug}"' in page
        assert text_of(camille, "/trays?kind=nonsense").count('name="line"') == 2

    def test_who_may_see_no_customer_reads_no_customers_words(
        self, signed_in: Callable[..., Any], db: Connection
    ) -> None:
        a_misfit(db, b'{"email": "lea@example.org"}')
        page = text_of(signed_in(Role.ADMINISTRATOR), "/trays")

        assert "lea@example.org" not in page
        assert "nobody" in page

    def test_an_adviser_tends_no_trays(self, ines: Any, db: Connection) -> None:
        line = a_misfit(db)

        assert ines.get("/trays").status_code == 403
        assert send_anyway(ines, "/trays", do="close", line=line).status_code == 403
        assert trays.waiting(db)

    def test_odd_lines_are_none(self, camille: Any, db: Connection) -> None:
        a_misfit(db)

        for odd in ("x", "", "-1", "9" * 30):
            assert send(camille, "/trays", do="close", line=odd).status_code == 302
        assert trays.waiting(db)


def count_of(db: Connection, table: str) -> int:
    (number,) = db.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,)  # noqa: S608
    return int(number)


class TestSources:
    def test_the_platform_that_keeps_saying_dog_is_believed_too_far(
        self, camille: Any, db: Connection
    ) -> None:
        hear(db, {"platform": 300}, NOW)
        wrong = Trust(
            source="platform",
            kind=SourceKind.INFERRED,
            fact="pet",
            said=300,
            right=2,
            wrong_by_customer=48,
            wrong_by_evidence=0,
        )
        reports.save(db, Report("trust", NOW, {"trust": [msgspec.to_builtins(wrong)]}))

        assert "believed too far" in text_of(camille, "/sources")
        assert "48 of 50" in text_of(camille, "/sources")
        page = text_of(camille, "/sources/platform")
        assert "<strong>pet</strong>" in page
        assert "96 %" in page.replace("\xa0", " ").replace("96%", "96 %")

    def test_what_was_said_is_counted_over_every_claim(self, camille: Any, db: Connection) -> None:
        Reminded(db)
        hear(db, {"shop": 3}, NOW)
        assert "Not counted yet" in text_of(camille, "/sources/shop")

        source_work.reckon(db, NOW)
        assert "Not counted yet" not in text_of(camille, "/sources/shop")

    def test_camille_believes_it_less_and_says_why(self, camille: Any, db: Connection) -> None:
        hear(db, {"platform": 3}, NOW)
        answer = send(
            camille,
            "/sources/platform/belief",
            kind="inferred",
            every="2 days",
            because="It keeps saying dog.",
        )

        assert answer.status_code == 302
        found = sources.find(db, "platform")
        assert found
        assert (found.kind, found.promised) == (SourceKind.INFERRED, 2 * 86_400)
        page = text_of(camille, "/sources/platform")
        assert "Camille: It keeps saying dog." in page
        assert 'value="2 days"' in text_of(camille, "/sources/platform/belief")

    @pytest.mark.parametrize(
        ("odd", "said"),
        [
            ({"kind": "gospel"}, "gospel"),
            ({"every": "often"}, "often"),
            ({"because": ""}, "3–2000"),
        ],
    )
    def test_half_an_answer_changes_nothing(
        self, camille: Any, db: Connection, odd: dict[str, str], said: str
    ) -> None:
        hear(db, {"platform": 3}, NOW)
        right = {"kind": "inferred", "every": "", "because": "It keeps saying dog."}
        answer = send(camille, "/sources/platform/belief", **{**right, **odd})

        assert answer.status_code == 422
        assert said in answer.content.decode()
        found = sources.find(db, "platform")
        assert found
        assert found.kind == SourceKind.THIRD_PARTY
        assert not found.declared

    @pytest.mark.parametrize("role", [Role.ADVISER, Role.VIEWER, Role.ADMINISTRATOR])
    def test_who_does_not_answer_for_automations_does_not_decide_it(
        self, signed_in: Callable[..., Any], db: Connection, role: Role
    ) -> None:
        hear(db, {"platform": 3}, NOW)
        browser = signed_in(role)
        answer = send_anyway(browser, "/sources/platform/belief", kind="inferred", because="why")

        assert answer.status_code == 403
        assert "Change how far" not in text_of(browser, "/sources/platform")

    def test_a_source_nobody_heard_of_is_not_there(self, camille: Any) -> None:
        assert camille.get("/sources/nobody").status_code == 404
        assert camille.get("/sources/nobody/belief").status_code == 404

    def test_a_hostile_name_stays_a_name(self, camille: Any, db: Connection) -> None:
        hear(db, {"<script>alert(1)</script>": 1}, NOW)

        assert "<script>alert" not in text_of(camille, "/sources")


class TestDecisions:
    def test_only_those_that_are_asked_for(self, camille: Any, db: Connection) -> None:
        lea = Reminded(db)
        address = f"/decisions/{lea.key.customer_id}/"
        day = f"{NOW:%Y-%m-%d}"

        for right in ("", "?verdict=act", "?automation=filter-reminder", f"?day={day}"):
            assert address in text_of(camille, f"/decisions{right}")
        for other in ("?verdict=hold", "?automation=x", "?close=1", "?day=2001-01-01"):
            assert "None like this." in text_of(camille, f"/decisions{other}")

    @pytest.mark.parametrize(
        "odd", ["day=x", "day=9999-99-99", "day=0001-01-01", "before=x", "verdict=maybe"]
    )
    def test_an_odd_filter_is_none(self, camille: Any, db: Connection, odd: str) -> None:
        lea = Reminded(db)

        assert f"/decisions/{lea.key.customer_id}/" in text_of(camille, f"/decisions?{odd}")

    def test_the_next_page_keeps_the_filter(
        self, camille: Any, db: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("terrain.console.pages.decisions.A_PAGE", 1)
        for user in ("lea", "omar"):
            Reminded(db, user_id=user)
        page = text_of(camille, "/decisions?verdict=act")
        (more,) = re.findall(r'rel="next" href="([^"]+)"', page)

        assert more.startswith("?verdict=act&amp;before=")
        after = text_of(camille, "/decisions" + more.replace("&amp;", "&"))
        shown = re.compile(r'href="/decisions/(\d+)/')
        assert shown.findall(page) != shown.findall(after)
        assert 'rel="next"' not in after


def test_a_wait_again_leaves_the_event_as_it_was(db: Connection) -> None:
    lea = Reminded(db)
    events.wait_again(db, lea.key, "m1")

    assert count_of(db, "pending") == 1


@pytest.mark.parametrize("room", ["/", "/tasks", "/trays", "/sources", "/decisions"])
def test_every_room_speaks_french(operator: Any, db: Connection, room: str) -> None:
    a_task(db, due=-timedelta(hours=1))
    a_misfit(db)
    hear(db, {"shop": 1}, NOW)
    page = text_of(operator, room, "fr")

    assert 'lang="fr"' in page
    for english in (
        "in nobody’s charge",
        "The oldest first",
        "speaks usually",
        "is late",
        "since ",
    ):
        assert english not in page


def test_a_task_calls_her_by_her_name_and_shows_no_number_of_ours(
    operator: Any, db: Connection
) -> None:
    lea = Reminded(db)
    lea.hear("person.wanted", text="Mon filtre fuit", act_id="1943", decision_id="1944")
    lea.work()
    task = next(each for each in tasks.open_ones(db) if each.key == lea.key)

    shown = operator.get(f"/tasks/{task.task_id}").content.decode()

    assert "Mon filtre fuit" in shown
    assert not re.search(r"act.id|decision.id|>\s*194[34]\s*<", shown)
    assert f'/decisions/{lea.key.customer_id}/1944"' in shown


def test_a_source_names_facts_as_the_house_does(operator: Any, db: Connection) -> None:
    Reminded(db)
    hear(db, {"shop": 3}, NOW)
    source_work.reckon(db, NOW)

    shown = operator.get("/sources/shop").content.decode()

    assert "last_order" not in shown
