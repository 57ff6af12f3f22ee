"""Weights of registration: exact sums, symmetric, never less for better agreement; named pairs come out as wished."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.comparators import prepare
from linkage.refusals import ParametersInvalid
from linkage.weighing import (
    Agreement,
    Frequencies,
    Weighed,
    WeighingModel,
    load_model,
    model_from,
    weigh,
)
from linkage.weighing.agreement import FIELDS
from linkage.weighing.learn import Observations, learn
from linkage.weighing.model import BY_VALUE, KIN
from linkage.weighing.names import given_agreement, surname_agreement
from linkage.weighing.weigh import HOUSEHOLD, POPULATION
from tests.linkage.patients import Record, patients

MODEL = load_model()
ANNA: Record = {
    "given_name": "Anna",
    "surname": "Grünwald",
    "birth_date": "1990-05-07",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
}
MATCH, ASK, NO = "match", "ask", "no"


def weighed(first: Record, second: Record, *, records: int = 0) -> Weighed:
    frequencies = Frequencies()
    frequencies.records = records
    found = weigh(prepare(first), prepare(second), frequencies, MODEL)
    assert found is not None
    return found


def wished(total: float) -> str:
    if total >= MODEL.match_at:
        return MATCH
    return ASK if total >= MODEL.possible_at else NO


@given(first=patients(), second=patients())
def test_a_total_is_the_sum_of_its_parts_and_symmetric(first: Record, second: Record) -> None:
    found = weighed(first, second)
    assert found.total == pytest.approx(sum(part.weight for part in found.parts))
    again = weighed(second, first)
    assert again.total == pytest.approx(found.total)
    assert [part.agreement for part in again.parts] == [part.agreement for part in found.parts]


NAMES = st.sampled_from(["Anna", "Anna Maria", "Maria Anna", "Kern-Vogt", "Vogt-Kern", "Vogt"])


@given(
    bearers=st.lists(st.tuples(NAMES, NAMES), max_size=40),
    first=st.tuples(NAMES, NAMES),
    second=st.tuples(NAMES, NAMES),
)
def test_which_record_came_first_decides_nothing(
    bearers: list[tuple[str, str]], first: tuple[str, str], second: tuple[str, str]
) -> None:
    frequencies = Frequencies()
    for name, surname in bearers:
        frequencies.note(prepare(ANNA | {"given_name": name, "surname": surname}))
    one, other = (
        prepare(ANNA | {"given_name": name, "surname": surname})
        for name, surname in (first, second)
    )
    found, turned = (
        weigh(a, b, frequencies, MODEL, at_least=-100) for a, b in ((one, other), (other, one))
    )
    assert found is not None
    assert turned is not None
    assert turned.total == pytest.approx(found.total)


def test_a_double_name_turned_round_is_as_rare_as_the_commoner_order() -> None:
    frequencies = Frequencies()
    anna = prepare(ANNA | {"given_name": "Anna Maria"})
    for _ in range(500):
        frequencies.note(anna)
    turned = prepare(ANNA | {"given_name": "Maria Anna"})
    assert weigh(turned, anna, frequencies, MODEL) == weigh(anna, turned, frequencies, MODEL)
    assert weigh(turned, anna, frequencies, MODEL) == weigh(anna, anna, frequencies, MODEL)


@given(first=patients(), second=patients(), order=st.permutations(list(ANNA)))
def test_the_order_of_fields_does_not_matter(
    first: Record, second: Record, order: list[str]
) -> None:
    turned: Record = {name: first.get(name) for name in (*order, "kvnr")}
    assert weighed(turned, second) == weighed(first, second)


@given(first=patients(), second=patients())
def test_finding_out_early_tells_the_same(first: Record, second: Record) -> None:
    found = weighed(first, second)
    early = weigh(prepare(first), prepare(second), Frequencies(), MODEL, at_least=MODEL.possible_at)
    if found.total >= MODEL.possible_at + 1e-6:
        assert early == found
    elif found.total < MODEL.possible_at - 1e-6:
        assert early is None


@given(first=patients(), second=patients(), field=st.sampled_from(["given_name", "birth_date"]))
def test_a_field_made_equal_never_lowers_the_total(
    first: Record, second: Record, field: str
) -> None:
    if (
        first.get(field)
        and second.get(field)
        and prepare(first).surname
        and prepare(second).surname
    ):
        assert (
            weighed(first, second | {field: first[field]}).total
            >= weighed(first, second).total - 0.01
        )


@given(first=patients(), second=patients())
def test_a_missing_place_adds_nothing(first: Record, second: Record) -> None:
    bare: Record = {"postcode": None, "city": None}
    parts = {part.field: part for part in weighed(first | bare, second).parts}
    assert parts["place"].weight == 0
    assert parts["place"].agreement is Agreement.MISSING


@pytest.mark.parametrize(
    ("what", "changes", "outcome"),
    [
        ("the same record", {}, MATCH),
        ("an umlaut written out", {"surname": "Gruenwald"}, MATCH),
        ("a typing error in the surname", {"surname": "Grünwlad"}, MATCH),
        ("a typing error in the given name", {"given_name": "Ana"}, MATCH),
        ("two typing errors", {"given_name": "Annna", "surname": "Grnwald"}, MATCH),
        ("a second given name", {"given_name": "Anna Sophie"}, MATCH),
        ("a hyphenated second name", {"given_name": "Anna-Sophie"}, MATCH),
        ("day and month exchanged", {"birth_date": "1990-07-05"}, MATCH),
        ("a wrong digit in the date", {"birth_date": "1996-05-07"}, MATCH),
        ("moved within town", {"postcode": "04177"}, MATCH),
        ("moved far", {"postcode": "20095", "city": "Hamburg"}, MATCH),
        ("no address", {"postcode": None, "city": None}, MATCH),
        ("married", {"surname": "Brinkmann"}, MATCH),
        ("married, double name", {"surname": "Brinkmann-Grünwald"}, MATCH),
        ("married and moved", {"surname": "Brinkmann", "postcode": "20095", "city": "Hamburg"}, ASK),
        ("names exchanged", {"given_name": "Grünwald", "surname": "Anna"}, MATCH),
        ("exchanged and mistyped", {"given_name": "Grünwlad", "surname": "Anna"}, MATCH),
        ("a title", {"surname": "Dr. med. Grünwald"}, MATCH),
        ("wrong sex", {"sex": "m"}, MATCH),
        ("a particle", {"surname": "von Grünwald"}, MATCH),
        ("no given name yet", {"given_name": None}, ASK),
        ("a twin sister", {"given_name": "Clara"}, NO),
        ("a twin brother", {"given_name": "Paul", "sex": "m"}, NO),
        ("a twin of like name", {"given_name": "Hanna"}, ASK),
        ("the mother of one name", {"birth_date": "1962-11-03"}, ASK),
        ("the mother", {"given_name": "Sabine", "birth_date": "1962-11-03"}, NO),
        ("a namesake elsewhere", {"birth_date": "1971-01-30", "postcode": "20095", "city": "Hamburg"}, NO),
        ("a namesake born the same day", {"surname": "Yıldız", "postcode": "20095", "city": "Hamburg"}, ASK),
        ("a neighbor", {"given_name": "Clara", "surname": "Voss", "birth_date": "1951-12-24"}, NO),
    ],
)  # fmt: skip
def test_a_named_pair_comes_out_as_wished(what: str, changes: Record, outcome: str) -> None:
    found = weighed(ANNA, ANNA | changes)
    assert wished(found.total) == outcome, (what, found)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Günther", "Günter", Agreement.VARIANT),
        ("Stefan", "Stephan", Agreement.VARIANT),
        ("Hans", "Johannes", Agreement.VARIANT),
        ("Lena", "Lea", Agreement.BORNE),
        ("Christian", "Christina", Agreement.BORNE),
        ("Michael", "Michale", Agreement.CLOSE),
        ("Peter", "Pedtcr", Agreement.CLOSE),
        ("Klaus Peter", "Peter", Agreement.SHARED),
        ("Peter", "Peter Klaus", Agreement.PARTIAL),
        ("Anna-Maria", "Maria Anna", Agreement.EQUAL),
        ("Clara", "Jonas", Agreement.OTHER),
        ("Clara", "Xqrtz", Agreement.DIFFERENT),
        ("Thi Mai", "Thi Lan", Agreement.PARTIAL),
        ("Heinrich", "Heinrik-Herbert", Agreement.PARTIAL),
        ("Volcer", "Volker Jürgen", Agreement.PARTIAL),
    ],
)
def test_given_names_agree_as_people_would_say(
    first: str, second: str, expected: Agreement
) -> None:
    left, right = (prepare({"given_name": name}).given_name for name in (first, second))
    assert given_agreement(left, right, {}) is expected
    assert given_agreement(right, left, {}) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Meier", "Meyer", Agreement.VARIANT),
        ("Schmidt", "Schmitd", Agreement.CLOSE),
        ("Müller-Lüdenscheidt", "Müller", Agreement.PARTIAL),
        ("van der Berg", "Berg", Agreement.EQUAL),
        ("Al-Hassan", "Hassan", Agreement.EQUAL),
        ("Özdemir", "Oezdemir", Agreement.EQUAL),
        ("Weber", "Fischer", Agreement.DIFFERENT),
    ],
)
def test_surnames_agree_as_people_would_say(first: str, second: str, expected: Agreement) -> None:
    left, right = (prepare({"surname": name}).surname for name in (first, second))
    assert surname_agreement(left, right) is expected


def test_a_rare_name_in_common_says_more_than_a_frequent_one() -> None:
    frequencies = Frequencies()
    for name in ["Müller"] * 50 + ["Quastenberg"]:
        frequencies.note(prepare(ANNA | {"surname": name}))
    assert frequencies.bits("surname", "quastenberg") > frequencies.bits("surname", "mueller") + 3


def test_a_likeness_of_a_frequent_name_never_says_more_than_the_name() -> None:
    frequencies = Frequencies()
    for _ in range(5_000):
        frequencies.note(prepare({"surname": "Müller"}))
    common: Record = {"surname": "Müller", "birth_date": "1990-05-07"}
    weights = []
    for name in ("Müller", "Mülleer"):
        found = weigh(prepare(common), prepare(common | {"surname": name}), frequencies, MODEL)
        assert found is not None
        weights.append(next(part.weight for part in found.parts if part.field == "surname"))
    assert weights[1] <= weights[0] + 1e-9


def test_a_larger_register_takes_off_a_bit_with_every_doubling() -> None:
    small, large = (weighed(ANNA, ANNA, records=many) for many in (10_000, 80_000))
    size = {part.field: part.weight for part in large.parts}[POPULATION]
    assert size == pytest.approx(-3)
    assert POPULATION not in {part.field for part in small.parts}


def test_twins_take_off_what_they_explain() -> None:
    twin = weighed(ANNA, ANNA | {"given_name": "Hanna"})
    typing_error = weighed(ANNA, ANNA | {"given_name": "Anmna"})
    charge = {part.field: part.weight for part in twin.parts}[HOUSEHOLD]
    assert charge < -10
    assert typing_error.total > twin.total + 5


def test_a_model_survives_json() -> None:
    assert model_from(json.loads(json.dumps(MODEL.document()))) == MODEL


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"version": 2},
        {"version": 3},
        MODEL.document() | {"classes": {}},
        MODEL.document() | {"match_at": -5.0},
        MODEL.document() | {"identifier": "much"},
        MODEL.document() | {"kin": {"relatives": 0.1}},
        MODEL.document() | {"kin": {"relatives": 0.1, "twins": -1.0}},
        MODEL.document() | {"number": {"equal": 25.0}},
    ],
)
def test_a_broken_model_is_refused(document: object) -> None:
    with pytest.raises(ParametersInvalid):
        model_from(document)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ParametersInvalid, match="none is named"):
        load_model("klingon")


def drawn(model: WeighingModel, of: str, many: int, rng: np.random.Generator) -> Observations:
    """Comparisons of one class, as a model says they are; a value in common has the bits that it has on average."""
    levels = np.zeros((many, len(FIELDS)), dtype=np.int8)
    bits = np.zeros(many)
    for column, field in enumerate(FIELDS):
        if field == "sex_of_name":
            continue
        table = model.classes[of][field]
        shares = np.array(list(table.values()))
        levels[:, column] = rng.choice([int(one) for one in table], many, p=shares / shares.sum())
        for agreement in BY_VALUE.get(field, ()):
            chance = model.classes["strangers"][field][agreement]
            bits += (levels[:, column] == agreement) * -log2(chance)
    return Observations(levels, bits, np.zeros(many))


def test_what_a_model_made_is_learned_again_without_truth() -> None:
    rng = np.random.default_rng(3)
    records = 10_000
    parts = [drawn(MODEL, "same", 3000, rng), drawn(MODEL, "relatives", 2000, rng)]
    parts += [drawn(MODEL, "twins", 300, rng), drawn(MODEL, "strangers", 5000, rng)]
    pairs = Observations(
        *(
            np.concatenate([getattr(one, name) for one in parts])
            for name in ("levels", "bits", "numbers")
        )
    )
    flat = {
        of: {field: _flattened(levels) for field, levels in fields.items()}
        for of, fields in MODEL.classes.items()
    }
    prior = replace(MODEL, classes=flat)
    learned = learn(
        pairs, drawn(MODEL, "strangers", 50_000, rng), records=records, prior=prior, name="x"
    )
    assert learned.same == pytest.approx(3000, rel=0.05)
    assert 1000 < learned.relatives < 2200  # some are no likelier to be kin than strangers
    for field in ("given_name", "surname", "birth_date", "place"):
        found = learned.model.classes["same"][field][Agreement.EQUAL]
        assert found == pytest.approx(MODEL.classes["same"][field][Agreement.EQUAL], abs=0.07)
    assert set(learned.model.kin) == set(KIN)


def _flattened(levels: Mapping[Agreement, float]) -> dict[Agreement, float]:
    """A distribution drawn towards all levels being alike."""
    return {one: 0.8 * share + 0.2 / len(levels) for one, share in levels.items()}


def test_better_agreement_never_weighs_less_in_what_was_learned() -> None:
    for field, levels in FIELDS.items():
        free = [one for one in levels if one not in BY_VALUE.get(field, ())]
        bits = [MODEL.tables["same"][field][one] for one in free]
        assert all(low <= high + 0.02 for low, high in pairwise(bits)), field
