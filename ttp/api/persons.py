"""Persons over JSON: look up, search, read, history, and which source speaks first; values masked unless revealed."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, answer, problems
from ttp.api.named import NamedRecord, shown
from ttp.core.access import Actor, Right
from ttp.core.identifying_data import FIELDS
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center, write
from ttp.http.idempotency import answer_once
from ttp.services.persons.change_identities import order_sources
from ttp.services.persons.look_up_persons import FoundPerson, look_up_persons, named_person
from ttp.services.persons.read_sources import read_sources
from ttp.services.persons.search_persons import (
    MOST_FOUND,
    FoundRecord,
    search_by_fields,
    search_by_key,
)
from ttp.services.persons.show_history import History, show_history
from ttp.services.persons.show_person import Member, PersonView, show_person

api = APIBlueprint(
    "persons",
    __name__,
    url_prefix="/api/v1/persons",
    abp_tags=[Tag(name="identities")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)


class LookupBody(Body):
    """Name records."""

    asked: list[NamedRecord] = Field(description="at most 1,000")


class ReadBody(Body):
    """Name a person by any of its records."""

    of: NamedRecord
    reveal: str | None = Field(
        None, max_length=500, description="why values are to be shown in clear; stands in the log"
    )


class SearchBody(Body):
    """Search by fields as registration compares them, or by ``system`` (or source) and ``value``."""

    fields: dict[str, str] = Field(default_factory=dict, description=", ".join(FIELDS))
    system: str | None = Field(None, max_length=512)
    value: str | None = Field(None, max_length=200)
    source: str | None = Field(None, max_length=63, description="only records of this source")
    limit: int = Field(25, ge=1, le=MOST_FOUND)
    offset: int = Field(0, ge=0, le=MOST_FOUND)


class SourcesBody(Body):
    """Sources, the most trusted first."""

    order: list[str] = Field(description="at most 200; sources not named come last")


class PersonsAnswer(BaseModel):
    """One entry per item asked, in its order."""

    results: list[dict[str, Any]]


class Document(BaseModel):
    """A person or its history; values masked unless revealed. See docs/identities.md."""

    person: str


class FoundAnswer(BaseModel):
    """Records that fit, best first, masked. ``more``: the offset of the next page, if there is one."""

    results: list[dict[str, Any]]
    more: int | None


class SourcesAnswer(BaseModel):
    """The order that was set, and how many identities each source has."""

    order: list[str]
    sources: dict[str, int]


@api.post("/lookup", responses={200: PersonsAnswer}, summary="Look up persons")
def lookup(body: LookupBody) -> Response:
    """Answer with the persons behind each name: none, one, or several that bear one identifier."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _looked_up(tx, actor, body))


@api.post("/read", responses={200: Document}, summary="Read a person")
def read_person(body: ReadBody) -> Response:
    """Answer with all identities of a person, the preferred one first; it goes on record who looked and why."""
    actor = calling_actor()
    return answer(write(lambda tx: _person(_viewed(tx, actor, body))))


@api.post("/history", responses={200: Document}, summary="Read the history of a person")
def history(body: ReadBody) -> Response:
    """Answer with every version, link, question, decision and change of state there ever was."""
    actor = calling_actor()
    return answer(write(lambda tx: _history(_seen(tx, actor, body))))


@api.post("/search", responses={200: FoundAnswer}, summary="Search persons")
def search(body: SearchBody) -> Response:
    """Answer with the records that fit, masked; searching goes on record."""
    actor = calling_actor()
    found = [one for one in write(lambda tx: _searched(tx, actor, body)) if _is_of(one, body)]
    page, end = found[body.offset : body.offset + body.limit], body.offset + body.limit
    results = [
        {"person": one.person, "source": one.source, "score": one.score}
        | {"data": shown(one.data, revealed=False)}
        for one in page
    ]
    return answer({"results": results, "more": end if len(found) > end else None})


