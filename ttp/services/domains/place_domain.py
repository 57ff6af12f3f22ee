"""Place a domain: among its parents, which may be several, and never below itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ttp.core.domains import MOST_PARENTS, Domain
from ttp.core.errors import Conflict, InvalidField
from ttp.core.ports import Transaction


class ParentCycle(Conflict):
    """A domain would be among its own ancestors."""

    code = "parent-cycle"


def place_domain(tx: Transaction, domain: Domain, parents: Sequence[str]) -> list[Domain]:
    """Store its parents, given by name or alias, in place of those it had; returns them by name.

    Raises:
        UnknownDomain, ParentCycle, InvalidField: and nothing is changed.
    """
    tx.domains.hold_parents()
    chosen = require_parents(tx, domain, parents)
    tx.domains.set_parents(domain, chosen)
    return chosen


def require_parents(tx: Transaction, domain: Domain, parents: Sequence[str]) -> list[Domain]:
    """The parents by name, if the domain may hang on all of them.

    Raises:
        UnknownDomain: there is no such parent. ParentCycle: it hangs on the domain itself.
        InvalidField: there are more than 16.
    """
    named = {one.id: one for one in map(tx.domains.get, parents)}
    if len(named) > MOST_PARENTS:
        raise InvalidField(f"A domain has at most {MOST_PARENTS} parents.")
    above: dict[int, set[int]] = {}
    for child, parent in tx.domains.edges():
        above.setdefault(child, set()).add(parent)
    if domain.id in _with_ancestors(above, set(named)):
        raise ParentCycle
    return sorted(named.values(), key=lambda one: one.name)


def _with_ancestors(above: Mapping[int, set[int]], start: set[int]) -> set[int]:
    found, waiting = set(start), list(start)
    while waiting:
        further = above.get(waiting.pop(), set()) - found
        found |= further
        waiting.extend(further)
    return found
