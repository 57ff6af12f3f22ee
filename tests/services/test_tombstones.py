"""What is left of a deleted identity opens nothing: cases, pairs and checks that named it say so or pass it over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center
from tests.services.patients import only_case, patient, registered
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.identity_life import ChangeReason
from ttp.core.names import IdentityId
from ttp.services.cases.compare_pair import compare_stored
from ttp.services.cases.pair_manually import pair_manually
from ttp.services.cases.show_case import show_case
from ttp.services.cases.uncover_field import uncover_field
from ttp.services.persons.delete_identities import request_deletion

ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")
HANNA = ANNA | {"record_id": "2", "given_name": "Hanna"}
OTTO = patient(7, given_name="Otto", surname="Winkler", birth_date="1951-11-30", city="Kiel")


@pytest.fixture
def center(tmp_path: Path) -> Center:
    return make_center(tmp_path)


def run(center: Center, service: Callable[..., Any], **how: Any) -> Any:
    return center.work.run(lambda tx: service(center, tx, OPERATOR, **how))


def delete(center: Center, *ids: IdentityId) -> None:
    why = ChangeReason.TEST_RECORD
    run(center, request_deletion, identities=ids, reason=why, note="a test")


def test_a_case_about_a_deleted_identity_shows_and_uncovers_nothing_of_it(center: Center) -> None:
    (anna,) = registered(center, ANNA)
    (hanna,) = registered(center, HANNA)
    case = only_case(center)
    delete(center, hanna.identity)
    pair = tuple(sorted((anna.identity, hanna.identity)))
    assert not run(center, show_case, case_id=case.id).pairs
    with pytest.raises(InvalidField):
        run(center, uncover_field, case_id=case.id, pair=pair, field="given_name")
    assert center.work.run(lambda tx: compare_stored(center, tx, pair)) is None  # type: ignore[arg-type] # two IDs in order


def test_a_deleted_identity_is_paired_with_nobody(center: Center) -> None:
    (anna,) = registered(center, ANNA)
    (otto,) = registered(center, OTTO)
    delete(center, otto.identity)
    with pytest.raises(InvalidField):
        run(center, pair_manually, first=anna.identity, second=otto.identity)
