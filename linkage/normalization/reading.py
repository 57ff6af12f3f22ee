"""What every normalizer promises: a value becomes parts, or is refused by a code."""

from collections.abc import Callable

Parts = tuple[str, ...]
"""Normalized parts of one value, in order; empty means missing."""

Normalizer = Callable[[str], Parts]
"""From a value as it was written to its parts; raises `Unreadable`."""


class Unreadable(ValueError):
    """A value no profile can read; `code` names the reason. Never carries the value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
