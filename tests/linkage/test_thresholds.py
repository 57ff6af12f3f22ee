"""Thresholds come from pairs that cannot be matches, and say how they came about."""

from dataclasses import replace

import numpy as np
import pytest

from linkage.evidence import Evidence, evidence_of, room
from linkage.kernel import PairTable
from linkage.thresholds import (
    Method,
    choose,
    expected_false,
    fallback_for,
)


def drawn(seed: int, *, overlap: int = 1000, size: int = 2000) -> Evidence:
    """Links around .9, look-alikes from .55 on; the best threshold lies between .66 and .84."""
    rng = np.random.default_rng(seed)
    alike = [rng.exponential(0.03, 8 * size) + 0.55 for _ in range(2)]
    chance = (1 - overlap / size) ** 2
    false = alike[0][: min(round(8 * size * chance / 4), size - overlap)]
    true = np.clip(rng.normal(0.9, 0.05, overlap), 0, 1)
    return Evidence(np.concatenate([true, false]), alike[0][len(false) :], alike[1], (size, size))


@pytest.mark.parametrize("seed", range(5))
def test_the_threshold_lies_between_look_alikes_and_links(seed: int) -> None:
    chosen = choose([drawn(seed)], fallback=0.5)
    assert chosen.method is Method.WITHIN_SITE
    assert 0.66 < chosen.match < 0.84
    assert chosen.possible <= chosen.match


@pytest.mark.parametrize("overlap", [100, 1900])
def test_much_and_little_overlap_are_judged_too(overlap: int) -> None:
    chosen = choose([drawn(3, overlap=overlap)], fallback=0.5)
    assert 0.66 < chosen.match < 0.86


def test_several_pairs_of_sites_share_one_threshold() -> None:
    both = choose([drawn(1), drawn(2)], fallback=0.5)
    assert 0.66 < both.match < 0.84


@pytest.mark.parametrize(
    "evidence",
    [
        [],
        [Evidence(np.empty(0), np.empty(0), np.empty(0), (1000, 1000))],
        [Evidence(np.full(30, 0.9), np.empty(0), np.empty(0), (40, 40))],
        [Evidence(np.full(500, 0.9), np.empty(0), np.empty(0), (100, 5000))],
    ],
    ids=["no sites", "no links", "few records", "one tiny site"],
)
def test_too_little_evidence_falls_back(evidence: list[Evidence]) -> None:
    chosen = choose(evidence, fallback=0.75)
    assert chosen.method is Method.FALLBACK
    assert chosen.match == 0.75


def test_the_fallback_follows_the_encoding() -> None:
    rng = np.random.default_rng(1)
    plain = fallback_for(rng.normal(0.36, 0.052, 10_000))
    diffused = fallback_for(rng.normal(0.48, 0.0157, 10_000))
    assert 0.7 < plain < 0.8
    assert 0.56 < diffused < 0.64
    assert fallback_for(np.array([0.4] * 10)) == 0.75


@pytest.mark.parametrize("seed", range(5))
def test_a_great_many_false_links_do_not_pass_for_true_ones(seed: int) -> None:
    """Without a look inside the sites, at small overlap: nearly all one-to-one links are false."""
    alone = replace(drawn(seed, overlap=100), within=None)
    assert choose([alone], fallback=0.5).match > 0.66


@pytest.mark.parametrize("seed", range(3))
def test_patients_registered_twice_do_not_raise_the_threshold(seed: int) -> None:
    """A tenth as many pairs inside the sites score like links: of one patient, registered twice."""
    clean = drawn(seed, overlap=100)
    rng = np.random.default_rng(seed)
    twice = np.clip(rng.normal(0.9, 0.05, 40), 0, 1)
    assert clean.within is not None
    dirty = replace(clean, within=np.append(clean.within, twice))
    assert choose([dirty], fallback=0.5).match < choose([clean], fallback=0.5).match + 0.03


def test_room_is_the_chance_that_look_alikes_show_up() -> None:
    """Planted: every second look-alike of a linked record is displaced, on either side."""
    rng = np.random.default_rng(3)
    size, overlap, pairs = 4000, 2000, 60_000
    a, b = rng.integers(0, size, (2, pairs))
    shown = rng.random(pairs) < 0.5 ** ((a < overlap).astype(int) + (b < overlap))
    a, b = a[shown & (a != b)], b[shown & (a != b)]
    rows = np.arange(overlap)
    table = PairTable(
        np.append(rows, a).astype(np.int32),
        np.append(rows, b).astype(np.int32),
        np.append(np.full(overlap, 9.0), rng.random(len(a))),
        "",
        0,
        0,
    )
    links = np.arange(len(table)) < overlap
    assert room(table, links, (size, size), trusted_from=5.0) == pytest.approx(0.5, abs=0.03)
    few = room(table.select(links), links[links], (size, size), trusted_from=5.0)
    assert few == 1.0, "nothing displaced where nothing lost"


def test_relatives_who_go_to_the_same_two_sites_are_no_false_links() -> None:
    """Planted: every linked person has a relative beside her at both sites; strangers are rare."""
    size, overlap = 4000, 400
    rng = np.random.default_rng(5)
    rows = np.arange(overlap)
    kin = rows ^ 1
    a, b = rng.integers(0, size, (2, 600))
    strange = (a >= overlap) != (b >= overlap)
    table = PairTable(
        np.concatenate([rows, rows, a[strange]]).astype(np.int32),
        np.concatenate([rows, kin, b[strange]]).astype(np.int32),
        np.concatenate([np.full(overlap, 9.0), np.full(overlap, 5.0), np.full(strange.sum(), 5.0)]),
        "",
        0,
        0,
    )
    links = np.arange(len(table)) < overlap
    found = evidence_of(table, links, None, (size, size))
    false = expected_false(found, np.array([9.0, 5.0]), trusted_from=9.0)
    assert false[-1] == pytest.approx(600 * 0.81, rel=0.3)
    unknown = expected_false(replace(found, held=None), np.array([9.0, 5.0]), trusted_from=9.0)
    assert unknown[-1] > 2 * false[-1]


def test_with_few_counted_pairs_a_taught_scorers_doubts_weigh_more() -> None:
    pairs = drawn(2, overlap=100)
    sure = replace(pairs, within=None, doubt=np.full(len(pairs.links), 1e-6))
    torn = replace(sure, doubt=np.full(len(pairs.links), 0.5))
    cuts = np.unique(pairs.links)[::-1]
    assert (expected_false(sure, cuts) <= expected_false(torn, cuts)).all()
    assert expected_false(sure, cuts)[-1] < expected_false(torn, cuts)[-1]
