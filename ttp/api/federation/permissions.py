"""Permissions over signed requests: the linking center asks before each release, the site answers from its consents."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from ttp.api.bodies import problems
from ttp.api.federation.bodies import SIGNED
from ttp.api.federation.door import PeerBody, answer_signed
from ttp.core.access import Actor
from ttp.core.federation import MAXIMAL_PERMISSIONS, FederationPath
from ttp.http.center import the_center, write
from ttp.services.releases.answer_permissions import answer_permissions

permissions = APIBlueprint(
    "permissions",
    __name__,
    abp_tags=[Tag(name="federation")],
    abp_responses=problems(400, 401, 403, 404, 413, 422, 503),
)


class PermissionsBody(PeerBody):
    """Submission pseudonyms of a project."""

    project: str = Field(min_length=1, max_length=63)
    submissions: list[Annotated[str, Field(min_length=1, max_length=160)]] = Field(
        max_length=MAXIMAL_PERMISSIONS
    )


@permissions.post(
    FederationPath.PERMISSIONS.value, responses=SIGNED, summary="Which submissions may not be used"
)
def refused() -> Response:
    """Answer the project's linking center with the submissions whose persons may no longer be used."""
    return answer_signed(PermissionsBody, _answer)


def _answer(actor: Actor, body: PermissionsBody) -> dict[str, Any]:
    found = write(
        lambda tx: answer_permissions(
            the_center(), tx, actor, project_name=body.project, submissions=body.submissions
        )
    )
    return {"refused": found}
