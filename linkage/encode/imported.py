"""Hash families of other programs, bit for bit: E-PIX, the federated trusted third party, HiGHmed.

Facts from their public sources (mosaic-hgw/E-PIX, the fTTP Bloom filter library, highmed-dsf); the
weaknesses are theirs.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from linkage import digests
from linkage.encode.encoding_set import Words
from linkage.encode.positions import Positions
from linkage.imported_secret import key_in, number_in, text_in
from linkage.java import JavaRandom as Generator
from linkage.java import shuffled
from linkage.schema import EpixDouble, HighmedRecord, JavaRandom


def java_random(family: JavaRandom, key_space: str, *, secret: bytes) -> Positions:
    """A table over all bigrams of the alphabet, in its order; unknown grams set nothing.

    A character that is listed twice counts where it stands first.
    """
    seed = number_in(secret, key_space)

    @cache
    def table(count: int) -> dict[str, list[int]]:
        generator = Generator(seed)
        grams = dict.fromkeys(map("".join, product(family.alphabet, repeat=2)))
        return {gram: [generator.below(family.length) for _ in range(count)] for gram in grams}

    def positions(token: str, count: int, _length: int) -> Sequence[int]:
        return table(count).get(token, [])

    return positions


def epix_double(family: EpixDouble, key_space: str, *, secret: bytes) -> Positions:
    """Positions (a + i·b) mod length; a is MD5 and b SHA-1 of salt and gram."""
    salt = text_in(secret, key_space).encode()

    def positions(token: str, count: int, _length: int) -> Sequence[int]:
        first, second = digests.plain_numbers(salt + token.encode())
        return [(first + step * second) % family.length for step in range(count)]

    return positions


def highmed_record(family: HighmedRecord, key_space: str, *, secret: bytes) -> Positions:
    """Where a field's double-hashed bits end up in the shuffled record filter.

    The field's filter is sampled from its start, round again from its end, whose length Java rounds
    up to whole words. Hashes count as signed numbers, as there.
    """
    order = shuffled(family.length, seed=number_in(secret, "permutation_seed"))
    final = {before: after for after, before in enumerate(order)}
    start, homes = 0, defaultdict[int, list[int]](list)
    for field in family.fields:
        if field.key_space == key_space:
            size, bits = -(-field.bits // 64) * 64, field.bits
            for place in range(field.sampled):
                homes[place % size].append(final[start + place])
        start += field.sampled
    md5_key, sha1_key = key_in(secret, "hmac_md5_key"), key_in(secret, "hmac_sha1_key")

    def positions(token: str, count: int, _length: int) -> Sequence[int]:
        sha1, md5 = digests.hmac_numbers(sha1_key=sha1_key, md5_key=md5_key, message=token.encode())
        first, second = _signed(md5, 128), _signed(sha1, 160)
        hashed = {(first + step * second) % bits for step in range(count)}
        return [home for place in sorted(hashed) for home in homes.get(place, ())]

    return positions


def to_bitset(words: Words, *, length: int) -> bytes:
    """One filter as Java's `BitSet` writes it: bit i is bit i mod 8 of byte i div 8.

    Zero bytes at the end are kept, up to `length` bits, as E-PIX sends them; the federated client
    and HiGHmed drop them (`bytes.rstrip`).
    """
    octets = np.ascontiguousarray(words, dtype="<u8").tobytes()
    return octets[: -(-length // 8)]


def from_bitset(octets: bytes, *, bits: int) -> Words:
    """The filter (words,) of so many bits that `to_bitset` wrote, with or without trailing zeros."""
    return np.frombuffer(octets.ljust(bits // 8, b"\0"), dtype="<u8").astype(np.uint64)


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> (bits - 1) else number
