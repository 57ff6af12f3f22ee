"""The dashboard: what waits, what there is, and how the center stands."""

from __future__ import annotations

from flask import render_template

from ttp.http.center import read
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.show_overview import show_overview


@page("/")
def dashboard() -> str:
    """The first page after the login."""
    actor = person().actor
    return render_template("dashboard.html", overview=read(lambda tx: show_overview(tx, actor)))
