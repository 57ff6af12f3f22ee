"""A stock of made-up patients of any size, made fast and put into a population without being matched.

Names, places and years are drawn one by one from those of 40,000 synthetic patients, typing errors included; a block
of patients is always the same, so that those of a full stock can come again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

import numpy as np

from linkage.normalize import kvnr_check_digit
from linkage.synthetic import MODERATE, generate
from linkage.synthetic.noise import disturb
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import FIELDS, IdentifyingData
from ttp.core.identities import IdentityRow
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL, IdentityKind, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.load_index import present_index
from ttp.services.persons.open_population import open_population
from ttp.services.persons.seal_identities import digests, record_indexes, record_key, seal_contents

BLOCK = 16_384
SOURCE = "kis"
_POOL = 40_000
_SEED = 2026
_WITH_NUMBER = 0.7

Row = Mapping[str, str]


@cache
def _pool() -> list[Mapping[str, str | None]]:
    return list(generate(["a"], _POOL, 0.0, _SEED, MODERATE).sites["a"])


def patients(block: int, count: int = BLOCK) -> list[Row]:
    """The first patients of a block; ``record_id`` tells them apart."""
    rng = np.random.default_rng((_SEED, block))
    pool = _pool()
    drawn = rng.integers(0, len(pool), (BLOCK, 3)).tolist()
    days = rng.integers(1, 366, BLOCK).tolist()
    numbers = rng.integers(0, 26 * 10**8, BLOCK).tolist()
    borne = (rng.random(BLOCK) < _WITH_NUMBER).tolist()
    made: list[Row] = []
    for place in range(count):
        name, surname, where = (pool[number] for number in drawn[place])
        year = (name["birth_date"] or "1970")[:4]
        row = {
            "record_id": f"{block}-{place}",
            "given_name": name["given_name"],
            "sex": name["sex"],
            "birth_date": str(np.datetime64(f"{year}-01-01") + days[place] - 1),
            "surname": surname["surname"],
            "postcode": where["postcode"],
            "city": where["city"],
            "kvnr": _kvnr(numbers[place]) if borne[place] else None,
        }
        made.append({field: value for field, value in row.items() if value})
    return made


def _kvnr(number: int) -> str:
    stem = f"{chr(65 + number // 10**8)}{number % 10**8:08}"
    return f"{stem}{kvnr_check_digit(stem)}"


def again(row: Row, *, seed: int) -> Row:
    """The same patient as another department wrote it down, with errors."""
    columns: dict[str, str | None] = {name: row.get(name) for name in FIELDS}
    chance = Random(seed)
    other = disturb(chance, columns, MODERATE)
    return {name: value for name, value in other.items() if value} | {
        "record_id": f"{row['record_id']}-again"
    }


def moved(row: Row) -> Row:
    """The same record with another address."""
    return {**row, "postcode": "99999", "city": "Neustadt"}


def fill(center: Center, persons: int, *, indexed: bool = True) -> None:
    """Put ``persons`` patients into the population, sealed and on record; each is a person of its own.

    ``indexed``: the process's index takes them over as they are, and need not read them back.
    """
    center.work.run(lambda tx: open_population(center, tx, name=LOCAL))
    for block, start in enumerate(range(0, persons, BLOCK)):
        rows = patients(block, min(BLOCK, persons - start))
        data = [_data(row) for row in rows]
        stored = _stored(center, data)
        center.work.run(lambda tx, stored=stored: _store(center, tx, stored))  # type: ignore[misc] # bound now
        if indexed:
            index = present_index(center, LOCAL)
            entries = index.entries(
                [(row.id, 1, one) for row, one in zip(stored, data, strict=True)]
            )
            index.follow(entries, since=index.mark, until=index.mark + len(entries))


def _data(row: Row) -> IdentifyingData:
    return IdentifyingData(row["record_id"], {name: row[name] for name in FIELDS if name in row})


def _stored(center: Center, data: Sequence[IdentifyingData]) -> list[IdentityRow]:
    with center.work.begin(write=False) as tx:
        population = tx.identities.population(LOCAL)
    contents = [one.content() for one in data]
    ids = [IdentityId(center.new_id()) for _ in data]
    keyed = record_indexes(center, population, [record_key(SOURCE, one) for one in data])
    prints = digests(center, LOCAL, contents)
    sealed = seal_contents(
        center, LOCAL, [(one, 1, content) for one, content in zip(ids, contents, strict=True)]
    )
    columns = zip(ids, keyed, prints, sealed, strict=True)
    return [
        IdentityRow(one, IdentityKind.CLEAR, SOURCE, 1, *index, digest, envelope)
        for one, index, digest, envelope in columns
    ]


def _store(center: Center, tx: Transaction, rows: Sequence[IdentityRow]) -> None:
    leaf = new_leaf_id(center)
    tx.identities.lock(LOCAL)
    tx.identities.add(LOCAL, rows, at=center.clock.now(), leaf=leaf)
    act = Act(
        EventKind.IDENTITIES_REGISTERED,
        domain=scope_of(LOCAL),
        counts={"new": len(rows)},
        facts={"source": SOURCE},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, OPERATOR, act, leaf_id=leaf)
