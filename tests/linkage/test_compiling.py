"""Compiled code that is kept is forgotten when a source of its package changes, whichever that is."""

import os
import subprocess
import sys
from pathlib import Path

FUNCTION = """
from linkage.compiling import compiled

@compiled
def doubled(number):
    return 2 * number
"""
CALL = "from package.one import doubled; doubled(2); print(sum(doubled.stats.cache_hits.values()))"


def called(folder: Path) -> str:
    """Cache hits of a call in a process of its own."""
    paths = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    environment = os.environ | {"PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", CALL], env=environment, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def test_a_change_of_a_source_beside_a_function_compiles_it_anew(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text(FUNCTION)
    (package / "beside.py").write_text("")
    assert [called(tmp_path), called(tmp_path)] == ["0", "1"]
    (package / "beside.py").write_text("# changed\n")
    assert [called(tmp_path), called(tmp_path)] == ["0", "1"]


def test_a_folder_that_cannot_be_written_costs_the_kept_code_alone(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text(FUNCTION)
    (tmp_path / "cache").write_text("no folder")
    assert called(tmp_path) == "0"
