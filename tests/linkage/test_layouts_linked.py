"""Views and salted views, from records to links, without being told the truth."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from linkage import schema
from linkage.decide.selftrain import ScorerKind
from linkage.encode import Encoder, EncodingSet
from linkage.evaluate import NamedPair, pair
from linkage.pipeline import link
from linkage.result import LinkResult
from linkage.synthetic import Population, generate

LEAST = {"accurate": 0.965, "views": 0.965, "salted": 0.965}


@cache
def sites(patients: int, seed: int) -> Population:
    return generate(("nord", "sued"), patients, 0.5, seed)


@cache
def encoded(name: str, patients: int, seed: int) -> tuple[EncodingSet, ...]:
    population = sites(patients, seed)
    encoder = Encoder(schema.load(name), secret=b"s" * 32)
    return tuple(encoder.encode(population.table(site)) for site in population.sites)


def truth(population: Population) -> set[NamedPair]:
    return {
        pair((first, a), (second, b))
        for first, second in combinations(population.sites, 2)
        for a, b in population.truth_pairs(first, second)
    }


@cache
def linked(name: str) -> LinkResult:
    return link(encoded(name, 1000, 23), truth=truth(sites(1000, 23)))


def f1(result: LinkResult) -> float:
    quality = result.report["quality"]
    assert isinstance(quality, dict)
    return float(quality["f1"])


@pytest.mark.parametrize("name", ["accurate", "views", "salted"])
def test_views_are_linked_well_without_the_truth(name: str) -> None:
    assert f1(linked(name)) >= LEAST[name]
    assert linked(name).report["scorer"] == "taught"


@pytest.mark.parametrize("name", ["views", "salted"])
def test_the_same_encodings_give_the_same_links(name: str) -> None:
    again = link(encoded(name, 1000, 23))
    assert again.links_csv() == linked(name).links_csv()


@pytest.mark.parametrize("name", ["views", "salted"])
def test_every_score_is_the_sum_of_what_its_waterfall_shows(name: str) -> None:
    workings = linked(name).workings[0]
    for place in range(0, len(workings), max(len(workings) // 20, 1)):
        assert workings.waterfall(place).total == pytest.approx(workings.score[place])


def test_another_scorer_may_be_asked_for() -> None:
    result = link(
        encoded("views", 1000, 23), scorer=ScorerKind.LOGISTIC, truth=truth(sites(1000, 23))
    )
    assert result.report["scorer"] == "logistic"
    assert f1(result) >= 0.96


@pytest.mark.parametrize("name", ["views", "salted"])
def test_too_few_records_to_learn_from_are_judged_by_likeness(name: str) -> None:
    result = link(encoded(name, 60, 4), truth=truth(sites(60, 4)))
    assert result.report["scorer"] == "likeness"
    assert f1(result) >= 0.9


def test_thinned_views_meet_no_one_inside_their_source() -> None:
    first, second = encoded("salted", 1000, 23)
    for view in first.schema.salted:
        for side in (first, second):
            held = side.exact[view.name][side.exact[view.name] != 0]
            assert len(np.unique(held)) == len(held) or not view.thinned
