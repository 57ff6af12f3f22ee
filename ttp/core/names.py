"""Names: every kind of name and identifier is a type of its own, and is checked where it enters."""

from __future__ import annotations

import re
from typing import NewType
from uuid import UUID

from ttp.core.errors import InvalidName

DomainName = NewType("DomainName", str)
ClientName = NewType("ClientName", str)
StaffName = NewType("StaffName", str)
CenterName = NewType("CenterName", str)
SiteName = NewType("SiteName", str)
ProjectName = NewType("ProjectName", str)
Original = NewType("Original", str)
Pseudonym = NewType("Pseudonym", str)
PopulationName = NewType("PopulationName", str)

LeafId = NewType("LeafId", UUID)
IdentityId = NewType("IdentityId", UUID)
PersonId = NewType("PersonId", UUID)
EdgeId = NewType("EdgeId", UUID)
CaseId = NewType("CaseId", UUID)
DecisionId = NewType("DecisionId", UUID)

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")


def slug(text: object, *, of: str) -> str:
    """The text, if it is an acceptable name: lower-case letters, digits, ``.``, ``-``, ``_``; 1 to 63 characters.

    Raises:
        InvalidName: otherwise; ``of`` says in the error what was to be named.
    """
    if not isinstance(text, str) or not _SLUG.fullmatch(text):
        raise InvalidName(
            f"The name of a {of} has 1 to 63 lower-case letters, digits, dots, dashes and underscores,"
            " and begins and ends with a letter or digit."
        )
    return text
