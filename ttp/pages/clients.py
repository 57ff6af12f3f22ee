"""Clients: the programs that may call the API, their roles and domains, keys and grants."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import CLIENT_ROLES, Right, Role
from ttp.core.errors import InvalidField
from ttp.http.center import read, the_center, write
from ttp.pages.listed import Filters, listed
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.access.admit_client import admit_client, revoke_client
from ttp.services.access.end_grant import end_grant, list_grants
from ttp.services.access.issue_api_key import issue_api_key, list_api_keys, revoke_api_key

FILTERS = Filters(("open", "ended"))


@page("/clients", right=Right.ADMINISTER)
def clients() -> str:
    """All clients and a form for a new one."""
    return _shown(None)


@page("/clients", right=Right.ADMINISTER, method="POST")
def admit() -> str:
    """Admit a client; its key is shown this once."""
    form, center, actor = request.form, the_center(), person().actor
    name, role = form.get("name", "").strip(), _role(form.get("role", ""))
    chosen, resolve = form.getlist("domain"), "resolve" in form
    bound = form.getlist("project") or None
    return _shown(
        write(
            lambda tx: admit_client(
                center,
                tx,
                actor,
                name=name,
                role=role,
                domains=chosen,
                resolve=resolve,
                projects=bound,
            )
        )
    )


@page("/clients/revoke", right=Right.ADMINISTER, method="POST")
def revoke() -> Response:
    """End a client's access."""
    name, actor = request.form.get("name", ""), person().actor
    write(lambda tx: revoke_client(the_center(), tx, actor, name=name))
    return go(url_for(".clients"))


@page("/clients/keys", right=Right.ADMINISTER, method="POST")
def issue_key() -> str:
    """Give a client one more key, shown this once."""
    client, label = request.form.get("client", ""), request.form.get("label", "").strip()
    center, actor = the_center(), person().actor
    secret, _ = write(lambda tx: issue_api_key(center, tx, actor, client=client, label=label))
    return _shown(secret)


@page("/clients/keys/revoke", right=Right.ADMINISTER, method="POST")
def revoke_key() -> Response:
    """End one key of a client."""
    client, label = request.form.get("client", ""), request.form.get("label", "")
    center, actor = the_center(), person().actor
    write(lambda tx: revoke_api_key(center, tx, actor, client=client, label=label))
    return go(url_for(".clients"))


@page("/clients/grants/revoke", right=Right.ADMINISTER, method="POST")
def revoke_grant() -> Response:
    """End a grant."""
    center, actor = the_center(), person().actor
    grant_id = _identifier(request.form.get("grant", ""))
    write(lambda tx: end_grant(center, tx, actor, grant_id=grant_id))
    return go(url_for(".clients"))


def _shown(secret: str | None) -> str:
    center, actor = the_center(), person().actor
    found, domains, projects, keys, grants = read(
        lambda tx: (
            tx.clients.all(),
            tx.domains.all(),
            tx.projects.all(),
            list_api_keys(tx, actor),
            list_grants(center, tx, actor),
        )
    )
    now = center.clock.now()
    shown = [one for one in found if _fits(one.revoked_at is None, one.name, *one.domains)]
    keyed = [one for one in keys if _fits(one.key.stands(at=now), one.client, one.key.label)]
    granted = [one for one in grants if _fits(now < one.grant.expires_at, one.client, one.domain)]
    return render_template(
        "clients.html",
        clients=listed("clients", shown),
        open_clients=[one.name for one in found if not one.revoked_at],
        domains=domains,
        projects=projects,
        roles=sorted(CLIENT_ROLES),
        keys=listed("keys", keyed),
        grants=listed("grants", granted),
        filters=FILTERS.asked(),
        secret=secret,
        now=now,
    )


def _fits(stands: bool, *words: str) -> bool:
    """Whether a row is among those the address asks for, by its words and whether it still counts."""
    return FILTERS.fits("open" if stands else "ended", *words)


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidField("This is no grant's ID.") from None


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise InvalidField("There is no such role.") from None
