"""Plausibility: what an encoder makes passes; probes and damaged sets are refused, each for its defect."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import schema, synthetic
from linkage.encode import Encoder, EncodingSet
from linkage.encode.plausibility import limits, require_plausible
from linkage.errors import (
    DuplicateRecordId,
    EncodingImplausible,
    EncodingInvalid,
    EncodingMismatch,
    LinkageError,
)
from linkage.schema import LinkageSchema
from tests.linkage.patients import Record, patients, table

SECRET = b"a secret of 16 b"
OTHER_SECRET = b"another secret of more bytes"
ENCODERS = {name: Encoder(schema.load(name), secret=SECRET) for name in schema.shipped()}
ANNA: Record = {
    "given_name": "Anna",
    "surname": "Müller",
    "birth_date": "1980-03-04",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
    "kvnr": "A123456780",
}
ALL = np.uint64(2**64 - 1)


def made(name: str) -> EncodingSet:
    """Two different records."""
    return ENCODERS[name].encode(table([ANNA, ANNA | {"surname": "Schmidt", "sex": "m"}]))


def with_filter(encodings: EncodingSet, name: str, change: Callable[..., object]) -> EncodingSet:
    """A set with the first record's filter changed."""
    words = encodings.filters[name].copy()
    change(words[0])
    return replace(encodings, filters={**encodings.filters, name: words})


def one_bit(words: np.ndarray) -> None:
    words[:] = 0
    words[0] = 1


def all_bits(words: np.ndarray) -> None:
    words[:] = ALL


def no_bits(words: np.ndarray) -> None:
    words[:] = 0


def token_gone(encodings: EncodingSet) -> EncodingSet:
    return replace(
        encodings, exact={**encodings.exact, "n-y": np.zeros_like(encodings.exact["n-y"])}
    )


def token_twice(encodings: EncodingSet) -> EncodingSet:
    exact = encodings.exact["n-y"].copy()
    exact[1] = exact[0]
    return replace(encodings, exact={**encodings.exact, "n-y": exact})


def cut_in_half(encodings: EncodingSet) -> EncodingSet:
    short = encodings.filters["record"][:, :8]
    return replace(encodings, filters={"record": short})


PROBES: dict[str, tuple[str, Callable[[EncodingSet], EncodingSet]]] = {
    "few: one bit in a record filter": (
        "record",
        lambda found: with_filter(found, "record", one_bit),
    ),
    "few: one bit in a diffused view": ("views", lambda found: with_filter(found, "nd", one_bit)),
    "few: one bit in a block": (
        "salted",
        lambda found: with_filter(found, "n-y.names", one_bit),
    ),
    "many: all bits of a record filter": (
        "record",
        lambda found: with_filter(found, "record", all_bits),
    ),
    "many: all bits of a view": ("views", lambda found: with_filter(found, "gd", all_bits)),
    "many: all bits of a clkhash filter": (
        "clkhash-compat",
        lambda found: with_filter(found, "record", all_bits),
    ),
    "many: all bits of a block": (
        "salted",
        lambda found: with_filter(found, "n-y.date", all_bits),
    ),
    "marked: empty but marked as present": (
        "record",
        lambda found: with_filter(found, "record", no_bits),
    ),
    "marked: content but marked as missing": (
        "record",
        lambda found: replace(found, present={"record": np.zeros(2, dtype=np.bool_)}),
    ),
    "token: content without a token": ("salted", token_gone),
    "thinned: a token twice": ("salted", token_twice),
    "shape: half of the bits": ("record", cut_in_half),
}


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_refused_for_its_defect(probe: str) -> None:
    name, change = PROBES[probe]
    with pytest.raises(EncodingImplausible) as refusal:
        require_plausible(change(made(schema.ALIASES[name])))
    assert refusal.value.rule == probe.split(":", maxsplit=1)[0]


@pytest.mark.parametrize("probe", [name for name in PROBES if not name.startswith("shape")])
def test_a_file_with_a_probe_is_not_read(probe: str, tmp_path: Path) -> None:
    name, change = PROBES[probe]
    path = tmp_path / f"{probe.replace(' ', '_')}.enc"
    change(made(schema.ALIASES[name])).save(path)
    with pytest.raises(EncodingImplausible, match=re.escape(f"{path.name} is refused")):
        EncodingSet.load(path)


