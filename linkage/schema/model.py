"""Linkage schema, the model.

Everything two sites must agree on to get comparable encodings, in one frozen value.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NewType

from linkage import digests
from linkage.schema.columns import Kind
from linkage.schema.families import HashFamily
from linkage.schema.hardening import Hardening, released_bits
from linkage.schema.layouts import Block, ExactToken, SaltedView, View, columns_of

SchemaFingerprint = NewType("SchemaFingerprint", str)
"""`sha256:` and 64 hex digits; stored data name their schema by it."""

RECORD_FILTER = "record"
"""Name of the only filter of the record layout."""


class Layout(StrEnum):
    """Whether a record becomes one filter, one per group of fields, one per view, or salted views."""

    RECORD = "record"
    FIELD = "field"
    VIEWS = "views"
    SALTED = "salted"


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


@dataclass(frozen=True, slots=True)
class Numeric:
    """Tokens that two numbers share the more of the nearer they are (Vatsalan and Christen 2016).

    2 · `resolution` + 1 tokens; none in common from `distance` on. `digits` decimals count.
    """

    distance: float
    resolution: int
    digits: int = 0


Tokens = Ngrams | DateParts | Whole | Phonetic | Numeric


@dataclass(frozen=True, slots=True)
class Field:
    """One column's way into a filter.

    Exactly one of `bits_per_token` (bits each token sets) and `bits_per_field` (bits shared out
    among the tokens) is set. Fields with one `key_space` set the same bits for the same token.
    `filter` is the filter it goes into; `weight` scales that filter in the field layout;
    `missing_as` is hashed instead of a missing value (compatibility; otherwise nothing is), and
    missing is then what reads `missing_if`, by default nothing.
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
    missing_if: str = ""


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
    views: tuple[View, ...] = ()
    blocks: tuple[Block, ...] = ()
    salted: tuple[SaltedView, ...] = ()

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
        """Filter names in order, each with the length in which it leaves, after hardening."""
        return {
            name: released_bits(self.hardening_of(name), bits) for name, bits in self.hashed.items()
        }

    @cached_property
    def hashed(self) -> dict[str, int]:
        """Filter names in order, each with its length while tokens are hashed into it.

        In bits; `view.block` of salted views.
        """
        if self.salted:
            return {name: self.block(name).bits for name in self._blocks_of_filters}
        if self.views:
            return {view.name: view.bits for view in self.views}
        names = dict.fromkeys(item.filter for item in self.fields)
        return {name: self.filter_bits.get(name, self.bits) for name in names}

    @cached_property
    def _blocks_of_filters(self) -> dict[str, Block]:
        named = {block.name: block for block in self.blocks}
        return {
            f"{view.name}.{block}": named[block] for view in self.salted for block in view.blocks
        }

    def block(self, filter_name: str) -> Block:
        """The block a filter of a salted view holds; KeyError in other layouts."""
        return self._blocks_of_filters[filter_name]

    def fields_of(self, filter_name: str) -> tuple[Field, ...]:
        """The fields that go into a filter."""
        name = self.block(filter_name).name if self.salted else filter_name
        return tuple(item for item in self.fields if item.filter == name)

    def hardening_of(self, filter_name: str) -> tuple[Hardening, ...]:
        """The hardening a filter goes through: its view's own, else that of the schema."""
        own = {view.name: view.hardening for view in self.views}
        return own.get(filter_name, self.hardening)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Names of the 64-bit tokens of a record: exact tokens, then one per salted view."""
        return (*(token.name for token in self.exact), *(view.name for view in self.salted))

    @cached_property
    def weights(self) -> dict[str, float]:
        """Weight of each filter: the sum over its fields."""
        return {
            name: float(sum(item.weight for item in self.fields_of(name))) for name in self.filters
        }

    @cached_property
    def columns(self) -> dict[str, Kind]:
        """All columns the schema reads, each with its kind."""
        found = {item.column: item.kind for item in self.fields}
        for one in (*(view.salt for view in self.salted), *(token.parts for token in self.exact)):
            found.update({part.column: part.kind for part in columns_of(one)})
        return found

    @cached_property
    def required_columns(self) -> tuple[str, ...]:
        """Columns a table must have (values may be missing).

        Those used by exact tokens alone are optional.
        """
        salts = (part.column for view in self.salted for part in columns_of(view.salt))
        return tuple(dict.fromkeys((*(item.column for item in self.fields), *salts)))
