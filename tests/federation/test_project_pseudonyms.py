"""Project pseudonyms: one per person, the same at every site; after a merge the older, after its undoing both again."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.federation.network import PROJECT, Network
from tests.federation.test_linkage_run import ANNA, persons, start
from ttp.core.access import OPERATOR, peer_actor
from ttp.core.errors import InvalidField, NotAllowed
from ttp.core.names import CaseId, CenterName, DecisionId, IdentityId, Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import PseudonymState
from ttp.core.review import PossibleMatch, Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.projects.answer_pseudonyms import Page, answer_pseudonyms
from ttp.services.projects.fetch_project_pseudonyms import project_members
from ttp.services.projects.settle_project_pseudonyms import Assigned, settle_project_pseudonyms
from ttp.services.pseudonyms.link_originals import current_indexes

POPULATION = f"project:{PROJECT}"


def settle(network: Network) -> dict[IdentityId, Assigned]:
    """The project pseudonyms of all records."""
    bund = network.bund
    project = bund.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    return bund.work.run(lambda tx: settle_project_pseudonyms(bund, tx, project))


def fetched(network: Network, site: str) -> set[Pseudonym]:
    """The project pseudonyms a site has."""
    center = network.sites[site]
    members = center.work.run(
        lambda tx: project_members(center, tx, OPERATOR, project_name=PROJECT)
    )
    return {member.pseudonym for member in members.values()}


def joined(network: Network, first: IdentityId, second: IdentityId) -> tuple[CaseId, DecisionId]:
    """Let a person decide that two records are one person."""
    bund = network.bund

    def step(tx: Transaction) -> tuple[CaseId, DecisionId]:
        possible = [PossibleMatch(first, second, 1.0)]
        (case,) = open_cases(bund, tx, OPERATOR, population=POPULATION, possible=possible)
        decision = decide_case(
            bund, tx, OPERATOR, case_id=case, verdict=Verdict.SAME, reason="same", version=1
        )
        return case, decision

    return bund.work.run(step)


def two_strangers(tmp_path: Path, database_url: str = "") -> Network:
    """Two patients of two sites, linked by nothing."""
    network = start(tmp_path, database_url)
    other = {"given_name": "Otto", "surname": "Ohm", "birth_date": "1931-12-24", "sex": "m"}
    network.register("nord", [{**ANNA, "record_id": "1"}])
    network.register("sued", [{**other, "record_id": "2"}])
    network.submit("nord")
    network.submit("sued")
    network.run()
    assert len(set(persons(network).values())) == 2
    return network


def state_of(network: Network, pseudonym: Pseudonym) -> tuple[str | None, bool]:
    """Successor of a pseudonym, and whether its original can still be found."""
    bund = network.bund
    with bund.work.begin(write=False) as tx:
        domain = tx.domains.get(f"{PROJECT}.project")
        indexes = current_indexes(bund, domain, [Original(str(one)) for one in persons(network)])
        anchors = {one.pseudonym: one for one in tx.successions.anchors(domain, indexes).values()}
    return anchors[pseudonym].successor, pseudonym in anchors


def test_both_sites_learn_the_same_pseudonym_of_a_person(tmp_path: Path, database_url: str) -> None:
    network = start(tmp_path, database_url)
    network.populate(60)
    network.submit("nord")
    network.submit("sued")
    matches = network.run()["matches"]
    assert network.fetch("nord")["members"] == len(fetched(network, "nord"))
    network.fetch("sued")
    shared = fetched(network, "nord") & fetched(network, "sued")
    assert len(shared) >= matches


def test_fetching_again_gives_the_same(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.populate(20)
    network.submit("nord")
    network.submit("sued")
    network.run()
    network.fetch("nord")
    before = fetched(network, "nord")
    network.fetch("nord")
    assert fetched(network, "nord") == before


def test_no_two_persons_share_a_pseudonym(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.populate(60)
    network.submit("nord")
    network.submit("sued")
    network.run()
    by_pseudonym = defaultdict(set)
    of = persons(network)
    for identity, assigned in settle(network).items():
        by_pseudonym[assigned.pseudonym].add(of[identity])
    assert all(len(found) == 1 for found in by_pseudonym.values())
    assert len(by_pseudonym) == len(set(of.values()))


def test_a_merge_keeps_the_older_pseudonym_and_names_it_as_successor(
    tmp_path: Path, database_url: str
) -> None:
    network = two_strangers(tmp_path, database_url)
    before = settle(network)
    first, second = sorted(before)
    joined(network, first, second)
    after = settle(network)
    older, younger = before[first].pseudonym, before[second].pseudonym
    assert after[first] == after[second] == Assigned(older, (younger,))
    assert state_of(network, younger) == (older, True)
    assert state_of(network, older) == (None, True)
    network.fetch("sued")
    assert fetched(network, "sued") == {older}


def test_undoing_a_merge_restores_exactly_what_was(tmp_path: Path, database_url: str) -> None:
    network = two_strangers(tmp_path, database_url)
    before = settle(network)
    _, decision = joined(network, *sorted(before))
    settle(network)
    network.bund.work.run(
        lambda tx: undo_decision(
            network.bund, tx, OPERATOR, decision_id=decision, reason="not the same after all"
        )
    )
    assert settle(network) == before
    assert all(state_of(network, one.pseudonym) == (None, True) for one in before.values())


def test_a_part_that_never_had_a_pseudonym_of_its_own_gets_a_fresh_one(tmp_path: Path) -> None:
    network = start(tmp_path)
    other = {"given_name": "Otto", "surname": "Ohm", "birth_date": "1931-12-24", "sex": "m"}
    network.register("nord", [{**ANNA, "record_id": "1"}])
    network.register("sued", [{**other, "record_id": "2"}])
    network.submit("nord")
    network.submit("sued")
    first, second = sorted(persons(network))
    _, decision = joined(network, first, second)
    together = settle(network)
    assert together[first] == together[second]
    oldest = IdentityId(persons(network)[first])
    (other_part,) = {first, second} - {oldest}
    network.bund.work.run(
        lambda tx: undo_decision(network.bund, tx, OPERATOR, decision_id=decision, reason="no")
    )
    apart = settle(network)
    assert apart[oldest].pseudonym == together[oldest].pseudonym
    assert apart[other_part].pseudonym != apart[oldest].pseudonym


def test_superseded_strings_are_never_issued_again(tmp_path: Path) -> None:
    network = two_strangers(tmp_path)
    before = settle(network)
    joined(network, *sorted(before))
    settle(network)
    with network.bund.work.begin(write=False) as tx:
        taken = tx.pseudonyms.taken(tx.domains.get(f"{PROJECT}.project"))
    assert {one.pseudonym for one in before.values()} <= taken
    assert PseudonymState.SUPERSEDED.value == 3


def test_secondary_pseudonyms_are_as_many_as_asked_for_and_stay(tmp_path: Path) -> None:
    network = two_strangers(tmp_path)
    nord = network.sites["nord"]

    def secondaries() -> tuple[Pseudonym, ...]:
        members = nord.work.run(
            lambda tx: project_members(nord, tx, OPERATOR, project_name=PROJECT)
        )
        return next(iter(members.values())).secondaries

    network.fetch("nord")
    assert secondaries() == ()
    network.fetch("nord", secondaries=2)
    two = secondaries()
    assert len(set(two)) == 2
    network.fetch("nord", secondaries=3)
    assert secondaries()[:2] == two
    assert len(secondaries()) == 3


def test_a_site_learns_only_about_its_own_submissions(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.populate(20)
    network.submit("nord")
    network.submit("sued")
    network.run()
    bund = network.bund

    def ask(site: str, **more: object) -> dict[str, list[dict[str, str]]]:
        page = Page(PROJECT, **more)  # type: ignore[arg-type] # spoiled on purpose
        actor = peer_actor(CenterName(site))
        return bund.work.run(lambda tx: answer_pseudonyms(bund, tx, actor, page=page))

    nord = {one["submission"] for one in ask("nord")["members"]}
    sued = {one["submission"] for one in ask("sued")["members"]}
    assert nord.isdisjoint(sued)
    paged, after = set(), None
    while True:
        page = ask("nord", limit=7, after=after)
        paged |= {one["submission"] for one in page["members"]}
        if not (after := page["next"]):
            break
    assert paged == nord
    with pytest.raises(NotAllowed):
        ask("west")
    with pytest.raises(InvalidField):
        ask("nord", after="nonsense")
    with pytest.raises(InvalidField):
        ask("nord", secondaries=101)
