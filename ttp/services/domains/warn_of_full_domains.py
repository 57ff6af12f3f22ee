"""Warn of full domains: a leaf says once for each domain that half of its pseudonyms are used."""

from __future__ import annotations

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.domain_policy import LifeCycle
from ttp.core.domains import HALF, Domain
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf


def warn_of_full_domains(center: Center) -> int:
    """Note every domain that has become half full; returns how many there were.

    Only domains small enough to become full are counted.
    """
    full = center.work.run(_full, write=False)
    for name in full:
        center.work.run(lambda tx, name=name: _note(center, tx, name))  # type: ignore[misc] # bound in time
    return len(full)


def nearly_full(tx: Transaction) -> list[str]:
    """Names of all domains that are half full, noted or not, but for retired ones."""
    living = [one for one in tx.domains.all() if one.state is not LifeCycle.RETIRED]
    return sorted({one.name for one in living if one.half_full} | set(_full(tx)))


def _full(tx: Transaction) -> list[str]:
    countable = [
        one
        for one in tx.domains.all()
        if one.countable and not one.half_full and one.state is not LifeCycle.RETIRED
    ]
    counts = tx.domains.statistics(countable) if countable else {}
    return [one.name for one in countable if counts[one.id].used(one) >= HALF]


def _note(center: Center, tx: Transaction, name: str) -> None:
    domain: Domain = tx.domains.get_for_change(name)
    if domain.half_full:
        return  # another worker was faster
    tx.domains.set_half_full(domain)
    capacity = str(domain.form.capacity)
    act = Act(EventKind.DOMAIN_HALF_FULL, domain=domain.name, facts={"capacity": capacity})
    record_leaf(center, tx, SYSTEM, act)
