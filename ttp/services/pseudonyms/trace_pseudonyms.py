"""Trace pseudonyms: all that hang above and below one, as far as the asker's rights reach.

Down it is looking up, up it is resolving: with a grant, its budget and a reason. Every domain that was looked into
gets its own leaf, because commitments to subjects are keyed per domain. The way down goes level by level: what it
asks the database grows with the domains of a tree, not with its nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ttp.core.access import Actor, ActorKind, Right
from ttp.core.accounts import Grant
from ttp.core.center import Center
from ttp.core.domains import Domain, DomainKind
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
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.pseudonyms.find_anchors import require_tellable
from ttp.services.pseudonyms.keep_validity import due_among
from ttp.services.pseudonyms.link_originals import current_indexes
from ttp.services.pseudonyms.resolve_pseudonyms import open_pseudonyms, spend_grant


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
        WrongDomainKind: an original is named, and those of the domain are persons.
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
        require_tellable(domain)
        tree = walk.from_original(domain, checked_original(original))
    walk.record()
    return tree


Found = dict[Original, list[Pseudonym]]

AT_ONCE = 500
"""Nodes that are asked about together; a pseudonym of a multi domain can have thousands below it."""


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
        self._domains: dict[str, Domain] = {}
        self._children: dict[str, Sequence[Domain]] = {}
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
                return self._cut(self._below(parent, [original]).get(original, []), original)
            domain, pseudonym = parent, Pseudonym(original)
        tree = self._cut([self._node(domain, pseudonym)], None)
        tree.open_above = domain.kind is not DomainKind.PERSON
        return tree

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
        self._grow(top)
        return Tree(original, top, self._hidden, open_above=True)

    def _down_from(self, domain: Domain, original: Original) -> Tree:
        tokens = self._pseudonyms(domain, [original]).get(original, ())
        top = [self._node(domain, token) for token in tokens]
        self._grow(top)
        return Tree(original, top, self._hidden)

    def _node(self, domain: Domain, pseudonym: Pseudonym) -> TreeNode:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise TooManyItems(f"A tree has at most {MOST_NODES} pseudonyms.")
        self._seen[domain.name].nodes += 1
        self._domains[domain.name] = domain
        return TreeNode(domain.name, pseudonym, pseudonym == self.asked)

    def _grow(self, level: Sequence[TreeNode]) -> None:
        """Hang below these nodes what belongs there, and so on down."""
        while level:
            for name in dict.fromkeys(node.domain for node in level):
                nodes = [node for node in level if node.domain == name]
                for start in range(0, len(nodes), AT_ONCE):
                    self._hang(self._domains[name], nodes[start : start + AT_ONCE])
            level = [below for node in level for below in node.below]

    def _hang(self, domain: Domain, nodes: Sequence[TreeNode]) -> None:
        below = self._below(domain, [Original(node.pseudonym) for node in nodes])
        for node in nodes:
            node.below = below.get(Original(node.pseudonym), [])

    def _below(
        self, parent: Domain, originals: Sequence[Original]
    ) -> dict[Original, list[TreeNode]]:
        """The pseudonyms of a parent's pseudonyms in all its children."""
        nodes: dict[Original, list[TreeNode]] = defaultdict(list)
        for child in self._children_of(parent):
            if not self._may(Right.LOOKUP, child):
                self._hidden += sum(map(len, self._found(child, originals).values()))
                continue
            for original, tokens in self._pseudonyms(child, originals).items():
                nodes[original] += [self._node(child, token) for token in tokens]
        return nodes

    def _children_of(self, parent: Domain) -> Sequence[Domain]:
        if parent.name not in self._children:
            self._children[parent.name] = self._tx.domains.children(parent)
        return self._children[parent.name]

    def _pseudonyms(self, domain: Domain, originals: Sequence[Original]) -> Found:
        found = self._found(domain, originals)
        if found:
            self._seen[domain.name].originals.update(found)
        return found

    def _found(self, domain: Domain, originals: Sequence[Original]) -> Found:
        """The pseudonyms of those originals that have any."""
        indexes = current_indexes(self._center, domain, originals)
        by_index = dict(zip(indexes, originals, strict=True))
        if domain.multi:
            rows = self._tx.pseudonyms.find_originals(domain, indexes)
            hanging = self._tx.pseudonyms.secondaries(domain, list(rows.values()))
            found = {index: hanging.get(row, []) for index, row in rows.items()}
        else:
            single = self._tx.pseudonyms.find(domain, indexes)
            found = {index: [token] for index, token in single.items()}
        every = [token for tokens in found.values() for token in tokens]
        over = due_among(self._center, self._tx, domain, every)
        standing = {
            by_index[index]: [token for token in tokens if token not in over]
            for index, tokens in found.items()
        }
        return {original: tokens for original, tokens in standing.items() if tokens}

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
        """Whether the way up is open: by the right and a grant that stands; an operator needs to say why.

        Persons are the top: their IDs never leave the center.
        """
        if domain.kind is DomainKind.PERSON or not self._may(Right.RESOLVE, domain):
            return False
        if self._actor.kind is ActorKind.OPERATOR:
            return bool(self._reason and self._reason.strip())
        now = self._center.clock.now()
        return bool(self._actor.id and self._tx.clients.grants(self._actor.id, domain.id, at=now))

    def _may(self, right: Right, domain: Domain) -> bool:
        return self._actor.may(right) and (
            self._actor.domains is None or domain.name in self._actor.domains
        )
