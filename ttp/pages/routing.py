"""Routing: a page declares the right it needs; without the declaration there is no page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, make_response, redirect, request

from ttp.core.access import Right
from ttp.pages.blueprint import pages
from ttp.pages.sessions import check_form, person

View = Callable[..., "str | Response | tuple[str, int]"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page or form. ``right`` None: any person who has logged in; ``public``: everybody.

    ``enrolling``: also for those who have yet to set up the second factor they need.
    """

    rule: str
    method: str
    endpoint: str
    right: Right | None
    public: bool
    enrolling: bool = False


PAGES: list[Page] = []


def page(
    rule: str,
    *,
    right: Right | None = None,
    public: bool = False,
    enrolling: bool = False,
    foreign: bool = False,
    method: str = "GET",
) -> Callable[[View], View]:
    """Register a view. Forms are checked for their token, unless a ``foreign`` program sends them with a proof."""

    def register(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Any:
            if not public:
                actor = person(enrolling=enrolling).actor
                if right is not None:
                    actor.require(right)
            if request.method == "POST" and not foreign:
                check_form()
            return view(**arguments)

        PAGES.append(Page(rule, method, view.__name__, right, public, enrolling))
        pages.add_url_rule(rule, view.__name__, guarded, methods=[method])
        return view

    return register


def go(target: str) -> Response:
    """Send the browser on after a form, so that loading the page again repeats nothing (303)."""
    return make_response(redirect(target, 303))
