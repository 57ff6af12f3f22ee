"""Synthetic patients: made-up German persons as hospitals would record them.

Nobody real is in here.
"""

from linkage.synthetic.noise import HEAVY, LIGHT, MODERATE, NONE, ErrorProfile
from linkage.synthetic.population import COLUMNS, Population, generate

__all__ = [
    "COLUMNS",
    "HEAVY",
    "LIGHT",
    "MODERATE",
    "NONE",
    "ErrorProfile",
    "Population",
    "generate",
]
