"""Authentication of callers: an API key (Bearer, or password of HTTP Basic), or a token of an identity provider."""

from __future__ import annotations

from flask import g, request

from ttp.core.access import Actor
from ttp.core.errors import NotAuthenticated
from ttp.http.center import the_center
from ttp.services.admit_client import authenticate_client


def calling_actor() -> Actor:
    """The client or person that sends this request.

    Raises:
        NotAuthenticated: no credentials, or not those of anybody who has access.
    """
    api_key = _api_key()
    actor = authenticate_client(the_center(), api_key=api_key)
    basic = request.authorization
    if basic is not None and basic.type == "basic" and basic.username != actor.name:
        raise NotAuthenticated
    g.actor_name = actor.name
    return actor


def _api_key() -> str:
    credentials = request.authorization
    if credentials is None:
        raise NotAuthenticated
    key = credentials.token if credentials.type == "bearer" else credentials.password
    if not key or not key.isascii():
        raise NotAuthenticated
    return key
