"""FHIR XML and JSON are two spellings of one resource; hostile XML is refused before it costs anything."""

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.resources import resources
from ttp.core.errors import BadRequest, MalformedBody, TooManyItems
from ttp.wire.xml_reading import MAXIMAL_BYTES, read_xml
from ttp.wire.xml_writing import NotInXml, write_xml

EXAMPLE = """<?xml version="1.0" encoding="UTF-8"?>
<Parameters xmlns="http://hl7.org/fhir">
  <!-- the call of a pipeline -->
  <parameter><name value="context"/><valueIdentifier><value value="Transfer"/></valueIdentifier></parameter>
  <parameter>
    <name value="original"/>
    <valueIdentifier id="a">
      <system value="https://diz.example/mrn"/>
      <value value="M&#252;ller &amp; S&#246;hne"><extension url="urn:x"><valueCode value="y"/></extension></value>
    </valueIdentifier>
  </parameter>
  <parameter><name value="count"/><valueInteger value="3"/></parameter>
  <parameter><name value="flag"/><valueBoolean value="false"/></parameter>
  <parameter><name value="more"/><part><name value="weight"/><valueDecimal value="-1.5e2"/></part></parameter>
</Parameters>"""


def test_a_request_in_xml_is_the_request_in_json() -> None:
    system, extension = "https://diz.example/mrn", {"url": "urn:x", "valueCode": "y"}
    assert read_xml(EXAMPLE.encode()) == {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "context", "valueIdentifier": {"value": "Transfer"}},
            {
                "name": "original",
                "valueIdentifier": {
                    "id": "a",
                    "system": system,
                    "value": "Müller & Söhne",
                    "_value": {"extension": [extension]},
                },
            },
            {"name": "count", "valueInteger": 3},
            {"name": "flag", "valueBoolean": False},
            {"name": "more", "part": [{"name": "weight", "valueDecimal": -150.0}]},
        ],
    }


@given(resource=resources())
def test_what_is_written_as_xml_is_read_back_the_same(resource: dict[str, Any]) -> None:
    assert read_xml(write_xml(resource)) == resource


def test_extensions_of_repeated_values_stay_beside_their_value() -> None:
    aside = {"extension": [{"url": "urn:x", "valueString": "y"}]}
    resource = {
        "resourceType": "CapabilityStatement",
        "format": ["json", None, "xml"],
        "_format": [None, aside, None],
    }
    found = read_xml(write_xml(resource))
    assert found["format"] == resource["format"]
    assert found["_format"] == [None, aside, None]


def test_elements_are_written_in_the_order_of_their_type() -> None:
    resource = {"parameter": [{"valueString": "v", "name": "n"}], "resourceType": "Parameters"}
    written = write_xml(resource).decode()
    assert written.endswith(
        '<parameter><name value="n"/><valueString value="v"/></parameter></Parameters>'
    )


def test_of_a_resource_of_another_kind_nothing_but_its_type_is_read() -> None:
    patient = "<Patient><name><family value='Kanarienvogel'/></name></Patient>"
    bundle = f"<Bundle xmlns='http://hl7.org/fhir'><entry><resource>{patient}</resource></entry></Bundle>"
    assert read_xml(bundle.encode())["entry"] == [{"resource": {"resourceType": "Patient"}}]


def test_a_large_binary_is_put_aside_unparsed() -> None:
    huge = b"<Binary xmlns='http://hl7.org/fhir'>" + b"<data>" * 2_000_000
    begun = time.process_time()
    assert read_xml(huge) == {"resourceType": "Binary"}
    assert time.process_time() - begun < 1


