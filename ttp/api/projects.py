"""Projects and releases over JSON, for researchers' and sites' programs: read projects, download releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import answer, problems
from ttp.core.access import Right
from ttp.core.projects import Project, ProjectState
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center, write
from ttp.services.projects.propose_project import terms_document
from ttp.services.releases.read_release import read_release

api = APIBlueprint(
    "projects",
    __name__,
    url_prefix="/api/v1/projects",
    abp_tags=[Tag(name="projects")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(401, 403, 404, 422, 503),
)

TAR = "application/x-tar"


class ReleasePath(BaseModel):
    """A release, by project and version."""

    project: str
    version: int = Field(ge=1)


class ProjectEntry(BaseModel):
    """The terms of a project, and where it stands here."""

    name: str
    purpose: str
    sites: list[str]
    linking_center: str
    secret_holder: str
    schema_name: str = Field(alias="schema", description="of the encodings")
    schema_fingerprint: str
    policies: list[str]
    expires_at: datetime
    state: ProjectState
    approved_by: str | None


class ProjectList(BaseModel):
    """The projects of this center that the caller is not kept from."""

    projects: list[ProjectEntry]


_RELEASE = {"content": {TAR: {"schema": {"type": "string", "format": "binary"}}}}


@api.get("", responses={200: ProjectList}, summary="List projects")
def list_projects() -> Response:
    """Answer with the projects of this center that the caller is not kept from."""
    actor = calling_actor()
    actor.require(Right.READ_PROJECT)
    projects = [one for one in read(lambda tx: tx.projects.all()) if actor.sees(one.name)]
    return answer({"projects": [_project(project) for project in projects]})


@api.get(
    "/<string:project>/releases/<int:version>",
    responses={200: _RELEASE},
    summary="Download a release",
)
def download(path: ReleasePath) -> Response:
    """Answer with the tar of a release made for the calling researcher."""
    actor = calling_actor()
    archive = write(
        lambda tx: read_release(
            the_center(), tx, actor, project_name=path.project, version=path.version
        )
    )
    name = f"{path.project}-{path.version}.tar"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(archive, mimetype=TAR, headers=disposition)


def _project(project: Project) -> dict[str, Any]:
    return {
        **terms_document(project.terms),
        "state": project.state.value,
        "approved_by": project.approved_by,
    }
