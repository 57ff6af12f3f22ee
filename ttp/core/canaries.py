"""Canaries: 16 made-up records that every site encodes; equal digests prove one secret, schema and normalization.

Each tries one thing that sites might normalize differently. Only digests of their encodings travel: encodings
of known records would tell the linking center which bits a known name sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ttp.core.errors import Conflict

DIGEST_BYTES: Final = 16

_COLUMNS = ("given_name", "surname", "birth_date", "sex", "postcode", "city", "kvnr")
_ROWS = (
    ("Anna", "Kanarie", "1958-04-01", "f", "17489", "Greifswald", "A123456780"),
    ("Jürgen", "Müßig", "1931-12-31", "m", "23552", "Lübeck", None),
    ("Anna-Maria", "Größe-Kanarie", "1990-02-28", "f", "01067", "Dresden", None),
    ("Karl Heinz", "von der Vogelweide", "1945-05-08", "m", "97070", "Würzburg", None),
    ("Zoë", "D'Aubigné", "2004-02-29", "f", "66111", "Saarbrücken", None),
    ("Björn", "Ångström", "1977-07-07", "m", "24103", "Kiel", None),
    ("Şule", "Yıldız", "1985-11-11", "f", "10115", "Berlin", None),
    ("Łukasz", "Wójcik", "1969-09-30", "m", "50667", "Köln", None),
    ("MARIA", "KANARIE", "2011-10-10", "f", "80331", "München", None),
    ("  Otto ", "Kanarie", "1923-01-01", "m", "99084", "Erfurt", None),
    ("Kim", "Kanarie", "1999-03-13", "x", "28195", "Bremen", None),
    ("Dr. Eva", "Freiin zu Kanarie", "1962-06-16", "f", "60311", "Frankfurt am Main", None),
    ("Li", "Wu", "2020-08-01", "f", "55116", "Mainz", "B987654321"),
    ("Peter", "Kanarie", "1958-01-04", "m", None, None, None),
    (None, "Kanarie", "1950-10-20", None, "4109", "Leipzig", None),
    ("Friederike", "Kanarienvogel", None, "f", "06108", "Halle (Saale)", None),
)

CANARIES: Final[tuple[Mapping[str, str | None], ...]] = tuple(
    {"record_id": f"canary-{number:02}", **dict(zip(_COLUMNS, row, strict=True))}
    for number, row in enumerate(_ROWS, start=1)
)
"""The records, in the order in which their digests are compared."""


class CanaryMismatch(Conflict):
    """The site encodes with another linkage secret, or normalizes differently; ``facts`` say how many differ."""

    code = "canary-mismatch"


def differing(first: bytes, second: bytes) -> int:
    """How many canaries differ between two lists of digests."""
    if len(first) != len(second):
        return len(CANARIES)
    places = range(0, len(first), DIGEST_BYTES)
    return sum(first[at : at + DIGEST_BYTES] != second[at : at + DIGEST_BYTES] for at in places)
