"""Admit clients: each gets a name, a role, its domains and a first API key, shown once and kept as a digest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from keys.api_keys import digest, is_well_formed
from keys.keyring import KeyMaterial, KeyState, Purpose
from ttp.core.access import CLIENT_ROLES, Actor, Right, Role
from ttp.core.accounts import Client
from ttp.core.api_keys import KeyOwner
from ttp.core.center import Center
from ttp.core.errors import InvalidField, NotAuthenticated, Unavailable
from ttp.core.event_kinds import EventKind
from ttp.core.names import ClientName, slug
from ttp.core.ports import Transaction
from ttp.services.access.issue_api_key import new_key
from ttp.services.access.request_grant import request_grant
from ttp.services.log.record_leaf import Act, record_leaf

STANDING_BUDGET = 100_000
STANDING_DAYS = 365
STANDING_PURPOSE = "routine resolving in the client's own domain"


def admit_client(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    name: str,
    role: Role,
    domains: Sequence[str],
    resolve: bool = True,
    projects: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a client and return its first API key, the only time it can be read; it ends after a year.

    A pipeline asks for a standing grant to resolve 100,000 pseudonyms a day in each of its domains, but those of
    projects, for a year, unless ``resolve`` is false; it stands once a second person approves. A site sees the
    projects it is bound to and no other; for the other roles ``projects`` None is no limit.

    Raises:
        NotAllowed, InvalidName, InvalidField, UnknownDomain, AlreadyExists: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if role not in CLIENT_ROLES:
        raise InvalidField("A client is a pipeline, a site, a researcher or an auditor.")
    known = [tx.domains.get(domain) for domain in domains]
    client = Client(
        center.new_id(),
        ClientName(slug(name, of="client")),
        role,
        frozenset(domain.name for domain in known),
        center.clock.now(),
        None,
        _projects(tx, role, projects),
    )
    tx.clients.add(client)
    key, _ = new_key(center, tx, actor, client, expires_at=expires_at)
    if role is Role.PIPELINE and resolve:
        for domain in (one for one in known if one.project is None):
            _request_grant(center, tx, actor, client, domain.name)
    facts = {"client": name, "role": role.value, "domains": ",".join(sorted(client.domains))}
    record_leaf(center, tx, actor, Act(EventKind.CLIENT_ADMITTED, facts=facts))
    return key


def authenticate_client(center: Center, *, api_key: str) -> Actor:
    """The client whose API key this is. No transaction may be open.

    A key whose digest is under a retired client key is digested anew, so that the retired one falls out of use.

    Raises:
        NotAuthenticated: nobody's, or a revoked client's.
    """
    if not is_well_formed(api_key):
        raise NotAuthenticated
    found = center.work.ask(lambda tx: _owner(center, tx, api_key))
    if found is None:
        raise NotAuthenticated
    owner, outdated = found
    if outdated:
        center.work.run(lambda tx: _renew(center, tx, owner, api_key))
    if owner.key.last_used != center.clock.now().date():
        with contextlib.suppress(
            Unavailable
        ):  # that a key was used is nice to know, not a reason to refuse
            center.work.run(lambda tx: _used(center, tx, owner))
    return owner.actor()


def revoke_client(center: Center, tx: Transaction, actor: Actor, *, name: str) -> None:
    """End a client's access, from the next request on, in every process.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    tx.clients.revoke(name, at=center.clock.now())
    record_leaf(center, tx, actor, Act(EventKind.CLIENT_REVOKED, facts={"client": name}))


def _owner(center: Center, tx: Transaction, api_key: str) -> tuple[KeyOwner, bool] | None:
    """The key and its client, and whether the key's digest is not under the active client key."""
    now = center.clock.now()
    for position, key in enumerate(_client_keys(center)):
        if owner := tx.api_keys.by_digest(digest(key.secret, api_key), at=now):
            return owner, position > 0
    return None


def _used(center: Center, tx: Transaction, owner: KeyOwner) -> None:
    tx.api_keys.used(owner.key.id, on=center.clock.now().date())


def _projects(tx: Transaction, role: Role, projects: Sequence[str] | None) -> frozenset[str] | None:
    if projects is None:
        return frozenset() if role is Role.SITE else None
    return frozenset(tx.projects.get(name).name for name in projects)


def _client_keys(center: Center) -> Iterator[KeyMaterial]:
    """The active client key, then the retired ones, newest first."""
    center.keyring.ensure(Purpose.CLIENT)
    yield center.keyring.active(Purpose.CLIENT)
    for info in reversed(center.keyring.versions(Purpose.CLIENT)):
        if info.state is KeyState.RETIRED:
            yield center.keyring.at(Purpose.CLIENT, "", info.version)


def _renew(center: Center, tx: Transaction, owner: KeyOwner, api_key: str) -> None:
    key = center.keyring.active(Purpose.CLIENT)
    tx.api_keys.renew_digest(
        owner.key.id, digest=digest(key.secret, api_key), key_version=key.version
    )


def _request_grant(
    center: Center, tx: Transaction, actor: Actor, client: Client, domain: str
) -> None:
    request_grant(
        center,
        tx,
        actor,
        client=client.name,
        domain=domain,
        purpose=STANDING_PURPOSE,
        daily_budget=STANDING_BUDGET,
        days=STANDING_DAYS,
    )
