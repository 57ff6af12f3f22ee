"""Profile `german-2`: as `german-1`, and Müller, Mueller and Muller are one.

Also other scripts, names with prefixes, generations, multiples and newborns, dates in German form
and partly known, towns with rivers and districts. Frozen.
"""

from collections.abc import Mapping
from functools import lru_cache

from linkage.normalization.dates import calendar_parts
from linkage.normalization.folding import fold_umlauts
from linkage.normalization.names import Names, words_of
from linkage.normalization.numbers import insured_number, number_parts, postal_code, sex_code
from linkage.normalization.places import place_parts
from linkage.normalization.reading import Normalizer
from linkage.normalization.values import code_parts

_NAMES = Names(fold_umlauts, words_of("german-2"))
_MOST = 65_536

GERMAN_2: Mapping[str, Normalizer] = {
    "given-name": lru_cache(_MOST)(_NAMES.given_name),
    "surname": lru_cache(_MOST)(_NAMES.surname),
    "date": calendar_parts,
    "sex": sex_code,
    "postcode": postal_code,
    "text": lru_cache(_MOST)(place_parts),
    "code": code_parts,
    "number": number_parts,
    "kvnr": insured_number,
}
"""Kind of column → normalizer."""
