"""Bodies of signed requests between centers: what may be in them, and nothing else; and what is told to everybody."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ttp.api.bodies import Responses
from ttp.api.federation.door import PeerBody
from ttp.core.key_statements import MOST_STATEMENTS

Name = Annotated[str, Field(min_length=1, max_length=63)]
Token = Annotated[str, Field(min_length=1, max_length=160)]


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "!", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


Base64 = Annotated[bytes, BeforeValidator(_decoded)]


class SignedAnswer(BaseModel):
    """An answer signed by this center and bound to the request; what stands in it depends on the request."""

    model_config = ConfigDict(extra="allow")


SIGNED: Responses = {200: SignedAnswer}


class TrustFile(BaseModel):
    """The public keys by which others check this center's log, requests and releases."""

    version: int
    centers: list[dict[str, Any]]
    witnesses: list[dict[str, Any]]


class KeyStatements(BaseModel):
    """Signed statements about this center's keys, in their order."""

    statements: list[dict[str, Any]]


class CheckpointBody(PeerBody):
    """A checkpoint to be co-signed (C2SP tlog-witness, add-checkpoint, as JSON)."""

    old_size: int = Field(ge=0)
    proof: list[Base64] = Field(max_length=63)
    checkpoint: str = Field(max_length=100_000)


class StatementsBody(PeerBody):
    """Statements about the asking peer's keys, in their order."""

    statements: list[dict[str, Any]] = Field(max_length=MOST_STATEMENTS)


class LatestBody(PeerBody):
    """A question for the latest checkpoints; it says nothing more."""


class RestoreBody(PeerBody):
    """The checkpoint at which the asking peer's log begins anew."""

    checkpoint: str = Field(max_length=100_000)


class ProjectBody(PeerBody):
    """The terms of a project that its linking center offers."""

    terms: dict[str, Any]


class SecretBody(PeerBody):
    """A linkage secret, sealed to the receiving center."""

    project: Name
    version: int = Field(ge=1)
    schema_fingerprint: str = Field(max_length=80)
    commitment: str = Field(min_length=64, max_length=64)
    sealed: Base64


class AnnouncementBody(PeerBody):
    """A version of a linkage secret, of which the linking center learns no more than this."""

    project: Name
    version: int = Field(ge=1)
    schema_fingerprint: str = Field(max_length=80)
    commitment: str = Field(min_length=64, max_length=64)
    canaries: Base64


class SubmissionBody(PeerBody):
    """Encodings of a site. The records are checked one by one by the use case."""

    project: Name
    schema_fingerprint: str = Field(max_length=80)
    secret_version: int = Field(ge=1)
    commitment: str = Field(min_length=64, max_length=64)
    canaries: Base64
    records: list[dict[str, Any]] = Field(max_length=2000)


class EvidenceBody(PeerBody):
    """Submission pseudonyms about which the linking center asks for evidence."""

    project: Name
    pseudonyms: list[Token] = Field(max_length=500)


class PseudonymsBody(PeerBody):
    """A question for project pseudonyms, page by page."""

    project: Name
    after: Token | None = None
    limit: int = Field(1000, ge=1, le=2000)
    secondaries: int = Field(0, ge=0, le=100)
