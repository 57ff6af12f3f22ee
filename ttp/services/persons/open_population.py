"""Open a population: its keys are made with it; opening it again changes nothing."""

from __future__ import annotations

from keys.keyring import Purpose
from ttp.core.center import Center
from ttp.core.identities import Population
from ttp.core.persons import checked_population, scope_of
from ttp.core.ports import Transaction


def open_population(center: Center, tx: Transaction, *, name: str) -> Population:
    """The population and its keys, made where they are missing.

    Raises:
        InvalidName: neither ``local`` nor ``project:`` and the name of a project.
    """
    population = checked_population(name)
    scope = scope_of(population)
    for purpose in (Purpose.SEAL, Purpose.AUDIT, Purpose.MATCH):
        center.keyring.ensure(purpose, scope)
    version = center.keyring.ensure(Purpose.INDEX, scope)
    return tx.identities.add_population(population, index_version=version, at=center.clock.now())
