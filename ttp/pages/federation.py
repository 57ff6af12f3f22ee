"""Projects, peers and releases: what the center takes part in, and the hand-over to researchers."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template

from ttp.core.access import Actor, Right, Role
from ttp.core.peer_logs import AnnouncedRestore, PeerLog
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.core.projects import ProjectState
from ttp.core.releases import Release, ReleaseState
from ttp.http.center import read, the_center, write
from ttp.pages.listed import Filters, listed
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.peers.require_witnessed import peer_log, unwitnessed_peers
from ttp.services.releases.read_release import read_release

_PROJECTS = Filters(tuple(one.value for one in ProjectState))
_PEERS = Filters(tuple(one.value for one in PeerState))
_RELEASES = Filters(tuple(one.value for one in ReleaseState))


@page("/projects", right=Right.READ_PROJECT)
def projects() -> str:
    """All projects with their terms."""
    now = the_center().clock.now()
    actor = person().actor
    found = [one for one in read(lambda tx: tx.projects.all()) if actor.sees(one.name)]
    fits = [one for one in found if _PROJECTS.fits(one.state.value, one.name, *one.terms.sites)]
    return render_template(
        "projects.html", projects=listed("projects", fits), filters=_PROJECTS, now=now
    )


@page("/peers", right=Right.ADMINISTER)
def peers() -> str:
    """All peers with their pinned keys, and how far their logs are witnessed."""
    found = [
        row
        for row in read(_peers)
        if _PEERS.fits(row.peer.state.value, row.peer.name, row.peer.url)
    ]
    return render_template("peers.html", peers=listed("peers", found), filters=_PEERS)


@page("/releases", right=Right.READ_RELEASE)
def releases() -> str:
    """All releases; a researcher sees their own."""
    actor = person().actor
    found = [
        one
        for one in read(lambda tx: _theirs(tx, actor))
        if _RELEASES.fits(one.state.value, one.project, one.researcher or "")
    ]
    return render_template("releases.html", releases=listed("releases", found), filters=_RELEASES)


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


@dataclass(frozen=True, slots=True)
class _PeerRow:
    """A peer, what is known of its log, and whether that is too old."""

    peer: Peer
    log: PeerLog
    announced: AnnouncedRestore | None
    late: bool


def _peers(tx: Transaction) -> list[_PeerRow]:
    late = unwitnessed_peers(the_center(), tx)
    return [
        _PeerRow(one, peer_log(tx, one), tx.peer_logs.announced(one.name), one.name in late)
        for one in tx.peers.all()
    ]


def _theirs(tx: Transaction, actor: Actor) -> list[Release]:
    found = [one for one in tx.releases.all() if actor.sees(one.project)]
    if actor.role is not Role.RESEARCHER:
        return found
    return [release for release in found if release.researcher == actor.name]
