"""Masking: two values side by side disclose only where they differ; what agrees is dots.

After the masked review of Ragan et al. 2018 (MINDFIRL): people decide nearly as well from the differing
characters as from full names.
"""

from __future__ import annotations

from difflib import SequenceMatcher

DOT = "•"


def mask(first: str, second: str) -> tuple[str, str]:
    """Both values with every agreeing character as a dot; letter case does not count as a difference.

    Where one value is missing there is nothing to compare, so nothing is disclosed. Lengths are kept.
    """
    if not first or not second:
        return DOT * len(first), DOT * len(second)
    folded = first.casefold(), second.casefold()
    if (len(folded[0]), len(folded[1])) != (len(first), len(second)):
        folded = first, second  # folding that changes lengths (ß) would shift the positions
    matcher = SequenceMatcher(None, *folded, autojunk=False)
    left, right = list(first), list(second)
    for block in matcher.get_matching_blocks():
        left[block.a : block.a + block.size] = DOT * block.size
        right[block.b : block.b + block.size] = DOT * block.size
    return "".join(left), "".join(right)
