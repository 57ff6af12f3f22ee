"""The OpenAPI document is valid, complete, and no request that it can describe or contradict breaks the service."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from tests.scale import scaled
from ttp.app import create_app
from ttp.core.center import Center

PROBLEMS = ("application/problem+json", "application/fhir+json")


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    """A center with a domain of each kind."""
    center = make_center(tmp_path_factory.mktemp("openapi"))
    make_domain(center, "diz")
    make_domain(center, "many", multi=True)
    return center


@pytest.fixture(scope="module")
def key(center: Center) -> str:
    """The API key of a pipeline that may work in both domains."""
    return make_key(center, "diz", "many")


@pytest.fixture(scope="module")
def described(center: Center) -> Any:
    """The OpenAPI document as the tool for generated requests reads it."""
    return schemathesis.openapi.from_wsgi("/openapi.json", create_app(center))


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_generated_request_breaks_the_service(described: Any, key: str, mode: Any) -> None:
    """What fits the document (positive) and what contradicts it (negative), for every operation."""
    for result in described.get_all_operations():
        operation = result.ok()
        if mode is GenerationMode.POSITIVE or list(operation.body):  # else nothing to contradict
            _try(operation.as_strategy(generation_mode=mode), key)


def _try(requests: Any, key: str) -> None:
    @settings(
        max_examples=scaled(15, least=5), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=requests)
    def answered(case: Any) -> None:
        response = case.call(headers=bearer(key))
        assert response.status_code < 500, (case.method, case.path, response.status_code)
        if response.status_code >= 400:
            assert response.headers["content-type"][0].startswith(PROBLEMS)

    answered()


def test_every_route_of_the_api_is_described(center: Center) -> None:
    app = create_app(center)
    paths = make_http(center).get("/openapi.json").get_json()["paths"]
    routes = {
        rule.rule.replace("<string:", "{")
        .replace("<int:", "{")
        .replace("<uuid:", "{")
        .replace("<", "{")
        .replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert routes == {path for path in paths if path.startswith("/api/v1/")}


def test_the_document_is_openapi_3_1(center: Center) -> None:
    assert make_http(center).get("/openapi.json").get_json()["openapi"].startswith("3.1")
