"""Twin: made-up persons of a schema, so that parameters are attacked without anybody's data.

One side is what the attacker knows in clear, the other what he holds encoded under a key that is
not his. Names follow their frequencies in Germany; families share names and homes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.errors import NoTwin
from linkage.encode import Encoder, EncodingSet
from linkage.records import RecordTable
from linkage.schema import Kind, LinkageSchema
from linkage.synthetic import generate
from linkage.synthetic.noise import NONE, ErrorProfile

LEAST: Final = 200
"""Persons below whom an attack shows little."""
_BY_KIND: Final = {
    Kind.GIVEN_NAME: "given_name",
    Kind.SURNAME: "surname",
    Kind.DATE: "birth_date",
    Kind.SEX: "sex",
    Kind.POSTCODE: "postcode",
    Kind.TEXT: "city",
    Kind.KVNR: "kvnr",
}


@dataclass(frozen=True, slots=True)
class Twin:
    """``known`` in clear, ``target`` to be encoded; ``owner[row of target]``: row of known, or -1."""

    known: RecordTable
    target: RecordTable
    owner: NDArray[np.intp]


def make_twin(
    schema: LinkageSchema, n: int, overlap: float, *, seed: int, errors: ErrorProfile = NONE
) -> Twin:
    """Two tables of ``n`` persons with a share ``overlap`` in both; the same arguments, the same twin.

    Raises:
        NoTwin: the schema has a column for which no values can be made up.
    """
    people = generate(["known", "target"], n, overlap, seed, errors)
    persons = [people.persons(site) for site in ("known", "target")]
    places = {person: row for row, person in enumerate(persons[0].values())}
    owner = np.array([places.get(person, -1) for person in persons[1].values()], dtype=np.intp)
    known, target = (_renamed(people.table(site), schema) for site in ("known", "target"))
    return Twin(known, target, owner)


def encoded(table: RecordTable, schema: LinkageSchema, *, seed: int, side: str) -> EncodingSet:
    """A table encoded under a key of its own for ``seed`` and ``side``; never a key of a project."""
    secret = f"twin of a schema, {side}, {seed}".encode()
    return Encoder(schema, secret=secret, project="attack").encode(table)


def without(table: RecordTable, column: str) -> RecordTable:
    """The table with one column missing in every record."""
    return replace(table, columns={**table.columns, column: [None] * len(table)})


def narrowed(twin: Twin, known: NDArray[np.intp], target: NDArray[np.intp]) -> Twin:
    """Those rows of both sides alone; who is left on one side only belongs to nobody."""
    places = np.full(len(twin.known) + 1, -1, dtype=np.intp)  # the last one is for nobody
    places[known] = np.arange(len(known))
    return Twin(_rows(twin.known, known), _rows(twin.target, target), places[twin.owner[target]])


def _rows(table: RecordTable, rows: NDArray[np.intp]) -> RecordTable:
    numbers, kept = list(table.row_numbers), set(rows.tolist())
    return table.without_rows(numbers[row] for row in range(len(table)) if row not in kept)


def _renamed(table: RecordTable, schema: LinkageSchema) -> RecordTable:
    columns: dict[str, Sequence[str | None]] = {}
    for column, kind in schema.columns.items():
        source = column if column in table.columns else _BY_KIND.get(kind)
        if source is None:
            raise NoTwin(column)
        columns[column] = table.columns[source]
    return replace(table, columns=columns)
