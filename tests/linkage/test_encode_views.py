"""Views and salted views: what is missing is not sent, and only equal salts can be compared."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage import schema
from linkage.encode import Encoder, EncodingSet, UsedTokens
from linkage.encode.engine import engine
from linkage.errors import EncodingInvalid, EncodingMismatch
from linkage.records import RecordTable, table_of
from linkage.schema import LinkageSchema
from tests.linkage.patients import Record, patients, table
from tests.linkage.vectors import read

SECRET = b"a secret of 16 b"
ENCODERS = {name: Encoder(schema.load(name), secret=SECRET) for name in ("views", "salted")}
SLOW = {name: Encoder(one.schema, secret=SECRET, engine="numpy") for name, one in ENCODERS.items()}
ANNA: Record = {
    "given_name": "Anna",
    "surname": "Müller",
    "birth_date": "1980-03-04",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
    "kvnr": None,
}
SIPHASH = read("linkage/siphash.json")


def encoded(record: Record, name: str) -> EncodingSet:
    return ENCODERS[name].encode(table([record]))


def present(record: Record) -> str:
    """The five views that are sent, as a string."""
    return " ".join(name for name, mask in encoded(record, "views").present.items() if mask[0])


def dice(first: Any, second: Any) -> float:
    common = int(np.bitwise_count(first & second).sum())
    return 2 * common / int(np.bitwise_count(first).sum() + np.bitwise_count(second).sum())


@pytest.mark.parametrize("name", ["numba", "numpy"])
@pytest.mark.parametrize("length", [key for key in SIPHASH if key != "source"])
def test_siphash_gives_the_published_values(name: str, length: str) -> None:
    key = np.frombuffer(bytes(range(16)), dtype="<u8").astype(np.uint64)
    words = np.frombuffer(bytes(range(int(length))), dtype="<u8").astype(np.uint64)[None]
    out = np.zeros(1, dtype=np.uint64)
    engine(name).siphash(key[0], key[1], words, out)
    assert out.astype("<u8").tobytes().hex() == SIPHASH[length]


@given(st.lists(patients(), min_size=1, max_size=8), st.sampled_from(["views", "salted"]))
def test_every_engine_gives_the_same_encodings(records: list[Record], name: str) -> None:
    fast, slow = (one[name].encode(table(records)) for one in (ENCODERS, SLOW))
    for mine, theirs in ((fast.filters, slow.filters), (fast.exact, slow.exact)):
        assert list(mine) == list(theirs)
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine)


MISSING: dict[str, tuple[Record, str]] = {
    "nothing is missing": ({}, "nd gd sd da na"),
    "no given name": ({"given_name": None}, "sd da"),
    "no surname": ({"surname": ""}, "gd da"),
    "surname unknown": ({"surname": "unbekannt"}, "gd da"),
    "no date": ({"birth_date": None}, "na"),
    "no sex": ({"sex": None}, "nd gd sd da na"),
    "no postcode": ({"postcode": None}, "nd gd sd da na"),
    "no place": ({"postcode": None, "city": None}, "nd gd sd"),
    "only a name": ({"birth_date": None, "postcode": None, "city": None}, ""),
}


@pytest.mark.parametrize("case", MISSING)
def test_a_view_without_what_it_requires_is_sent_as_missing(case: str) -> None:
    change, sent = MISSING[case]
    made = encoded(ANNA | change, "views")
    assert present(ANNA | change) == sent
    for name, words in made.filters.items():
        assert words.any() == (name in sent.split())


def test_no_two_views_share_a_key() -> None:
    document: Any = json.loads(json.dumps(schema.load("views").document))
    first = document["views"][0]
    document["views"] = [first, first | {"name": "again"}]
    made = Encoder(schema.parse(document), secret=SECRET).encode(table([ANNA]))
    assert dice(made.filters["nd"], made.filters["again"]) < 0.65


def test_equal_salts_have_equal_tokens_and_comparable_content() -> None:
    one = encoded(ANNA, "salted")
    two = encoded(ANNA | {"surname": "Möller", "postcode": "10115", "city": "Berlin"}, "salted")
    equal = {
        name for name in ("n1-ds", "g-ds", "s-ds", "n-y") if one.exact[name] == two.exact[name]
    }
    assert equal == {"n1-ds", "g-ds", "s-ds", "n-y"}
    assert np.array_equal(one.filters["n1-ds.given"], two.filters["n1-ds.given"])
    assert 0.5 < dice(one.filters["n1-ds.surname"], two.filters["n1-ds.surname"]) < 1
    assert one.exact["y-p"] != two.exact["y-p"]


def test_different_salts_leave_nothing_to_compare() -> None:
    one = encoded(ANNA, "salted")
    two = encoded(ANNA | {"postcode": "10115"}, "salted")
    assert not np.array_equal(one.filters["y-p.names"], two.filters["y-p.names"])
    assert dice(one.filters["y-p.names"], two.filters["y-p.names"]) < 0.75
    assert np.array_equal(one.filters["n-y.names"], two.filters["n-y.names"])


EXCHANGED: dict[str, tuple[Record, str]] = {
    "day and month": ({"birth_date": "1980-04-03"}, "n1-ds g-ds s-ds"),
    "names": ({"given_name": "Müller", "surname": "Anna"}, "n1-ds n1-ym-x n-y n-c"),
}


@pytest.mark.parametrize("case", EXCHANGED)
def test_what_was_exchanged_keeps_the_tokens_that_stand_it(case: str) -> None:
    change, stand = EXCHANGED[case]
    one, two = encoded(ANNA, "salted"), encoded(ANNA | change, "salted")
    for name in stand.split():
        assert one.exact[name] == two.exact[name]


def test_a_view_without_its_salt_holds_nothing() -> None:
    made = encoded(ANNA | {"sex": None}, "salted")
    assert made.exact["y-c-x"].tolist() == [0]
    assert not any(made.filters[f"y-c-x.{block}"].any() for block in ("names", "date", "address"))
    assert made.exact["y-p"].all()


@given(st.text("abcdefgh", min_size=2, max_size=40))
@settings(max_examples=20)
def test_the_length_of_a_name_does_not_show_in_its_block(name: str) -> None:
    made = encoded(ANNA | {"surname": name}, "salted")
    assert 31 <= int(np.bitwise_count(made.filters["y-p.surname"]).sum()) <= 77


def namesakes(count: int, *, start: int = 0) -> RecordTable:
    """Records that share all salts, under IDs of their own."""
    return table_of("a", [ANNA | {"record_id": str(start + place)} for place in range(count)])


@given(st.lists(patients(), min_size=1, max_size=12))
@settings(max_examples=20)
def test_no_two_records_of_a_source_share_a_token_of_a_thinned_view(records: list[Record]) -> None:
    made = ENCODERS["salted"].encode(table(records))
    whole = Encoder(unthinned(), secret=SECRET).encode(table(records))
    for view in made.schema.salted:
        kept = made.exact[view.name][made.exact[view.name] != 0]
        assert len(set(kept.tolist())) == len(kept)
        assert len(kept) == len(set(whole.exact[view.name].tolist()) - {0})
        lost = made.exact[view.name] == 0
        assert not any(made.filters[f"{view.name}.{block}"][lost].any() for block in view.blocks)


def unthinned() -> LinkageSchema:
    """The salted schema without thinning."""
    document: Any = json.loads(json.dumps(schema.load("salted").document))
    for view in document["salted"]:
        view["thinned"] = False
    return schema.parse(document)


def test_each_view_draws_its_own_lots() -> None:
    made = ENCODERS["salted"].encode(namesakes(10))
    winners = [int(np.flatnonzero(made.exact[view.name])[0]) for view in made.schema.salted]
    assert len(set(winners)) > 1


def test_who_keeps_a_view_does_not_depend_on_the_order() -> None:
    straight = ENCODERS["salted"].encode(namesakes(10))
    records = [ANNA | {"record_id": str(place)} for place in reversed(range(10))]
    reverse = ENCODERS["salted"].encode(table_of("a", records))
    for name, tokens in straight.exact.items():
        assert np.array_equal(tokens, reverse.exact[name][::-1])


def test_a_token_stays_with_its_holder_in_later_deliveries(tmp_path: Path) -> None:
    encoder = ENCODERS["salted"]
    used = encoder.used_tokens()
    first = encoder.encode(namesakes(3), used=used)
    used.save(tmp_path / "used")
    later = UsedTokens.load(tmp_path / "used")
    again = encoder.encode(namesakes(40), used=later)
    new = encoder.encode(namesakes(40, start=100), used=later)
    for view in encoder.schema.salted:
        assert np.array_equal(again.exact[view.name][:3], first.exact[view.name])
        assert not again.exact[view.name][3:].any()
        assert not new.exact[view.name].any()
    assert len(later) == len(used) == 12


def test_used_tokens_of_another_secret_are_refused(tmp_path: Path) -> None:
    other = Encoder(schema.load("salted"), secret=b"another secret of more bytes")
    with pytest.raises(EncodingMismatch):
        ENCODERS["salted"].encode(namesakes(1), used=other.used_tokens())


def test_a_damaged_file_of_used_tokens_is_refused(tmp_path: Path) -> None:
    used = ENCODERS["salted"].used_tokens()
    ENCODERS["salted"].encode(namesakes(2), used=used)
    path = tmp_path / "used"
    used.save(path)
    whole = path.read_bytes()
    for place in (0, 9, 60, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(EncodingInvalid):
            UsedTokens.load(path)
        path.write_bytes(whole[:place])
        with pytest.raises(EncodingInvalid):
            UsedTokens.load(path)


def test_a_value_of_many_tokens_is_encoded_alike_by_every_engine() -> None:
    record = ANNA | {"surname": "x y z " * 160}
    fast, slow = (one["salted"].encode(table([record])) for one in (ENCODERS, SLOW))
    assert all(np.array_equal(words, slow.filters[name]) for name, words in fast.filters.items())
