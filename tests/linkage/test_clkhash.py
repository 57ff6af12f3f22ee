"""The clkhash family: bit for bit what clkhash 0.18.3 makes."""

import numpy as np
import pytest

from linkage import schema
from linkage.encode import Encoder
from linkage.encode.clkhash import from_base64, to_base64
from linkage.records import RecordTable, table_of
from tests.linkage.vectors import read

VECTORS = read("clkhash/double_hash.json")


def persons() -> RecordTable:
    """The persons of the vectors."""
    rows = [dict(zip(VECTORS["columns"], row, strict=True)) for row in VECTORS["records"]]
    return table_of("vectors", [row | {"record_id": str(place)} for place, row in enumerate(rows)])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_every_filter_is_the_one_clkhash_makes(case: dict[str, object]) -> None:
    secret = str(VECTORS["secret"]).encode()
    chosen = schema.parse(case["schema"])
    made = Encoder(chosen, secret=secret).encode(persons()).record_filters
    assert [to_base64(words) for words in made] == case["clks"]


def test_a_filter_survives_being_written_for_clkhash() -> None:
    words = np.arange(16, dtype=np.uint64) * np.uint64(0x0123456789ABCDEF)
    assert np.array_equal(from_base64(to_base64(words)), words)
