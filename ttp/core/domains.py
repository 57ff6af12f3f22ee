"""Domains: named spaces of pseudonyms. What a domain issues is fixed when it leaves its draft and never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from keys.blind_index import IndexEpoch
from ttp.core.domain_policy import About, Generation, LifeCycle, ParentRule, Policy
from ttp.core.errors import InvalidField
from ttp.core.names import DomainName, ProjectName
from ttp.core.pseudonym_form import (
    DEFAULT_ALPHABET,
    DEFAULT_LENGTH,
    PseudonymForm,
    alphabet_named,
)
from ttp.core.validity import Validity

__all__ = [
    "DEFAULT_ALPHABET",
    "DEFAULT_LENGTH",
    "Domain",
    "DomainFilter",
    "DomainKind",
    "DomainStatistics",
    "DomainStore",
    "NewDomain",
    "PseudonymForm",
    "alphabet_named",
]

COUNTABLE = 10**10
"""Domains of a larger capacity are never half full; their pseudonyms are counted only where somebody asks."""

HALF = 0.5
MOST_PARENTS = 16
MOST_A_PAGE = 500


class DomainKind(StrEnum):
    """What a domain's originals are."""

    VALUE = "value"  # strings given by clients; a merge of persons never touches them
    PERSON = "person"  # persons of this center


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain as it stands in this transaction, with the key versions its rows are written under.

    Attributes:
        expires: whether some of its pseudonyms can have an end.
        token_version: the key version that deterministic pseudonyms are made with; it never rotates.
        half_full: whether it was noted that half of its capacity is used.
        accepts_foreign: whether pseudonyms of another form may be imported into it.
    """

    id: int
    name: DomainName
    kind: DomainKind
    multi: bool
    form: PseudonymForm
    deletable: bool
    project: ProjectName | None
    epoch: IndexEpoch
    anonymizable: bool = True
    validity: Validity | None = None
    expires: bool = False
    parent_rule: ParentRule = ParentRule.OFF
    generation: Generation = Generation.RANDOM
    token_version: int | None = None
    state: LifeCycle = LifeCycle.ACTIVE
    about: About = field(default_factory=About)
    half_full: bool = False
    accepts_foreign: bool = False

    @property
    def policy(self) -> Policy:
        """What may be done in it."""
        return Policy(self.deletable, self.anonymizable, self.validity, self.parent_rule)

    @property
    def countable(self) -> bool:
        """Whether it is small enough to become half full."""
        return self.form.capacity <= COUNTABLE

    def valid_until(self, at: datetime) -> datetime | None:
        """Until when a pseudonym issued at this time is valid; None: without end."""
        return self.validity.after(at) if self.validity else None


@dataclass(frozen=True, slots=True)
class NewDomain:
    """What is needed to make a domain."""

    name: DomainName
    form: PseudonymForm
    kind: DomainKind = DomainKind.VALUE
    multi: bool = False
    deletable: bool = False
    project: ProjectName | None = None
    aliases: tuple[str, ...] = ()
    anonymizable: bool = True
    validity: Validity | None = None
    parents: tuple[str, ...] = ()
    parent_rule: ParentRule = ParentRule.OFF
    generation: Generation = Generation.RANDOM
    state: LifeCycle = LifeCycle.ACTIVE
    about: About = field(default_factory=About)
    accepts_foreign: bool = False

    @property
    def policy(self) -> Policy:
        """What may be done in it."""
        return Policy(self.deletable, self.anonymizable, self.validity, self.parent_rule)


@dataclass(frozen=True, slots=True)
class DomainStatistics:
    """How many pseudonyms of each state a domain has; ``issued`` counts all of them, tombstones included."""

    issued: int
    active: int = 0
    anonymized: int = 0
    deleted: int = 0
    superseded: int = 0
    expired: int = 0

    def used(self, domain: Domain) -> float:
        """The share of the capacity that is used, 0 to 1; tombstones use it too."""
        return self.issued / domain.form.capacity


@dataclass(frozen=True, slots=True)
class DomainFilter:
    """Which domains to list by name; None leaves a thing open. ``after``: the last one of the page before."""

    state: LifeCycle | None = None
    kind: DomainKind | None = None
    text: str = ""
    names: frozenset[str] | None = None
    after: str = ""


def require_about(about: About) -> About:
    """The description, if it is not too long and has no control characters.

    Raises:
        InvalidField: otherwise.
    """
    for name, text, most in (
        ("label", about.label, 255),
        ("comment", about.comment, 2000),
        ("owner", about.owner, 255),
    ):
        if len(text) > most or any(ord(one) < 32 and one not in "\n\t" for one in text):
            raise InvalidField(f"A {name} has at most {most} characters.")
    return about


class DomainStore(Protocol):
    """Where domains are kept."""

    def add(
        self, domain: NewDomain, *, index_version: int, token_version: int | None = None
    ) -> Domain:
        """Store a new domain without its parents. Raises AlreadyExists when its name or an alias is taken."""
        ...

    def get(self, name: str) -> Domain:
        """The domain of this name or alias. Raises UnknownDomain."""
        ...

    def get_for_writing(self, name: str) -> Domain:
        """Like ``get``, and holds its index epoch, policy and state still until the transaction ends."""
        ...

    def get_for_change(self, name: str) -> Domain:
        """Like ``get``, and waits until nobody writes in it; nobody begins until the transaction ends."""
        ...

    def set_policy(self, domain: Domain, policy: Policy) -> None:
        """Store what may be done in the domain."""
        ...

    def set_form(self, domain: Domain, form: PseudonymForm) -> None:
        """Store another form of a draft."""
        ...

    def set_about(self, domain: Domain, about: About) -> None:
        """Store what people know of it."""
        ...

    def set_state(self, domain: Domain, state: LifeCycle) -> None:
        """Store where it stands in its life."""
        ...

    def set_expires(self, domain: Domain) -> None:
        """Store that pseudonyms of it can have an end."""
        ...

    def set_half_full(self, domain: Domain) -> None:
        """Store that half of its capacity is used, which is never undone."""
        ...

    def all(self) -> list[Domain]:
        """All domains by name."""
        ...

    def page(self, wanted: DomainFilter, *, limit: int) -> list[Domain]:
        """The first ``limit`` domains by name that fit."""
        ...

    def aliases(self, domains: Sequence[Domain]) -> dict[int, list[str]]:
        """Other names by the ID of the domain, without its own."""
        ...

    def set_parents(self, domain: Domain, parents: Sequence[Domain]) -> None:
        """Store its parents in place of those it had."""
        ...

    def parents(self, domain: Domain) -> list[Domain]:
        """Its parents by name."""
        ...

    def children(self, domain: Domain) -> list[Domain]:
        """The domains of which it is a parent, by name."""
        ...

    def edges(self) -> list[tuple[int, int]]:
        """All pairs (ID of a domain, ID of a parent of it)."""
        ...

    def hold_parents(self) -> None:
        """Let no other transaction change parents until this one ends."""
        ...

    def statistics(self, domains: Sequence[Domain]) -> Mapping[int, DomainStatistics]:
        """What each has issued, by its ID: one pass over their pseudonyms."""
        ...
