"""Hold a linkage secret: its bytes live in the keyring alone; a center that links a project never takes its secret."""

from __future__ import annotations

from keys.errors import KeysError, NotSealedForUs
from keys.keyring import KeyMaterial, Purpose
from keys.randomness import equal, random_secret
from keys.recipients import seal_to
from linkage import schema as linkage_schema
from linkage.encode import Encoder
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.linkage_secrets import (
    MOST_VERSIONS,
    SECRET_BYTES,
    LinkageSecret,
    NoLinkageSecret,
    NotSecretHolder,
    SecretDiffers,
    SecretForbidden,
    SecretRejected,
    keyring_domain,
    require_encoder,
    sealing_context,
)
from ttp.core.names import CenterName
from ttp.core.peers import Peer
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.peers.describe_trust import open_sealed


def draw_linkage_secret(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, anew: bool = False
) -> LinkageSecret:
    """The project's linkage secret, drawn if there is none yet, or ``anew`` as the next version.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, SecretForbidden: and nothing is changed.
        NotSecretHolder: this center does not draw the secret of this project.
    """
    actor.require(Right.LINK, project=project_name)
    require_local(center)
    project = tx.projects.get(project_name)
    project.require_active(center.clock.now())
    require_encoder(center.name, project)
    if center.name != project.terms.secret_holder:
        raise NotSecretHolder
    newest = tx.secrets.newest(project_name)
    if newest is not None and not anew:
        return newest
    secret = random_secret(SECRET_BYTES)
    version = newest.version + 1 if newest else 1
    return _keep(center, tx, actor, project, secret, version=version, drawn_by=center.name)


def seal_linkage_secret(
    center: Center, project: Project, secret: LinkageSecret, peer: Peer
) -> bytes:
    """The secret sealed for one encoding center of the project, to be opened there and nowhere else.

    Raises:
        SecretForbidden: the peer links the project. NotAllowed: it is not a site of the project.
    """
    require_encoder(peer.name, project)
    material = secret_material(center, secret)
    context = sealing_context(
        sender=center.name, recipient=peer.name, project=project.name, version=secret.version
    )
    return seal_to(peer.transport_key, material.secret, context=context)


def receive_linkage_secret(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    version: int,
    schema_fingerprint: str,
    commitment: str,
    sealed: bytes,
) -> LinkageSecret:
    """Take in the secret that the project's secret holder sent. The same secret again changes nothing.

    1. This center encodes, and does not link, this active project; its schema is the sender's.
    2. The sender is the project's secret holder.
    3. The secret opens for us, from this sender, for this project and version.
    4. It is the one its commitment names, and no other stands under this version.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, SecretForbidden, NotAllowed, NotSecretHolder,
        SecretRejected, SecretDiffers: and nothing is changed.
    """
    actor.require(Right.FEDERATE)
    # 1. our part
    require_local(center)
    project = tx.projects.get(project_name)
    project.require_active(center.clock.now())
    require_encoder(center.name, project)
    if schema_fingerprint != project.terms.schema_fingerprint:
        raise SecretRejected("The secret is meant for another linkage schema.")
    if not 1 <= version <= MOST_VERSIONS:
        raise SecretRejected("The secret has no version that could be kept.")
    # 2. the sender's part
    if actor.name != project.terms.secret_holder:
        raise NotSecretHolder
    # 3. sealed for us
    secret = _opened(center, actor, project, version, sealed)
    # 4. what it claims to be
    if not equal(commitment_to(secret, project).encode(), commitment.encode()):
        raise SecretRejected
    newest = tx.secrets.newest(project_name)
    if newest is not None and newest.version == version:
        if newest.commitment != commitment:
            raise SecretDiffers
        return newest
    if newest is not None and newest.version > version:
        raise SecretDiffers("A newer linkage secret stands here.")
    sender = CenterName(actor.name)
    return _keep(center, tx, actor, project, secret, version=version, drawn_by=sender)


def newest_secret(tx: Transaction, project: Project) -> LinkageSecret:
    """The project's newest linkage secret as this center describes it.

    Raises:
        NoLinkageSecret: there is none here.
    """
    newest = tx.secrets.newest(project.name)
    if newest is None:
        raise NoLinkageSecret
    return newest


def secret_material(center: Center, secret: LinkageSecret) -> KeyMaterial:
    """The bytes of a described secret.

    Raises:
        NoLinkageSecret: they were destroyed.
    """
    try:
        return center.keyring.at(
            Purpose.LINKAGE, keyring_domain(secret.project), secret.key_version
        )
    except KeysError as error:
        raise NoLinkageSecret("The linkage secret of this project was destroyed here.") from error


def commitment_to(secret: bytes, project: Project) -> str:
    """HMAC of the project's name and schema fingerprint under the secret, in hex."""
    schema = linkage_schema.load(project.terms.schema)
    return Encoder(schema, secret=secret, project=project.name).commitment


def _opened(center: Center, actor: Actor, project: Project, version: int, sealed: bytes) -> bytes:
    context = sealing_context(
        sender=actor.name, recipient=center.name, project=project.name, version=version
    )
    try:
        secret = open_sealed(center, sealed, context=context)
    except NotSealedForUs as error:
        raise SecretRejected from error
    if len(secret) != SECRET_BYTES:
        raise SecretRejected
    return secret


def _keep(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    secret: bytes,
    *,
    version: int,
    drawn_by: CenterName,
) -> LinkageSecret:
    """Store the secret: bytes in the keyring, description in the database; the one place where one is imported."""
    if center.name == project.terms.linking_center:
        raise SecretForbidden
    domain = keyring_domain(project.name)
    leaf = new_leaf_id(center)
    described = LinkageSecret(
        project=project.name,
        version=version,
        key_version=center.keyring.import_secret(Purpose.LINKAGE, domain, secret),
        commitment=commitment_to(secret, project),
        schema_fingerprint=project.terms.schema_fingerprint,
        drawn_by=drawn_by,
        at=center.clock.now(),
        leaf=leaf,
    )
    tx.secrets.add(described)
    action = EventKind.SECRET_DRAWN if drawn_by == center.name else EventKind.SECRET_RECEIVED
    facts = {"project": project.name, "commitment": described.commitment, "drawn_by": drawn_by}
    record_leaf(
        center, tx, actor, Act(action, counts={"version": version}, facts=facts), leaf_id=leaf
    )
    return described
