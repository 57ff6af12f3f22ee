"""No route is open by accident: every route × every caller × own and foreign place, against the declared rights.

Allowed means that the request got past authentication and authorization: what it is then told about its content does
not matter here. Whoever was refused changed nothing, and the refusal was counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.access.requests import Request, fhir_request, request_for
from tests.access.world import FOREIGN, OWN, Caller, World
from ttp.app import create_app
from ttp.core.access import ROLE_RIGHTS, STAFF_ROLES, Right, Role
from ttp.http.rights import FHIR_OPERATIONS, NEEDS, Door, Needs, Place
from ttp.pages.routing import PAGES

UNHEARD = {
    "invalid-field",
    "malformed-body",
    "resource-invalid",
    "method-not-allowed",
    "unsupported-media-type",
}
"""Codes of answers that may come before authorization was asked: an example that gets one proves nothing."""

SHADOWED = {("fhir.other", "POST")}
"""Never reached: another route has the path with this method."""

SAMPLE = ("pseudonyms.issue", "linkage-tasks.submit", "audit.checkpoint", "federation.evidence")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("matrix"))


@pytest.fixture(scope="module")
def app(world: World) -> Flask:
    return create_app(world.center)


def _rules(app: Flask, endpoint: str) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules(endpoint):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (endpoint, method) not in SHADOWED:
                yield rule, method


def _heard(world: World, caller: Caller, request: Request) -> str:
    """``401``, ``403`` or ``allowed``; anything that is no answer to the question fails here."""
    response = caller.ask(world.http, request)
    if response.status_code in {401, 403}:
        return str(response.status_code)
    told = response.get_json(silent=True) or {}
    issue = (told.get("issue") or [{}])[0]
    code = told.get("code") or issue.get("details", {}).get("coding", [{}])[0].get("code")
    assert response.status_code < 500, (caller.name, request.path, response.status_code)
    return "allowed" if code not in UNHEARD else f"unheard: {code} {response.text[:200]}"


def _check(world: World, needs: Needs, request: Request, place: str) -> None:
    wanted = {caller.name: caller.expected(needs, place) for caller in world.callers}
    refused = [caller for caller in world.callers if wanted[caller.name] != "allowed"]
    before, counted = world.snapshot(), world.refusals()
    got = {caller.name: _heard(world, caller, request) for caller in refused}
    assert got == {caller.name: wanted[caller.name] for caller in refused}
    assert world.snapshot() == before
    assert world.refusals() >= counted + len(refused)
    for caller in world.callers:
        if caller not in refused:
            heard = _heard(world, caller, request)
            peer = needs.door is Door.SIGNED and heard.startswith("unheard: invalid-field")
            got[caller.name] = (
                "allowed" if peer else heard
            )  # a signature is checked before the body
    assert got == wanted


def _places(needs: Needs) -> tuple[str, ...]:
    return (OWN,) if needs.place is None else (OWN, FOREIGN)


def test_every_route_is_declared_and_no_other(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    pages = {f"pages.{one.endpoint}" for one in PAGES} | {"pages.static_file"}
    assert routes == set(NEEDS) | pages


@pytest.mark.parametrize("endpoint", sorted(set(NEEDS) - {"fhir.operation"}))
def test_a_route_answers_those_who_have_its_right(endpoint: str, world: World, app: Flask) -> None:
    schema = app.test_client().get("/openapi.json").get_json()
    needs = NEEDS[endpoint]
    for rule, method in _rules(app, endpoint):
        for place in _places(needs):
            _check(world, needs, request_for(app, schema, rule, method, place), place)


@pytest.mark.parametrize("operation", sorted(FHIR_OPERATIONS))
def test_an_operation_answers_those_who_have_its_right(operation: str, world: World) -> None:
    for place in (OWN, FOREIGN):
        _check(world, FHIR_OPERATIONS[operation], fhir_request(operation, place), place)


def test_no_key_and_no_signature_opens_a_page(world: World) -> None:
    outside = [one for one in world.callers if one.name != "cookie"]
    for page in (one for one in PAGES if not one.public and "<" not in one.rule):
        for caller in outside:
            response = caller.ask(world.http, Request(page.method, page.rule))
            assert (response.status_code, response.headers["Location"][:6]) == (303, "/login")


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_a_person_of_any_role_is_nobody_to_programs(role: Role, world: World) -> None:
    for path in ("/api/v1/domains", "/api/v1/audit/checkpoint"):
        assert world.browsers[role].get(path).status_code == 401


def test_the_matrix_knows_every_right_that_programs_have() -> None:
    declared = {one.right for one in (*NEEDS.values(), *FHIR_OPERATIONS.values())}
    clients = {right for role in (Role.PIPELINE, Role.SITE) for right in ROLE_RIGHTS[role]}
    assert clients <= declared
    assert Right.LOOKUP in declared
    assert {one.place for one in NEEDS.values()} == {None, *Place}


@pytest.mark.postgres
def test_a_sample_of_the_matrix_holds_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    world = World(tmp_path, postgres_database)
    app = create_app(world.center)
    schema = app.test_client().get("/openapi.json").get_json()
    for endpoint in SAMPLE:
        for rule, method in _rules(app, endpoint):
            for place in _places(NEEDS[endpoint]):
                request = request_for(app, schema, rule, method, place)
                _check(world, NEEDS[endpoint], request, place)
