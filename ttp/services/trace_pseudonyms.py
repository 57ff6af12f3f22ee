"""Trace pseudonyms: all that hang above and below one, as far as the asker's rights reach.

Down it is looking up, up it is resolving: with a grant, its budget and a reason. Every domain that was looked into
gets its own leaf, because commitments to subjects are keyed per domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ttp.core.access import Actor, ActorKind, Right
from ttp.core.accounts import Grant
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import (
    InvalidField,
    TooManyItems,
    UnknownOriginal,
    UnknownPseudonym,
)
from ttp.core.event_kinds import EventKind
from ttp.core.names import Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonym_tree import MOST_NODES, Tree, TreeNode
from ttp.core.pseudonyms import accepts_text, checked_original, checked_pseudonym
from ttp.services.keep_validity import due_among
from ttp.services.link_originals import current_indexes
from ttp.services.record_leaf import Act, record_leaf
from ttp.services.resolve_pseudonyms import open_pseudonyms, spend_grant


def trace_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    original: object = None,
    pseudonym: object = None,
    reason: str | None = None,
) -> Tree:
    """The tree around an original or a pseudonym of a domain; domains without the right to look up stay hidden.

    Raises:
        UnknownDomain, NotAllowed, InvalidField, InvalidOriginal, InvalidPseudonym: nothing was looked up.
        UnknownOriginal, UnknownPseudonym: there is no tree. TooManyItems: it has more than 10,000 nodes.
        BudgetExceeded: the way up is covered by a grant whose budget is used up.
    """
    domain = tx.domains.get(domain_name)
    actor.require(Right.LOOKUP, domain.name)
    domain.state.require_reading()
    if (original is None) == (pseudonym is None):
        raise InvalidField("Name an original or a pseudonym, and not both.")
    walk = _Walk(center, tx, actor, reason)
    if pseudonym is not None:
        walk.asked = checked_pseudonym(pseudonym, domain)
        tree = walk.from_pseudonym(domain, walk.asked)
    else:
        tree = walk.from_original(domain, checked_original(original))
    walk.record()
    return tree


@dataclass(slots=True)
class _Seen:
    """What was looked at in one domain, for its leaf."""

    originals: set[Original] = field(default_factory=set)
    nodes: int = 0
    purpose: str | None = None
    grant: Grant | None = None


class _Walk:
    """One way up and down."""

    def __init__(self, center: Center, tx: Transaction, actor: Actor, reason: str | None) -> None:
        self._center, self._tx, self._actor, self._reason = center, tx, actor, reason
        self._seen: dict[str, _Seen] = defaultdict(_Seen)
        self._hidden = 0
        self._nodes = 0
        self.asked: Pseudonym | None = None

    def from_pseudonym(self, domain: Domain, pseudonym: Pseudonym) -> Tree:
        """Up from a pseudonym as far as may be, and down again."""
        if not self._stands(domain, pseudonym):
            raise UnknownPseudonym
        while self._may_resolve(domain):
            original = self._resolve(domain, pseudonym)
            parent = self._parent_of(domain, original)
            if parent is None:
                return self._down_from(domain, original)
            if not self._may(Right.LOOKUP, parent):
                self._hidden += 1
                return self._cut(self._siblings(parent, original), original)
            domain, pseudonym = parent, Pseudonym(original)
        return self._cut([self._node(domain, pseudonym)], None)

    def from_original(self, domain: Domain, original: Original) -> Tree:
        """From a value that the asker knows: up if it is a pseudonym itself, else down."""
        parent = self._parent_of(domain, original)
        if parent is not None and self._may(Right.LOOKUP, parent):
            return self.from_pseudonym(parent, Pseudonym(original))
        tree = self._down_from(domain, original)
        if not tree.top:
            raise UnknownOriginal
        tree.open_above = parent is not None
        return tree

    def record(self) -> None:
        """A leaf for every domain that was looked into."""
        for name in sorted(self._seen):
            seen = self._seen[name]
            act = Act(
                EventKind.PSEUDONYMS_TRACED,
                domain=name,
                purpose=seen.purpose,
                approval=str(seen.grant.id) if seen.grant else None,
                counts={"answered": seen.nodes},
                subjects=tuple(sorted(one.encode() for one in seen.originals)),
            )
            record_leaf(self._center, self._tx, self._actor, act)

    def _cut(self, top: list[TreeNode], original: Original | None) -> Tree:
        return Tree(original, top, self._hidden, open_above=True)

    def _down_from(self, domain: Domain, original: Original) -> Tree:
        top = [self._node(domain, token) for token in self._pseudonyms(domain, original)]
        return Tree(original, top, self._hidden)

    def _node(self, domain: Domain, pseudonym: Pseudonym) -> TreeNode:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise TooManyItems(f"A tree has at most {MOST_NODES} pseudonyms.")
        self._seen[domain.name].nodes += 1
        below = self._siblings(domain, Original(pseudonym))
        return TreeNode(domain.name, pseudonym, pseudonym == self.asked, below)

    def _siblings(self, parent: Domain, original: Original) -> list[TreeNode]:
        """The pseudonyms of a parent's pseudonym in all its children."""
        nodes = []
        for child in self._tx.domains.children(parent):
            if self._may(Right.LOOKUP, child):
                found = self._pseudonyms(child, original)
                nodes += [self._node(child, token) for token in found]
            else:
                self._hidden += len(self._found(child, original))
        return nodes

    def _pseudonyms(self, domain: Domain, original: Original) -> Sequence[Pseudonym]:
        found = self._found(domain, original)
        if found:
            self._seen[domain.name].originals.add(original)
        return found

    def _found(self, domain: Domain, original: Original) -> Sequence[Pseudonym]:
        indexes = current_indexes(self._center, domain, [original])
        if domain.multi:
            rows = self._tx.pseudonyms.find_originals(domain, indexes)
            hanging = self._tx.pseudonyms.secondaries(domain, list(rows.values()))
            found = [token for tokens in hanging.values() for token in tokens]
        else:
            found = list(self._tx.pseudonyms.find(domain, indexes).values())
        over = due_among(self._center, self._tx, domain, found)
        return [token for token in found if token not in over]

    def _parent_of(self, domain: Domain, original: Original) -> Domain | None:
        """The first parent by name of which the original is a pseudonym that stands."""
        for parent in self._tx.domains.parents(domain):
            if accepts_text(original, parent) and self._stands(parent, Pseudonym(original)):
                return parent
        return None

    def _stands(self, domain: Domain, pseudonym: Pseudonym) -> bool:
        found = self._tx.pseudonym_states.standing(domain, [pseudonym]).get(pseudonym)
        return found is not None and found.is_active(self._center.clock.now())

    def _resolve(self, domain: Domain, pseudonym: Pseudonym) -> Original:
        seen = self._seen[domain.name]
        seen.grant, seen.purpose = spend_grant(
            self._center, self._tx, self._actor, domain, amount=1, reason=self._reason
        )
        opened = open_pseudonyms(self._center, self._tx, domain, [pseudonym])
        if pseudonym not in opened:
            raise UnknownPseudonym
        (original,) = opened[pseudonym]
        seen.originals.add(original)
        return original

    def _may_resolve(self, domain: Domain) -> bool:
        """Whether the way up is open: by the right and a grant that stands; an operator needs to say why."""
        if not self._may(Right.RESOLVE, domain):
            return False
        if self._actor.kind is ActorKind.OPERATOR:
            return bool(self._reason and self._reason.strip())
        now = self._center.clock.now()
        return bool(self._actor.id and self._tx.clients.grants(self._actor.id, domain.id, at=now))

    def _may(self, right: Right, domain: Domain) -> bool:
        return self._actor.may(right) and (
            self._actor.domains is None or domain.name in self._actor.domains
        )
