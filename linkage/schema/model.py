"""Linkage schema, the model.

Everything two sites must agree on to get comparable encodings, in one frozen value.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NewType

from linkage import digests

SchemaFingerprint = NewType("SchemaFingerprint", str)
"""`sha256:` and 64 hex digits; stored data name their schema by it."""

RECORD_FILTER = "record"
"""Name of the only filter of the record layout."""


class Layout(StrEnum):
    """Whether a record becomes one filter or one per group of fields."""

    RECORD = "record"
    FIELD = "field"


class Kind(StrEnum):
    """What a column means; the normalization profile treats each kind in its own way."""

    GIVEN_NAME = "given-name"
    SURNAME = "surname"
    DATE = "date"
    SEX = "sex"
    POSTCODE = "postcode"
    TEXT = "text"
    CODE = "code"
    KVNR = "kvnr"


class DatePart(StrEnum):
    """Components a date is split into.

    `DAY_MONTH_SET` gives the numbers of day and month without their place, so that they still agree
    when day and month were swapped.
    """

    YEAR = "year"
    DECADE = "decade"
    MONTH = "month"
    DAY = "day"
    DAY_MONTH_SET = "day-month-set"


class As(StrEnum):
    """How a column enters an exact token."""

    VALUE = "value"
    FIRST = "first"
    PHONETIC = "phonetic"


@dataclass(frozen=True, slots=True)
class Ngrams:
    """Every run of `q` characters of each part of a value.

    `padded` puts q-1 blanks at both ends; `positional` puts the 1-based position before the gram.
    """

    q: int
    padded: bool = True
    positional: bool = False


@dataclass(frozen=True, slots=True)
class DateParts:
    """One token per named component of a date."""

    components: tuple[DatePart, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """Each part of a value is one token."""


@dataclass(frozen=True, slots=True)
class Phonetic:
    """The Cologne phonetic code of each part of a name is one token."""


Tokens = Ngrams | DateParts | Whole | Phonetic


@dataclass(frozen=True, slots=True)
class KeyedRandom:
    """Each token gets independent random positions, by keyed BLAKE2b: the default family."""

    family: str = "keyed-random"


@dataclass(frozen=True, slots=True)
class ClkhashDouble:
    """Double hashing bit for bit as the program clkhash does it; for data shared with its users.

    `key_spaces` lists the key spaces in the order in which clkhash numbers its features (ignored
    ones included). Known weakness: only l² different token patterns (Kroll and Steinmetzer 2015).
    """

    key_spaces: tuple[str, ...]
    kdf_hash: str = "SHA256"
    salt: bytes = b""
    info: bytes = b""
    key_size: int = 64
    prevent_singularity: bool = False
    family: str = "clkhash-double"


HashFamily = KeyedRandom | ClkhashDouble


@dataclass(frozen=True, slots=True)
class Field:
    """One column's way into a filter.

    Exactly one of `bits_per_token` (bits each token sets) and `bits_per_field` (bits shared out
    among the tokens) is set. Fields with one `key_space` set the same bits for the same token.
    `filter` is the filter it goes into; `weight` scales that filter in the field layout;
    `missing_as` is hashed instead of a missing value (clkhash compatibility; otherwise nothing is).
    """

    name: str
    column: str
    kind: Kind
    tokens: Tokens
    key_space: str
    filter: str
    bits_per_token: int | None = None
    bits_per_field: int | None = None
    weight: float = 1.0
    missing_as: str | None = None


@dataclass(frozen=True, slots=True)
class ExactPart:
    """One column of an exact token and how it enters."""

    column: str
    kind: Kind
    take: As = As.VALUE


@dataclass(frozen=True, slots=True)
class ExactToken:
    """A keyed 64-bit token that is equal exactly when all its parts are equal.

    Missing when one part is.
    """

    name: str
    parts: tuple[ExactPart, ...]


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Hardening: every output bit is the XOR of `t` secret input bits (linear diffusion)."""

    t: int
    name: str = "diffusion"


Hardening = Diffusion


@dataclass(frozen=True)
class LinkageSchema:
    """A whole linkage schema.

    Encodings under one fingerprint compare, others never do.
    """

    name: str
    normalization: str
    layout: Layout
    bits: int
    hash: HashFamily
    fields: tuple[Field, ...]
    exact: tuple[ExactToken, ...] = ()
    hardening: tuple[Hardening, ...] = ()
    filter_bits: dict[str, int] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> SchemaFingerprint:
        """SHA-256 of the canonical JSON of `document`.

        Order of keys and omitted defaults do not count.
        """
        return SchemaFingerprint(digests.fingerprint(self.document))

    @cached_property
    def document(self) -> dict[str, object]:
        """The schema as JSON with every default written out; `parse(schema.document) == schema`."""
        from linkage.schema.write import document  # noqa: PLC0415  # the writer needs this model

        return document(self)

    @cached_property
    def filters(self) -> dict[str, int]:
        """Filter names in order, each with its length in bits."""
        names = dict.fromkeys(item.filter for item in self.fields)
        return {name: self.filter_bits.get(name, self.bits) for name in names}

    @cached_property
    def weights(self) -> dict[str, float]:
        """Weight of each filter: the sum over its fields."""
        totals = dict.fromkeys(self.filters, 0.0)
        for item in self.fields:
            totals[item.filter] += item.weight
        return totals

    @cached_property
    def columns(self) -> dict[str, Kind]:
        """All columns the schema reads, each with its kind."""
        found = {item.column: item.kind for item in self.fields}
        for token in self.exact:
            found.update({part.column: part.kind for part in token.parts})
        return found

    @cached_property
    def required_columns(self) -> tuple[str, ...]:
        """Columns a table must have (values may be missing).

        Those used by exact tokens alone are optional.
        """
        return tuple(dict.fromkeys(item.column for item in self.fields))
