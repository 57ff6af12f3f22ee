"""Approvals: what one person asked for waits here for another one's yes or no."""

from __future__ import annotations

from flask import render_template

from ttp.core.access import Right
from ttp.http.center import read
from ttp.pages.routing import page


@page("/approvals", right=Right.APPROVE)
def approvals() -> str:
    """Open requests, then decided ones."""
    found = read(lambda tx: tx.approvals.all())
    return render_template("approvals.html", approvals=found)
