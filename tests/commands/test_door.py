"""What is typed about the door: keys, sources, trays, imports."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg

from terrain import cli
from terrain.flow.keys import whose
from terrain.store import trays
from terrain.store.trays import Misfit
from tests.typing_at_the_terminal import Typed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDERS = (
    "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    "1,85048,BALL,2,2009-12-01 07:45:00,6.95,13085,United Kingdom\n"
    "2,85048,BALL,many,2009-12-01 07:45:00,6.95,13085,France\n"
    "3,85048,BALL,1,2009-12-01 07:45:00,6.95,,France\n"
)


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(
    typed: Typed, fresh_database: str
) -> None:
    made = typed("keys", "make", "shop", "--scope", "write", "--scope", "decide", "--json")

    with psycopg.connect(fresh_database) as db:
        key = whose(db, made["key"], "a secret that only the tests know", datetime.now(UTC))
    assert key.scopes == {"write", "decide"}
    assert made["key"] not in str(typed("keys", "list", "--json"))
    assert typed("keys", "revoke", key.key_id, "--json")["revoked"] is True
    assert typed("keys", "revoke", "nonsense")[0] == cli.REFUSED


def test_a_key_is_followed_by_another(typed: Typed) -> None:
    old = typed("keys", "make", "shop", "--json")
    new = typed("keys", "rotate", old["key_id"], "--days", "1", "--json")
    listed = {each["key_id"]: each for each in typed("keys", "list", "--json")}

    assert new["source"] == "shop"
    assert new["key"] != old["key"]
    assert listed[old["key_id"]]["closes_at"] != ""
    assert listed[new["key_id"]]["closes_at"] == ""
    assert typed("keys", "rotate", old["key_id"])[0] == cli.REFUSED


def test_a_key_may_say_how_far_its_source_is_to_be_believed(typed: Typed) -> None:
    typed("keys", "make", "shop", "--kind", "transaction")
    (shop,) = typed("sources", "list", "--json")

    assert (shop["name"], shop["kind"], shop["declared"]) == ("shop", "transaction", True)


def test_keys_are_listed_for_people_in_their_language(typed: Typed) -> None:
    typed("keys", "make", "boutique")
    code, said = typed("keys", "list")

    assert code == cli.DONE
    assert "Se ferme" in said
    assert "boutique" in said


def test_sources_are_declared_and_silence_is_shown(typed: Typed, tmp_path: Path) -> None:
    typed("sources", "declare", "bank", "--kind", "transaction", "--every", "1 day")
    (tmp_path / "s.yaml").write_text("shop: {kind: customer_said}\n")
    typed("sources", "read", str(tmp_path / "s.yaml"))

    assert {each["name"]: each["silent"] for each in typed("sources", "list", "--json")} == {
        "bank": True,
        "shop": False,
    }
    assert "muette" in typed("sources", "list")[1]


def test_a_rhythm_or_a_file_with_a_mistake_is_refused(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("shop: {kind: x}\n")
    rhythm = ("sources", "declare", "b", "--kind", "transaction", "--every", "often")

    assert typed("sources", "read", str(tmp_path / "s.yaml"))[0] == cli.REFUSED
    assert "1 hour" in typed(*rhythm)[1]


def test_what_waits_in_the_trays_is_listed_shown_tried_again_and_closed(
    typed: Typed, fresh_database: str
) -> None:
    good = b'{"event":"x","userId":"lea"}'
    with psycopg.connect(fresh_database) as db:
        trays.put(db, [Misfit("event", "shop", "c", {}, each) for each in (good, b"{")], NOON)
        first, second = sorted(trays.waiting(db), key=lambda kept: kept.payload != good)

    assert len(typed("trays", "list", "--json")["waiting"]) == 2
    assert typed("trays", "show", str(first.tray_id), "--json")["payload"] == good.decode()
    assert typed("trays", "retry", str(first.tray_id), "--json") == {"retried": first.tray_id}
    assert typed("trays", "retry", str(second.tray_id))[0] == cli.REFUSED
    assert typed("trays", "close", str(second.tray_id), "--json") == {"closed": 1}
    assert "vides" in typed("trays", "list")[1]


def test_an_archive_is_imported_with_a_report_of_its_lines(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    words = ("import", str(tmp_path / "orders.csv"), "--as", "online_retail")
    code, said = typed(*words, "--report", str(tmp_path / "report.csv"))

    assert code == cli.DONE
    assert "3 évènements sont nouveaux" in said
    assert "no customer is named" in said
    assert sorted((tmp_path / "report.csv").read_text().splitlines()) == [
        "3,wrong_cell,Quantity,many,whole",
        "4,no customer is named",
    ]
    assert typed(*words, "--json")["import"]["seen"] == 3


def test_a_mapping_with_mistakes_imports_nothing(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "m.yaml").write_text("sauce: shop\n")
    code, said = typed("import", str(tmp_path / "orders.csv"), "--as", str(tmp_path / "m.yaml"))

    assert code == cli.REFUSED
    assert "source" in said
