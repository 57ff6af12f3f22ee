"""The client of an identity provider: discovery, codes and keys over HTTPS, with little patience and small answers.

Its keys are kept, so that verifying a token costs no request; a key that is not known is asked for at most twice a
minute, so that made-up key IDs cost none either. What Authlib knows of the protocol is taken from it; what goes over
the wire goes through the bounded client here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from keys.errors import TokenRejected
from keys.issued_tokens import IssuerKeys, read_issuer_keys
from ttp.core.ports import Clock
from ttp.core.providers import Attempt, Issuer, ProviderUnreachable, is_safe_url
from ttp.peering.bounded import BoundedTransport

TIMEOUT = httpx.Timeout(5.0, connect=3.0)
MOST_BYTES = 256 * 1024
KEYS_FRESH_SECONDS = 600.0
KEYS_LAST_SECONDS = 3600.0  # a silent provider's keys are believed for an hour, not longer
PAUSE_SECONDS = 30.0
WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid profile"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a provider said of itself, and when (monotonic seconds)."""

    metadata: Mapping[str, Any]
    keys: IssuerKeys
    at: float


class IdentityProvider:
    """One provider; implements ``ttp.core.providers.Provider``. Used by many threads at once."""

    def __init__(
        self, issuer: Issuer, *, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._issuer = issuer
        self._clock = clock
        self._kept: Kept | None = None
        self._tried: float | None = None
        self._lock = threading.Lock()
        self._http = httpx.Client(
            timeout=TIMEOUT,
            transport=BoundedTransport(transport or httpx.HTTPTransport(), most=MOST_BYTES),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def issuer(self) -> Issuer:
        """Its settings."""
        return self._issuer

    def authorization_url(self, attempt: Attempt, *, redirect: str) -> str:
        """Where to send the browser: with state, nonce and the challenge of PKCE (RFC 7636, S256).

        Raises:
            ProviderUnreachable: it does not say where.
        """
        client = OAuth2Client(
            None, self._issuer.client_id, scope=SCOPE, code_challenge_method="S256"
        )
        url, _ = client.create_authorization_url(
            self._endpoint("authorization_endpoint"),
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
            redirect_uri=redirect,
        )
        return str(url)

    def states_itself(self) -> bool:
        """Whether its answers name the issuer (RFC 9207). Raises ProviderUnreachable."""
        named = self._known().metadata.get("authorization_response_iss_parameter_supported")
        return named is True

    def redeem(self, code: str, *, verifier: str, redirect: str) -> str:
        """The ID token for a code; empty if the provider refuses the code.

        Raises:
            ProviderUnreachable: no answer, or none that is one.
        """
        url = self._endpoint("token_endpoint")
        form = prepare_token_request(
            "authorization_code", redirect_uri=redirect, code=code, code_verifier=verifier
        )
        headers = {"content-type": "application/x-www-form-urlencoded"}
        auth = ClientAuth(self._issuer.client_id, self._issuer.client_secret, self._method())
        url, headers, form = auth.prepare("POST", url, headers, form)
        response = self._send("POST", url, content=form, headers=headers)
        if 400 <= response.status_code < 500:
            return ""
        token = _object(response).get("id_token")
        return token if isinstance(token, str) else ""

    def keys(self, key_id: str | None) -> IssuerKeys:
        """Its public keys; asked for again if they are old, or this one is not among them.

        Raises:
            ProviderUnreachable: it has not told them for an hour.
        """
        kept = self._kept
        known = kept is not None and (key_id is None or kept.keys.find(key_id) is not None)
        if kept is not None and known and self._age(kept) < KEYS_FRESH_SECONDS:
            return kept.keys
        return self._renewed(kept, wait=not known).keys

    def logout_url(self, *, back: str) -> str | None:
        """Where a person can log out of the provider (OpenID Connect RP-Initiated Logout 1.0).

        The ID token is no hint there, since it would stand in the URL: the provider asks the person instead.
        """
        try:
            url = self._known().metadata.get("end_session_endpoint")
        except ProviderUnreachable:
            return None
        if not isinstance(url, str) or not is_safe_url(url):
            return None
        query = {"client_id": self._issuer.client_id, "post_logout_redirect_uri": back}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"

    def _endpoint(self, name: str) -> str:
        url = self._known().metadata.get(name)
        if not isinstance(url, str) or not is_safe_url(url):
            raise ProviderUnreachable
        return url

    def _method(self) -> str:
        """How the client authenticates: by header unless the provider knows only the form (RFC 6749, section 2.3.1)."""
        methods = self._known().metadata.get("token_endpoint_auth_methods_supported")
        only_form = isinstance(methods, list) and "client_secret_basic" not in methods
        return "client_secret_post" if only_form else "client_secret_basic"

    def _known(self) -> Kept:
        kept = self._kept
        return kept if kept and self._age(kept) < KEYS_FRESH_SECONDS else self._renewed(kept)

    def _renewed(self, seen: Kept | None, *, wait: bool = True) -> Kept:
        """Ask again, one thread at a time and not too often; what is kept serves as long as it may.

        Who does not have to ``wait`` goes on with what was seen while another thread asks.
        """
        if not self._lock.acquire(blocking=wait or seen is None):
            return cast("Kept", seen)
        try:
            if self._kept is seen and self._may_ask():
                self._try()
            if self._kept is None:
                raise ProviderUnreachable
            return self._kept
        finally:
            self._lock.release()

    def _try(self) -> None:
        self._tried = self._clock.monotonic()
        try:
            self._kept = self._ask()
        except ProviderUnreachable:
            if self._kept is not None and self._age(self._kept) >= KEYS_LAST_SECONDS:
                self._kept = None

    def _may_ask(self) -> bool:
        return self._tried is None or self._clock.monotonic() >= self._tried + PAUSE_SECONDS

    def _age(self, kept: Kept) -> float:
        return self._clock.monotonic() - kept.at

    def _ask(self) -> Kept:
        """Discovery: the document must name this very issuer (OpenID Connect Discovery 1.0, section 4.3)."""
        metadata = _object(self._send("GET", self._issuer.url.rstrip("/") + WELL_KNOWN))
        where = metadata.get("jwks_uri")
        if metadata.get("issuer") != self._issuer.url or not isinstance(where, str):
            raise ProviderUnreachable
        try:
            keys = read_issuer_keys(_object(self._send("GET", where)))
        except TokenRejected as error:
            raise ProviderUnreachable from error
        return Kept(metadata, keys, self._clock.monotonic())

    def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        if not is_safe_url(url):
            raise ProviderUnreachable
        try:
            response = self._http.request(method, url, **more)
        except httpx.HTTPError as error:
            raise ProviderUnreachable from error
        if response.status_code >= 500 or response.is_redirect:
            raise ProviderUnreachable
        return response


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json() if response.status_code == httpx.codes.OK else None
    except ValueError as error:
        raise ProviderUnreachable from error
    if not isinstance(found, dict):
        raise ProviderUnreachable
    return found
