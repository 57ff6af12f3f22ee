"""Sessions against a real center, with a network that loses requests and answers."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import make_center, make_domain, make_http, make_key
from tests.coroutines import finished
from ttp.app import create_app
from ttp.client import (
    AsyncTreuhandstelle,
    Failed,
    Issued,
    IssuedMany,
    Refused,
    Resolved,
    Treuhandstelle,
    Unreachable,
)
from ttp.client.errors import AnswerInvalid
from ttp.core.center import Center

DOMAINS = ("single", "multi")


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("center")
    center = make_center(folder)
    make_domain(center, "single")
    make_domain(center, "multi", multi=True)
    return center


@pytest.fixture(scope="module")
def key(center: Center) -> str:
    return make_key(center, *DOMAINS)


class Lossy(httpx.BaseTransport):
    """The way to a center; at chosen requests the request or the answer is lost, or a proxy complains."""

    def __init__(self, center: Center, losses: Iterable[str]) -> None:
        self._inner = httpx.WSGITransport(create_app(center))
        self._losses = iter(losses)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        loss = next(self._losses, "")
        if loss == "request":
            raise httpx.ConnectError("lost")
        response = self._inner.handle_request(request)
        response.read()
        if loss == "answer":
            raise httpx.ReadError("lost")
        return httpx.Response(503, text="busy") if loss == "proxy" else response


def session(center: Center, key: str, *losses: str, **more: Any) -> tuple[Treuhandstelle, Lossy]:
    transport = Lossy(center, losses)
    return Treuhandstelle("http://center.test", key, transport=transport, **more), transport


def test_work_is_cut_into_requests_and_comes_back_in_order(center: Center, key: str) -> None:
    client, transport = session(center, key, chunk=7)
    originals = [f"order-{number % 13}" for number in range(30)]
    with client:
        first = client.pseudonyms("single", originals)
        again = client.pseudonyms("single", originals[::-1], create=False)
    tokens = {
        o: i.pseudonym for o, i in zip(originals, first, strict=True) if isinstance(i, Issued)
    }
    assert again == [Issued(tokens[original], created=False) for original in originals[::-1]]
    assert len({request.headers["Idempotency-Key"] for request in transport.requests}) == 10


@pytest.mark.parametrize("loss", ["request", "answer", "proxy"])
def test_a_lost_try_is_repeated_and_nothing_is_done_twice(
    center: Center, key: str, loss: str
) -> None:
    client, transport = session(center, key, loss, loss, chunk=2)
    made = client.secondary_pseudonyms("multi", [f"{loss}-a"], count=2)
    everything = client.secondary_pseudonyms("multi", [f"{loss}-a"], count=0)
    assert isinstance(made[0], IssuedMany)
    assert everything == [IssuedMany(made[0].pseudonyms, 0)]
    assert len({request.headers["Idempotency-Key"] for request in transport.requests[:3]}) == 1


def test_created_is_told_even_when_the_first_answer_was_lost(center: Center, key: str) -> None:
    client, _ = session(center, key, "answer")
    (made,) = client.pseudonyms("single", ["told once"])
    assert isinstance(made, Issued)
    assert made.created


def test_when_every_try_is_lost_that_is_said(center: Center, key: str) -> None:
    client, transport = session(center, key, *["request"] * 9, tries=2)
    with pytest.raises(Unreachable):
        client.pseudonyms("single", ["x"])
    assert len(transport.requests) == 2


def test_resolving_gives_originals_and_names_failures(center: Center, key: str) -> None:
    client, _ = session(center, key)
    (made,) = client.pseudonyms("single", ["Ümläut 007"])
    assert isinstance(made, Issued)
    found, unknown = client.resolve("single", [made.pseudonym, "0" * 16], reason="a test")
    assert found == Resolved(("Ümläut 007",))
    assert isinstance(unknown, Failed)
    assert unknown.code == "unknown-pseudonym"


def test_a_bad_item_fails_in_its_place(center: Center, key: str) -> None:
    client, _ = session(center, key)
    good, bad = client.pseudonyms("single", ["good", ""])
    assert isinstance(good, Issued)
    assert isinstance(bad, Failed)
    assert bad.code == "invalid-original"


REFUSALS: dict[str, tuple[Callable[[Treuhandstelle], object], int, str]] = {
    "unknown domain": (lambda c: c.pseudonyms("nowhere", ["x"]), 404, "unknown-domain"),
    "domain name with a slash": (
        lambda c: c.pseudonyms("https://a.example/b", ["x"]),
        404,
        "not-found",
    ),
    "multi domain": (lambda c: c.pseudonyms("multi", ["x"]), 400, "wrong-domain-kind"),
}


@pytest.mark.parametrize("sentence", REFUSALS)
def test_a_refusal_is_raised_at_once_with_its_code(center: Center, key: str, sentence: str) -> None:
    call, status, code = REFUSALS[sentence]
    client, transport = session(center, key)
    with pytest.raises(Refused) as refused:
        call(client)
    assert (refused.value.status, refused.value.problem) == (status, code)
    assert len(transport.requests) == 1


def test_a_wrong_key_is_refused_and_never_shown(center: Center) -> None:
    wrong = "ttp_" + "a" * 32
    client, _ = session(center, wrong)
    with pytest.raises(Refused) as refused:
        client.pseudonyms("single", ["x"])
    assert refused.value.status == 401
    assert wrong not in f"{refused.value!r} {client!r}"


def test_what_is_no_center_is_said_so(center: Center) -> None:
    def elsewhere(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<html>Welcome</html>"]

    client = Treuhandstelle("http://x.test", "k", transport=httpx.WSGITransport(elsewhere))
    with pytest.raises(AnswerInvalid):
        client.pseudonyms("single", ["x"])


class Loop(httpx.AsyncBaseTransport):
    """The way to a center for an event loop."""

    def __init__(self, center: Center) -> None:
        self._http = make_http(center)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        told = self._http.post(request.url.path, data=await request.aread(), headers=headers)
        return httpx.Response(told.status_code, content=told.data)


def test_the_asynchronous_session_keeps_the_same_promises(center: Center, key: str) -> None:
    async def talk() -> tuple[list[Issued | Failed], list[Resolved | Failed]]:
        way = Loop(center)
        async with AsyncTreuhandstelle("http://c.test", key, transport=way, chunk=2) as client:
            issued = await client.pseudonyms("single", ["a1", "a2", "a3"])
            tokens = [item.pseudonym for item in issued if isinstance(item, Issued)]
            return issued, await client.resolve("single", tokens)

    issued, resolved = finished(talk())
    assert resolved == [Resolved(("a1",)), Resolved(("a2",)), Resolved(("a3",))]
    assert all(isinstance(item, Issued) and item.created for item in issued)
