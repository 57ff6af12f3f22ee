"""A token is believed for one issuer, one audience and its time, under a key and algorithm of ours, or not at all."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keys.errors import TokenRejected
from keys.issued_tokens import (
    LOGOUT_EVENT,
    IssuerKeys,
    read_issuer_keys,
    read_label,
    verify_access_token,
    verify_id_token,
    verify_logout_token,
)

NOW = 1_800_000_000
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
SIGNERS: dict[str, RSAKey | ECKey | OKPKey] = {
    "RS256": RSA,
    "ES256": EC,
    "Ed25519": ED,
    "EdDSA": ED,
}
PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "vectors" / "rfc" / "signed_tokens.json").read_text()
)["cases"]
GOOD: dict[str, Any] = {
    "iss": "https://idp",
    "aud": "ttp",
    "sub": "s",
    "iat": NOW - 10,
    "exp": NOW + 60,
}
LOGOUT = {**GOOD, "sid": "one", "events": {LOGOUT_EVENT: {}}}


def public(*keys: RSAKey | ECKey | OKPKey) -> list[dict[str, Any]]:
    return [dict(key.as_dict(private=False)) for key in keys]


KEYS = read_issuer_keys({"keys": public(RSA, EC, ED)})


def token(claims: object, algorithm: str = "ES256", **header: Any) -> str:
    key = SIGNERS.get(algorithm, RSA)
    parameters = {"alg": algorithm, "kid": key.kid, **header}
    chosen = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    payload = json.dumps(claims).encode()
    return jws.serialize_compact(parameters, payload, key, registry=chosen)


def access(text: str, *, now: float = NOW, keys: IssuerKeys = KEYS) -> Any:
    time = datetime.fromtimestamp(now, UTC)
    return verify_access_token(text, keys, issuer="https://idp", audience="ttp", now=time)


def identity(text: str) -> Any:
    time = datetime.fromtimestamp(NOW, UTC)
    return verify_id_token(text, KEYS, issuer="https://idp", client_id="ttp", nonce="n", now=time)


def logout(text: str) -> Any:
    time = datetime.fromtimestamp(NOW, UTC)
    return verify_logout_token(text, KEYS, issuer="https://idp", client_id="ttp", now=time)


def reason(text: str, *, of: Any = access, **more: Any) -> str:
    with pytest.raises(TokenRejected) as caught:
        of(text, **more)
    return str(caught.value.reason)


@pytest.mark.parametrize("algorithm", sorted(SIGNERS))
def test_a_good_token_is_believed(algorithm: str) -> None:
    assert access(token(GOOD, algorithm)) == GOOD
    assert read_label(token(GOOD, algorithm)).issuer == "https://idp"


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["algorithm"])
def test_published_signatures_hold_and_changed_ones_do_not(case: Any) -> None:
    """The published tokens have no audience: that alone is wrong with them, until they are changed."""
    keys = read_issuer_keys({"keys": [case["key"]]})
    time = datetime.fromtimestamp(1_300_819_000, UTC)

    def joe(text: str) -> Any:
        return verify_access_token(text, keys, issuer="joe", audience="ttp", now=time)

    head, payload, signature = case["token"].split(".")
    assert reason(case["token"], of=joe) == "audience"
    assert reason(f"{head}.{payload}.A{signature[1:]}", of=joe) == "signature"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"iss": "https://other"}, "issuer", id="another issuer"),
        pytest.param({"iss": "https://idp/"}, "issuer", id="almost the issuer"),
        pytest.param({"aud": "other"}, "audience", id="another audience"),
        pytest.param({"aud": ["other", "more"]}, "audience", id="other audiences"),
        pytest.param({"aud": None}, "audience", id="no audience"),
        pytest.param({"aud": {"ttp": 1}}, "audience", id="an object as audience"),
        pytest.param({"exp": NOW - 31}, "time", id="expired"),
        pytest.param({"exp": "never"}, "time", id="a word as end"),
        pytest.param({"exp": True}, "time", id="a truth value as end"),
        pytest.param({"iat": NOW + 31}, "time", id="issued tomorrow"),
        pytest.param({"nbf": NOW + 31}, "time", id="not yet valid"),
        pytest.param({"sub": 7}, "kind", id="a number as subject"),
        pytest.param({"events": {}}, "kind", id="a logout token"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(claims: dict[str, Any], expected: str) -> None:
    assert reason(token(GOOD | claims)) == expected


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_token_without_a_claim_is_refused(missing: str) -> None:
    claims = {name: value for name, value in GOOD.items() if name != missing}
    assert reason(token(claims)) in {"issuer", "audience", "time", "kind"}


def test_clocks_may_differ_by_half_a_minute() -> None:
    assert access(token(GOOD), now=GOOD["exp"] + 29.0)
    assert access(token(GOOD), now=GOOD["iat"] - 29.0)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_an_algorithm_that_is_not_ours_is_refused(algorithm: str) -> None:
    assert reason(token(GOOD, algorithm)) == "algorithm"


def test_a_token_without_signature_is_refused() -> None:
    for name in ("none", "None", "NONE"):
        head = base64.urlsafe_b64encode(json.dumps({"alg": name, "kid": "ec"}).encode())
        text = f"{head.decode().rstrip('=')}.{token(GOOD).split('.')[1]}."
        assert reason(text) == "algorithm"


def test_a_public_key_is_no_shared_secret() -> None:
    """RFC 8725, section 2.1: signed by HMAC under the bytes of the public key."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa"}').rstrip(b"=").decode()
    signed = f"{head}.{token(GOOD).split('.')[1]}"
    mac = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    text = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert reason(text) == "algorithm"


