"""Sources with duplicates are merged into the clusters; all others keep one record of a person."""

import csv
import io
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage import schema
from linkage.encode import Encoder, EncodingSet
from linkage.evaluate import NamedPair, evaluate, pair
from linkage.merging import merge_from, pairs_within
from linkage.pipeline import link, link_clear
from linkage.quality.scored_pairs import candidates_csv
from linkage.refusals import ThinnedViews, UnknownSource
from linkage.result import LinkResult
from linkage.synthetic import MODERATE, Population, generate
from tests.benchmarks.bench_duplicates import linked, truth_of

SITES = ("nord", "sued", "west")
TWICE = replace(MODERATE, duplicate=0.15)


@cache
def population(patients: int, names: tuple[str, ...]) -> Population:
    return generate(names, patients, 0.6, 11, TWICE)


@cache
def encoded() -> tuple[EncodingSet, ...]:
    encoder = Encoder(schema.load("default"), secret=b"s" * 32)
    people = population(120, SITES)
    return tuple(encoder.encode(people.table(site)) for site in SITES)


def names_of(sets: tuple[EncodingSet, ...]) -> list[tuple[str, str]]:
    return [(one.source, str(record)) for one in sets for record in one.record_ids]


def f1(result: LinkResult, people: Population) -> float:
    return evaluate(pairs_within(result.clusters.values()), truth_of(people)).f1


@pytest.mark.parametrize(("way", "least"), [("clear", 0.93), ("default", 0.93), ("views", 0.93)])
def test_pairs_within_and_across_are_found_far_better(way: str, least: float) -> None:
    people = population(700, SITES[:2])
    once, several = linked(people, way, ()), linked(people, way, SITES[:2])
    assert f1(several, people) > max(least, f1(once, people) + 0.1)


@settings(max_examples=6)
@given(
    duplicates=st.sets(st.sampled_from(SITES)),
    order=st.permutations(range(3)),
    data=st.data(),
)
def test_clusters_are_a_partition_under_every_constraint(
    duplicates: set[str], order: list[int], data: st.DataObject
) -> None:
    sets = tuple(encoded()[place] for place in order)
    free = link(sets, duplicates=duplicates)
    met = sorted(pairs_within(free.clusters.values()))
    apart = data.draw(st.lists(st.sampled_from(met), max_size=8, unique=True))
    result = link(sets, duplicates=duplicates, kept_apart=[two[::-1] for two in apart])
    members = [record for records in result.clusters.values() for record in records]
    assert sorted(members) == sorted(names_of(sets))
    assert pairs_within(result.clusters.values()).isdisjoint(apart)
    assert {found.named for found in result.links}.isdisjoint(apart)
    for records in result.clusters.values():
        most = Counter(source for source, _ in records if source not in duplicates)
        assert max(most.values(), default=0) <= 1
    again = link(sets, duplicates=duplicates, kept_apart=apart)
    assert again.links_csv() == result.links_csv()
    assert again.clusters_csv() == result.clusters_csv()


def test_sources_that_are_not_named_lose_and_gain_no_link() -> None:
    sets = encoded()[:2]
    plain, told = link(sets), link(sets, duplicates=["nord"])
    across = {p.named for p in told.links if p.source_a != p.source_b}
    assert {p.named for p in plain.links} <= across
    assert all(p.source_a == "nord" for p in told.links if p.source_a == p.source_b)
    assert told.report["duplicates"]
    assert "duplicates" not in plain.report


@pytest.mark.parametrize("duplicates", [SITES[:1], SITES[1:2], SITES[:2]])
def test_what_counts_as_merged_was_merged(duplicates: tuple[str, ...]) -> None:
    sets = encoded()[:2]
    plain, told = link(sets), link(sets, duplicates=duplicates)
    cluster = {record: number for number, group in told.clusters.items() for record in group}
    more = {p.named for p in told.links} - {p.named for p in plain.links}
    assert more
    assert all(cluster[first] == cluster[second] for first, second in more)
    inside = sum(first[0] == second[0] for first, second in more)
    assert told.report["duplicates"]["pairs"] == inside  # type: ignore[index] # figures of any kind


def test_no_pair_is_both_a_match_and_possible() -> None:
    result = link(encoded(), duplicates=SITES)
    links: set[NamedPair] = {p.named for p in result.links}
    assert len(links) == len(result.links)
    assert links.isdisjoint(p.named for p in result.possible)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.5])
def test_the_cut_keeps_relatives_out_and_duplicates_in(share: float) -> None:
    rng = np.random.default_rng(5)
    links = rng.normal(20, 5, 2000)
    twice, relatives = rng.normal(20, 5, int(2000 * share)), rng.normal(0, 3, 4000)
    inside = np.concatenate([twice, relatives])
    cut = merge_from(links, inside, 0.0)
    assert (relatives >= cut).sum() <= max(0.2 * len(twice), 1)
    assert (twice >= cut).sum() >= 0.8 * len(twice)


def test_candidates_hold_every_link_once_also_those_inside_a_source() -> None:
    found = link(encoded(), duplicates=SITES[:1])
    (*cells,) = csv.reader(io.StringIO(candidates_csv(found)))
    candidates = Counter((a, x, b, y) for a, x, b, y, _, outcome in cells if outcome == "match")
    links = {(p.source_a, p.record_a, p.source_b, p.record_b) for p in found.links}
    assert any(a == b for a, _, b, _ in links)
    assert candidates == Counter(links)


def test_what_cannot_be_merged_is_refused() -> None:
    with pytest.raises(UnknownSource, match="ost"):
        link(encoded(), duplicates=["ost"])
    people = population(120, SITES)
    with pytest.raises(UnknownSource, match="ost"):
        link_clear([people.table(site) for site in SITES], duplicates=["ost"])
    encoder = Encoder(schema.load("salted"), secret=b"s" * 32)
    people = population(8, SITES)
    with pytest.raises(ThinnedViews, match="nord"):
        link([encoder.encode(people.table(site)) for site in SITES], duplicates=["nord"])


def test_kept_apart_records_that_are_gone_do_no_harm() -> None:
    gone = pair(("nord", "gone"), ("sued", "gone"))
    assert link(encoded(), kept_apart=[gone]).links_csv() == link(encoded()).links_csv()


def test_without_duplicates_named_nothing_inside_a_source_is_joined() -> None:
    for records in link(encoded()).clusters.values():
        assert all(a[0] != b[0] for a, b in combinations(records, 2))
