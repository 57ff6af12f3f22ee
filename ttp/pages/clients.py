"""Clients: the programs that may call the API, their roles and domains."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from ttp.core.access import CLIENT_ROLES, Right, Role
from ttp.core.errors import InvalidField
from ttp.http.center import read, the_center, write
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.admit_client import admit_client, revoke_client


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
    return _shown(
        write(
            lambda tx: admit_client(
                center, tx, actor, name=name, role=role, domains=chosen, resolve=resolve
            )
        )
    )


@page("/clients/revoke", right=Right.ADMINISTER, method="POST")
def revoke() -> Response:
    """End a client's access."""
    name, actor = request.form.get("name", ""), person().actor
    write(lambda tx: revoke_client(the_center(), tx, actor, name=name))
    return go(url_for(".clients"))


def _shown(key: str | None) -> str:
    found, domains = read(lambda tx: (tx.clients.all(), tx.domains.all()))
    roles = sorted(CLIENT_ROLES)
    return render_template("clients.html", clients=found, domains=domains, roles=roles, key=key)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise InvalidField("There is no such role.") from None