@api.get("/sources", responses={200: SourcesAnswer}, summary="Read the order of sources")
def show_sources() -> Response:
    """Answer with the sources there are, and which of them speak for a person first."""
    actor = calling_actor()
    order, known = read(lambda tx: read_sources(the_center(), tx, actor))
    return answer({"order": order, "sources": known})


@api.post("/sources", responses={200: SourcesAnswer}, summary="Set the order of sources")
def set_sources(body: SourcesBody) -> Response:
    """Say whose records speak for a person, the most trusted source first."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _ordered(tx, actor, body))


def _looked_up(tx: Transaction, actor: Actor, body: LookupBody) -> bytes:
    actor.require(Right.READ_PERSON)
    asked = [one.named() for one in body.asked]
    found = look_up_persons(the_center(), tx, actor, asked=asked)
    return orjson.dumps({"results": [{"persons": list(map(_found, some))} for some in found]})


def _found(one: FoundPerson) -> dict[str, Any]:
    identities = [
        {"identity": each.id, "source": each.source, "state": each.state.value}
        for each in one.identities
    ]
    return {"person": one.person, "identities": identities}


def _viewed(tx: Transaction, actor: Actor, body: ReadBody) -> PersonView:
    center, right = the_center(), Right.READ_PERSON
    actor.require(right)
    person = named_person(center, tx, actor, right, asked=body.of.named())
    return show_person(center, tx, actor, person=person, reason=body.reveal)


def _seen(tx: Transaction, actor: Actor, body: ReadBody) -> History:
    center, right = the_center(), Right.READ_PERSON
    actor.require(right)
    person = named_person(center, tx, actor, right, asked=body.of.named())
    return show_history(center, tx, actor, person=person, reason=body.reveal)


def _searched(tx: Transaction, actor: Actor, body: SearchBody) -> list[FoundRecord]:
    center = the_center()
    if body.system is not None and body.value is not None:
        return search_by_key(center, tx, actor, system=body.system, value=body.value)
    return search_by_fields(center, tx, actor, fields=body.fields)


def _is_of(one: FoundRecord, body: SearchBody) -> bool:
    return body.source is None or one.source == body.source


def _ordered(tx: Transaction, actor: Actor, body: SourcesBody) -> bytes:
    order_sources(the_center(), tx, actor, sources=body.order)
    order, known = read_sources(the_center(), tx, actor)
    return orjson.dumps({"order": order, "sources": known})


def _person(view: PersonView) -> dict[str, Any]:
    return {
        "person": view.person,
        "revealed": view.revealed,
        "identities": [_member(one, revealed=view.revealed) for one in view.members],
        "edges": [
            {
                "pair": edge.pair,
                "kind": edge.kind.value,
                "made_by": edge.made_by,
                "score": edge.score,
                "since": edge.created_at,
                "until": edge.ended_at,
            }
            for edge in view.edges
        ],
        "cases": [{"case": case.id, "state": case.state.value} for case in view.cases],
    }


def _member(one: Member, *, revealed: bool) -> dict[str, Any]:
    return {
        "identity": one.identity,
        "source": one.source,
        "state": one.state.value,
        "version": one.version,
        "since": one.created_at,
        "data": shown(one.data, revealed=revealed) if one.data else None,
    }


def _history(found: History) -> dict[str, Any]:
    revealed = found.view.revealed
    return _person(found.view) | {
        "versions": [
            {"identity": one.identity, "version": one.number, "at": one.at}
            | {"data": shown(one.data, revealed=revealed)}
            for one in found.versions
        ],
        "changes": [
            {
                "identity": one.identity,
                "kind": one.kind.value,
                "reason": one.reason.value if one.reason else None,
                "by": one.by,
                "at": one.at,
            }
            for one in found.changes
        ],
        "decisions": [
            {
                "decision": one.id,
                "verdict": one.verdict.value,
                "by": one.by,
                "at": one.at,
                "undone_at": one.undone.at if one.undone else None,
            }
            for one in found.decisions
        ],
    }
