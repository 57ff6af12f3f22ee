"""Clear: records in clear find their candidates by an internal encoding, then are compared by field.

The encoding is made with a constant key, held in memory for the length of a run and never written:
it protects nothing and finds everything. Exact tokens bring in pairs that share an insurance
number, a birth date with the first given name, or a birth date with the sound of the surname.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage import comparators, schema
from linkage.candidates import Side, side
from linkage.comparators import Prepared
from linkage.comparison import source_of
from linkage.decide.verdict import workings
from linkage.encode import Encoder
from linkage.encoded_score import Scored
from linkage.explain import Workings
from linkage.fellegi_sunter import Levels
from linkage.kernel import PairTable
from linkage.records import RecordTable
from linkage.score import FIELDS, HOUSEHOLD, Parameters, grouped, score

_KEY: Final = b"internal comparison, protects nothing"
_DATE: Final = {"column": "birth_date", "kind": "date"}
_TOKENS: Final = (
    {
        "name": "date-given",
        "parts": [_DATE, {"column": "given_name", "kind": "given-name", "as": "first"}],
    },
    {
        "name": "date-sound",
        "parts": [_DATE, {"column": "surname", "kind": "surname", "as": "phonetic"}],
    },
)


def internal_schema() -> schema.LinkageSchema:
    """The default schema with tokens that catch what a filter alone might miss."""
    plain = schema.default().document
    kvnr: dict[str, object] = {"name": "kvnr", "parts": [{"column": "kvnr", "kind": "kvnr"}]}
    return schema.load(plain | {"name": "internal", "exact": [kvnr, *_TOKENS]})


def encoded_sides(tables: Sequence[RecordTable]) -> list[Side]:
    """Internal encodings of tables in clear, in their order."""
    encoder = Encoder(internal_schema(), secret=_KEY)
    return [side(encoder.encode(table)) for table in tables]


def prepared(table: RecordTable) -> list[Prepared]:
    """Every record of a table, normalized for comparison."""
    return [comparators.prepare(record) for record in table.records()]


def by_weights(
    candidates: Scored, left: Sequence[Prepared], right: Sequence[Prepared], parameters: Parameters
) -> Scored:
    """Candidates with their total evidence in bits as score."""
    old = candidates.pairs
    rows = zip(old.rows_a.tolist(), old.rows_b.tolist(), strict=True)
    totals = [score(comparators.compare(left[a], right[b]), parameters).total for a, b in rows]
    pairs = PairTable(
        old.rows_a,
        old.rows_b,
        np.array(totals, dtype=np.float64),
        old.engine,
        old.compared,
        old.width,
    )
    return Scored(candidates.a, candidates.b, pairs)


def workings_of(
    scored: Scored, records: Mapping[str, Sequence[Prepared]], parameters: Parameters
) -> Workings:
    """How each pair scored by `by_weights` got its bits; compared again when asked for."""
    left, right = records[source_of(scored.a)], records[source_of(scored.b)]
    names = (*FIELDS, HOUSEHOLD)

    def parts(places: NDArray[np.int64]) -> NDArray[np.float64]:
        pairs = scored.pairs.rows_a[places].tolist(), scored.pairs.rows_b[places].tolist()
        made = np.zeros((len(places), len(names)))
        for row, (a, b) in enumerate(zip(*pairs, strict=True)):
            for part in score(comparators.compare(left[a], right[b]), parameters).contributions:
                made[row, names.index(part.field)] = part.weight
        return made

    return workings(scored, parts, names)


def levels_of(
    rows: Sequence[tuple[int, int]], left: Sequence[Prepared], right: Sequence[Prepared]
) -> Levels:
    """Comparisons (pairs, fields of the weight table) for estimating weights; 0 is missing.

    The levels of a field are numbered 1, 2, … in the order of `FIELDS`.
    """
    place = {field: {level: 1 + at for at, level in enumerate(of)} for field, of in FIELDS.items()}
    made: NDArray[np.int8] = np.zeros((len(rows), len(FIELDS)), dtype=np.int8)
    for row, (a, b) in enumerate(rows):
        found = grouped(comparators.compare(left[a], right[b]))
        made[row] = [place[field].get(found[field], 0) for field in FIELDS]
    return made
