"""Cologne phonetics: published codes hold, and only sound counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.phonetics import cologne
from tests.linkage.vectors import read

CODES = read("linkage/cologne.json")


@pytest.mark.parametrize("word", CODES)
def test_a_published_code_holds(word: str) -> None:
    assert cologne(word) == CODES[word]


@given(st.text())
def test_a_code_is_digits_without_repeats_and_zero_only_in_front(word: str) -> None:
    code = cologne(word)
    assert set(code) <= set("012345678")
    assert "0" not in code[1:]


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüß"))
def test_case_does_not_count(word: str) -> None:
    assert cologne(word.replace("ß", "ss").upper()) == cologne(word.replace("ß", "ss"))
