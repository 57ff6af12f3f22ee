"""The web application: a composition root. Doors, problems and limits come together here and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError

from ttp import __version__
from ttp.api.approvals import api as approvals
from ttp.api.audit import api as audit
from ttp.api.bodies import Problem
from ttp.api.cases import api as cases
from ttp.api.consents import api as consents
from ttp.api.domains import api as domains
from ttp.api.erasures import api as erasures
from ttp.api.events import api as events
from ttp.api.federation.incoming import incoming
from ttp.api.federation.permissions import permissions
from ttp.api.federation.tasks import tasks
from ttp.api.health import health
from ttp.api.hospital import api as hospital
from ttp.api.identities import api as identities
from ttp.api.identity_life import api as identity_life
from ttp.api.matching_models import api as matching_models
from ttp.api.person_pseudonyms import api as person_pseudonyms
from ttp.api.persons import api as persons
from ttp.api.projects import api as projects
from ttp.api.pseudonym_life import api as pseudonym_life
from ttp.api.pseudonyms import api as pseudonyms
from ttp.api.reidentifications import api as reidentifications
from ttp.api.transfers import api as transfers
from ttp.collecting import collect_rarely
from ttp.config import load_settings
from ttp.connecting import connect, connect_providers
from ttp.core.center import Center
from ttp.core.errors import InvalidField, MalformedBody, UnsupportedMediaType
from ttp.core.federation import Peers
from ttp.core.providers import Providers
from ttp.core.webhooks import Targets, WebhookSender
from ttp.core_dumps import hide_memory
from ttp.fhir.door import fhir
from ttp.gateways.entici import entici
from ttp.gateways.fts import fts
from ttp.gateways.gpas.door import gpas
from ttp.gateways.vfps.fhir import vfps_fhir
from ttp.gateways.vfps.rest import vfps
from ttp.http.acknowledgment import register_acknowledgment
from ttp.http.authentication import register_authentication
from ttp.http.center import (
    attach_center,
    attach_peers,
    attach_providers,
    attach_webhook_sender,
    the_center,
)
from ttp.http.headers import register_headers
from ttp.http.joint_issuing import register_joint_issuing
from ttp.http.joint_registering import register_joint_registering
from ttp.http.limits import register_limits
from ttp.http.lines import NDJSON, register_lines
from ttp.http.metrics import register_metrics
from ttp.http.problems import problem_of, problem_response, register_problems, status_of
from ttp.http.refusals import register_refusals
from ttp.opening import open_center
from ttp.orphans import end_with_parent
from ttp.pages.door import pages
from ttp.peering.webhooks import HttpWebhookSender
from ttp.reading_ahead import read_ahead

_APIS = (
    domains,
    pseudonyms,
    pseudonym_life,
    person_pseudonyms,
    erasures,
    identities,
    hospital,
    consents,
    projects,
    incoming,
    tasks,
    permissions,
    audit,
    approvals,
    cases,
    matching_models,
    persons,
    identity_life,
    reidentifications,
    events,
    transfers,
)
_DOORS = (health, fhir, gpas, entici, vfps_fhir, vfps, fts, pages)


def create_app(
    center: Center,
    *,
    peers: Peers | None = None,
    providers: Providers | None = None,
    sender: WebhookSender | None = None,
) -> Flask:
    """The application that serves this center and asks ``peers``, by default over HTTP, and ``providers``.

    ``sender`` tries webhooks; by default nothing leaves.
    """
    app = OpenAPI(
        "ttp",
        info=Info(title="Treuhandstelle", version=__version__),
        security_schemes={"apiKey": {"type": "http", "scheme": "bearer"}},
        validation_error_callback=_invalid,
        validation_error_model=Problem,
        doc_ui=False,
        doc_prefix="",
        static_folder=None,
    )
    attach_center(app, center)
    attach_peers(app, peers or connect(center))
    attach_providers(app, providers or {})
    attach_webhook_sender(app, sender or HttpWebhookSender(Targets.NONE))
    for register in (
        register_problems,
        register_limits,
        register_headers,
        register_metrics,
        register_refusals,
        register_lines,
        register_acknowledgment,
        register_authentication,
        register_joint_issuing,
        register_joint_registering,
    ):
        register(app)
    for api in _APIS:
        app.register_api(api)
    for door in _DOORS:
        app.register_blueprint(door)
    app.add_url_rule("/openapi.json", "openapi", lambda: _described(app))
    return app


def from_environment() -> Flask:
    """The application of the home in ``TTP_HOME``; what the web server calls in each of its processes."""
    hide_memory()
    end_with_parent()
    settings = load_settings(Path(os.environ["TTP_HOME"]))
    center = open_center(settings)
    sender = HttpWebhookSender(Targets(settings.webhook_targets))
    app = create_app(center, providers=connect_providers(center, settings.issuer), sender=sender)
    collect_rarely()
    with app.app_context():
        read_ahead(the_center())
    return app


def _invalid(error: ValidationError) -> Response:
    """A body that does not fit: its fields and reasons, never its values."""
    if request.content_length and not (request.is_json or request.mimetype == NDJSON):
        return _refused(UnsupportedMediaType())
    if request.data and request.get_json(silent=True) is None:
        return _refused(MalformedBody())
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    if any(not problem["loc"] and problem["type"] == "model_type" for problem in problems):
        return _refused(InvalidField("The body has to be a JSON object."))
    fields = [
        {"field": _dotted(problem["loc"], problem["type"]), "reason": problem["type"]}
        for problem in problems
    ]
    return _refused(InvalidField("The request does not have the form it needs.", fields=fields))


def _refused(error: Exception) -> Response:
    return problem_response(status_of(error), problem_of(error))


def _dotted(location: tuple[Any, ...], reason: str) -> str:
    """The place of a field. A name the caller made up is not repeated: it may hold a value."""
    known = (*location[:-1], "?") if reason == "extra_forbidden" else location
    return ".".join(map(str, known))


def _described(app: OpenAPI) -> Response:
    return Response(app.json.dumps(app.api_doc), mimetype="application/json")
