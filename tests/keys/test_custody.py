"""The root key: opened by its passphrase only, and never lost by a change of passphrase."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keys.custody import file, open_custody
from keys.custody.root_key import RootKey
from keys.errors import CannotUnseal, CustodyUnknown, SecretTooShort

Document = dict[str, Any]
PASSPHRASE = b"correct horse battery"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RootKey]:
    path = tmp_path_factory.mktemp("custody") / "root.json"
    return path, file.create(path, passphrase=PASSPHRASE)


def test_the_passphrase_opens_what_was_created(sealed: tuple[Path, RootKey]) -> None:
    path, root = sealed
    assert len(root) == 32
    assert file.unseal(path, passphrase=PASSPHRASE) == root
    assert open_custody(f"file:{path}", passphrase=PASSPHRASE) == root


def test_only_the_owner_may_read_the_file(sealed: tuple[Path, RootKey]) -> None:
    assert stat.S_IMODE(sealed[0].stat().st_mode) == 0o600


def test_the_file_names_its_parameters_and_holds_no_key_byte(
    sealed: tuple[Path, RootKey],
) -> None:
    path, root = sealed
    document = json.loads(path.read_text())
    assert document["format"] == "ttp-root/1"
    assert document["argon2id"]["memory_kib"] >= 64 * 1024
    assert bytes(root) not in path.read_bytes()
    assert root.hex() not in path.read_text()


def test_a_wrong_passphrase_does_not_open(sealed: tuple[Path, RootKey]) -> None:
    with pytest.raises(CannotUnseal):
        file.unseal(sealed[0], passphrase=b"correct horse batterx")


def test_an_existing_root_is_never_overwritten(sealed: tuple[Path, RootKey]) -> None:
    path, root = sealed
    with pytest.raises(FileExistsError):
        file.create(path, passphrase=b"another passphrase")
    assert file.unseal(path, passphrase=PASSPHRASE) == root


def test_rewrapping_keeps_the_root_and_retires_the_old_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    root = file.create(path, passphrase=PASSPHRASE)
    file.rewrap(path, passphrase=PASSPHRASE, new_passphrase=b"a newer passphrase")
    assert file.unseal(path, passphrase=b"a newer passphrase") == root
    with pytest.raises(CannotUnseal):
        file.unseal(path, passphrase=PASSPHRASE)


def test_rewrapping_with_the_wrong_passphrase_changes_nothing(
    sealed: tuple[Path, RootKey],
) -> None:
    before = sealed[0].read_bytes()
    with pytest.raises(CannotUnseal):
        file.rewrap(sealed[0], passphrase=b"wrong words", new_passphrase=b"a newer passphrase")
    assert sealed[0].read_bytes() == before


DEFECTS: dict[str, Callable[[Document], bytes]] = {
    "not json": lambda _: b"\xff\xfe",
    "empty": lambda _: b"",
    "a list": lambda _: b"[]",
    "null": lambda _: b"null",
    "other format": lambda d: json.dumps({**d, "format": "ttp-root/2"}).encode(),
    "no parameters": lambda d: json.dumps({**d, "argon2id": {}}).encode(),
    "fewer passes": lambda d: _with(d, passes=1),
    "memory of a terabyte": lambda d: _with(d, memory_kib=2**30),
    "memory as text": lambda d: _with(d, memory_kib="65536"),
    "no lanes": lambda d: _with(d, lanes=0),
    "short salt": lambda d: _with(d, salt="AAAA"),
    "other salt": lambda d: _with(d, salt="AAAAAAAAAAAAAAAAAAAAAA=="),
    "short nonce": lambda d: json.dumps({**d, "nonce": "AAAA"}).encode(),
    "truncated seal": lambda d: json.dumps({**d, "sealed": d["sealed"][:32]}).encode(),
    "no base64": lambda d: json.dumps({**d, "sealed": "***"}).encode(),
}


def _with(document: Document, **changes: object) -> bytes:
    return json.dumps({**document, "argon2id": {**document["argon2id"], **changes}}).encode()


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_damaged_file_is_refused(
    defect: str, sealed: tuple[Path, RootKey], tmp_path: Path
) -> None:
    damaged = tmp_path / "root.json"
    damaged.write_bytes(DEFECTS[defect](json.loads(sealed[0].read_text())))
    with pytest.raises(CannotUnseal):
        file.unseal(damaged, passphrase=PASSPHRASE)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotUnseal, match="cannot be read"):
        file.unseal(tmp_path / "absent.json", passphrase=PASSPHRASE)


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SecretTooShort):
        file.create(tmp_path / "root.json", passphrase=b"1234567")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("uri", ["", "root.json", "http://host/key", "FILE:/x", ":x"])
def test_an_unknown_custody_is_named(uri: str) -> None:
    with pytest.raises(CustodyUnknown, match="file:"):
        open_custody(uri, passphrase=PASSPHRASE)
