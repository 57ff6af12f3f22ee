"""Files of pairs: rows of original and pseudonym, as gPAS exports them, as our own CSV, or as NDJSON; read as a stream.

Values are taken exactly as they stand. The delimiter of a CSV file is told from its first line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from ttp.core.errors import InvalidField

FORMATS = ("csv", "gpas", "ndjson")
_NO_TEXT = re.compile("[\ud800-\udfff]")
_ANONYMIZED = re.compile(r"###_anonym_###.*###_anonym_###")


@dataclass(frozen=True, slots=True)
class PairRow:
    """One row: its number (the header is row 1), its pair, or what is wrong with it."""

    number: int
    original: object = None
    pseudonym: object = None
    problem: str = ""


def read_pairs(file: Path, kind: str, *, domain: str | None = None) -> Iterator[PairRow]:
    """The rows of a file in their order.

    ``csv`` has columns named ``original`` and ``pseudonym``; ``gpas`` has the original value first, then the pseudonym,
    then perhaps the name of the domain, of which ``domain`` is taken; ``ndjson`` has an object or a pair a line.

    Raises:
        InvalidField: the file has no such columns, or holds several domains and none was named.
        OSError: it cannot be read.
    """
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        if kind == "ndjson":
            yield from _lines(stream)
        else:
            yield from _table(stream, kind, domain)


def _lines(stream: IO[str]) -> Iterator[PairRow]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            given = orjson.loads(line.encode("utf-8", "surrogateescape"))
        except orjson.JSONDecodeError:
            yield PairRow(number, problem="not-json")
            continue
        if isinstance(given, dict) and given.keys() == {"original", "pseudonym"}:
            given = [given["original"], given["pseudonym"]]
        if isinstance(given, list) and len(given) == 2:
            yield PairRow(number, *given)
        else:
            yield PairRow(number, problem="not-a-pair")


def _table(stream: IO[str], kind: str, domain: str | None) -> Iterator[PairRow]:
    first = stream.readline()
    delimiter = max(";,\t", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter), [])
    places = _named(header) if kind == "csv" else (0, 1)
    if len(header) < 2:
        raise InvalidField("The first line of the file names no two columns.")
    if kind == "gpas" and len(header) > 2 and domain is None:
        raise InvalidField("The file holds several domains of gPAS; name one with --from.")
    for number, row in enumerate(_rows(stream, delimiter), 2):
        if not row or (kind == "gpas" and len(header) > 2 and row[2:3] != [domain]):
            continue
        yield _row(number, row, len(header), places)


def _rows(stream: IO[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(stream, delimiter=delimiter)
    except csv.Error:
        raise InvalidField(
            "A cell of the file is far too long: a quotation mark is opened and never closed."
        ) from None


def _named(header: list[str]) -> tuple[int, int]:
    names = [name.strip().lower() for name in header]
    if names.count("original") != 1 or names.count("pseudonym") != 1:
        raise InvalidField(
            "The first line of the file names no columns 'original' and 'pseudonym'."
        )
    return names.index("original"), names.index("pseudonym")


def _row(number: int, row: list[str], columns: int, places: tuple[int, int]) -> PairRow:
    if len(row) != columns:
        return PairRow(number, problem="wrong-number-of-columns")
    original, pseudonym = (row[place] for place in places)
    if _NO_TEXT.search(original + pseudonym):
        return PairRow(number, problem="not-utf8")
    if _ANONYMIZED.fullmatch(original):
        return PairRow(number, problem="anonymized-in-gpas")
    return PairRow(number, original, pseudonym)
