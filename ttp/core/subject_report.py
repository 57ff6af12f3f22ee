"""The report of a subject access: everything held about one person, in plain values. Never to be stored or logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ttp.core.consent import ConsentStatement
from ttp.core.identifying_data import IdentifyingData
from ttp.core.identity_life import IdentityChange
from ttp.core.persons import IdentityState


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """What a source said, and since when it is held."""

    number: int
    at: datetime
    data: IdentifyingData


@dataclass(frozen=True, slots=True)
class HeldIdentity:
    """One source's record of the person; the preferred one comes first."""

    source: str
    state: IdentityState
    created_at: datetime
    versions: Sequence[HeldVersion]
    changes: Sequence[IdentityChange]


@dataclass(frozen=True, slots=True)
class HeldPseudonyms:
    """Pseudonyms of one domain that hang on a value of the person.

    ``value`` names the value: a system, a source, or "" for the person itself. ``pseudonyms`` None: there are
    ``count``, but who asked may not look them up.
    """

    domain: str
    project: str | None
    value: str
    count: int
    pseudonyms: Sequence[str] | None
    recipients: Sequence[str]


@dataclass(frozen=True, slots=True)
class HeldDecision:
    """What people decided about records of the person."""

    verdict: str
    by: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that is stored."""

    identities: Sequence[HeldIdentity]
    pseudonyms: Sequence[HeldPseudonyms]
    consents: Sequence[ConsentStatement]
    decisions: Sequence[HeldDecision]

    @property
    def projects(self) -> list[str]:
        """The projects in which the person takes part."""
        return sorted({one.project for one in self.pseudonyms if one.project})


@dataclass(frozen=True, slots=True)
class Disclosure:
    """An act that concerned the person: who did what, where and for what purpose."""

    at: datetime
    actor: str
    action: str
    scope: str
    purpose: str | None


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """The whole answer, who asked for it and who agreed."""

    center: str
    made_at: datetime
    approval: UUID
    requested_by: str
    approved_by: str
    held: Held
    disclosures: Sequence[Disclosure]
