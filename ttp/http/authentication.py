"""Authentication of callers: an API key (Bearer, or password of HTTP Basic), or a token of an identity provider."""

from __future__ import annotations

from flask import g, request

from ttp.core.access import Actor
from ttp.core.errors import NotAuthenticated
from ttp.http.center import the_center, the_providers
from ttp.services.admit_client import authenticate_client
from ttp.services.authenticate_token import authenticate_token, is_token


def calling_actor() -> Actor:
    """The client or person that sends this request.

    Raises:
        NotAuthenticated: no credentials, or not those of anybody who has access.
        ProviderUnreachable: a token cannot be judged, since its issuer's keys cannot be had.
    """
    given = request.authorization
    if given is None:
        raise NotAuthenticated
    credential = given.token if given.type == "bearer" else given.password
    if not credential or not credential.isascii():
        raise NotAuthenticated
    actor = _bearer(credential) if given.type == "bearer" else _keeper(credential)
    if given.type == "basic" and given.username != actor.name:
        raise NotAuthenticated
    g.actor_name = actor.name
    return actor


def _bearer(credential: str) -> Actor:
    if is_token(credential):
        return authenticate_token(the_center(), the_providers(), token=credential)
    return _keeper(credential)


def _keeper(api_key: str) -> Actor:
    return authenticate_client(the_center(), api_key=api_key)
