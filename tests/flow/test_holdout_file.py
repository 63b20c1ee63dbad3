"""Who was treated beside who was held out, from a table: right intervals, and nothing guessed."""

import gzip
from pathlib import Path

import pytest

from terrain.errors import Refusal
from terrain.flow.holdout_file import Asked, NobodyHeldOut, NotAnOutcome, report_of, report_said
from terrain.flow.table import NoTable, OtherLength, UnknownColumns

HILLSTROM = Path(__file__).parents[3] / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"
EVERYTHING = Asked(
    arm="segment",
    held_out="No E-Mail",
    did=("visit", "conversion"),
    spent=("spend",),
    kind="newbie",
)
ASKED = Asked(arm="arm", held_out="none", did=("bought",), spent=("spent",))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = ["arm,bought,spent,kind"]
    rows += [f"mail,{int(n % 3 == 0)},{n % 7},{'new' if n % 2 else 'old'}" for n in range(300)]
    rows += [f"none,{int(n % 9 == 0)},{n % 5},{'new' if n % 2 else 'old'}" for n in range(300)]
    return written(tmp_path, *rows)


def written(folder: Path, *rows: str) -> Path:
    file = folder / "people.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_the_real_customers_come_out_as_they_are_known_to() -> None:
    if not HILLSTROM.exists():
        pytest.skip("the customers of the e-mail challenge are not on this machine")
    found = {(each.arm, each.what): each for each in report_of(HILLSTROM, EVERYTHING).differences}
    visits, money = found["Mens E-Mail", "visit"], found["Womens E-Mail", "spend"]

    assert len(found) == 6
    assert visits.interval is not None
    assert money.interval is not None
    assert 100 * visits.value == pytest.approx(7.66, abs=0.01)
    assert [100 * end for end in visits.interval] == pytest.approx([7.00, 8.32], abs=0.01)
    assert money.value == pytest.approx(0.424, abs=0.001)
    assert list(money.interval) == pytest.approx([0.169, 0.680], abs=0.002)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_said_in_sentences_without_a_gap(table: Path, language: str) -> None:
    said = report_said(report_of(table, ASKED), language)

    assert len(said) == 2
    assert all("{" not in sentence and "mail" in sentence for sentence in said)


def test_shares_are_said_in_percent_and_money_as_it_is(table: Path) -> None:
    shares, money = report_said(report_of(table, ASKED), "en")

    assert "33.3 % beside 11.3 %" in shares
    assert "a person" in money
    assert "%" not in money


def test_arms_of_unlike_people_are_named_first(tmp_path: Path) -> None:
    rows = [f"mail,{n % 2},{'old' if n < 250 else 'new'}" for n in range(300)]
    rows += [f"none,{n % 2},{'old' if n < 50 else 'new'}" for n in range(300)]
    asked = Asked(arm="arm", held_out="none", did=("bought",), kind="kind")

    found = report_of(written(tmp_path, "arm,bought,kind", *rows), asked)

    assert report_said(found, "en")[0].startswith("Not alike")
    assert set(found.strata) == {"new", "old"}
    assert any(each.among_alike for each in found.differences)


def test_a_packed_file_is_read_like_a_plain_one(table: Path, tmp_path: Path) -> None:
    packed = tmp_path / "people.csv.gz"
    packed.write_bytes(gzip.compress(table.read_bytes()))

    assert report_of(packed, ASKED) == report_of(table, ASKED)


# -- wrong input -----------------------------------------------------------------------------------


def refused(file: Path, asked: Asked = ASKED) -> Refusal:
    with pytest.raises(Refusal) as wrong:
        report_of(file, asked)
    return wrong.value


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path / "nowhere.csv"), NoTable)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert isinstance(refused(written(tmp_path)), Refusal)


def test_a_column_that_is_not_there_is_refused(table: Path) -> None:
    asked = Asked(arm="arm", held_out="none", did=("bougth",))

    assert isinstance(refused(table, asked), UnknownColumns)


def test_nobody_held_out_is_refused_with_the_nearest_arm(table: Path) -> None:
    found = refused(table, Asked(arm="arm", held_out="nome", did=("bought",)))

    assert isinstance(found, NobodyHeldOut)
    assert found.right == "none"


def test_nobody_treated_is_refused(tmp_path: Path) -> None:
    rows = ["arm,bought,spent", *["none,1,2"] * 50]

    assert isinstance(refused(written(tmp_path, *rows)), NobodyHeldOut)


@pytest.mark.parametrize("cell", ["maybe", "2", "", "-1", "0.5"])
def test_what_is_neither_yes_nor_no_is_refused_with_its_line(tmp_path: Path, cell: str) -> None:
    found = refused(written(tmp_path, "arm,bought,spent", "none,1,2", f"mail,{cell},2"))

    assert isinstance(found, NotAnOutcome)
    assert found.field == "bought:3"


@pytest.mark.parametrize("cell", ["much", "nan", "inf", "", "1 000 €"])
def test_an_amount_that_is_none_is_refused_with_its_line(tmp_path: Path, cell: str) -> None:
    found = refused(written(tmp_path, "arm,bought,spent", f"none,1,{cell}"))

    assert isinstance(found, NotAnOutcome)
    assert found.field == "spent:2"


def test_a_line_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    assert isinstance(refused(written(tmp_path, "arm,bought,spent", "none,1")), OtherLength)


def test_too_few_people_have_no_interval_and_that_is_said(tmp_path: Path) -> None:
    rows = ["arm,bought,spent", *["none,1,2"] * 5, *["mail,0,9"] * 5]

    said = report_said(report_of(written(tmp_path, *rows), ASKED), "en")

    assert any("too few people" in sentence for sentence in said)
