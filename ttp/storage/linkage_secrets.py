"""Descriptions of linkage secrets, canary digests and used tokens in the database; never a secret itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ttp.core.errors import Conflict
from ttp.core.linkage_secrets import Canaries, LinkageSecret, SecretDiffers, UsedBlock
from ttp.core.names import CenterName, LeafId, ProjectName
from ttp.storage.batches import cut
from ttp.storage.tables import linkage_secret, submission_canary, used_tokens
from ttp.storage.upserts import insert_free

BLOCKS = 500
"""Blocks of used tokens that one statement inserts."""


class SqlSecretStore:
    """Linkage secrets of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, secret: LinkageSecret) -> None:
        """Store a description. Raises SecretDiffers when its version stands with another commitment."""
        row = {field.name: getattr(secret, field.name) for field in fields(secret)}
        insert_free(self._connection, linkage_secret, [row])
        standing = self._connection.execute(
            select(linkage_secret.c.commitment).where(
                linkage_secret.c.project == secret.project,
                linkage_secret.c.version == secret.version,
            )
        ).scalar_one()
        if standing != secret.commitment:
            raise SecretDiffers

    def newest(self, project: str) -> LinkageSecret | None:
        """The secret of the highest version."""
        query = select(linkage_secret).where(linkage_secret.c.project == project)
        row = self._connection.execute(
            query.order_by(linkage_secret.c.version.desc()).limit(1)
        ).one_or_none()
        return _secret(row) if row else None

    def unannounced(self, holder: str) -> list[LinkageSecret]:
        """The secrets this holder drew of which no linking center is known to have heard, nor of a newer one."""
        newer = linkage_secret.alias()
        heard = select(newer.c.version).where(
            newer.c.project == linkage_secret.c.project,
            newer.c.version >= linkage_secret.c.version,
            newer.c.announced_at.is_not(None),
        )
        query = select(linkage_secret).where(linkage_secret.c.drawn_by == holder, ~heard.exists())
        ordered = query.order_by(linkage_secret.c.project, linkage_secret.c.version)
        return [_secret(row) for row in self._connection.execute(ordered)]

    def told(self, secret: LinkageSecret, *, at: datetime) -> bool:
        """Remember that the linking center heard of a secret; whether that was new."""
        statement = update(linkage_secret).where(
            linkage_secret.c.project == secret.project,
            linkage_secret.c.version == secret.version,
            linkage_secret.c.announced_at.is_(None),
        )
        return self._connection.execute(statement.values(announced_at=at)).rowcount > 0

    # canaries

    def shown(self, project: str) -> dict[int, Canaries]:
        """By version what is known to a linking center of a project's secrets."""
        query = select(submission_canary).where(submission_canary.c.project == project)
        return {row.version: _canaries(row) for row in self._connection.execute(query)}

    def pin_canaries(self, canaries: Canaries, *, at: datetime) -> Canaries:
        """Remember canaries under a version of which nothing is known; give what is remembered, old or new."""
        row = {
            "project": canaries.project,
            "version": canaries.version,
            "commitment": canaries.commitment,
            "digests": canaries.digests,
            "site": canaries.site,
            "at": at,
        }
        insert_free(self._connection, submission_canary, [row])
        query = select(submission_canary).filter_by(
            project=canaries.project, version=canaries.version
        )
        return _canaries(self._connection.execute(query).one())

    def announce(self, canaries: Canaries, *, at: datetime) -> bool:
        """Mark what is remembered under this version as announced, by this site; whether that was new."""
        statement = update(submission_canary).where(
            submission_canary.c.project == canaries.project,
            submission_canary.c.version == canaries.version,
            submission_canary.c.announced_at.is_(None),
        )
        marked = statement.values(site=canaries.site, announced_at=at)
        return self._connection.execute(marked).rowcount > 0

    # used tokens

    def used(self, domain_id: int, version: int) -> list[UsedBlock]:
        """The blocks of tokens that were submitted from a domain under this version of a secret, oldest first."""
        query = select(used_tokens.c.id, used_tokens.c.envelope).filter_by(
            domain_id=domain_id, version=version
        )
        rows = self._connection.execute(query.order_by(used_tokens.c.number))
        return [UsedBlock(row.id, bytes(row.envelope)) for row in rows]

    def add_used(
        self, domain_id: int, version: int, blocks: Sequence[UsedBlock], *, after: int
    ) -> None:
        """Store further blocks behind the ``after`` ones that were known. Raises Conflict when there are more."""
        place = {"domain_id": domain_id, "version": version}
        rows = [
            {**place, "id": block.id, "number": number, "envelope": block.envelope}
            for number, block in enumerate(blocks, start=after)
        ]
        try:
            for part in cut(rows, BLOCKS):
                self._connection.execute(insert(used_tokens), list(part))
        except IntegrityError as error:
            raise Conflict("Another submission of this project ran meanwhile.") from error

    def forget_used(self, domain_id: int, *, below: int | None = None) -> int:
        """Delete the blocks of a domain, or those of versions below this one; gives how many."""
        statement = delete(used_tokens).where(used_tokens.c.domain_id == domain_id)
        if below is not None:
            statement = statement.where(used_tokens.c.version < below)
        return self._connection.execute(statement).rowcount


def _canaries(row: Row[Any]) -> Canaries:
    return Canaries(
        ProjectName(row.project),
        row.version,
        CenterName(row.site),
        row.commitment,
        bytes(row.digests),
        announced=row.announced_at is not None,
    )


def _secret(row: Row[Any]) -> LinkageSecret:
    return LinkageSecret(
        ProjectName(row.project),
        row.version,
        row.key_version,
        row.commitment,
        row.schema_fingerprint,
        CenterName(row.drawn_by),
        row.at,
        LeafId(row.leaf),
    )
