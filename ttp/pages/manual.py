"""The manual: keys and words, for everybody."""

from __future__ import annotations

from flask import render_template

from ttp.pages.routing import page

KEYS = (
    ("g", "same"),
    ("v", "different"),
    ("s", "later"),
    ("1 … 9", "reason"),
    ("e", "exclude"),
    ("x", "uncover"),
    ("w", "impact"),
    ("u", "take_over"),
    ("z", "undo"),
    ("a", "reveal"),
    ("n", "next"),
    ("p", "previous"),
    ("Esc", "escape"),
    ("?", "help"),
)
WORDS = (
    "domain",
    "original",
    "pseudonym",
    "identity",
    "person",
    "possible_match",
    "case",
    "decision",
    "kept_apart",
    "encoding",
    "project",
    "release",
    "checkpoint",
    "four_eyes",
)


@page("/help", public=True)
def manual() -> str:
    """Keys of the review page and a glossary."""
    return render_template("manual.html", words=WORDS)
