"""A destruction that has to wait holds nothing else up: what it waits for goes on, and then it is finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.keyring import KeyState, Purpose
from tests.four_eyes.office import ANNA, BERT, Office, open_office
from ttp.core.approvals import ApprovalState
from ttp.core.rotation import RotationState
from ttp.services.custody.destroy_keys import finish_destructions, request_destruction
from ttp.services.custody.rotate_keys import request_rotation, run_rotation
from ttp.worker import DUTIES


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return open_office(tmp_path)


def rotate(office: Office) -> None:
    rotation = office.run(request_rotation, ANNA, purpose=Purpose.SEAL, scope="diz")
    run_rotation(office.center, rotation_id=rotation.id, holder="test", rest=0)


def test_a_rotation_begun_after_the_yes_ends_and_then_the_key_goes(office: Office) -> None:
    class Killed(BaseException):
        pass

    def die(_purpose: Purpose, _scope: str, _version: int) -> None:
        raise Killed

    rotate(office)
    asked = office.run(request_destruction, ANNA, scope="diz", purpose=Purpose.SEAL, version=1)
    keep = office.center.keyring.destroy
    office.center.keyring.destroy = die  # type: ignore[method-assign,assignment] # the process ends here
    with pytest.raises(Killed):
        office.decide(BERT, asked.id)
    office.center.keyring.destroy = keep  # type: ignore[method-assign] # and begins anew
    again = office.run(request_rotation, ANNA, purpose=Purpose.SEAL, scope="diz")
    (duty,) = (one for one in DUTIES if one.name == "keys")
    for _ in range(20):
        duty.act(office.center, "test")
    with office.center.work.begin(write=False) as tx:
        assert tx.rotations.get(again.id).state is RotationState.DONE
        assert tx.approvals.get(asked.id).state is ApprovalState.CARRIED_OUT
    states = [one.state for one in office.center.keyring.versions(Purpose.SEAL, "diz")]
    assert states == [KeyState.DESTROYED, KeyState.RETIRED, KeyState.ACTIVE]
    assert finish_destructions(office.center) == 0
