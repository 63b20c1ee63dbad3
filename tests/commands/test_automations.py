"""What is typed about automations: publish, list, show, pause, resume, propose, approve, preview."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from terrain import cli
from terrain.core.identifier import Identifier, Kind
from terrain.store import claims
from terrain.store.identifiers import resolve
from tests.journeys import EXAMPLES
from tests.people import NOON, a_claim

Typed = Callable[..., Any]
ORDER = '{"order": "17", "items": [{"sku": "filter-a", "quantity": 1}]}'


@pytest.fixture
def typed(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Return what types a command and gives back its exit code and words, or its JSON."""
    monkeypatch.setenv("TERRAIN_DATABASE_URL", fresh_database)
    monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(EXAMPLES))
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    with psycopg.connect(fresh_database) as db:
        lea, omar = (Identifier(Kind.EMAIL, f"{name}@example.org") for name in ("lea", "omar"))
        key = resolve(db, [lea, omar], NOON)[lea]
        said = {"email": "lea@example.org", "birth_date": "1990-01-20"}
        claims.save(db, [(key, a_claim(value, fact=fact)) for fact, value in said.items()])

    def type_it(*words: str) -> Any:
        code = cli.run([*words])
        said = capsys.readouterr()
        if "--json" in words and code == cli.DONE:
            return msgspec.json.decode(said.out)
        return code, said.out + said.err

    return type_it


def test_automations_are_published_listed_shown_paused_and_resumed(typed: Typed) -> None:
    assert len(typed("automations", "publish", "--json")["changed"]) == 7
    assert "7 inchangées" in typed("automations", "publish")[1]

    because = ("--by", "Camille", "--because", "trop de réclamations")
    assert typed("automations", "pause", "filter-reminder", *because)[0] == 0
    assert "suspendue par Camille" in typed("automations", "list")[1]
    assert "trop de réclamations" in typed("automations", "show", "filter-reminder")[1]
    assert typed("automations", "resume", "filter-reminder", "--json")["paused_at"] is None


def test_a_refused_file_is_told_and_shown_until_it_is_put_right(
    typed: Typed, tmp_path: Path
) -> None:
    (tmp_path / "bad.yaml").write_text("automation: bad-one\nowner: x\n")

    code, said = typed("automations", "publish", str(tmp_path))

    assert code == 1
    assert "bad.yaml, bad-one, ligne 1" in said
    assert "refusée : rien ne tourne" in typed("automations", "list")[1]


def test_who_misspells_an_automation_is_helped(typed: Typed) -> None:
    typed("automations", "publish")

    code, said = typed("automations", "show", "filter-remindr")

    assert code == 1
    assert "filter-reminder" in said


def test_a_preview_counts_whom_a_start_describes(typed: Typed) -> None:
    typed("automations", "publish")
    typed("automations", "approve", "birthday", "--by", "Omar", "--because", "relu avec Camille")

    assert typed("preview", "birthday", "--json") == {"described_now": [1]}
    assert "évènement" in typed("preview", "filter-reminder")[1]


def test_a_preview_shows_what_would_follow_for_one_customer(typed: Typed) -> None:
    typed("automations", "publish")
    as_if = ("--when", "order.delivered", "--with", ORDER, "--days", "400")

    rows = typed("preview", "filter-reminder", "lea@example.org", *as_if, "--json")

    assert [(row["name"], row["subject"]) for row in rows] == [
        ("filter-reminder", "order-17/filter-a/1")
    ]
    assert typed("preview", "filter-reminder", "lea@example.org", *as_if)[0] == 0


def test_a_preview_of_nothing_says_so(typed: Typed) -> None:
    typed("automations", "publish")

    assert "rien" in typed("preview", "filter-reminder", "lea@example.org")[1]


def shop_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay the examples out where they may be changed, and return the folder."""
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLES, folder)
    monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(folder))
    return folder


def test_a_saved_file_that_reaches_a_home_waits_for_a_name_and_a_reason(typed: Typed) -> None:
    said = typed("automations", "publish")[1]
    assert "faster-parcel va trop loin" in said
    assert "pas encore en service" in typed("automations", "list")[1]

    assert typed("automations", "approve", "faster-parcel", "--by", "Omar")[0] == 1
    because = ("--by", "Omar", "--because", "relu avec l’entrepôt")
    done = typed("automations", "approve", "faster-parcel", *because, "--json")
    assert done == {"name": "faster-parcel", "version": 1, "folder": True}
    assert typed("automations", "approve", "faster-parcel", *because)[0] == 1


def test_a_proposal_is_read_in_words_and_written_back(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop_of(tmp_path, monkeypatch)
    typed("automations", "publish")
    there = folder / "automations" / "filter-reminder.yaml"
    new = tmp_path / "new.yaml"
    new.write_text(there.read_text().replace("complaint: 1 in 1000", "complaint: 2 in 1000"))
    because = ("--by", "Camille", "--because", "nous avions compté trop serré")

    assert "1 sur 1000 → 2 sur 1000" in typed("automations", "diff", "filter-reminder", str(new))[1]
    said = typed("automations", "propose", str(new), *because, "--json")
    assert len(said["difference"]) == 1
    told = typed("automations", "diff", "filter-reminder", "--json")
    assert (told["cosmetic"], told["reach"]) == (False, "inbox")
    assert typed("automations", "approve", "filter-reminder", "--by", "Camille")[0] == 0
    assert there.read_text() == new.read_text()


def test_a_comment_alone_changes_nothing_that_acts(typed: Typed, tmp_path: Path) -> None:
    typed("automations", "publish")
    new = tmp_path / "new.yaml"
    old = EXAMPLES / "automations" / "filter-reminder.yaml"
    new.write_text("# only a note\n" + old.read_text())

    assert "Rien de ce qui agit" in typed("automations", "diff", "filter-reminder", str(new))[1]
    told = typed("automations", "diff", "filter-reminder", str(new), "--json")
    assert told == {"difference": [], "cosmetic": True, "reach": "inbox"}


def test_a_proposal_is_taken_back_by_its_maker_and_refused_by_others(
    typed: Typed, tmp_path: Path
) -> None:
    typed("automations", "publish")
    new = tmp_path / "new.yaml"
    old = EXAMPLES / "automations" / "filter-reminder.yaml"
    new.write_text(old.read_text().replace("benefit: useful", "benefit: pleasant"))
    because = ("--because", "elle agace plus qu’elle n’aide")
    propose = ("automations", "propose", str(new), "--by", "Camille", *because)

    assert typed(*propose)[0] == 0
    assert typed("automations", "withdraw", "filter-reminder", "--by", "Omar")[0] == 1
    assert typed("automations", "withdraw", "filter-reminder", "--by", "Camille")[0] == 0
    assert typed(*propose)[0] == 0
    assert typed("automations", "reject", "filter-reminder", "--by", "Omar", *because)[0] == 0
    assert typed("automations", "diff", "filter-reminder")[0] == 1


def test_what_reads_badly_cannot_be_proposed(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff\x00" * 200_000)

    because = ("--by", "Camille", "--because", "un essai qui échoue")
    assert typed("automations", "propose", str(tmp_path / "bad.yaml"), *because)[0] == 1
