"""The wrapping key: whoever has the PIN may use it in the HSM, and no one can take it out."""

from pathlib import Path

import pytest

from keys.custody import pkcs11
from keys.custody.errors import HSMKeyUnfit
from tests.keys.softhsm import PIN, SoftHSM
from tests.keys.test_custody_pkcs11 import hsm, needs_hsm

__all__ = ["hsm"]


@needs_hsm
class TestWrappingKey:
    @pytest.mark.parametrize(
        ("attribute", "expected"),
        [
            ("SENSITIVE", True),
            ("ALWAYS_SENSITIVE", True),
            ("EXTRACTABLE", False),
            ("NEVER_EXTRACTABLE", True),
            ("LOCAL", True),
            ("PRIVATE", True),
            ("TOKEN", True),
            ("MODIFIABLE", False),
            ("WRAP", False),
            ("UNWRAP", False),
            ("DERIVE", False),
            ("VALUE_LEN", 32),
        ],
    )
    def test_the_token_itself_says_so(self, hsm: SoftHSM, attribute: str, expected: object) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        assert hsm.look("root", attribute) == expected

    def test_no_program_with_the_pin_gets_it_out(self, hsm: SoftHSM) -> None:
        pkcs11.create(hsm.uri(), pin=PIN)
        with pytest.raises(RuntimeError) as unreadable:
            hsm.look("root", "VALUE")
        assert type(unreadable.value).__name__ == "AttributeSensitive"
        with pytest.raises(RuntimeError) as unwrappable:
            hsm.wrap_out("root")
        assert type(unwrappable.value).__name__ == "KeyUnextractable"
        for trick in (hsm.loosen, hsm.copy_loosened):
            with pytest.raises(RuntimeError):
                trick("root")
            assert hsm.look("root", "EXTRACTABLE") is False
            assert hsm.count("root") == 1

    def test_a_protected_key_of_the_security_office_is_used(self, hsm: SoftHSM) -> None:
        hsm.generate(
            "root", SENSITIVE=True, EXTRACTABLE=False, WRAP=False, ENCRYPT=True, DECRYPT=True
        )
        root = pkcs11.create(hsm.uri(), pin=PIN)
        assert hsm.count("root") == 1
        assert pkcs11.unseal(hsm.uri(), pin=PIN) == root

    def test_one_key_wraps_several_roots(self, hsm: SoftHSM) -> None:
        roots = [pkcs11.create(hsm.uri(file=name), pin=PIN) for name in ("one", "two")]
        assert hsm.count("root") == 1
        assert [pkcs11.unseal(hsm.uri(file=name), pin=PIN) for name in ("one", "two")] == roots

    @pytest.mark.parametrize(
        ("unfit", "named"),
        [
            ({"EXTRACTABLE": True, "SENSITIVE": True}, "EXTRACTABLE"),
            ({"EXTRACTABLE": True, "SENSITIVE": False}, "VALUE"),
            ({"EXTRACTABLE": False, "SENSITIVE": True, "WRAP": True}, "WRAP"),
            ({"EXTRACTABLE": False, "SENSITIVE": True, "DECRYPT": False}, "DECRYPT"),
        ],
    )
    def test_an_unfit_key_is_refused_by_the_names_of_its_attributes(
        self, hsm: SoftHSM, tmp_path: Path, unfit: dict[str, bool], named: str
    ) -> None:
        hsm.generate("root", **({"WRAP": False, "ENCRYPT": True, "DECRYPT": True} | unfit))
        with pytest.raises(HSMKeyUnfit, match=named):
            pkcs11.create(hsm.uri(), pin=PIN)
        assert not (tmp_path / "root.json").exists()
        pkcs11.create(hsm.uri(key="other"), pin=PIN)
        with pytest.raises(HSMKeyUnfit, match=named):
            pkcs11.unseal(hsm.uri(), pin=PIN)
