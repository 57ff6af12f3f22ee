"""What ADT messages say: names, numbers, dates, merges as German systems write them; what is none is refused."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hospital.adt import PERSONS, adt, merge, person, unlink
from ttp.core.errors import InvalidField, TTPError
from ttp.core.hospital import Message, RecordMessage, Relation, RelationMessage
from ttp.wire.hl7.acknowledgment import acknowledgment, code_of
from ttp.wire.hl7.demographics import Hl7NumberMissing
from ttp.wire.hl7.events import messages_of
from ttp.wire.hl7.framing import framed, messages_in
from ttp.wire.hl7.message import Hl7CharsetUnknown, Hl7Malformed, Hl7TooLarge, read_hl7
from ttp.wire.hl7.source_map import GKV, SourceMap, read_source_map

MAP = SourceMap(record_id="KIS", systems={"KIS": "https://kis.example/pid"})


def said(text: str | bytes, source_map: SourceMap = MAP) -> list[Message]:
    raw = text.encode() if isinstance(text, str) else text
    return messages_of(read_hl7(raw, charset=source_map.charset), source_map)


def record(pid: str, source_map: SourceMap = MAP) -> dict[str, Any]:
    (message,) = said(adt("A08", pid), source_map)
    assert isinstance(message, RecordMessage)
    return dict(message.record)


def pid(**fields: str) -> str:
    """A PID segment with number 17 and these fields, such as ``f5``."""
    numbers = {3: "17^^^KIS^PI"} | {int(name[1:]): value for name, value in fields.items()}
    return "PID|" + "|".join(numbers.get(place, "") for place in range(1, 31))


READ: dict[str, tuple[str, dict[str, object]]] = {
    "the whole record": (
        PERSONS["17"],
        {
            "record_id": "17",
            "surname": "Müller",
            "given_name": "Änne Eva",
            "birth_date": "1950-02-01",
            "sex": "f",
            "postcode": "17489",
            "city": "Greifswald",
            "identifiers": [{"system": "https://kis.example/pid", "value": "17"}],
        },
    ),
    "the birth name by its type": (
        pid(f5="Berg^Ada^^^^^L~Amsel^^^^^^M"),
        {"surname": "Berg", "given_name": "Ada", "birth_name": "Amsel"},
    ),
    "a name whose parts alone are given": (pid(f5="&von&Berg"), {"surname": "von Berg"}),
    "a name with its parts": (pid(f5="von Berg&von&Berg^Ada"), {"surname": "von Berg"}),
    "no nickname for a name": (pid(f5="Berg^Ada^^^^^L~Addi^^^^^^N"), {"surname": "Berg"}),
    "an insurance number by its type": (
        pid(f3="17^^^KIS^PI~a123456780^^^GKV^KVNR"),
        {"kvnr": "A123456780", "identifiers": [
            {"system": "https://kis.example/pid", "value": "17"},
            {"system": GKV, "value": "A123456780"},
        ]},
    ),
    "a number of an authority that has an OID": (
        pid(f3="17^^^KIS^PI~9^^^LAB&1.2.276.1&ISO^PI~8^^^UNKNOWN^PI"),
        {"identifiers": [
            {"system": "https://kis.example/pid", "value": "17"},
            {"system": "urn:oid:1.2.276.1", "value": "9"},
        ]},
    ),
    "the birth date of a time stamp": (pid(f7="195002011530"), {"birth_date": "1950-02-01"}),
    "other sexes": (pid(f8="O"), {"sex": "d"}),
    "the home before other addresses": (
        pid(f11="^^Postfach^^10000^D^M~^^Mainz^^55116^D^H"),
        {"city": "Mainz", "postcode": "55116"},
    ),
    "a foreign postcode as it is": (pid(f11="^^Wien^^1010^AUT^H"), {"postcode": "1010"}),
    "what is to be deleted": (
        pid(f5='""', f7='""', f8='""', f11='""'),
        {"surname": None, "birth_date": None, "sex": None, "city": None, "postcode": None},
    ),
    "telephone numbers at home and at work, and a mail address": (
        pid(f13="03834 1234^PRN^PH~^NET^Internet^a@b.example", f14="^WPN^PH^^49^3834^567"),
        {"contacts": [
            {"kind": "phone", "value": "03834 1234"},
            {"kind": "email", "value": "a@b.example"},
            {"kind": "phone", "value": "49 3834 567"},
        ]},
    ),
    "the street of the home and of no other address": (
        pid(f11="Postfach 1^^Mainz^^10000^D^M~&Weg&2^^Mainz^^55116^D^H"),
        {"city": "Mainz", "contacts": [{"kind": "street", "value": "Weg 2"}]},
    ),
    "contacts that are to be deleted": (
        pid(f11='""', f13='""'),
        {"contacts": [{"kind": one, "value": None} for one in ("phone", "email", "street")]},
    ),
    "a street that is to be deleted, and not its city": (
        pid(f11='""^^Mainz^^55116^D^H'),
        {"city": "Mainz", "contacts": [{"kind": "street", "value": None}]},
    ),
    "separators that were escaped": (
        pid(f5="M\\T\\M^A\\S\\B\\F\\C\\R\\D\\E\\"),
        {"surname": "M&M", "given_name": "A^B|C~D\\"},
    ),
    "characters that were written in hex": (pid(f5="M\\XC3BC\\ller"), {"surname": "Müller"}),
    "highlighting as nothing": (pid(f5="\\H\\Berg\\N\\\\.br99999999999\\"), {"surname": "Berg"}),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_reads(name: str) -> None:
    segment, wanted = READ[name]
    found = record(segment)
    assert {field: found.get(field) for field in wanted} == wanted


LEFT_OUT = {
    "a year instead of a birth date": (pid(f7="1950"), "birth_date"),
    "an unknown sex": (pid(f8="U"), "sex"),
    "a postcode that was cut": (pid(f11="^^Mainz^^55^D^H"), "postcode"),
    "an address to write to": (pid(f11="^^Mainz^^55116^D^M"), "city"),
    "an insurance number that is none": (pid(f3="17^^^KIS^PI~12^^^GKV^NI"), "kvnr"),
    "an empty name": (pid(f5="^^^^^^L"), "surname"),
    "no way to reach anybody": (pid(f11="^^Mainz", f13="^PRN^PH"), "contacts"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_leaves_as_it_is(name: str) -> None:
    segment, field = LEFT_OUT[name]
    assert field not in record(segment)


@pytest.mark.parametrize("charset", ["8859/1", "8859/15", "UNICODE UTF-8", ""])
def test_letters_are_read_in_the_character_set_of_the_message(charset: str) -> None:
    codec = {"8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8"}.get(charset, "iso8859-1")
    raw = adt("A08", PERSONS["17"], charset=charset).encode(codec)
    (message,) = said(raw)
    assert isinstance(message, RecordMessage)
    assert message.record["surname"] == "Müller"


@pytest.mark.parametrize("event", ["A01", "A04", "A05", "A08", "A28", "A31"])
def test_these_events_bring_a_record(event: str) -> None:
    (message,) = said(person("17", event))
    assert isinstance(message, RecordMessage)
    assert message.at == datetime(2026, 11, 22, 9, 15, 30, tzinfo=UTC)  # Berlin in winter


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A36", "A39", "A40", "A47"])
def test_these_events_merge(event: str) -> None:
    (message,) = said(merge("18", "17", event))
    assert isinstance(message, RelationMessage)
    assert (message.relation, message.first, message.second) == (Relation.REPLACED, "18", "17")
    assert message.record is None


def test_one_message_may_merge_several() -> None:
    segments = [PERSONS["17"], "MRG|18^^^KIS", "PID|2||19^^^KIS", "MRG|20^^^KIS"]
    found = said(adt("A40", *segments))
    assert [(one.first, one.second) for one in found if isinstance(one, RelationMessage)] == [
        ("18", "17"), ("20", "19")
    ]  # fmt: skip


def test_links_and_their_end_name_both_records() -> None:
    (parted,) = said(unlink("17", "18"))
    assert isinstance(parted, RelationMessage)
    assert parted.relation is Relation.PARTED
    first, linked = said(adt("A24", PERSONS["17"], PERSONS["18"]))
    assert isinstance(first, RecordMessage)
    assert isinstance(linked, RelationMessage)
    assert (linked.relation, linked.first, linked.second) == (Relation.LINKED, "17", "18")


def test_other_messages_say_nothing() -> None:
    assert said(adt("A03", PERSONS["17"])) == []
    assert said(person("17").replace("ADT^A04", "ORU^R01")) == []
    assert said(person("17", "A05"), SourceMap(ignore=frozenset({"A05"}))) == []


TIMES = {
    "20261122101530": datetime(2026, 11, 22, 9, 15, 30, tzinfo=UTC),
    "202607011015": datetime(2026, 7, 1, 8, 15, tzinfo=UTC),
    "20261122101530.1234+0500": datetime(2026, 11, 22, 5, 15, 30, tzinfo=UTC),
    "20261122": None,
    "20261399101530": None,
    "20261122101530+9900": None,
    "yesterday": None,
}


@pytest.mark.parametrize("text", TIMES)
def test_times_are_read_with_their_zone_or_not_at_all(text: str) -> None:
    (message,) = said(person("17", at=text))
    assert message.at == TIMES[text]


GOOD = person("17").encode()
BAD: dict[str, tuple[bytes, type[TTPError]]] = {
    "nothing": (b"", Hl7Malformed),
    "no MSH": (PERSONS["17"].encode(), Hl7Malformed),
    "a cut header": (GOOD[:20], Hl7Malformed),
    "only MSH": (b"MSH", Hl7Malformed),
    "a truncated segment": (GOOD + b"PI", Hl7Malformed),
    "a segment in small letters": (GOOD + b"pid|1", Hl7Malformed),
    "separators that are alike": (GOOD.replace(b"^~\\&", b"^^\\&"), Hl7Malformed),
    "separators that are letters": (GOOD.replace(b"|^~\\&|", b"|abcd|"), Hl7Malformed),
    "too few separators": (GOOD.replace(b"^~\\&", b"^~"), Hl7Malformed),
    "NUL": (GOOD.replace(b"M\xc3\xbcller", b"M\x00ller"), Hl7Malformed),
    "five megabytes": (GOOD + b"NTE|" + b"x" * 5_000_000, Hl7TooLarge),
    "ten thousand segments": (GOOD + b"NTE|1\r" * 10_000, Hl7Malformed),
    "an unknown character set": (GOOD.replace(b"UNICODE UTF-8", b"KLINGON"), Hl7CharsetUnknown),
    "letters of another character set": (person("17").encode("latin-1"), Hl7CharsetUnknown),
    "JSON": (b'{"resourceType": "Patient"}', Hl7Malformed),
    "no PID": (adt("A04").encode(), Hl7Malformed),
    "a merge without MRG": (adt("A40", PERSONS["17"]).encode(), Hl7Malformed),
    "an unlinking of one": (adt("A37", PERSONS["17"]).encode(), Hl7Malformed),
    "no number": (adt("A04", "PID|1||||Müller^Änne").encode(), Hl7NumberMissing),
    "a number of others": (adt("A04", "PID|1||17^^^LAB").encode(), Hl7NumberMissing),
}


@pytest.mark.parametrize("name", BAD)
def test_refuses(name: str, caplog: pytest.LogCaptureFixture) -> None:
    raw, error = BAD[name]
    with caplog.at_level(logging.DEBUG), pytest.raises(error) as caught:
        said(raw)
    answer = acknowledgment(
        raw, code=code_of(caught.value), at=datetime.now(UTC), control_id="1", problem=caught.value
    )
    told = answer.decode("ascii") + caplog.text + str(caught.value)
    assert not any(secret in told for secret in ("ller", "nne", "Greifswald", "1950"))
    assert answer.startswith(b"MSH|^~\\&|")
    assert b"\rMSA|A" in answer
    assert b"MSA|AA" not in answer


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: (GOOD.decode() + text).encode())
)
def test_anything_is_read_or_refused_and_can_be_answered(raw: bytes) -> None:
    problem: TTPError | None = None
    try:
        said(raw)
    except TTPError as error:
        problem = error
    answer = acknowledgment(
        raw, code=code_of(problem), at=datetime.now(UTC), control_id="1", problem=problem
    )
    assert read_hl7(answer, charset="ASCII").kind == "ACK"


def test_an_acknowledgment_names_the_message_and_turns_sender_and_receiver() -> None:
    answer = acknowledgment(GOOD, code=code_of(None), at=datetime.now(UTC), control_id="c1")
    head, msa = answer.decode().split("\r")[:2]
    assert head.startswith("MSH|^~\\&|TTP|THS|KIS|HAUS|")
    assert head.endswith("||ACK^A04^ACK|c1|P|2.5")
    assert msa == "MSA|AA|M20261122101530"


MESSAGES = [person("17"), person("18"), merge("17", "18")]
FILES: dict[str, bytes] = {
    "one after the other": "".join(MESSAGES).encode(),
    "lines that end with LF": "".join(MESSAGES).replace("\r", "\n").encode(),
    "lines that end with CR and LF": "".join(MESSAGES).replace("\r", "\r\n").encode(),
    "empty lines between": "\r\n\r\n".join(MESSAGES).encode(),
    "MLLP frames": b"".join(framed(one.encode()) for one in MESSAGES),
    "a batch in a file": ("FHS|^~\\&\rBHS|^~\\&\r" + "".join(MESSAGES) + "BTS|3\rFTS|1\r").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + "".join(MESSAGES).encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_messages_are_found_in(name: str) -> None:
    found = [raw for _, raw in messages_in(io.BytesIO(FILES[name]))]
    assert [read_hl7(one).event for one in found] == ["A04", "A04", "A40"]
    assert [said(one) for one in found] == [said(one) for one in MESSAGES]


def test_a_file_of_garbage_is_one_bad_message() -> None:
    found = [raw for _, raw in messages_in(io.BytesIO(b"\xff\xfe garbage \n" * 10))]
    assert len(found) == 1


BAD_MAPS = {
    "no TOML": "record_id =",
    "an unknown word": "recordid = 'KIS'",
    "a number for a name": "record_id = 1",
    "systems that are a list": "systems = ['KIS']",
    "an unknown character set": "charset = 'KLINGON'",
    "an unknown time zone": "time_zone = 'Mars/Olympus'",
    "events that are no list": "ignore = 'A05'",
}


@pytest.mark.parametrize("name", BAD_MAPS)
def test_a_map_is_refused_with(name: str) -> None:
    with pytest.raises(InvalidField):
        read_source_map(BAD_MAPS[name])


def test_a_map_says_what_numbers_mean() -> None:
    found = read_source_map(
        'record_id = "LAB"\nignore = ["A05"]\ntime_zone = "UTC"\ninsurance_types = ["HC"]\n'
        '[systems]\nLAB = "https://lab.example"\n'
    )
    read = record(pid(f3="17^^^KIS~5^^^LAB~B123456789^^^X^HC"), found)
    assert read["record_id"] == "5"
    assert read["kvnr"] == "B123456789"
