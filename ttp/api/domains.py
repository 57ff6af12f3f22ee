"""Domains over JSON: make, list, show, count and change them, and lead them through their life."""

from __future__ import annotations

from datetime import datetime

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import AwareDatetime, BaseModel, Field

from ttp.api.bodies import Body, ItemError, answer, problems
from ttp.api.domain_bodies import (
    ChangeBody,
    DomainEntry,
    NewDomainBody,
    StatisticsEntry,
    entry_of,
    statistics_of,
)
from ttp.core.access import Actor
from ttp.core.domain_policy import LifeCycle
from ttp.core.domains import MOST_A_PAGE, DomainFilter, DomainKind
from ttp.core.errors import TTPError
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import MAXIMAL_ITEMS
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center
from ttp.http.idempotency import answer_once
from ttp.services.domains.create_domain import create_domain
from ttp.services.domains.lead_domain import change_domain, lead_domain
from ttp.services.domains.read_domains import count_domain, show_domain
from ttp.services.domains.read_domains import list_domains as read_page
from ttp.services.pseudonyms.keep_validity import limit_pseudonyms

api = APIBlueprint(
    "domains",
    __name__,
    url_prefix="/api/v1/domains",
    abp_tags=[Tag(name="domains")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 422, 503),
)


class DomainPath(BaseModel):
    """One domain."""

    domain: str


class DomainQuery(BaseModel):
    """Which domains, by name."""

    state: LifeCycle | None = None
    kind: DomainKind | None = None
    text: str = Field("", max_length=255, description="part of a name, label or owner")
    after: str = Field("", max_length=63, description="the last one of the page before")
    limit: int = Field(100, ge=1, le=MOST_A_PAGE)


class DomainList(BaseModel):
    """Some domains of the calling client, by name. ``after`` names the next page."""

    domains: list[DomainEntry]
    after: str | None


class LimitBody(Body):
    """Until when pseudonyms are valid."""

    pseudonyms: list[str] = Field(max_length=MAXIMAL_ITEMS)
    valid_until: AwareDatetime | None = Field(
        None, strict=False, description="a time in the future; left out: without end"
    )


class LimitAnswer(BaseModel):
    """The pseudonyms in the order asked, an error in the place of each that was not limited."""

    pseudonyms: list[str | ItemError]


@api.get("", responses={200: DomainList}, summary="List the caller's domains")
def list_domains(query: DomainQuery) -> Response:
    """Answer with the domains the calling client may work in; ``half_full`` warns."""
    actor = calling_actor()
    wanted = DomainFilter(query.state, query.kind, query.text, after=query.after)
    page = read(lambda tx: read_page(tx, actor, wanted, limit=query.limit))
    return answer({"domains": [entry_of(one) for one in page.domains], "after": page.after})


@api.post("", responses={200: DomainEntry}, summary="Make a domain")
def make_domain(body: NewDomainBody) -> Response:
    """Make a domain, active or as a draft."""
    actor = calling_actor()

    def step(tx: Transaction) -> bytes:
        made = create_domain(the_center(), tx, actor, body.new())
        return _shown(tx, actor, made.name)

    return answer_once(actor, step)


@api.get("/<string:domain>", responses={200: DomainEntry}, summary="Show a domain")
def show_one(path: DomainPath) -> Response:
    """Answer with one domain of the caller, by name or alias."""
    actor = calling_actor()
    return answer(entry_of(read(lambda tx: show_domain(tx, actor, domain=path.domain))))


@api.get("/<string:domain>/statistics", responses={200: StatisticsEntry}, summary="Count a domain")
def count_one(path: DomainPath) -> Response:
    """Answer with what the domain has issued and what became of it; every pseudonym is counted."""
    actor = calling_actor()
    return answer(statistics_of(*read(lambda tx: count_domain(tx, actor, domain=path.domain))))


@api.post("/<string:domain>/change", responses={200: DomainEntry}, summary="Change a domain")
def change_one(path: DomainPath, body: ChangeBody) -> Response:
    """Change the description, or the form of a draft. Another policy is asked for under approvals."""
    actor = calling_actor()
    about = body.about.about() if body.about else None
    form = body.form.form() if body.form else None

    def step(tx: Transaction) -> bytes:
        center = the_center()
        changed = change_domain(center, tx, actor, domain=path.domain, about=about, form=form)
        return _shown(tx, actor, changed.name)

    return answer_once(actor, step)


@api.post("/<string:domain>/activate", responses={200: DomainEntry}, summary="Activate a domain")
def activate(path: DomainPath) -> Response:
    """Let a draft or frozen domain issue pseudonyms."""
    return _lead(path, LifeCycle.ACTIVE)


@api.post("/<string:domain>/freeze", responses={200: DomainEntry}, summary="Freeze a domain")
def freeze(path: DomainPath) -> Response:
    """Let a domain only be read, until it is activated again."""
    return _lead(path, LifeCycle.FROZEN)


@api.post("/<string:domain>/retire", responses={200: DomainEntry}, summary="Retire a domain")
def retire(path: DomainPath) -> Response:
    """End a domain for good: only anonymizing and deleting go on."""
    return _lead(path, LifeCycle.RETIRED)


@api.post("/<string:domain>/validity", responses={200: LimitAnswer}, summary="Limit pseudonyms")
def limit(path: DomainPath, body: LimitBody) -> Response:
    """Store until when single pseudonyms are valid, whatever the domain's policy says."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _limit(tx, actor, path, body, body.valid_until))


def _limit(
    tx: Transaction, actor: Actor, path: DomainPath, body: LimitBody, until: datetime | None
) -> bytes:
    found = limit_pseudonyms(
        the_center(), tx, actor, domain_name=path.domain, pseudonyms=body.pseudonyms, until=until
    )
    items = [
        {"code": one.code, "detail": one.detail} if isinstance(one, TTPError) else one
        for one in found
    ]
    return orjson.dumps({"pseudonyms": items})


def _lead(path: DomainPath, to: LifeCycle) -> Response:
    actor = calling_actor()

    def step(tx: Transaction) -> bytes:
        led = lead_domain(the_center(), tx, actor, domain=path.domain, to=to)
        return _shown(tx, actor, led.name)

    return answer_once(actor, step)


def _shown(tx: Transaction, actor: Actor, name: str) -> bytes:
    return orjson.dumps(entry_of(show_domain(tx, actor, domain=name)))
