"""Domains over JSON: what a client may work in, and the form of the pseudonyms there."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from ttp.api.bodies import Problem, answer
from ttp.core.domains import Domain
from ttp.http.authentication import calling_actor
from ttp.http.center import read

api = APIBlueprint(
    "domains",
    __name__,
    url_prefix="/api/v1/domains",
    abp_tags=[Tag(name="domains")],
    abp_security=[{"apiKey": []}],
    abp_responses=dict.fromkeys((401, 503), Problem),
)


class DomainEntry(BaseModel):
    """A domain and the form of its pseudonyms."""

    name: str
    kind: str
    multi: bool
    prefix: str
    alphabet: str
    length: int
    check_character: bool


class DomainList(BaseModel):
    """The domains of the calling client, by name."""

    domains: list[DomainEntry]


@api.get("", responses={200: DomainList}, summary="List the caller's domains")
def list_domains() -> Response:
    """Answer with the domains the calling client may work in."""
    actor = calling_actor()
    domains = read(lambda tx: tx.domains.all())
    mine = [domain for domain in domains if actor.domains is None or domain.name in actor.domains]
    return answer({"domains": [_entry(domain) for domain in mine]})


def _entry(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "kind": domain.kind.value,
        "multi": domain.multi,
        "prefix": domain.form.prefix,
        "alphabet": domain.form.alphabet,
        "length": domain.form.length,
        "check_character": domain.form.check,
    }
