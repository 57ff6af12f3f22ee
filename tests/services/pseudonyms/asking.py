"""Somebody who asks a center: each call is one transaction, as doors make it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from tests.builders import ManualClock, make_domain, make_key
from ttp.core.access import OPERATOR, Actor, Role
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.pseudonyms import Issued, IssuedMany
from ttp.services.access.admit_client import authenticate_client
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals, delete_pseudonyms
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms


@dataclass(frozen=True)
class Asking:
    """Asks as the operator unless another actor is given."""

    center: Center
    actor: Actor = OPERATOR

    def domain(self, **how: Any) -> Domain:
        """A new domain of its own name."""
        return make_domain(self.center, f"d{uuid.uuid4().hex[:12]}", **how)

    def as_client(self, *domains: Domain, role: Role = Role.PIPELINE, **how: Any) -> Asking:
        """The same, asked by a new client with access to these domains."""
        names = [domain.name for domain in domains]
        name = f"c{uuid.uuid4().hex[:12]}"
        key = make_key(self.center, *names, name=name, role=role, **how)
        actor = authenticate_client(self.center, api_key=key)
        return replace(self, actor=actor)

    def at(self, clock: ManualClock) -> Asking:
        """The same, with another clock."""
        return replace(self, center=replace(self.center, clock=clock))

    def issue(self, domain: Domain | str, originals: Sequence[object], **how: Any) -> list[Any]:
        """Issue or look up."""
        return list(self._run(issue_pseudonyms, domain, originals=originals, **how))

    def tokens(self, domain: Domain, originals: Sequence[object]) -> list[str]:
        """The pseudonyms of originals that all get one."""
        found = self.issue(domain, originals)
        assert all(isinstance(item, Issued) for item in found), found
        return [item.pseudonym for item in found]

    def more(self, domain: Domain, originals: Sequence[object], count: int) -> list[Any]:
        """Issue or list secondary pseudonyms."""
        service = issue_secondary_pseudonyms
        return list(self._run(service, domain, originals=originals, count=count))

    def secondaries(self, domain: Domain, original: str, count: int) -> tuple[str, ...]:
        """The secondary pseudonyms of one original."""
        (found,) = self.more(domain, [original], count)
        assert isinstance(found, IssuedMany), found
        return found.pseudonyms

    def resolve(self, domain: Domain, pseudonyms: Sequence[object], **how: Any) -> list[Any]:
        """Resolve; the reason is a test unless given."""
        given = {"reason": "a test", **how}
        return list(self._run(resolve_pseudonyms, domain, pseudonyms=pseudonyms, **given))

    def anonymize(self, domain: Domain, originals: Sequence[object], **how: Any) -> list[Any]:
        """Anonymize."""
        return list(self._run(anonymize_originals, domain, originals=originals, **how))

    def delete(self, domain: Domain, originals: Sequence[object], **how: Any) -> list[Any]:
        """Delete."""
        return list(self._run(delete_pseudonyms, domain, originals=originals, **how))

    def acts(self, domain: Domain) -> list[dict[str, Any]]:
        """The bodies of the unsequenced leaves of a domain, oldest first."""
        leaves = self.center.work.run(lambda tx: tx.audit.unsequenced(100_000), write=False)
        bodies = [orjson.loads(leaf.body) for leaf in leaves]
        return [body for body in bodies if body["domain"] == domain.name]

    def _run(self, service: Any, domain: Domain | str, **how: Any) -> Any:
        name = domain if isinstance(domain, str) else domain.name
        center, actor = self.center, self.actor
        return center.work.run(lambda tx: service(center, tx, actor, domain_name=name, **how))
