"""A custody URI of an HSM: what RFC 7512 allows and this center understands, and nothing by chance."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.custody import open_custody
from keys.custody.errors import CustodyURIInvalid
from keys.custody.pkcs11.uri import HSMKey
from keys.errors import CannotUnseal, CustodyUnknown

PATH = "pkcs11:token=ttp;object=root"
QUERY = "?module-path=/usr/lib/m.so&ttp-file=/var/lib/ttp/root.json"
WHOLE = PATH + QUERY


def test_the_attributes_are_read() -> None:
    assert HSMKey.parse(WHOLE) == HSMKey(
        token="ttp",
        object="root",
        module=Path("/usr/lib/m.so"),
        wrapped=Path("/var/lib/ttp/root.json"),
    )


def test_serial_and_order_and_escapes_are_read() -> None:
    uri = (
        "pkcs11:object=root%20key;serial=0a1b;token=Trust%20Center%3B%20N%C3%B6rd"
        "?ttp-file=/var/a%26b&module-path=/m.so"
    )
    key = HSMKey.parse(uri)
    assert (key.object, key.serial, key.token) == ("root key", "0a1b", "Trust Center; Nörd")
    assert key.wrapped == Path("/var/a&b")


@pytest.mark.parametrize(
    "source", ["/run/pin", "file:/run/pin", "file:///run/pin", "file:%2Frun/pin"]
)
def test_a_pin_source_is_a_local_file(source: str) -> None:
    assert HSMKey.parse(f"{WHOLE}&pin-source={source}").pin_source == Path("/run/pin")


DEFECTS = {
    "no scheme": WHOLE.removeprefix("pkcs11:"),
    "another scheme": WHOLE.replace("pkcs11", "file"),
    "nothing": "pkcs11:",
    "no token": f"pkcs11:object=root{QUERY}",
    "no object": f"pkcs11:token=ttp{QUERY}",
    "no module": f"{PATH}?ttp-file=/a",
    "no file": f"{PATH}?module-path=/a",
    "a PIN in the URI": f"{WHOLE}&pin-value=1234",
    "an attribute not known": f"{PATH};slot-id=1{QUERY}",
    "a query attribute in the path": f"{PATH};module-path=/m.so{QUERY}",
    "a path attribute in the query": f"{WHOLE}&token=other",
    "an attribute twice": f"{PATH};token=other{QUERY}",
    "an empty value": f"pkcs11:token=;object=root{QUERY}",
    "no value": f"pkcs11:token;object=root{QUERY}",
    "an empty attribute": f"{PATH};{QUERY}",
    "half an escape": f"pkcs11:token=a%2;object=root{QUERY}",
    "an escape that is no UTF-8": f"pkcs11:token=%FF;object=root{QUERY}",
    "a relative module": f"{PATH}?module-path=m.so&ttp-file=/a",
    "a relative file": f"{PATH}?module-path=/m.so&ttp-file=a",
    "a program as PIN source": f"{WHOLE}&pin-source=%7C/bin/pin",
    "a PIN source on another host": f"{WHOLE}&pin-source=file://host/pin",
    "a PIN source by HTTP": f"{WHOLE}&pin-source=https://host/pin",
}


@pytest.mark.parametrize("uri", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_refused(uri: str) -> None:
    with pytest.raises(CustodyURIInvalid):
        HSMKey.parse(uri)


def test_a_refused_pin_does_not_stand_in_the_error() -> None:
    with pytest.raises(CustodyURIInvalid, match="pin-value") as refused:
        HSMKey.parse(f"{WHOLE}&pin-value=98765")
    assert "98765" not in str(refused.value)


def test_a_defect_is_an_unknown_custody_to_who_opens_by_uri() -> None:
    with pytest.raises(CustodyUnknown):
        open_custody("pkcs11:token=ttp", passphrase=b"")


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(CustodyURIInvalid):
        HSMKey.parse(f"pkcs11:{text}")


def test_the_pin_comes_from_its_source_without_the_newline(tmp_path: Path) -> None:
    (tmp_path / "pin").write_bytes(b"1234\n")
    key = HSMKey.parse(f"{WHOLE}&pin-source={tmp_path / 'pin'}")
    assert key.pin(b"other") == "1234"
    assert HSMKey.parse(WHOLE).pin(b"given") == "given"


def test_a_pin_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    key = HSMKey.parse(f"{WHOLE}&pin-source={tmp_path}")
    with pytest.raises(CannotUnseal, match="directory"):
        key.pin(b"")
