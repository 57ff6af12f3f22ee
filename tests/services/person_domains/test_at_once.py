"""Many at once: joining while others ask leaves one current pseudonym, and batches cost no more questions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.builders import make_center
from tests.services.patients import make_again, patient, registered
from tests.services.person_domains.persons import (
    assignment,
    person_domain,
    pseudonyms,
    record,
)
from tests.services.pseudonyms.test_translate_and_tree import statements
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge, pair_of
from ttp.services.persons.link_identities import link_identities
from ttp.services.pseudonyms.issue_person_pseudonyms import issue_person_pseudonyms


def link(center: Center, *pairs: tuple[IdentityId, IdentityId]) -> None:
    edges = [NewEdge(*pair_of(*pair), EdgeKind.SAME, "model:test", 30.0) for pair in pairs]
    center.work.run(lambda tx: link_identities(center, tx, OPERATOR, population=LOCAL, edges=edges))


def strangers(center: Center, count: int) -> list[IdentityId]:
    return [one.identity for one in registered(center, *map(patient, range(count)))]


def test_persons_joined_while_others_ask_have_one_current_pseudonym(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    person_domain(center)
    pairs = 6
    identities = strangers(center, 2 * pairs)
    again = make_again(tmp_path / "nord", database_url)
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            job
            for one in range(0, 2 * pairs, 2)
            for job in (
                pool.submit(pseudonyms, center, [one]),
                pool.submit(link, center, (identities[one], identities[one + 1])),
                pool.submit(pseudonyms, again, [one + 1]),
            )
        ]
        for job in jobs:
            job.result()
    for one in range(0, 2 * pairs, 2):
        found = assignment(center, identities[one : one + 2])
        current = [token for token, successor in found.values() if successor is None]
        assert len(current) == 1
        assert pseudonyms(center, [one, one + 1]) == current * 2


def test_questions_to_the_database_do_not_grow_with_the_batch(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    person_domain(center)
    identities = strangers(center, 24)

    def asked(numbers: range) -> int:
        names = [record(one) for one in numbers]
        with statements() as sent:
            center.work.run(
                lambda tx: issue_person_pseudonyms(
                    center, tx, OPERATOR, domain_name="study", persons=names
                )
            )
        return len(sent)

    def joined(numbers: range) -> int:
        pairs = [(identities[one], identities[one + 1]) for one in numbers]
        with statements() as sent:
            link(center, *pairs)
        return len(sent)

    asked(range(1))  # what is sent once in a process
    joined(range(0, 2, 2))
    assert asked(range(2, 4)) == asked(range(4, 24))
    assert joined(range(2, 4, 2)) == joined(range(4, 24, 2))
