"""What a case discloses: by default at most 30 % of the characters, step by step more, within a budget, on record."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ManualClock, make_center
from tests.services.patients import CLERK, only_case, registered
from tests.services.test_review import ANNA, HANNA
from ttp.core.case_work import DeskRules, DisclosureSpent
from ttp.core.center import Center
from ttp.core.disclosing import AROUND, DIFFERENCES, WHOLE, shown, visible
from ttp.core.errors import InvalidField
from ttp.core.masking import DOT
from ttp.core.persons import Pair
from ttp.services.cases.show_case import CaseView, show_case
from ttp.services.cases.uncover_field import budget_of, uncover_field

TYPO = "Meier", "Meyer"
PAIRS = [
    {"given_name": "Hanna"},
    {"surname": "Lehman"},
    {"surname": "Kowalczyk"},
    {"birth_date": "1984-03-17"},
    {"birth_date": "1984-07-03"},
    {"given_name": "Annalena", "postcode": "04105"},
    {"given_name": "Lehmann", "surname": "Anna"},
    {"postcode": "24937", "city": "Flensburg"},
    {"sex": "f", "given_name": "Ana"},
]
"""What happens to records: typing errors, marriage, birthdays told wrongly, swapped names, moves."""
values = st.text(st.characters(codec="utf-8", exclude_characters=DOT), max_size=12)


def _shares() -> list[float]:
    found = []
    for change in PAIRS:
        first = {name: value for name, value in ANNA.items() if name != "record_id"}
        second = first | change
        sides = [(str(first[name]), str(second[name])) for name in first]
        total = sum(len(one) + len(other) for one, other in sides)
        found.append(sum(visible(*shown(*two, step=DIFFERENCES)) for two in sides) / total)
    return found


def test_by_default_a_case_discloses_at_most_three_tenths_of_its_characters() -> None:
    shares = _shares()
    assert max(shares) <= 0.30, shares
    assert sum(shares) / len(shares) <= 0.15, shares


@given(values, values)
def test_every_step_shows_what_the_one_before_showed_and_keeps_lengths(a: str, b: str) -> None:
    steps = [shown(a, b, step=step) for step in (DIFFERENCES, AROUND, WHOLE)]
    assert steps[-1] == (a, b)
    for less, more in pairwise(steps):
        for hidden, open_ in zip(less, more, strict=True):
            assert len(hidden) == len(open_)
            assert all(one in (DOT, other) for one, other in zip(hidden, open_, strict=True))


def test_the_first_step_shows_what_stands_around_a_difference() -> None:
    assert shown(*TYPO, step=DIFFERENCES) == ("••i••", "••y••")
    assert shown(*TYPO, step=AROUND) == ("Meie•", "Meye•")


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path)
    registered(made, ANNA, HANNA)
    return made


def _view(center: Center) -> CaseView:
    case = only_case(center)
    return center.work.run(lambda tx: show_case(center, tx, CLERK, case_id=case.id))


def _uncover(center: Center, field: str, pair: Pair | None = None) -> int:
    case, asked = only_case(center), pair or _view(center).pairs[0].pair
    return center.work.run(
        lambda tx: uncover_field(center, tx, CLERK, case_id=case.id, pair=asked, field=field)
    )


def _used(center: Center) -> int:
    return center.work.run(lambda tx: budget_of(center, tx, CLERK).used)


def test_steps_stay_for_the_day_and_are_counted_once(center: Center) -> None:
    before = _view(center).disclosed
    assert [_uncover(center, "surname") for _ in range(3)] == [AROUND, WHOLE, WHOLE]
    assert _used(center) == 2 * len("Lehmann")
    (pair,) = _view(center).pairs
    shown_now = {one.field: (one.first, one.second) for one in pair.fields}
    assert shown_now["surname"] == ("Lehmann", "Lehmann")
    assert _view(center).disclosed > before


def test_each_step_leaves_a_leaf_without_the_value(center: Center) -> None:
    _uncover(center, "surname")
    with center.work.begin(write=False) as tx:
        bodies = [leaf.body for leaf in tx.audit.unsequenced(100)]
    (leaf,) = [body for body in bodies if b'"case.uncovered"' in body]
    assert b'"field":"surname"' in leaf.replace(b" ", b"")
    assert b"Lehmann" not in leaf


def test_the_budget_ends_and_is_whole_again_the_next_day(center: Center) -> None:
    clock = ManualClock()
    clock.skip(days=3650)
    poor = replace(center, desk=DeskRules(daily_characters=3), clock=clock)
    _uncover(poor, "surname")
    with pytest.raises(DisclosureSpent):
        _uncover(poor, "surname")
    assert _used(poor) <= 3
    clock.skip(days=1)
    assert _used(poor) == 0


def test_only_fields_of_the_case_are_uncovered(center: Center) -> None:
    (pair,) = _view(center).pairs
    with pytest.raises(InvalidField):
        _uncover(center, "shoe_size")
    with pytest.raises(InvalidField):
        _uncover(center, "surname", (pair.pair[0], pair.pair[0]))
