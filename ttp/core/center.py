"""The center: what every use case works with. Composition roots make it; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from keys.keyring import Keyring
from keys.randomness import ordered_uuid7s
from ttp.core.case_work import DeskRules
from ttp.core.log_standing import Anchor, Standing, UnkeptAnchor
from ttp.core.names import CenterName
from ttp.core.newest_leaf import NewestLeaf
from ttp.core.ports import Clock, Work
from ttp.core.sessions import SessionLimits


class CenterRole(StrEnum):
    """What a center does: identities of one hospital, linkage across hospitals, or both for a demonstration."""

    LOCAL = "local"
    FEDERATED = "federated"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Center:
    """One trust center at work."""

    name: CenterName
    role: CenterRole
    public_url: str
    alone: bool  # four_eyes = demo: one person suffices, shown as a banner, a leaf and in /readyz
    work: Work
    keyring: Keyring
    clock: Clock
    language: str = "de"  # of pages, until a person chooses
    custody: str = "file"  # of the root key: file, pkcs11 or quorum
    keyring_place: str = "file"  # of one host, or a database of several
    witness_hours: int = 0  # how old a peer's newest co-signed checkpoint may be; 0: any age
    anchor: Anchor = field(default_factory=UnkeptAnchor, compare=False, repr=False)
    identifiers_in_urls: bool = False  # whether old clients may ask by URL
    second_review_percent: int = 0  # share of decisions drawn for a second opinion
    second_factor: bool = False  # whether stewards and auditors need one
    sessions: SessionLimits = field(default_factory=SessionLimits)
    desk: DeskRules = field(default_factory=DeskRules)
    newest: NewestLeaf = field(default_factory=NewestLeaf, init=False, compare=False, repr=False)
    standing: Standing = field(default_factory=Standing, init=False, compare=False, repr=False)

    def new_id(self) -> UUID:
        """A new identifier (UUIDv7, RFC 9562); it sorts after all made a microsecond earlier, as leaves must."""
        microseconds = int(self.clock.now().timestamp() * 1_000_000)
        return ordered_uuid7s(microseconds * 1000, 1)[0]

    @property
    def origin(self) -> str:
        """The name of this center's audit log in its checkpoints."""
        return f"treuhandstelle/{self.name}"
