"""The rooms of those who work here: what speaks, what waits, what was decided and why."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.identifier import new_id
from terrain.core.task import Task, TaskKind
from terrain.flow.sources import hear
from terrain.store import automations, caught_mail, leases, reports, tasks, trays
from terrain.store.caught_mail import Caught
from terrain.store.reports import Report
from terrain.store.trays import Misfit
from tests.journeys import examples
from tests.reminded import DECISION, Reminded

NOW = datetime.now(UTC)
HOSTILE = """
<p style="color:red">Bonjour Léa</p><script>alert(1)</script><img src="http://evil.example/x.png">
<a href="javascript:alert(1)">here</a><form action="http://evil.example"><input></form>
<iframe src="http://evil.example"></iframe><p onclick="alert(1)">there</p>
"""


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def text_of(reader: Any, address: str, language: str = "en") -> str:
    return str(reader.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def test_an_empty_house_can_be_looked_at(operator: Any) -> None:
    for room in ("/morning", "/", "/customers", "/decisions", "/tasks", "/mail", "/trays", "/demo"):
        assert operator.get(room).status_code == 200
    assert "Nobody handles what comes in" in text_of(operator, "/")


def test_a_source_that_fell_silent_is_grey(operator: Any, db: Connection) -> None:
    for minute in range(60):
        hear(db, {"shop": 10}, NOW - timedelta(hours=3) + timedelta(minutes=minute))

    assert '<span class="tag silent">silent</span>' in text_of(operator, "/")


def test_workers_and_automations_are_shown(operator: Any, db: Connection) -> None:
    leases.say_alive(db, "worker-1", datetime.now(UTC), 312)
    automations.add_version(db, examples()["filter-reminder"], "", NOW)
    page = text_of(operator, "/")

    assert "worker-1" in page
    assert "filter-reminder" in page


def test_a_decision_can_be_read_aloud(operator: Any, lea: Reminded) -> None:
    address = f"/decisions/{lea.key.customer_id}/{DECISION}"

    assert address in text_of(operator, "/decisions")
    assert address in text_of(operator, "/decisions?verdict=act")
    assert address not in text_of(operator, "/decisions?verdict=hold")
    page = text_of(operator, address, "fr")
    assert "Nous étions assez sûrs que cela aide." in page
    assert "12 rue des Lilas" in page


def test_nobody_and_nothing_are_not_found(operator: Any) -> None:
    far = 2**63 - 1
    addresses = [f"/customers/{far}", "/tasks/1", f"/decisions/{far}/1", f"/mail/{far}"]
    addresses += [f"/customers/{2**64}", f"/mail/{far + 1}", f"/tasks/{'9' * 100}"]
    for address in addresses:
        assert operator.get(address).status_code in {404, 410}


def test_an_odd_place_to_go_on_from_is_the_beginning(operator: Any, lea: Reminded) -> None:
    for odd in ("x", "9" * 30, "2026-11-22", "2026-11-22T10:00:00+00:00/x", "%F0"):
        assert operator.get(f"/customers/{lea.key.customer_id}?before={odd}").status_code == 200
        assert operator.get(f"/mail?before={odd}").status_code == 200
        assert operator.get(f"/trays?after={odd}").status_code == 200
        assert operator.get(f"/customers?q={odd}").status_code == 200


def test_what_no_person_types_is_refused(operator: Any, lea: Reminded, post: Any) -> None:
    assert operator.get("/customers?q=le%00a").status_code == 400
    assert post(lea.page, f"{lea.page}/person", text="Mon\0filtre").status_code == 400


def test_a_task_is_closed_with_what_came_of_it(operator: Any, lea: Reminded, post: Any) -> None:
    lea.hear("person.wanted", text="Mon filtre fuit")
    lea.work()
    (task,) = tasks.open_ones(lea.db)
    address = f"/tasks/{task.task_id}"
    assert "Mon filtre fuit" in text_of(operator, address)

    assert post(address, outcome="").status_code == 422
    assert post(address, outcome="Called her, sent a new seal").status_code == 302
    assert tasks.open_ones(lea.db) == []
    assert "sent a new seal" in text_of(operator, address)
    (told,) = lea.db.execute("SELECT source FROM event WHERE name = 'task.done'").fetchall()
    assert told == ("desk",)


def test_a_misfit_is_looked_after_by_a_person(operator: Any, db: Connection, post: Any) -> None:
    reason = {"message": {"en": "No customer <b>named</b>", "fr": "Personne"}}
    trays.put(db, [Misfit("event", "shop", "nobody", reason, b"\xff{}")], NOW)
    page = text_of(operator, "/trays")
    assert "No customer &lt;b&gt;named" in page

    number = page.split('name="line" value="')[1].split('"')[0]
    post("/trays", line=number)
    assert trays.waiting(db) == []


def test_a_letter_is_shown_without_anything_that_runs(operator: Any, db: Connection) -> None:
    number = keep_a_letter(db)

    assert "Votre filtre" in text_of(operator, "/mail")
    assert f'src="/mail/{number}/body"' in text_of(operator, f"/mail/{number}")
    body = operator.get(f"/mail/{number}/body")
    shown = body.content.decode()
    assert "Bonjour Léa" in shown
    assert [bad for bad in ("script", "onclick", "iframe", "<form", "<input") if bad in shown] == []
    assert body.headers["Content-Security-Policy"].startswith("sandbox")


def test_bytes_that_are_no_letter_can_still_be_read(operator: Any, db: Connection) -> None:
    number = keep_a_letter(db, b"\xff\xfe\x00 nothing like a letter")

    assert operator.get(f"/mail/{number}").status_code == 200
    assert operator.get(f"/mail/{number}/body").status_code == 200


def test_the_report_of_the_demo_is_read_here(operator: Any, db: Connection) -> None:
    assert "has not been played yet" in text_of(operator, "/demo")
    body = {
        "title": {"en": "Eighteen months", "fr": "Dix-huit mois"},
        "sections": [{"title": {"en": "The filter"}, "table": {"rows": [[{"en": "sent"}, 12]]}}],
    }
    reports.save(db, Report("demo", NOW, body))

    page = text_of(operator, "/demo", "fr")
    assert "Dix-huit mois" in page
    assert "The filter" in page


def keep_a_letter(db: Connection, raw: bytes | None = None) -> int:
    letter = EmailMessage()
    letter["Subject"] = "Votre filtre"
    letter.set_content("Bonjour Léa, http://127.0.0.1/my/x")
    letter.add_alternative(HOSTILE, subtype="html")
    number = new_id(NOW)
    caught = Caught(
        caught_id=number,
        at=NOW,
        sender="shop@example.org",
        recipient="lea@example.org",
        subject="Votre filtre",
        message_id="<x@y>",
        raw=raw or letter.as_bytes(),
    )
    caught_mail.keep(db, [caught])
    return number


def test_a_task_with_any_file_can_be_shown(operator: Any, lea: Reminded) -> None:
    file = {"nested": [{"a": None, "b": [1, 2.5, True]}], "text": "<i>x</i>", "empty": {}}
    task = Task(key=lea.key, task_id=5, kind=TaskKind.HAND, title="X", opened_at=NOW, file=file)
    tasks.save(lea.db, [task])

    assert "&lt;i&gt;x" in text_of(operator, "/tasks/5")


def test_a_letter_shows_the_pictures_that_came_along_and_no_others(
    operator: Any, db: Connection
) -> None:
    letter = EmailMessage()
    letter.set_content("Bonjour")
    letter.add_alternative('<img src="cid:a"><img src="cid:b"><a href="data:x">x</a>', "html")
    related = letter.get_body(("html",))
    assert related is not None
    related.add_related(b"\x89PNG", "image", "png", cid="<a>")
    number = keep_a_letter(db, letter.as_bytes())

    body = operator.get(f"/mail/{number}/body").content.decode()
    assert 'src="data:image/png;base64,iVBORw=="' in body
    assert "cid:" not in body
    assert "href" not in body
