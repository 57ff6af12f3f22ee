"""Several hosts on one database: each has an anchor of its own from the first minute, and none stops the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import make_center, make_domain
from ttp.anchoring import ANCHOR_FILE, FileAnchor
from ttp.core.center import Center
from ttp.core.log_standing import AnchorMissing
from ttp.services.custody.fit_keys import require_fit
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.keep_anchor import keep_anchor


def second_host(center: Center, home: Path) -> Center:
    """What the processes of another host see: the same database, a copy of the home as it was made."""
    other = shutil.copytree(home, home.with_name("other"))
    return replace(center, anchor=FileAnchor(other))


def anchored(center: Center, name: str) -> None:
    make_domain(center, name)
    sequence_now(center)
    keep_anchor(center)


def test_a_host_with_a_copy_of_the_new_home_serves_after_the_first_one_was_anchored(
    tmp_path: Path, database_url: str
) -> None:
    one = make_center(tmp_path, database_url)
    two = second_host(one, tmp_path / "nord")
    anchored(one, "first")
    two.work.run(lambda tx: require_fit(two, tx), write=False)
    anchored(two, "second")
    anchored(one, "third")
    assert two.anchor.read() != one.anchor.read()
    assert keep_anchor(two) == 1
    assert two.anchor.read() == one.anchor.read()


def test_a_host_whose_copy_lacks_the_anchor_is_refused_at_its_start(
    tmp_path: Path, database_url: str
) -> None:
    one = make_center(tmp_path, database_url)
    two = second_host(one, tmp_path / "nord")
    (tmp_path / "other" / ANCHOR_FILE).unlink()
    with pytest.raises(AnchorMissing):
        two.work.run(lambda tx: require_fit(two, tx), write=False)
    anchored(one, "first")
