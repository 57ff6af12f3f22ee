"""Two approvers at the same moment, two who carry out, and a process that ends in between: one effect, never two."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from tests.four_eyes.office import ANNA, BERT, CLARA, Office
from tests.pages.people import make_person
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.approvals import ApprovalState
from ttp.core.errors import TTPError
from ttp.services.custody.destroy_keys import finish_destructions, request_destruction
from ttp.services.domains.change_domain_policy import request_domain_policy
from ttp.services.pseudonyms.reidentify import carry_out_reidentification, request_reidentification

DORA = Actor(ActorKind.STAFF, "dora", Role.STEWARD, domains=None)


def _race(*steps: Callable[[], object]) -> int:
    """How many of the steps, begun together, were not refused."""
    gate, done, lock = threading.Barrier(len(steps)), [0], threading.Lock()

    def run(step: Callable[[], object]) -> None:
        gate.wait()
        try:
            step()
        except TTPError:
            return
        with lock:
            done[0] += 1

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done[0]


def test_of_two_who_answer_at_once_one_is_heard(office: Office) -> None:
    for other in (True, False):
        wanted = not _deletable(office)
        asked = office.run(request_domain_policy, ANNA, domain="diz", deletable=wanted)
        bert = partial(office.decide, BERT, asked.id)
        dora = partial(office.decide, DORA, asked.id, yes=other)
        assert _race(bert, dora) == 1
        answers = [one for one in office.actions(asked.id) if one.startswith("approval.")]
        assert len(answers) == 2


def test_of_eight_who_carry_out_at_once_one_is_told(office: Office) -> None:
    how = {"domain": "diz", "pseudonyms": office.tokens, "purpose": "p", "reason": "r"}
    approval = office.run(request_reidentification, CLARA, **how).id
    office.decide(BERT, approval)

    def carry_out() -> object:
        return office.run(carry_out_reidentification, CLARA, approval_id=approval)

    assert _race(*[carry_out] * 8) == 1
    assert office.actions(approval).count("pseudonyms.re-identified") == 1


def test_a_destruction_whose_process_ended_after_the_yes_is_finished_by_the_worker(
    small: Office,
) -> None:
    class Killed(BaseException):
        pass

    def die(_domain: str) -> None:
        raise Killed

    make_person(small.center, Role.CLERK, "emil")
    approval: UUID = small.run(request_destruction, ANNA, scope="diz").id
    keep = small.center.keyring.destroy_domain
    small.center.keyring.destroy_domain = die  # type: ignore[method-assign,assignment] # the process ends here
    with pytest.raises(Killed):
        small.decide(BERT, approval)
    small.center.keyring.destroy_domain = keep  # type: ignore[method-assign] # and begins anew
    assert small.get(approval).state is ApprovalState.APPROVED
    small.clock.skip(days=30)
    assert small.expire() == 0
    assert finish_destructions(small.center) == 1
    assert small.get(approval).state is ApprovalState.CARRIED_OUT
    assert finish_destructions(small.center) == 0


def _deletable(office: Office) -> bool:
    return office.center.work.run(lambda tx: tx.domains.get("diz").deletable, write=False)
