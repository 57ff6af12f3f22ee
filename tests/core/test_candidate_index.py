"""The candidate index finds all that reach t_r and all that share a token, and forgets what is outdated."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.index import growing
from linkage.synthetic import HEAVY, generate
from tests.scale import scaled
from ttp.core import candidate_index
from ttp.core.candidate_index import CandidateIndex, Entry
from ttp.core.comparables import Comparables
from ttp.core.errors import TTPError
from ttp.core.identifying_data import FIELDS, Identifier, IdentifyingData, checked_record
from ttp.core.matching import RETRIEVE_AT, comparable
from ttp.core.names import IdentityId

TODAY = date(2026, 11, 22)
Record = tuple[IdentityId, int, IdentifyingData]


def patients(count: int, *, seed: int = 5) -> list[IdentifyingData]:
    """Synthetic patients with many errors, some with a birth name, identifiers, or no date."""
    found: list[IdentifyingData] = []
    for row in generate(["a"], count, 0.0, seed, HEAVY).sites["a"]:
        values = {name: row[name] for name in FIELDS if row.get(name)}
        number = len(found)
        if number % 5 == 0:
            values["birth_name"] = "Brandt-Meier"
        borne = [{"system": "pid", "value": str(number % 400)}] if number % 3 == 0 else []
        try:
            found.append(checked_record(values | {"identifiers": borne}, today=TODAY))
        except TTPError:
            continue
    return found


PATIENTS = patients(900)


def identity(number: int) -> IdentityId:
    return IdentityId(UUID(int=number << 64 | (number * 0x9E3779B97F4A7C15) % (1 << 64)))


def make_index() -> CandidateIndex:
    return CandidateIndex(secret=b"s" * 32, population="local", threads=2)


@cache
def made() -> list[Entry]:
    """The entries of all patients, made once: encoding is not what is tested here."""
    index = make_index()
    entries = index.entries([(identity(n), 1, one) for n, one in enumerate(PATIENTS)])
    index.close()
    return entries


def entry(patient: int, *, of: int, version: int = 1) -> Entry:
    return replace(made()[patient], identity=identity(of), version=version)


def expected(query: Entry, stock: list[Entry]) -> set[IdentityId]:
    """By counting every bit of everybody, and comparing every token."""
    if not stock:
        return set()
    words = np.stack([one.words for one in stock])
    common = np.bitwise_count(words & query.words).sum(axis=1, dtype=np.int64)
    both = np.bitwise_count(words).sum(axis=1, dtype=np.int64) + np.bitwise_count(query.words).sum()
    alike = 2.0 * common / both >= RETRIEVE_AT
    return {
        one.identity
        for one, near in zip(stock, alike.tolist(), strict=True)
        if (near or set(one.tokens) & set(query.tokens)) and one.identity != query.identity
    }


@given(
    seed=st.integers(0, 1000),
    cuts=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    again=st.floats(0, 0.5),
    gone=st.floats(0, 0.3),
)
def test_candidates_are_those_of_a_comparison_with_everybody(
    seed: int, cuts: list[int], again: float, gone: float
) -> None:
    rng = np.random.default_rng(seed)
    present: dict[IdentityId, Entry] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "_WAITING", 64)
        patch.setattr(growing, "_LARGEST", 256)
        patch.setattr(candidate_index, "_PART", 5)
        index = make_index()
        for size in cuts:
            numbers = rng.choice(len(PATIENTS), size, replace=False).tolist()
            other = rng.integers(len(PATIENTS), size=size).tolist()
            entries = [
                entry(drawn if rng.random() < again else number, of=number)
                for number, drawn in zip(numbers, other, strict=True)
            ]
            index.add(entries)
            present |= {one.identity: one for one in entries}
            lost = [one for one in present if rng.random() < gone / len(cuts)]
            index.forget(lost)
            for one in lost:
                del present[one]
        some = rng.choice(len(PATIENTS), 12, replace=False).tolist()
        queries = [entry(one, of=5000 + one) for one in some]
        found = index.candidates(queries)
        index.close()
    assert len(index) == len(present)
    for place, query in enumerate(queries):
        stock = [*present.values(), *queries[:place]]
        assert {one.identity for one in found[place]} == expected(query, stock)


def test_a_candidate_comes_back_as_it_was_prepared() -> None:
    index = make_index()
    index.add(made())
    queries = [entry(n, of=5000 + n) for n in range(60)]
    for found in index.candidates(queries):
        for one in found:
            number = one.identity.int >> 64
            assert one.comparable == comparable(
                PATIENTS[number if number < 5000 else number - 5000]
            )
    index.close()


def test_a_newer_version_takes_the_place_of_the_older() -> None:
    index = make_index()
    index.add([entry(0, of=1)])
    index.add([entry(7, of=1, version=2)])
    (found,) = index.candidates([entry(7, of=9)])
    assert [(one.identity, one.version) for one in found] == [(identity(1), 2)]
    assert len(index) == 1
    index.close()


def test_a_block_read_twice_enters_once() -> None:
    index = make_index()
    entries = [entry(0, of=1)]
    assert index.follow(entries, since=0, until=7)
    assert not index.follow(entries, since=0, until=7)
    assert (len(index), index.mark) == (1, 7)
    index.close()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"kvnr": "a number of another form"},
        {"birth_date": ""},
        {"given_name": None, "surname": None},
    ],
    ids=["whole", "foreign number", "no date", "no name"],
)
def test_every_comparable_comes_back(change: dict[str, Any]) -> None:
    whole = comparable(checked_record({"surname": "Ude", "birth_name": "Noll", "given_name": "Eva Maria",
        "birth_date": "1980-02-29", "kvnr": "A123456780"}, today=TODAY))  # fmt: skip
    held = replace(whole, variants=tuple(replace(one, **change) for one in whole.variants))
    stored = Comparables()
    stored.add([held, whole])
    assert (stored[0], stored[1]) == (held, whole)


def test_identifiers_of_any_form_come_back() -> None:
    for values in (("a", "b"), ("a\0", "b"), ("a" * 500, "b" * 200)):
        data = IdentifyingData(None, {}, tuple(Identifier("urn:x", value) for value in values))
        stored = Comparables()
        stored.add([comparable(data)])
        assert stored[0] == comparable(data)


def test_a_record_takes_less_than_five_hundred_bytes() -> None:
    count = scaled(50_000)
    index = make_index()
    for start in range(0, count, len(PATIENTS)):
        index.add([entry(n, of=start + n) for n in range(len(PATIENTS))])
    assert index.nbytes / len(index) < 500
    index.close()
