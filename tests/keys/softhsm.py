"""A SoftHSM of one's own: tokens in a folder of the test, gone with it."""

import importlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
)
PIN = b"4711-rehearsal"
TOKEN = "ttp"
SECURITY_OFFICER = "12345678"
WITHOUT = os.environ.get("TTP_WITHOUT_HSM") == "1"


def lacking() -> list[str]:
    """What the tests with an HSM need and do not find."""
    found = {
        "the Python package python-pkcs11": importlib.util.find_spec("pkcs11") is not None,
        "the program softhsm2-util": shutil.which("softhsm2-util") is not None,
        "the module libsofthsm2.so": any(module.exists() for module in MODULES),
    }
    return [name for name, there in found.items() if not there]


class SoftHSM:
    """Tokens in one folder; the module reads its configuration whenever it is initialized."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.module = next(module for module in MODULES if module.exists())
        self.configuration = folder / "softhsm2.conf"
        (folder / "tokens").mkdir()
        self.configuration.write_text(
            f"directories.tokendir = {folder / 'tokens'}\n"
            "objectstore.backend = file\nlog.level = ERROR\n"
        )
        self.add_token(TOKEN)

    def add_token(self, label: str, *, pin: bytes = PIN) -> None:
        """Initialize one more token."""
        command = ["softhsm2-util", "--init-token", "--free", "--label", label]
        subprocess.run(
            [*command, "--so-pin", SECURITY_OFFICER, "--pin", pin.decode()],
            check=True,
            capture_output=True,
            env=os.environ | {"SOFTHSM2_CONF": str(self.configuration)},
        )

    def uri(self, *, file: str = "root.json", key: str = "root", token: str = TOKEN) -> str:
        """The custody URI of a key and of a file in this folder."""
        return f"pkcs11:token={token};object={key}?module-path={self.module}&ttp-file={self.folder / file}"

    def serials(self) -> list[str]:
        """The serial numbers of all tokens, as the module tells them."""
        _, library = self._library()
        try:
            return [token.serial.decode() for token in library.get_tokens()]
        finally:
            library.finalize()

    def look(self, key: str, attribute: str) -> Any:
        """Read one attribute of a key as any other program with the PIN could."""
        return self._with_session(
            lambda lib, session: self._key(lib, session, key)[lib.Attribute[attribute]]
        )

    def wrap_out(self, key: str) -> bytes:
        """Try to get a key out, wrapped under one whose value is known."""

        def attempt(lib: Any, session: Any) -> bytes:
            known = session.create_object(
                {
                    lib.Attribute.CLASS: lib.ObjectClass.SECRET_KEY,
                    lib.Attribute.KEY_TYPE: lib.KeyType.AES,
                    lib.Attribute.VALUE: bytes(32),
                    lib.Attribute.WRAP: True,
                }
            )
            return bytes(
                known.wrap_key(self._key(lib, session, key), mechanism=lib.Mechanism.AES_KEY_WRAP)
            )

        return bytes(self._with_session(attempt))

    def loosen(self, key: str) -> None:
        """Try to make a key extractable after all."""

        def attempt(lib: Any, session: Any) -> None:
            self._key(lib, session, key)[lib.Attribute.EXTRACTABLE] = True

        self._with_session(attempt)

    def copy_loosened(self, key: str) -> None:
        """Try to make an extractable copy."""

        def attempt(lib: Any, session: Any) -> None:
            self._key(lib, session, key).copy({lib.Attribute.EXTRACTABLE: True})

        self._with_session(attempt)

    def generate(self, key: str, **attributes: bool) -> None:
        """Generate an AES key as some other program would."""

        def attempt(lib: Any, session: Any) -> None:
            template = {lib.Attribute[name]: value for name, value in attributes.items()}
            session.generate_key(lib.KeyType.AES, 256, label=key, store=True, template=template)

        self._with_session(attempt)

    def count(self, key: str) -> int:
        """How many objects bear this name."""
        return int(
            self._with_session(
                lambda lib, session: len(list(session.get_objects({lib.Attribute.LABEL: key})))
            )
        )

    def _library(self) -> tuple[Any, Any]:
        pkcs11 = importlib.import_module("pkcs11")
        return pkcs11, pkcs11.lib(str(self.module))

    def _with_session(self, act: Any) -> Any:
        pkcs11, library = self._library()
        try:
            token = library.get_token(token_label=TOKEN)
            with token.open(user_pin=PIN.decode(), rw=True) as session:
                return act(pkcs11, session)
        finally:
            library.finalize()

    @staticmethod
    def _key(lib: Any, session: Any, key: str) -> Any:
        return session.get_key(object_class=lib.ObjectClass.SECRET_KEY, label=key)
