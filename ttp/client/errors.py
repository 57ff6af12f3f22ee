"""Errors of the client library: one tree; none holds a value of a patient or a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


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
    """The center refused the request as a whole: its HTTP status, its code, and its sentence.

    ``facts`` are the further members of its problem document (RFC 9457).
    """

    code = "refused"

    def __init__(
        self, status: int, problem: str, detail: str, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail or f"The center refused the request ({problem}).")
        self.status = status
        self.problem = problem
        self.facts = dict(facts or {})


class NotAuthenticated(Refused):
    """The key is unknown, revoked or expired (401)."""

    code = "not-authenticated"


class NotAllowed(Refused):
    """The client has no right to do this (403)."""

    code = "not-allowed"


class NotFound(Refused):
    """What is named does not exist (404)."""

    code = "not-found"


class Conflicting(Refused):
    """What is asked contradicts what stands (409)."""

    code = "conflicting"


class TooMuch(Refused):
    """A size, a budget or a rate is exceeded (413, 429)."""

    code = "too-much"


class NotAcceptable(Refused):
    """A value of the request is not acceptable (400, 422)."""

    code = "not-acceptable"


KINDS: Mapping[int, type[Refused]] = {
    400: NotAcceptable,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflicting,
    413: TooMuch,
    422: NotAcceptable,
    429: TooMuch,
}
"""The kind of a refusal by its status; any other status is a plain ``Refused``."""


class TableRefused(ClientError):
    """A file cannot be worked on as a whole."""

    code = "table-refused"


class RowsRefused(TableRefused):
    """Rows of a file are bad; ``rows`` holds the first of them as (row, code); the header of a CSV file is row 1."""

    code = "rows-refused"

    def __init__(self, rows: Sequence[tuple[int, str]], count: int, so: str) -> None:
        named = "; ".join(f"row {row}: {code}" for row, code in rows)
        more = f"; and {count - len(rows)} more" if count > len(rows) else ""
        super().__init__(f"{count} bad rows, {so} ({named}{more}).")
        self.rows = tuple(rows)


class SelectorRefused(TableRefused):
    """A selector is not of the form that is understood."""

    code = "selector-refused"


class RulesRefused(TableRefused):
    """A file of rules cannot be used."""

    code = "rules-refused"
