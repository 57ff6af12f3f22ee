"""Access: who may do what. One table of roles and rights; everything that is not in it is forbidden."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from ttp.core.errors import NotAllowed
from ttp.core.names import CenterName


class ActorKind(StrEnum):
    """What sort of actor asks."""

    CLIENT = "client"
    STAFF = "staff"
    PEER = "peer"
    OPERATOR = "operator"  # the local command line, with the center's own keys
    SYSTEM = "system"  # the center's worker


class Right(StrEnum):
    """What can be allowed."""

    ISSUE = "issue"
    LOOKUP = "lookup"
    RESOLVE = "resolve"
    IMPORT = "import"  # bring pseudonyms that another system issued
    ANONYMIZE = "anonymize"
    DELETE = "delete"
    REGISTER = "register"
    READ_PERSON = "read-person"
    MANAGE_PERSON = (
        "manage-person"  # rest, prefer and ask to delete identities; ask for subject access
    )
    RECORD_CONSENT = "record-consent"
    REVIEW = "review"
    ADMINISTER = "administer"
    APPROVE = "approve"
    READ_PROJECT = "read-project"
    RELEASE = "release"
    READ_RELEASE = "read-release"
    READ_AUDIT = "read-audit"
    FEDERATE = "federate"
    LINK = "link"  # start submissions, linkage runs and the fetching of project pseudonyms
    REIDENTIFY = "re-identify"  # ask for it, and carry it out once another person has agreed
    READ_EVENTS = "read-events"  # and have them sent by webhooks
    TRANSPORT = "transport"  # hand in and exchange transport IDs, derive date shifts and salts
    BREAK_GLASS = "break-glass"  # re-identify at once, alone, in an emergency; reviewed by another


class Role(StrEnum):
    """The part an actor plays."""

    PIPELINE = "pipeline"
    SITE = "site"
    REGISTRAR = "registrar"  # a program that keeps identities, such as a hospital's patient index
    CLERK = "clerk"
    STEWARD = "steward"
    AUDITOR = "auditor"
    RESEARCHER = "researcher"
    PEER = "peer"
    OPERATOR = "operator"
    SYSTEM = "system"


ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PIPELINE: frozenset(
        {
            Right.ISSUE,
            Right.LOOKUP,
            Right.RESOLVE,
            Right.IMPORT,
            Right.ANONYMIZE,
            Right.DELETE,
            Right.REGISTER,
            Right.RECORD_CONSENT,
            Right.LINK,
            Right.REIDENTIFY,
            Right.READ_EVENTS,
            Right.TRANSPORT,
        }
    ),
    Role.SITE: frozenset(
        {Right.ISSUE, Right.LOOKUP, Right.READ_PROJECT, Right.READ_EVENTS, Right.TRANSPORT}
    ),
    Role.REGISTRAR: frozenset(
        {Right.REGISTER, Right.READ_PERSON, Right.MANAGE_PERSON, Right.RECORD_CONSENT}
    ),
    Role.CLERK: frozenset(
        {
            Right.REVIEW,
            Right.READ_PERSON,
            Right.MANAGE_PERSON,
            Right.READ_PROJECT,
            Right.READ_AUDIT,
            Right.REIDENTIFY,
        }
    ),
    Role.STEWARD: frozenset(
        {
            Right.LOOKUP,
            Right.ISSUE,
            Right.ANONYMIZE,
            Right.DELETE,
            Right.REVIEW,
            Right.READ_PERSON,
            Right.MANAGE_PERSON,
            Right.ADMINISTER,
            Right.APPROVE,
            Right.READ_PROJECT,
            Right.RELEASE,
            Right.READ_RELEASE,
            Right.READ_AUDIT,
            Right.LINK,
            Right.REIDENTIFY,
            Right.BREAK_GLASS,
        }
    ),
    Role.AUDITOR: frozenset({Right.READ_AUDIT}),
    Role.RESEARCHER: frozenset({Right.READ_RELEASE, Right.READ_EVENTS}),
    Role.PEER: frozenset({Right.FEDERATE}),
    Role.OPERATOR: frozenset(Right),
    Role.SYSTEM: frozenset(Right),
}

CLIENT_ROLES = frozenset({Role.PIPELINE, Role.SITE, Role.REGISTRAR, Role.RESEARCHER, Role.AUDITOR})
STAFF_ROLES = frozenset({Role.CLERK, Role.STEWARD, Role.AUDITOR, Role.RESEARCHER})


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks, authenticated.

    ``domains`` and ``projects`` limit where, ``rights`` (the scope of an API key) limits what beyond the role;
    ``None`` is no limit.
    """

    kind: ActorKind
    name: str
    role: Role
    id: UUID | None = None
    domains: frozenset[str] | None = field(default=frozenset())
    projects: frozenset[str] | None = None
    rights: frozenset[Right] | None = None

    def may(self, right: Right) -> bool:
        """Whether role and scope include the right, in some domain or project."""
        return right in ROLE_RIGHTS[self.role] and (self.rights is None or right in self.rights)

    def require(
        self, right: Right, domain: str | None = None, *, project: str | None = None
    ) -> None:
        """Pass if the actor has the right, in the domain and the project if they are named.

        Raises:
            NotAllowed: otherwise.
        """
        if right not in ROLE_RIGHTS[self.role]:
            raise NotAllowed(f"The role {self.role} does not include the right {right}.")
        if not self.may(right):
            raise NotAllowed(f"The scope of this API key does not include the right {right}.")
        if domain is not None and self.domains is not None and domain not in self.domains:
            raise NotAllowed("The caller has no access to this domain.")
        if project is not None and not self.sees(project):
            raise NotAllowed("The caller has no access to this project.")

    def require_population(self, right: Right, population: str) -> None:
        """Pass if the actor has the right among these patients: who is limited to projects has none elsewhere.

        Raises:
            NotAllowed: otherwise.
        """
        self.require(right)
        if self.populations is not None and population not in self.populations:
            raise NotAllowed("The caller has no access to these patients.")

    @property
    def populations(self) -> frozenset[str] | None:
        """The populations whose patients the actor may see; None: all."""
        if self.projects is None:
            return None
        return frozenset(f"project:{one}" for one in self.projects)

    def sees(self, project: str) -> bool:
        """Whether the actor is not limited to other projects."""
        return self.projects is None or project in self.projects


OPERATOR = Actor(ActorKind.OPERATOR, "operator", Role.OPERATOR, domains=None)
SYSTEM = Actor(ActorKind.SYSTEM, "system", Role.SYSTEM, domains=None)


def peer_actor(center: CenterName) -> Actor:
    """Another trust center as an actor."""
    return Actor(ActorKind.PEER, center, Role.PEER, domains=None)
