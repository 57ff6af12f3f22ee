"""No tampering with an exported log goes unnoticed, and a genuine one is always believed."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.core.logs import (
    CENTER_KEY,
    ORIGIN,
    OTHER_KEY,
    START,
    WITNESS,
    checkpoint,
    export,
    forked,
    leaf,
    trust_file,
)
from ttp.core.audit_export import header_line, leaf_line
from ttp.core.audit_trust import AuditTrust, Cosignature, NotTrusted, TrustFileInvalid
from ttp.core.audit_verifier import ExportTampered, Verified, verify_export

TRUST = AuditTrust.from_document(trust_file())
WITNESSED = AuditTrust.from_document(trust_file(witnesses=1))
LEAVES = [leaf(number) for number in range(12)]
sizes = st.integers(1, len(LEAVES))


@given(size=sizes)
def test_a_genuine_log_is_verified(size: int) -> None:
    verified = verify_export(export(LEAVES[:size]), trust=TRUST)
    last = START + timedelta(seconds=size - 1)
    assert verified == Verified(ORIGIN, size, START, last, True, ())


@given(size=sizes, at=st.integers(0, 12), byte=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_noticed(size: int, at: int, byte: int, bit: int) -> None:
    lines = export(LEAVES[:size])
    line = bytearray(lines[at % len(lines)])
    line[byte % (len(line) - 1)] ^= 1 << bit  # the line's end is no part of it
    lines[at % len(lines)] = bytes(line)
    with pytest.raises((ExportTampered, NotTrusted)):
        verify_export(b"".join(lines).splitlines(keepends=True), trust=TRUST)


@given(
    size=st.integers(2, len(LEAVES)),
    data=st.data(),
    deed=st.sampled_from(["delete", "swap", "duplicate", "truncate", "replace", "append"]),
)
def test_leaves_deleted_reordered_repeated_cut_or_replaced_are_noticed(
    size: int, data: st.DataObject, deed: str
) -> None:
    leaves = LEAVES[:size]
    lines = export(leaves)[1:]
    first, second = data.draw(st.permutations(range(size)).map(lambda places: places[:2]))
    match deed:
        case "delete":
            del lines[first]
        case "swap":
            lines[first], lines[second] = lines[second], lines[first]
        case "duplicate":
            lines.insert(second, lines[first])
        case "truncate":
            lines = lines[: min(first, second)]
        case "replace":
            lines[first] = lines[second]
        case _:
            lines.append(leaf_line(leaf(size)))
    if data.draw(st.booleans()):  # a careful insider numbers the lines anew
        lines = [_renumbered(line, place) for place, line in enumerate(lines)]
    with pytest.raises(ExportTampered):
        verify_export([export(leaves)[0], *lines], trust=TRUST)


def _renumbered(line: bytes, place: int) -> bytes:
    return orjson.dumps({**orjson.loads(line), "position": place}) + b"\n"


@given(size=sizes, at=st.integers(0, 11))
def test_swapped_subjects_are_noticed(size: int, at: int) -> None:
    lines = export(LEAVES[:size])
    place = 1 + at % size
    document = orjson.loads(lines[place])
    forged = base64.b64encode(b"\x00" * 16 * ((at % size) % 4 + 1)).decode()
    lines[place] = orjson.dumps({**document, "subjects": forged}) + b"\n"
    with pytest.raises(ExportTampered, match=rf"Leaf {place - 1} \(.*\): its subjects"):
        verify_export(lines, trust=TRUST)


def test_a_log_rewritten_and_signed_by_another_key_is_not_trusted() -> None:
    rewritten = forked(5, 2)
    forged = header_line(ORIGIN, [checkpoint(rewritten, key=OTHER_KEY)])
    lines = [forged, *map(leaf_line, rewritten)]
    assert not verify_export(lines, trust=None).signed
    with pytest.raises(NotTrusted):
        verify_export(lines, trust=TRUST)


def test_a_checkpoint_of_another_log_is_not_trusted() -> None:
    stranger = AuditTrust.from_document(
        {
            "version": 1,
            "centers": [
                {"origin": "treuhandstelle/west", "signing_key": CENTER_KEY.public.to_jwk()}
            ],
        }
    )
    with pytest.raises(NotTrusted, match="names no key for this log"):
        verify_export(export(LEAVES), trust=stranger)


@given(kept=sizes, size=sizes)
def test_a_kept_checkpoint_shows_a_cut_log(kept: int, size: int) -> None:
    """An older but genuine state of the log is consistent in itself: only memory can tell."""
    previous = checkpoint(LEAVES[:kept]).note
    lines = export(LEAVES[:size])
    if kept <= size:
        assert verify_export(lines, trust=TRUST, previous=previous).size == size
    else:
        with pytest.raises(ExportTampered, match="cut"):
            verify_export(lines, trust=TRUST, previous=previous)


@given(kept=sizes, changed=st.integers(0, 11))
def test_a_kept_checkpoint_shows_a_forked_log(kept: int, changed: int) -> None:
    assume(changed < kept)
    fork = forked(len(LEAVES), changed)
    with pytest.raises(ExportTampered, match="not what was signed") as found:
        verify_export(export(fork), trust=TRUST, previous=checkpoint(LEAVES[:kept]).note)
    assert found.value.facts["position"] == 0  # nothing was signed between that would tell more


@given(changed=st.integers(0, 11), signed=st.sets(st.integers(1, 11)))
def test_the_checkpoints_between_name_the_first_leaf_of_a_fork(
    changed: int, signed: set[int]
) -> None:
    between = [checkpoint(LEAVES[:size]) for size in signed]
    with pytest.raises(ExportTampered, match="not what was signed") as found:
        verify_export(
            export(forked(len(LEAVES), changed), *between),
            trust=TRUST,
            previous=checkpoint(LEAVES).note,
        )
    assert found.value.facts["position"] == max((s for s in signed if s <= changed), default=0)


@given(place=st.integers(0, 9))
def test_a_leaf_written_anew_with_its_hash_is_named_by_the_next_of_its_writer(place: int) -> None:
    leaves = [*LEAVES[:place], forked(12, place)[place], *LEAVES[place + 1 :]]
    with pytest.raises(ExportTampered, match="not the one that its writer committed") as found:
        verify_export(export(leaves), trust=TRUST)
    assert found.value.facts == {"position": place, "leaf": str(LEAVES[place].id)}


@given(gone=st.integers(0, 9))
def test_a_leaf_deleted_before_it_had_its_place_is_missed_by_the_next_of_its_writer(
    gone: int,
) -> None:
    """The insider deletes the row in time: positions, hashes and signatures are genuine without it."""
    left = [leaf for leaf in LEAVES if leaf.position != gone]
    placed = [replace(leaf, position=place) for place, leaf in enumerate(left)]
    with pytest.raises(ExportTampered, match="its writer's leaves") as found:
        verify_export(export(placed), trust=TRUST)
    assert found.value.facts["leaf"] == str(LEAVES[gone + 2].id)


@given(size=sizes, place=st.integers(0, 11))
def test_an_acknowledged_leaf_is_found_by_its_hash(size: int, place: int) -> None:
    found = verify_export(export(LEAVES[:size]), trust=TRUST, seek=LEAVES[place].hash()).found
    assert found == (place if place < size else None)


@given(size=sizes)
def test_witnesses_tell_up_to_where_they_saw_the_log(size: int) -> None:
    seen = checkpoint(LEAVES[:size], witnessed=True)
    verified = verify_export(export(LEAVES, seen), trust=WITNESSED)
    assert verified.cosignatures == (Cosignature(WITNESS, size, START),)


def test_a_log_without_its_witness_is_not_trusted() -> None:
    with pytest.raises(NotTrusted, match="0 witnesses have co-signed; the trust file asks for 1"):
        verify_export(export(LEAVES), trust=WITNESSED)


def test_a_witness_who_saw_another_log_shows_the_fork() -> None:
    seen = checkpoint(LEAVES[:8], witnessed=True)
    with pytest.raises(
        ExportTampered, match=r"Leaf 0 .* or one up to 7: it is not what was signed"
    ):
        verify_export(export(forked(len(LEAVES), 5), seen), trust=WITNESSED)


def test_a_clock_set_back_is_noticed_but_a_slow_commit_is_not() -> None:
    slow = [leaf(0), leaf(1, at=START - timedelta(minutes=9))]
    assert verify_export(export(slow), trust=TRUST).size == 2
    back = [leaf(0), leaf(1, at=START - timedelta(minutes=11))]
    with pytest.raises(ExportTampered, match=r"Leaf 1 \(.*\): its time runs back"):
        verify_export(export(back), trust=TRUST)


HEADERS: dict[str, Callable[[dict[str, object]], object]] = {
    "another format": lambda header: {**header, "format": "other"},
    "another version": lambda header: {**header, "version": 1},
    "one member more": lambda header: {**header, "note": "all is well"},
    "no checkpoint": lambda header: {**header, "checkpoints": []},
    "checkpoint is no text": lambda header: {**header, "checkpoints": [1]},
    "another size": lambda header: {**header, "size": 3},
    "another origin": lambda header: {**header, "origin": "treuhandstelle/west"},
    "malformed checkpoint": lambda header: {**header, "checkpoints": ["a\n\nb\n"]},
    "a list": lambda _header: [],
}


@pytest.mark.parametrize("defect", HEADERS)
def test_a_header_that_is_not_whole_is_refused(defect: str) -> None:
    header, *rest = export(LEAVES)
    changed = orjson.dumps(HEADERS[defect](orjson.loads(header))) + b"\n"
    with pytest.raises(ExportTampered):
        verify_export([changed, *rest], trust=None)


def test_an_empty_file_is_no_export() -> None:
    with pytest.raises(ExportTampered):
        verify_export([], trust=None)


TRUST_FILES: dict[str, object] = {
    "a list": [],
    "no version": {"centers": []},
    "center without a key": {"version": 1, "centers": [{"origin": "x"}]},
    "private key": {
        "version": 1,
        "centers": [{"origin": "x", "signing_key": {**CENTER_KEY.public.to_jwk(), "d": "x"}}],
    },
    "centers is a number": {"version": 1, "centers": 1},
    "more witnesses required than listed": trust_file(witnesses=1, required=2),
    "one witness listed twice": trust_file(witnesses=2, required=2),
}


@pytest.mark.parametrize("defect", TRUST_FILES)
def test_a_trust_file_that_cannot_be_meant_is_refused(defect: str) -> None:
    with pytest.raises(TrustFileInvalid):
        AuditTrust.from_document(TRUST_FILES[defect])
