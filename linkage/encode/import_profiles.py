"""Schemas of encodings that sites already produce: E-PIX, the federated TTP, HiGHmed.

Each function gives the schema that repeats the other program bit for bit; the secret is the JSON object
`linkage.imported_secret` reads. Use them to link with what exists; for anything new they are weak.
"""

from collections.abc import Mapping

from linkage.schema import (
    EPIX_ALPHABET,
    EpixDouble,
    Field,
    Fold,
    Hardening,
    HashFamily,
    HighmedRecord,
    JavaBalance,
    JavaRandom,
    Kind,
    Layout,
    LinkageSchema,
    Ngrams,
    SampledField,
    parse,
)
from linkage.schema.hardening import stored
from linkage.schema.model import RECORD_FILTER

PERSON: Mapping[str, Kind] = {
    "given_name": Kind.GIVEN_NAME,
    "surname": Kind.SURNAME,
    "birth_date": Kind.DATE,
    "sex": Kind.SEX,
}
"""Columns the federated trusted third party hashes."""

FTTP_ALPHABET = "abcdefghijkalmnoprstuvmxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"
"""The vocabulary of the federated client's own example, doubled letters included."""

_HIGHMED: Mapping[str, tuple[Kind, int]] = {
    "given_name": (Kind.GIVEN_NAME, 500),
    "surname": (Kind.SURNAME, 500),
    "birth_date": (Kind.CODE, 250),
    "sex": (Kind.CODE, 50),
    "street": (Kind.TEXT, 500),
    "postcode": (Kind.POSTCODE, 250),
    "city": (Kind.TEXT, 500),
    "country": (Kind.TEXT, 500),
    "insurance_number": (Kind.CODE, 500),
}


def epix_random(
    columns: Mapping[str, Kind],
    *,
    length: int = 1000,
    bits: int = 15,
    alphabet: str = EPIX_ALPHABET,
    folds: int = 0,
    balanced: bool = False,
) -> LinkageSchema:
    """E-PIX RandomHashingStrategy over some columns; the secret holds a seed per column."""
    family = JavaRandom(length=length, alphabet=alphabet)
    return _profile("epix-random", "epix-1", family, columns, bits, _steps(length, folds, balanced))


def epix_double(
    columns: Mapping[str, Kind],
    *,
    length: int = 500,
    bits: int = 15,
    folds: int = 0,
    balanced: bool = False,
) -> LinkageSchema:
    """E-PIX DoubleHashingStrategy with fixed salts; the secret holds a salt per column."""
    family = EpixDouble(length=length)
    return _profile("epix-double", "epix-1", family, columns, bits, _steps(length, folds, balanced))


def fttp_balanced(
    columns: Mapping[str, Kind] = PERSON,
    *,
    length: int = 800,
    bits: int = 30,
    alphabet: str = FTTP_ALPHABET,
) -> LinkageSchema:
    """The federated trusted third party's balanced record filter; a seed per column and `balance`."""
    family = JavaRandom(length=length, alphabet=alphabet)
    return _profile("fttp-balanced", "fttp-1", family, columns, bits, (JavaBalance(length),))


def highmed_record(*, length: int = 2000, weight: float = 0.1) -> LinkageSchema:
    """HiGHmed's record filter as its code makes it: every field sampled with one and the same weight.

    The code hands the weight of the first name to all nine fields, whatever the configuration says;
    1800 of 2000 bits are in use by default.
    """
    sampled = int(length * weight + 0.5)
    fields = tuple(SampledField(name, bits, sampled) for name, (_, bits) in _HIGHMED.items())
    columns = {name: kind for name, (kind, _) in _HIGHMED.items()}
    return _profile("highmed-record", "verbatim-1", HighmedRecord(fields), columns, 15, ())


def _steps(length: int, folds: int, balanced: bool) -> tuple[Hardening, ...]:
    """E-PIX folds into folds + 1 parts and balances what is left."""
    steps: tuple[Hardening, ...] = (Fold(parts=folds + 1, length=length),) if folds else ()
    return (*steps, JavaBalance(length // (folds + 1))) if balanced else steps


def _profile(  # a schema has this many parts
    name: str,
    normalization: str,
    family: HashFamily,
    columns: Mapping[str, Kind],
    bits: int,
    steps: tuple[Hardening, ...],
) -> LinkageSchema:
    """A record-level schema over padded bigrams; a missing value is hashed as blanks, as there."""
    fields = tuple(_field(column, kind, bits) for column, kind in columns.items())
    schema = LinkageSchema(
        name=name,
        normalization=normalization,
        layout=Layout.RECORD,
        bits=stored(_length(family)),
        hash=family,
        fields=fields,
        hardening=steps,
    )
    return parse(schema.document)


def _length(family: HashFamily) -> int:
    return family.length if isinstance(family, JavaRandom | EpixDouble | HighmedRecord) else 0


def _field(column: str, kind: Kind, bits: int) -> Field:
    return Field(
        name=column,
        column=column,
        kind=kind,
        tokens=Ngrams(2),
        key_space=column,
        filter=RECORD_FILTER,
        bits_per_token=bits,
        missing_as=" ",
    )
