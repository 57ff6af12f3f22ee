"""FHIR rules: what they speak of is exchanged and comes back; what they forget is refused; the rest keeps its bytes."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.client.errors import RulesRefused, TableRefused
from ttp.client.fhir.bundles import BundleFile
from ttp.client.fhir.planning import Planner
from ttp.client.fhir.rules import load_rules, rules_of, shipped_rules
from ttp.client.files.json_text import parse, spliced
from ttp.client.files.ndjson import Unplannable
from ttp.client.files.units import START, BadUnit, Unit

ROOT = Path(__file__).parents[3]
PID = "https://kh.example/sid/pid"
PSEUDONYM = "https://www.medizininformatik-initiative.de/fhir/sid/pseudonym"
RULES = rules_of(
    {
        "identifier": [
            {"system": "http://fhir.de/sid/gkv/kvid-10", "action": "mask"},
            {"system": "http://fhir.de/sid/arge-ik/iknr", "action": "keep"},
            {"system": PID, "domain": "pid", "new_system": PSEUDONYM},
            {"type": "VN", "domain": "visit", "mark": False},
        ],
        "id": [
            {"resource": "Patient", "domain": "p"},
            {"resource": "Bundle", "action": "keep"},
            {"resource": "*", "domain": "r"},
        ],
        "element": [{"path": "Coverage.subscriberId", "domain": "kv"}],
        "urn_uuid": {"domain": "u"},
    }
)
UUID = "0e4a2b6c-1111-4222-8333-944445555666"
HEX = "0123456789abcdef" * 2


def pseudonym(domain: str, value: str) -> str:
    """What a center would give: reversible, and fit for its place."""
    return HEX if domain == "u" else f"{domain}-{value[::-1]}"


def original(domain: str, value: str) -> str:
    return UUID if domain == "u" else value.removeprefix(f"{domain}-")[::-1]


def forward(text: str) -> str:
    plan = Planner(RULES).resource(text, parse(text))
    return spliced(text, plan.splices, [pseudonym(a.domain, a.value) for a in plan.asked])


def back(text: str) -> str:
    plan = Planner(RULES, backward=True).resource(text, parse(text))
    return spliced(text, plan.splices, [original(a.domain, a.value) for a in plan.asked])


REFERENCES = {
    "Patient/17": "Patient/p-71",
    "Patient/17/_history/2": "Patient/p-71/_history/2",
    "https://kh.example/fhir/Patient/17": "https://kh.example/fhir/Patient/p-71",
    "Encounter/5a": "Encounter/r-a5",
    f"urn:uuid:{UUID}": "urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
    f"Patient?identifier={PID}|17": f"Patient?identifier={PSEUDONYM}|pid-71",
    "Patient?_id=17&birthdate=2000": "Patient?_id=p-71&birthdate=2000",
    "Encounter?subject=Patient/17": "Encounter?subject=Patient/p-71",
    "Encounter?patient=17,18": "Encounter?patient=p-71,p-81",
    "urn:oid:1.2.3": "urn:oid:1.2.3",
    "#": "#",
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_references_of_every_form_are_exchanged_and_come_back(reference: str) -> None:
    text = json.dumps({"resourceType": "Observation", "subject": {"reference": reference}})
    done = forward(text)
    assert json.loads(done)["subject"]["reference"] == REFERENCES[reference]
    assert back(done) == text


def test_contained_resources_and_what_refers_to_them_stay_together() -> None:
    text = (
        '{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"x1"}],'
        '"subject":{"reference":"#x1"}}'
    )
    done = json.loads(forward(text))
    assert done["contained"][0]["id"] == "p-1x"
    assert done["subject"]["reference"] == "#p-1x"
    assert back(forward(text)) == text


MR = '{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}'
IDENTIFIERS = {
    "without a type": f'{{"system": "{PID}" , "value":"007"}}',
    "with a type": f'{{"type":{MR},"system":"{PID}","value":"007"}}',
    "with a type in words": f'{{"value":"007","type":{{"text":"Nr."}},"system":"{PID}"}}',
}


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_identifiers_are_marked_and_come_back_byte_for_byte(kind: str) -> None:
    text = f'{{"resourceType":"Patient","identifier":[ {IDENTIFIERS[kind]} ]}}'
    done = json.loads(forward(text))["identifier"][0]
    assert (done["system"], done["value"]) == (PSEUDONYM, "pid-700")
    assert done["type"]["coding"][0] == {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        "code": "PSEUDED",
    }
    assert back(forward(text)) == text


@pytest.mark.parametrize("beside", ["", '"_value":{"id":"a"},'])
def test_the_insurance_number_is_masked_as_the_core_data_set_has_it(beside: str) -> None:
    assigner = {"identifier": {"system": "http://fhir.de/sid/arge-ik/iknr", "value": "109519005"}}
    text = (
        f'{{"resourceType":"Patient","identifier":[{{{beside}"assigner":{json.dumps(assigner)},'
        '"system":"http://fhir.de/sid/gkv/kvid-10","value":"A123456780"}]}'
    )
    done = forward(text)
    assert "A123456780" not in done
    masked = json.loads(done)["identifier"][0]
    assert "value" not in masked
    assert masked["_value"]["extension"] == [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
    assert masked["type"]["coding"][0]["code"] == "KVZ10"
    assert masked["assigner"] == assigner


def test_everything_else_keeps_its_bytes() -> None:
    text = (
        '{ "resourceType" : "Observation",\t'
        '"valueQuantity":{"value":1.10,"system":"http://u","unit":"\\u00b5g"},\r\n'
        ' "telecom":[{"system":"phone","value":"17"}], '
        '"subject":{"reference":"Patient/17","display":"A"} , "z":1.0e2}\n'
    )
    assert forward(text) == text.replace("Patient/17", "Patient/p-71")


FORGOTTEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown system": ({"identifier": [{"system": "x", "value": "1"}]}, "no-rule-for-identifier"),
    "no system": ({"identifier": {"value": "1"}}, "no-rule-for-identifier"),
    "identifier in a reference": (
        {"subject": {"identifier": {"system": "x", "value": "1"}}},
        "no-rule-for-identifier",
    ),
    "conditional reference": (
        {"subject": {"reference": "Patient?identifier=x|1"}},
        "no-rule-for-identifier",
    ),
    "a number": ({"identifier": [{"system": PID, "value": 7}]}, "not-a-string"),
    "masked in a search": (
        {"subject": {"reference": "Patient?identifier=http://fhir.de/sid/gkv/kvid-10|A1"}},
        "cannot-mask-here",
    ),
}


@pytest.mark.parametrize("what", FORGOTTEN)
def test_what_no_rule_speaks_of_is_refused(what: str) -> None:
    members, code = FORGOTTEN[what]
    with pytest.raises(Unplannable) as refused:
        forward(json.dumps({"resourceType": "Observation", **members}))
    assert refused.value.code == code


def test_what_is_a_pseudonym_already_is_refused() -> None:
    given = IDENTIFIERS["with a type"]
    text = f'{{"resourceType":"Patient","identifier":[{given}]}}'
    text = forward(text).replace(PSEUDONYM, PID)
    with pytest.raises(Unplannable, match="already"):
        forward(text)


def test_other_elements_are_exchanged_by_their_path() -> None:
    text = '{"resourceType":"Coverage","subscriberId":"A1","order":1.0}'
    assert json.loads(forward(text))["subscriberId"] == "kv-1A"
    assert back(forward(text)) == text


def bundle(entries: list[str], between: str = ",\n  ") -> str:
    inside = between.join(entries)
    return f'{{\n "resourceType": "Bundle", "id":"b", "entry" : [ {inside} ],\n "total":1.0 }}\n'


def entry(number: int) -> str:
    return (
        f'{{"fullUrl":"https://kh.example/Patient/{number}","resource":{{"resourceType":"Patient",'
        f'"id":"{number}","n":1.10}},"request":{{"method":"PUT","url":"Patient/{number}",'
        f'"ifNoneExist":"identifier={PID}|{number}"}}}}'
    )


def through(data: bytes) -> bytes:
    done = b""
    for unit in BundleFile(BytesIO(data), Planner(RULES)).units(START):
        assert isinstance(unit, Unit)
        done += unit.lead + unit.written([pseudonym(a.domain, a.value) for a in unit.asked])
    return done


@given(count=st.integers(0, 9), between=st.sampled_from([",", " ,\r\n\t"]))
def test_a_bundle_is_rewritten_entry_by_entry(count: int, between: str) -> None:
    text = bundle([entry(number) for number in range(count)], between)
    done = through(text.encode()).decode()
    expected = re.sub(r"Patient/(\d)", r"Patient/p-\1", text)
    expected = re.sub(r'"id":"(\d)"', r'"id":"p-\1"', expected)
    expected = re.sub(f"{PID}\\|(\\d)", rf"{PSEUDONYM}|pid-\1", expected)
    assert done == expected


def test_a_bundle_in_one_piece_is_rewritten_as_entry_by_entry() -> None:
    text = bundle([entry(1), entry(2)])
    late = text.replace('"resourceType": "Bundle", ', "").replace(
        "1.0 }", '1.0 ,"resourceType": "Bundle"}'
    )
    assert through(late.encode()).decode().count("p-1") == text.count("Patient/1") + 1


BAD = {
    "cut short": bundle([entry(1)])[:-30],
    "no object": bundle(["1"]),
    "no JSON after the entries": bundle([entry(1)]) + "}",
    "empty": " ",
}


@pytest.mark.parametrize("defect", BAD)
def test_a_file_that_is_no_bundle_is_refused(defect: str) -> None:
    with pytest.raises(TableRefused):
        list(BundleFile(BytesIO(BAD[defect].encode()), Planner(RULES)).units(START))


BAD_RULES: dict[str, dict[str, Any]] = {
    "unknown word": {"identifiers": []},
    "neither domain nor action": {"id": [{"resource": "Patient"}]},
    "both": {"identifier": [{"system": "x", "domain": "d", "action": "mask"}]},
    "no system and no type": {"identifier": [{"domain": "d"}]},
    "a new system for many": {"identifier": [{"system": "x*", "new_system": "y", "domain": "d"}]},
    "two systems become one": {
        "identifier": [
            {"system": "a", "new_system": "y", "domain": "d"},
            {"system": "b", "new_system": "y", "domain": "d"},
        ]
    },
    "an ID masked": {"id": [{"resource": "Patient", "action": "mask"}]},
    "a path without a type": {"element": [{"path": "subscriberId", "domain": "d"}]},
    "a bad selector": {"element": [{"path": "Coverage.a..b", "domain": "d"}]},
    "a word for others": {"others": "maybe"},
}


@pytest.mark.parametrize("defect", BAD_RULES)
def test_bad_rules_are_refused(defect: str) -> None:
    with pytest.raises(TableRefused):
        rules_of(BAD_RULES[defect])


def test_rules_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text('{"id":[{"resource":"*","domain":"d"}]}')
    assert load_rules(file).ids[0].domain == "d"
    file.with_suffix(".toml").write_text("[[id")
    with pytest.raises(RulesRefused):
        load_rules(file.with_suffix(".toml"))


SAMPLE = load_rules(shipped_rules("mii") or Path())
TEST_DATA = sorted((ROOT.parent / "shared" / "data" / "mii_testdata").glob("*.json"))


@pytest.mark.skipif(not TEST_DATA, reason="published test data are not on this machine")
def test_the_shipped_rules_rewrite_the_published_test_patients() -> None:
    seen = 0
    for file in TEST_DATA:
        data = file.read_bytes()
        for unit in BundleFile(BytesIO(data), Planner(SAMPLE)).units(START):
            if isinstance(unit, BadUnit):  # some of these patients come with a pseudonym already
                assert unit.code == "already-pseudonymized"
                continue
            done = unit.written([f"x{number}" for number in range(len(unit.asked))])
            assert not re.search(rb'"[A-Z]\d{9}"', done)
            seen += len(unit.asked)
    assert seen > 100
