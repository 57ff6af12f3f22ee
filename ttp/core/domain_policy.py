"""Domain policies: what may be done in a domain, what its originals have to be, and where it stands in its life.

draft ── activate ──▶ active ◀── activate / freeze ──▶ frozen
  └────────────────────── retire ─────────────────────────┴──▶ retired
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ttp.core.errors import Conflict, NotAllowed
from ttp.core.validity import Validity

SMALLEST_DERIVED = 2**80
"""Least capacity of a domain whose pseudonyms are derived by a keyed function: two originals never share one."""

SMALLEST_PERMUTED = 1_000_000
"""Least capacity of a format preserving domain (NIST SP 800-38G Rev. 1, 5.1)."""


class DomainDraft(Conflict):
    """This domain is a draft: nothing is issued or read before it is activated."""

    code = "domain-draft"


class DomainFrozen(Conflict):
    """This domain is frozen: what it holds can be read, and nothing changes."""

    code = "domain-frozen"


class DomainRetired(Conflict):
    """This domain is retired: nothing is issued or read any more; links can still be anonymized and deleted."""

    code = "domain-retired"


class AnonymizationNotAllowed(NotAllowed):
    """The domain does not allow to anonymize."""

    code = "anonymization-not-allowed"


class WrongLifeCycle(Conflict):
    """From where the domain stands in its life this step does not lead on."""

    code = "wrong-life-cycle"


class Generation(StrEnum):
    """How pseudonyms come about."""

    RANDOM = "random"
    DERIVED = "derived"  # deterministic: a keyed function of the original
    FORMAT_PRESERVING = (
        "format-preserving"  # deterministic: FF1, a permutation of the strings of the form
    )


class ParentRule(StrEnum):
    """What the originals of a domain have to do with the pseudonyms of its parents; one parent suffices."""

    OFF = "off"
    VALIDATE = "validate"  # form and check digits of a parent's pseudonym
    ENSURE_EXISTS = "ensure-exists"  # a parent's active pseudonym
    CASCADE_DELETE = (
        "cascade-delete"  # that, and it is deleted with it, whatever this domain allows
    )


class LifeCycle(StrEnum):
    """Where a domain stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    FROZEN = "frozen"
    RETIRED = "retired"

    def require_step(self, target: LifeCycle) -> None:
        """Pass if a domain may go from here to there.

        Raises:
            WrongLifeCycle: otherwise.
        """
        if target not in _STEPS[self]:
            raise WrongLifeCycle

    def require_issuing(self) -> None:
        """Pass where pseudonyms are issued. Raises DomainDraft, DomainFrozen, DomainRetired."""
        if self is not LifeCycle.ACTIVE:
            raise _REFUSALS[self]

    def require_reading(self) -> None:
        """Pass where pseudonyms are looked up and resolved. Raises DomainDraft, DomainRetired."""
        if self in {LifeCycle.DRAFT, LifeCycle.RETIRED}:
            raise _REFUSALS[self]

    def require_ending(self) -> None:
        """Pass where links end: erasure outlives a domain. Raises DomainDraft, DomainFrozen."""
        if self in {LifeCycle.DRAFT, LifeCycle.FROZEN}:
            raise _REFUSALS[self]


_STEPS = {
    LifeCycle.DRAFT: frozenset({LifeCycle.ACTIVE, LifeCycle.RETIRED}),
    LifeCycle.ACTIVE: frozenset({LifeCycle.FROZEN, LifeCycle.RETIRED}),
    LifeCycle.FROZEN: frozenset({LifeCycle.ACTIVE, LifeCycle.RETIRED}),
    LifeCycle.RETIRED: frozenset[LifeCycle](),
}
_REFUSALS: dict[LifeCycle, type[Conflict]] = {
    LifeCycle.DRAFT: DomainDraft,
    LifeCycle.FROZEN: DomainFrozen,
    LifeCycle.RETIRED: DomainRetired,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done in a domain. ``validity`` None: pseudonyms issued from now on have no end."""

    deletable: bool = False
    anonymizable: bool = True
    validity: Validity | None = None
    parent_rule: ParentRule = ParentRule.OFF


@dataclass(frozen=True, slots=True)
class About:
    """What people know of a domain; it can be changed at any time, and nothing depends on it."""

    label: str = ""
    comment: str = ""
    owner: str = ""
