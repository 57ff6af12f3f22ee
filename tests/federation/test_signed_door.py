"""The door for peers: nothing but one untouched, fresh request of a trusted center for us passes, and once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from keys.http_signatures import content_digest
from keys.signatures import SigningKey
from tests.builders import ManualClock, make_center, make_http
from tests.federation.network import quick_center
from tests.scale import scaled
from tests.simulator import Request, SimulatedTrustCenter, pin, send
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.federation import MAXIMAL_BODY_BYTES, FederationPath
from ttp.services.peers.answer_peer import forget_nonces
from ttp.services.peers.trust_peer import revoke_peer

PAYLOAD = {"old_size": 0, "proof": [], "checkpoint": "none"}
STRANGER = SigningKey.generate()


def code_of(response: TestResponse) -> str:
    """The code of a problem document."""
    return str((response.get_json() or {}).get("code"))


class Scene:
    """A center under test, a peer it trusts, and the way between them."""

    def __init__(self, home: Path, database_url: str = "") -> None:
        self.clock = ManualClock()
        self.center: Center = (
            replace(make_center(home, database_url), clock=self.clock)
            if database_url
            else quick_center(home, clock=self.clock)
        )
        self.peer = SimulatedTrustCenter(clock=self.clock)
        pin(self.center, self.peer.card())
        self.http: FlaskClient = make_http(self.center)

    def request(self, **otherwise: object) -> Request:
        """A good request, unless ``otherwise`` spoils it."""
        return self.peer.request(self.center, FederationPath.WITNESS, PAYLOAD, **otherwise)

    def code(self, request: Request) -> str:
        """The code with which a request is answered."""
        return code_of(send(self.http, request))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def _header(name: str, value: str | None) -> Callable[[Scene], Request]:
    def spoiled(scene: Scene) -> Request:
        request = scene.request()
        if value is None:
            del request.headers[name]
        else:
            request.headers[name] = value
        return request

    return spoiled


def _later(seconds: float) -> Callable[[Scene], Request]:
    def spoiled(scene: Scene) -> Request:
        request = scene.request()
        scene.clock.skip(seconds=seconds)
        return request

    return spoiled


def _other_body(scene: Scene) -> Request:
    return replace(scene.request(), body=b'{"old_size": 1}')


def _other_body_and_digest(scene: Scene) -> Request:
    request = _other_body(scene)
    request.headers["content-digest"] = content_digest(request.body)
    return request


def _other_path(scene: Scene) -> Request:
    request = scene.request()
    return replace(request, url=request.url.replace(FederationPath.WITNESS, FederationPath.SECRETS))


def _revoked(scene: Scene) -> Request:
    scene.center.work.run(lambda tx: revoke_peer(scene.center, tx, OPERATOR, name="sued"))
    return scene.request()


def _twice(scene: Scene) -> Request:
    request = scene.request()
    send(scene.http, request)
    return request


SCENARIOS: dict[str, tuple[Callable[[Scene], Request], str]] = {
    "a good request reaches the use case": (lambda scene: scene.request(), "checkpoint-malformed"),
    "a clock 10 s ahead is forgiven": (
        lambda scene: scene.request(now=int(scene.clock.now().timestamp()) + 10),
        "checkpoint-malformed",
    ),
    "a clock 11 s ahead is not": (
        lambda scene: scene.request(now=int(scene.clock.now().timestamp()) + 11),
        "not-yet-valid",
    ),
    "60 s old": (_later(60), "checkpoint-malformed"),
    "61 s old: expired": (_later(61), "expired"),
    "expired by its own word": (
        lambda scene: scene.request(now=int(scene.clock.now().timestamp()) - 6, lifetime=5),
        "expired",
    ),
    "sent again: replayed": (_twice, "replayed"),
    "signed by a stranger's key": (lambda scene: scene.request(key=STRANGER), "unknown-key"),
    "a known key in another center's name": (
        lambda scene: scene.request(center="west"),
        "key-not-of-center",
    ),
    "a revoked peer": (_revoked, "key-revoked"),
    "meant for another center": (lambda scene: scene.request(recipient="west"), "wrong-recipient"),
    "signed for another URL": (
        lambda scene: scene.request(url="https://west.example" + FederationPath.WITNESS),
        "bad-signature",
    ),
    "moved to another path": (_other_path, "bad-signature"),
    "with a query that was not signed": (
        lambda scene: replace(scene.request(), url=scene.request().url + "?all=1"),
        "bad-signature",
    ),
    "with another body": (_other_body, "wrong-digest"),
    "with another body and its digest": (_other_body_and_digest, "bad-signature"),
    "without a signature": (_header("signature", None), "missing-component"),
    "without a digest": (_header("content-digest", None), "missing-component"),
    "without a recipient": (_header("ttp-recipient", None), "missing-component"),
    "with a signature of nothing": (_header("signature", "ttp=:AAAA:"), "bad-signature"),
    "with an unreadable signature": (_header("signature", "nonsense"), "malformed"),
}


@pytest.mark.parametrize("sentence", SCENARIOS)
def test_the_door_answers(sentence: str, scene: Scene) -> None:
    spoil, code = SCENARIOS[sentence]
    assert scene.code(spoil(scene)) == code


def test_forwarded_headers_do_not_move_the_target(scene: Scene) -> None:
    request = scene.request()
    request.headers |= {"Host": "west.example", "X-Forwarded-Host": "west.example"}
    assert scene.code(request) == "checkpoint-malformed"


def test_a_request_for_what_forwarded_headers_say_is_refused(scene: Scene) -> None:
    request = scene.request(url="https://west.example" + FederationPath.WITNESS)
    request.headers |= {"Host": "west.example", "X-Forwarded-Host": "west.example"}
    assert scene.code(request) == "bad-signature"


def test_answers_are_bound_to_their_request(scene: Scene) -> None:
    first, second = scene.request(), scene.request()
    answered = send(scene.http, first)
    scene.peer.verify(scene.center, first, answered)
    with pytest.raises(Exception, match="bad-signature"):
        scene.peer.verify(scene.center, second, answered)


def test_a_refused_signature_leaves_no_nonce_behind(scene: Scene) -> None:
    request = scene.request()
    assert scene.code(replace(request, body=b"{}")) == "wrong-digest"
    assert scene.code(request) == "checkpoint-malformed"


def test_refusals_are_counted_and_strangers_cannot_name_themselves_in_the_log(scene: Scene) -> None:
    scene.code(scene.request(key=STRANGER, center="a-name-made-up"))
    scene.code(_other_body(scene))
    scene.clock.skip(minutes=3)
    taken = scene.center.work.run(lambda tx: tx.audit.take_refusals(before=scene.clock.now()))
    counted = {(refusal.actor, refusal.code): refusal.count for refusal in taken}
    assert counted[("stranger", "unknown-key")] == counted[("sued", "wrong-digest")] == 1
    assert {actor for actor, _ in counted} == {"stranger", "sued"}


def test_bodies_above_4_mib_are_refused_before_they_are_read(scene: Scene) -> None:
    request = replace(scene.request(), body=b" " * (MAXIMAL_BODY_BYTES + 1))
    assert send(scene.http, request).status_code == 413


def test_unknown_fields_are_refused_in_a_signed_answer(scene: Scene) -> None:
    request = scene.peer.request(scene.center, FederationPath.WITNESS, {**PAYLOAD, "x": 1})
    answered = send(scene.http, request)
    assert (answered.status_code, code_of(answered)) == (422, "invalid-field")
    scene.peer.verify(scene.center, request, answered)


def test_nonces_are_kept_until_expiry_and_skew(scene: Scene) -> None:
    request = _twice(scene)
    scene.clock.skip(seconds=60)
    scene.center.work.run(lambda tx: forget_nonces(scene.center, tx))
    assert scene.code(request) == "replayed"
    scene.clock.skip(seconds=11)
    scene.center.work.run(lambda tx: forget_nonces(scene.center, tx))
    assert scene.code(request) == "expired"


def race(scene: Scene, request: Request) -> list[str]:
    """Send one request from 8 threads at once; the codes of the answers, sorted."""
    codes: list[str] = []
    start = threading.Barrier(8)

    def run() -> None:
        http = scene.http.application.test_client()
        start.wait()
        codes.append(code_of(send(http, request)))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_a_request_replayed_by_8_racing_threads_is_accepted_once(
    tmp_path: Path, database_url: str
) -> None:
    scene = Scene(tmp_path, database_url)
    for _ in range(scaled(5, least=2)):
        assert race(scene, scene.request()) == ["checkpoint-malformed", *["replayed"] * 7]
