"""Load encodings: what sites submitted to a project, out of its envelopes, as tables that can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from linkage import schema as linkage_schema
from linkage.encode import EncodingSet
from linkage.records import RecordId
from linkage.schema import LinkageSchema
from ttp.core.center import Center
from ttp.core.linkage_runs import NothingToLink, Submitted
from ttp.core.persons import IdentityKind
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.submissions import EncodedRecord, StoredEncoding
from ttp.services.persons.seal_identities import open_contents
from ttp.services.projects.check_canaries import accepted_versions

BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """All submitted records oldest first, and the encodings of each site that can be compared."""

    records: tuple[Submitted, ...]
    encodings: tuple[EncodingSet, ...]


def load_encodings(center: Center, tx: Transaction, project: Project) -> Loaded:
    """The encodings of a project made with the newest linkage secret in use; record IDs are identity IDs.

    Records under older secrets keep their persons and wait for their site to submit again, as do those that were
    taken under a version that the secret holder never announced, before it announced one.

    Raises:
        NothingToLink: fewer than two sites submitted.
        UnknownPopulation: none ever did.
    """
    records, stored = _opened(center, tx, project)
    schema = linkage_schema.load(project.terms.schema)
    used = {one.secret_version for one in stored} & accepted_versions(tx, project).keys()
    sets = _sets(schema, project, records, stored, newest=max(used, default=0))
    return Loaded(tuple(records), tuple(sets))


def _opened(
    center: Center, tx: Transaction, project: Project
) -> tuple[list[Submitted], list[StoredEncoding]]:
    records: list[Submitted] = []
    stored: list[StoredEncoding] = []
    rows = [
        row
        for row in tx.identities.all_versions(project.population)
        if row.kind is IdentityKind.ENCODED
    ]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        for row, content in zip(
            block, open_contents(center, project.population, block), strict=True
        ):
            encoding = StoredEncoding.read(content)
            stored.append(encoding)
            records.append(Submitted(row.id, row.person, row.source, encoding.record.pseudonym))
    return records, stored


def _sets(
    schema: LinkageSchema,
    project: Project,
    records: Sequence[Submitted],
    stored: Sequence[StoredEncoding],
    *,
    newest: int,
) -> list[EncodingSet]:
    by_site: dict[str, dict[RecordId, EncodedRecord]] = {}
    for submitted, one in zip(records, stored, strict=True):
        if one.secret_version == newest:
            of_site = by_site.setdefault(submitted.site, {})
            of_site[RecordId(str(submitted.identity))] = one.record
    if len(by_site) < 2:
        raise NothingToLink
    commitment = f"{project.name}/{newest}"
    return [_set(schema, site, commitment, by_site[site]) for site in sorted(by_site)]


def _set(
    schema: LinkageSchema, site: str, commitment: str, records: Mapping[RecordId, EncodedRecord]
) -> EncodingSet:
    rows = list(records.values())
    filters = {
        name: np.frombuffer(b"".join(row.filters[name] for row in rows), dtype="<u8")
        .astype(np.uint64)
        .reshape(len(rows), bits // 64)
        for name, bits in schema.filters.items()
    }
    return EncodingSet(
        source=site,
        record_ids=tuple(records),
        schema=schema,
        commitment=commitment,
        filters=filters,
        present={name: np.asarray(words.any(axis=1)) for name, words in filters.items()},
        exact={
            name: np.array([row.exact[name] for row in rows], dtype=np.uint64)
            for name in schema.tokens
        },
    )
