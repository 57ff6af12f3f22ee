"""The life of identities on a person's page: rest, return, preference, deletion by two persons, subject access."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import orjson
from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.errors import InvalidField
from ttp.core.identity_life import ChangeReason, IdentityInUse, UnknownIdentity
from ttp.core.names import IdentityId, PersonId
from ttp.core.ports import Transaction
from ttp.http.center import the_center, write
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.persons.access_subject import access_subject, request_subject_access
from ttp.services.persons.change_identities import (
    deactivate_identities,
    prefer_identity,
    reactivate_identities,
)
from ttp.services.persons.delete_identities import Hanging, deletion_receipt, request_deletion
from ttp.wire.subject_access import as_html

Choice = TypeVar("Choice", bound=StrEnum)


@page("/persons/<uuid:person_id>/rest", right=Right.MANAGE_PERSON, method="POST")
def rest_identity(person_id: UUID) -> Response:
    """Match an identity no more; its automatic links end only if that is ticked."""
    actor, reason = person().actor, _one_of(ChangeReason, request.form.get("reason", ""))
    end_links = "end_links" in request.form
    return _changed(
        person_id,
        "rested",
        lambda tx, one: deactivate_identities(
            the_center(), tx, actor, identities=[one], reason=reason, end_links=end_links
        ),
    )


@page("/persons/<uuid:person_id>/wake", right=Right.MANAGE_PERSON, method="POST")
def wake_identity(person_id: UUID) -> Response:
    """Match an identity again, as if it had just come."""
    actor, reason = person().actor, _one_of(ChangeReason, request.form.get("reason", ""))
    return _changed(
        person_id,
        "woken",
        lambda tx, one: reactivate_identities(
            the_center(), tx, actor, identities=[one], reason=reason
        ),
    )


@page("/persons/<uuid:person_id>/prefer", right=Right.MANAGE_PERSON, method="POST")
def prefer(person_id: UUID) -> Response:
    """Let an identity speak for the person, or let the order of sources decide again."""
    actor, pinned = person().actor, request.form.get("pinned", "") == "1"
    return _changed(
        person_id,
        "preferred" if pinned else "unpreferred",
        lambda tx, one: prefer_identity(the_center(), tx, actor, identity=one, pinned=pinned),
    )


@page("/persons/<uuid:person_id>/delete", right=Right.MANAGE_PERSON, method="POST")
def delete_identity(person_id: UUID) -> Response | tuple[str, int]:
    """Ask for deletion; what hangs on the identities and was not named is shown first, with its numbers."""
    form, actor = request.form, person().actor
    chosen = [_identity(one) for one in form.getlist("identity")]
    if not chosen:
        raise InvalidField("Choose at least one identity.")
    reason = _one_of(ChangeReason, form.get("reason", ""))
    named = [_one_of(Hanging, one) for one in form.getlist("named")]

    def ask(tx: Transaction) -> UUID:
        _require_members(tx, person_id, chosen)
        return request_deletion(
            the_center(),
            tx,
            actor,
            identities=chosen,
            reason=reason,
            note=form.get("note", ""),
            named=named,
        ).id

    try:
        return go(url_for(".approval", approval_id=write(ask)))
    except IdentityInUse as found:
        ties = found.facts
    known = {"person": person_id, "chosen": chosen, "reason": reason, "note": form.get("note", "")}
    return render_template("person_deletion.html", ties=ties, named=named, **known), 409


@page("/persons/<uuid:person_id>/access", right=Right.MANAGE_PERSON, method="POST")
def ask_for_access(person_id: UUID) -> Response:
    """Ask to have everything put together that is held about the person."""
    actor, note = person().actor, request.form.get("note", "")
    asked = write(
        lambda tx: request_subject_access(
            the_center(), tx, actor, person=PersonId(person_id), note=note
        )
    )
    return go(url_for(".approval", approval_id=asked.id))


@page("/approvals/<uuid:approval_id>/access", right=Right.MANAGE_PERSON, method="POST")
def carry_out_access(approval_id: UUID) -> Response:
    """The document of an approved subject access as a file, once; no browser keeps it elsewhere."""
    report = access_subject(the_center(), person().actor, approval_id=approval_id)
    return _file(as_html(report).encode(), "text/html", "auskunft.html")


@page("/approvals/<uuid:approval_id>/receipt", right=Right.MANAGE_PERSON)
def deletion_proof(approval_id: UUID) -> Response:
    """The signed receipt of a deletion as a file."""
    receipt = deletion_receipt(the_center(), person().actor, approval_id=approval_id)
    return _file(orjson.dumps(receipt), "application/json", f"receipt-{approval_id}.json")


def _changed(person_id: UUID, done: str, act: Callable[[Transaction, IdentityId], int]) -> Response:
    """Do it, and show the person that the identity belongs to afterwards with what was done."""
    identity = _identity(request.form.get("identity", ""))

    def step(tx: Transaction) -> tuple[int, PersonId]:
        _require_members(tx, person_id, [identity])
        many = act(tx, identity)
        return many, tx.identities.get([identity])[identity].person

    many, whose = write(step)
    return go(url_for(".show", person_id=whose, done=done if many else "nothing"))


def _require_members(tx: Transaction, person_id: UUID, chosen: list[IdentityId]) -> None:
    members = {one.id for one in tx.identities.members([PersonId(person_id)])}
    if not members.issuperset(chosen):
        raise UnknownIdentity


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _identity(text: str) -> IdentityId:
    try:
        return IdentityId(UUID(text))
    except ValueError:
        raise InvalidField("This is no identity's ID.") from None


def _one_of(choices: type[Choice], text: str) -> Choice:
    try:
        return choices(text)
    except ValueError:
        raise InvalidField("There is no such choice.") from None
