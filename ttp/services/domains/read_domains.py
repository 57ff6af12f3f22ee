"""Read domains: what each is, how full it is, and where it stands among the others; for who may work in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ttp.core.access import Actor
from ttp.core.domains import HALF, MOST_A_PAGE, Domain, DomainFilter, DomainStatistics
from ttp.core.errors import InvalidField, NotAllowed
from ttp.core.ports import Transaction


@dataclass(frozen=True, slots=True)
class DomainView:
    """A domain with its other names and parents. ``statistics`` None: it was not counted."""

    domain: Domain
    aliases: tuple[str, ...]
    parents: tuple[str, ...]
    statistics: DomainStatistics | None

    @property
    def half_full(self) -> bool:
        """Whether half of its capacity is used, which is worth a warning."""
        if self.statistics is None:
            return self.domain.half_full
        return self.domain.half_full or self.statistics.used(self.domain) >= HALF


@dataclass(frozen=True, slots=True)
class DomainPage:
    """Some domains by name. ``after`` names the next page, None on the last one."""

    domains: tuple[DomainView, ...]
    after: str | None


def list_domains(
    tx: Transaction, actor: Actor, wanted: DomainFilter, *, limit: int = 100, counted: bool = False
) -> DomainPage:
    """The domains that the actor may work in, by name; ``counted`` also counts those too large to become full.

    Raises:
        InvalidField: the limit is not 1 to 500.
    """
    if not 1 <= limit <= MOST_A_PAGE:
        raise InvalidField(f"A page has 1 to {MOST_A_PAGE} domains.")
    found = tx.domains.page(replace(wanted, names=actor.domains), limit=limit + 1)
    shown, more = found[:limit], len(found) > limit
    countable = shown if counted else [one for one in shown if one.countable]
    counts = tx.domains.statistics(countable) if countable else {}
    return DomainPage(tuple(_views(tx, shown, counts)), shown[-1].name if more else None)


def show_domain(tx: Transaction, actor: Actor, *, domain: str) -> DomainView:
    """One domain by name or alias; counted only where it can become full.

    Raises:
        UnknownDomain. NotAllowed: the actor may not work in it.
    """
    space = _own(tx, actor, domain)
    counts = tx.domains.statistics([space]) if space.countable else {}
    (view,) = _views(tx, [space], counts)
    return view


def count_domain(tx: Transaction, actor: Actor, *, domain: str) -> tuple[Domain, DomainStatistics]:
    """What one domain has issued, and what became of it.

    Raises:
        UnknownDomain. NotAllowed: the actor may not work in it.
    """
    space = _own(tx, actor, domain)
    return space, tx.domains.statistics([space])[space.id]


def _own(tx: Transaction, actor: Actor, name: str) -> Domain:
    space = tx.domains.get(name)
    if actor.domains is not None and space.name not in actor.domains:
        raise NotAllowed("The caller has no access to this domain.")
    return space


def _views(
    tx: Transaction, domains: Sequence[Domain], counts: Mapping[int, DomainStatistics]
) -> list[DomainView]:
    aliases = tx.domains.aliases(domains)
    above: dict[int, list[int]] = {}
    for child, parent in tx.domains.edges():
        above.setdefault(child, []).append(parent)
    names = {one.id: one.name for one in tx.domains.all()} if above else {}
    return [
        DomainView(
            one,
            tuple(aliases.get(one.id, ())),
            tuple(sorted(names[parent] for parent in above.get(one.id, ()))),
            counts.get(one.id),
        )
        for one in domains
    ]


@dataclass(frozen=True, slots=True)
class Branch:
    """A domain and what hangs on it, or what it hangs on."""

    name: str
    branches: tuple[Branch, ...] = ()


def family_of(tx: Transaction, domain: Domain) -> tuple[Branch, Branch]:
    """The ancestors and the descendants of a domain, each as a tree that begins with it."""
    names: dict[int, str] = {one.id: one.name for one in tx.domains.all()}
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for child, parent in tx.domains.edges():
        above.setdefault(child, []).append(parent)
        below.setdefault(parent, []).append(child)
    return _branch(domain.id, above, names), _branch(domain.id, below, names)


def _branch(key: int, edges: Mapping[int, Sequence[int]], names: Mapping[int, str]) -> Branch:
    ordered = sorted(edges.get(key, ()), key=lambda one: names[one])
    return Branch(names[key], tuple(_branch(one, edges, names) for one in ordered))
