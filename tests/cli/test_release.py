"""A researcher verifies and opens a release with no more than a file, a trust file and a key of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
import pytest

from keys.recipients import encrypt_to_age
from keys.signatures import SigningKey
from tests.cli.command_line import refused, ttp
from ttp.core.release_archive import build_archive

KEY = SigningKey.from_secret(bytes(range(32)))
STRANGER = SigningKey.from_secret(bytes(32))
ROWS = b"project_pseudonym,sites\nABCD,nord;sued\n"
MANIFEST = {"center": "foederiert", "project": "herz", "version": 1}


def _trust(folder: Path, key: SigningKey) -> Path:
    entry = {"name": "foederiert", "signing_key": key.public.to_jwk(), "key_id": key.key_id}
    file = folder / "trust.json"
    file.write_text(json.dumps({"version": 1, "centers": [entry], "witnesses": []}))
    return file


@pytest.fixture
def identity(tmp_path: Path) -> pyrage.x25519.Identity:
    drawn = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"# created: today\n# public key: x\n{drawn}\n")
    return drawn


@pytest.fixture
def release(tmp_path: Path, identity: pyrage.x25519.Identity) -> Path:
    file = tmp_path / "herz-1.tar"
    payload = encrypt_to_age(str(identity.to_public()), ROWS)
    file.write_bytes(build_archive(MANIFEST, payload, key=KEY))
    return file


def test_a_release_of_a_trusted_center_is_valid(tmp_path: Path, release: Path) -> None:
    done = ttp("release", "verify", release, "--trust", _trust(tmp_path, KEY), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Valid: signed by foederiert" in done.stdout


def test_without_a_trust_file_it_says_so_and_ends_with_3(tmp_path: Path, release: Path) -> None:
    done = ttp("release", "verify", release, cwd=tmp_path)
    assert done.returncode == 3
    assert "--trust" in done.stderr


def test_the_signature_of_a_stranger_is_invalid(tmp_path: Path, release: Path) -> None:
    done = ttp("release", "verify", release, "--trust", _trust(tmp_path, STRANGER), cwd=tmp_path)
    assert done.returncode == 1
    assert "INVALID" in done.stderr


def test_a_changed_byte_is_invalid_and_the_reason_is_told(tmp_path: Path, release: Path) -> None:
    data = bytearray(release.read_bytes())
    data[data.index(b"age-encryption.org") + 200] ^= 1
    release.write_bytes(data)
    done = ttp("release", "verify", release, "--trust", _trust(tmp_path, KEY), cwd=tmp_path)
    assert done.returncode == 1
    assert "payload" in done.stderr


def test_something_else_is_no_release(tmp_path: Path) -> None:
    file = tmp_path / "x.tar"
    file.write_bytes(b"not a tar")
    assert ttp("release", "verify", file, cwd=tmp_path).returncode == 1


def test_a_trust_file_that_names_a_key_wrongly_is_refused(tmp_path: Path, release: Path) -> None:
    trust = _trust(tmp_path, KEY)
    trust.write_text(trust.read_text().replace(KEY.key_id, STRANGER.key_id))
    done = ttp("release", "verify", release, "--trust", trust, cwd=tmp_path)
    assert refused(done, "another's ID")


def test_the_researcher_opens_it_with_their_key(tmp_path: Path, release: Path) -> None:
    done = ttp("release", "open", release, "-i", "key.txt", "-o", "ids.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ids.csv").read_bytes() == ROWS


def test_nobody_else_opens_it_and_no_file_is_left(tmp_path: Path, release: Path) -> None:
    (tmp_path / "other.txt").write_text(str(pyrage.x25519.Identity.generate()))
    done = ttp("release", "open", release, "-i", "other.txt", "-o", "ids.csv", cwd=tmp_path)
    assert refused(done, "does not open")
    assert not (tmp_path / "ids.csv").exists()
