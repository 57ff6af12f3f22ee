"""Change a domain's policy: what may be done in it. One person asks, another approves, and it holds at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.domain_policy import ParentRule, Policy
from ttp.core.domains import Domain, DomainKind
from ttp.core.errors import Conflict, InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.validity import Validity
from ttp.services.approvals.settle_approval import Asked, grant_approval, request_approval
from ttp.services.domains.create_domain import require_rule
from ttp.services.domains.place_domain import place_domain, require_parents
from ttp.services.log.record_leaf import Act, record_leaf

NONE = "none"
"""The word for no validity and no parents."""


def request_domain_policy(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain: str,
    deletable: bool | None = None,
    anonymizable: bool | None = None,
    validity: str | None = None,
    parent_rule: ParentRule | None = None,
    parents: Sequence[str] | None = None,
) -> Approval:
    """Ask for another policy of a domain; what is None stays as it is, a ``validity`` of "none" has no end.

    A new validity is that of pseudonyms issued from then on; those issued before keep theirs.

    Raises:
        NotAllowed, UnknownDomain, InvalidField, ParentCycle: and nothing is changed.
        Conflict: it is so already.
    """
    actor.require(Right.ADMINISTER)
    space = tx.domains.get(domain)
    changes = {
        "deletable": _word(allowed=deletable),
        "anonymizable": _word(allowed=anonymizable),
        "validity": validity,
        "parent_rule": None if parent_rule is None else parent_rule.value,
        "parents": None if parents is None else _joined(tx, space, parents),
    }
    subject = {"domain": space.name} | {
        name: word for name, word in changes.items() if word is not None
    }
    _policy(tx, space, subject)
    return request_approval(center, tx, actor, Asked(ApprovalKind.DOMAIN_POLICY, subject))


def apply_domain_policy(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Approval:
    """Approve the request; the policy holds from this transaction on.

    Raises:
        NotAllowed, NotFound, UnknownDomain, Conflict, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    kind = ApprovalKind.DOMAIN_POLICY
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=kind)
    space = tx.domains.get_for_change(str(granted.subject["domain"]))
    policy = _policy(tx, space, granted.subject)
    tx.domains.set_policy(space, policy)
    if "parents" in granted.subject:
        place_domain(tx, space, _parents(granted.subject))
    facts = {name: str(word) for name, word in granted.subject.items() if name != "domain"} | {
        "requested_by": granted.requested_by
    }
    kind_of_leaf = EventKind.DOMAIN_POLICY_CHANGED
    act = Act(kind_of_leaf, domain=space.name, approval=str(granted.id), facts=facts)
    record_leaf(center, tx, actor, act)
    return granted


def _policy(tx: Transaction, space: Domain, subject: Mapping[str, object]) -> Policy:
    """The policy after the change, if it is another one and can be."""
    policy = space.policy
    if "deletable" in subject:
        policy = replace(policy, deletable=subject["deletable"] == "yes")
    if "anonymizable" in subject:
        policy = replace(policy, anonymizable=subject["anonymizable"] == "yes")
    if "validity" in subject:
        word = str(subject["validity"])
        policy = replace(policy, validity=None if word == NONE else Validity(word))
    if "parent_rule" in subject:
        policy = replace(policy, parent_rule=ParentRule(str(subject["parent_rule"])))
    held = [one.name for one in tx.domains.parents(space)]
    wanted = _parents(subject) if "parents" in subject else held
    if policy == space.policy and wanted == held:
        raise Conflict("The policy of this domain says so already.")
    if space.project is not None and (wanted or policy.validity):
        raise InvalidField("A project's domain has neither parents nor a validity of its own.")
    if space.kind is DomainKind.PERSON and policy.parent_rule is not ParentRule.OFF:
        raise InvalidField("A domain of persons has no rule that its originals are pseudonyms.")
    require_rule(policy.parent_rule, len(wanted))
    return policy


def _joined(tx: Transaction, space: Domain, parents: Sequence[str]) -> str:
    return " ".join(one.name for one in require_parents(tx, space, parents)) or NONE


def _parents(subject: Mapping[str, object]) -> list[str]:
    names = str(subject["parents"])
    return [] if names == NONE else names.split(" ")


def _word(*, allowed: bool | None) -> str | None:
    return None if allowed is None else "yes" if allowed else "no"
