"""What looks for a value finds it, however it is written: a search that finds nothing would prove nothing."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.leaks.spellings import found_in, spellings

NAME = "Zwölfender-Kanarie"

WRITTEN = {
    "plain": NAME.encode(),
    "UTF-16": NAME.encode("utf-16"),
    "UTF-16, big-endian": NAME.encode("utf-16-be"),
    "Latin-1": NAME.encode("latin-1"),
    "upper case": NAME.upper().encode(),
    "lower case": NAME.lower().encode(),
    "backwards": NAME[::-1].encode(),
    "hexadecimal": NAME.encode().hex().encode(),
    "hexadecimal of lower case": NAME.lower().encode().hex().upper().encode(),
    "percent": quote(NAME).encode(),
    "percent in lower case": quote(NAME).lower().encode(),
    "JSON with escapes": json.dumps({"name": NAME}).encode(),
    "base64": base64.b64encode(NAME.encode()),
    "base64 for URLs": base64.urlsafe_b64encode(NAME.encode()),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_name_is_found_in_every_form(form: str) -> None:
    assert found_in(b"before " + WRITTEN[form] + b" after", {"name": NAME})


@given(st.binary(max_size=20), st.binary(max_size=20), st.binary(min_size=14, max_size=40))
def test_base64_is_found_wherever_it_begins(before: bytes, after: bytes, value: bytes) -> None:
    whole = base64.b64encode(before + value + after)
    assert found_in(whole, {"value": value})
    assert found_in(base64.urlsafe_b64encode(before + value + after), {"value": value})


@pytest.mark.parametrize("text", ["1907-11-23", "23.11.1907", "11/23/1907", "19071123", "23111907"])
def test_a_date_is_found_in_every_order(text: str) -> None:
    assert found_in(f"born {text}.".encode(), {"birth date": "1907-11-23"})


def test_what_is_not_there_is_not_found() -> None:
    assert found_in(bytes(100_000) + b"nothing of it", {"name": NAME}) == {}


def test_too_little_to_be_looked_for_is_refused() -> None:
    with pytest.raises(ValueError, match="by chance"):
        spellings("Lea")
