"""Messages: bytes become segments and fields (HL7 v2.5.1, chapter 2); what is no message is refused as a whole."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import hl7

from ttp.core.errors import BadRequest, TooMuch

DELETED = '""'
"""What stands in a field whose value the sender wants deleted (chapter 2.5.3.2)."""

CHARSETS: Mapping[str, str] = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/2": "iso8859-2",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "UTF-8": "utf-8",
}
"""Names of character sets in MSH-18 (table 0211), and those that systems write instead."""

MAXIMAL_BYTES = 1 << 20
MAXIMAL_SEGMENTS = 500

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MSH_FIELDS = 18
_LEAST_FIELDS = 8  # separators up to MSH-9, the type
_ENCODING_CHARACTERS = (4, 5)  # version 2.7 added the truncation character


class Hl7Malformed(BadRequest):
    """What arrived is no HL7 v2 message."""

    code = "hl7-malformed"


class Hl7CharsetUnknown(Hl7Malformed):
    """The message names a character set that is not known, or is not written in the one it names."""

    code = "hl7-charset-unknown"


class Hl7TooLarge(TooMuch):
    """A message is larger than any ADT message."""

    code = "hl7-too-large"


@dataclass(frozen=True, slots=True)
class Separators:
    """How a message is parted: by field, component, repetition, escape and subcomponent characters."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. Fields count from 1; absent ones are empty."""

    name: str
    fields: tuple[str, ...]
    separators: Separators
    charset: str

    def raw(self, field: int) -> str:
        """A field as it stands."""
        return self.fields[field - 1] if field <= len(self.fields) else ""

    def repetitions(self, field: int) -> list[Components]:
        """The repetitions of a field that hold something."""
        parts = self.raw(field).split(self.separators.repetition)
        return [Components(part, self.separators, self.charset) for part in parts if part]

    def text(self, field: int) -> str:
        """The first component of the first repetition."""
        found = self.repetitions(field)
        return found[0].text(1) if found else ""


@dataclass(frozen=True, slots=True)
class Components:
    """One repetition of a field. Components and subcomponents count from 1; absent ones are empty."""

    raw: str
    separators: Separators
    charset: str

    def text(self, component: int, subcomponent: int = 1) -> str:
        """A component as plain text."""
        parts = self.raw.split(self.separators.component)
        whole = parts[component - 1] if component <= len(parts) else ""
        subs = whole.split(self.separators.subcomponent)
        found = subs[subcomponent - 1] if subcomponent <= len(subs) else ""
        return unescaped(found, self.separators, self.charset).strip()

    @property
    def deleted(self) -> bool:
        """Whether the sender wants the value deleted."""
        return self.raw.split(self.separators.component)[0].strip() == DELETED


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """A message in its order of segments; the first is MSH."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    @property
    def event(self) -> str:
        """The trigger event, such as A40: from MSH-9, else from EVN-1."""
        kinds = self.header.repetitions(9)
        told = kinds[0].text(2) if kinds else ""
        return told or next((one.text(1) for one in self.named("EVN")), "")

    @property
    def kind(self) -> str:
        """The type of the message, such as ADT."""
        return self.header.text(9)

    def named(self, name: str) -> Iterator[Segment]:
        """The segments of this name."""
        return (one for one in self.segments if one.name == name)


def read_hl7(raw: bytes, *, charset: str = "ASCII", largest: int = MAXIMAL_BYTES) -> Hl7Message:
    """The message of these bytes; segments end with CR, LF or both. ``charset`` is that of a silent MSH-18.

    Raises:
        Hl7Malformed: no MSH, separators that cannot be told apart, control characters, no segments.
        Hl7CharsetUnknown, Hl7TooLarge: as they say. No error repeats anything of the message.
    """
    if len(raw) > largest:
        raise Hl7TooLarge
    raw = raw.strip(b"\x0b\x1c\r\n \t").removeprefix(codecs.BOM_UTF8)
    raw = re.sub(rb"\r\n|\n", b"\r", raw)
    if _CONTROL.search(raw):
        raise Hl7Malformed("A message holds a NUL or another control character.")
    head = raw.split(b"\r", 1)[0]
    separators = _separators(head)
    codec = _codec(head, separators, charset)
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        raise Hl7CharsetUnknown from None
    return Hl7Message(tuple(_segments(text, separators, codec)))


def unescaped(text: str, separators: Separators, charset: str) -> str:
    """The text without escape sequences (chapter 2.7); those for looks become blanks, unknown ones vanish."""
    if separators.escape not in text:
        return text
    mark = re.escape(separators.escape)
    return re.sub(
        f"{mark}([^{mark}]{{0,80}}){mark}",
        lambda found: _resolved(found.group(1), separators, charset),
        text,
    )


def _resolved(sequence: str, separators: Separators, charset: str) -> str:
    known = {
        "F": separators.field,
        "S": separators.component,
        "T": separators.subcomponent,
        "R": separators.repetition,
        "E": separators.escape,
    }
    if sequence in known:
        return known[sequence]
    if sequence.startswith("."):
        return " "
    if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", sequence):
        return bytes.fromhex(sequence[1:]).decode(charset, "ignore")
    return ""


def _separators(head: bytes) -> Separators:
    if not head.startswith(b"MSH"):
        raise Hl7Malformed("A message begins with MSH.")
    field = head[3:4]
    encoding = head[4:].split(field, 1)[0] if field else b""
    marks = field + encoding[:4]
    plain = re.search(rb"[A-Za-z0-9\s\x80-\xff]", marks + encoding)
    if len(encoding) not in _ENCODING_CHARACTERS or len(set(marks)) != len(marks) or plain:
        raise Hl7Malformed("The separators of a message cannot be told apart.")
    if head.count(field) < _LEAST_FIELDS:
        raise Hl7Malformed("The header of a message ends before its type.")
    found = marks.decode()
    return Separators(found[0], found[1], found[2], found[3], found[4])


def _codec(head: bytes, separators: Separators, default: str) -> str:
    fields = head.split(separators.field.encode())
    told = fields[_MSH_FIELDS - 1] if len(fields) >= _MSH_FIELDS else b""
    name = told.split(separators.repetition.encode())[0].decode("ascii", "replace").strip()
    codec = CHARSETS.get((name or default).upper())
    if codec is None:
        raise Hl7CharsetUnknown
    return codecs.lookup(codec).name


def _segments(text: str, separators: Separators, codec: str) -> Iterator[Segment]:
    for number, segment in enumerate(_parsed(text)):
        fields = tuple(str(field) for field in segment)
        if number >= MAXIMAL_SEGMENTS or not _SEGMENT.fullmatch(fields[0]):
            raise Hl7Malformed("A message holds something that is no segment.")
        yield Segment(fields[0], fields[1:], separators, codec)


def _parsed(text: str) -> Any:
    try:
        return hl7.parse(text)
    except (hl7.HL7Exception, ValueError, IndexError, KeyError, TypeError, AttributeError):
        raise Hl7Malformed from None
