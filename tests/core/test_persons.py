"""Persons are the connected components of what stands, named by their oldest identity."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.errors import InvalidName
from ttp.core.names import IdentityId
from ttp.core.persons import (
    EdgeKind,
    NewEdge,
    Pair,
    admissible,
    checked_population,
    pair_of,
    persons_from,
)

IDENTITIES = [IdentityId(UUID(int=number)) for number in range(1, 9)]
pairs = st.tuples(st.sampled_from(IDENTITIES), st.sampled_from(IDENTITIES)).filter(
    lambda pair: pair[0] != pair[1]
)
edges = st.lists(pairs.map(lambda pair: pair_of(*pair)), max_size=10)
ages = st.permutations(range(1, 9))


def model_edge(pair: Pair, score: float) -> NewEdge:
    return NewEdge(*pair, EdgeKind.SAME, "model:test", score)


@given(edges, ages)
def test_a_person_bears_the_id_of_its_oldest_identity(same: list[Pair], order: list[int]) -> None:
    ordinals = dict(zip(IDENTITIES, order, strict=True))
    persons = persons_from(ordinals, same)
    for identity, person in persons.items():
        members = [one for one, whose in persons.items() if whose == person]
        assert min(members, key=lambda one: ordinals[one]) == person
        assert identity in members


@given(edges, st.randoms())
def test_the_order_of_edges_does_not_matter(same: list[Pair], random: object) -> None:
    ordinals = {identity: place for place, identity in enumerate(IDENTITIES)}
    assert persons_from(ordinals, same) == persons_from(ordinals, list(reversed(same)))


@given(edges, edges, st.lists(st.floats(0, 50), min_size=10, max_size=10))
def test_models_never_join_what_is_kept_apart(
    new: list[Pair], apart: list[Pair], scores: list[float]
) -> None:
    wanted = [model_edge(pair, score) for pair, score in zip(new, scores, strict=False)]
    standing, blocked = admissible(wanted, same=(), apart=apart)
    persons = persons_from(dict.fromkeys(IDENTITIES, 0), [edge.pair for edge in standing])
    assert all(persons[first] != persons[second] for first, second in apart)
    assert sorted(map(id, standing + blocked)) == sorted(map(id, wanted))


def test_of_two_contradicting_edges_the_stronger_one_stands() -> None:
    a, b, c = IDENTITIES[:3]
    weak, strong = model_edge(pair_of(a, b), 20.0), model_edge(pair_of(b, c), 30.0)
    standing, blocked = admissible([weak, strong], same=(), apart=[pair_of(a, c)])
    assert (standing, blocked) == ([strong], [weak])


@pytest.mark.parametrize("name", ["local", "project:herz", "project:a.b-c_1"])
def test_populations_are_the_local_one_and_those_of_projects(name: str) -> None:
    assert checked_population(name) == name


@pytest.mark.parametrize("name", ["", "Local", "project:", "project:Herz", "other", "local "])
def test_no_other_population_exists(name: str) -> None:
    with pytest.raises(InvalidName):
        checked_population(name)
