"""The project key: from it follow a project's date shifts and salts, and under it its transfers are sealed."""

from __future__ import annotations

from keys.errors import KeyDestroyed
from keys.keyring import KeyMaterial, Purpose
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import KeysDestroyed
from ttp.core.linkage_secrets import keyring_domain
from ttp.core.ports import Transaction
from ttp.core.projects import Project


def transport_project(center: Center, tx: Transaction, actor: Actor, name: str) -> Project:
    """The project, if the actor may transport and derive in it and it may be worked on.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive.
    """
    actor.require(Right.TRANSPORT, project=name)
    project = tx.projects.get(name)
    project.require_active(center.clock.now())
    return project


def project_key(center: Center, project: Project) -> KeyMaterial:
    """The key of a project, drawn when it is first needed.

    Raises:
        KeysDestroyed: it was destroyed.
    """
    scope = keyring_domain(project.name)
    try:
        center.keyring.ensure(Purpose.PROJECT, scope)
        return center.keyring.active(Purpose.PROJECT, scope)
    except KeyDestroyed:
        raise KeysDestroyed from None


def project_key_at(center: Center, project: Project, version: int) -> KeyMaterial:
    """The key of a project in one version.

    Raises:
        KeysDestroyed: it was destroyed.
    """
    try:
        return center.keyring.at(Purpose.PROJECT, keyring_domain(project.name), version)
    except KeyDestroyed:
        raise KeysDestroyed from None
