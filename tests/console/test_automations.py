"""The automations' room: read by everybody who works here, changed by those who answer for them."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from terrain.config import Settings
from terrain.core.act import Reach
from terrain.core.approval import Signature
from terrain.core.house import Outside
from terrain.core.staff import Role
from terrain.demo.staging import BY_THE_DEMO
from terrain.flow import proposals, versions
from terrain.flow.proposals import Change
from terrain.store import automations, counters
from terrain.store import proposals as kept
from tests.colleagues import post_as
from tests.journeys import EXAMPLES
from tests.reminded import Reminded
from tests.watched import an_automation

NOW = datetime.now(UTC)
NAME, FAR = "filter-reminder", "faster-parcel"
WHY = "they asked us for more time"
Page = Callable[..., str]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of one's own with the examples in it, that the pages look at too."""
    from django.conf import settings  # noqa: PLC0415

    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLES, folder)
    here = msgspec.structs.replace(settings.TERRAIN, automations=folder)
    monkeypatch.setattr(settings, "TERRAIN", here)
    return folder


@pytest.fixture
def house(db: Connection, shop: Path) -> Path:
    versions.publish(db, shop, NOW, approved=BY_THE_DEMO)
    return shop


def seen(browser: Any, address: str, language: str = "en") -> str:
    return str(browser.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def file_of(shop: Path, name: str = NAME) -> Path:
    return shop / "automations" / f"{name}.yaml"


def text_of(shop: Path, name: str = NAME) -> str:
    return file_of(shop, name).read_text()


def proposed(db: Connection, shop: Path, name: str = NAME, by: str = "Omar") -> str:
    """Let somebody propose a change; return the address of its page."""
    bench = proposals.workshop(db, Settings(automations=shop))
    text = text_of(shop, name).replace("complaint: 1 in 1000", "complaint: 2 in 1000")
    signed = Signature(by=by, because=WHY, staff_id=99)
    proposal = proposals.propose(db, Change(text=text, name=name), bench, signed, NOW)
    return f"/automations/{name}/proposals/{proposal.proposal_id}"


def live(db: Connection, name: str = NAME) -> int:
    found = automations.find(db, name)
    assert found
    return found.live_version


# -- looking ---------------------------------------------------------------------------------------


def test_an_empty_room_says_what_to_do(operator: Any) -> None:
    assert "There is none yet." in seen(operator, "/automations")


@pytest.mark.usefixtures("house")
def test_every_automation_stands_there_with_its_promise(operator: Any) -> None:
    page = seen(operator, "/automations", "fr")

    assert page.count('class="promise"') == 10
    assert "Dire quand il est temps de changer le filtre" in page
    assert "camille.roux@example.org" in page


@pytest.mark.usefixtures("house")
def test_the_list_is_narrowed_by_any_words_of_the_promise(operator: Any) -> None:
    assert seen(operator, "/automations?q=water+CAMILLE").count('class="promise"') == 1
    assert "None is called that." in seen(operator, "/automations?q=nothing-of-the-kind")


@pytest.mark.usefixtures("house")
def test_hundreds_of_them_are_shown_a_page_at_a_time(
    operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terrain.console.pages.automations.A_PAGE", 4)
    first, last = seen(operator, "/automations?q=e"), seen(operator, "/automations?q=e&from=8")

    assert first.count('class="promise"') == 4
    assert "?q=e&amp;from=4" in first
    assert "?q=e&amp;from=4" in last
    assert seen(operator, "/automations?from=99999").count('class="promise"') == 4
    assert seen(operator, "/automations?from=-1").count('class="promise"') == 4


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_automation_is_shown_whole(operator: Any, language: str) -> None:
    for file in sorted((EXAMPLES / "automations").iterdir()):
        page = seen(operator, f"/automations/{file.stem}", language)
        assert 'class="walk"' in page, file.stem
        assert 'class="code"' in page, file.stem


@pytest.mark.usefixtures("house")
def test_whoever_goes_without_it_is_said_with_their_share(db: Connection, operator: Any) -> None:
    automations.add_version(db, an_automation("welcome", holdout=0.1), "", NOW)

    english = seen(operator, "/automations/welcome")
    french = (
        seen(operator, "/automations/welcome", "fr").replace("\xa0", " ").replace("\u202f", " ")
    )
    assert "10 % of customers do not get it, so that we can see whether it helps" in english
    assert "Groupe témoin" in french
    assert "10 % des clients s’en passent" in french


@pytest.mark.usefixtures("house")
def test_the_promise_is_said_in_the_readers_language(operator: Any) -> None:
    page = seen(operator, f"/automations/{FAR}", "fr")

    assert "Proposer une livraison plus tôt" in page
    assert "est là ce jour-là" in page
    assert "plus de 5 sur 1000" in page


@pytest.mark.usefixtures("house")
def test_what_went_wrong_on_our_side_is_counted_there(operator: Any, db: Connection) -> None:
    what = [counters.What(NAME, 1, "signal.run_failed"), counters.What(FAR, 1, "signal.run_stuck")]
    counters.add(db, counters.counts(0, NOW, what))

    assert "runs that failed: 1" in seen(operator, f"/automations/{NAME}")
    assert "runs that failed" not in seen(operator, f"/automations/{FAR}")


def test_what_another_system_runs_has_its_page_and_can_be_paused(
    operator: Any, db: Connection
) -> None:
    automations.seen_outside(db, "chat-bot", Outside(reach=Reach.INBOX), NOW)

    assert "chat-bot" in seen(operator, "/automations")
    assert "Another system runs this" in seen(operator, "/automations/chat-bot")
    page = "/automations/chat-bot"
    post_as(operator, page, f"{page}/pause", because="it says too much")
    listed = automations.find(db, "chat-bot")
    assert listed is not None
    assert listed.paused_at is not None


def test_nobody_of_that_name_is_not_found(operator: Any) -> None:
    for address in ("/automations/nobody", "/automations/nobody/versions/1"):
        assert operator.get(address).status_code == 404


@pytest.mark.usefixtures("house")
def test_what_cannot_be_is_not_found(operator: Any) -> None:
    for address in ("versions/2", f"versions/{2**62}", "versions/1/9", "versions/1/x.y"):
        assert operator.get(f"/automations/{NAME}/{address}").status_code == 404
    assert operator.get(f"/automations/{NAME}/proposals/1").status_code == 404


def test_a_refused_file_says_why_and_what_runs(operator: Any, db: Connection, house: Path) -> None:
    file_of(house).write_text(text_of(house).replace("benefit: useful", "benefti: useful"))
    versions.publish(db, house, NOW)

    for address in ("/automations", f"/automations/{NAME}"):
        assert "benefti" in seen(operator, address)
    assert "version 1 keeps running" in seen(operator, f"/automations/{NAME}")


def test_whoever_stands_at_a_step_is_counted_and_listed(operator: Any, db: Connection) -> None:
    lea = Reminded(db).buys_a_filter()
    page = seen(operator, f"/automations/{NAME}")

    assert f"/automations/{NAME}/versions/1/0" in page
    assert "Standing here: 1 waiting" in page
    standing = seen(operator, f"/automations/{NAME}/versions/1/0")
    assert f"/customers/{lea.key.customer_id}" in standing
    assert "Léa Martin" in standing


def test_who_may_see_nobodys_data_sees_numbers_and_no_links(signed_in: Any, db: Connection) -> None:
    Reminded(db).buys_a_filter()
    viewer = signed_in(Role.VIEWER)
    page = seen(viewer, f"/automations/{NAME}")

    assert "Standing here: 1 waiting" in page
    assert "/versions/1/0" not in page
    assert viewer.get(f"/automations/{NAME}/versions/1/0").status_code == 403
    assert viewer.get(f"/automations/{NAME}/preview").status_code == 403


def test_a_script_in_a_mandate_is_only_text(operator: Any, db: Connection, house: Path) -> None:
    evil = "<script>alert(1)</script>"
    file_of(house).write_text(
        text_of(house).replace("Tell people", evil).replace("# Story 1", f"# {evil}")
    )
    versions.publish(db, house, NOW)

    for address in ("/automations", f"/automations/{NAME}", f"/automations/{NAME}/versions/2"):
        page = seen(operator, address)
        assert evil not in page
        assert "&lt;script&gt;" in page


# -- pausing ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("house")
def test_it_is_paused_with_a_reason_and_let_go_on(operator: Any, db: Connection) -> None:
    form = f"/automations/{NAME}/pause"
    assert post_as(operator, f"/automations/{NAME}", form, because="no").status_code == 422
    assert post_as(operator, f"/automations/{NAME}", form, because=WHY).status_code == 302

    found = automations.find(db, NAME)
    assert found
    assert (found.paused_by, found.paused_because) == ("Camille", WHY)
    assert "Paused by Camille" in seen(operator, "/automations")
    post_as(operator, f"/automations/{NAME}", f"/automations/{NAME}/resume")
    assert "Paused by" not in seen(operator, f"/automations/{NAME}")


@pytest.mark.usefixtures("house")
def test_a_list_of_many_that_stand_still_asks_the_record_no_more_often_than_of_one(
    operator: Any, db: Connection, statements: Any
) -> None:
    one, *others = [each.name for each in automations.every(db)]
    post_as(operator, f"/automations/{one}", f"/automations/{one}/pause", because=WHY)
    before = statements(operator, "/automations")
    for name in others:
        post_as(operator, f"/automations/{name}", f"/automations/{name}/pause", because=WHY)

    assert statements(operator, "/automations") == before
    assert seen(operator, "/automations").count(WHY) == 1 + len(others) > 2


def test_an_address_of_a_form_leads_back_to_its_page(operator: Any) -> None:
    for step in ("pause", "resume"):
        answer = operator.get(f"/automations/{NAME}/{step}")
        assert answer.headers["Location"] == f"/automations/{NAME}"


# -- changing --------------------------------------------------------------------------------------


def change(browser: Any, text: str, because: str = WHY, **more: str) -> Any:
    return post_as(browser, f"/automations/{NAME}/change", text=text, because=because, **more)


def test_a_mistake_is_shown_beside_its_line_and_nothing_is_lost(
    operator: Any, house: Path, db: Connection
) -> None:
    text = text_of(house).replace("benefit: useful", "benefti: <useful>")
    answer = change(operator, text)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert 'id="line-8"' in page
    assert "did you mean" in page.lower() or "benefit" in page
    assert "benefti: &lt;useful&gt;" in page
    assert WHY in page
    assert kept.of(db, NAME) == []


def test_only_checking_proposes_nothing_and_says_what_would_change(
    operator: Any, house: Path, db: Connection
) -> None:
    text = text_of(house).replace("complaint: 1 in 1000", "complaint: 2 in 1000")
    page = change(operator, text, "", check="yes").content.decode()

    assert "Bound for complaints: 1 in 1000 → 2 in 1000." in page
    assert kept.of(db, NAME) == []


def test_a_proposal_waits_with_its_difference_in_words(
    operator: Any, house: Path, db: Connection
) -> None:
    text = text_of(house).replace("complaint: 1 in 1000", "complaint: 2 in 1000")
    address = change(operator, text).headers["Location"]

    assert "1 sur 1000 → 2 sur 1000" in seen(operator, address, "fr")
    assert live(db) == 1
    assert "a version waits" in seen(operator, "/automations")
    assert "A new version waits" in seen(operator, f"/automations/{NAME}")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "missing"), ("x" * 70_000, "form"), ("a: &a [1]\nb: *a\n", "alias"), ("- \t-", "")],
)
@pytest.mark.usefixtures("house")
def test_no_text_breaks_the_form(operator: Any, text: str, said: str) -> None:
    answer = change(operator, text)

    assert answer.status_code in (413, 422)
    assert said in answer.content.decode().lower()


