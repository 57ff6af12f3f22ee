"""From records to clusters: good without being told the truth, the same on every engine."""

from collections import Counter
from itertools import combinations
from math import inf, nan

import pytest

from linkage import schema
from linkage.deduplicate import deduplicate, deduplicate_clear
from linkage.encode import Encoder, EncodingSet
from linkage.errors import EncodingMismatch
from linkage.evaluate import NamedPair, pair
from linkage.pipeline import link, link_clear
from linkage.records import table_of
from linkage.refusals import DuplicateSource, ThresholdInvalid, TooFewSources
from linkage.result import LinkResult
from linkage.synthetic import Population, generate

SITES = ("nord", "sued", "west")
PATIENTS = 2000


@pytest.fixture(scope="module")
def two_sites() -> Population:
    return generate(SITES[:2], PATIENTS, 0.5, 17)


@pytest.fixture(scope="module")
def small_sites() -> Population:
    return generate(SITES, 300, 0.6, 3)


def encoded(
    population: Population, name: str = "default", secret: bytes = b"s" * 32
) -> list[EncodingSet]:
    encoder = Encoder(schema.load(name), secret=secret)
    return [encoder.encode(population.table(site)) for site in population.sites]


def truth(population: Population) -> set[NamedPair]:
    return {
        pair((first, a), (second, b))
        for first, second in combinations(population.sites, 2)
        for a, b in population.truth_pairs(first, second)
    }


def f1(result: LinkResult) -> float:
    quality = result.report["quality"]
    assert isinstance(quality, dict)
    return float(quality["f1"])


@pytest.mark.parametrize(
    ("name", "least"), [("default", 0.95), ("diffused", 0.95), ("field", 0.93)]
)
def test_encoded_sites_are_linked_well_without_the_truth(
    two_sites: Population, name: str, least: float
) -> None:
    result = link(encoded(two_sites, name), truth=truth(two_sites))
    threshold = result.report["threshold"]
    assert isinstance(threshold, dict)
    assert threshold["chosen_by"] == "within-site"
    assert f1(result) >= least


def test_clear_records_are_linked_better_still(two_sites: Population) -> None:
    tables = [two_sites.table(site) for site in two_sites.sites]
    result = link_clear(tables, truth=truth(two_sites))
    quality = result.report["quality"]
    assert isinstance(quality, dict)
    assert f1(result) >= 0.97
    assert quality["precision"] >= 0.995


def test_every_engine_gives_the_same_result(small_sites: Population) -> None:
    sets = encoded(small_sites)
    compiled, plain = link(sets, engine="numba"), link(sets, engine="numpy")
    assert compiled.links_csv() == plain.links_csv()
    assert compiled.clusters_csv() == plain.clusters_csv()
    assert plain.report["engine"] == "numpy"


@pytest.mark.parametrize("kind", ["encoded", "clear"])
def test_records_match_once_per_source_and_stand_in_one_cluster(
    small_sites: Population, kind: str
) -> None:
    if kind == "encoded":
        result = link(encoded(small_sites))
    else:
        result = link_clear([small_sites.table(site) for site in SITES])
    uses = Counter(
        (record, other)
        for found in result.links
        for record, other in (
            ((found.source_a, found.record_a), found.source_b),
            ((found.source_b, found.record_b), found.source_a),
        )
    )
    assert max(uses.values()) == 1
    members = [record for records in result.clusters.values() for record in records]
    every = {(s, i) for s in SITES for i in small_sites.table(s).record_ids}
    assert len(members) == len(every)
    assert set(members) == every
    for records in result.clusters.values():
        assert len({source for source, _ in records}) == len(records)


def test_matches_stand_in_one_cluster_where_sources_allow_it(two_sites: Population) -> None:
    result = link(encoded(two_sites))
    cluster = {record: number for number, records in result.clusters.items() for record in records}
    assert all(cluster[p.named[0]] == cluster[p.named[1]] for p in result.links)


def test_of_two_records_with_one_number_the_likelier_is_linked() -> None:
    number = {"kvnr": "A123456780", "surname": "Kern", "birth_date": "1980-03-04", "sex": "f"}
    anna = number | {"given_name": "Annemarie", "postcode": "04109", "city": "Leipzig"}
    moved = anna | {"postcode": "04177", "given_name": "Annemaria"}
    first = table_of("a", [anna | {"record_id": "anna"}])
    second = table_of("b", [moved | {"record_id": "moved"}, anna | {"record_id": "same"}])
    for name in ("default", "record", "views", "salted"):
        encoder = Encoder(schema.load(name), secret=b"s" * 16)
        (found,) = link([encoder.encode(first), encoder.encode(second)]).links
        assert found.record_b == "same", name
        assert found.score >= 0.9


def test_a_given_threshold_is_kept(small_sites: Population) -> None:
    result = link(encoded(small_sites), threshold=0.9)
    assert min(found.score for found in result.links) >= 0.9
    matched = {record for found in result.links for record in found.named}
    for found in result.possible:
        assert found.score >= 0.85
        assert found.score < 0.9 or matched & set(found.named), "beaten by a better match"
    threshold = result.report["threshold"]
    assert threshold == {"match": 0.9, "possible": 0.85, "chosen_by": "given"}


def test_quality_is_not_made_up(small_sites: Population) -> None:
    assert link(encoded(small_sites)).report["quality"] == "not estimated"


def test_progress_ends_at_the_total(small_sites: Population) -> None:
    seen: list[tuple[int, int]] = []
    link(encoded(small_sites), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_handfuls_of_records_are_linked_too() -> None:
    tiny = generate(("nord", "sued"), 5, 0.6, 1)
    result = link(encoded(tiny), truth=truth(tiny))
    threshold = result.report["threshold"]
    assert isinstance(threshold, dict)
    assert threshold["chosen_by"] == "fallback"
    assert sum(map(len, result.clusters.values())) == sum(
        len(tiny.table(site)) for site in tiny.sites
    )


def test_what_cannot_be_compared_is_refused(small_sites: Population) -> None:
    plain, other_secret = encoded(small_sites), encoded(small_sites, secret=b"t" * 32)
    diffused = encoded(small_sites, "diffused")
    with pytest.raises(EncodingMismatch, match="secrets"):
        link([plain[0], other_secret[1]])
    with pytest.raises(EncodingMismatch, match="schemas"):
        link([plain[0], diffused[1]])
    with pytest.raises(TooFewSources):
        link(plain[:1])
    with pytest.raises(DuplicateSource, match="nord"):
        link([plain[0], plain[1].renamed("nord")])
    with pytest.raises(ThresholdInvalid):
        link(plain, threshold=1.5)


@pytest.mark.parametrize("threshold", [nan, inf, -inf])
def test_a_threshold_that_is_no_number_is_refused(
    small_sites: Population, threshold: float
) -> None:
    tables = [small_sites.table(site) for site in small_sites.sites]
    fields = encoded(small_sites, "field-2026-11")
    with pytest.raises(ThresholdInvalid):
        link_clear(tables, threshold=threshold)
    with pytest.raises(ThresholdInvalid):
        link(fields, threshold=threshold)
    with pytest.raises(ThresholdInvalid):
        deduplicate(fields[0], threshold=threshold)
    with pytest.raises(ThresholdInvalid):
        deduplicate_clear(tables[0], threshold=threshold)


def test_clear_sources_must_be_two_and_differ(small_sites: Population) -> None:
    table = small_sites.table("nord")
    with pytest.raises(TooFewSources):
        link_clear([table])
    with pytest.raises(DuplicateSource):
        link_clear([table, table])
