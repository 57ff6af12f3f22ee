"""Instructions: which vector instructions the compiler uses on this processor."""

from functools import cache
from typing import Any

import numba.core.codegen
import numba.core.config

_config: Any = numba.core.config
_codegen: Any = numba.core.codegen


@cache
def instruction_set() -> str:
    """Vector instructions the compiler uses here: ``avx512``, ``avx2`` or ``generic``.

    What the processor has but for what the compiler leaves out: NUMBA_CPU_FEATURES says what it may use,
    NUMBA_CPU_NAME and NUMBA_ENABLE_AVX take from it. Others would end the process when they are compiled.
    """
    allowed = _config.CPU_FEATURES
    if allowed is None:
        allowed = _codegen.get_host_cpu_features()
    features = {name[1:]: name[0] == "+" for name in allowed.split(",") if name}
    if features.get("avx512vpopcntdq"):
        return "avx512"
    return "avx2" if features.get("avx2") else "generic"
