"""Checkpoints and cosignatures in the text forms of C2SP, refused when anything is off."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import CheckpointInvalid
from keys.signatures import SigningKey
from keys.transparency import (
    EMPTY_ROOT,
    Checkpoint,
    cosign,
    leaf_hash,
    parse_note,
    sign_note,
    verify_cosignature,
    verify_note,
)

LOG, WITNESS, STRANGER = (SigningKey.from_secret(bytes(range(n, n + 32))) for n in (0, 1, 2))
POINT = Checkpoint("ttp.example/log/2026", 42, leaf_hash(b"root"))
NAME = "ttp.example"
NOTE = sign_note(POINT.body(), NAME, LOG)
TRUST = {NAME: LOG.public}


def test_the_body_is_three_lines() -> None:
    body = Checkpoint("example.com/log", 7, EMPTY_ROOT).body()
    assert body == "example.com/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
    st.integers(0, 2**60),
    st.binary(min_size=32, max_size=32),
)
def test_a_checkpoint_survives_text_and_signature(origin: str, size: int, root: bytes) -> None:
    point = Checkpoint(origin, size, root)
    note = verify_note(sign_note(point.body(), NAME, LOG), TRUST)
    assert Checkpoint.from_body(note.body) == point


def test_extension_lines_are_allowed_and_signed() -> None:
    note = sign_note(POINT.body() + "extension\n", NAME, LOG)
    assert Checkpoint.from_body(verify_note(note, TRUST).body) == POINT
    with pytest.raises(CheckpointInvalid):
        verify_note(note.replace("extension", "otherwise"), TRUST)


def test_a_witness_adds_its_line_and_the_log_signature_stays_valid() -> None:
    cosigned = NOTE + cosign(NOTE, "witness.example", WITNESS, 1_679_315_147)
    assert verify_note(cosigned, TRUST).body == POINT.body()
    assert verify_cosignature(cosigned, "witness.example", WITNESS.public) == 1_679_315_147


def test_a_cosignature_states_its_time_in_the_signed_text() -> None:
    line = cosign(NOTE, "witness.example", WITNESS, 1_679_315_147)
    blob = base64.b64decode(line.split(" ")[2])
    assert blob[4:12] == (1_679_315_147).to_bytes(8, "big")
    signed = b"cosignature/v1\ntime 1679315147\n" + POINT.body().encode()
    assert WITNESS.public.verify(blob[12:], signed)


def test_the_latest_of_several_cosignatures_counts() -> None:
    lines = [cosign(NOTE, "w", WITNESS, moment) for moment in (5, 9, 7)]
    assert verify_cosignature(NOTE + "".join(lines), "w", WITNESS.public) == 9


def test_signatures_of_strangers_are_ignored_but_do_not_suffice() -> None:
    foreign = sign_note(POINT.body(), "stranger", STRANGER)
    both = NOTE + foreign.rpartition("\n\n")[2]
    assert verify_note(both, TRUST).body == POINT.body()
    with pytest.raises(CheckpointInvalid, match="not signed by a trusted key"):
        verify_note(foreign, TRUST)


def test_a_stranger_under_the_name_of_the_log_is_not_trusted() -> None:
    with pytest.raises(CheckpointInvalid):
        verify_note(sign_note(POINT.body(), NAME, STRANGER), TRUST)


def test_a_cosignature_does_not_pass_as_a_log_signature_nor_the_reverse() -> None:
    line = cosign(NOTE, NAME, LOG, 7)
    with pytest.raises(CheckpointInvalid):
        verify_note(f"{POINT.body()}\n{line}", TRUST)
    with pytest.raises(CheckpointInvalid):
        verify_cosignature(NOTE, NAME, LOG.public)


def test_a_cosignature_of_another_tree_time_or_witness_is_refused() -> None:
    line = cosign(NOTE, "w", WITNESS, 7)
    other = sign_note(Checkpoint(POINT.origin, 43, POINT.root).body(), NAME, LOG)
    blob = bytearray(base64.b64decode(line.split(" ")[2]))
    blob[11] ^= 1
    moved = f"— w {base64.b64encode(bytes(blob)).decode()}\n"
    short = f"— w {base64.b64encode(bytes(blob[:-1])).decode()}\n"
    for note, name, key in (
        (other + line, "w", WITNESS.public),
        (NOTE + moved, "w", WITNESS.public),
        (NOTE + short, "w", WITNESS.public),
        (NOTE + line, "w", STRANGER.public),
        (NOTE + line, "v", WITNESS.public),
    ):
        with pytest.raises(CheckpointInvalid):
            verify_cosignature(note, name, key)


@given(st.integers(0, len(NOTE.encode()) * 8 - 1))
def test_any_flipped_bit_of_a_note_is_refused(bit: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[bit // 8] ^= 1 << bit % 8
    try:
        text = changed.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(CheckpointInvalid):
        verify_note(text, TRUST)


SIGNATURE_LINE = NOTE.rpartition("\n\n")[2]
DEFECTS = {
    "empty": "",
    "no signature": POINT.body(),
    "no blank line": POINT.body() + SIGNATURE_LINE,
    "no end of line": NOTE[:-1],
    "blank line at the end": NOTE + "\n",
    "hyphen for the dash": NOTE.replace("—", "-"),
    "no name": NOTE.replace("— ttp.example ", "— "),
    "plus in the name": NOTE.replace("— ttp.example", "— ttp+example"),
    "space in the base64": NOTE[:-9] + " " + NOTE[-9:],
    "signature cut to its key hash": f"{POINT.body()}\n— ttp.example AAAAAA==\n",
    "control character": NOTE.replace("42", "4\t2"),
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "too many signatures": NOTE + SIGNATURE_LINE * 100,
    "too long": NOTE[:1] * 1_000_001 + NOTE,
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defective_note_is_refused(defect: str) -> None:
    with pytest.raises(CheckpointInvalid):
        verify_note(DEFECTS[defect], TRUST)
    with pytest.raises(CheckpointInvalid):
        verify_cosignature(DEFECTS[defect], NAME, LOG.public)


ROOT = base64.b64encode(EMPTY_ROOT).decode()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "log\n",
        "log\n1\n",
        f"log\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"log\n01\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n+1\n{ROOT}\n",
        f"log\n1 \n{ROOT}\n",
        f"log\n²\n{ROOT}\n",
        f"log\n{10**20}\n{ROOT}\n",
        f"log\n1\n{ROOT[:-4]}\n",
        f"log\n1\n{ROOT[:-2]}V=\n",
        f"log\n1\n{ROOT}\n\n",
        "log\n1\n***\n",
    ],
)
def test_a_defective_checkpoint_body_is_refused(body: str) -> None:
    with pytest.raises(CheckpointInvalid):
        Checkpoint.from_body(body)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, EMPTY_ROOT), ("a\nb", 1, EMPTY_ROOT), ("a", -1, EMPTY_ROOT), ("a", 1, b"")],
)
def test_an_impossible_checkpoint_is_refused(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(CheckpointInvalid):
        Checkpoint(origin, size, root)


def test_only_a_checkpoint_is_cosigned() -> None:
    with pytest.raises(CheckpointInvalid):
        cosign(sign_note("any text\n", NAME, LOG), "w", WITNESS, 7)


def test_taking_a_note_apart_keeps_its_signatures_in_order() -> None:
    note = parse_note(NOTE + cosign(NOTE, "w", WITNESS, 7))
    assert [signature.name for signature in note.signatures] == [NAME, "w"]
    assert note.body + "\n" + "".join(s.line() for s in note.signatures) == NOTE + cosign(
        NOTE, "w", WITNESS, 7
    )
