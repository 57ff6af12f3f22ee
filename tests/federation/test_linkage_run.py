"""A linkage run: submissions become persons and cases; persons only grow; decisions of people stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.keyring import Purpose
from tests.federation.network import PROJECT, Network
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.errors import NotAllowed
from ttp.core.federation import WrongRole
from ttp.core.identities import Population
from ttp.core.linkage_runs import MODEL, Found, NothingToLink, Submitted, join
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import EdgeKind, pair_of
from ttp.core.ports import Transaction
from ttp.core.review import PossibleMatch, Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.projects.run_linkage import run_linkage

ANNA = {
    "given_name": "Anna",
    "surname": "Kanarie",
    "birth_date": "1958-04-01",
    "sex": "f",
    "postcode": "17489",
    "city": "Greifswald",
}
POPULATION = f"project:{PROJECT}"


def start(tmp_path: Path, database_url: str = "", **more: tuple[str, ...]) -> Network:
    """A network whose sites share the secret of an approved project."""
    if not database_url and not more:
        return Network.ready(tmp_path)
    network = Network(tmp_path, database_url, **more)
    network.approve()
    network.share_secret()
    return network


def persons(network: Network) -> dict[IdentityId, PersonId]:
    """The person of every submitted record."""
    with network.bund.work.begin(write=False) as tx:
        return {one.identity: one.person for one in tx.releases.members(_population(network).name)}


def _population(network: Network) -> Population:
    return network.bund.work.run(lambda tx: tx.identities.population(POPULATION), write=False)


def groups(found: Mapping[IdentityId, PersonId]) -> set[frozenset[IdentityId]]:
    """The records of each person."""
    members = defaultdict(set)
    for identity, person in found.items():
        members[person].add(identity)
    return {frozenset(one) for one in members.values()}


def test_patients_of_both_sites_become_one_person(tmp_path: Path, database_url: str) -> None:
    network = start(tmp_path, database_url)
    network.populate(60)
    network.submit("nord")
    network.submit("sued")
    counts = network.run()
    assert counts["records"] == len(persons(network))
    assert 20 <= counts["matches"] <= 40
    assert len(set(persons(network).values())) <= counts["records"] - counts["matches"]


def test_running_again_changes_nothing(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.populate(60)
    network.submit("nord")
    network.submit("sued")
    network.run()
    before = persons(network)
    again = network.run()
    assert persons(network) == before
    assert (again["matches"], again["evidence_matches"], again["cases"]) == (0, 0, 0)


def test_later_submissions_enlarge_persons_and_move_nobody_out(tmp_path: Path) -> None:
    network = start(tmp_path, sites=("nord", "sued", "west"))
    made = network.populate(60)
    network.submit("nord")
    network.submit("sued")
    network.run()
    before = groups(persons(network))
    network.submit("west")
    network.register("nord", [{**made.sites["west"][0], "record_id": "late"}])
    network.submit("nord")
    assert network.run()["matches"] > 0
    after = groups(persons(network))
    assert all(any(old <= new for new in after) for old in before)


def test_a_person_has_at_most_one_record_of_a_site(tmp_path: Path) -> None:
    network = start(tmp_path, sites=("nord", "sued", "west"))
    network.populate(60)
    for site in network.sites:
        network.submit(site)
    network.run()
    with network.bund.work.begin(write=False) as tx:
        members = tx.releases.members(_population(network).name)
    sites = defaultdict(list)
    for one in members:
        sites[one.person].append(one.source)
    assert all(len(set(found)) == len(found) for found in sites.values())


def test_the_linking_center_holds_neither_secret_nor_names(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.register("nord", [{**ANNA, "record_id": "CANARY-1", "kvnr": "A123456780"}])
    network.register("sued", [{**ANNA, "record_id": "CANARY-2"}])
    network.populate(40)
    network.submit("nord")
    network.submit("sued")
    network.run()
    secret = network.sites["nord"].keyring.active(Purpose.LINKAGE, POPULATION).secret
    stored = b"".join(
        path.read_bytes() for path in sorted((tmp_path / "bund").rglob("*")) if path.is_file()
    )
    for trace in (b"Kanarie", b"kanarie", b"Greifswald", b"CANARY", b"A123456780", secret):
        assert trace not in stored
    purposes = {info.purpose for info in network.bund.keyring.all_versions()}
    assert Purpose.LINKAGE not in purposes
    for version in network.bund.keyring.all_versions():
        assert (
            network.bund.keyring.at(version.purpose, version.domain, version.version).secret
            != secret
        )
    sent = b"".join(request.content for request in network.wires.sent)
    assert b"Kanarie" not in sent
    assert secret not in sent


def test_two_records_that_people_keep_apart_are_never_joined(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.register("nord", [{**ANNA, "record_id": "1"}])
    network.register("sued", [{**ANNA, "given_name": "Berta", "record_id": "2"}])
    network.submit("nord")
    network.submit("sued")
    first, second = sorted(persons(network))
    network.bund.work.run(lambda tx: _keep_apart(network, tx, first, second))
    network.run()
    assert len(set(persons(network).values())) == 2


def test_nobody_is_asked_again_about_records_that_people_keep_apart(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.register("nord", [{**ANNA, "record_id": "1"}])
    network.register("sued", [{**ANNA, "record_id": "2"}])
    network.submit("nord")
    network.submit("sued")
    first, second = sorted(persons(network))
    network.bund.work.run(lambda tx: _keep_apart(network, tx, first, second))
    counts = network.run()
    asked = [sent for sent in network.wires.sent if sent.url.path.endswith("/evidence")]
    assert (counts["matches"], counts["possible"], asked) == (0, 0, [])


def _keep_apart(network: Network, tx: Transaction, first: IdentityId, second: IdentityId) -> None:
    names = {"population": POPULATION, "possible": [PossibleMatch(first, second, 1.0)]}
    (case,) = open_cases(network.bund, tx, OPERATOR, **names)  # type: ignore[arg-type] # named above
    decision = {"verdict": Verdict.DIFFERENT, "reason": "twins", "version": 1}
    decide_case(network.bund, tx, OPERATOR, case_id=case, **decision)  # type: ignore[arg-type] # named above


def test_edges_say_which_model_made_them_and_why(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.populate(60)
    network.submit("nord")
    network.submit("sued")
    network.run()
    with network.bund.work.begin(write=False) as tx:
        edges = tx.edges.standing(list(persons(network)), EdgeKind.SAME)
    assert edges
    made = [edge for edge in edges if edge.made_by == MODEL]
    assert all(edge.contributions[0].field == "encoding" for edge in made)
    assert all(edge.score is not None for edge in edges)


def test_nothing_is_linked_before_two_sites_submitted(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.populate(10)
    for _ in range(2):
        with pytest.raises(NothingToLink):
            network.run()
        network.submit("nord")
    tasks = network.bund.work.run(lambda tx: tx.tasks.of_project(PROJECT), write=False)
    assert [task.error for task in tasks] == ["nothing-to-link"] * 2


def test_who_may_not_link(tmp_path: Path) -> None:
    network = start(tmp_path)
    nord = network.sites["nord"]
    with pytest.raises(WrongRole):
        run_linkage(nord, network.client(nord), OPERATOR, project_name=PROJECT, task=nord.new_id())
    clerk = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)
    with pytest.raises(NotAllowed):
        run_linkage(
            network.bund,
            network.client(network.bund),
            clerk,
            project_name=PROJECT,
            task=network.bund.new_id(),
        )


SITES = ("a", "b", "c")
PLACES = st.integers(0, 11)


@given(
    sites=st.lists(st.sampled_from(SITES), min_size=12, max_size=12),
    standing=st.lists(st.tuples(PLACES, PLACES), max_size=6),
    links=st.lists(st.tuples(PLACES, PLACES, st.floats(0.5, 1.0)), max_size=20),
    apart=st.lists(st.tuples(PLACES, PLACES), max_size=3),
)
def test_persons_only_grow_and_what_is_kept_apart_stays_so(
    sites: list[str],
    standing: list[tuple[int, int]],
    links: list[tuple[int, int, float]],
    apart: list[tuple[int, int]],
) -> None:
    ids = [IdentityId(UUID(int=place + 1)) for place in range(12)]
    leaders = list(range(12))
    for a, b in standing:
        old, new = sorted((leaders[a], leaders[b]))
        leaders = [old if leader == new else leader for leader in leaders]
    records = [
        Submitted(ids[place], PersonId(ids[leaders[place]]), sites[place], str(place))
        for place in range(12)
    ]
    found = [Found(ids[a], ids[b], score) for a, b, score in links if sites[a] != sites[b]]
    pairs = [pair_of(ids[a], ids[b]) for a, b in apart if leaders[a] != leaders[b]]
    joined = join(records, found, apart=pairs)
    for a in range(12):
        for b in range(12):
            if leaders[a] == leaders[b]:
                assert joined.members[ids[a]] == joined.members[ids[b]]
    for first, second in pairs:
        assert joined.members[first] != joined.members[second]
    for one in joined.links:
        assert joined.members[one.first] == joined.members[one.second]
    for one in joined.held_back:
        assert joined.members[one.first] != joined.members[one.second]
    assert join(records, list(reversed(found)), apart=pairs).members == joined.members
