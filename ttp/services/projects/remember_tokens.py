"""Remember tokens: over all submissions a token of a thinned view stays with the patient who had it first.

The linking center keeps every version it received. A token that went from one patient to another would show there
that both have one salt, such as a name and a day of birth. So it is remembered before anything is sent, also of
patients who left the project or became others, until the secret is destroyed or a newer one is in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keys.keyring import Purpose
from keys.seal import binding, seal_many
from linkage.encode import UsedTokens
from ttp.core.center import Center
from ttp.core.keyed_rows import Part, SealedRow
from ttp.core.linkage_secrets import USED_AT_ONCE, LinkageSecret, UsedBlock
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.submissions import EncodedRecord
from ttp.core.tasks import Progress
from ttp.services.custody.rewrap_rows import open_rows
from ttp.services.projects.encode_patients import ProjectEncoder, Record


@dataclass(frozen=True, slots=True)
class _Memory:
    """What earlier submissions used, and in how many blocks it is kept."""

    tokens: UsedTokens
    blocks: int


def encode_once_used(
    center: Center,
    project: Project,
    secret: LinkageSecret,
    named: Mapping[str, Record],
    *,
    encoder: ProjectEncoder,
    progress: Progress | None = None,
) -> list[EncodedRecord]:
    """The records under their names, in order; what they use now is remembered when this returns.

    A schema that thins no view has nothing to remember.

    Raises:
        ProjectNotActive: the project ended meanwhile. Conflict: another submission of it ran meanwhile.
        EnvelopeRejected, EncodingMismatch: the memory was damaged. Nothing may be sent then.
    """
    if not encoder.thins:
        return encoder.encode(named, progress=progress)
    known = center.work.run(
        lambda tx: _memory(center, tx, project, secret, commitment=encoder.commitment), write=False
    )
    used = known.tokens.copy()
    encoded = encoder.encode(named, progress=progress, used=used)
    new = [part.to_bytes() for part in used.since(known.tokens).cut(USED_AT_ONCE)]
    if new:
        center.work.run(lambda tx: _remember(center, tx, project, secret, new, known.blocks))
    return encoded


def forget_tokens(tx: Transaction, project: Project) -> int:
    """Forget what was used in a project whose secrets are destroyed; gives how many blocks there were."""
    return tx.secrets.forget_used(tx.domains.get(project.submission_domain).id)


def _memory(
    center: Center, tx: Transaction, project: Project, secret: LinkageSecret, *, commitment: str
) -> _Memory:
    domain = tx.domains.get(project.submission_domain)
    blocks = tx.secrets.used(domain.id, secret.version)
    rows = [SealedRow(str(block.id), block.id.bytes, block.envelope) for block in blocks]
    contents = open_rows(center, tx.scopes.scope(domain.name), Part.USED, rows)
    parts = [UsedTokens.from_bytes(content, "used tokens") for content in contents]
    return _Memory(UsedTokens.joined(commitment, parts), len(blocks))


def _remember(
    center: Center,
    tx: Transaction,
    project: Project,
    secret: LinkageSecret,
    new: Sequence[bytes],
    known: int,
) -> None:
    """Store new blocks behind the known ones; those of older versions of the secret are of no use any more."""
    tx.projects.get(project.name).require_active(center.clock.now())
    domain = tx.domains.get(project.submission_domain)
    key = center.keyring.active(Purpose.SEAL, domain.name)
    ids = [center.new_id() for _ in new]
    items = [
        (content, binding("used_tokens", "envelope", domain.name, one.bytes))
        for content, one in zip(new, ids, strict=True)
    ]
    sealed = seal_many(key.secret, items, key_version=key.version)
    blocks = [UsedBlock(one, envelope) for one, envelope in zip(ids, sealed, strict=True)]
    tx.secrets.add_used(domain.id, secret.version, blocks, after=known)
    tx.secrets.forget_used(domain.id, below=secret.version)
