"""Codes are those of RFC 6238; they count for a minute and a half and say nothing otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.second_factor import (
    STEP_SECONDS,
    code_of,
    enrolment_uri,
    new_factor_secret,
    new_recovery_codes,
    recovery_digest,
    step_of,
    step_of_code,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc/totp.json").read_text())
SECRET = VECTORS["secret"].encode()
TIMES = st.integers(min_value=STEP_SECONDS * 10, max_value=2**33)


@pytest.mark.parametrize("vector", VECTORS["codes"], ids=lambda one: str(one["seconds"]))
def test_codes_are_those_of_the_rfc(vector: dict[str, str | int]) -> None:
    step = step_of(int(vector["seconds"]))
    assert code_of(SECRET, step, digits=8) == vector["code"]
    assert code_of(SECRET, step) == str(vector["code"])[-6:]


@given(st.binary(min_size=20, max_size=20), TIMES, st.integers(min_value=-1, max_value=1))
def test_a_code_counts_in_its_step_and_the_neighbors(secret: bytes, now: int, drift: int) -> None:
    code = code_of(secret, step_of(now) + drift)
    found = step_of_code(secret, code, unix_seconds=now)
    assert found is not None
    assert code_of(secret, found) == code


@given(TIMES, st.integers(min_value=2, max_value=1000))
def test_an_old_or_future_code_is_no_code(now: int, drift: int) -> None:
    near = {code_of(SECRET, step_of(now) + one) for one in (-1, 0, 1)}
    for step in (step_of(now) - drift, step_of(now) + drift):
        code = code_of(SECRET, max(step, 0))
        assert code in near or step_of_code(SECRET, code, unix_seconds=now) is None


@pytest.mark.parametrize(
    "code", ["", "28708", "2870820", "28708x", "２８７０８２", " 287082", "-87082"]
)
def test_what_is_not_six_digits_is_no_code(code: str) -> None:
    assert step_of_code(SECRET, code, unix_seconds=59) is None


def test_secrets_and_recovery_codes_are_drawn_anew() -> None:
    assert len({new_factor_secret() for _ in range(20)}) == 20
    codes = new_recovery_codes() + new_recovery_codes()
    assert len(set(codes)) == 20
    assert {len(code) for code in codes} == {19}


def test_a_recovery_code_counts_for_its_account_however_it_is_typed() -> None:
    code = new_recovery_codes()[0]
    digest = recovery_digest(b"anna", code)
    assert recovery_digest(b"anna", f" {code.replace('-', ' ').upper()} ") == digest
    assert recovery_digest(b"berta", code) != digest


def test_the_uri_of_the_device_hides_nothing_in_names() -> None:
    uri = enrolment_uri(SECRET, issuer="Treuhandstelle nord", account="a&secret=x")
    assert uri.count("secret=") == 1 + uri.count("secret%3D") - uri.count("%26secret%3D")
    assert uri.startswith("otpauth://totp/Treuhandstelle%20nord:a%26secret%3Dx?secret=GEZDGNBV")
