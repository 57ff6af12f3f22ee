"""Errors of the client library: one tree; none holds a value of a patient or a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class ClientError(Exception):
    """Root of everything this library raises on purpose; ``detail`` is one sentence for a person."""

    code: ClassVar[str] = "client-error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unreachable(ClientError):
    """The center did not answer, or could not answer, in any of the tries."""

    code = "unreachable"


class AnswerInvalid(ClientError):
    """What answered is not a center, or not one of this version."""

    code = "answer-invalid"


class Refused(ClientError):
    """The center refused the request as a whole: its HTTP status, its code, and its sentence."""

    code = "refused"

    def __init__(self, status: int, problem: str, detail: str) -> None:
        super().__init__(detail or f"The center refused the request ({problem}).")
        self.status = status
        self.problem = problem


class TableRefused(ClientError):
    """A CSV file cannot be worked on as a whole."""

    code = "table-refused"


class RowsRefused(TableRefused):
    """Rows of a CSV file are bad; ``rows`` holds the first of them as (row, code), the header being row 1."""

    code = "rows-refused"

    def __init__(self, rows: Sequence[tuple[int, str]], count: int) -> None:
        named = "; ".join(f"row {row}: {code}" for row, code in rows)
        more = f"; and {count - len(rows)} more" if count > len(rows) else ""
        super().__init__(f"{count} bad rows, so nothing was written ({named}{more}).")
        self.rows = tuple(rows)
