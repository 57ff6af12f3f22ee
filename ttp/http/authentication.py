"""Authentication of callers: an API key (Bearer, or password of HTTP Basic), or a token of an identity provider.

Every request is authenticated anew. Those that come at once with the same credentials are one question, which is asked
after each of them arrived: what changed before a request was sent counts for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from flask import Flask, current_app, g, request
from werkzeug.datastructures import Authorization

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import NotAuthenticated
from ttp.core.providers import Providers
from ttp.http.center import the_center, the_providers
from ttp.http.gathering import Gathering
from ttp.services.access.admit_client import authenticate_client
from ttp.services.access.authenticate_token import authenticate_token, is_token

_KEY = "ttp.authentication"


class Credentials(NamedTuple):
    """What a caller gives: the scheme (``bearer``, ``basic``), the name of HTTP Basic, and the secret."""

    scheme: str
    name: str | None
    secret: str | None


Questions = Gathering[Credentials, Authorization, Actor]


def register_authentication(app: Flask) -> None:
    """Let requests of this application that come at once with the same credentials be one question."""
    app.extensions[_KEY] = Questions()


def calling_actor() -> Actor:
    """The client or person that sends this request.

    Raises:
        NotAuthenticated: no credentials, or not those of anybody who has access.
        ProviderUnreachable: a token cannot be judged, since its issuer's keys cannot be had.
    """
    given = given_authorization()
    questions = cast("Questions", current_app.extensions[_KEY])
    actor = questions.ask(credentials_of(given), given, _authenticated)
    g.actor_name = actor.name
    return actor


def given_authorization() -> Authorization:
    """The ``Authorization`` of this request. Raises NotAuthenticated: it has none."""
    given = request.authorization
    if given is None:
        raise NotAuthenticated
    return given


def credentials_of(given: Authorization) -> Credentials:
    """What requests of the same caller have in common."""
    secret = given.token if given.type == "bearer" else given.password
    return Credentials(given.type, given.username, secret)


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


def _authenticated(_credentials: Credentials, given: Sequence[Authorization]) -> list[Actor]:
    """Who all of them are: their credentials are the same."""
    return [actor_of(the_center(), the_providers(), given[0])] * len(given)
