"""Layouts of several filters, and the published form of all schemas: strict, and complete in what it says."""

import json
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest

from linkage import schema
from linkage.errors import SchemaInvalid
from linkage.schema import Diffusion, Layout
from linkage.schema.json_schema import json_schema
from tests.linkage.vectors import read

FORM = jsonschema_rs.validator_for(json_schema())
LAYOUT_DEFECTS = read("schema/layout_defects.json")
DEFECTS = read("schema/defects.json")
BEYOND_FORM = {
    "clkhash key space not listed",
    "exact token twice",
    "column of two kinds",
    "bits for an unknown filter",
}
"""Defects of one part against another, which JSON Schema cannot express."""


def changed(target: dict[str, Any], change: dict[str, Any]) -> None:
    """Set and drop keys."""
    target.update(change.get("set", {}))
    if "drop" in change:
        del target[change["drop"]]


def broken(defect: str) -> dict[str, Any]:
    """A shipped document with one defect."""
    case = LAYOUT_DEFECTS[defect]
    document: dict[str, Any] = json.loads(json.dumps(schema.load(case["base"]).document))
    changed(document, case)
    views = document[case["base"]]
    if "view" in case:
        changed(views[0], case["view"])
    if "field" in case:
        changed(views[0]["fields"][0], case["field"])
    if "block" in case:
        changed(document["blocks"][0], case["block"])
    if "twice" in case:
        views.append(views[0])
    return document


def small(defect: str) -> dict[str, Any]:
    """The small document with one defect."""
    document: dict[str, Any] = read("schema/small.json")
    changed(document, DEFECTS[defect])
    if "field" in DEFECTS[defect]:
        changed(document["fields"][0], DEFECTS[defect]["field"])
    return document


@pytest.mark.parametrize("defect", LAYOUT_DEFECTS)
def test_a_defect_of_a_layout_is_refused_where_it_is(defect: str) -> None:
    with pytest.raises(SchemaInvalid) as refusal:
        schema.parse(broken(defect))
    assert refusal.value.path == LAYOUT_DEFECTS[defect]["path"]


@pytest.mark.parametrize("defect", LAYOUT_DEFECTS)
def test_the_published_form_refuses_a_defect_of_a_layout(defect: str) -> None:
    beyond = LAYOUT_DEFECTS[defect].get("beyond JSON Schema", False)
    assert FORM.is_valid(broken(defect)) == beyond


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_published_form_refuses_what_the_reader_refuses(defect: str) -> None:
    assert FORM.is_valid(small(defect)) == (defect in BEYOND_FORM)


@pytest.mark.parametrize("name", schema.shipped())
def test_the_published_form_accepts_every_shipped_schema(name: str) -> None:
    text = resources.files("linkage").joinpath("schemas", f"{name}.json").read_text("utf-8")
    assert FORM.is_valid(json.loads(text))
    assert FORM.is_valid(schema.load(name).document)


def test_the_published_form_is_that_of_this_version() -> None:
    folder = resources.files("linkage").joinpath("schemas")
    text = folder.joinpath("linkage-schema-v1.schema.json").read_text("utf-8")
    assert json.loads(text) == json_schema()


def test_a_view_has_its_own_length_and_hardening_where_it_says_so() -> None:
    document: Any = json.loads(json.dumps(schema.load("views").document))
    document["views"][0] |= {"bits": 2048, "hardening": [{"name": "diffusion", "t": 12}]}
    loaded = schema.parse(document)
    assert loaded.filters["nd"] == 2048
    assert loaded.hardening_of("nd") == (Diffusion(12),)
    assert loaded.hardening_of("gd") == (Diffusion(10),)


def test_what_a_view_takes_from_the_schema_may_be_written_out() -> None:
    document: Any = json.loads(json.dumps(schema.load("views").document))
    for view in document["views"]:
        del view["bits"], view["hardening"]
    assert schema.parse(document).fingerprint == schema.load("views").fingerprint


def test_the_five_views_are_those_that_were_measured() -> None:
    views = schema.load("views")
    assert views.layout is Layout.VIEWS
    assert views.filters == dict.fromkeys(["nd", "gd", "sd", "da", "na"], 1024)
    bits = {
        name: [(field.name, field.bits_per_token) for field in views.fields_of(name)]
        for name in views.filters
    }
    assert bits["nd"] == [("given_name", 12), ("surname", 12), ("birth_date", 18)]
    assert bits["da"] == [("birth_date", 14), ("postcode", 10), ("city", 8)]
    assert views.views[3].required == (("birth_date",), ("postcode", "city"))


def test_the_twelve_salted_views_are_thinned_and_hold_all_blocks() -> None:
    salted = schema.load("salted")
    assert len(salted.salted) == 12
    assert all(view.thinned and len(view.blocks) == 5 for view in salted.salted)
    assert sum(salted.filters.values()) == 12 * 5 * 128
    assert salted.tokens[0] == "kvnr"
    assert "sex" in salted.required_columns
