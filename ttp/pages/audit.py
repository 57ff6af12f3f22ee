"""The audit log, newest first: who did what, when, why, and the checkpoint that covers it."""

from __future__ import annotations

from flask import render_template, request

from ttp.core.access import Right
from ttp.http.center import the_center, write
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.log.list_leaves import LeafFilter, list_leaves

FILTERS = ("action", "name", "domain", "first", "last")


@page("/audit", right=Right.READ_AUDIT)
def audit() -> str:
    """A page of leaves, filtered by action, actor, domain and days."""
    actor, asked = person().actor, request.args
    filters = {name: asked.get(name, "").strip() for name in FILTERS}
    wanted = LeafFilter(**filters)
    before = asked.get("before", type=int)
    found = write(lambda tx: list_leaves(the_center(), tx, actor, before=before, wanted=wanted))
    return render_template("audit.html", page=found, filters=filters, before=before)
