"""Hardening, bit by bit: one module per kind, each a function from filters to filters.

A filter is a row of 64-bit words, bit i being bit i mod 64 of word i div 64. A filter without content
stays empty under every kind: what is missing must not look like something.
"""

from linkage.hardening.balance import balance, java_balance
from linkage.hardening.bits import Hardener, Words
from linkage.hardening.diffusion import diffusion, diffusion_indices
from linkage.hardening.fold import fold
from linkage.hardening.permutation import permutation, permuted_places
from linkage.hardening.randomized import randomized_response
from linkage.hardening.rule90 import rule_90
from linkage.hardening.salt import salted_key

__all__ = [
    "Hardener",
    "Words",
    "balance",
    "diffusion",
    "diffusion_indices",
    "fold",
    "java_balance",
    "permutation",
    "permuted_places",
    "randomized_response",
    "rule_90",
    "salted_key",
]
