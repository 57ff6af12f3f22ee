"""Clusters are a partition, keep apart what is kept apart, and never lose a record."""

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from linkage.cluster import Clusters, Link, RecordNumber, Rules, SourceNumber, extend, group

N = RecordNumber
Pair = tuple[RecordNumber, RecordNumber]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[SourceNumber], list[Link], Rules]:
    """Sources, links with few different scores (so ties abound), and rules."""
    sources = draw(st.lists(st.integers(0, 3).map(SourceNumber), min_size=2, max_size=25))
    number = st.integers(0, len(sources) - 1).map(RecordNumber)
    score = st.sampled_from([0.7, 0.8, 0.9, 1.0])
    links = draw(st.lists(st.builds(Link, number, number, score), max_size=60))
    apart = draw(st.lists(st.tuples(number, number), max_size=6))
    several = draw(st.lists(st.sampled_from([SourceNumber(0), SourceNumber(1)]), unique=True))
    return sources, links, Rules([pair for pair in apart if pair[0] != pair[1]], several)


def together(clusters: Clusters) -> set[Pair]:
    groups = clusters.members().values()
    return {pair for members in groups for pair in combinations(members, 2)}


@given(problem=problems())
def test_every_record_is_in_exactly_one_cluster_named_after_its_oldest(
    problem: tuple[list[SourceNumber], list[Link], Rules],
) -> None:
    sources, links, rules = problem
    members = group(sources, links, rules=rules).members()
    assert sorted(record for records in members.values() for record in records) == list(
        range(len(sources))
    )
    assert all(int(cluster) == int(records[0]) for cluster, records in members.items())


@given(problem=problems())
def test_no_cluster_holds_two_records_of_a_source_unless_it_may(
    problem: tuple[list[SourceNumber], list[Link], Rules],
) -> None:
    sources, links, rules = problem
    for first, second in together(group(sources, links, rules=rules)):
        assert sources[first] != sources[second] or sources[first] in rules.several


@given(problem=problems())
def test_records_kept_apart_never_meet(
    problem: tuple[list[SourceNumber], list[Link], Rules],
) -> None:
    sources, links, rules = problem
    pairs = together(group(sources, links, rules=rules))
    assert pairs.isdisjoint({(min(pair), max(pair)) for pair in rules.kept_apart})


@given(problem=problems(), data=st.data())
def test_the_order_of_links_does_not_matter(
    problem: tuple[list[SourceNumber], list[Link], Rules], data: st.DataObject
) -> None:
    sources, links, rules = problem
    turned = [Link(link.second, link.first, link.score) for link in links]
    shuffled = data.draw(st.permutations(turned))
    assert group(sources, links, rules=rules) == group(sources, shuffled, rules=rules)


@given(problem=problems(), data=st.data())
def test_extending_never_moves_a_record_out_of_a_cluster(
    problem: tuple[list[SourceNumber], list[Link], Rules], data: st.DataObject
) -> None:
    sources, links, rules = problem
    known = data.draw(st.integers(0, len(sources)))
    early = [link for link in links if max(link.first, link.second) < known]
    late = [link for link in links if link not in early]
    early_rules = Rules([pair for pair in rules.kept_apart if max(pair) < known], rules.several)
    before = group(sources[:known], early, rules=early_rules)
    after = extend(before, late, sources=sources[known:], rules=rules)
    assert together(before) <= together(after)
    assert len(after.of) == len(sources)


def test_strong_links_win_over_weak_ones() -> None:
    sources: Sequence[SourceNumber] = [SourceNumber(0), SourceNumber(1), SourceNumber(1)]
    links = [Link(N(0), N(1), 0.8), Link(N(0), N(2), 0.9)]
    assert group(sources, links).members() == {0: (0, 2), 1: (1,)}


def test_a_transitive_link_does_not_bridge_records_kept_apart() -> None:
    sources = [SourceNumber(0), SourceNumber(1), SourceNumber(2)]
    links = [Link(N(0), N(1), 0.9), Link(N(1), N(2), 0.8)]
    apart = Rules(kept_apart=[(N(2), N(0))])
    assert group(sources, links, rules=apart).members() == {0: (0, 1), 2: (2,)}


def test_a_new_link_joins_two_clusters_under_the_older_id() -> None:
    sources = [SourceNumber(n) for n in range(4)]
    before = group(sources, [Link(N(0), N(1), 0.9), Link(N(2), N(3), 0.9)])
    after = extend(before, [Link(N(1), N(3), 0.8)])
    assert after.members() == {0: (0, 1, 2, 3)}
