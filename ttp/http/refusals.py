"""Refusals: who was refused what, counted per caller, code and minute; the worker turns them into leaves."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request

from ttp.http.center import the_center, write
from ttp.services.log.record_refusals import count_refusal

REFUSED = frozenset({401, 403, 429})
NOBODY = "unknown"

_log = logging.getLogger("ttp.refusals")


def register_refusals(app: Flask) -> None:
    """Count every answer that refuses for want of credentials, right or budget."""

    @app.after_request
    def count(response: Response) -> Response:
        if response.status_code in REFUSED and request.endpoint is not None:
            _count(str(g.get("actor_name", NOBODY)), f"{response.status_code}:{request.endpoint}")
        return response


def _count(actor: str, code: str) -> None:
    try:
        write(lambda tx: count_refusal(the_center(), tx, actor=actor, code=code))
    except Exception as error:
        _log.error("a refusal was not counted: %s", type(error).__name__)
