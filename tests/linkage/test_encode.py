"""Encoding: same tokens, same bits; another secret, nothing in common; rows do not touch each other."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import schema
from linkage.encode import Encoder, EncodingSet, read_secret
from linkage.encode.tokens import date_tokens, ngrams
from linkage.errors import EncodingMismatch, MissingColumn, RecordInvalid, SecretTooShort
from linkage.records import table_of
from linkage.schema import DatePart, LinkageSchema, Ngrams
from tests.linkage.patients import Record, patients, table
from tests.linkage.vectors import read

SECRET = b"a secret of 16 b"
OTHER = b"another secret of more bytes"
ENCODERS = {name: Encoder(schema.load(name), secret=SECRET) for name in schema.shipped()}
FULL: Record = {
    "given_name": "Anna",
    "surname": "Müller",
    "birth_date": "1980-03-04",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
    "kvnr": "A123456780",
}


def dice(first: EncodingSet, second: EncodingSet) -> float:
    """Dice coefficient of the first records of two sets in the record layout."""
    one, two = first.record_filters[0], second.record_filters[0]
    common = int(np.bitwise_count(one & two).sum())
    return 2 * common / int(np.bitwise_count(one).sum() + np.bitwise_count(two).sum())


def encoded(record: Record, *, chosen: LinkageSchema | None = None) -> EncodingSet:
    return Encoder(chosen or schema.default(), secret=SECRET).encode(table([record]))


def equal(first: EncodingSet, second: EncodingSet) -> bool:
    """Whether all filters and tokens agree."""
    filters = [np.array_equal(words, second.filters[name]) for name, words in first.filters.items()]
    exact = [np.array_equal(values, second.exact[name]) for name, values in first.exact.items()]
    return all(filters + exact)


@given(st.lists(patients(), min_size=1, max_size=5), st.sampled_from(schema.shipped()))
def test_the_same_records_and_secret_give_the_same_encodings(
    records: list[Record], name: str
) -> None:
    again = Encoder(schema.load(name), secret=SECRET)
    assert equal(ENCODERS[name].encode(table(records)), again.encode(table(records)))


@given(st.lists(patients(), min_size=1, max_size=6), st.sampled_from(schema.shipped()), st.data())
def test_permuting_the_rows_permutes_the_encodings(
    records: list[Record], name: str, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(records))))
    straight = ENCODERS[name].encode(table(records))
    named = [record | {"record_id": str(place)} for place, record in enumerate(records)]
    mixed = ENCODERS[name].encode(table_of("a", [named[place] for place in order]))
    assert equal(straight.take(order), mixed)


@given(patients(), st.sampled_from(schema.shipped()))
def test_encoding_one_record_is_encoding_a_table_of_one(record: Record, name: str) -> None:
    single = ENCODERS[name].encode_one(record)
    whole = ENCODERS[name].encode(table([record]))
    for filter_name, words in whole.filters.items():
        assert np.array_equal(single.filters[filter_name], words[0])
        assert single.present[filter_name] == bool(whole.present[filter_name][0])
    assert dict(single.exact) == {key: int(values[0]) for key, values in whole.exact.items()}


@pytest.mark.parametrize("name", ["default", "record"])
def test_another_secret_or_project_gives_unrelated_bits(name: str) -> None:
    chosen = schema.load(name)
    mine = Encoder(chosen, secret=SECRET).encode(table([FULL]))
    for other in (Encoder(chosen, secret=OTHER), Encoder(chosen, secret=SECRET, project="p")):
        theirs = other.encode(table([FULL]))
        assert dice(mine, theirs) < 0.5
        assert theirs.commitment != mine.commitment
        assert theirs.exact.get("kvnr", [0]) != mine.exact.get("kvnr", [1])


def test_another_schema_gives_unrelated_bits() -> None:
    renamed = schema.parse(schema.default().document | {"name": "renamed"})
    assert dice(encoded(FULL), encoded(FULL, chosen=renamed)) < 0.5


def test_spelling_variants_of_one_person_give_the_same_filter() -> None:
    variant = FULL | {
        "surname": "MUELLER",
        "given_name": " anna",
        "sex": "W",
        "postcode": "D-04109",
    }
    assert equal(encoded(FULL), encoded(variant))


def test_exchanged_names_give_the_same_filter() -> None:
    swapped = FULL | {"surname": "Anna", "given_name": "Müller"}
    assert equal(encoded(FULL), encoded(swapped))


def test_errors_cost_little_and_other_persons_much() -> None:
    near = encoded(FULL | {"surname": "Miller", "birth_date": "1980-04-03"})
    far = encoded(FULL | {"surname": "Schmidt", "given_name": "Jens", "birth_date": "1961-12-30"})
    assert dice(encoded(FULL), near) > 0.75
    assert dice(encoded(FULL), far) < 0.6


def test_twins_are_told_apart() -> None:
    assert 0.7 < dice(encoded(FULL), encoded(FULL | {"given_name": "Sophie"})) < 0.95


def test_a_missing_value_sets_no_bit() -> None:
    empty = dict.fromkeys(FULL)
    assert not encoded(empty).record_filters.any()
    assert not encoded(empty).present["record"].any()
    assert encoded(empty).exact["kvnr"].tolist() == [0]


def test_present_tells_which_field_filters_have_content() -> None:
    made = encoded(FULL | {"surname": None, "city": None}, chosen=schema.load("field"))
    present = {name: bool(mask[0]) for name, mask in made.present.items()}
    assert present == {
        "given_name": True,
        "surname": False,
        "birth_date": True,
        "sex": True,
        "address": True,
    }


def test_exact_tokens_are_equal_exactly_for_equal_numbers() -> None:
    rows: list[Record] = [FULL, FULL | {"kvnr": "a 123456780"}, FULL | {"kvnr": "B987654320"}]
    tokens = Encoder(schema.default(), secret=SECRET).encode(table(rows)).exact["kvnr"]
    assert tokens[0] == tokens[1] != tokens[2]


def test_an_insurance_number_that_fails_its_check_digit_is_missing() -> None:
    assert encoded(FULL | {"kvnr": "A123456789"}).exact["kvnr"].tolist() == [0]


def test_a_table_without_an_optional_column_is_encoded() -> None:
    rows = [{"record_id": "1"} | {key: value for key, value in FULL.items() if key != "kvnr"}]
    made = Encoder(schema.default(), secret=SECRET).encode(table_of("a", rows))
    assert made.exact["kvnr"].tolist() == [0]


def test_a_table_without_a_needed_column_is_refused() -> None:
    with pytest.raises(MissingColumn, match="surname"):
        Encoder(schema.default(), secret=SECRET).encode(table_of("a", [{"record_id": "1"}]))


def test_an_unreadable_value_names_its_row_and_not_itself() -> None:
    rows: list[Record] = [FULL, FULL | {"birth_date": "1980-02-30"}]
    with pytest.raises(RecordInvalid, match="row 3, birth_date: date-impossible") as refusal:
        Encoder(schema.default(), secret=SECRET).encode(table(rows))
    assert "1980" not in str(refusal.value)


@pytest.mark.parametrize("size", [0, 1, 15])
def test_a_short_secret_is_refused(size: int) -> None:
    with pytest.raises(SecretTooShort):
        Encoder(schema.default(), secret=b"x" * size)


def test_a_secret_file_loses_one_trailing_newline(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(SECRET + b"\n\n")
    assert read_secret(path) == SECRET + b"\n"
    path.write_bytes(SECRET[:-1] + b"\n")
    with pytest.raises(SecretTooShort):
        read_secret(path)


def test_the_secret_appears_nowhere_in_what_is_saved(tmp_path: Path) -> None:
    made = encoded(FULL)
    made.save(tmp_path / "a.enc")
    raw = (tmp_path / "a.enc").read_bytes()
    assert SECRET not in raw
    assert b"Anna" not in raw


def test_encodings_of_another_schema_secret_or_length_are_not_compared() -> None:
    mine = encoded(FULL)
    mine.require_comparable(mine.renamed("b"))
    others = {
        "schema": encoded(FULL, chosen=schema.load("record")),
        "secret": Encoder(schema.default(), secret=OTHER).encode(table([FULL])),
    }
    for reason, other in others.items():
        with pytest.raises(EncodingMismatch) as refusal:
            mine.require_comparable(other)
        assert refusal.value.reason == reason


def test_progress_ends_with_all_records() -> None:
    seen: list[tuple[int, int]] = []
    rows: list[Record] = [FULL] * 20_000
    Encoder(schema.default(), secret=SECRET).encode(
        table(rows), progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (20_000, 20_000)
    assert len(seen) > 1


@pytest.mark.parametrize("name", schema.shipped())
def test_the_published_encoding_never_changes(name: str) -> None:
    """Frozen filters: other versions, machines and sites must get the same bits."""
    published = read("linkage/encodings.json")[name]
    made = encoded(FULL, chosen=schema.load(name))
    assert made.commitment == published["commitment"]
    filters = {key: words[0].astype("<u8").tobytes().hex() for key, words in made.filters.items()}
    assert filters == published["filters"]
    assert {key: f"{values[0]:016x}" for key, values in made.exact.items()} == published["exact"]


@pytest.mark.parametrize(
    ("text", "spec", "grams"),
    [
        ("anna", Ngrams(2), [" a", "an", "nn", "na", "a "]),
        ("anna", Ngrams(2, padded=False), ["an", "nn", "na"]),
        ("19", Ngrams(1, positional=True), ["1 1", "2 9"]),
        ("ab", Ngrams(2, positional=True), ["1  a", "2 ab", "3 b "]),
        ("a", Ngrams(3, padded=False), []),
        ("", Ngrams(2), []),
    ],
)
def test_ngrams_are_cut_as_described(text: str, spec: Ngrams, grams: list[str]) -> None:
    assert ngrams(text, spec) == grams


def test_a_date_with_day_and_month_exchanged_keeps_its_placeless_tokens() -> None:
    parts = (DatePart.YEAR, DatePart.DECADE, DatePart.MONTH, DatePart.DAY, DatePart.DAY_MONTH_SET)
    assert date_tokens("19580401", parts) == ["y1958", "e195", "m04", "d01", "n01", "n04"]
    exchanged = set(date_tokens("19580104", parts))
    assert set(date_tokens("19580401", parts)) & exchanged == {"y1958", "e195", "n01", "n04"}
