"""Signed requests: who, what, to whom, when, once; each failure by its name."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures import (
    SKEW_SECONDS,
    PinnedKey,
    ReceivedRequest,
    content_digest,
    sign_request,
    verify_request,
)
from keys.http_signatures.requests import REQUEST_COMPONENTS
from tests.keys.signed_messages import (
    FUTURE,
    NONCE,
    NORD,
    NOW,
    PINNED,
    REVOKED,
    STRANGER,
    SUED,
    TARGET,
    Nonces,
    accept,
    request,
    request_off_profile,
    signed_request,
    with_header,
)

R = RejectionReason


def test_a_good_request_proves_its_sender() -> None:
    message = request()
    proven = accept(message)
    assert (proven.center, proven.key_id, proven.nonce) == ("nord", NORD.key_id, NONCE)
    assert (proven.created, proven.expires) == (NOW, NOW + 60)
    assert proven.signed == signed_request(message)
    assert proven.signature == dict(message.headers)["signature"]


def test_the_headers_are_those_of_the_profile() -> None:
    headers = dict(request().headers)
    assert list(headers) == [
        "content-digest",
        "content-type",
        "ttp-center",
        "ttp-recipient",
        "signature-input",
        "signature",
    ]
    assert headers["signature-input"] == (
        'ttp=("@method" "@target-uri" "content-digest" "content-type" "ttp-center" '
        f'"ttp-recipient");created={NOW};keyid="{NORD.key_id}";alg="ed25519";'
        f'expires={NOW + 60};nonce="{NONCE}";tag="ttp-request"'
    )


def test_header_names_may_arrive_in_any_case_and_among_others() -> None:
    good = request()
    shouted = tuple((name.title(), value) for name, value in good.headers)
    accept(replace(good, headers=(("Accept", "*/*"), *shouted, ("Accept", "text/html"))))


def test_components_may_be_signed_in_any_order() -> None:
    accept(request_off_profile(components=REQUEST_COMPONENTS[::-1]))


def test_a_request_without_a_body_signs_the_digest_of_the_empty_body() -> None:
    headers = sign_request("GET", TARGET, b"", key=NORD, center="nord", recipient="sued", now=NOW)
    assert headers["content-digest"] == content_digest(b"")
    accept(ReceivedRequest("GET", TARGET, tuple(headers.items()), b""))
    with pytest.raises(SignatureRejected):
        accept(ReceivedRequest("GET", TARGET, tuple(headers.items()), b"x"))


def test_every_request_gets_a_nonce_of_its_own() -> None:
    nonces = Nonces()
    for _ in range(20):
        accept(request(nonce=None), nonces=nonces)
    assert len(nonces.seen) == 20


REFUSED_REQUESTS: dict[str, tuple[Callable[[], ReceivedRequest], RejectionReason]] = {
    "signed by an unknown key": (lambda: request(key=STRANGER), R.UNKNOWN_KEY),
    "key of another center": (lambda: request(key=SUED), R.KEY_NOT_OF_CENTER),
    "center named is another": (lambda: request(center="west"), R.KEY_NOT_OF_CENTER),
    "revoked key": (lambda: request(key=REVOKED), R.KEY_REVOKED),
    "key valid only later": (lambda: request(key=FUTURE), R.NOT_YET_VALID),
    "meant for another center": (lambda: request(recipient="west"), R.WRONG_RECIPIENT),
    "reflected to its sender": (lambda: request(recipient="nord"), R.WRONG_RECIPIENT),
    "body exchanged": (lambda: replace(request(), body=b"{}"), R.WRONG_DIGEST),
    "method exchanged": (lambda: replace(request(), method="PUT"), R.BAD_SIGNATURE),
    "target exchanged": (lambda: replace(request(), target_uri=TARGET + "8"), R.BAD_SIGNATURE),
    "target relative": (lambda: replace(request(), target_uri="/v1/peer"), R.WRONG_TARGET),
    "target with user": (
        lambda: replace(request(), target_uri=TARGET.replace("sued.", "u@sued.")),
        R.WRONG_TARGET,
    ),
    "target with fragment": (lambda: replace(request(), target_uri=TARGET + "#"), R.WRONG_TARGET),
    "target with a broken host": (
        lambda: replace(request(), target_uri="https://[::1/v1"),
        R.WRONG_TARGET,
    ),
    "other tag": (lambda: request_off_profile(tag="fapi-2-request"), R.WRONG_TAG),
    "response tag": (lambda: request_off_profile(tag="ttp-response"), R.WRONG_TAG),
    "no tag": (lambda: request_off_profile(tag=None), R.MALFORMED),
    "no nonce": (lambda: request_off_profile(nonce=None), R.MISSING_COMPONENT),
    "short nonce": (lambda: request_off_profile(nonce="short"), R.MALFORMED),
    "long nonce": (lambda: request_off_profile(nonce="n" * 87), R.MALFORMED),
    "nonce of other characters": (lambda: request_off_profile(nonce="n n" * 10), R.MALFORMED),
    "no expiry": (lambda: request_off_profile(lifetime=0), R.MALFORMED),
    "valid for an hour": (lambda: request_off_profile(lifetime=3600), R.MALFORMED),
    "expires before created": (lambda: request_off_profile(lifetime=-5), R.MALFORMED),
    "no algorithm": (lambda: request_off_profile(include_alg=False), R.MALFORMED),
    "other label": (lambda: request_off_profile(label="sig1"), R.MALFORMED),
    "a component more": (
        lambda: request_off_profile(components=(*REQUEST_COMPONENTS, "@authority")),
        R.MALFORMED,
    ),
    "component with a parameter": (
        lambda: request_off_profile(
            components=('"content-digest";sf', *(set(REQUEST_COMPONENTS) - {"content-digest"}))
        ),
        R.MISSING_COMPONENT,
    ),
    "sha-512 digest": (
        lambda: request_off_profile(headers={"content-digest": "sha-512=:" + "A" * 86 + "==:"}),
        R.WRONG_DIGEST,
    ),
    "key ID of another key": (
        lambda: request_off_profile(key=STRANGER, key_id=NORD.key_id),
        R.BAD_SIGNATURE,
    ),
    "two signatures": (
        lambda: with_header(
            request(), "signature", f"{dict(request().headers)['signature']}, b=:AA==:"
        ),
        R.MALFORMED,
    ),
    "signature no bytes": (lambda: with_header(request(), "signature", "ttp=1"), R.MALFORMED),
    "signature input no list": (
        lambda: with_header(request(), "signature-input", "ttp=1"),
        R.MALFORMED,
    ),
    "signature input unreadable": (
        lambda: with_header(request(), "signature-input", "ttp=("),
        R.MALFORMED,
    ),
    "signature input empty": (lambda: with_header(request(), "signature-input", ""), R.MALFORMED),
    "header too long": (lambda: with_header(request(), "ttp-center", "n" * 4097), R.MALFORMED),
    "header not ascii": (lambda: with_header(request(), "ttp-center", "nörd"), R.MALFORMED),
    "header with a control character": (
        lambda: with_header(request(), "ttp-center", "nord\x00"),
        R.MALFORMED,
    ),
    "header repeated": (
        lambda: replace(request(), headers=(*request().headers, ("TTP-Center", "nord"))),
        R.MALFORMED,
    ),
    **{
        f"{name} not covered": (
            lambda name=name: request_off_profile(  # type: ignore[misc] # bound per entry
                components=tuple(c for c in REQUEST_COMPONENTS if c != name)
            ),
            R.MISSING_COMPONENT,
        )
        for name in REQUEST_COMPONENTS
        if name != "content-digest"
    },
    **{
        f"{name} not sent": (
            lambda name=name: with_header(request(), name, None),  # type: ignore[misc] # bound
            R.MISSING_COMPONENT,
        )
        for name, _ in request().headers
    },
}


@pytest.mark.parametrize("story", REFUSED_REQUESTS)
def test_a_request_is_refused_by_name_and_its_nonce_is_not_remembered(story: str) -> None:
    make, reason = REFUSED_REQUESTS[story]
    nonces = Nonces()
    with pytest.raises(SignatureRejected) as refusal:
        accept(make(), nonces=nonces)
    assert refusal.value.reason is reason
    assert nonces.seen == {}


def test_a_content_digest_that_is_sent_but_not_covered_is_refused() -> None:
    components = tuple(c for c in REQUEST_COMPONENTS if c != "content-digest")
    with pytest.raises(SignatureRejected) as refusal:
        accept(request_off_profile(components=components))
    assert refusal.value.reason is R.MISSING_COMPONENT


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (-3600, R.NOT_YET_VALID),
        (-SKEW_SECONDS - 1, R.NOT_YET_VALID),
        (-SKEW_SECONDS, None),
        (0, None),
        (10, None),
        (60, None),
        (61, R.EXPIRED),
        (3600, R.EXPIRED),
    ],
)
def test_the_window_is_60_seconds_and_forgives_a_clock_10_seconds_ahead(
    age: int, reason: RejectionReason | None
) -> None:
    if reason is None:
        accept(request(), arrived=NOW + age)
        return
    nonces = Nonces()
    with pytest.raises(SignatureRejected) as refusal:
        accept(request(), arrived=NOW + age, nonces=nonces)
    assert refusal.value.reason is reason
    assert nonces.seen == {}


def test_a_shorter_lifetime_is_respected() -> None:
    accept(request(lifetime=5), arrived=NOW + 5)
    with pytest.raises(SignatureRejected) as refusal:
        accept(request(lifetime=5), arrived=NOW + 6)
    assert refusal.value.reason is R.EXPIRED


def test_a_replayed_request_is_refused_and_another_key_may_use_the_same_nonce() -> None:
    nonces = Nonces()
    accept(request(), nonces=nonces)
    with pytest.raises(SignatureRejected) as refusal:
        accept(request(), nonces=nonces, arrived=NOW + 3)
    assert refusal.value.reason is R.REPLAYED
    accept(request(key=SUED, center="sued"), nonces=nonces)
    assert set(nonces.seen.values()) == {NOW + 60 + SKEW_SECONDS}


def test_the_steps_come_in_their_order() -> None:
    """Each message has every later defect too; the reason names the first step that fails."""
    asked: list[str] = []

    def find(key_id: str) -> PinnedKey | None:
        asked.append("key")
        return PINNED.get(key_id)

    def remember(*_: object) -> bool:
        asked.append("nonce")
        return True

    worst = replace(request(key=STRANGER, recipient="west"), body=b"other")
    for message, reason in (
        (with_header(worst, "signature", None), R.MISSING_COMPONENT),
        (worst, R.UNKNOWN_KEY),
        (replace(request(key=REVOKED, recipient="west"), body=b"other"), R.KEY_REVOKED),
        (replace(request(recipient="west"), body=b"other"), R.WRONG_RECIPIENT),
        (replace(request(), method="PUT", body=b"other"), R.WRONG_DIGEST),
        (replace(request(), method="PUT"), R.BAD_SIGNATURE),
        (request(), R.EXPIRED),
    ):
        with pytest.raises(SignatureRejected) as refusal:
            verify_request(
                message,
                recipient="sued",
                find_key=find,
                arrived=NOW + 100,
                remember_nonce=remember,
            )
        assert refusal.value.reason is reason
    assert asked == ["key"] * 6


def test_nothing_is_signed_that_would_be_refused() -> None:
    for changes in ({"lifetime": 61}, {"lifetime": 0}, {"center": "nörd"}, {"center": "a\nb"}):
        with pytest.raises(SignatureRejected):
            request(**changes)
    with pytest.raises(SignatureRejected):
        sign_request("GET", "/v1", b"", key=NORD, center="nord", recipient="sued", now=NOW)
