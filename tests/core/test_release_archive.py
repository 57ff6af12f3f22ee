"""Release archives: complete, unaltered and signed by a trusted center, or refused."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.signatures import SigningKey
from ttp.core.release_archive import ReleaseInvalid, build_archive, read_archive

KEY = SigningKey.from_secret(bytes(range(32)))
OTHER = SigningKey.from_secret(bytes(32))
TRUSTED = {KEY.key_id: KEY.public}
MANIFEST = {"project": "heart", "version": 1, "counts": {"persons": 2}}


def _rebuilt(data: bytes, change: dict[str, bytes | None]) -> bytes:
    """The archive with some files replaced, or left out where the new content is None."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(data)) as old,
        tarfile.open(fileobj=target, mode="w") as new,
    ):
        for entry in old:
            file = old.extractfile(entry)
            content = change.get(entry.name, file.read() if file else b"")
            if content is not None:
                entry.size = len(content)
                new.addfile(entry, io.BytesIO(content))
    return target.getvalue()


@given(payload=st.binary(max_size=300))
def test_what_was_signed_is_read_back_and_trusted(payload: bytes) -> None:
    archive = read_archive(build_archive(MANIFEST, payload, key=KEY), TRUSTED)
    assert archive.payload == payload
    assert archive.manifest["project"] == "heart"
    assert archive.trusted


def test_the_same_release_is_the_same_file() -> None:
    assert build_archive(MANIFEST, b"x", key=KEY) == build_archive(MANIFEST, b"x", key=KEY)


def test_without_a_trust_file_only_consistency_is_claimed() -> None:
    assert not read_archive(build_archive(MANIFEST, b"x", key=OTHER), {}).trusted


@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_changed_byte_of_a_file_goes_unnoticed(position: int, flip: int) -> None:
    data = build_archive(MANIFEST, b"ciphertext", key=KEY)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
        contents = {}
        for name in names:
            file = tar.extractfile(name)
            assert file is not None
            contents[name] = file.read()
    name = names[position % len(names)]
    content = bytearray(contents[name])
    content[position % len(content)] ^= flip
    with pytest.raises(ReleaseInvalid):
        read_archive(_rebuilt(data, {name: bytes(content)}), TRUSTED)


@pytest.mark.parametrize("missing", ["manifest.json", "manifest.sig", "payload.age"])
def test_an_incomplete_archive_is_refused(missing: str) -> None:
    data = build_archive(MANIFEST, b"x", key=KEY)
    with pytest.raises(ReleaseInvalid, match="incomplete"):
        read_archive(_rebuilt(data, {missing: None}), TRUSTED)


@pytest.mark.parametrize(
    ("rubbish", "sentence"),
    [(b"", "not a release archive"), (b"rubbish" * 200, "not a release archive")],
)
def test_what_is_no_archive_is_refused(rubbish: bytes, sentence: str) -> None:
    with pytest.raises(ReleaseInvalid, match=sentence):
        read_archive(rubbish, TRUSTED)


def test_a_release_of_an_unknown_center_is_refused() -> None:
    with pytest.raises(ReleaseInvalid, match="trust file does not hold"):
        read_archive(build_archive(MANIFEST, b"x", key=OTHER), TRUSTED)


def test_a_signature_of_another_manifest_is_refused() -> None:
    data = build_archive(MANIFEST, b"x", key=KEY)
    other = build_archive({**MANIFEST, "version": 2}, b"x", key=KEY)
    with tarfile.open(fileobj=io.BytesIO(other)) as tar:
        file = tar.extractfile("manifest.sig")
        assert file is not None
        signature = file.read()
    with pytest.raises(ReleaseInvalid, match="signature does not fit"):
        read_archive(_rebuilt(data, {"manifest.sig": signature}), TRUSTED)
