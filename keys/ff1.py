"""FF1: format-preserving encryption, a keyed permutation of the words of one length (NIST SP 800-38G, algorithm 7).

FF3 and FF3-1 are not offered: their tweaks broke them. At least a million words are asked for, as revision 1 does.
"""

from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from keys.errors import TokenSpaceInvalid

ROUNDS = 10
LEAST_WORDS = 1_000_000
MOST_CHARACTERS = 65_536


class FF1:
    """The permutation under one key and tweak.

    Raises:
        TokenSpaceInvalid: the radix is not 2 to 65,536 (``encrypt`` and ``decrypt``: fewer than a million words).
    """

    def __init__(self, key: bytes, characters: str, *, tweak: bytes = b"") -> None:
        if not 2 <= len(characters) <= MOST_CHARACTERS or len(set(characters)) < len(characters):
            raise TokenSpaceInvalid("an alphabet has 2 to 65,536 different characters")
        self._radix, self._tweak, self._characters = len(characters), tweak, characters
        self._places = {one: place for place, one in enumerate(characters)}
        self._encipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - single blocks

    def encrypt(self, text: str) -> str:
        """Map a word to one of the same length."""
        return self._spelled(self.encrypt_numerals([self._places[one] for one in text]))

    def decrypt(self, text: str) -> str:
        """Map it back."""
        return self._spelled(self.decrypt_numerals([self._places[one] for one in text]))

    def encrypt_numerals(self, numerals: Sequence[int]) -> list[int]:
        """Map numerals below the radix (SP 800-38G, 5.1)."""
        return self._feistel(numerals, range(ROUNDS), 1)

    def decrypt_numerals(self, numerals: Sequence[int]) -> list[int]:
        """Map them back."""
        return self._feistel(numerals, range(ROUNDS - 1, -1, -1), -1)

    def _feistel(self, numerals: Sequence[int], rounds: range, sign: int) -> list[int]:
        n, radix = len(numerals), self._radix
        if radix**n < LEAST_WORDS:
            raise TokenSpaceInvalid("there are fewer than a million words of this length")
        u = n // 2
        v = n - u
        sizes = (radix**u, radix**v)
        width = -(-(sizes[1] - 1).bit_length() // 8)
        a, b = self._number(numerals[:u]), self._number(numerals[u:])
        start = self._first_block(n, u)
        for number in rounds:
            if sign > 0:
                mask = self._mask(start, number, b, width)
                a, b = b, (a + mask) % sizes[number % 2]
            else:
                mask = self._mask(start, number, a, width)
                a, b = (b - mask) % sizes[number % 2], a
        return [*self._numerals(a, u), *self._numerals(b, v)]

    def _first_block(self, n: int, u: int) -> bytes:
        head = bytes((1, 2, 1)) + self._radix.to_bytes(3, "big") + bytes((ROUNDS, u % 256))
        return self._block(head + n.to_bytes(4, "big") + len(self._tweak).to_bytes(4, "big"))

    def _mask(self, start: bytes, number: int, half: int, width: int) -> int:
        """The round function: a CBC-MAC of tweak, round and one half, stretched to ``d`` bytes."""
        d = 4 * -(-width // 4) + 4
        padding = bytes(-(len(self._tweak) + width + 1) % 16)
        data = self._tweak + padding + bytes((number,)) + half.to_bytes(width, "big")
        chain = start
        for at in range(0, len(data), 16):
            chain = self._block(_xor(chain, data[at : at + 16]))
        stream = chain
        for block in range(1, -(-d // 16)):
            stream += self._block(_xor(chain, block.to_bytes(16, "big")))
        return int.from_bytes(stream[:d], "big")

    def _block(self, data: bytes) -> bytes:
        return self._encipher.update(data)

    def _number(self, numerals: Sequence[int]) -> int:
        found = 0
        for one in numerals:
            found = found * self._radix + one
        return found

    def _numerals(self, number: int, length: int) -> list[int]:
        found = []
        for _ in range(length):
            number, one = divmod(number, self._radix)
            found.append(one)
        return found[::-1]

    def _spelled(self, numerals: Sequence[int]) -> str:
        return "".join(self._characters[one] for one in numerals)


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(16, "big")
