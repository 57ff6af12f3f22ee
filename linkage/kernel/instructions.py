"""Instructions: which vector instructions the compiler uses on this processor."""

import os

from llvmlite import binding  # type: ignore[import-untyped]  # ships no types


def instruction_set() -> str:
    """Vector instructions the compiler uses here: ``avx512``, ``avx2`` or ``generic``.

    NUMBA_CPU_FEATURES, if set, says which it may use.
    """
    named = os.environ.get("NUMBA_CPU_FEATURES")
    if named is not None:
        features = {name[1:]: name[0] == "+" for name in named.split(",") if name}
    else:
        features = dict(binding.get_host_cpu_features())
    if features.get("avx512vpopcntdq"):
        return "avx512"
    return "avx2" if features.get("avx2") else "generic"
