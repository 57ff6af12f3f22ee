"""Counterparts: a patient of several sources counts once, and what one source alone shows is left as it is."""

from dataclasses import replace

import numpy as np

from linkage import schema
from linkage.attack.columns import filled
from linkage.attack.counterparts import counted_once
from linkage.attack.spectrum import blocks_of, spectrum_of
from linkage.encode import Encoder, EncodingSet
from linkage.records import RecordTable
from linkage.schema import LinkageSchema
from linkage.synthetic import MODERATE, NONE, generate
from tests.linkage.attack.encodings import composite

SECRET = b"k" * 32


def _encoded(layout: LinkageSchema, *tables: RecordTable) -> list[EncodingSet]:
    encoder = Encoder(layout, secret=SECRET)
    return [encoder.encode(table) for table in tables]


def _rank(sources: list[EncodingSet]) -> int:
    return spectrum_of(words for one in sources for words in blocks_of(filled(one))).rank


def test_a_shared_patient_adds_no_component() -> None:
    people = generate(("a", "b"), 1500, 0.5, 11, NONE)
    sources = _encoded(composite(10, 10), people.table("a"), people.table("b"))
    assert _rank(sources[:1]) == _rank(list(counted_once(sources))) == 0
    assert _rank(sources) > 3


def test_of_several_sources_one_holds_a_thinned_token() -> None:
    people = generate(("a", "b", "c"), 300, 0.5, 11, MODERATE)
    sources = _encoded(schema.load("salted"), *(people.table(name) for name in "abc"))
    once = list(counted_once(sources))
    for view in sources[0].schema.salted:
        tokens = np.concatenate([one.exact[view.name] for one in once])
        tokens = tokens[tokens != 0]
        everybody = np.concatenate([one.exact[view.name] for one in sources])
        assert len(tokens) == len(np.unique(tokens)) == len(np.unique(everybody[everybody != 0]))


def test_blocks_are_missing_where_their_token_is() -> None:
    people = generate(("a", "b"), 300, 0.5, 11, MODERATE)
    sources = _encoded(schema.load("salted"), people.table("a"), people.table("b"))
    later = list(counted_once(sources))[1]
    for view in later.schema.salted:
        for block in view.blocks:
            assert not (later.present[f"{view.name}.{block}"] & (later.exact[view.name] == 0)).any()


def test_the_first_source_and_strangers_stay_as_they_are() -> None:
    people = generate(("a", "b"), 200, 0.0, 11, MODERATE)
    sources = _encoded(composite(10, 10), people.table("a"), people.table("b"))
    for before, after in zip(sources, counted_once(sources), strict=True):
        assert np.array_equal(filled(before), filled(after))


def test_a_source_given_twice_is_one_source() -> None:
    people = generate(("a",), 2000, 0.0, 11, MODERATE)
    source = _encoded(composite(10, 10), people.table("a"))[0]
    again = list(counted_once([source, source.renamed("b")]))[1]
    assert not any(mask.any() for mask in again.present.values())
    assert not np.array_equal(filled(again), filled(source))
    assert _rank(list(counted_once([source, source.renamed("b")]))) == 0


def test_what_is_missing_everywhere_is_filled_with_nothing() -> None:
    people = generate(("a",), 20, 0.0, 11, MODERATE)
    source = _encoded(composite(10), people.table("a"))[0]
    nothing = {name: np.zeros_like(words) for name, words in source.filters.items()}
    nowhere = {name: np.zeros_like(mask) for name, mask in source.present.items()}
    assert not filled(replace(source, filters=nothing, present=nowhere)).any()
