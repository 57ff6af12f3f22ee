"""Comparables: prepared records of a whole population in memory, some forty bytes each and every value once.

Names, days and places are held once and numbered; a record is a row of numbers, from which it is put together
when it is compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linkage.comparators import Name, Prepared, name_of
from ttp.core.matching import Comparable

CHUNK = 1 << 16
"""Rows that are made room for at once, so that growing never copies what is there."""

_NUMBER = re.compile(r"[A-Z][0-9]{9}")
_DIGITS = 10**9
_BETWEEN = b"\0"
_PART = "\0"
_COLUMNS = [
    *((name, "i4") for name in ("given", "surname", "other", "birth", "sex", "postcode", "city")),
    *(("kvnr", "u8"), ("start", "u4"), ("end", "u4")),
]
_ROW = np.dtype(_COLUMNS)
Row = tuple[int, ...]


class _Numbered:
    """Texts that were met, each with a number; 0 is the empty one."""

    def __init__(self) -> None:
        self.texts = [""]
        self._numbers = {"": 0}

    def number(self, text: str) -> int:
        found = self._numbers.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found


class Comparables:
    """Records by row, in the order in which they were added."""

    def __init__(self) -> None:
        self._names, self._days, self._places = _Numbered(), _Numbered(), _Numbered()
        self._chunks: list[NDArray[Any]] = []
        self._identifiers: list[bytearray] = []
        self._odd: dict[int, Comparable] = {}
        self._count = 0

    def __len__(self) -> int:
        """Number of rows."""
        return self._count

    @property
    def nbytes(self) -> int:
        """Bytes of the rows; the values they share are not counted."""
        return sum(map(len, self._identifiers)) + sum(chunk.nbytes for chunk in self._chunks)

    def add(self, records: Sequence[Comparable]) -> None:
        """Add records; they take the next rows."""
        done = 0
        while done < len(records):
            free = CHUNK - self._count % CHUNK
            part = records[done : done + free]
            self._add(part)
            done += len(part)

    def __getitem__(self, row: int) -> Comparable:
        """The record of a row."""
        if row in self._odd:
            return self._odd[row]
        place = row % CHUNK
        chunk = row // CHUNK
        given, surname, other, birth, sex, postcode, city, kvnr, start, end = self._chunks[chunk][
            place
        ].tolist()
        places = self._places.texts
        record = Prepared(
            self._name(given),
            self._name(surname),
            self._days.texts[birth],
            places[sex],
            places[postcode],
            places[city],
            _number(kvnr),
        )
        variants = (record, replace(record, surname=self._name(other))) if other else (record,)
        borne = bytes(self._identifiers[chunk][start:end])
        return Comparable(variants, frozenset(borne.split(_BETWEEN)) if borne else frozenset())

    def _add(self, records: Sequence[Comparable]) -> None:
        if self._count % CHUNK == 0:
            self._chunks.append(np.zeros(CHUNK, _ROW))
            self._identifiers.append(bytearray())
        place = self._count % CHUNK
        rows = [self._row(row, record) for row, record in enumerate(records, start=self._count)]
        self._chunks[-1][place : place + len(rows)] = np.array(rows, _ROW)
        self._count += len(rows)

    def _row(self, row: int, record: Comparable) -> Row:
        first, other = record.variants[0], record.variants[1:]
        borne = _BETWEEN.join(sorted(record.identifiers))
        numbered = not first.kvnr or _NUMBER.fullmatch(first.kvnr)
        if not numbered or not _is_plain(record, borne):
            self._odd[row] = record
            return (0,) * len(_COLUMNS)
        identifiers = self._identifiers[-1]
        start = len(identifiers)
        identifiers += borne
        return (
            self._numbered(first.given_name),
            self._numbered(first.surname),
            self._numbered(other[0].surname) if other else 0,
            self._days.number(first.birth_date),
            self._places.number(first.sex),
            self._places.number(first.postcode),
            self._places.number(first.city),
            (ord(first.kvnr[0]) - 64) * _DIGITS + int(first.kvnr[1:]) if first.kvnr else 0,
            start,
            len(identifiers),
        )

    def _numbered(self, name: Name | None) -> int:
        return self._names.number(_PART.join(name.parts)) if name else 0

    def _name(self, number: int) -> Name | None:
        return name_of(tuple(self._names.texts[number].split(_PART))) if number else None


def _is_plain(record: Comparable, borne: bytes) -> bool:
    """Whether a record can be put together again from a row: at most a second surname, and separable identifiers."""
    first, other = record.variants[0], record.variants[1:]
    if borne.count(_BETWEEN) != max(len(record.identifiers) - 1, 0) or b"" in record.identifiers:
        return False
    if len(other) > 1:
        return False
    return not other or (
        other[0].surname is not None and replace(other[0], surname=first.surname) == first
    )


def _number(packed: int) -> str:
    letter, digits = divmod(packed, _DIGITS)
    return f"{chr(64 + letter)}{digits:09}" if packed else ""
