"""Reads the rows of a file one after the other: CSV or JSON Lines, plain, gzipped or zipped.

Promise: a file of any size is read in little memory, and a line that cannot be read is given as a
refusal with its number, never an end to the rest.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from terrain.core.mapping import Row
from terrain.errors import Refusal
from terrain.flow.wire import UNREADABLE, refusal_of

BLOCK = 1 << 20
# Spreadsheets of half of Europe put semicolons, because their numbers have commas.
SEPARATORS = ",;\t"
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")


class NoTable(Refusal):
    """Not a file that can be read row by row."""

    code = "no_table"


class UnknownColumns(Refusal):
    """The mapping speaks of columns that the file lacks."""

    code = "unknown_columns"


class OtherLength(Refusal):
    """A line has more or fewer cells than the heading."""

    code = "other_length"


class NotText(Refusal):
    """A line is not in the encoding that the others are."""

    code = "line_not_text"


class Line(msgspec.Struct, frozen=True):
    """One row with its line number, or why it could not be read."""

    number: int
    row: Row = {}
    refusal: Refusal | None = None


def lines_of(path: Path, columns: Sequence[str], missing: Sequence[str]) -> Iterator[Line]:
    """Yield the rows with these columns; what stands for nothing is None."""
    nothing = frozenset(missing)
    with _opened(path) as (name, file):
        if name.endswith(JSON_ENDINGS):
            yield from _json_lines(file, columns, nothing)
        else:
            yield from _csv_lines(file, columns, nothing)


def count_lines(path: Path) -> int:
    """Return about how many rows there are."""
    with _opened(path) as (_, file):
        return sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK), b""))


def digest_of(path: Path) -> str:
    """Return the fingerprint of a file's bytes."""
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name without its packing, and the unpacked bytes."""
    name = path.name.lower()
    if not path.is_file():
        raise NoTable(field="file", value=path)
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(path) as packed:
                member = _only_table(packed, path)
                with packed.open(member) as file:
                    yield member.lower(), file
        elif name.endswith(".gz"):
            with gzip.open(path) as file:
                yield name.removesuffix(".gz"), cast(IO[bytes], file)
        else:
            with path.open("rb") as file:
                yield name, file
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError) as error:
        raise NoTable(field="file", value=error) from None


def _only_table(packed: zipfile.ZipFile, path: Path) -> str:
    tables = [
        name for name in packed.namelist() if name.lower().endswith((".csv", ".tsv", *JSON_ENDINGS))
    ]
    if len(tables) != 1:
        raise NoTable(field="file", value=path, right=tables or ".csv, .jsonl")
    return tables[0]


def numbered_twice(heading: Sequence[str]) -> list[str]:
    """Return the names of the columns; the second `category` is called `category#2`."""
    names: list[str] = []
    for name in (each.strip() for each in heading):
        before = sum(1 for each in names if each.partition("#")[0] == name)
        names.append(f"{name}#{before + 1}" if before else name)
    return names


def _csv_lines(file: IO[bytes], columns: Sequence[str], nothing: frozenset[str]) -> Iterator[Line]:
    # Wrong bytes come through as lone surrogates, so that one line does not end the file.
    with io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
        first = text.readline()
        reader = csv.reader(chain([first], text), delimiter=max(SEPARATORS, key=first.count))
        heading = numbered_twice(next(reader, []))
        _refuse_unknown(columns, heading)
        places = [(column, heading.index(column)) for column in columns]
        while (cells := _next(reader)) is not None:
            line = _csv_line(reader.line_num, cells, places, len(heading))
            if line:
                yield msgspec.structs.replace(line, row=_without(nothing, line.row))


def _csv_line(
    number: int, cells: list[str] | Refusal, places: list[tuple[str, int]], width: int
) -> Line | None:
    if isinstance(cells, Refusal):
        return Line(number, refusal=cells)
    if not cells:  # an empty line says nothing
        return None
    if len(cells) != width:
        return Line(number, refusal=OtherLength(value=len(cells), right=width))
    row = {name: cells[place].strip() for name, place in places}
    try:
        "".join(row.values()).encode()
    except UnicodeEncodeError as error:
        return Line(number, refusal=NotText(value=hex(ord(error.object[error.start]) - 0xDC00)))
    return Line(number, row)


def _without(nothing: frozenset[str], row: Row) -> Row:
    return {
        name: None if isinstance(value, str) and value.strip() in nothing else value
        for name, value in row.items()
    }


def _next(reader: Any) -> list[str] | Refusal | None:
    try:
        cells: list[str] | None = next(reader, None)
    except csv.Error as error:
        return OtherLength(value=error)
    return cells


def _json_lines(file: IO[bytes], columns: Sequence[str], nothing: frozenset[str]) -> Iterator[Line]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for number, raw in enumerate(file, start=1):
        if not raw.strip():
            continue
        try:
            whole = decode(raw)
        except UNREADABLE as error:
            yield Line(number, refusal=refusal_of(error))
            continue
        yield Line(number, _without(nothing, {each: _along(whole, each) for each in columns}))


def _along(whole: Any, path: str) -> Any:
    if isinstance(whole, dict) and path in whole:
        return whole[path]
    for step in path.split("."):
        whole = whole.get(step) if isinstance(whole, dict) else None
    return whole


def _refuse_unknown(columns: Sequence[str], heading: Sequence[str]) -> None:
    unknown = [column for column in columns if column not in heading]
    if unknown:
        raise UnknownColumns(value=", ".join(unknown), right=heading)
