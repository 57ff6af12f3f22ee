"""The anchor in the home: the file ``witnessed.note``, replaced as a whole when a newer checkpoint was witnessed."""

from __future__ import annotations

from pathlib import Path

from keys.durable import replace_durably

ANCHOR_FILE = "witnessed.note"


class FileAnchor:
    """The anchor of a home. A process that has seen it is not deceived by its disappearance."""

    def __init__(self, home: Path) -> None:
        self._path = home / ANCHOR_FILE
        self._seen: str | None = None

    def read(self) -> str | None:
        """The note; None where there never was one, or it was gone before this process looked."""
        try:
            self._seen = self._path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return self._seen
        return self._seen

    def write(self, note: str) -> None:
        """Keep this note instead; it survives a power cut once this returns."""
        replace_durably(self._path, note.encode())
        self._seen = note
