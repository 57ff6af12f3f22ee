"""Linkage errors: one tree.

Each says in one sentence what to mend and never repeats a value or a key.
"""

from collections.abc import Sequence
from typing import ClassVar


class LinkageError(Exception):
    """Root of everything this package raises on purpose.

    `code` is stable and machine-readable; the message is one sentence for a person.
    """

    code: ClassVar[str] = "linkage-error"


class SchemaInvalid(LinkageError):
    """A linkage schema document breaks a rule; `path` says where (`fields[2].tokens.q`)."""

    code = "schema-invalid"

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"Linkage schema, {path or 'document'}: {rule}.")
        self.path = path


class UnknownSchema(LinkageError):
    """No shipped schema has this name and no file lies at this path."""

    code = "unknown-schema"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no linkage schema named {name!r} and no such file.")


class SecretTooShort(LinkageError):
    """A linkage secret below 16 bytes could be guessed."""

    code = "secret-too-short"

    def __init__(self, minimum: int) -> None:
        super().__init__(f"The linkage secret must have at least {minimum} bytes.")


class EmptyInput(LinkageError):
    """A file or table without a single record."""

    code = "empty-input"

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} holds no records.")


class NotUtf8(LinkageError):
    """A text file that is not UTF-8 (a leading byte order mark is fine)."""

    code = "not-utf8"

    def __init__(self, source: str, offset: int, *, row: int) -> None:
        super().__init__(
            f"{source} is not UTF-8: row {row} (byte {offset}) cannot be read; save it as UTF-8."
        )
        self.offset, self.row = offset, row


class MissingColumn(LinkageError):
    """A CSV file lacks a column the linkage schema needs."""

    code = "missing-column"

    def __init__(self, source: str, columns: Sequence[str]) -> None:
        super().__init__(f"{source} lacks the column(s) {', '.join(columns)}.")
        self.columns = tuple(columns)


class TableUnreadable(LinkageError):
    """A file of records that cannot be read as what its name says."""

    code = "table-unreadable"

    def __init__(self, source: str, rule: str) -> None:
        super().__init__(f"{source} cannot be read: {rule}.")


class ColumnNotText(LinkageError):
    """A typed column that is neither text nor a date: numbers lose leading zeros."""

    code = "column-not-text"

    def __init__(self, source: str, column: str) -> None:
        super().__init__(
            f"{source} has a column {column} that is neither text nor a date; store it as text."
        )
        self.column = column


class DuplicateColumn(LinkageError):
    """A CSV header names a column twice, so its meaning would be a guess."""

    code = "duplicate-column"

    def __init__(self, source: str, positions: Sequence[int]) -> None:
        shown = ", ".join(map(str, positions))
        super().__init__(f"{source} names a column twice in its header (columns {shown}).")


class RecordInvalid(LinkageError):
    """Records that cannot be read as the schema wants.

    `problems` has row, column and reason code.
    """

    code = "record-invalid"

    def __init__(self, source: str, problems: Sequence[object]) -> None:
        shown = "; ".join(str(problem) for problem in problems[:5])
        more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
        super().__init__(f"{source} has {len(problems)} bad value(s): {shown}{more}.")
        self.problems = tuple(problems)


class DuplicateRecordId(RecordInvalid):
    """Two rows carry one record ID; nobody could say which is meant."""

    code = "duplicate-record-id"


class EncodingInvalid(LinkageError):
    """A file of encodings that is truncated, altered or of another kind."""

    code = "encoding-invalid"

    def __init__(self, source: str, rule: str) -> None:
        super().__init__(f"{source} is not a readable file of encodings: {rule}.")


class EncodingImplausible(LinkageError):
    """Encodings that no encoder makes of any record: crafted as probes, or damaged.

    `filter` is the filter or view, `record` the place of the first such record, from 1.
    """

    code = "encoding-implausible"

    def __init__(self, source: str, filter_name: str, rule: str, record: int) -> None:
        kind = {
            "shape": "does not have the length its schema says",
            "marked": "is marked as empty and is not, or the other way round",
            "few": "has fewer bits set than any record gives",
            "many": "has more bits set than any record gives",
            "token": "has content without the token of its view",
            "thinned": "repeats a token, though the view is thinned",
        }[rule]
        where = f" in record {record}" if record else ""
        super().__init__(f"{source} is refused: {filter_name}{where} {kind}.")
        self.filter, self.record, self.rule = filter_name, record, rule


class EncodingMismatch(LinkageError):
    """Encodings that must not be compared; `reason` is `schema`, `secret` or `length`."""

    code = "encoding-mismatch"

    def __init__(self, first: str, second: str, reason: str) -> None:
        kind = {
            "schema": "were made with different linkage schemas",
            "secret": "were made with different linkage secrets",
            "length": "have filters of different length",
        }[reason]
        super().__init__(f"Encodings of {first} and {second} {kind}.")
        self.reason = reason
