"""The root in the care of an HSM: its key never leaves, and without token and PIN the file is noise."""

import base64
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from keys.custody import open_custody, pkcs11
from keys.custody.errors import (
    HSMKeyNotFound,
    HSMUnavailable,
    PINRefused,
    TokenNotFound,
)
from keys.custody.pkcs11.token import wrapping_key
from keys.custody.pkcs11.uri import HSMKey
from keys.custody.root_key import RootKey
from keys.errors import CannotUnseal, SecretTooShort
from keys.keyring import Keyring, Purpose
from tests.keys.softhsm import PIN, WITHOUT, SoftHSM, lacking

needs_hsm = pytest.mark.skipif(bool(lacking()), reason="told by the first test of this file")


def test_what_the_tests_of_the_hsm_need_is_there() -> None:
    """Fails where these tests would be left out unnoticed; TTP_WITHOUT_HSM=1 says that this is meant."""
    assert WITHOUT or not lacking(), f"to test the HSM, install {' and '.join(lacking())}"


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHSM:
    made = SoftHSM(tmp_path)
    monkeypatch.setenv("SOFTHSM2_CONF", str(made.configuration))
    return made


@needs_hsm
class TestUnsealing:
    def test_the_pin_opens_what_was_created(self, hsm: SoftHSM) -> None:
        root = pkcs11.create(hsm.uri(), pin=PIN)
        assert len(root) == 32
        assert pkcs11.unseal(hsm.uri(), pin=PIN) == root
        assert open_custody(hsm.uri(), passphrase=PIN) == root

    def test_another_process_opens_it_by_the_pin_source(self, hsm: SoftHSM, tmp_path: Path) -> None:
        root = pkcs11.create(hsm.uri(), pin=PIN)
        (tmp_path / "pin").write_bytes(PIN + b"\n")
        program = (
            "import sys; from keys.custody import open_custody;"
            "print(open_custody(sys.argv[1], passphrase=b'').hex())"
        )
        uri = f"{hsm.uri()}&pin-source=file:{tmp_path / 'pin'}"
        done = subprocess.run(
            [sys.executable, "-c", program, uri], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == root.hex()

    def test_the_hsm_is_needed_once_and_not_afterwards(self, hsm: SoftHSM, tmp_path: Path) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        keyring = Keyring.create(tmp_path / "keyring", root=pkcs11.unseal(hsm.uri(), pin=PIN))
        (tmp_path / "tokens").rename(tmp_path / "pulled")
        keyring.ensure(Purpose.INDEX, "study")
        assert keyring.active(Purpose.INDEX, "study").version == 1
        with pytest.raises(CannotUnseal):
            pkcs11.unseal(hsm.uri(), pin=PIN)

    def test_a_root_of_another_custody_can_be_taken_over(self, hsm: SoftHSM) -> None:
        root = RootKey(bytes(range(32)))
        assert pkcs11.create(hsm.uri(), pin=PIN, root=root) == root
        assert pkcs11.unseal(hsm.uri(), pin=PIN) == root
        with pytest.raises(SecretTooShort):
            pkcs11.create(hsm.uri(file="other"), pin=PIN, root=RootKey(b"short"))

    def test_the_file_is_private_and_holds_no_key_byte(self, hsm: SoftHSM, tmp_path: Path) -> None:
        root = pkcs11.create(hsm.uri(), pin=PIN)
        path = tmp_path / "root.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert root.hex() not in path.read_text()
        assert base64.b64encode(root)[:40].decode() not in path.read_text()

    def test_an_existing_file_is_never_overwritten_and_no_key_is_made(
        self, hsm: SoftHSM, tmp_path: Path
    ) -> None:
        (tmp_path / "root.json").write_text("mine")
        with pytest.raises(FileExistsError):
            pkcs11.create(hsm.uri(), pin=PIN)
        assert (tmp_path / "root.json").read_text() == "mine"
        assert hsm.count("root") == 0


@needs_hsm
class TestRefusals:
    @pytest.mark.parametrize("pin", [b"4711-rehearsaL", b"", b"1", b"x" * 500, "Päß".encode()])
    def test_a_wrong_pin(self, hsm: SoftHSM, pin: bytes) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        with pytest.raises(PINRefused) as refused:
            pkcs11.unseal(hsm.uri(), pin=pin)
        assert len(pin) < 2 or pin.decode() not in str(refused.value)

    def test_a_pin_that_is_no_text(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        with pytest.raises(CannotUnseal, match="UTF-8"):
            pkcs11.unseal(hsm.uri(), pin=b"\xff\xff\xff\xff")

    def test_a_pin_source_that_is_not_there(self, hsm: SoftHSM, tmp_path: Path) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        with pytest.raises(CannotUnseal, match="source"):
            pkcs11.unseal(f"{hsm.uri()}&pin-source={tmp_path / 'absent'}", pin=PIN)

    def test_a_missing_token(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        with pytest.raises(TokenNotFound, match="elsewhere"):
            pkcs11.unseal(hsm.uri(token="elsewhere"), pin=PIN)

    def test_two_tokens_of_one_name_unless_the_serial_tells_them_apart(self, hsm: SoftHSM) -> None:
        root = pkcs11.create(hsm.uri(), pin=PIN)
        serial = hsm.serials()[0]
        hsm.add_token("ttp")
        with pytest.raises(TokenNotFound, match="2 tokens"):
            pkcs11.unseal(hsm.uri(), pin=PIN)
        exact = hsm.uri().replace(";object", f";serial={serial};object")
        assert pkcs11.unseal(exact, pin=PIN) == root

    def test_a_missing_key(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        with pytest.raises(HSMKeyNotFound, match="spare"):
            pkcs11.unseal(hsm.uri(key="spare"), pin=PIN)
        assert hsm.count("spare") == 0

    def test_two_keys_of_one_name(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        hsm.generate("root", EXTRACTABLE=False, SENSITIVE=True)
        with pytest.raises(HSMKeyNotFound, match="2 AES keys"):
            pkcs11.unseal(hsm.uri(), pin=PIN)

    def test_a_missing_module(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        uri = hsm.uri().replace(str(hsm.module), "/nowhere/module.so")
        with pytest.raises(HSMUnavailable, match="module"):
            pkcs11.unseal(uri, pin=PIN)

    def test_a_missing_file_before_the_pin_is_tried(self, hsm: SoftHSM) -> None:
        with pytest.raises(CannotUnseal, match="No such file"):
            pkcs11.unseal(hsm.uri(), pin=b"wrong")

    def test_every_changed_byte_of_the_file(self, hsm: SoftHSM, tmp_path: Path) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        path = tmp_path / "root.json"
        whole = json.loads(path.read_text())
        refused = 0
        for name in ("nonce", "sealed"):
            data = base64.b64decode(whole[name])
            for position in range(len(data)):
                changed = bytearray(data)
                changed[position] ^= 1 << position % 8
                text = base64.b64encode(changed).decode()
                path.write_text(json.dumps(whole | {name: text}))
                with pytest.raises(CannotUnseal, match="damaged"):
                    pkcs11.unseal(hsm.uri(), pin=PIN)
                refused += 1
        assert refused == 12 + 32 + 16

    @pytest.mark.parametrize(
        "changed",
        [
            {"format": "ttp-root/1"},
            {"nonce": "AAAA"},
            {"nonce": 1},
            {"sealed": "no base64!"},
            {"sealed": ""},
        ],
    )
    def test_a_file_with_a_broken_field(
        self, hsm: SoftHSM, tmp_path: Path, changed: dict[str, object]
    ) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        path = tmp_path / "root.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changed))
        with pytest.raises(CannotUnseal, match="damaged"):
            pkcs11.unseal(hsm.uri(), pin=PIN)

    def test_a_token_that_is_pulled_at_work(self, hsm: SoftHSM, tmp_path: Path) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)

        def pulled() -> None:
            with wrapping_key(HSMKey.parse(hsm.uri()), pin=PIN.decode()) as key:
                shutil.rmtree(tmp_path / "tokens")
                key.encrypt(bytes(32), nonce=bytes(12), bound_to=b"")

        with pytest.raises(HSMUnavailable, match="the HSM failed"):
            pulled()

    def test_a_file_wrapped_by_another_key(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        pkcs11.create(hsm.uri(key="spare", file="spare.json"), pin=PIN)
        with pytest.raises(CannotUnseal, match="another key"):
            pkcs11.unseal(hsm.uri(key="spare"), pin=PIN)

    def test_a_file_moved_to_another_token(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        hsm.add_token("second")
        pkcs11.create(hsm.uri(token="second", file="second.json"), pin=PIN)
        with pytest.raises(CannotUnseal, match="another key"):
            pkcs11.unseal(hsm.uri(token="second"), pin=PIN)

    def test_other_content_of_the_right_key(self, hsm: SoftHSM, tmp_path: Path) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        nonce = bytes(12)
        place = HSMKey.parse(hsm.uri())
        with wrapping_key(place, pin=PIN.decode()) as key:
            sealed = key.encrypt(b"not a root", nonce=nonce, bound_to=pkcs11._bound_to(place))
        document = json.loads((tmp_path / "root.json").read_text())
        document |= {"nonce": base64.b64encode(nonce).decode()}
        document |= {"sealed": base64.b64encode(sealed).decode()}
        (tmp_path / "root.json").write_text(json.dumps(document))
        with pytest.raises(CannotUnseal, match="damaged"):
            pkcs11.unseal(hsm.uri(), pin=PIN)


@needs_hsm
def test_the_module_is_closed_after_use(hsm: SoftHSM) -> None:
    """What a vendor's library keeps open must not be inherited by processes started later."""
    import pkcs11 as package  # noqa: PLC0415 - absent where these tests are left out

    pkcs11.create(hsm.uri(), pin=PIN)
    assert not package._loaded[str(hsm.module)].initialized
    with pytest.raises(PINRefused):
        pkcs11.unseal(hsm.uri(), pin=b"wrong")
    assert not package._loaded[str(hsm.module)].initialized


@pytest.fixture
def uri_of_no_module(tmp_path: Path) -> str:
    wrapped = {"format": pkcs11.FORMAT, "object": "root", "nonce": "A" * 16, "sealed": "A" * 64}
    (tmp_path / "root.json").write_text(json.dumps(wrapped))
    return f"pkcs11:token=ttp;object=root?module-path={os.devnull}&ttp-file={tmp_path}/root.json"


def test_a_module_that_is_none_is_refused(uri_of_no_module: str) -> None:
    """Also where python-pkcs11 is not installed, which the message then names."""
    with pytest.raises(HSMUnavailable, match=r"module cannot be loaded|python-pkcs11"):
        open_custody(uri_of_no_module, passphrase=PIN)


def test_without_python_pkcs11_the_error_names_the_package(
    uri_of_no_module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(HSMUnavailable, match="python-pkcs11"):
        open_custody(uri_of_no_module, passphrase=PIN)
