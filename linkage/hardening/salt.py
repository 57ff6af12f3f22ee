"""Salting: tokens hashed under a key of each record, made from a value the record keeps.

Source: Niedermeyer, Steinmetzer, Kroll and Schnell (2014). The salt must be of high entropy and never
wrong: records whose salts differ have nothing in common. Salted views are the layout that uses it.
"""

from linkage import digests


def salted_key(*, key: bytes, salt: str) -> bytes:
    """The key, 32 bytes, of all records with this salt; unrelated for every other salt."""
    return digests.mac(key=key, message=digests.joined("salt", salt))
