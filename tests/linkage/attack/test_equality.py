"""What equal encodings tell: values by frequency, persons by groups; nothing where all differ."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from linkage import schema
from linkage.attack.equality import (
    Seen,
    largest_component,
    largest_group,
    refined,
    shared,
    unique_rows,
)
from linkage.attack.frequency import attack_equality
from linkage.attack.gates import equalities
from linkage.attack.twin import encoded, make_twin
from linkage.attack.variations import thinned
from linkage.encode import Encoder
from linkage.records import RecordTable
from tests.linkage.attack.encodings import composite

labels = st.lists(st.integers(0, 4), min_size=2, max_size=40)


@given(labels, st.permutations(range(5)), st.randoms())
def test_colors_do_not_depend_on_names_or_order(
    column: list[int], names: list[int], random: object
) -> None:
    del random
    first = np.array(column)
    renamed = np.where(first > 0, np.array(names)[first] + 10, 0)
    assert np.array_equal(refined({"a": first}), refined({"a": renamed}))
    turned = refined({"a": first[::-1].copy()})[::-1]
    assert np.array_equal(refined({"a": first}), turned)


def test_records_alike_in_all_groups_are_not_told_apart() -> None:
    twins = np.array([1, 1, 2, 2])
    assert not unique_rows(refined({"a": twins})).any()


def test_group_sizes_and_neighbors_tell_records_apart() -> None:
    found = refined({"a": np.array([1, 1, 1, 2, 2]), "b": np.array([1, 2, 3, 1, 4])})
    assert unique_rows(found).tolist() == [True, False, False, True, True]


def test_components_hang_together_through_any_value() -> None:
    groups = {"a": np.array([1, 1, 0, 2, 0]), "b": np.array([0, 1, 1, 0, 0])}
    assert largest_component(groups) == 3


def test_a_missing_value_is_shared_with_nobody() -> None:
    assert shared(np.array([0, 0, 1, 2, 2])) == 2
    assert largest_component({"a": np.array([0, 0, 0])}) == 1


def test_of_no_records_nothing_is_shared() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert shared(nothing) == largest_group(nothing) == largest_component({"a": nothing}) == 0
    seen, chosen = Seen(), schema.default()
    none: dict[str, list[str | None]] = {column: [] for column in chosen.columns}
    seen.add(Encoder(chosen, secret=bytes(16)).encode(RecordTable("a", (), none)))
    assert equalities(seen).n == 0


def test_filters_of_single_fields_give_their_values_away() -> None:
    found = attack_equality(schema.load("field"), 1000, 1.0, seed=1)
    assert found.by_rank["filter sex"].value >= 0.99
    assert found.refined.value >= 0.5


def test_one_filter_per_person_gives_nothing_by_equality() -> None:
    found = attack_equality(composite(10), 500, 1.0, seed=1)
    assert max(share.value for share in found.by_rank.values()) <= 0.01
    assert found.by_alignment == {}
    assert found.refined.value <= 0.01
    assert found.known.value <= 0.02


def test_tokens_of_salted_views_tell_persons_apart_unless_thinned() -> None:
    salted = schema.load("salted")
    found = {}
    for thin in (True, False):
        seen = Seen()
        chosen = thinned(salted, thin=thin)
        twin = make_twin(chosen, 5000, 0.0, seed=1)
        seen.add(encoded(twin.target, chosen, seed=1, side="target"))
        found[thin] = equalities(seen).unique.value
    assert found[True] == 0.0
    assert found[False] >= 0.1
