"""Assets: scripts, styles and fonts come from this center alone, under a path that changes with their content."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Response, abort, send_from_directory, url_for

from keys.digests import sha256
from ttp.pages.blueprint import pages

FOLDER = Path(__file__).parent / "static"
BUILT = FOLDER / "vendor" / "kern" / "kern.min.css"
FOREVER = "public, max-age=31536000, immutable"


@cache
def version() -> str:
    """A digest over every served file; a new build is a new path, so that browsers may keep the old one for ever."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    names = [path.relative_to(FOLDER).as_posix().encode() for path in files]
    parts = [name + sha256(path.read_bytes()) for name, path in zip(names, files, strict=True)]
    return sha256(b"\x00".join(parts)).hex()[:16]


def built() -> bool:
    """Whether the assets from the npm lock file are there."""
    return BUILT.exists()


@pages.app_template_global()
def asset(name: str) -> str:
    """The path of a file in ``static/``."""
    return url_for("pages.static_file", build=version(), name=name)


@pages.get("/static/<build>/<path:name>")
def static_file(build: str, name: str) -> Response:
    """A file of this build; an old path is answered 404 rather than with other content."""
    if build != version():
        abort(404)
    response = send_from_directory(FOLDER, name)
    response.headers["Cache-Control"] = FOREVER
    return response
