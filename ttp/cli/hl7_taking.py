"""Taking HL7 messages: each is read, taken in by the center and answered; whatever arrives, this goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ttp.core.errors import TTPError, Unavailable
from ttp.wire.announcements import written
from ttp.wire.hl7.acknowledgment import acknowledgment, code_of
from ttp.wire.hl7.events import messages_of
from ttp.wire.hl7.message import MAXIMAL_BYTES, read_hl7
from ttp.wire.hl7.source_map import SourceMap, read_source_map

if TYPE_CHECKING:
    from ttp.core.center import Center
    from ttp.core.hospital import Message

_log = logging.getLogger(__name__)

Answer = str | TTPError
"""An outcome, or what was wrong."""
Taker = Callable[[Sequence["Message"]], list[Answer]]
"""Has a center take messages of the core; each is answered once it is committed."""


class NotTaken(Unavailable):
    """The center could not take the message now; send it again."""

    code = "hl7-not-taken"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Reads messages of one source by its map and hands them to the center."""

    source_map: SourceMap
    take: Taker
    largest: int = MAXIMAL_BYTES

    def read(self, raw: bytes) -> list[Message]:
        """What the message says of records; nothing if it is ignored by rule.

        Raises:
            BadRequest, TooMuch: it cannot be understood.
        """
        message = read_hl7(raw, charset=self.source_map.charset, largest=self.largest)
        return messages_of(message, self.source_map)

    def acknowledge(self, raw: bytes) -> bytes:
        """Take the message and answer it; AA only after what it said is committed."""
        problem: TTPError | None = None
        try:
            said = self.read(raw)
            answers = self.take(said) if said else []
            problem = next((one for one in answers if isinstance(one, TTPError)), None)
        except TTPError as error:
            problem = error
        except Exception as error:  # one message must not end the service for all others
            _log.error("An HL7 message was not taken: %s", type(error).__name__)
            problem = NotTaken()
        return self.answer(raw, problem)

    def answer(self, raw: bytes, problem: TTPError | None) -> bytes:
        """The acknowledgment of a message, with what was wrong with it."""
        return acknowledgment(
            raw,
            code=code_of(problem),
            at=datetime.now(UTC),
            control_id=uuid4().hex[:20],
            problem=problem,
        )


def source_map_of(file: Path | None) -> SourceMap:
    """The map of a file, or the default one.

    Raises:
        InvalidField: the file holds no map.
    """
    return SourceMap() if file is None else read_source_map(file.read_text("utf-8"))


def local_taker(center: Center, source: str) -> Taker:
    """Takes messages into the center of a home, in one transaction a call."""
    from ttp.core.access import OPERATOR
    from ttp.services.hospital.take_hospital_messages import take_hospital_messages
    from ttp.services.persons.load_index import load_index

    load_index(center)

    def take(messages: Sequence[Message]) -> list[Answer]:
        answers = center.work.run(
            lambda tx: take_hospital_messages(
                center, tx, OPERATOR, source=source, messages=messages
            )
        )
        return [one if isinstance(one, TTPError) else one.outcome.value for one in answers]

    return take


def remote_taker(url: str, key: str, source: str) -> Taker:
    """Has the center at a URL take messages."""
    from ttp.client import Treuhandstelle
    from ttp.client.answers import Failed

    center = Treuhandstelle(url, key)

    def take(messages: Sequence[Message]) -> list[Answer]:
        answers = center.announce([written(one) for one in messages], source=source)
        return [
            refused(one.code, one.detail) if isinstance(one, Failed) else one.outcome
            for one in answers
        ]

    return take


def refused(code: str, detail: str) -> TTPError:
    """An error as another center told it."""
    error = TTPError(detail)
    error.code = code  # type: ignore[misc] # of this one instance
    return error
