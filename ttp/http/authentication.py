"""Authentication of callers: an API key (Bearer, or password of HTTP Basic), or a token of an identity provider."""

from __future__ import annotations

from flask import g, request
from werkzeug.datastructures import Authorization

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import NotAuthenticated
from ttp.core.providers import Providers
from ttp.http.center import the_center, the_providers
from ttp.services.admit_client import authenticate_client
from ttp.services.authenticate_token import authenticate_token, is_token


def calling_actor() -> Actor:
    """The client or person that sends this request.

    Raises:
        NotAuthenticated: no credentials, or not those of anybody who has access.
        ProviderUnreachable: a token cannot be judged, since its issuer's keys cannot be had.
    """
    actor = actor_of(the_center(), the_providers(), request.authorization)
    g.actor_name = actor.name
    return actor


def actor_of(center: Center, providers: Providers, given: Authorization | None) -> Actor:
    """The client or person whose ``Authorization`` this is; for doors that are not HTTP.

    Raises:
        NotAuthenticated, ProviderUnreachable: as ``calling_actor``.
    """
    if given is None:
        raise NotAuthenticated
    credential = given.token if given.type == "bearer" else given.password
    if not credential or not credential.isascii():
        raise NotAuthenticated
    if given.type == "bearer" and is_token(credential):
        return authenticate_token(center, providers, token=credential)
    actor = authenticate_client(center, api_key=credential)
    if given.type == "basic" and given.username != actor.name:
        raise NotAuthenticated
    return actor
