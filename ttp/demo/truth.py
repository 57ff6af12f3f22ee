"""The truth: who the records, persons and submissions of the centers really are; only the demonstration knows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from linkage.evaluate import Quality
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.demo.centers import DemoCenter
from ttp.demo.quality import measure, measure_across
from ttp.demo.stage import PROJECT, SOURCE, Stage
from ttp.services.persons.find_identities import identities_of_records
from ttp.services.projects.answer_evidence import submitted_persons
from ttp.services.projects.load_encodings import load_encodings


def identities_in_truth(stage: Stage, site: DemoCenter) -> dict[IdentityId, str]:
    """Who each registered identity of a site truly is."""
    truth = stage.truth(site.name)
    records = [(SOURCE, record) for record in truth]
    found = site.center.work.run(
        lambda tx: identities_of_records(site.center, tx, population=LOCAL, records=records),
        write=False,
    )
    return {identity: truth[record] for (_, record), identity in found.items()}


def registration_quality(stage: Stage, site: DemoCenter) -> Quality:
    """How well the site tells its own patients apart now: pairs of its records."""
    truth = identities_in_truth(stage, site)
    return measure(_persons(site, truth), truth)


def persons_in_truth(stage: Stage, site: DemoCenter) -> dict[PersonId, str]:
    """Who each person of a site truly is; of one wrongly joined, who most of the records are."""
    truth = identities_in_truth(stage, site)
    named: dict[PersonId, Counter[str]] = defaultdict(Counter)
    for identity, person in _persons(site, truth).items():
        named[person][truth[identity]] += 1
    return {person: counted.most_common(1)[0][0] for person, counted in named.items()}


def submissions_in_truth(stage: Stage) -> dict[IdentityId, str]:
    """Who each submitted record at the linking center truly is."""
    linking = stage.federated.center
    project = linking.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    records = linking.work.run(lambda tx: load_encodings(linking, tx, project), write=False).records
    found: dict[IdentityId, str] = {}
    for site in stage.sites:
        mine = [record for record in records if record.site == site.name]
        persons = _behind(site, [record.pseudonym for record in mine])
        truth = persons_in_truth(stage, site)
        found |= {record.identity: truth[persons[record.pseudonym]] for record in mine}
    return found


def _behind(site: DemoCenter, tokens: list[str]) -> Mapping[str, PersonId]:
    """The present person of a site behind each of its submission pseudonyms."""

    def step(tx: Transaction) -> dict[str, PersonId]:
        found = submitted_persons(site.center, tx, tx.projects.get(PROJECT), tokens)
        return {str(token): person for token, person in found.items()}

    return site.center.work.run(step, write=False)


def linkage_quality(stage: Stage, truth: Mapping[IdentityId, str]) -> Quality:
    """How well the linking center finds the same patient at two sites now: pairs across sites."""
    linking = stage.federated.center
    project = linking.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    records = linking.work.run(lambda tx: load_encodings(linking, tx, project), write=False).records
    groups = {one.identity: one.person for one in records}
    sites = {one.identity: one.site for one in records}
    return measure_across(groups, truth, sites)


def _persons(site: DemoCenter, identities: Mapping[IdentityId, str]) -> dict[IdentityId, PersonId]:
    found = site.center.work.run(lambda tx: tx.identities.get(sorted(identities)), write=False)
    return {identity: row.person for identity, row in found.items()}
