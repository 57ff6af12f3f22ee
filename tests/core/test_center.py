"""A center's identifiers sort in the order in which they were made."""

from pathlib import Path

from tests.builders import make_center


def test_identifiers_made_one_after_the_other_sort_so(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    made = []
    for _ in range(200):
        before = center.clock.now()
        while center.clock.now() == before:
            pass  # the clock shows microseconds
        made.append(center.new_id())
    assert made == sorted(made)
