"""Every way of changing one thing in a signed message is refused: the mutation suite."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures import ReceivedRequest, ReceivedResponse
from tests.keys.signed_messages import (
    TARGET,
    Nonces,
    accept,
    accept_response,
    request,
    response,
)

Headers = tuple[tuple[str, str], ...]
FLIPS = tuple(1 << bit for bit in range(8))


def changed_texts(text: str) -> Iterator[str]:
    """Each character changed, dropped, doubled or moved, and the text with something around it."""
    for position, character in enumerate(text):
        before, after = text[:position], text[position + 1 :]
        for flip in FLIPS:
            yield before + chr(ord(character) ^ flip) + after
        yield before + after
        yield before + character * 2 + after
        yield before + " " + character + after
    yield from (text + " ", " " + text, text + ",", text + ";x", text + ", " + text, "")


def changed_headers(headers: Headers) -> Iterator[Headers]:
    """Each header changed, dropped, doubled, renamed, or given the value of another."""
    for position, (name, value) in enumerate(headers):
        before, after = headers[:position], headers[position + 1 :]
        for text in changed_texts(value):
            yield (*before, (name, text), *after)
        yield before + after
        yield (*before, (name, value), (name, value), *after)
        yield (*before, (name, value), (name.upper(), "x"), *after)
        yield (*before, ("x-" + name, value), *after)
        for _, other in headers:
            if other != value:
                yield (*before, (name, other), *after)


def changed_bodies(body: bytes) -> Iterator[bytes]:
    """Each byte changed in each bit, dropped, or doubled, and the body longer or empty."""
    for position, byte in enumerate(body):
        for bit in range(8):
            yield body[:position] + bytes([byte ^ 1 << bit]) + body[position + 1 :]
        yield body[:position] + body[position + 1 :]
    yield from (b"", body + b"\x00", b"\n" + body, body * 2)


def changed_signature_inputs(value: str) -> Iterator[str]:
    """Each component and parameter dropped, doubled, or put elsewhere; each value changed."""
    covered, _, tail = value.removeprefix("ttp=(").partition(")")
    components, parameters = covered.split(" "), tail.split(";")[1:]
    for position in range(len(components)):
        rest = components[:position] + components[position + 1 :]
        yield from _inputs([*rest], parameters)
        yield from _inputs([*components, components[position]], parameters)
        yield from _inputs([*rest, components[position] + ";sf"], parameters)
        yield from _inputs([components[position], *rest], parameters)
    for position in range(len(parameters)):
        left = parameters[:position] + parameters[position + 1 :]
        yield from _inputs(components, left)
        yield from _inputs(components, [*parameters, parameters[position]])
        yield from _inputs(components, [parameters[position], *left])
        yield from _inputs(components, [*left, parameters[position].split("=")[0] + "=1"])
    yield from _inputs(components, [*parameters, 'x="y"'])
    yield from _inputs([*components, '"@authority"'], parameters)


def _inputs(components: list[str], parameters: list[str]) -> Iterator[str]:
    yield f"ttp=({' '.join(components)});{';'.join(parameters)}"


def request_mutants(good: ReceivedRequest) -> Iterator[ReceivedRequest]:
    """Every request that differs from a good one in one thing."""
    for headers in changed_headers(tuple(good.headers)):
        yield replace(good, headers=headers)
    given = dict(good.headers)
    for text in changed_signature_inputs(given["signature-input"]):
        if text != given["signature-input"]:
            yield replace(good, headers=tuple({**given, "signature-input": text}.items()))
    for body in changed_bodies(good.body):
        yield replace(good, body=body)
    for target in changed_texts(TARGET):
        yield replace(good, target_uri=target)
    for method in ("GET", "PUT", "DELETE", "post", "Post", "POST ", "", "PATCH"):
        yield replace(good, method=method)


def test_no_mutant_of_a_request_is_accepted_and_no_nonce_is_used_up() -> None:
    good, nonces, tried = request(), Nonces(), 0
    for mutant in request_mutants(good):
        tried += 1
        with pytest.raises(SignatureRejected):
            accept(mutant, nonces=nonces)
    assert tried > 5_000
    assert nonces.seen == {}
    accept(good, nonces=nonces)


def test_no_mutant_of_a_response_is_accepted() -> None:
    asked = request()
    good, tried = response(asked), 0
    for mutant in response_mutants(good):
        tried += 1
        with pytest.raises(SignatureRejected):
            accept_response(mutant, asked)
    assert tried > 4_000
    accept_response(good, asked)


def response_mutants(good: ReceivedResponse) -> Iterator[ReceivedResponse]:
    """Every response that differs from a good one in one thing."""
    for headers in changed_headers(tuple(good.headers)):
        yield replace(good, headers=headers)
    given = dict(good.headers)
    for text in changed_signature_inputs(given["signature-input"]):
        if text != given["signature-input"]:
            yield replace(good, headers=tuple({**given, "signature-input": text}.items()))
    for body in changed_bodies(good.body):
        yield replace(good, body=body)
    for status in (0, 100, 199, 201, 204, 400, 404, 500, 2000):
        yield replace(good, status=status)


def test_no_mutant_of_the_request_takes_its_response() -> None:
    """Replies are matched to what was sent, to the bit."""
    asked = request()
    answer = response(asked)
    signature = base64.b64decode(dict(asked.headers)["signature"][5:-1])
    for body in changed_bodies(signature):
        text = f"ttp=:{base64.b64encode(body).decode()}:"
        headers = tuple({**dict(asked.headers), "signature": text}.items())
        with pytest.raises(SignatureRejected):
            accept_response(answer, replace(asked, headers=headers))
    for target in changed_texts(TARGET):
        with pytest.raises(SignatureRejected):
            accept_response(answer, replace(asked, target_uri=target))


def test_swapped_responses_are_both_refused() -> None:
    first, second = request(nonce="A" * 22), request(nonce="B" * 22)
    for answer, asked in ((response(first), second), (response(second), first)):
        with pytest.raises(SignatureRejected) as refusal:
            accept_response(answer, asked)
        assert refusal.value.reason is RejectionReason.BAD_SIGNATURE
