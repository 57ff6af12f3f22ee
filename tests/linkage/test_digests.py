"""Digests stand on published vectors."""

from linkage import digests


def test_hkdf_agrees_with_rfc_5869_test_case_1() -> None:
    made = digests.hkdf(
        secret=bytes([0x0B] * 22),
        salt=bytes(range(13)),
        info=bytes(range(0xF0, 0xFA)),
        length=42,
    )
    assert made.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_hkdf_agrees_with_rfc_5869_test_case_3_without_salt_and_info() -> None:
    made = digests.hkdf(secret=bytes([0x0B] * 22), info=b"", length=42)
    assert made.hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_hmac_agrees_with_rfc_4231_test_case_2() -> None:
    made = digests.mac(key=b"Jefe", message=b"what do ya want for nothing?")
    assert made.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_parts_joined_differently_give_different_bytes() -> None:
    assert digests.joined("ab", "c") != digests.joined("a", "bc") != digests.joined("abc")
