"""Pictures of the frontier show what the table says, and a page shows them."""

from pathlib import Path

import pytest

from tests.docs.frontier_pictures import DOCS, findings, pictures


@pytest.mark.parametrize("path", pictures(), ids=lambda path: path.name)
def test_a_picture_is_drawn_from_the_table(path: Path) -> None:
    assert path.read_text("utf-8") == pictures()[path]
    assert f"images/{path.name}" in (DOCS / "attack.md").read_text("utf-8")


def test_every_candidate_has_a_place_in_every_picture() -> None:
    names = [found.name for found in findings()]
    assert len(names) == len(set(names)) >= 10
    for drawn in pictures().values():
        assert all(f">{name}</text>" in drawn for name in names)
