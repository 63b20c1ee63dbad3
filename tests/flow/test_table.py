"""Files read row by row, whatever is in them."""

import gzip
import zipfile
from pathlib import Path

import pytest

from terrain.flow.table import Line, NoTable, UnknownColumns, digest_of, lines_of, numbered_twice


def read(path: Path, *columns: str, missing: tuple[str, ...] = ("",)) -> list[Line]:
    return list(lines_of(path, columns, missing))


def a_file(folder: Path, content: bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_csv_is_read_with_its_line_numbers(tmp_path: Path) -> None:
    path = a_file(tmp_path, b'\xef\xbb\xbfwho,what\r\nL\xc3\xa9a,"a\nb"\r\n\r\nOmar, c \r\n')

    assert [(line.number, line.row) for line in read(path, "who", "what")] == [
        (3, {"who": "Léa", "what": "a\nb"}),
        (5, {"who": "Omar", "what": "c"}),
    ]


def test_a_heading_that_names_a_column_twice_is_told_apart() -> None:
    names = numbered_twice(["category", "category", "x", "category"])

    assert names == ["category", "category#2", "x", "category#3"]


def test_what_stands_for_nothing_is_nothing(tmp_path: Path) -> None:
    path = a_file(tmp_path, b"who,what\n?,x\nlea,\n")

    assert [line.row["who"] for line in read(path, "who", missing=("", "?"))] == [None, "lea"]


def test_a_line_that_cannot_be_read_does_not_end_the_file(tmp_path: Path) -> None:
    path = a_file(tmp_path, b"who,what\nl\xe9a,x\nlea\nomar,y,z\nlea,y\n")
    lines = read(path, "who")

    assert [line.refusal.code if line.refusal else line.row["who"] for line in lines] == [
        "line_not_text",
        "other_length",
        "other_length",
        "lea",
    ]
    assert lines[0].refusal
    assert lines[0].refusal.value == "0xe9"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_spreadsheet_may_separate_otherwise(tmp_path: Path, separator: str) -> None:
    path = a_file(tmp_path, f'who{separator}what\n"le;a"{separator}1,5\n'.encode())

    assert read(path, "who", "what")[0].row == {"who": "le;a", "what": "1,5"}


def test_a_cell_of_a_megabyte_does_not_end_the_file(tmp_path: Path) -> None:
    path = a_file(tmp_path, b"who\n" + b"x" * 1_000_000 + b"\nlea\n")

    assert read(path, "who")[-1].row == {"who": "lea"}


@pytest.mark.parametrize("name", ["orders.csv.gz", "orders.zip", "orders.jsonl", "orders.jsonl.gz"])
def test_packed_files_are_read_like_others(tmp_path: Path, name: str) -> None:
    content = b'{"who":"lea"}\n' if "json" in name else b"who\nlea\n"
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("a/orders.csv", content)
    else:
        a_file(tmp_path, gzip.compress(content) if name.endswith(".gz") else content, name)

    assert [line.row for line in read(tmp_path / name, "who")] == [{"who": "lea"}]


def test_json_lines_are_read_along_their_paths(tmp_path: Path) -> None:
    path = a_file(tmp_path, b'{"who":{"id":"lea"}}\n\n{\n{"who":7}\n', "orders.jsonl")
    lines = read(path, "who.id")

    assert [line.number for line in lines] == [1, 3, 4]
    assert lines[0].row == {"who.id": "lea"}
    assert lines[1].refusal
    assert lines[2].row == {"who.id": None}


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumns) as refused:
        read(a_file(tmp_path, b"who,what\n"), "whom")

    assert refused.value.right == "who, what"


@pytest.mark.parametrize("name", ["missing.csv", "orders.zip", "orders.csv.gz"])
def test_what_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    if name != "missing.csv":
        a_file(tmp_path, b"not packed at all", name)

    with pytest.raises(NoTable):
        read(tmp_path / name, "who")


def test_the_fingerprint_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    same = [digest_of(a_file(tmp_path, b"x", name)) for name in ("a.csv", "b.csv")]

    assert same[0] == same[1] != digest_of(a_file(tmp_path, b"y"))
