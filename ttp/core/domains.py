"""Domains: named spaces of pseudonyms. What a domain issues is fixed when it is made and never changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from keys.blind_index import IndexEpoch
from keys.tokens import ALPHABETS, Alphabet, capacity
from ttp.core.check_digits import (
    check_character,
    has_valid_check_character,
    supports_check_character,
)
from ttp.core.errors import InvalidField
from ttp.core.names import DomainName, ProjectName, Pseudonym

DEFAULT_ALPHABET = "base32"
DEFAULT_LENGTH = 16
MAXIMAL_LENGTH = 64


class DomainKind(StrEnum):
    """What a domain's originals are."""

    VALUE = "value"  # strings given by clients; a merge of persons never touches them
    PERSON = "person"  # persons of this center


@dataclass(frozen=True, slots=True)
class PseudonymForm:
    """What the pseudonyms of a domain look like: prefix, random characters, perhaps a check character."""

    alphabet: str
    length: int
    prefix: str = ""
    check: bool = False

    def __post_init__(self) -> None:
        """Refuse forms that cannot be drawn.

        Raises:
            InvalidField: alphabet, length or prefix is not acceptable, or no check character exists.
        """
        try:
            Alphabet(self.alphabet)
        except Exception as error:
            raise InvalidField(
                "The alphabet needs 2 to 64 distinct printable characters."
            ) from error
        if not 1 <= self.length <= MAXIMAL_LENGTH:
            raise InvalidField(f"The length lies between 1 and {MAXIMAL_LENGTH} characters.")
        if len(self.prefix) > 32 or not (
            (self.prefix.isascii() and self.prefix.isprintable()) or not self.prefix
        ):
            raise InvalidField("The prefix has at most 32 printable ASCII characters.")
        if self.check and not supports_check_character(self.alphabet):
            raise InvalidField(
                "A check character needs an alphabet with an even number of characters."
            )

    @property
    def capacity(self) -> int:
        """How many different pseudonyms there are."""
        return capacity(Alphabet(self.alphabet), self.length)

    def complete(self, token: str) -> Pseudonym:
        """The pseudonym around a drawn token."""
        tail = check_character(token, self.alphabet) if self.check else ""
        return Pseudonym(f"{self.prefix}{token}{tail}")

    def fits(self, text: str) -> bool:
        """Whether the text can be a pseudonym of this form; finds mistyped ones where there is a check character."""
        if not text.startswith(self.prefix):
            return False
        body = text[len(self.prefix) :]
        if len(body) != self.length + self.check or any(
            character not in self.alphabet for character in body
        ):
            return False
        return not self.check or has_valid_check_character(body, self.alphabet)


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain as it stands in this transaction, with the key versions its rows are written under."""

    id: int
    name: DomainName
    kind: DomainKind
    multi: bool
    form: PseudonymForm
    deletable: bool
    project: ProjectName | None
    epoch: IndexEpoch


@dataclass(frozen=True, slots=True)
class NewDomain:
    """What is needed to make a domain."""

    name: DomainName
    form: PseudonymForm
    kind: DomainKind = DomainKind.VALUE
    multi: bool = False
    deletable: bool = False
    project: ProjectName | None = None
    aliases: tuple[str, ...] = ()


def alphabet_named(text: str) -> str:
    """The characters of a named alphabet (``digits``, ``hex``, ``base32``), or the text itself as the characters."""
    named = ALPHABETS.get(text)
    return named.characters if named else text


class DomainStore(Protocol):
    """Where domains are kept."""

    def add(self, domain: NewDomain, *, index_version: int) -> Domain:
        """Store a new domain. Raises AlreadyExists when its name or an alias is taken."""
        ...

    def get(self, name: str) -> Domain:
        """The domain of this name or alias. Raises UnknownDomain."""
        ...

    def get_for_writing(self, name: str) -> Domain:
        """Like ``get``, and holds its index epoch still until the transaction ends."""
        ...

    def set_policy(self, domain: Domain, *, deletable: bool) -> None:
        """Store what may be done in the domain."""
        ...

    def all(self) -> list[Domain]:
        """All domains by name."""
        ...
