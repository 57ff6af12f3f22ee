"""Limits: sizes that a request may have; everything larger is refused before it is read."""

from __future__ import annotations

from flask import Flask

MAXIMAL_BODY_BYTES = 32 * 1024 * 1024


def register_limits(app: Flask) -> None:
    """Refuse bodies above 32 MiB with 413."""
    app.config["MAX_CONTENT_LENGTH"] = MAXIMAL_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAXIMAL_BODY_BYTES
