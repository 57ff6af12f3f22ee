"""The API's documentation in a browser, served from here; it reads ``/openapi.json`` and asks no other host."""

from __future__ import annotations

from flask import render_template

from ttp.pages.routing import page


@page("/docs", public=True)
def docs() -> str:
    """The operations of the API, to read and to try."""
    return render_template("docs.html")
