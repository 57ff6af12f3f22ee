"""Profile `generic-1`: names of any country, accents dropped, no language's particles. Frozen.

Titles and generations of English, French, Italian and Spanish forms are dropped; particles (de, van)
stay as parts, since only a language could tell them from names.
"""

from collections.abc import Mapping
from functools import lru_cache

from linkage.normalization.dates import calendar_parts
from linkage.normalization.folding import fold_to_base
from linkage.normalization.names import Names, words_of
from linkage.normalization.numbers import insured_number, number_parts, sex_code
from linkage.normalization.reading import Normalizer, Parts
from linkage.normalization.values import code_parts, postcode_parts

_NAMES = Names(fold_to_base, words_of("generic-1"))
_MOST = 65_536


def folded_text(value: str) -> Parts:
    """Folded free text, as one part; placeholders are missing."""
    text = fold_to_base(value)
    return (text,) if text and text not in _NAMES.words["no_name"] else ()


GENERIC_1: Mapping[str, Normalizer] = {
    "given-name": lru_cache(_MOST)(_NAMES.given_name),
    "surname": lru_cache(_MOST)(_NAMES.surname),
    "date": calendar_parts,
    "sex": sex_code,
    "postcode": postcode_parts,
    "text": folded_text,
    "code": code_parts,
    "number": number_parts,
    "kvnr": insured_number,
}
"""Kind of column → normalizer."""
