"""Admit clients: each gets a name, a role, its domains and one API key, which is shown once and stored as a digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from keys.api_keys import digest, generate
from keys.keyring import Purpose
from ttp.core.access import CLIENT_ROLES, Actor, Client, Grant, Right, Role
from ttp.core.center import Center
from ttp.core.errors import InvalidField, NotAuthenticated
from ttp.core.names import ClientName, slug
from ttp.core.ports import Transaction
from ttp.services.record_leaf import Act, record_leaf

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
) -> str:
    """Make a client and return its API key, the only time it can be read.

    A pipeline receives a standing grant to resolve 100,000 pseudonyms a day in each of its domains for a
    year, unless ``resolve`` is false.

    Raises:
        NotAllowed, InvalidName, InvalidField, UnknownDomain, AlreadyExists: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if role not in CLIENT_ROLES:
        raise InvalidField("A client is a pipeline, a site, a researcher or an auditor.")
    known = [tx.domains.get(domain) for domain in domains]
    key = generate()
    client = Client(
        center.new_id(),
        ClientName(slug(name, of="client")),
        role,
        frozenset(domain.name for domain in known),
        center.clock.now(),
        None,
    )
    tx.clients.add(client, key_digest=_digest(center, key))
    if role is Role.PIPELINE and resolve:
        for domain in known:
            _grant(center, tx, actor, client, domain.id)
    facts = {"client": name, "role": role.value, "domains": ",".join(sorted(client.domains))}
    record_leaf(center, tx, actor, Act("client.admitted", facts=facts))
    return key


def authenticate_client(center: Center, tx: Transaction, *, api_key: str) -> Actor:
    """The client whose API key this is.

    Raises:
        NotAuthenticated: nobody's, or a revoked client's.
    """
    client = tx.clients.by_key_digest(_digest(center, api_key))
    if client is None:
        raise NotAuthenticated
    return client.actor()


def revoke_client(center: Center, tx: Transaction, actor: Actor, *, name: str) -> None:
    """End a client's access, from the next request on, in every process.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    tx.clients.revoke(name, at=center.clock.now())
    record_leaf(center, tx, actor, Act("client.revoked", facts={"client": name}))


def _digest(center: Center, api_key: str) -> bytes:
    center.keyring.ensure(Purpose.CLIENT)
    return digest(center.keyring.active(Purpose.CLIENT).secret, api_key)


def _grant(center: Center, tx: Transaction, actor: Actor, client: Client, domain_id: int) -> None:
    tx.clients.add_grant(
        Grant(
            center.new_id(),
            client.id,
            domain_id,
            STANDING_PURPOSE,
            STANDING_BUDGET,
            center.clock.now() + timedelta(days=STANDING_DAYS),
            (actor.name,),
        )
    )
