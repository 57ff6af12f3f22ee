"""Encode patients: one record per person, only of those whose data the project may use, only with its secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from keys.digests import sha256
from linkage import schema as linkage_schema
from linkage.encode import Encoder, EncodingSet, UsedTokens
from linkage.records import table_of
from ttp.core.access import SYSTEM
from ttp.core.canaries import CANARIES, DIGEST_BYTES
from ttp.core.center import Center
from ttp.core.identifying_data import readable
from ttp.core.linkage_secrets import LinkageSecret
from ttp.core.names import PersonId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.submissions import EncodedRecord
from ttp.core.tasks import Progress
from ttp.services.consents.may_use import may_use
from ttp.services.persons.read_identities import read_records
from ttp.services.projects.hold_linkage_secret import secret_material

Record = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Patient:
    """A person of this center and the record that stands for them: the one that changed last."""

    person: PersonId
    record: Record


def usable_patients(center: Center, tx: Transaction, project: Project) -> list[Patient]:
    """The persons whose data the project may use now, each with one record in clear; the reading is on record.

    Raises:
        ProjectNotActive: the project is not approved or has expired.
    """
    persons = {member.person for member in tx.releases.members(LOCAL)}
    usable = may_use(tx, sorted(persons), project, at=center.clock.now())
    purpose = f"encoding for project {project.name}"
    records = records_of(center, tx, sorted(usable), purpose=purpose)
    return [Patient(person, record) for person, record in records.items()]


def records_of(
    center: Center, tx: Transaction, persons: Sequence[PersonId], *, purpose: str
) -> dict[PersonId, Record]:
    """One record in clear of each of these persons, as encoding takes it; the reading is on record."""
    if not persons:
        return {}
    read = read_records(center, tx, SYSTEM, population=LOCAL, persons=persons, purpose=purpose)
    return {one.person: readable(one.data) for one in read}


def records_under(
    encoder: Encoder,
    named: Mapping[str, Record],
    *,
    progress: Progress | None = None,
    used: UsedTokens | None = None,
) -> list[EncodedRecord]:
    """The records encoded under the names they are given, in order; tokens that they use are added to ``used``."""
    if not named:
        return []
    table = table_of("patients", [{**record, "record_id": name} for name, record in named.items()])
    step = None if progress is None else lambda done, total: progress("encode", done, total)
    return list(_records(encoder.encode(table, progress=step, used=used)))


class ProjectEncoder:
    """Encodes records for one project with its linkage secret; ``thins`` tells whether tokens are to be remembered."""

    def __init__(self, center: Center, project: Project, secret: LinkageSecret) -> None:
        material = secret_material(center, secret)
        schema = linkage_schema.load(project.terms.schema)
        self._encoder = Encoder(schema, secret=material.secret, project=project.name)
        self.commitment = self._encoder.commitment
        self.thins = any(view.thinned for view in schema.salted)

    def encode(
        self,
        records: Mapping[str, Record],
        *,
        progress: Progress | None = None,
        used: UsedTokens | None = None,
    ) -> list[EncodedRecord]:
        """The records under the names they are given, in order.

        ``used`` says who holds which token of thinned views, and learns who does now.

        Raises:
            EncodingMismatch: ``used`` belongs to another secret, project or schema.
        """
        return records_under(self._encoder, records, progress=progress, used=used)

    def canary_digests(self) -> bytes:
        """A digest of 16 bytes of each encoded canary, one after another."""
        named = {str(canary["record_id"]): dict(canary) for canary in CANARIES}
        return b"".join(
            sha256(record.content(version=0))[:DIGEST_BYTES] for record in self.encode(named)
        )


def _records(encodings: EncodingSet) -> Iterator[EncodedRecord]:
    filters = {name: words.astype("<u8") for name, words in encodings.filters.items()}
    exact: Mapping[str, Sequence[int]] = {
        name: tokens.tolist() for name, tokens in encodings.exact.items()
    }
    for row, name in enumerate(encodings.record_ids):
        yield EncodedRecord(
            name,
            {filter_name: words[row].tobytes() for filter_name, words in filters.items()},
            {token: values[row] for token, values in exact.items()},
        )
