"""Linkage schema, columns: what a column of a table means."""

from enum import StrEnum


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
    NUMBER = "number"
