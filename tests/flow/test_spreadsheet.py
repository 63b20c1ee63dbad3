"""What people take along opens in any spreadsheet, and calculates nothing there."""

import csv
import io

import pytest

from terrain.flow.spreadsheet import csv_of, without_formula


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://evil.example")',
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
    ],
)
def test_what_a_stranger_wrote_is_not_calculated(cell: str) -> None:
    assert without_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Léa", "", " ", "a=1", "12 rue de la Paix", 7, -7, None])
def test_what_is_no_formula_stays_as_it_is(cell: object) -> None:
    assert without_formula(cell) == cell


def test_rows_come_back_as_they_were() -> None:
    text = csv_of(["name", "what"], [["Léa", 'said "hm", then\nleft'], ["Omar", None]])
    rows = list(csv.reader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}"))))

    assert rows == [["name", "what"], ["Léa", 'said "hm", then\nleft'], ["Omar", ""]]


def test_a_spreadsheet_is_told_that_it_is_unicode() -> None:
    assert csv_of(["é"], []).encode().startswith(b"\xef\xbb\xbf")
