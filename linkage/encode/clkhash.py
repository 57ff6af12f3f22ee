"""clkhash's way of writing a filter, for exchange with its users."""

import base64

import numpy as np

from linkage.encode.encoding_set import Words


def to_base64(words: Words) -> str:
    """Base64 of one filter (words,) in the bit order of clkhash: bit 0 is the highest of byte 0."""
    octets = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    swapped = np.packbits(np.unpackbits(octets, bitorder="little"))
    return base64.b64encode(swapped.tobytes()).decode()


def from_base64(text: str) -> Words:
    """The filter (words,) that `to_base64` wrote; its length must be a multiple of 64 bits."""
    octets = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
    swapped = np.packbits(np.unpackbits(octets), bitorder="little")
    return swapped.view("<u8").astype(np.uint64)