@pytest.mark.usefixtures("house")
def test_proposing_needs_a_reason_and_keeps_the_text(operator: Any, house: Path) -> None:
    text = text_of(house).replace("complaint: 1 in 1000", "complaint: 3 in 1000")
    page = change(operator, text, "so").content.decode()

    assert "complaint: 3 in 1000" in page
    assert 'aria-invalid="true"' in page


def test_a_first_automation_is_written_on_the_page(
    operator: Any, house: Path, db: Connection
) -> None:
    text = text_of(house).replace(NAME, "second-filter", 1)
    address = post_as(operator, "/new-automation", text=text, because=WHY).headers["Location"]
    assert address.startswith("/automations/second-filter/proposals/")

    assert post_as(operator, address, f"{address}/approve", seen="0").status_code == 302
    assert live(db, "second-filter") == 1
    assert file_of(house, "second-filter").read_text() == text


# -- putting live ----------------------------------------------------------------------------------


def approve(browser: Any, address: str, because: str = WHY, seen: str = "1") -> Any:
    return post_as(browser, address, f"{address}/approve", because=because, seen=seen)


def test_what_stays_in_an_inbox_the_proposer_puts_live(
    operator: Any, house: Path, db: Connection
) -> None:
    text = text_of(house).replace("complaint: 1 in 1000", "complaint: 2 in 1000")
    address = change(operator, text).headers["Location"]

    assert approve(operator, address, "").status_code == 302
    assert live(db) == 2
    assert text_of(house) == text
    assert versions.publish(db, house, NOW).changed == ()
    assert "Put live by Camille" in seen(operator, f"/automations/{NAME}")
    settled = seen(operator, address)
    assert "What it changed" in settled
    assert "Nothing that acts changes" not in settled


