"""Names in bodies: how requests name identities and persons; nothing of it goes into a URL."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from ttp.api.bodies import Body
from ttp.core.glimpse import glimpse
from ttp.core.identifying_data import Identifier, IdentifyingData
from ttp.core.identity_life import UnknownIdentity
from ttp.core.names import IdentityId
from ttp.services.persons.look_up_persons import Named


class NamedRecord(Body):
    """A record by ``source`` and ``record_id``, by an identifier (``system``, ``value``), or by ``identity``."""

    source: str | None = Field(None, max_length=63)
    record_id: str | None = Field(None, max_length=200)
    system: str | None = Field(None, max_length=512)
    value: str | None = Field(None, max_length=200)
    identity: UUID | None = Field(None, strict=False, description="the ID of an identity or person")

    def named(self) -> Named:
        """The name. Raises UnknownIdentity: it is none of the three."""
        if self.identity is not None:
            return IdentityId(self.identity)
        if self.source is not None and self.record_id is not None:
            return (self.source, self.record_id)
        if self.system is not None and self.value is not None:
            return Identifier(self.system, self.value)
        raise UnknownIdentity(
            "A record is named by source and record ID, an identifier, or its ID."
        )


class ShownData(BaseModel):
    """Values of a record, masked to their beginnings unless they were revealed with a reason."""

    record_id: str | None
    fields: dict[str, str]
    identifiers: list[dict[str, str]]
    contacts: list[dict[str, str]]


def shown(data: IdentifyingData, *, revealed: bool) -> dict[str, Any]:
    """The JSON form of a record; masked values show what a page shows by a glimpse."""

    def text(field: str, value: str) -> str:
        return value if revealed else glimpse(field, value)

    return {
        "record_id": data.record_id and text("record_id", data.record_id),
        "fields": {field: text(field, value) for field, value in data.fields.items()},
        "identifiers": [
            {"system": one.system, "value": text("identifier", one.value)}
            for one in data.identifiers
        ],
        "contacts": [
            {"kind": one.kind.value, "value": text("contact", one.value)} for one in data.contacts
        ],
    }
