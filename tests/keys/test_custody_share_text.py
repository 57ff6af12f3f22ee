"""A share on paper: read back as printed, and no slip of the finger passes."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.custody.errors import ShareMalformed
from keys.custody.quorum import Custodian, Share, Statement, lines_of, sheet
from keys.custody.quorum.share import checksum
from tests.scale import scaled

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32M = 0x2BC830A3
VALUE = bytes(range(200, 232))


def made(value: bytes = VALUE, *, epoch: int = 1, number: int = 3) -> Share:
    return Share("7K3M9QWX2D", epoch, number, value=bytearray(value))


TEXT = made().text()

values = st.binary(min_size=32, max_size=32)


@given(
    quorum=st.text(ALPHABET, min_size=10, max_size=10),
    epoch=st.integers(1, 1023),
    number=st.integers(1, 31),
    value=values,
)
def test_what_is_printed_is_read_back(quorum: str, epoch: int, number: int, value: bytes) -> None:
    read = Share.parse(Share(quorum, epoch, number, value=bytearray(value)).text())
    assert (read.quorum, read.epoch, read.number) == (quorum, epoch, number)
    assert read.value == value


def test_a_share_has_18_groups_of_4() -> None:
    assert [len(group) for group in TEXT.split("-")] == [4] * 18


TYPED = {
    "in lower case": TEXT.lower(),
    "without hyphens": TEXT.replace("-", ""),
    "in lines and columns": TEXT.replace("-", " \n\t "),
    "with O for 0": TEXT.replace("0", "O"),
    "with l for 1": TEXT.replace("1", "l"),
    "with I for 1": TEXT.replace("1", "I"),
}


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_what_people_do_to_a_share_does_no_harm(typed: str) -> None:
    assert Share.parse(typed).value == VALUE


def test_every_single_wrong_character_is_found_in_its_group() -> None:
    groups = TEXT.replace("-", "")
    for position, right in enumerate(groups):
        for wrong in set(ALPHABET) - {right}:
            typed = groups[:position] + wrong + groups[position + 1 :]
            with pytest.raises(ShareMalformed, match=rf"group {position // 4 + 1} is probably"):
                Share.parse(typed)


def test_every_two_neighbors_that_changed_places_are_found() -> None:
    groups = TEXT.replace("-", "")
    for left in range(len(groups) - 1):
        swapped = groups[:left] + groups[left + 1] + groups[left] + groups[left + 2 :]
        if swapped != groups:
            with pytest.raises(ShareMalformed):
                Share.parse(swapped)


def test_up_to_four_wrong_characters_are_always_found() -> None:
    draw = random.Random(9)
    groups = TEXT.replace("-", "")
    for _ in range(scaled(1_500)):
        typed = list(groups)
        for position in draw.sample(range(len(groups)), draw.randint(2, 4)):
            typed[position] = draw.choice([c for c in ALPHABET if c != typed[position]])
        with pytest.raises(ShareMalformed):
            Share.parse("".join(typed))


DEFECTS = {
    "nothing": "",
    "a character too few": TEXT[:-1],
    "a character too many": TEXT + "0",
    "a U, which no share has": TEXT[:-1] + "U",
    "a letter of another alphabet": TEXT[:-1] + "Ä",
    "a letter that grows in capitals": TEXT[:-1] + "ß",
    "a page of text": TEXT * 20,
    "a passphrase": "correct horse battery staple",
}


@pytest.mark.parametrize("typed", DEFECTS.values(), ids=DEFECTS)
def test_what_is_no_share_is_refused(typed: str) -> None:
    with pytest.raises(ShareMalformed):
        Share.parse(typed)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(ShareMalformed):
        Share.parse(text)


@given(st.text(ALPHABET, min_size=72, max_size=72))
def test_random_characters_are_no_share(text: str) -> None:
    with pytest.raises(ShareMalformed):
        Share.parse(text)


def with_check(symbols: list[int]) -> str:
    """A text whose check is right, whatever it says; by Bech32m in its own alphabet."""
    data = [BECH32.index(BECH32[s]) for s in symbols]
    part = [ord(c) >> 5 for c in "ttp"] + [0] + [ord(c) & 31 for c in "ttp"]
    check = checksum([*part, *data, 0, 0, 0, 0, 0, 0]) ^ BECH32M
    return "".join(ALPHABET[s] for s in [*data, *(check >> 5 * n & 31 for n in range(5, -1, -1))])


def test_a_right_check_does_not_excuse_another_format() -> None:
    symbols = [ALPHABET.index(c) for c in TEXT.replace("-", "")[:-6]]
    assert with_check(symbols) == TEXT.replace("-", "")
    strange = {
        "version 2": [2, *symbols[1:]],
        "epoch 0": [*symbols[:11], 0, 0, *symbols[13:]],
        "number 0": [*symbols[:13], 0, *symbols[14:]],
        "padding that is not zero": [*symbols[:-1], symbols[-1] | 1],
    }
    for changed in strange.values():
        with pytest.raises(ShareMalformed, match="format"):
            Share.parse(with_check(changed))


def test_a_value_shows_in_no_representation() -> None:
    share = made()
    parts = [share.text()[start : start + 4] for start in range(17, 80)]
    for shown in (repr(share), str(share), f"{share}", repr([share])):
        assert VALUE.hex() not in shown
        assert not any(part in shown for part in parts if part != "7K3M")


def test_wiping_a_share_leaves_zeros() -> None:
    share = made()
    share.wipe()
    assert share.value == bytes(32)


def test_a_sheet_holds_all_that_is_needed_and_types_back() -> None:
    names = ("Anders", "Brandt", "Celik")
    statement = Statement("7K3M9QWX2D", 1, 2, tuple(Custodian(n, bytes(32)) for n in names))
    text = sheet(made(), statement, center="Trust Center North")
    for needed in (
        "SHARE 3 OF 3",
        "Celik",
        "Trust Center North",
        "7K3M9QWX2D, epoch 1",
        "any 2 of 3",
    ):
        assert needed in text
    assert max(map(len, text.splitlines())) <= 72
    lines = lines_of(made())
    assert [line in text for line in lines] == [True] * 3
    assert [int(line[:2]) for line in lines] == [1, 7, 13]
    assert Share.parse("".join(line[2:] for line in lines)).value == VALUE


def test_shares_of_different_custodians_differ_in_many_characters() -> None:
    texts = [made(number=n).text() for n in range(1, 6)]
    for one, other in combinations(texts, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) >= 5