def test_a_repeated_record_id_is_refused() -> None:
    found = made("default-2026-11")
    with pytest.raises(DuplicateRecordId, match="row 2"):
        require_plausible(replace(found, record_ids=found.record_ids[:1] * 2))


@given(st.lists(patients(), min_size=1, max_size=8), st.sampled_from(schema.shipped()))
def test_what_an_encoder_makes_is_plausible(records: list[Record], name: str) -> None:
    require_plausible(ENCODERS[name].encode(table(records)))


@pytest.mark.parametrize("name", schema.shipped())
def test_made_up_patients_with_many_errors_are_plausible(name: str) -> None:
    crowd = synthetic.generate(["a"], 1500, 0, seed=3, errors=synthetic.HEAVY)
    require_plausible(ENCODERS[name].encode(crowd.table("a")))


HARDENED = {
    "permutation": [{"name": "permutation"}],
    "balance": [{"name": "balance"}],
    "fold": [{"name": "fold"}],
    "rule 90": [{"name": "rule-90"}],
    "noise": [{"name": "randomized-response", "flip": 0.02}],
    "fold, then diffusion": [{"name": "fold"}, {"name": "diffusion", "t": 9}],
    "diffusion, then balance": [{"name": "diffusion", "t": 9}, {"name": "balance"}],
}


@pytest.mark.parametrize("steps", HARDENED)
def test_limits_hold_after_hardening_and_are_no_wider_than_the_filter(steps: str) -> None:
    document = schema.load("record").document | {"hardening": HARDENED[steps]}
    chosen = schema.parse(document)
    encoder = Encoder(chosen, secret=SECRET)
    require_plausible(encoder.encode(synthetic.generate(["a"], 500, 0, seed=5).table("a")))
    found = limits(chosen)["record"]
    assert 0 < found.least <= found.most < chosen.filters["record"]


def test_a_balanced_filter_has_exactly_half_of_its_bits() -> None:
    document = schema.load("record").document | {"hardening": [{"name": "balance"}]}
    found = limits(schema.parse(document))["record"]
    assert (found.least, found.most) == (1024, 1024)


def other_version(name: str) -> LinkageSchema:
    return schema.parse(schema.load(name).document | {"normalization": "german-2"})


MIXED: dict[str, Callable[[], EncodingSet]] = {
    "schema": lambda: made("record-2026-11"),
    "schema of another version": lambda: Encoder(other_version("default"), secret=SECRET).encode(
        table([ANNA])
    ),
    "secret": lambda: Encoder(schema.default(), secret=OTHER_SECRET).encode(table([ANNA])),
    "secret of another project": lambda: Encoder(
        schema.default(), secret=SECRET, project="p"
    ).encode(table([ANNA])),
    "length": lambda: cut_in_half(made("default-2026-11")),
}


@pytest.mark.parametrize("mix", MIXED)
def test_encodings_that_were_not_made_for_each_other_are_not_mixed(mix: str) -> None:
    with pytest.raises(EncodingMismatch) as refusal:
        made("default-2026-11").require_comparable(MIXED[mix]())
    assert refusal.value.reason == mix.split(maxsplit=1)[0]


@pytest.mark.parametrize("name", ["default-2026-11", "views-2026-11", "salted-2026-11"])
@given(data=st.data())
def test_no_file_that_was_cut_or_changed_is_read(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("files") / "a.enc"
    made(name).save(path)
    raw = path.read_bytes()
    cut = data.draw(st.integers(0, len(raw) - 1))
    path.write_bytes(raw[:cut])
    with pytest.raises(EncodingInvalid):
        EncodingSet.load(path)
    flipped = bytes([raw[cut] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(raw[:cut] + flipped + raw[cut + 1 :])
    if name != "default-2026-11":  # the header of older files has no digest of its own
        with pytest.raises(LinkageError):
            EncodingSet.load(path)
