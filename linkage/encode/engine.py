"""Engine of encoding: compiled where a compiler is, NumPy elsewhere; both give the same bits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from linkage.encode import fallback
from linkage.refusals import UnknownEngine

KNOWN: Final = ("auto", "numba", "numpy")


@dataclass(frozen=True, slots=True)
class EncodingEngine:
    """The inner loops of encoding; `linkage.encode.compiled` describes them."""

    name: str
    siphash: Callable[..., None]
    or_rows: Callable[..., None]
    or_runs: Callable[..., None]
    fill_salted: Callable[..., None]


@lru_cache
def engine(name: str = "auto") -> EncodingEngine:
    """The engine of a name; `auto` takes the compiled one if it can be imported.

    Raises:
        UnknownEngine: no such engine, or its library is not installed.
    """
    if name not in KNOWN:
        raise UnknownEngine(name, KNOWN)
    module: Any = fallback
    if name != "numpy":
        try:
            from linkage.encode import compiled as module  # noqa: PLC0415  # loading it takes a second
        except ImportError:
            if name == "numba":
                raise UnknownEngine(name, KNOWN) from None
    return EncodingEngine(
        "numpy" if module is fallback else "numba",
        module.siphash,
        module.or_rows,
        module.or_runs,
        module.fill_salted,
    )
