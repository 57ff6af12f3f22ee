"""Health: is the process alive, can it serve; metrics without a label that comes from a patient."""

from __future__ import annotations

import os

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from ttp.api.bodies import answer
from ttp.http.center import read, the_center
from ttp.services.peers.require_witnessed import unwitnessed_peers
from ttp.services.persons.load_index import index_is_loading

health = Blueprint("health", __name__)


@health.get("/livez")
def live() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@health.get("/readyz")
def ready() -> Response:
    """The center can serve: database reachable, keys open. Says which role it plays and whether one person suffices."""
    center = the_center()
    checkpoint = read(lambda tx: tx.audit.latest_checkpoint())
    doubt = read(lambda tx: tx.standing.doubt())
    checked = read(lambda tx: tx.log_checks.latest())
    loading = read(lambda tx: index_is_loading(center, tx))
    return answer(
        {
            "status": f"read-only: {doubt.code}" if doubt else "ready",
            "center": center.name,
            "role": center.role.value,
            "four_eyes": "demo" if center.alone else "required",
            "matching": "index loading" if loading else "ready",
            "audit_flaw": checked.flaw if checked else None,
            "audit_size": checkpoint.size if checkpoint else 0,
            "peers_not_witnessed": read(lambda tx: unwitnessed_peers(center, tx)),
        }
    )


@health.get("/metrics")
def metrics() -> Response:
    """Counters in the Prometheus text format."""
    return Response(generate_latest(_all_processes()), content_type=CONTENT_TYPE_LATEST)


def _all_processes() -> CollectorRegistry:
    """The counters of every web process of this host, where the supervisor gave them a common folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library leaves it untyped
    return registry
