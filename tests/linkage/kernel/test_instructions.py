"""Whatever instructions the processor has, the compiled scan finds what counting every bit finds."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding  # type: ignore[import-untyped]  # ships no types

from linkage.kernel.engine import select
from linkage.kernel.execution import Bounds, execute
from linkage.kernel.layout import Fold, sort_rows
from linkage.kernel.limits import hamming_limits
from linkage.kernel.tiles import compare_at
from tests.linkage.kernel.brute_force import brute_force, disturbed, listed, random_filters

HOST = binding.get_host_cpu_features()
SETS = {
    "avx2": "+sse4.2,+popcnt,+avx,+avx2",
    "generic": "+sse2" if HOST.get("sse2") else "+neon",
}
THRESHOLD = 0.7


def every_fold(words: int) -> list[Fold]:
    """Folds of all widths up to some, and of very long filters."""
    widths = [*range(1, words + 1), 57, 58, 59, 60, 61, 62, 119, 130]
    return [Fold(pairs, width - 2 * pairs) for width in widths for pairs in _few(width // 2)]


def _few(most: int) -> list[int]:
    return sorted({*range(min(most, 4) + 1), max(most - 1, 0), most})


def differences() -> list[Fold]:
    """Folds by which the compiled scan finds something else than brute force."""
    wrong = []
    for words in (20, 130):
        a = random_filters(3, 60, bits=64 * words)
        b = np.vstack([disturbed(a[:30], 4, 0.06), random_filters(5, 25, bits=64 * words)])
        expected = brute_force(a, b, THRESHOLD)
        assert expected
        limits, sides = hamming_limits(THRESHOLD, 64 * words), (sort_rows(a), sort_rows(b))
        for fold in every_fold(20):
            if fold.words <= words:
                work = compare_at(*sides, limits, fold=fold, same=False)
                if listed(execute(work, select("numba"), Bounds())) != expected:
                    wrong.append(fold)
    return wrong


def test_every_fold_of_every_width_gives_the_same_pairs_here() -> None:
    assert differences() == []


@pytest.mark.parametrize("name", [name for name in SETS if name == "generic" or HOST.get(name)])
def test_every_fold_gives_the_same_pairs_with_other_instructions(name: str, tmp_path: Path) -> None:
    own = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": SETS[name],
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    code = (
        "from linkage.kernel.instructions import instruction_set as used;"
        "from tests.linkage.kernel.test_instructions import differences;"
        "print(used(), differences())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | own, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == f"{name} []"


@pytest.mark.parametrize("setting", [{"NUMBA_ENABLE_AVX": "0"}, {"NUMBA_CPU_NAME": "generic"}])
def test_no_instruction_is_used_that_the_compiler_may_not_generate(setting: dict[str, str]) -> None:
    """It would end the process; processors whose name says less than they can are treated so by default."""
    code = "from linkage.kernel.instructions import instruction_set as used; print(used())"
    own = {"PYTHONPATH": str(Path(__file__).parents[3]), **setting}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | own, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "generic"
