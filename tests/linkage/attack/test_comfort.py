"""What gives false comfort is said: by every step, by sparse filters, by salts of few values; else nothing."""

import pytest

from linkage.attack.comfort import comforts, comforts_of
from linkage.attack.leakage import leakage
from linkage.attack.twin import encoded, make_twin
from linkage.attack.variations import thinned
from linkage.harden import false_comforts
from linkage.schema import LinkageSchema, RandomizedResponse, load, parse
from tests.linkage.attack.encodings import Step, composite, salted_by_year

FALSE: list[Step] = [
    {"name": "diffusion", "t": 4},
    {"name": "permutation"},
    {"name": "balance"},
    {"name": "java-balance", "length": 500},
    {"name": "fold", "parts": 2},
    {"name": "rule-90"},
    {"name": "randomized-response", "flip": 0.05},
]


@pytest.mark.parametrize("step", FALSE, ids=lambda step: str(step["name"]))
def test_every_step_that_gives_false_comfort_is_named(step: Step) -> None:
    schema = composite(10, steps=[step])
    assert [line.partition(":")[0] for line in false_comforts(schema)] == [step["name"]]
    assert false_comforts(schema)[0] in comforts(schema, None, {})


def test_every_step_of_a_list_is_named_once() -> None:
    found = false_comforts(composite(10, steps=[*FALSE[:3], FALSE[1], *FALSE[4:]]))
    assert [line.partition(":")[0] for line in found] == sorted(
        str(step["name"]) for step in (*FALSE[:3], *FALSE[4:])
    )


@pytest.mark.parametrize(
    "before", [[], [{"name": "balance"}], [{"name": "fold", "parts": 2}]], ids=str
)
def test_epsilon_is_told_for_a_bit_and_for_the_filter_the_noise_is_put_on(
    before: list[Step],
) -> None:
    step = RandomizedResponse(0.1)
    found = false_comforts(composite(10, steps=[*before, {"name": step.name, "flip": step.flip}]))
    line = next(line for line in found if line.startswith(step.name))
    bits = {(): 1024, ("balance",): 2048, ("fold",): 512}[tuple(str(one["name"]) for one in before)]
    assert f"epsilon is {step.epsilon_per_bit:.2f} for one bit" in line
    assert f"up to {step.epsilon(bits):,.0f} for a filter of {bits:,} bits" in line


def test_diffusion_gives_false_comfort_on_sparse_filters_and_with_many_records() -> None:
    for schema, n, told in (
        (composite(10, 10), 2000, False),
        (composite(3, 10), 2000, True),
        (composite(10, 10), 100_000, True),
        (composite(32, 10), 100_000, False),
    ):
        found = comforts(schema, leakage(schema, n), {})
        assert [line.startswith("diffusion: filter record has") for line in found] == [True] * told


def test_a_view_without_diffusion_does_not_speak_for_those_with_it() -> None:
    document = load("views").document
    views = document["views"]
    assert isinstance(views, list)
    first, *others = ({**view, "hardening": [{"name": "diffusion", "t": 32}]} for view in views)
    mixed = parse({**document, "views": [{**first, "hardening": []}, *others]})
    assert comforts(mixed, leakage(mixed, 10_000), {}) == []


def test_salts_that_many_records_share_are_named_unless_thinned() -> None:
    by_year = salted_by_year(10)
    largest = {"token year": 200}
    assert comforts(by_year, None, largest) == [
        "salt of year: 200 records share one, and fall as if it were none"
    ]
    assert comforts(by_year, None, {"token year": 199}) == []
    assert comforts(thinned(by_year, thin=True), None, largest) == []


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (salted_by_year(10), "salt of year"),
        (composite(3, 10), "diffusion: filter record has"),
        (composite(32, 10), ""),
        (load("salted"), ""),
    ],
    ids=lambda value: value.name if isinstance(value, LinkageSchema) else value or "nothing",
)
def test_encodings_are_judged_by_what_they_are(schema: LinkageSchema, told: str) -> None:
    twin = make_twin(schema, 5000 if schema.name == "salted-by-year" else 500, 0.0, seed=1)
    found = comforts_of(encoded(twin.target, schema, seed=1, side="target"))
    assert [line[: len(told)] for line in found] == [told] * bool(told)


def test_columns_nobody_can_make_up_leave_the_steps_themselves() -> None:
    fields = [{"name": "shoe", "kind": "number", "tokens": {"type": "whole"}, "bits_per_token": 3}]
    strange = parse(
        {**composite(3).document, "fields": fields, "hardening": [{"name": "diffusion", "t": 4}]}
    )
    table = make_twin(composite(3), 5, 0.0, seed=1).target
    worn = type(table)(table.source, table.record_ids, {"shoe": ["41"] * 5})
    assert comforts_of(encoded(worn, strange, seed=1, side="target")) == false_comforts(strange)
