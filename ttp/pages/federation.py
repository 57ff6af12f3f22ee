"""Projects, peers and releases: what the center takes part in, and the hand-over to researchers."""

from __future__ import annotations

from flask import Response, render_template

from ttp.core.access import Actor, Right, Role
from ttp.core.ports import Transaction
from ttp.core.releases import Release
from ttp.http.center import read, the_center, write
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.read_release import read_release


@page("/projects", right=Right.READ_PROJECT)
def projects() -> str:
    """All projects with their terms."""
    now = the_center().clock.now()
    actor = person().actor
    found = [one for one in read(lambda tx: tx.projects.all()) if actor.sees(one.name)]
    return render_template("projects.html", projects=found, now=now)


@page("/peers", right=Right.ADMINISTER)
def peers() -> str:
    """All peers with their pinned keys."""
    return render_template("peers.html", peers=read(lambda tx: tx.peers.all()))


@page("/releases", right=Right.READ_RELEASE)
def releases() -> str:
    """All releases; a researcher sees their own."""
    actor = person().actor
    return render_template("releases.html", releases=read(lambda tx: _theirs(tx, actor)))


@page("/releases/<project>/<int:version>", right=Right.READ_RELEASE)
def download(project: str, version: int) -> Response:
    """The archive of a published release."""
    center, actor = the_center(), person().actor
    archive = write(
        lambda tx: read_release(center, tx, actor, project_name=project, version=version)
    )
    response = Response(archive, mimetype="application/x-tar")
    response.headers.set("Content-Disposition", "attachment", filename=f"{project}-{version}.tar")
    return response


def _theirs(tx: Transaction, actor: Actor) -> list[Release]:
    found = [one for one in tx.releases.all() if actor.sees(one.project)]
    if actor.role is not Role.RESEARCHER:
        return found
    return [release for release in found if release.researcher == actor.name]
