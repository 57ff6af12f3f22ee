"""An identity provider in this process: it signs access tokens for people, and the center believes its key."""

from __future__ import annotations

import json

from joserfc import jws
from joserfc.jwk import OKPKey

from keys.issued_tokens import IssuerKeys, read_issuer_keys
from tests.pages.people import make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.providers import Issuer
from ttp.services.access.link_account import link_account

_AUDIENCE = "ttp"


class SimulatedProvider:
    """A provider whose tokens come without a login: of what a provider does, it has only the keys."""

    def __init__(self) -> None:
        self._key = OKPKey.generate_key("Ed25519", {"kid": "one"})
        self.issuer = Issuer("haus", "Haus", "https://idp.example", "ttp", "-", audience=_AUDIENCE)

    def token(self, center: Center, role: Role) -> str:
        """The access token, for an hour, of a new person of this role."""
        name, now = make_person(center, role), int(center.clock.now().timestamp())
        center.work.run(
            lambda tx: link_account(center, tx, OPERATOR, self.issuer, name=name, subject=name)
        )
        claims = {"iss": self.issuer.url, "aud": _AUDIENCE, "sub": name, "iat": now}
        chosen = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
        return jws.serialize_compact(
            {"alg": "Ed25519", "kid": "one"},
            json.dumps({**claims, "exp": now + 3600}).encode(),
            self._key,
            registry=chosen,
        )

    def keys(self, _key_id: str | None) -> IssuerKeys:
        """Its public key, whichever is asked for."""
        return read_issuer_keys({"keys": [dict(self._key.as_dict(private=False))]})
