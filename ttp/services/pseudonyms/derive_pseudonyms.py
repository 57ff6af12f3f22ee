"""Derive pseudonyms: in a deterministic domain the key and the original decide, also after an erasure.

The key version belongs to the domain for good. Derived by a keyed function, pseudonyms are unique because there are
at least 2⁸⁰; format preserving ones because FF1 is a permutation of the strings of the form.
"""

from __future__ import annotations

from collections.abc import Sequence

from keys.derived_tokens import derived_tokens
from keys.errors import KeyDestroyed
from keys.ff1 import FF1
from keys.keyring import Purpose
from ttp.core.center import Center
from ttp.core.domain_policy import Generation
from ttp.core.domains import Domain
from ttp.core.errors import InvalidOriginal, KeysDestroyed, TTPError
from ttp.core.names import Original, Pseudonym


class WrongFormat(InvalidOriginal):
    """This domain keeps the format: an original has the length and the characters of its pseudonyms."""

    code = "wrong-format"


def keep_format(domain: Domain, originals: list[Original | TTPError]) -> list[Original | TTPError]:
    """The originals, with an error in the place of each that a format preserving domain cannot map."""
    if domain.generation is not Generation.FORMAT_PRESERVING:
        return originals
    form = domain.form
    return [
        item
        if isinstance(item, TTPError)
        or (len(item) == form.drawn_length and not item.strip(form.drawn_characters))
        else WrongFormat()
        for item in originals
    ]


def derive_pseudonyms(
    center: Center, domain: Domain, originals: Sequence[Original]
) -> list[Pseudonym]:
    """The pseudonym of each original, the same whenever it is asked for.

    Raises:
        KeysDestroyed: the key of the domain is gone.
    """
    form, version = domain.form, domain.token_version or 1
    try:
        secret = center.keyring.at(Purpose.TOKEN, domain.name, version).secret
    except KeyDestroyed:
        raise KeysDestroyed from None
    if domain.generation is Generation.FORMAT_PRESERVING:
        cipher = FF1(secret, form.drawn_characters, tweak=domain.name.encode())
        return form.complete_all([cipher.encrypt(one) for one in originals])
    values = [one.encode() for one in originals]
    return form.complete_all(
        derived_tokens(secret, values, form.drawn_characters, form.drawn_length)
    )
