"""The container of encodings: what is written comes back; anything else is refused."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import schema
from linkage.encode import Encoder, EncodingSet
from linkage.encode.container import MAGIC, _sections, load, parse_container, save
from linkage.encode.sections import packed
from linkage.errors import EncodingInvalid
from tests.linkage.patients import Record, patients, table

SECRET = b"a secret of 16 b"
ENCODERS = {name: Encoder(schema.load(name), secret=SECRET) for name in schema.shipped()}
NOBODY: Record = dict.fromkeys(("given_name", "surname", "birth_date", "sex", "postcode", "city"))


def sample(folder: Path) -> bytes:
    """A small container."""
    made = ENCODERS["field-2026-11"].encode(table([NOBODY | {"surname": "Abc"}, NOBODY]))
    made.save(folder / "good.enc")
    return (folder / "good.enc").read_bytes()


def edited(raw: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A container with its header changed."""
    (length,) = struct.unpack_from("<I", raw, len(MAGIC))
    start = len(MAGIC) + 4
    header = json.loads(raw[start : start + length])
    change(header)
    text = json.dumps(header).encode()
    return MAGIC + struct.pack("<I", len(text)) + text + raw[start + length :]


@given(st.lists(patients(), min_size=1, max_size=20), st.sampled_from(schema.shipped()))
def test_what_is_saved_comes_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], name: str
) -> None:
    made = ENCODERS[name].encode(table(records))
    path = tmp_path_factory.mktemp("container") / "a.enc"
    save(made, path)
    found = load(path)
    assert (found.source, found.record_ids) == (made.source, made.record_ids)
    assert (found.schema, found.commitment) == (made.schema, made.commitment)
    for mine, theirs in (
        (made.filters, found.filters),
        (made.present, found.present),
        (made.exact, found.exact),
    ):
        assert list(mine) == list(theirs)
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine)


def test_equal_encodings_give_equal_files(tmp_path: Path) -> None:
    assert sample(tmp_path) == sample(tmp_path)


@given(st.data())
def test_no_truncated_file_is_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw = sample(tmp_path_factory.mktemp("container"))
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(EncodingInvalid):
        parse_container(raw[:cut], source="cut")


@given(st.data())
def test_no_changed_byte_after_the_header_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw = bytearray(sample(tmp_path_factory.mktemp("container")))
    (length,) = struct.unpack_from("<I", raw, len(MAGIC))
    place = data.draw(st.integers(len(MAGIC) + 4 + length, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(EncodingInvalid):
        parse_container(bytes(raw), source="changed")


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(raw: bytes) -> None:
    for data in (raw, MAGIC + raw):
        with pytest.raises(EncodingInvalid):
            parse_container(data, source="noise")


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no source": lambda header: header.pop("source"),
    "number of records too high": lambda header: header.update(records=3),
    "number of records negative": lambda header: header.update(records=-1),
    "number of records a text": lambda header: header.update(records="2"),
    "no commitment": lambda header: header.update(commitment=""),
    "no schema": lambda header: header.pop("schema"),
    "invalid schema": lambda header: header["schema"].update(bits=63),
    "longer filters than written": lambda header: header["schema"].update(bits=1024),
    "a field more than written": lambda header: header["schema"].update(
        fields=[
            *header["schema"]["fields"],
            header["schema"]["fields"][0] | {"name": "x", "filter": "x"},
        ]
    ),
    "sections a text": lambda header: header.update(sections="x"),
    "section without length": lambda header: header["sections"][0].pop("bytes"),
    "section a number": lambda header: header["sections"].insert(0, 3),
    "section dropped": lambda header: header["sections"].pop(),
    "section renamed": lambda header: header["sections"][0].update(name="other"),
}


@pytest.mark.parametrize("defect", CHANGES)
def test_a_header_that_does_not_fit_is_refused(defect: str, tmp_path: Path) -> None:
    with pytest.raises(EncodingInvalid):
        parse_container(edited(sample(tmp_path), CHANGES[defect]), source=defect)


def test_bytes_after_the_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodingInvalid, match="follow"):
        parse_container(sample(tmp_path) + b"x", source="long")


def test_half_a_character_in_a_record_id_is_refused(tmp_path: Path) -> None:
    made = ENCODERS["field-2026-11"].encode(table([NOBODY]))
    sections = dict(_sections(made)) | {"record_ids": b'["\\ud800"]'}
    header = {"source": "a", "records": 1, "commitment": made.commitment}
    header |= {"schema": made.schema.document}
    raw = b"".join(packed(MAGIC, header, sections, sealed=False))
    with pytest.raises(EncodingInvalid, match="no text"):
        parse_container(raw, source="half")


def test_a_repeated_record_id_is_refused(tmp_path: Path) -> None:
    made = ENCODERS["default-2026-11"].encode(table([NOBODY, NOBODY]))
    twice = EncodingSet(
        source=made.source,
        record_ids=(made.record_ids[0], made.record_ids[0]),
        schema=made.schema,
        commitment=made.commitment,
        filters=made.filters,
        present=made.present,
        exact=made.exact,
    )
    twice.save(tmp_path / "twice.enc")
    with pytest.raises(EncodingInvalid, match="record IDs"):
        load(tmp_path / "twice.enc")
