"""Cases."""

from __future__ import annotations

from ttp.core.access import Right
from ttp.pages.routing import page


@page("/cases", right=Right.REVIEW)
def cases() -> str:
    return ""


@page("/cases/first", right=Right.REVIEW)
def first_case() -> str:
    return ""


@page("/decisions", right=Right.REVIEW)
def decisions() -> str:
    return ""


@page("/persons", right=Right.READ_PERSON)
def persons() -> str:
    return ""