def test_a_key_is_used_for_its_own_algorithm_only() -> None:
    assert reason(token(GOOD, "ES256", kid="rsa")) == "algorithm"
    assert reason(token(GOOD, "ES256", kid="ed")) == "algorithm"
    strict = read_issuer_keys({"keys": [{**one, "alg": "RS512"} for one in public(RSA)]})
    assert reason(token(GOOD, "RS256"), keys=strict) == "algorithm"


def test_a_key_in_the_token_itself_is_not_believed() -> None:
    other = ECKey.generate_key("P-256", {"kid": "other"})
    head = {"alg": "ES256", "kid": "ec", "jwk": dict(other.as_dict(private=False))}
    text = jws.serialize_compact(head, json.dumps(GOOD).encode(), other)
    assert reason(text) == "signature"


def test_a_critical_header_that_is_not_known_is_refused() -> None:
    parts = token(GOOD).split(".")
    head = json.dumps({"alg": "ES256", "kid": "ec", "crit": ["x"], "x": 1}).encode()
    parts[0] = base64.urlsafe_b64encode(head).decode().rstrip("=")
    assert reason(".".join(parts)) == "signature"


def test_an_unknown_key_is_refused() -> None:
    assert reason(token(GOOD, kid="gone")) == "key-unknown"


def test_only_an_issuer_with_one_key_may_leave_its_name_out() -> None:
    text = jws.serialize_compact({"alg": "ES256"}, json.dumps(GOOD).encode(), EC)
    assert reason(text) == "key-unknown"
    assert access(text, keys=read_issuer_keys({"keys": public(EC)}))


def test_keys_of_other_kinds_are_passed_over() -> None:
    weak = {**RSAKey.generate_key(1024).as_dict(private=False), "kid": "weak"}
    others: list[Any] = [
        weak,
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {**public(EC)[0], "use": "enc", "kid": "for secrets"},
        {**ECKey.generate_key("P-384").as_dict(private=False), "kid": "p-384"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "off the curve"},
        {"kty": "RSA", "kid": "empty"},
        "no key",
    ]
    keys = read_issuer_keys({"keys": [*others, *public(ED)]})
    assert [name for name, _ in keys.keys] == ["ed"]


@pytest.mark.parametrize("document", [None, [], {}, {"keys": {}}, {"keys": [{}] * 101}])
def test_what_is_no_key_set_is_refused(document: object) -> None:
    with pytest.raises(TokenRejected):
        read_issuer_keys(document)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_is_believed(place: int, change: int) -> None:
    """Whatever byte is changed, the token is refused, unless it still says the same."""
    good = token(GOOD, "RS256")
    spot = place % len(good)
    text = good[:spot] + chr((ord(good[spot]) ^ change) & 0x7F) + good[spot + 1 :]
    if text != good:
        try:
            assert access(text) == GOOD
            assert spot in {good.rfind(".") - 1, len(good) - 1}  # unused bits of a last letter
        except TokenRejected:
            pass


@given(st.text(max_size=200))
def test_any_text_is_refused_by_name(text: str) -> None:
    assert reason(text) == "malformed"


def test_a_token_of_more_than_16_kib_is_not_read() -> None:
    assert reason(token(GOOD | {"more": "x" * 16_384})) == "malformed"


def test_an_id_token_answers_our_own_request() -> None:
    good = GOOD | {"nonce": "n"}
    assert identity(token(good)) == good
    assert identity(token(good | {"aud": ["ttp", "more"], "azp": "ttp"}))
    assert reason(token(good | {"nonce": "other"}), of=identity) == "nonce"
    assert reason(token(GOOD), of=identity) == "nonce"
    assert reason(token(good | {"aud": ["ttp", "more"]}), of=identity) == "audience"
    assert reason(token(good | {"azp": "other"}), of=identity) == "audience"


def test_a_logout_token_says_that_it_is_one() -> None:
    assert logout(token(LOGOUT)) == LOGOUT
    assert reason(token(LOGOUT | {"nonce": "n"}), of=logout) == "kind"
    assert reason(token(LOGOUT | {"events": {}}), of=logout) == "kind"
    assert reason(token(LOGOUT | {"sid": "", "sub": ""}), of=logout) == "kind"
    assert reason(token(GOOD | {"nonce": "n"}), of=logout) == "kind"
    assert reason(token(LOGOUT), of=access) == "kind"
