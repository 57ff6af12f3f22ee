"""The OpenAPI document is valid and complete, and every answer is one that it describes, whatever is asked.

Requests are made from the document: its examples, the edges of its schemas, and at random, what fits and what
contradicts it. Callers are those who may do the operation, and nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from pydantic import BaseModel
from schemathesis import engine
from schemathesis.engine import events

from tests.access.world import make_project
from tests.api.simulated_provider import SimulatedProvider
from tests.builders import bearer, make_center, make_domain, make_http, make_key
from tests.scale import scaled
from ttp.app import create_app
from ttp.core.access import ROLE_RIGHTS, Role
from ttp.http.problems import PROBLEM
from ttp.http.rights import NEEDS, Door

_LED = ("activate", "freeze", "retire")
"""Operations that end what others need; they have a domain of their own."""

_KNOWN = {"domain": ["diz", "many"], "project": ["herz"]}
_OFF = (
    "ignored_auth",
    "positive_data_acceptance",
    "negative_data_rejection",
    "ensure_resource_availability",
)
"""Nobody has a test of their own; rules that no schema can state, and errors in the place of items, are ours; what is
asked for comes to be when a second person agrees, and not before."""


class Described:
    """A center with domains of each kind and a project, its application, and the operations of its document."""

    def __init__(self, home: Any) -> None:
        provider = SimulatedProvider()
        self.center = make_center(home)
        make_domain(self.center, "diz", deletable=True)
        make_domain(self.center, "many", multi=True)
        make_domain(self.center, "led")
        make_project(self.center, "herz")
        self.pipeline = make_key(self.center, "diz", "many")
        self.steward = provider.token(self.center, Role.STEWARD)
        self.app = create_app(self.center, providers={"haus": provider})  # type: ignore[dict-item] # only its keys are asked
        self.document = make_http(self.center).get("/openapi.json").get_json()

    def operations(self) -> Iterator[tuple[str, Mapping[str, Any], str]]:
        """Name, description and endpoint of each operation."""
        endpoints = dict(_endpoints(self.app))
        for path, methods in self.document["paths"].items():
            for method, described in methods.items():
                name = f"{method.upper()} {path}"
                yield name, described, endpoints[name]

    def run(self, **settings: Any) -> list[tuple[str, Any, Any]]:
        """Send what these settings of the generator make: operation, answer and failed checks of each request."""
        checks = {name: {"enabled": False} for name in _OFF}
        config = {
            "checks": checks,
            "continue-on-failure": True,
            "dictionaries": {name: {"values": values} for name, values in _KNOWN.items()},
            "parameters": {f"path.{name}": {"dictionary": name} for name in _KNOWN},
            "suppress-health-check": ["all"],
            **settings,
        }
        read = schemathesis.Config.from_dict(config)
        schema = schemathesis.openapi.from_wsgi("/openapi.json", self.app, config=read)
        return [found for event in engine.from_schema(schema).execute() for found in _sent(event)]


def _endpoints(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        yield from ((f"{method} {path}", rule.endpoint) for method in rule.methods or ())


def _sent(event: Any) -> Iterator[tuple[str, Any, Any]]:
    assert not isinstance(event, events.NonFatalError | events.FatalError), event
    if not isinstance(event, events.ScenarioFinished):
        return
    for case, interaction in event.recorder.interactions.items():
        failed = [
            f"{check.name}: {check.failure_info.failure.message}"
            for check in event.recorder.checks.get(case, ())
            if check.failure_info is not None
        ]
        yield event.recorder.cases[case].value.operation.label, interaction.response, failed


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Described:
    return Described(tmp_path_factory.mktemp("openapi"))


def test_every_answer_is_one_that_the_document_describes(described: Described) -> None:
    pipeline, right = ROLE_RIGHTS[Role.PIPELINE], {}
    for name, _, endpoint in described.operations():
        right[name] = NEEDS[endpoint].right
    persons = [name for name, one in right.items() if one not in pipeline | {None}]
    persons += [name for name in right if "/approvals" in name]
    led = [name for name in right if name.rpartition("/")[2] in _LED]
    sent = described.run(
        headers=bearer(described.pipeline),
        operations=[
            {"include-name": led, "parameters": {"path.domain": "led"}},
            {"include-name": persons, "headers": bearer(described.steward)},
        ],
        generation={"max-examples": scaled(3, least=3)},
        phases={
            "coverage": {"unexpected-methods": [], "generate-duplicate-query-parameters": False},
            "stateful": {"enabled": scaled(10) > 10},
        },
    )
    assert {name for name, _, _ in sent} == right.keys()
    assert not {f"{name}: {why}" for name, _, failed in sent for why in failed}
    assert not {name for name, answer, _ in sent if _is_no_problem(answer)}


def test_nobody_is_answered_without_credentials(described: Described) -> None:
    """The same requests without a key: 401, as described, but for what is open to everybody."""
    sent = described.run(
        generation={"max-examples": 1, "mode": "positive"},
        phases={"coverage": {"enabled": False}, "stateful": {"enabled": False}},
    )
    doors = {name: NEEDS[endpoint].door for name, _, endpoint in described.operations()}
    assert not {f"{name}: {why}" for name, _, failed in sent for why in failed}
    wrong = {
        (name, answer.status_code)
        for name, answer, _ in sent
        if doors[name] is not Door.OPEN and answer.status_code not in {401, 422}
    }
    assert not wrong
    assert {name for name, answer, _ in sent if answer.status_code == 401} == {
        name for name, door in doors.items() if door is not Door.OPEN
    }


def _is_no_problem(answer: Any) -> bool:
    """Whether a refusal is no problem document."""
    kind = answer.headers["content-type"][0]
    return bool(answer.status_code >= 400 and kind != PROBLEM)


def test_every_refusal_is_described_as_a_problem(described: Described) -> None:
    for name, operation, _ in described.operations():
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == [PROBLEM], (name, status)


def test_every_operation_describes_what_it_answers_when_it_succeeds(described: Described) -> None:
    for name, operation, _ in described.operations():
        succeeding = [one for status, one in operation["responses"].items() if status < "300"]
        assert succeeding, name
        assert all("schema" in next(iter(one["content"].values())) for one in succeeding), name


def test_every_route_of_the_api_is_described(described: Described) -> None:
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in described.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert routes == {path for path in described.document["paths"] if path.startswith("/api/v1/")}


def test_the_document_is_openapi_3_1(described: Described) -> None:
    assert described.document["openapi"].startswith("3.1")


def test_no_two_bodies_or_answers_share_a_name() -> None:
    """The document has one name for each; of two that share one, the later would describe both."""
    names: dict[str, str] = {}
    for kind in _models(BaseModel):
        if kind.__module__.startswith("ttp.api.") and not kind.__name__.endswith(("Path", "Query")):
            assert names.setdefault(kind.__name__, kind.__module__) == kind.__module__


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _models(one)
