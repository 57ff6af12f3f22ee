"""The client of peers: believes nothing but the answer of the center it asked to the request it sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from tests.builders import ManualClock
from tests.federation.network import quick_center
from tests.simulator import Wires, introduce
from ttp.connecting import connect
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.federation import FederationPath
from ttp.core.peers import PeerAnswerRejected, PeerNotTrusted, PeerRefused, PeerUnreachable
from ttp.peering.envelope import RequestTooLarge
from ttp.services.peers.ask_peer import ask_peer
from ttp.services.peers.trust_peer import revoke_peer

PAYLOAD = {"old_size": 0, "proof": [], "checkpoint": "none"}


class Tampering(httpx.BaseTransport):
    """A network that changes answers, or answers itself."""

    def __init__(self, wires: Wires, change: Callable[[httpx.Response], httpx.Response]) -> None:
        self.wires, self.change = wires, change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver, then tamper."""
        response = self.wires.handle_request(request)
        response.read()
        changed = self.change(response)
        stream = httpx.ByteStream(changed.content)
        return httpx.Response(changed.status_code, headers=changed.headers, stream=stream)


class Scene:
    """Two centers that trust each other, on one clock."""

    def __init__(self, home: Path) -> None:
        self.clock = ManualClock()
        self.nord, self.sued = (
            quick_center(home, name, clock=self.clock) for name in ("nord", "sued")
        )
        introduce(self.nord, self.sued)
        self.wires = Wires(self.nord, self.sued)

    def ask(self, transport: httpx.BaseTransport | None = None) -> dict[str, object]:
        """Nord asks sued for a co-signature of nonsense."""
        client = connect(self.nord, transport=transport or self.wires)
        path = FederationPath.WITNESS
        return ask_peer(self.nord, client, name="sued", path=path, payload=PAYLOAD)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def _refusal(scene: Scene, transport: httpx.BaseTransport | None = None) -> TTPError:
    with pytest.raises(TTPError) as refused:
        scene.ask(transport)
    return refused.value


def test_a_signed_problem_is_told_with_its_code(scene: Scene) -> None:
    refused = _refusal(scene)
    assert isinstance(refused, PeerRefused)
    assert (refused.facts["peer_code"], refused.facts["peer_status"]) == (
        "checkpoint-malformed",
        400,
    )


def _with_header(name: str, value: str) -> Callable[[httpx.Response], httpx.Response]:
    def change(response: httpx.Response) -> httpx.Response:
        response.headers[name] = value
        return response

    return change


def _with(status: int, content: bytes) -> Callable[[httpx.Response], httpx.Response]:
    return lambda response: httpx.Response(status, headers=response.headers, content=content)


TAMPERED: dict[str, Callable[[httpx.Response], httpx.Response]] = {
    "another status": lambda response: httpx.Response(
        200, headers=response.headers, content=response.content
    ),
    "another body": _with(400, b"{}"),
    "another center's name": _with_header("ttp-center", "west"),
    "no signature at all": lambda _: httpx.Response(200, content=b"{}"),
    "a redirect": lambda _: httpx.Response(307, headers={"location": "https://x.example"}),
}


@pytest.mark.parametrize("sentence", TAMPERED)
def test_an_answer_changed_on_its_way_is_rejected(sentence: str, scene: Scene) -> None:
    refused = _refusal(scene, Tampering(scene.wires, TAMPERED[sentence]))
    assert isinstance(refused, PeerAnswerRejected)


def test_the_answer_to_an_earlier_request_is_rejected(scene: Scene) -> None:
    kept: list[httpx.Response] = []

    def swapped(response: httpx.Response) -> httpx.Response:
        kept.append(response)
        return kept[0]

    assert isinstance(_refusal(scene, Tampering(scene.wires, swapped)), PeerRefused)
    refused = _refusal(scene, Tampering(scene.wires, swapped))
    assert isinstance(refused, PeerAnswerRejected)
    assert refused.facts["reason"] == "bad-signature"


def test_an_unreachable_peer_is_tried_four_times_with_growing_pauses(scene: Scene) -> None:
    scene.wires.cut.add("sued.example")
    began = scene.clock.monotonic()
    assert isinstance(_refusal(scene), PeerUnreachable)
    assert len(scene.wires.sent) == 4
    assert scene.clock.monotonic() - began == pytest.approx(4.2)


class Silent(httpx.BaseTransport):
    """A network whose other end takes the request and says nothing."""

    asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait in vain."""
        self.asked += 1
        raise httpx.ReadTimeout("silence", request=request)


def test_a_peer_that_is_reached_and_silent_is_asked_once(scene: Scene) -> None:
    silent = Silent()
    assert isinstance(_refusal(scene, silent), PeerUnreachable)
    assert silent.asked == 1


def test_a_passing_failure_is_tried_again_with_a_new_signature(scene: Scene) -> None:
    failures = iter([httpx.Response(502), httpx.Response(503)])
    tampering = Tampering(scene.wires, lambda response: next(failures, response))
    assert isinstance(_refusal(scene, tampering), PeerRefused)
    signatures = {request.headers["signature"] for request in scene.wires.sent}
    assert len(signatures) == len(scene.wires.sent) == 3


def test_a_center_that_does_not_know_us_is_told_apart(scene: Scene) -> None:
    scene.sued.work.run(lambda tx: revoke_peer(scene.sued, tx, OPERATOR, name="nord"))
    assert _refusal(scene).facts["peer_code"] == "key-revoked"
    assert len(scene.wires.sent) == 1


def test_a_peer_that_is_not_trusted_is_not_asked(scene: Scene) -> None:
    scene.nord.work.run(lambda tx: revoke_peer(scene.nord, tx, OPERATOR, name="sued"))
    assert isinstance(_refusal(scene), PeerNotTrusted)
    assert scene.wires.sent == []


def test_an_answer_is_refused_when_its_signer_was_revoked_meanwhile(scene: Scene) -> None:
    center: Center = scene.nord

    def revoke(response: httpx.Response) -> httpx.Response:
        center.work.run(lambda tx: revoke_peer(center, tx, OPERATOR, name="sued"))
        return response

    refused = _refusal(scene, Tampering(scene.wires, revoke))
    assert refused.facts["reason"] == "key-revoked"


def test_what_does_not_fit_into_4_mib_is_not_sent(scene: Scene) -> None:
    client = connect(scene.nord, transport=scene.wires)
    peer = scene.nord.work.run(lambda tx: tx.peers.get("sued"))
    with pytest.raises(RequestTooLarge):
        client.ask(peer, FederationPath.WITNESS, {"x": "y" * (4 * 1024 * 1024)})
    assert scene.wires.sent == []


@pytest.mark.parametrize(
    "code", ["\x1b[2Jtaken in", "a\nb", "\0", "", "-", "A", "a" * 64, 7, None, ["a"]]
)
def test_what_is_no_code_is_not_told_as_one(scene: Scene, code: object) -> None:
    """Codes reach terminals and databases, and a refused signature is answered unsigned, by anybody."""
    answer = httpx.Response(401, content=orjson.dumps({"code": code}))
    refused = _refusal(scene, Tampering(scene.wires, lambda _: answer))
    assert refused.facts["peer_code"] == "unknown"
