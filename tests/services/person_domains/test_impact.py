"""What a decision would change is said before, changes nothing itself, and is what then happens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.builders import make_center
from tests.federation.test_project_pseudonyms import joined, settle, two_strangers
from tests.services.patients import open_cases_of, patient, persons, registered
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.consent import Provision
from ttp.core.impact import ConsentChange, Fate, Impact, Joined, Parted
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge, Pair, pair_of
from ttp.core.ports import Transaction
from ttp.services.cases.impact import impact_of
from ttp.services.consents.import_consents import BroughtStatement, import_consents
from ttp.services.persons.link_identities import link_identities


def strangers(center: Center, count: int) -> list[IdentityId]:
    return [one.identity for one in registered(center, *map(patient, range(count)))]


def asked(center: Center, **changes: object) -> Impact:
    def step(tx: Transaction) -> Impact:
        return impact_of(center, tx, population=LOCAL, **changes)  # type: ignore[arg-type] # passed on

    return center.work.run(step, write=False)


def link(center: Center, *pairs: Pair) -> None:
    edges = [NewEdge(*pair, EdgeKind.SAME, "model:test", 30.0) for pair in pairs]
    center.work.run(lambda tx: link_identities(center, tx, OPERATOR, population=LOCAL, edges=edges))


def test_joining_names_the_persons_and_changes_nothing(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)
    first, second, third = strangers(center, 3)
    before = persons(center, [first, second, third])
    found = asked(center, same=[pair_of(second, first)])
    assert found.joined == (Joined(before[0], (before[0], before[1])),)
    assert (found.parted, found.records, found.regrouped) == ((), 2, {second: before[0]})
    assert persons(center, [first, second, third]) == before
    assert asked(center, same=[(first, second)], ended=[]).counts["joined"] == 1


def test_parting_names_the_persons(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    first, second, third = strangers(center, 3)
    link(center, pair_of(first, second), pair_of(second, third))
    with center.work.begin(write=False) as tx:
        edges = tx.edges.standing([third])
    expected = (Parted(persons(center, [first])[0], (first, third)),)  # type: ignore[arg-type] # persons' IDs
    assert asked(center, ended=edges).parted == expected
    assert asked(center, apart=[(third, second)]).parted == expected
    assert asked(center, apart=[(third, first)]).is_none


def test_what_stands_already_has_no_impact(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    first, second = strangers(center, 2)
    link(center, pair_of(first, second))
    assert asked(center, same=[pair_of(first, second)]).is_none
    assert asked(center).is_none
    assert not open_cases_of(center)


def test_consents_that_would_change_are_counted_by_record(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    first, second = strangers(center, 2)
    now = center.clock.now()
    said = [BroughtStatement("r0", "use", Provision.PERMIT, now, None)]
    center.work.run(lambda tx: import_consents(center, tx, OPERATOR, source="kis", statements=said))
    assert asked(center, same=[pair_of(first, second)]).consents == (ConsentChange("use", 1, 0),)
    link(center, pair_of(first, second))
    assert asked(center, apart=[(first, second)]).consents == (ConsentChange("use", 0, 1),)


def test_project_pseudonyms_their_recipients_and_releases_are_named(
    tmp_path: Path, database_url: str
) -> None:
    network = two_strangers(tmp_path, database_url)
    before = settle(network)
    network.fetch("nord")
    network.fetch("sued")
    bund = network.bund
    first, second = sorted(before)
    name = bund.work.run(lambda tx: tx.identities.get([first]), write=False)[first].population

    def of(**changes: object) -> Impact:
        return bund.work.run(
            lambda tx: impact_of(bund, tx, population=name, **changes),  # type: ignore[arg-type] # passed on
            write=False,
        )

    found = of(same=[(first, second)])
    older, younger = before[first].pseudonym, before[second].pseudonym
    (change,) = found.pseudonyms
    assert (change.pseudonym, change.fate, change.new) == (younger, Fate.SUPERSEDED, (older,))
    assert found.recipients in {("peer:nord",), ("peer:sued",)}
    assert (found.projects, found.total(Fate.SUPERSEDED)) == ((change.project,), 1)
    _, decision = joined(network, first, second)
    settle(network)
    for site in ("nord", "sued"):
        network.fetch(site)
    fates: Mapping[Fate, object] = {one.fate: one for one in of(undone=[decision]).pseudonyms}
    assert set(fates) == {Fate.RESTORED, Fate.CONTAMINATED}
