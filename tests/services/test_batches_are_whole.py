"""Batches are whole: what fails while it is carried out undoes all of a batch; nothing is half-done or unaudited."""

from pathlib import Path

import pytest

from keys.keyring import Purpose
from tests.builders import make_center
from tests.services.decisions import ask
from tests.services.patients import CLERK, only_case, persons
from tests.services.test_decisions import strangers
from ttp.core.decisions import FIELDS_FOR_LIFE
from ttp.core.errors import KeysDestroyed
from ttp.core.persons import LOCAL, scope_of
from ttp.core.review import CaseState, Verdict
from ttp.services.cases.decide_cases import decide_cases


def test_without_a_leaf_no_case_of_a_batch_is_decided(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)
    a, b = strangers(center, 2)
    ask(center, (a, b))
    case = only_case(center)
    center.keyring.destroy(Purpose.AUDIT, scope_of(LOCAL), 1)
    with pytest.raises(KeysDestroyed):
        center.work.run(
            lambda tx: decide_cases(
                center,
                tx,
                CLERK,
                cases=[(case.id, case.version)],
                verdict=Verdict.SAME,
                reason="Akte",
                confirm=FIELDS_FOR_LIFE,
            )
        )
    assert len(set(persons(center, [a, b]))) == 2
    assert only_case(center).state is CaseState.OPEN
