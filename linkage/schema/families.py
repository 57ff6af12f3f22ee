"""Linkage schema, hash families: how a token finds the bits it sets.

`keyed-random` is ours; the others repeat, bit for bit, what other programs produce, with their
weaknesses: for data that exist already, not for new ones.
"""

from dataclasses import dataclass

EPIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ .-0123456789"
"""Characters whose grams E-PIX and the federated client know by default."""


@dataclass(frozen=True, slots=True)
class KeyedRandom:
    """Each token gets independent random positions, by keyed BLAKE2b: the default family."""

    family: str = "keyed-random"


@dataclass(frozen=True, slots=True)
class ClkhashDouble:
    """Double hashing bit for bit as the program clkhash does it; for data shared with its users.

    `key_spaces` lists the key spaces in the order in which clkhash numbers its features (ignored
    ones included). Known weakness: only l² different token patterns (Kroll and Steinmetzer 2015).
    """

    key_spaces: tuple[str, ...]
    kdf_hash: str = "SHA256"
    salt: bytes = b""
    info: bytes = b""
    key_size: int = 64
    prevent_singularity: bool = False
    family: str = "clkhash-double"


@dataclass(frozen=True, slots=True)
class ClkhashBlake:
    """clkhash's other family: 16-bit slices of keyed BLAKE2b; lengths must be powers of two.

    Keys as in `ClkhashDouble`, of which it uses the first of each key space.
    """

    key_spaces: tuple[str, ...]
    kdf_hash: str = "SHA256"
    salt: bytes = b""
    info: bytes = b""
    key_size: int = 64
    family: str = "clkhash-blake"


@dataclass(frozen=True, slots=True)
class JavaRandom:
    """A table of random positions per gram, drawn by `java.util.Random` (E-PIX, federated TTP).

    The secret holds one seed per key space. Grams with a character outside `alphabet` are skipped,
    as there. Weakness: a seed has 48 bits, and the generator is no cipher.
    """

    length: int
    alphabet: str = EPIX_ALPHABET
    family: str = "java-random"


@dataclass(frozen=True, slots=True)
class EpixDouble:
    """E-PIX double hashing: MD5 and SHA-1 of salt and gram, no key but the salt.

    The secret holds one salt per key space, as text. Weakness: as `ClkhashDouble`, and unkeyed.
    """

    length: int
    family: str = "epix-double"


@dataclass(frozen=True, slots=True)
class SampledField:
    """A field of HiGHmed's record filter: bits of its own filter and bits sampled from that."""

    key_space: str
    bits: int
    sampled: int


@dataclass(frozen=True, slots=True)
class HighmedRecord:
    """HiGHmed's record filter: fields double hashed apart, sampled, laid end to end and shuffled.

    The secret holds `hmac_md5_key` and `hmac_sha1_key` (base64) and `permutation_seed` (a whole
    number). `fields` are in the order in which they are laid.
    """

    fields: tuple[SampledField, ...]
    family: str = "highmed-record"

    @property
    def length(self) -> int:
        """Bits of the record filter that are in use."""
        return sum(field.sampled for field in self.fields)


@dataclass(frozen=True, slots=True)
class RecordKeyed:
    """The family of salted views: positions by SipHash-2-4 under a key of each record."""

    family: str = "record-keyed"


Clkhash = ClkhashDouble | ClkhashBlake
HashFamily = KeyedRandom | Clkhash | JavaRandom | EpixDouble | HighmedRecord | RecordKeyed