def test_what_reaches_a_home_takes_somebody_else(
    operator: Any, signed_in: Any, house: Path, db: Connection
) -> None:
    address = proposed(db, house, FAR)
    db.execute("UPDATE automation_proposal SET staff_id = %s", [operator.person.pk])
    page = seen(operator, address)

    assert "somebody else than you" in page
    assert post_as(operator, address, f"{address}/approve", seen="1").status_code == 403
    assert live(db, FAR) == 1
    assert approve(signed_in(Role.OWNER, name="Omar"), address, "").status_code == 422
    assert approve(signed_in(Role.OWNER, name="Omar"), address).status_code == 302
    assert automations.history(db, FAR)[0].approved_by == "Omar"


def test_the_second_of_two_is_told(
    operator: Any, signed_in: Any, house: Path, db: Connection
) -> None:
    first, second = proposed(db, house), proposed_again(db, house)
    approve(signed_in(Role.MANAGER, name="Inès"), first)

    answer = approve(operator, second)
    assert answer.status_code == 409
    assert "went live while you were reading" in answer.content.decode()
    assert approve(operator, second, seen="2").status_code == 302
    gone = post_as(operator, f"/automations/{NAME}", f"{second}/approve", because=WHY, seen="3")
    assert gone.status_code == 409


def proposed_again(db: Connection, shop: Path) -> str:
    bench = proposals.workshop(db, Settings(automations=shop))
    text = text_of(shop).replace("benefit: useful", "benefit: pleasant")
    signed = Signature(by="Omar", because=WHY, staff_id=99)
    proposal = proposals.propose(db, Change(text=text, name=NAME), bench, signed, NOW)
    return f"/automations/{NAME}/proposals/{proposal.proposal_id}"


