"""Staff: accounts, their roles and limits. What needs two persons waits among the approvals."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import STAFF_ROLES, Right, Role
from ttp.core.accounts import Staff
from ttp.core.errors import InvalidField, NotFound
from ttp.core.ports import Transaction
from ttp.http.center import read, the_center, write
from ttp.pages.languages import LANGUAGES
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.access.limit_account import limit_account
from ttp.services.access.request_role import (
    RequestedAccount,
    request_account,
    request_disabling,
    request_role,
)
from ttp.services.access.set_second_factor import remove_second_factor

PAGE = 25
ROLES = tuple(sorted(STAFF_ROLES))


@page("/staff", right=Right.ADMINISTER)
def staff() -> str:
    """Accounts by name, filtered, and a form for a new one."""
    return _listed(None)


@page("/staff", right=Right.ADMINISTER, method="POST")
def open_staff() -> str:
    """Open an account; its password is shown this once."""
    form, center, actor = request.form, the_center(), person().actor
    made = write(
        lambda tx: request_account(
            center,
            tx,
            actor,
            name=form.get("name", "").strip(),
            role=_role(form.get("role", "")),
            display_name=form.get("display_name", "").strip(),
            language=form.get("language", center.language),
        )
    )
    return _listed(made)


@page("/staff/<uuid:staff_id>", right=Right.ADMINISTER)
def staff_member(staff_id: UUID) -> str:
    """One account with the forms to change it."""
    account, domains, projects = read(
        lambda tx: (_account(tx, staff_id), tx.domains.all(), tx.projects.all())
    )
    return render_template(
        "staff_member.html", account=account, domains=domains, projects=projects, roles=ROLES
    )


@page("/staff/<uuid:staff_id>/role", right=Right.ADMINISTER, method="POST")
def change_staff_role(staff_id: UUID) -> Response:
    """Give another role, at once or once a second person agrees."""
    role, actor = _role(request.form.get("role", "")), person().actor
    return _asked(
        staff_id, lambda tx, name: request_role(the_center(), tx, actor, name=name, role=role)
    )


@page("/staff/<uuid:staff_id>/limits", right=Right.ADMINISTER, method="POST")
def limit_staff(staff_id: UUID) -> Response:
    """Keep an account to the domains and projects ticked; none ticked is no limit."""
    domains, projects = request.form.getlist("domain"), request.form.getlist("project")
    actor = person().actor
    return _asked(
        staff_id,
        lambda tx, name: limit_account(
            the_center(), tx, actor, name=name, domains=domains or None, projects=projects or None
        ),
    )


@page("/staff/<uuid:staff_id>/second-factor", right=Right.ADMINISTER, method="POST")
def reset_factor(staff_id: UUID) -> Response:
    """Take away a second factor whose device is lost."""
    actor = person().actor
    return _asked(
        staff_id, lambda tx, name: remove_second_factor(the_center(), tx, actor, name=name)
    )


@page("/staff/<uuid:staff_id>/disable", right=Right.ADMINISTER, method="POST")
def disable_staff(staff_id: UUID) -> Response:
    """End an account, at once or once a second person agrees."""
    actor = person().actor
    return _asked(staff_id, lambda tx, name: request_disabling(the_center(), tx, actor, name=name))


def _asked(staff_id: UUID, act: Callable[[Transaction, str], object]) -> Response:
    """Do it; what waits for a second person leads to the approvals."""
    waits = write(lambda tx: act(tx, _account(tx, staff_id).name))
    if waits is not None:
        return go(url_for(".approvals"))
    return go(url_for(".staff", changed=1))


def _listed(made: RequestedAccount | None) -> str:
    asked = request.args
    accounts = [one for one in read(lambda tx: tx.staff.all()) if _fits(one)]
    after = asked.get("after", "")
    behind = [one for one in accounts if one.name > after]
    return render_template(
        "staff.html",
        accounts=behind[:PAGE],
        more=behind[PAGE - 1].name if len(behind) > PAGE else None,
        made=made,
        roles=ROLES,
        languages=LANGUAGES,
        filters={name: value for name, value in asked.items() if value and name != "after"},
    )


def _fits(one: Staff) -> bool:
    asked = request.args
    text, role, state = (asked.get(name, "").strip() for name in ("text", "role", "state"))
    named = text.casefold() in f"{one.name} {one.display_name}".casefold()
    stands = not state or (state == "open") is (one.disabled_at is None)
    return named and (not role or one.role.value == role) and stands


def _account(tx: Transaction, staff_id: UUID) -> Staff:
    found = next((one for one in tx.staff.all() if one.id == staff_id), None)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def _role(text: str) -> Role:
    if text not in ROLES:
        raise InvalidField("There is no such role.")
    return Role(text)
