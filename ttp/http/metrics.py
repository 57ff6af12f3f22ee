"""Metrics: requests by endpoint and status, and their seconds. Endpoints are route names, never paths."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

REQUESTS = Counter("ttp_requests_total", "Requests answered", ["endpoint", "status"])
SECONDS = Histogram("ttp_request_seconds", "Seconds to answer", ["endpoint"])


def register_metrics(app: Flask) -> None:
    """Count every request."""

    @app.before_request
    def start() -> None:
        g.started = time.monotonic()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, str(response.status_code)).inc()
        SECONDS.labels(endpoint).observe(time.monotonic() - g.get("started", time.monotonic()))
        return response
