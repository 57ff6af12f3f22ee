"""Linkage schema, hardening: which secret transformations finished filters go through."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Hardening: every output bit is the XOR of `t` secret input bits (linear diffusion)."""

    t: int
    name: str = "diffusion"


Hardening = Diffusion
