"""Namespaces: domains as Vfps describes them: a method of generation, a length, a prefix and a suffix.

Names may be URIs with slashes; the domain then has a name made from it, and the URI as its other name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from keys.tokens import ALPHABETS
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import About
from ttp.core.domains import Domain, NewDomain, PseudonymForm
from ttp.core.errors import InvalidField, UnknownDomain
from ttp.core.names import DomainName
from ttp.core.ports import Transaction
from ttp.services.domains.create_domain import create_domain

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE64URL = f"{BASE62}-_"

_UNFIT = re.compile(r"[^a-z0-9]+")
_EXTRA_BYTES = (
    8  # Vfps puts its host and its clock before the random bytes; here all of it is random
)


class LengthOutOfRange(InvalidField):
    """The length of pseudonyms does not fit the method of their generation."""

    code = "length-out-of-range"


class Method(IntEnum):
    """How pseudonyms of a namespace are made, by the numbers of the interface."""

    UNSPECIFIED = 0
    SECURE_RANDOM_BASE64URL_ENCODED = 1
    SHA256_HEX_ENCODED = 2
    UUID4 = 3
    UUID7 = 4
    FULL_RANDOM_HEX_ENCODED = 5
    FULL_RANDOM_BASE62_ENCODED = 6


_REFUSED = {
    Method.SHA256_HEX_ENCODED: "A plain digest can be tried out by everybody; choose a random method.",
    Method.UUID4: "Pseudonyms in the form of UUIDs are not made here; choose another random method.",
    Method.UUID7: "A pseudonym that tells when it was made is not made here; choose a random method.",
}


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace as it is asked for and told."""

    name: str
    method: Method = Method.UNSPECIFIED
    length: int = 0
    prefix: str = ""
    suffix: str = ""
    description: str = ""

    @property
    def form(self) -> PseudonymForm:
        """What its pseudonyms look like.

        Raises:
            LengthOutOfRange: they would be too short or too long.
            InvalidField: the method is not offered, or the form cannot be made.
        """
        if self.method in _REFUSED:
            raise InvalidField(_REFUSED[self.method])
        if not 1 <= self.length <= 128:
            raise LengthOutOfRange
        if self.method is Method.FULL_RANDOM_HEX_ENCODED:
            alphabet, length = ALPHABETS["hex"].characters, self.length
        elif self.method is Method.FULL_RANDOM_BASE62_ENCODED:
            alphabet, length = BASE62, self.length
        else:
            alphabet, length = BASE64URL, -(-(self.length + _EXTRA_BYTES) * 4 // 3)
        return PseudonymForm(alphabet, length, prefix=self.prefix, suffix=self.suffix)


def create_namespace(center: Center, tx: Transaction, actor: Actor, new: Namespace) -> Namespace:
    """Make the domain of a namespace.

    Raises:
        NotAllowed, AlreadyExists, InvalidField, InvalidName, LengthOutOfRange: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if not new.name.strip():
        raise InvalidField("A namespace needs a name.")
    name = _domain_name(tx, new.name)
    aliases = () if name == new.name else (new.name,)
    about = About(comment=new.description)
    wanted = NewDomain(DomainName(name), new.form, aliases=aliases, about=about)
    return namespace_of(create_domain(center, tx, actor, wanted), new.name)


def get_namespace(tx: Transaction, actor: Actor, name: str) -> Namespace:
    """The namespace of this name, to those who may look up in it. Raises UnknownDomain, NotAllowed."""
    domain = tx.domains.get(name)
    actor.require(Right.LOOKUP, domain.name)
    return namespace_of(domain, name)


def all_namespaces(tx: Transaction, actor: Actor) -> list[Namespace]:
    """All namespaces of the caller, by name."""
    mine = (one for one in tx.domains.all() if actor.domains is None or one.name in actor.domains)
    return [namespace_of(domain, domain.name) for domain in mine]


def namespace_of(domain: Domain, name: str) -> Namespace:
    """A domain as a namespace; a form that Vfps does not have is of an unspecified method."""
    form = domain.form
    method, length = Method.UNSPECIFIED, form.length
    if form.alphabet == ALPHABETS["hex"].characters:
        method = Method.FULL_RANDOM_HEX_ENCODED
    elif form.alphabet == BASE62:
        method = Method.FULL_RANDOM_BASE62_ENCODED
    elif form.alphabet == BASE64URL:
        method = Method.SECURE_RANDOM_BASE64URL_ENCODED
        length = max(0, form.length * 3 // 4 - _EXTRA_BYTES)
    return Namespace(name, method, length, form.prefix, form.suffix, domain.about.comment)


def _domain_name(tx: Transaction, name: str) -> str:
    """A free name of a domain that resembles the name of the namespace."""
    if re.fullmatch(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?", name):
        return name
    readable = _UNFIT.sub("-", name.lower()).strip("-")[-56:].strip("-") or "namespace"
    for number in range(1, 1000):
        candidate = readable if number == 1 else f"{readable}-{number}"
        try:
            tx.domains.get(candidate)
        except UnknownDomain:
            return candidate
    raise InvalidField("There are too many namespaces of names like this one.")
