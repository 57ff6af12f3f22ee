"""A dictionary attack on a stolen database, without its keys. ``python -m tests.attacks.dictionary DUMP [WORDS]``.

Tried for every word: the word itself in several spellings; unkeyed digests of it alone and beside names of the
database, also where a column keeps the first 16 bytes only; digests keyed or salted with everything in the database
that could be a key. Then, without a word: whether columns repeat values across domains and tables (the same original
in two domains must have nothing in common), and what the lengths of envelopes tell. Exit code 1 if a word was found.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.guesses import CUT, beside, contents, digests, guessable_keys, plain
from tests.attacks.loot import Column, Loot, steal

ENVELOPE = b"\x02"
INDEXES = ("index_a", "index_b", "record_a", "record_b", "digest", "subjects")


@dataclass(frozen=True, slots=True)
class Hit:
    """A word was found: where and by which guess. The word itself is left out: a report may be passed on."""

    number: int
    place: str
    how: str


def attack(loot: Loot, words: Sequence[str]) -> list[Hit]:
    """All hits of all words, each named by its position."""
    parts = _parts(loot.columns)
    names = sorted(loot.names())
    keys = guessable_keys(names, sorted(loot.short_secrets()))
    text = loot.raw + b"\n".join(cell for column in loot.columns for cell in column.cells)
    hits = []
    for number, word in enumerate(words):
        hits += [Hit(number, "anywhere", how) for how, spelled in plain(word) if spelled in text]
        tried = [(content, keys) for content in contents(word)]
        tried += [(content, []) for content in beside(word, names)]
        for content, with_keys in tried:
            for how, digest in digests(content, with_keys):
                hits += [Hit(number, place, how) for place in parts.get(digest, ())]
    return hits


def shared(columns: Iterable[Column]) -> dict[str, int]:
    """Which pairs of index columns have values in common, and how many: equal values link rows."""
    indexes = [(one.title, set(filter(None, one.cells))) for one in columns if one.name in INDEXES]
    found = {}
    for position, (title, cells) in enumerate(indexes):
        for other, others in indexes[position + 1 :]:
            if common := len(cells & others):
                found[f"{title} and {other}"] = common
    return found


def repeated(columns: Iterable[Column]) -> dict[str, int]:
    """How often the most frequent value of each column of indexes stands: frequencies tell names apart."""
    return {
        one.title: max(Counter(filter(None, one.cells)).values())
        for one in columns
        if one.name in INDEXES and any(one.cells)
    }


def lengths(columns: Iterable[Column]) -> dict[str, int]:
    """How many different lengths the envelopes of each column have: a length is all that an envelope tells."""
    return {
        one.title: len({len(cell) for cell in one.cells})
        for one in columns
        if one.cells and all(cell[:1] == ENVELOPE and len(cell) > 31 for cell in one.cells)
    }


def main(arguments: Sequence[str]) -> int:
    """Attack and report."""
    loot = steal(arguments[0])
    words = Path(arguments[1]).read_text().splitlines() if len(arguments) > 1 else _common()
    hits = attack(loot, words)
    print(
        f"{len(words):,} words, {sum(len(one.cells) for one in loot.columns):,} cells: {len(hits)} hits"
    )
    for hit in hits[:100]:
        print(f"  word {hit.number + 1} in {hit.place} by {hit.how}")
    for title, told in (("shared", shared), ("most frequent", repeated), ("lengths", lengths)):
        for place, count in told(loot.columns).items():
            print(f"{title}: {place}: {count}")
    return 1 if hits else 0


def _parts(columns: Iterable[Column]) -> Mapping[bytes, list[str]]:
    """The first 16 bytes of every cell and of its hexadecimal or base64 meaning, with the places they stand in."""
    found: dict[bytes, list[str]] = defaultdict(list)
    for column in columns:
        for cell in set(column.cells):
            for form in _meanings(cell):
                found[form].append(column.title)
    return found


def _meanings(cell: bytes) -> Iterable[bytes]:
    if len(cell) < CUT:
        return
    for start in range(0, len(cell) - CUT + 1, CUT):
        yield cell[start : start + CUT]
    try:
        yield bytes.fromhex(cell.decode())[:CUT]
    except ValueError:
        return


def _common() -> list[str]:
    """The most common words of records: names and birth dates of the last hundred years."""
    names = ["Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Anna", "Peter", "Maria", "Hans"]
    days = (
        f"{y}-{m:02}-{d:02}" for y in range(1926, 2027) for m in range(1, 13) for d in range(1, 29)
    )
    return [*names, *days]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
