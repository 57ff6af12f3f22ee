"""Encode: from records to filters.

Without the secret, equal names cannot be told from the filters.
"""

from linkage.encode.encoder import MIN_SECRET, Encoder, Progress, read_secret
from linkage.encode.encoding_set import Encoding, EncodingSet, Words
from linkage.encode.used_tokens import UsedTokens

__all__ = [
    "MIN_SECRET",
    "Encoder",
    "Encoding",
    "EncodingSet",
    "Progress",
    "UsedTokens",
    "Words",
    "read_secret",
]
