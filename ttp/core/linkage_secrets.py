"""Linkage secrets: drawn by the project's secret holder, held by centers that encode, never by the one that links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from keys.digests import canonical_json
from ttp.core.errors import BadRequest, Conflict, NotAllowed, NotFound
from ttp.core.names import CenterName, LeafId, ProjectName
from ttp.core.projects import Project

SECRET_BYTES = 32
MOST_VERSIONS: Final = 2**31 - 1
"""Versions of a secret that every database can number."""
USED_AT_ONCE: Final = 128
"""Used tokens of each view that one block holds: small enough that thousands of blocks are sealed anew at once."""


class NoLinkageSecret(NotFound):
    """This center holds no linkage secret for the project."""

    code = "no-linkage-secret"


class SecretForbidden(NotAllowed):
    """The center that links encodings of a project must never hold its linkage secret."""

    code = "secret-forbidden"


class NotSecretHolder(NotAllowed):
    """Only the project's secret holder draws and sends its linkage secret."""

    code = "not-secret-holder"


class SecretRejected(BadRequest):
    """The linkage secret does not open here, or is not the one its commitment names."""

    code = "secret-rejected"


class SecretOutdated(Conflict):
    """The project has a newer linkage secret, which its secret holder sends; those under older ones are not taken."""

    code = "secret-outdated"


class SecretNotAnnounced(Conflict):
    """The linking center does not know this version: the secret holder announces it, ``ttp linkage secret send``."""

    code = "secret-not-announced"


class SecretDiffers(Conflict):
    """Another linkage secret stands under this version; the secret holder draws the next one."""

    code = "secret-differs"


@dataclass(frozen=True, slots=True)
class LinkageSecret:
    """What is known of a secret besides its bytes, which are in the keyring alone.

    version: counted by the secret holder, the same at every center. key_version: its number in this
    keyring. commitment: hex HMAC of project and schema under the secret; equal for equal secrets.
    """

    project: ProjectName
    version: int
    key_version: int
    commitment: str
    schema_fingerprint: str
    drawn_by: CenterName
    at: datetime
    leaf: LeafId


@dataclass(frozen=True, slots=True)
class Canaries:
    """What a center shows of a secret's version; what the secret holder announced, all sites must show.

    site: who showed it. commitment: hex. digests: of the encoded canary records, 16 bytes each, in their order.
    announced: whether the project's secret holder said so. What stands without that was shown by the first
    site that submitted, before versions were announced.
    """

    project: ProjectName
    version: int
    site: CenterName
    commitment: str
    digests: bytes
    announced: bool = False


@dataclass(frozen=True, slots=True)
class UsedBlock:
    """A sealed part of what a site remembers of its submissions: which record holds which token of a thinned view."""

    id: UUID
    envelope: bytes


def keyring_domain(project: str) -> str:
    """Under what name the keyring holds the linkage secret of a project."""
    return f"project:{project}"


def sealing_context(*, sender: str, recipient: str, project: str, version: int) -> bytes:
    """What a sent secret is sealed for: it opens for this recipient, sender, project and version only."""
    return canonical_json(
        {
            "what": "linkage-secret",
            "from": sender,
            "to": recipient,
            "project": project,
            "version": version,
        }
    )


def require_encoder(center: str, project: Project) -> None:
    """Pass if the center may hold the project's linkage secret.

    Raises:
        SecretForbidden: it links the project's encodings. NotAllowed: it is not a site of the project.
    """
    if center == project.terms.linking_center:
        raise SecretForbidden
    project.require_site(center)


class SecretStore(Protocol):
    """Where descriptions of linkage secrets, canaries encoded with them, and tokens used under them are kept."""

    def add(self, secret: LinkageSecret) -> None:
        """Store a description. Raises SecretDiffers when its version stands with another commitment."""
        ...

    def newest(self, project: str) -> LinkageSecret | None:
        """The secret of the highest version."""
        ...

    def unannounced(self, holder: str) -> Sequence[LinkageSecret]:
        """The secrets this holder drew of which no linking center is known to have heard, nor of a newer one.

        By project, oldest versions first.
        """
        ...

    def told(self, secret: LinkageSecret, *, at: datetime) -> bool:
        """Remember that the linking center heard of a secret; whether that was new."""
        ...

    def shown(self, project: str) -> Mapping[int, Canaries]:
        """By version what is known to a linking center of a project's secrets."""
        ...

    def pin_canaries(self, canaries: Canaries, *, at: datetime) -> Canaries:
        """Remember canaries under a version of which nothing is known; give what is remembered, old or new."""
        ...

    def announce(self, canaries: Canaries, *, at: datetime) -> bool:
        """Mark what is remembered under this version as announced, by this site; whether that was new."""
        ...

    def used(self, domain_id: int, version: int) -> Sequence[UsedBlock]:
        """The blocks of tokens that were submitted from a domain under this version of a secret, oldest first."""
        ...

    def add_used(
        self, domain_id: int, version: int, blocks: Sequence[UsedBlock], *, after: int
    ) -> None:
        """Store further blocks behind the ``after`` ones that were known. Raises Conflict when there are more."""
        ...

    def forget_used(self, domain_id: int, *, below: int | None = None) -> int:
        """Delete the blocks of a domain, or those of versions below this one; gives how many."""
        ...
