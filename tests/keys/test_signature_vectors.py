"""Messages in files, each named after its one defect: other implementations can read them too."""

import json
from pathlib import Path
from typing import Any

import pytest

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures import ReceivedRequest, ReceivedResponse
from tests.keys.signed_messages import Nonces, accept, accept_response

FILES = sorted((Path(__file__).parents[1] / "vectors/signature").glob("*.json"))


def headers_of(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in message["headers"])


def judge(vector: dict[str, Any]) -> None:
    asked, arrived = vector["request"], vector["arrived"]
    request = ReceivedRequest(
        asked["method"], asked["target_uri"], headers_of(asked), asked["body"].encode()
    )
    if "response" in vector:
        given = vector["response"]
        answer = ReceivedResponse(given["status"], headers_of(given), given["body"].encode())
        accept_response(answer, request, arrived=arrived)
        return
    nonces = Nonces()
    if vector["nonce_seen_before"]:
        accept(request, arrived=arrived, nonces=nonces)
    accept(request, arrived=arrived, nonces=nonces)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_message_is_judged_as_its_file_says(file: Path) -> None:
    vector = json.loads(file.read_text())
    if vector["refused"] is None:
        judge(vector)
        return
    with pytest.raises(SignatureRejected) as refusal:
        judge(vector)
    assert refusal.value.reason == vector["refused"]


def test_every_reason_a_message_can_be_refused_for_has_a_file() -> None:
    shown = {json.loads(file.read_text())["refused"] for file in FILES}
    elsewhere = {RejectionReason.WRONG_TARGET, RejectionReason.BEFORE_RESTORE}  # told by the center
    assert shown >= {reason.value for reason in RejectionReason} - elsewhere