XMLNS = 'xmlns="http://hl7.org/fhir"'
BAD = {
    "empty": "",
    "no XML": "{}",
    "cut off": f"<Parameters {XMLNS}><parameter>",
    "two roots": f"<Parameters {XMLNS}/><Parameters {XMLNS}/>",
    "a document type": f"<!DOCTYPE Parameters><Parameters {XMLNS}/>",
    "an external document type": f'<!DOCTYPE P SYSTEM "file:///etc/passwd"><Parameters {XMLNS}/>',
    "a billion laughs": '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Parameters>&b;</Parameters>',
    "an unknown entity": f'<Parameters {XMLNS}><id value="&x;"/></Parameters>',
    "no namespace": "<Parameters/>",
    "another namespace": '<Parameters xmlns="urn:x"/>',
    "an unknown element": f"<Parameters {XMLNS}><parameters/></Parameters>",
    "text between elements": f"<Parameters {XMLNS}>text</Parameters>",
    "a repeated element": f'<Parameters {XMLNS}><id value="a"/><id value="b"/></Parameters>',
    "a repeated object": f"<Parameters {XMLNS}><meta/><meta/></Parameters>",
    "two resources in one place": (
        f"<Parameters {XMLNS}><parameter><resource><Bundle/><Bundle/></resource></parameter></Parameters>"
    ),
    "a number that is none": (
        f'<Parameters {XMLNS}><parameter><valueInteger value="three"/></parameter></Parameters>'
    ),
    "a number of a thousand digits": (
        f'<Parameters {XMLNS}><parameter><valueInteger value="{"9" * 1000}"/></parameter></Parameters>'
    ),
    "a truth value that is none": (
        f'<Parameters {XMLNS}><parameter><valueBoolean value="1"/></parameter></Parameters>'
    ),
    "nested 100 deep": f"<Parameters {XMLNS}><parameter>{'<part>' * 100}",
    "a character of no meaning": f'<Parameters {XMLNS}><id value="&#1;"/></Parameters>',
}


@pytest.mark.parametrize("defect", BAD)
def test_xml_that_is_no_resource_is_refused(defect: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_xml(BAD[defect].encode())
    assert "passwd" not in refused.value.detail


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_xml_in_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(BadRequest):
        read_xml(EXAMPLE.replace("&#252;", "ü").encode(encoding))


def test_xml_above_its_limits_is_refused() -> None:
    for body in (
        b" " * (MAXIMAL_BYTES + 1),
        f"<Parameters {XMLNS}>".encode() + b"<parameter/>" * 1_000_001,
    ):
        with pytest.raises(TooManyItems):
            read_xml(body)


@given(body=st.binary(max_size=200), at=st.integers(0, len(EXAMPLE)), junk=st.binary(max_size=5))
def test_whatever_arrives_is_a_resource_or_refused_by_name(
    body: bytes, at: int, junk: bytes
) -> None:
    example = EXAMPLE.encode()
    for one in (body, example[:at] + junk + example[at:], example[:at] + junk + example[at + 1 :]):
        with contextlib.suppress(MalformedBody):
            assert "resourceType" in read_xml(one)


UNWRITABLE: dict[str, dict[str, Any]] = {
    "a control character": {"name": "a\x01"},
    "an element of no meaning": {"nam": "a"},
    "a list for one value": {"name": ["a"]},
    "one value for a list": {"part": {"name": "a"}},
    "a string for an object": {"valueIdentifier": "a"},
    "a resource of another kind": {"resource": {"resourceType": "Patient"}},
    "extensions of an object": {"_valueIdentifier": {"id": "a"}},
    "an object for a value": {"name": {}},
}


@pytest.mark.parametrize("defect", UNWRITABLE)
def test_what_xml_cannot_hold_is_not_written(defect: str) -> None:
    with pytest.raises(NotInXml):
        write_xml({"resourceType": "Parameters", "parameter": [UNWRITABLE[defect]]})


def test_a_resource_nested_too_deep_is_not_written() -> None:
    nested: dict[str, Any] = {"name": "end"}
    for _ in range(200):
        nested = {"name": "more", "part": [nested]}
    with pytest.raises(NotInXml):
        write_xml({"resourceType": "Parameters", "parameter": [nested]})