def test_it_is_refused_with_a_reason_that_its_maker_reads(
    operator: Any, house: Path, db: Connection
) -> None:
    address = proposed(db, house)
    assert post_as(operator, address, f"{address}/reject", because="no").status_code == 422

    post_as(operator, address, f"{address}/reject", because="it stops too late")
    assert "it stops too late" in seen(operator, address)
    assert live(db) == 1


def test_it_is_taken_back_by_its_maker_alone(operator: Any, house: Path, db: Connection) -> None:
    address = proposed(db, house)
    assert post_as(operator, address, f"{address}/withdraw").status_code == 403

    db.execute("UPDATE automation_proposal SET staff_id = %s", [operator.person.pk])
    assert post_as(operator, address, f"{address}/withdraw").status_code == 302
    assert "Was taken back" in seen(operator, address)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADVISER, Role.ADMINISTRATOR])
def test_who_neither_owns_nor_manages_changes_nothing(
    signed_in: Any, house: Path, db: Connection, role: Role
) -> None:
    browser, address = signed_in(role), proposed(db, house)
    page = seen(browser, address)

    assert "/approve" not in page
    for form in (f"/automations/{NAME}/change", f"{address}/approve", f"{address}/reject"):
        assert post_as(browser, "/account", form, because=WHY, seen="1").status_code == 403
    assert (
        post_as(browser, "/account", f"/automations/{NAME}/pause", because=WHY).status_code == 403
    )
    assert live(db) == 1


def test_a_proposal_of_another_automation_is_not_found_under_this_one(
    operator: Any, house: Path, db: Connection
) -> None:
    address = proposed(db, house).replace(NAME, FAR)

    assert operator.get(address).status_code == 404


def test_a_folder_that_cannot_be_written_is_said_to_be_older(
    operator: Any, house: Path, db: Connection
) -> None:
    address = proposed(db, house)
    file_of(house).write_text(text_of(house) + "\n# somebody is at it\n")
    approve(operator, address)

    assert live(db) == 2
    assert "The file in the folder says something else" in seen(operator, f"/automations/{NAME}")


def test_a_version_shows_what_it_changed_in_words_and_in_the_text(
    operator: Any, house: Path, db: Connection
) -> None:
    approve(operator, proposed(db, house))
    page = seen(operator, f"/automations/{NAME}/versions/2")

    assert "1 in 1000 → 2 in 1000" in page
    assert "complaint: 2 in 1000" in re.findall(r"<ins>(.*?)</ins>", page)[0]
    assert WHY in page


# -- as a customer ---------------------------------------------------------------------------------


def test_she_is_walked_day_by_day_with_what_decides(operator: Any, db: Connection) -> None:
    lea = Reminded(db).buys_a_filter()
    address = f"/automations/{NAME}/preview?customer={lea.key.customer_id}"

    assert "Nothing would happen." in seen(operator, address)
    again = seen(operator, f"{address}&again=yes", "fr")
    assert "Comme si cela arrivait de nouveau maintenant" in again
    assert lea.db.execute("SELECT count(*) FROM decision").fetchone() == (1,)


@pytest.mark.usefixtures("house")
def test_nobody_at_all_can_still_be_walked(operator: Any) -> None:
    for customer in ("1", str(2**63 - 1), "x", "-1", str(2**64)):
        page = operator.get(f"/automations/{NAME}/preview?customer={customer}&again=yes")
        assert page.status_code in (200, 410)  # nobody, or nobody any more
    assert "Nobody." in seen(operator, f"/automations/{NAME}/preview?q=nobody-is-called-that")


def test_last_month_is_lived_again_with_both_versions(
    operator: Any, db: Connection, house: Path
) -> None:
    Reminded(db)
    page = seen(operator, f"{proposed(db, house)}/rehearsal")

    assert "this proposal" in page
    assert "was lived again" in page
