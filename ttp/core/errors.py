"""Errors: one tree. Every way a request can fail has one class, one stable code and one sentence.

The tree (each leaf names its HTTP status only in ``ttp.http.problems``)::

    TTPError
    ├── BadRequest         the request cannot be understood, or a value in it is not acceptable
    ├── NotAuthenticated   nobody known is asking
    ├── NotAllowed         somebody known is asking for what they may not have
    ├── NotFound           a thing that is named does not exist
    ├── Conflict           the request contradicts what stands
    ├── TooMuch            a size, budget or rate is exceeded
    └── Unavailable        the center cannot answer now; asking again later may work
"""

from __future__ import annotations

from typing import ClassVar


class TTPError(Exception):
    """Something the caller can read about and act on.

    ``detail`` is a sentence for people. It never contains a value of a patient: only names of fields,
    domains, positions, limits and counts.
    """

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "", **facts: object) -> None:
        self.detail = detail or (self.__doc__ or "").split("\n", maxsplit=1)[0]
        self.facts = facts
        super().__init__(f"{self.code}: {self.detail}")


class BadRequest(TTPError):
    """The request cannot be understood."""

    code = "bad-request"


class NotAuthenticated(TTPError):
    """The request carries no valid credentials."""

    code = "not-authenticated"


class NotAllowed(TTPError):
    """The caller has no right to do this."""

    code = "not-allowed"


class NotFound(TTPError):
    """What the request names does not exist."""

    code = "not-found"


class Conflict(TTPError):
    """The request contradicts what stands."""

    code = "conflict"


class TooMuch(TTPError):
    """A size, budget or rate is exceeded."""

    code = "too-much"


class Unavailable(TTPError):
    """The center cannot answer now."""

    code = "unavailable"


class MalformedBody(BadRequest):
    """The body is not well-formed JSON or XML in UTF-8."""

    code = "malformed-body"


class UnsupportedMediaType(BadRequest):
    """The body is sent as something else than JSON; its Content-Type has to be application/json."""

    code = "unsupported-media-type"


class InvalidField(BadRequest):
    """A field of the request is missing or has the wrong type or value."""

    code = "invalid-field"


class InvalidOriginal(BadRequest):
    """The original is empty, not a string, too long or contains control characters."""

    code = "invalid-original"


class InvalidPseudonym(BadRequest):
    """The pseudonym is not one that this domain can have issued."""

    code = "invalid-pseudonym"


class WrongDomainKind(BadRequest):
    """The operation does not fit the domain: it is for single or for multi domains only."""

    code = "wrong-domain-kind"


class ReasonMissing(BadRequest):
    """The operation needs a reason."""

    code = "reason-missing"


class InvalidName(BadRequest):
    """A name is not acceptable: lower-case letters, digits, dot, dash and underscore, 1 to 63 characters."""

    code = "invalid-name"


class UnknownDomain(NotFound):
    """No domain has this name."""

    code = "unknown-domain"


class UnknownOriginal(NotFound):
    """The original has no pseudonym in this domain."""

    code = "unknown-original"


class UnknownPseudonym(NotFound):
    """The pseudonym does not exist in this domain, or its original is gone."""

    code = "unknown-pseudonym"


class UnknownPopulation(NotFound):
    """No population has this name."""

    code = "unknown-population"


class AlreadyExists(Conflict):
    """Something of this name exists already."""

    code = "already-exists"


class DomainExhausted(Conflict):
    """The domain has no free pseudonyms left."""

    code = "domain-exhausted"


class KeysDestroyed(Conflict):
    """The keys of this domain were destroyed: its pseudonyms stand, what they stood for is gone for good."""

    code = "keys-destroyed"


class DeletionNotAllowed(NotAllowed):
    """The configuration of this domain does not allow deletion."""

    code = "deletion-not-allowed"


class NoGrant(NotAllowed):
    """No approved, unexpired grant covers this request."""

    code = "no-grant"


class SecondPersonNeeded(NotAllowed):
    """Four eyes: somebody else than the person who asked has to approve."""

    code = "second-person-needed"


class BudgetExceeded(TooMuch):
    """The daily budget of the grant is used up."""

    code = "budget-exceeded"


class TooManyItems(TooMuch):
    """The request holds more items than one request may."""

    code = "too-many-items"


class IdempotencyMismatch(Conflict):
    """This Idempotency-Key was used for another request."""

    code = "idempotency-mismatch"


class StillRunning(Conflict):
    """A request with this Idempotency-Key is still running."""

    code = "still-running"


class AtomicBatchRefused(Conflict):
    """An atomic batch holds items that cannot be handled; nothing was changed."""

    code = "atomic-batch-refused"


class DatabaseBusy(Unavailable):
    """The database could not complete the transaction in three tries."""

    code = "database-busy"


class DatabaseFull(Unavailable):
    """The disk of the database is full: nothing is written until there is room again."""

    code = "database-full"


class Sealed(Unavailable):
    """The center is sealed: its root key is not available."""

    code = "sealed"


class AuditUnavailable(Unavailable):
    """The audit log could not be written or sealed in time, so nothing was done or acknowledged."""

    code = "audit-unavailable"


class ClockBehind(Unavailable):
    """The clock stands before the last audit entry; nothing is written until it is right."""

    code = "clock-behind"
