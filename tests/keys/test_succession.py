"""Keys follow each other by statements that prove themselves; every changed byte of one is found out."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import StatementReason, StatementRefused
from keys.recipients import TransportKey
from keys.signatures import SigningKey
from keys.succession import (
    LONGEST_OVERLAP,
    SignedStatement,
    Standing,
    Statement,
    StatementKind,
)

NOW = 1_795_000_000
DAY = 86_400
KEYS = [SigningKey.from_secret(bytes([number]) * 32) for number in range(1, 12)]
OPENS = [TransportKey.from_secret(bytes([number]) * 32).public for number in range(101, 112)]
PINNED = Standing("nord", KEYS[0].public, OPENS[0])
R = StatementReason


def succession(sequence: int, old: SigningKey, new: SigningKey, **other: Any) -> SignedStatement:
    said = Statement(
        "nord", sequence, StatementKind.SIGNING, old.public, NOW, NOW + DAY, new.public
    )
    return replace(said, **other).sign(old, new)


def transport(sequence: int, old: SigningKey, opens: bytes) -> SignedStatement:
    kind = StatementKind.TRANSPORT
    said = Statement("nord", sequence, kind, old.public, NOW, NOW + DAY, transport_key=opens)
    return said.sign(old)


def revocation(sequence: int, old: SigningKey, new: SigningKey) -> SignedStatement:
    return succession(sequence, old, new, kind=StatementKind.REVOKED, overlap_until=NOW)


def _stolen() -> SignedStatement:
    """Somebody else's key named as one's own: the possession is not proven."""
    return replace(succession(1, KEYS[0], KEYS[1]), by_new=KEYS[0].sign(b"x"))


def _by_stranger() -> SignedStatement:
    genuine = succession(1, KEYS[0], KEYS[1])
    return replace(genuine, by_old=KEYS[5].sign(genuine.statement.message()))


_ROTATED = PINNED.follow(succession(1, KEYS[0], KEYS[1]), now=NOW)

REFUSED: dict[str, tuple[Standing, Callable[[], SignedStatement], StatementReason]] = {
    "statement not signed by the old key": (PINNED, _by_stranger, R.NOT_BY_OLD_KEY),
    "statement of a key that is not pinned": (
        PINNED,
        lambda: succession(1, KEYS[5], KEYS[6]),
        R.NOT_BY_OLD_KEY,
    ),
    "statement not signed by the new key": (PINNED, _stolen, R.NOT_BY_NEW_KEY),
    "statement of another center": (
        PINNED,
        lambda: succession(1, KEYS[0], KEYS[1], center="sued"),
        R.OTHER_CENTER,
    ),
    "the same statement again": (
        _ROTATED,
        lambda: succession(1, KEYS[0], KEYS[1]),
        R.OUTDATED,
    ),
    "a statement left out": (PINNED, lambda: succession(2, KEYS[0], KEYS[1]), R.GAP),
    "back to a former key": (_ROTATED, lambda: succession(2, KEYS[1], KEYS[0]), R.KEY_KNOWN),
    "to itself": (PINNED, lambda: succession(1, KEYS[0], KEYS[0]), R.KEY_KNOWN),
    "by the key that gave way": (
        _ROTATED,
        lambda: succession(2, KEYS[0], KEYS[2]),
        R.NOT_BY_OLD_KEY,
    ),
    "from the future": (
        PINNED,
        lambda: succession(1, KEYS[0], KEYS[1], issued=NOW + 11, overlap_until=NOW + DAY),
        R.NOT_YET_VALID,
    ),
    "an overlap without end": (
        PINNED,
        lambda: succession(1, KEYS[0], KEYS[1], overlap_until=NOW + LONGEST_OVERLAP + 1),
        R.OVERLAP,
    ),
    "an overlap before it begins": (
        PINNED,
        lambda: succession(1, KEYS[0], KEYS[1], overlap_until=NOW - 1),
        R.OVERLAP,
    ),
    "after the key was revoked": (
        PINNED.follow(revocation(1, KEYS[0], KEYS[1])),
        lambda: succession(2, KEYS[0], KEYS[2]),
        R.KEY_REVOKED,
    ),
    "by the key that a revocation names": (
        PINNED.follow(revocation(1, KEYS[0], KEYS[1])),
        lambda: succession(2, KEYS[1], KEYS[2]),
        R.KEY_REVOKED,
    ),
    "a revocation by a stranger": (
        PINNED,
        lambda: revocation(1, KEYS[5], KEYS[6]),
        R.NOT_BY_OLD_KEY,
    ),
}


@pytest.mark.parametrize("scenario", REFUSED)
def test_what_does_not_follow_is_refused_with_its_reason(scenario: str) -> None:
    standing, make, reason = REFUSED[scenario]
    with pytest.raises(StatementRefused) as refused:
        standing.follow(make(), now=NOW)
    assert refused.value.reason is reason


def test_both_keys_are_accepted_while_they_overlap_and_then_the_new_one_alone() -> None:
    old, new = KEYS[0].key_id, KEYS[1].key_id
    assert [_ROTATED.accepts(old, at) for at in (NOW, NOW + DAY, NOW + DAY + 1)] == [
        True,
        True,
        False,
    ]
    assert all(_ROTATED.accepts(new, at) for at in (NOW, NOW + DAY, NOW + 9 * DAY))


def test_a_revocation_by_a_former_key_ends_all_that_followed_from_it() -> None:
    ended = _ROTATED.follow(revocation(1, KEYS[0], KEYS[2]), now=NOW + 30 * DAY)
    assert ended.revoked
    assert not any(ended.accepts(key.key_id, NOW) for key in KEYS)


def test_whoever_missed_some_catches_up_with_all() -> None:
    chain = [succession(number, KEYS[number - 1], KEYS[number]) for number in range(1, 6)]
    assert PINNED.follow_all(chain, now=NOW).key == KEYS[5].public
    assert _ROTATED.follow_all(chain, now=NOW) == PINNED.follow_all(chain, now=NOW)
    assert PINNED.follow_all(chain, now=NOW).follow_all(chain) == PINNED.follow_all(chain)


def test_a_statement_is_signed_with_no_other_key_than_it_names() -> None:
    with pytest.raises(StatementRefused):
        succession(1, KEYS[0], KEYS[1]).statement.sign(KEYS[2], KEYS[1])
    with pytest.raises(StatementRefused):
        succession(1, KEYS[0], KEYS[1]).statement.sign(KEYS[0])


def _made(step: str, place: int, number: int, key: SigningKey) -> SignedStatement:
    match step:
        case "signing":
            return succession(number, key, KEYS[place])
        case "transport":
            return transport(number, key, OPENS[place])
        case "revoked":
            return revocation(number, key, KEYS[place])
        case _:
            return succession(number, KEYS[10], KEYS[place])


@given(st.lists(st.sampled_from(["signing", "transport", "revoked", "forged"]), max_size=9))
def test_any_chain_leaves_exactly_the_keys_accepted_that_should_be(steps: list[str]) -> None:
    """The expected keys are kept beside as a plain list: the newest, and those whose overlap lasts."""
    standing, keys, opens, sequence, revoked = PINNED, [KEYS[0]], OPENS[0], 0, False
    for place, step in enumerate(steps, start=1):
        signed = _made(step, place, sequence + 1, keys[-1])
        if revoked or step == "forged":
            with pytest.raises(StatementRefused):
                standing.follow(signed, now=NOW)
            continue
        standing, sequence = standing.follow(signed, now=NOW), sequence + 1
        revoked = step == "revoked"
        keys += [KEYS[place]] if step == "signing" else []
        opens = OPENS[place] if step == "transport" else opens
    ids = [key.key_id for key in KEYS]
    during = {key.key_id for key in keys} if not revoked else set()
    after = {keys[-1].key_id} if not revoked else set()
    assert {one for one in ids if standing.accepts(one, NOW)} == during
    assert {one for one in ids if standing.accepts(one, NOW + DAY + 1)} == after
    assert (standing.transport_key, standing.sequence) == (opens, sequence)


def _texts(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        for bit in range(7):
            yield text[:place] + chr(ord(character) ^ 1 << bit) + text[place + 1 :]
        yield text[:place] + text[place + 1 :]
    yield from ("", text + " ", text * 2)


def _changed(value: object) -> Iterator[object]:
    if isinstance(value, str):
        yield from _texts(value)
        yield value.encode().hex()
    elif isinstance(value, int):
        yield from (value + 1, value - 1, -value, float(value), str(value), value + (1 << 53))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield {key: kept for key, kept in value.items() if key != name}
            for other in _changed(inner):
                yield {**value, name: other}
        yield {**value, "x": 1}
    yield from (None, [], {}, True)


def _mutants(signed: SignedStatement) -> Iterator[object]:
    genuine = signed.document()
    for mutant in _changed(genuine):
        if repr(mutant) != repr(genuine):
            yield mutant
    for name in ("signature", "possession"):
        if genuine[name] is None:
            continue
        raw = base64.b64decode(genuine[name])
        for place in range(len(raw)):
            for bit in range(8):
                spoiled = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
                yield {**genuine, name: base64.b64encode(spoiled).decode()}


@pytest.mark.parametrize(
    "signed",
    [
        succession(1, KEYS[0], KEYS[1]),
        transport(1, KEYS[0], OPENS[1]),
        revocation(1, KEYS[0], KEYS[1]),
    ],
    ids=lambda signed: signed.statement.kind.value,
)
def test_every_changed_field_and_signature_is_refused(signed: SignedStatement) -> None:
    assert PINNED.follow(SignedStatement.read(signed.document()), now=NOW) != PINNED
    count = 0
    for mutant in _mutants(signed):
        document = copy.deepcopy(mutant)
        with pytest.raises(StatementRefused):
            PINNED.follow(SignedStatement.read(document), now=NOW)
        count += 1
    assert count > 2_000
