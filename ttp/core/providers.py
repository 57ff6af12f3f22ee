"""Providers: who logs in elsewhere is who the provider says, with the account and the role we know for it.

A provider vouches for a subject. Whose account that is, is decided here: by a link that an administrator made, or by
opening an account at the first login where the settings say so. Names alone never bind an account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from ttp.core.access import Role
from ttp.core.errors import Unavailable

if TYPE_CHECKING:
    from keys.issued_tokens import IssuerKeys

ATTEMPT_LIFETIME = timedelta(minutes=10)
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


class ProviderUnreachable(Unavailable):
    """The identity provider does not answer, or not as one. Log in with a password, or try again later."""

    code = "provider-unreachable"


@dataclass(frozen=True, slots=True)
class Issuer:
    """One identity provider, as the settings name it.

    roles: values of the claim ``role_claim`` and the role each gives; the first that a person has counts. Without
    any, accounts keep the role they were given here. clients: values of ``client_claim`` in access tokens of
    programs, and the name of the client of ours each is.
    """

    name: str
    title: str
    url: str
    client_id: str
    client_secret: str = field(repr=False)
    audience: str = ""
    name_claim: str = "preferred_username"
    role_claim: str = "roles"
    roles: tuple[tuple[str, Role], ...] = ()
    accounts: str = "linked"
    client_claim: str = "sub"
    clients: tuple[tuple[str, str], ...] = ()

    @property
    def opens_accounts(self) -> bool:
        """Whether a subject without an account gets one at the first login."""
        return self.accounts == "opened"

    def role_in(self, claims: Mapping[str, Any]) -> Role | None:
        """The role that the claims give, None if they give none."""
        given = claim_at(claims, self.role_claim)
        values = (
            {given} if isinstance(given, str) else {one for one in _list(given) if _is_text(one)}
        )
        return next((role for value, role in self.roles if value in values), None)

    def client_in(self, claims: Mapping[str, Any]) -> str | None:
        """The name of the client of ours that a program's token stands for, None if for none."""
        return dict(self.clients).get(str(claim_at(claims, self.client_claim)))


def claim_at(claims: Mapping[str, Any], path: str) -> object:
    """The claim of this name; failing that, the one at a path of dots (``realm_access.roles``)."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def is_safe_url(url: str) -> bool:
    """Whether the URL is HTTPS, or HTTP on this machine."""
    parts = urlsplit(url)
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and loopback)
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login under way at a provider, kept sealed in the browser that began it."""

    issuer: str
    state: str
    nonce: str
    verifier: str
    target: str
    expires: int

    def stands(self, *, at: datetime) -> bool:
        """Whether it began less than ten minutes ago."""
        return at < datetime.fromtimestamp(self.expires, UTC)

    def to_bytes(self) -> bytes:
        """As it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Attempt:
        """As it was sealed."""
        return cls(**json.loads(content))


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the browser brings back from a provider; ``issuer`` as RFC 9207 has it."""

    state: str = ""
    code: str = field(default="", repr=False)
    issuer: str | None = None
    error: str = ""


class ProviderRefusal(StrEnum):
    """Why a login with a provider came to nothing, as the page and the leaf say it."""

    EXPIRED = "expired"  # no login was under way in this browser, or another, or too long ago
    DECLINED = "declined"  # the provider or the person said no
    DISBELIEVED = "disbelieved"  # the provider's answer does not hold
    NO_ACCOUNT = "no-account"  # nobody has linked one, or it was disabled
    NO_ROLE = "no-role"
    UNREACHABLE = "unreachable"
    TOO_MANY = "too-many"


class Provider(Protocol):
    """One identity provider, as this center asks it."""

    @property
    def issuer(self) -> Issuer:
        """Its settings."""
        ...

    def authorization_url(self, attempt: Attempt, *, redirect: str) -> str:
        """Where to send the browser. Raises ProviderUnreachable."""
        ...

    def states_itself(self) -> bool:
        """Whether its answers name the issuer (RFC 9207). Raises ProviderUnreachable."""
        ...

    def redeem(self, code: str, *, verifier: str, redirect: str) -> str:
        """The ID token for a code, empty if the provider refuses. Raises ProviderUnreachable."""
        ...

    def keys(self, key_id: str | None) -> IssuerKeys:
        """Its public keys, asked for again if this one is not among them. Raises ProviderUnreachable."""
        ...

    def logout_url(self, *, back: str) -> str | None:
        """Where a person can log out of the provider, None if it offers no such page or is silent."""
        ...


Providers = Mapping[str, Provider]
"""All identity providers of a center by name."""


@dataclass(frozen=True, slots=True)
class AccountLink:
    """Whose account a subject of an issuer has; ``issuer`` is its URL."""

    issuer: str
    subject: str = field(repr=False)
    staff_id: UUID
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """A session here that a session at a provider opened; ``sid_digest`` if the provider names its sessions."""

    token_digest: bytes
    issuer: str
    staff_id: UUID
    sid_digest: bytes | None
    expires_at: datetime


class ProviderStore(Protocol):
    """Where links of accounts, and sessions that providers opened, are kept."""

    def link(self, link: AccountLink) -> None:
        """Store a link. Raises AlreadyExists if the subject has an account."""
        ...

    def unlink(self, issuer: str, staff_id: UUID) -> int:
        """Remove the links of an account to an issuer; returns how many."""
        ...

    def account_of(self, issuer: str, subject: str) -> UUID | None:
        """The account of a subject."""
        ...

    def links(self, staff_id: UUID) -> list[AccountLink]:
        """The links of an account."""
        ...

    def set_role(self, staff_id: UUID, role: Role) -> None:
        """Store the role that the provider gives an account."""
        ...

    def note_session(self, session: ProviderSession, *, now: datetime) -> None:
        """Store which session was opened by a provider, and forget those long over."""
        ...

    def session(self, token_digest: bytes) -> ProviderSession | None:
        """The provider's part of a session."""
        ...

    def sessions_of(
        self, issuer: str, *, sid_digest: bytes | None, staff_id: UUID | None
    ) -> list[ProviderSession]:
        """The sessions that a provider opened: of its session if that is named, else of the account.

        A session whose provider did not name its own then ends when it names one: better too many than one left.
        """
        ...
