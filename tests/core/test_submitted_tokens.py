"""Salted encodings in a submission: content comes with its token, and a thinned view's token once."""

from __future__ import annotations

from typing import Any

import pytest

from linkage import schema
from linkage.encode import Encoder
from linkage.synthetic import NONE, generate
from ttp.core.submissions import EncodedRecord, SubmissionRejected, read_records

SALTED = schema.load("salted")


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    """Two patients, as they travel."""
    encoded = Encoder(SALTED, secret=b"k" * 32).encode(generate(("a",), 2, 0.0, 3, NONE).table("a"))
    return [
        EncodedRecord(
            f"p{row}",
            {name: words[row].astype("<u8").tobytes() for name, words in encoded.filters.items()},
            {name: int(tokens[row]) for name, tokens in encoded.exact.items()},
        ).document()
        for row in range(2)
    ]


def _refusal(documents: list[dict[str, Any]]) -> dict[str, object]:
    with pytest.raises(SubmissionRejected) as refused:
        read_records(documents, SALTED)
    return dict(refused.value.facts)


def test_honest_records_are_read(documents: list[dict[str, Any]]) -> None:
    assert [one.pseudonym for one in read_records(documents, SALTED)] == ["p0", "p1"]


def test_content_without_its_token_is_refused(documents: list[dict[str, Any]]) -> None:
    view = next(one.name for one in SALTED.salted if int(documents[1]["exact"][one.name], 16))
    spoiled = {**documents[1], "exact": {**documents[1]["exact"], view: "0" * 16}}
    assert _refusal([documents[0], spoiled]) == {"position": 1, "reason": "token-missing"}


def test_a_token_of_a_thinned_view_twice_is_refused(documents: list[dict[str, Any]]) -> None:
    again = {**documents[0], "pseudonym": "p2"}
    assert _refusal([*documents, again]) == {"position": 2, "reason": "token-repeated"}
