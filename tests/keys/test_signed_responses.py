"""Signed responses: an answer belongs to one request and to no other."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures import (
    ReceivedResponse,
    SignedRequest,
    sign_response,
)
from keys.http_signatures.responses import RESPONSE_COMPONENTS
from tests.keys.signed_messages import (
    BODY,
    NORD,
    NOW,
    STRANGER,
    SUED,
    TARGET,
    accept,
    accept_response,
    request,
    response,
    response_off_profile,
    signed_request,
)

R = RejectionReason


def test_a_good_response_proves_who_answered() -> None:
    asked = request()
    answer = response(asked)
    proven = accept_response(answer, asked)
    assert (proven.center, proven.key_id, proven.created) == ("sued", SUED.key_id, NOW)
    headers = sign_response(200, BODY, request=accept(asked), key=SUED, center="sued", now=NOW)
    assert tuple(headers.items()) == answer.headers


REFUSED_RESPONSES: dict[str, tuple[Callable[[], ReceivedResponse], RejectionReason]] = {
    "answers another request": (
        lambda: response(request(nonce="B" * 22)),
        R.BAD_SIGNATURE,
    ),
    "answers the same request sent again later": (
        lambda: response(request(now=NOW - 1)),
        R.BAD_SIGNATURE,
    ),
    "status exchanged": (lambda: replace(response(request()), status=404), R.BAD_SIGNATURE),
    "body exchanged": (lambda: replace(response(request()), body=b"{}"), R.WRONG_DIGEST),
    "other center answers": (
        lambda: response(request(), key=NORD, center="nord"),
        R.KEY_NOT_OF_CENTER,
    ),
    "key of another center": (lambda: response(request(), key=NORD), R.KEY_NOT_OF_CENTER),
    "unknown key": (lambda: response(request(), key=STRANGER), R.UNKNOWN_KEY),
    "request tag": (lambda: response_off_profile(request(), tag="ttp-request"), R.WRONG_TAG),
    "the request itself, reflected": (
        lambda: ReceivedResponse(200, request().headers, BODY),
        R.KEY_NOT_OF_CENTER,
    ),
    "too old": (lambda: response(request(), now=NOW - 61), R.EXPIRED),
    "from the future": (lambda: response(request(), now=NOW + 11), R.NOT_YET_VALID),
    "a component more": (
        lambda: response_off_profile(
            request(), components=(*RESPONSE_COMPONENTS, '"@authority";req')
        ),
        R.MALFORMED,
    ),
    **{
        f"{identifier} not covered": (
            lambda identifier=identifier: response_off_profile(  # type: ignore[misc] # bound
                request(), components=tuple(c for c in RESPONSE_COMPONENTS if c != identifier)
            ),
            R.RESPONSE_NOT_BOUND if ";req" in identifier else R.MISSING_COMPONENT,
        )
        for identifier in RESPONSE_COMPONENTS
    },
}


@pytest.mark.parametrize("story", REFUSED_RESPONSES)
def test_a_response_is_refused_by_name(story: str) -> None:
    make, reason = REFUSED_RESPONSES[story]
    with pytest.raises(SignatureRejected) as refusal:
        accept_response(make(), request())
    assert refusal.value.reason is reason


@pytest.mark.parametrize(("method", "target"), [("GET", TARGET), ("POST", TARGET + "8")])
def test_a_response_is_bound_to_method_and_target(method: str, target: str) -> None:
    kept = signed_request(request())
    headers = sign_response(
        200,
        BODY,
        request=SignedRequest(method, target, kept.signature),
        key=SUED,
        center="sued",
        now=NOW,
    )
    with pytest.raises(SignatureRejected) as refusal:
        accept_response(ReceivedResponse(200, tuple(headers.items()), BODY), request())
    assert refusal.value.reason is R.BAD_SIGNATURE
