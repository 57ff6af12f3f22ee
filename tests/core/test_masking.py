"""Masked values disclose only where they differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.masking import DOT, mask

texts = st.text(st.characters(categories=["L", "N"], include_characters=" -"), max_size=30)


@given(texts)
def test_equal_values_are_dots_alone(text: str) -> None:
    assert mask(text, text) == (DOT * len(text), DOT * len(text))


@given(texts, texts)
def test_a_masked_value_keeps_its_length_and_shows_only_its_own_characters(
    first: str, second: str
) -> None:
    for shown, value in zip(mask(first, second), (first, second), strict=True):
        assert len(shown) == len(value)
        assert all(a in {DOT, b} for a, b in zip(shown, value, strict=True))


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("Meier", "Meyer", ("••i••", "••y••")),
        ("Anna", "anna", ("••••", "••••")),
        ("Anna", "Hanna", ("••••", "H••••")),
        ("1980-02-17", "1980-02-11", ("•••••••••7", "•••••••••1")),
        ("Müller", "", ("••••••", "")),
        ("Groß", "Gross", ("•••ß", "•••ss")),
    ],
)
def test_differences_show(first: str, second: str, shown: tuple[str, str]) -> None:
    assert mask(first, second) == shown
