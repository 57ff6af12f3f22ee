"""Guesses: what a thief makes of a word of the dictionary without having any key of the center."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator

DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
CUT = 16
"""The fewest bytes of a digest that are recognized; a column may hold any longer part of it."""
LEAST = 6
"""The fewest characters of a word that is searched as such: shorter ones are met by chance."""


def contents(word: str) -> Iterator[bytes]:
    """The bytes that a center might have digested of a word alone: as it is, normalized, as a leaf, as a request."""
    for form in dict.fromkeys((word, word.lower(), word.upper(), word.replace("-", ""))):
        yield form.encode()
        yield form.encode("utf-16-le")
        yield b"\x00" + form.encode()  # a leaf of a Merkle tree (RFC 6962)
        yield f'["{form}"]'.encode()
        yield f'{{"originals":["{form}"]}}'.encode()


def beside(word: str, names: Iterable[str]) -> Iterator[bytes]:
    """The word together with a name of the database: a domain, a source, the center."""
    for name in names:
        for joint in ("", ":", "|", "/", "\x00", "\n"):
            yield f"{name}{joint}{word}".encode()
            yield f"{word}{joint}{name}".encode()


def digests(content: bytes, keys: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The first 16 bytes of every common digest of a content, unkeyed and keyed with what is lying about."""
    for name in DIGESTS:
        yield name, hashlib.new(name, content).digest()[:CUT]
    yield "sha256 twice", hashlib.sha256(hashlib.sha256(content).digest()).digest()[:CUT]
    for number, key in enumerate(keys):
        yield f"hmac-sha256, key {number}", hmac.digest(key, content, "sha256")[:CUT]
        yield f"sha256, salt {number}", hashlib.sha256(key + content).digest()[:CUT]
        yield f"sha256, pepper {number}", hashlib.sha256(content + key).digest()[:CUT]


def plain(word: str) -> Iterator[tuple[str, bytes]]:
    """The word itself, in the spellings in which a column or a log could hold it."""
    if len(word) < LEAST:
        return
    for text in dict.fromkeys((word, word.lower(), word.upper(), word[::-1])):
        raw = text.encode()
        yield "clear", raw
        yield "UTF-16", text.encode("utf-16-le")
        yield "hexadecimal", raw.hex().encode()
        yield "base64", base64.b64encode(raw)[: len(raw) * 4 // 3]


def guessable_keys(names: Iterable[str], found: Iterable[bytes]) -> list[bytes]:
    """Keys that are no secret: nothing, default passwords, names of the center and its domains, public keys, salts."""
    fixed = [b"", b"secret", b"password", b"changeme", b"key", bytes(16), bytes(32), b"ttp/v1"]
    return list(dict.fromkeys([*fixed, *(name.encode() for name in names), *found]))
