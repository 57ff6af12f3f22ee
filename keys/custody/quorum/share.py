"""A share: printed once, typed by hand; a misread character is found, and its group told.

Text: 72 characters of Crockford's base 32 in 18 groups of 4. Version (1), quorum (10), epoch
(2), number (1), value (52: 32 bytes and 4 zero bits), check (6). The check is Bech32m
(BIP-350) with the human-readable part "ttp" and another alphabet: up to 4 wrong characters
are always found, more with all but one in 2³⁰. A single one is located by its group, but
never put right: BIP-173 explains why a machine must not guess.
"""

from typing import Final

from keys.custody.errors import ShareMalformed
from keys.custody.root_key import ROOT_KEY_LENGTH
from keys.shares import wipe
from keys.tokens import ALPHABETS, draw

MAX_NUMBER = 31
MAX_EPOCH = 1023
GROUP = 4
_ALPHABET: Final = ALPHABETS["base32"]
_SYMBOLS: Final = {character: n for n, character in enumerate(_ALPHABET.characters)}
_READ_AS: Final = str.maketrans("OIL", "011", "- \t\r\n")
_VERSION, _QUORUM, _EPOCH, _NUMBER, _VALUE, _CHECK = 1, 10, 2, 1, 52, 6
_LENGTH: Final = _VERSION + _QUORUM + _EPOCH + _NUMBER + _VALUE + _CHECK
_LONGEST_INPUT = 1024
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M = 0x2BC830A3
_PART: Final = [ord(c) >> 5 for c in "ttp"] + [0] + [ord(c) & 31 for c in "ttp"]


class Share:
    """One custodian's share; its value is shown by `text` only, never by `repr` or an error."""

    __slots__ = ("_value", "epoch", "number", "quorum")

    def __init__(self, quorum: str, epoch: int, number: int, *, value: bytearray) -> None:
        self.quorum = quorum
        self.epoch = epoch
        self.number = number
        self._value = value

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read a share as typed: case, spaces, hyphens and O, I, L for 0, 1, 1 do not matter.

        Raises:
            ShareMalformed: wrong length, a character no share has, or a check that fails; says
                in which group a single wrong character stands.
        """
        symbols = _symbols_of(text)
        _checked(symbols)
        version, quorum, epoch, number, value = _fields_of(symbols[:-_CHECK])
        if version != 1 or not epoch or not number or value & 0xF:
            raise ShareMalformed("a share of a format that this version does not know")
        name = "".join(_ALPHABET.characters[s] for s in _to_symbols(quorum, _QUORUM))
        held = bytearray((value >> 4).to_bytes(ROOT_KEY_LENGTH, "big"))
        return cls(name, epoch, number, value=held)

    @property
    def value(self) -> bytearray:
        """The 32 secret bytes themselves, not a copy."""
        return self._value

    def text(self) -> str:
        """The share as it is printed: 18 groups of 4 characters joined by hyphens."""
        quorum = 0
        for character in self.quorum:
            quorum = quorum << 5 | _SYMBOLS[character]
        symbols = [
            *_to_symbols(1, _VERSION),
            *_to_symbols(quorum, _QUORUM),
            *_to_symbols(self.epoch, _EPOCH),
            *_to_symbols(self.number, _NUMBER),
            *_to_symbols(int.from_bytes(self._value, "big") << 4, _VALUE),
        ]
        check = checksum([*_PART, *symbols, *[0] * _CHECK]) ^ _BECH32M
        symbols += _to_symbols(check, _CHECK)
        text = "".join(_ALPHABET.characters[symbol] for symbol in symbols)
        return "-".join(text[start : start + GROUP] for start in range(0, _LENGTH, GROUP))

    def wipe(self) -> None:
        """Overwrite the value. Texts made of it are beyond reach: Python strings do not change."""
        wipe(self._value)

    def __repr__(self) -> str:
        return f"Share(quorum={self.quorum!r}, epoch={self.epoch}, number={self.number})"


def new_quorum() -> str:
    """Draw the name of a new quorum: 10 characters, 50 random bits."""
    return draw(_ALPHABET, _QUORUM, 1)[0]


def is_quorum(text: object) -> bool:
    """Tell whether `text` could be the name of a quorum."""
    return isinstance(text, str) and len(text) == _QUORUM and set(text) <= _SYMBOLS.keys()


def checksum(symbols: list[int]) -> int:
    """The Bech32 remainder of 5-bit symbols (BIP-173), 30 bits."""
    remainder = 1
    for symbol in symbols:
        remainder = _next(remainder, symbol)
    return remainder


def _next(remainder: int, symbol: int) -> int:
    top = remainder >> 25
    remainder = (remainder & 0x1FFFFFF) << 5 ^ symbol
    for bit, generator in enumerate(_GENERATOR):
        remainder ^= -(top >> bit & 1) & generator
    return remainder


def _symbols_of(text: str) -> list[int]:
    if len(text) > _LONGEST_INPUT:
        raise ShareMalformed(f"a share has {_LENGTH} characters; this is far longer")
    characters = text.upper().translate(_READ_AS)
    if len(characters) != _LENGTH:
        raise ShareMalformed(f"a share has {_LENGTH} characters; here are {len(characters)}")
    for position, character in enumerate(characters):
        if character not in _SYMBOLS:
            group = _group(position)
            raise ShareMalformed(f"group {group} has a character that no share has", group)
    return [_SYMBOLS[character] for character in characters]


def _checked(symbols: list[int]) -> None:
    syndrome = checksum([*_PART, *symbols]) ^ _BECH32M
    if not syndrome:
        return
    position = _single_error(syndrome)
    if position is None:
        raise ShareMalformed("several characters are wrong or have changed places")
    group = _group(position)
    raise ShareMalformed(f"a character in group {group} is probably wrong", group)


def _single_error(syndrome: int) -> int | None:
    """Where one wrong symbol alone explains the syndrome; the code is linear, so errors add up."""
    for error in range(1, 32):
        effect = error
        for position in reversed(range(_LENGTH)):
            if effect == syndrome:
                return position
            effect = _next(effect, 0)
    return None


def _group(position: int) -> int:
    return position // GROUP + 1


def _fields_of(symbols: list[int]) -> list[int]:
    fields = []
    start = 0
    for width in (_VERSION, _QUORUM, _EPOCH, _NUMBER, _VALUE):
        field = 0
        for symbol in symbols[start : start + width]:
            field = field << 5 | symbol
        fields.append(field)
        start += width
    return fields


def _to_symbols(field: int, width: int) -> list[int]:
    return [field >> 5 * place & 31 for place in reversed(range(width))]
