"""The form of pseudonyms: prefix, drawn characters with their check digits, suffix; perhaps cut by delimiters.

A delimiter of our own stands between groups of characters, is not in the alphabet, and is not checked. Where the
``last_character`` of the alphabet is the delimiter, as gPAS has it, it takes places of the drawn characters, is never
drawn, and is checked like the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from keys.errors import TokenSpaceInvalid
from keys.tokens import ALPHABETS, Alphabet, draw
from ttp.core.check_digits import CheckMethod, check_digits
from ttp.core.check_digits.method import CheckDigits
from ttp.core.errors import InvalidField
from ttp.core.names import Pseudonym

DEFAULT_ALPHABET = "base32"
DEFAULT_LENGTH = 16
LONGEST_PSEUDONYM = 255
LONGEST_AFFIX = 32

_alphabet = lru_cache(maxsize=256)(Alphabet)


@dataclass(frozen=True, slots=True)
class PseudonymForm:
    """What the pseudonyms of a domain look like.

    Attributes:
        alphabet: the characters themselves.
        length: characters before the check digits, delimiters of gPAS included.
        check: the name of a method of ``ttp.core.check_digits``.
        delimiter, delimiter_every: a character between groups of so many; "" and 0: none.
        last_character_after: after so many characters the alphabet's last one follows as delimiter; 0: never.
        detected_errors: how many errors Reed–Solomon codes find for certain.
        check_prefix, check_suffix: whether they enter the check digits.

    Raises:
        InvalidField: pseudonyms of this form cannot be made.
    """

    alphabet: str
    length: int
    prefix: str = ""
    check: str = CheckMethod.NONE.value
    suffix: str = ""
    delimiter: str = ""
    delimiter_every: int = 0
    last_character_after: int = 0
    detected_errors: int = 2
    check_prefix: bool = False
    check_suffix: bool = False
    _drawn: Alphabet = field(init=False, repr=False, compare=False)
    _digits: CheckDigits = field(init=False, repr=False, compare=False)
    _plain: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse forms that cannot be drawn."""
        if not 1 <= self.length <= LONGEST_PSEUDONYM:
            raise InvalidField(f"The length lies between 1 and {LONGEST_PSEUDONYM} characters.")
        self._require_affixes()
        drawn = self._drawn_alphabet()
        object.__setattr__(self, "_drawn", drawn)
        object.__setattr__(
            self,
            "_digits",
            check_digits(self.check, self.alphabet, self._checked(), self.detected_errors),
        )
        self._require_delimiter()
        simple = not (self.delimiter or self.last_character_after or self.check_prefix)
        plain = self.total if simple and not self.check_suffix else 0
        object.__setattr__(self, "_plain", plain)
        if self.total > LONGEST_PSEUDONYM:
            raise InvalidField(f"A pseudonym has at most {LONGEST_PSEUDONYM} characters in all.")

    @property
    def capacity(self) -> int:
        """How many different pseudonyms there are."""
        return int(self._drawn.size**self.drawn_length)

    @property
    def drawn_length(self) -> int:
        """How many characters are drawn: the length without gPAS's delimiters."""
        after = self.last_character_after
        return self.length - self.length // (after + 1) if after else self.length

    @property
    def drawn_characters(self) -> str:
        """The characters that are drawn: the alphabet, perhaps without its last one."""
        return self._drawn.characters

    @property
    def check_length(self) -> int:
        """How many check characters there are."""
        return self._digits.count

    @property
    def total(self) -> int:
        """The length of a whole pseudonym."""
        body = self.length + self.check_length
        cuts = (body - 1) // self.delimiter_every if self.delimiter else 0
        return len(self.prefix) + body + cuts + len(self.suffix)

    @property
    def pattern(self) -> str:
        """What a pseudonym looks like: ``x`` for what is drawn, ``c`` for check characters."""
        body = "x" * self.drawn_length
        if self.last_character_after:
            body = self._spread(body)
        body += "c" * self.check_length
        return self._around(self._cut(body) if self.delimiter else body)

    def draw(self, count: int) -> list[Pseudonym]:
        """So many independent pseudonyms at random; repeats are possible."""
        return self.complete_all(draw(self._drawn, self.drawn_length, count))

    def complete(self, token: str) -> Pseudonym:
        """The pseudonym around drawn characters."""
        return self.complete_all((token,))[0]

    def complete_all(self, tokens: Sequence[str]) -> list[Pseudonym]:
        """The pseudonyms around drawn characters, ``drawn_length`` each."""
        if self.last_character_after:
            tokens = [self._spread(token) for token in tokens]
        before = self.prefix if self.check_prefix else ""
        after = self.suffix if self.check_suffix else ""
        checked = [f"{before}{one}{after}" for one in tokens] if before or after else tokens
        bodies = zip(tokens, self._digits.of_many(checked), strict=True)
        if self.delimiter:
            return [Pseudonym(self._around(self._cut(token + tail))) for token, tail in bodies]
        prefix, suffix = self.prefix, self.suffix
        return [Pseudonym(f"{prefix}{token}{tail}{suffix}") for token, tail in bodies]

    def fits(self, text: str) -> bool:
        """Whether the text can be a pseudonym of this form; finds mistyped ones where there are check digits."""
        if self._plain:
            return self._fits_plainly(text)
        token = self.token_of(text)
        return token is not None and self.complete(token) == text

    def fits_all(self, texts: Sequence[str]) -> bool:
        """Whether all texts are pseudonyms of this form, for most forms by a few looks at them together."""
        if not self._plain:
            return all(map(self.fits, texts))
        if set(map(len, texts)) != {self._plain}:
            return False
        prefix, suffix = self.prefix, self.suffix
        bodies = texts
        if prefix or suffix:
            if not all(one.startswith(prefix) and one.endswith(suffix) for one in texts):
                return False
            bodies = [one[len(prefix) : self._plain - len(suffix)] for one in texts]
        if _has_others("".join(bodies), self.alphabet):
            return False
        count = self._digits.count
        tokens = [one[: self.length] for one in bodies] if count else ()
        return not count or self._digits.of_many(tokens) == [one[self.length :] for one in bodies]

    def token_of(self, text: str) -> str | None:
        """The drawn characters of a text that has the form, whatever its check digits; None where it has not."""
        if len(text) != self.total or not text.startswith(self.prefix):
            return None
        body = text[len(self.prefix) : len(text) - len(self.suffix)]
        if self.delimiter:
            body = body.replace(self.delimiter, "")
        token = body[: self.length]
        if after := self.last_character_after:
            token = "".join(one for at, one in enumerate(token, 1) if at % (after + 1))
        return None if len(token) != self.drawn_length or not self._drawn.holds(token) else token

    def _fits_plainly(self, text: str) -> bool:
        """The same for a form without delimiters and checked affixes, as batches meet it: a few steps a text."""
        if len(text) != self._plain or not text.isascii() or not text.startswith(self.prefix):
            return False
        start = len(self.prefix)
        end = start + self.length
        body = text[start : self._plain - len(self.suffix)]
        if body.strip(self.alphabet) or not text.endswith(self.suffix):
            return False
        digits = self._digits
        return not digits.count or digits.of(text[start:end]) == body[self.length :]

    def _around(self, body: str) -> str:
        return f"{self.prefix}{body}{self.suffix}"

    def _cut(self, body: str) -> str:
        every = self.delimiter_every
        return self.delimiter.join(body[at : at + every] for at in range(0, len(body), every))

    def _spread(self, token: str) -> str:
        after, last = self.last_character_after, self.alphabet[-1]
        groups = [token[at : at + after] for at in range(0, len(token), after)]
        return last.join(groups) + (last if self.length % (after + 1) == 0 else "")

    def _checked(self) -> int:
        before = len(self.prefix) if self.check_prefix else 0
        return before + self.length + (len(self.suffix) if self.check_suffix else 0)

    def _drawn_alphabet(self) -> Alphabet:
        try:
            whole = _alphabet(self.alphabet)
        except TokenSpaceInvalid as error:
            raise InvalidField(
                "The alphabet needs 2 to 64 distinct printable characters."
            ) from error
        if not self.last_character_after:
            return whole
        if not 1 <= self.last_character_after <= 49 or len(self.alphabet) < 3:
            raise InvalidField("The last character follows after 1 to 49 others, of at least two.")
        return _alphabet(self.alphabet[:-1])

    def _require_affixes(self) -> None:
        for name, text, checked in (
            ("prefix", self.prefix, self.check_prefix),
            ("suffix", self.suffix, self.check_suffix),
        ):
            if len(text) > LONGEST_AFFIX or (text and not (text.isascii() and text.isprintable())):
                raise InvalidField(
                    f"The {name} has at most {LONGEST_AFFIX} printable ASCII characters."
                )
            if checked and not set(text) <= set(self.alphabet):
                raise InvalidField(f"A {name} that is checked has characters of the alphabet only.")

    def _require_delimiter(self) -> None:
        if not self.delimiter and not self.delimiter_every:
            return
        printable = len(self.delimiter) == 1 and "!" <= self.delimiter <= "~"
        if not printable or self.delimiter in self.alphabet or self.delimiter_every < 1:
            raise InvalidField(
                "A delimiter is one printable character outside of the alphabet, after 1 or more others."
            )


def _has_others(text: str, alphabet: str) -> bool:
    """Whether a text has characters outside of an alphabet, which is ASCII."""
    return not text.isascii() or bool(text.encode().translate(None, alphabet.encode()))


def alphabet_named(text: str) -> str:
    """The characters of a named alphabet (``digits``, ``hex``, ``base32``), or the text itself as the characters."""
    named = ALPHABETS.get(text)
    return named.characters if named else text
