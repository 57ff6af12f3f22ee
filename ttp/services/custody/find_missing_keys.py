"""Find missing keys: those to which the database refers and which the keyring does not hold, or holds no more."""

from __future__ import annotations

from collections.abc import Iterator

from keys.keyring import KeyState, Purpose
from ttp.core.center import Center
from ttp.core.keyed_rows import POPULATION_PREFIX, Scope
from ttp.core.ports import Transaction
from ttp.services.log.own_checkpoints import own_checkpoint

MOST_LOST = 1000
"""How many lost changes of the keyring are looked through; each drew at most one version of a key."""


def missing_keys(center: Center, tx: Transaction) -> list[str]:
    """Keys that this keyring never held, each as scope, purpose and what refers to it; empty if it can serve."""
    found = [
        f"{scope.name or '-'} {what}"
        for scope in _scopes(tx)
        for what in _missing_of(center, tx, scope)
    ]
    newest = tx.audit.latest_checkpoint()
    if newest is not None and own_checkpoint(center, newest.note) is None:
        found.append("- signing")
    return [*found, *_missing_of_center(center, tx), *_missing_secrets(center, tx)]


def destroyed_keys(center: Center, tx: Transaction) -> list[str]:
    """Keys that were destroyed and to which rows of this database refer all the same: those rows are gone for good."""
    found: list[str] = []
    for scope in _scopes(tx):
        epoch = tx.scopes.epoch(scope)
        found += [
            f"{scope.name} index {info.version}"
            for info in center.keyring.versions(Purpose.INDEX, scope.name)
            if info.state is KeyState.DESTROYED and info.version == epoch.current_version
        ]
        found += [
            f"{scope.name} seal {info.version}"
            for info in center.keyring.versions(Purpose.SEAL, scope.name)
            if info.state is KeyState.DESTROYED
            and tx.keyed_rows.count_sealed(scope, version=info.version)
        ]
    return found


def _scopes(tx: Transaction) -> Iterator[Scope]:
    for domain in tx.domains.all():
        yield tx.scopes.scope(domain.name)
    for population in tx.identities.populations():
        yield tx.scopes.scope(f"{POPULATION_PREFIX}{population.name}")


def _missing_of(center: Center, tx: Transaction, scope: Scope) -> Iterator[str]:
    epoch = tx.scopes.epoch(scope)
    held = len(center.keyring.versions(Purpose.INDEX, scope.name))
    indexed = tx.keyed_rows.count_indexed(scope)
    if indexed and max(epoch.current_version, epoch.next_version or 0) > held:
        yield "index"
    sealed = tx.keyed_rows.count_sealed(scope)
    for info in center.keyring.versions(Purpose.SEAL, scope.name):
        sealed -= tx.keyed_rows.count_sealed(scope, version=info.version)
    if sealed:
        yield "seal"


def _missing_of_center(center: Center, tx: Transaction) -> Iterator[str]:
    known = tx.center_identity.get()
    gap = min(MOST_LOST, known.generation - center.keyring.generation()) if known else 0
    counts = (
        (Purpose.CLIENT, tx.keyed_rows.count_clients),
        (Purpose.SESSION, tx.keyed_rows.count_answers),
    )
    for purpose, count in counts:
        held = len(center.keyring.versions(purpose))
        if any(count(version=held + lost) for lost in range(1, gap + 1)):
            yield f"- {purpose.value}"


def _missing_secrets(center: Center, tx: Transaction) -> Iterator[str]:
    for project in tx.projects.all():
        secret = tx.secrets.newest(project.name)
        scope = f"project:{project.name}"
        if secret is not None and secret.key_version > len(
            center.keyring.versions(Purpose.LINKAGE, scope)
        ):
            yield f"{scope} linkage"
