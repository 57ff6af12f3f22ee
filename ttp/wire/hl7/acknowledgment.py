"""Acknowledgments: what the sender of a message is told; never anything of a patient (HL7 v2.5.1, 2.9.2 and 2.15)."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from ttp.core.errors import TTPError
from ttp.core.hospital import SameRecord, UnknownSurvivor
from ttp.core.identifying_data import InvalidRecord, RecordIncomplete
from ttp.wire.hl7.demographics import Hl7NumberMissing
from ttp.wire.hl7.message import Hl7CharsetUnknown, Hl7Malformed, Hl7TooLarge

_LONGEST = 199
_INVALID: list[type[TTPError]] = [
    InvalidRecord,
    *InvalidRecord.__subclasses__(),
    SameRecord,
    Hl7CharsetUnknown,
]
_CONDITIONS = {kind.code: "102" for kind in _INVALID} | {
    Hl7Malformed.code: "100",
    Hl7TooLarge.code: "100",
    Hl7NumberMissing.code: "101",
    RecordIncomplete.code: "101",
    UnknownSurvivor.code: "204",
}
_REJECTED = frozenset({Hl7Malformed.code, Hl7CharsetUnknown.code, Hl7TooLarge.code})
_ECHOED = re.compile(r"[^A-Za-z0-9 ._:/&^+-]")


class Code(StrEnum):
    """MSA-1 (table 0008)."""

    ACCEPTED = "AA"  # carried out and committed, or ignored by rule
    ERROR = "AE"  # understood, and not possible
    REJECTED = "AR"  # not understood, or the center cannot answer now: send it again


def code_of(problem: TTPError | None) -> Code:
    """How a message with this problem is acknowledged."""
    if problem is None:
        return Code.ACCEPTED
    possible_later = problem.code in _REJECTED or problem.code not in _CONDITIONS
    return Code.REJECTED if possible_later else Code.ERROR


def acknowledgment(
    raw: bytes, *, code: Code, at: datetime, control_id: str, problem: TTPError | None = None
) -> bytes:
    """The acknowledgment of the message ``raw``, which may be anything; in ASCII, segments end with CR.

    Of the message only names of systems, its control ID, mode and version are repeated.
    """
    told = _header(raw)
    event = told[8].partition("^")[2].partition("^")[0]
    kind = f"ACK^{event}^ACK" if event else "ACK"
    time = at.strftime("%Y%m%d%H%M%S+0000")
    version = told[11] or "2.5"
    header = ["MSH", "^~\\&", told[4], told[5], told[2], told[3], time, "", kind, control_id]
    header += [told[10] or "P", version]
    lines = ["|".join(header), f"MSA|{code.value}|{told[9]}"]
    if problem is not None:
        lines.append(f"ERR|||{_condition(problem)}|E|{problem.code}")
    return ("\r".join(lines) + "\r").encode("ascii")


def _header(raw: bytes) -> list[str]:
    """The first twelve fields of MSH as far as there are any, from MSH-1 at index 1, fit to be repeated."""
    start = raw.lstrip(b"\x0b\r\n \t")
    head = re.split(rb"[\r\n]", start[:2000], maxsplit=1)[0].decode("ascii", "replace")
    fields = head.split(head[3]) if head.startswith("MSH") and len(head) > 3 else []
    clean = ["", *(_ECHOED.sub("", one)[:_LONGEST] for one in fields[1:12])]
    return clean + [""] * (13 - len(clean))


def _condition(problem: TTPError) -> str:
    """ERR-3 (table 0357); by the code of the problem, which another center may have told."""
    return _CONDITIONS.get(problem.code, "207")
