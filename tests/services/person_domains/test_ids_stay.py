"""The center's own IDs of persons leave it by no door, and a project's pseudonyms by no standing grant."""

from pathlib import Path

import pytest

from tests.builders import make_center, make_domain, make_key
from tests.services.patients import patient, registered
from tests.services.person_domains.persons import person_domain, pseudonyms
from ttp.core.access import OPERATOR, Actor
from ttp.core.center import Center
from ttp.core.domain_policy import ParentRule
from ttp.core.domains import DomainKind
from ttp.core.errors import InvalidField, NoGrant, NotAllowed, WrongDomainKind
from ttp.core.names import ProjectName
from ttp.services.access.admit_client import authenticate_client
from ttp.services.access.request_grant import request_grant
from ttp.services.domains.change_domain_policy import request_domain_policy
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms
from ttp.services.pseudonyms.trace_pseudonyms import trace_pseudonyms
from ttp.services.pseudonyms.translate_pseudonyms import translate_pseudonyms


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    made = make_center(tmp_path, database_url)
    person_domain(made)
    registered(made, patient(1))
    return made


def test_a_tree_ends_at_the_person(center: Center) -> None:
    (token,) = pseudonyms(center, [1])
    make_domain(center, "below", parents=("study",), parent_rule=ParentRule.ENSURE_EXISTS)
    (below,) = center.work.run(
        lambda tx: issue_pseudonyms(center, tx, OPERATOR, domain_name="below", originals=[token])
    )
    for domain, one in (("study", token), ("below", below.pseudonym)):  # type: ignore[union-attr] # issued
        found = center.work.run(
            lambda tx, domain=domain, one=one: trace_pseudonyms(  # type: ignore[misc] # bound in time
                center, tx, OPERATOR, domain_name=domain, pseudonym=one, reason="a test"
            )
        )
        assert (found.original, found.open_above) == (None, False)
        assert [node.pseudonym for node in found.nodes()] == [token, below.pseudonym]  # type: ignore[union-attr] # issued
    with pytest.raises(WrongDomainKind):
        center.work.run(
            lambda tx: trace_pseudonyms(
                center, tx, OPERATOR, domain_name="study", original="an ID", reason="a test"
            )
        )


def test_persons_are_not_translated_into_domains_of_values(center: Center) -> None:
    (token,) = pseudonyms(center, [1])
    make_domain(center, "values")
    with pytest.raises(WrongDomainKind):
        center.work.run(
            lambda tx: translate_pseudonyms(
                center, tx, OPERATOR, domain_name="study", into="values", pseudonyms=[token],
                reason="a test",
            )
        )  # fmt: skip


def test_no_grant_covers_the_domain_of_a_project(center: Center) -> None:
    name = ProjectName("herz")
    make_domain(center, "herz-nord", project=name, kind=DomainKind.PERSON)
    actor = authenticate_client(center, api_key=make_key(center, "herz-nord", "study"))

    def resolve_as(actor: Actor) -> None:
        center.work.run(
            lambda tx: resolve_pseudonyms(
                center,
                tx,
                actor,
                domain_name="herz-nord",
                pseudonyms=[],
                reason="a test",
            )
        )

    for one in (actor, OPERATOR):
        with pytest.raises((NoGrant, NotAllowed)):
            resolve_as(one)
    with pytest.raises(InvalidField):
        center.work.run(
            lambda tx: request_grant(
                center, tx, OPERATOR, client=actor.name, domain="herz-nord", purpose="a test",
                daily_budget=1, days=1,
            )
        )  # fmt: skip


def test_a_domain_of_persons_gets_no_rule_on_parents_later(center: Center) -> None:
    make_domain(center, "above")
    with pytest.raises(InvalidField):
        center.work.run(
            lambda tx: request_domain_policy(
                center, tx, OPERATOR, domain="study", parents=["above"],
                parent_rule=ParentRule.ENSURE_EXISTS,
            )
        )  # fmt: skip
