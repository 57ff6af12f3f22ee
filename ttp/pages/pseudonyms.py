"""Pseudonyms: one looked up by an original or by itself, what became of it, and what hangs together with it.

Values come by form and never stand in a URL. Originals are not told here: for that two persons have to agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template, request

from ttp.core.access import Actor, Right
from ttp.core.errors import InvalidField, NotFound, TTPError
from ttp.core.ports import Transaction
from ttp.core.pseudonym_states import Standing
from ttp.core.pseudonym_tree import Tree
from ttp.http.center import read, the_center, write
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals, delete_pseudonyms
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.services.pseudonyms.judge_pseudonyms import judge_pseudonyms
from ttp.services.pseudonyms.trace_pseudonyms import trace_pseudonyms


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows of a value. ``problem``: a flaw or the code of an error; ``done``: what was just done."""

    domain: str
    value: str
    kind: str
    standing: Standing | None = None
    tree: Tree | None = None
    problem: str = ""
    done: str = ""
    deletable: bool = False


@page("/pseudonyms", right=Right.LOOKUP)
def pseudonyms() -> Response:
    """The form of the search."""
    return _shown(None)


@page("/pseudonyms", right=Right.LOOKUP, method="POST")
def search_pseudonyms() -> Response:
    """One value of a domain: its life, and the tree around it."""
    return _shown(write(lambda tx: _found(tx, person().actor)))


@page("/pseudonyms/create", right=Right.ISSUE, method="POST")
def create_pseudonym() -> Response:
    """Draw a pseudonym for an original, and show it."""

    def step(tx: Transaction) -> Found:
        domain, value = request.form.get("domain", ""), request.form.get("value", "")
        asked = {"domain_name": domain, "originals": [value]}
        actor, center = person().actor, the_center()
        if tx.domains.get(domain).multi:
            issue_secondary_pseudonyms(center, tx, actor, count=1, atomic=True, **asked)  # type: ignore[arg-type] # names and types are those of the service
        else:
            issue_pseudonyms(center, tx, actor, atomic=True, **asked)  # type: ignore[arg-type] # as above
        return _found(tx, actor, done="created")

    return _shown(write(step))


@page("/pseudonyms/end", right=Right.ANONYMIZE, method="POST")
def end_pseudonym() -> Response:
    """End the link of an original for good, once it was confirmed."""
    if "sure" not in request.form:
        raise InvalidField("Confirm that the link shall end for good.")
    deletes = request.form.get("way") == "delete"
    end = delete_pseudonyms if deletes else anonymize_originals

    def step(tx: Transaction) -> Found:
        domain, value = request.form.get("domain", ""), request.form.get("value", "")
        end(the_center(), tx, person().actor, domain_name=domain, originals=[value], atomic=True)
        return Found(domain, "", "original", done="deleted" if deletes else "anonymized")

    return _shown(write(step))


def _found(tx: Transaction, actor: Actor, *, done: str = "") -> Found:
    form, center = request.form, the_center()
    name, value, kind = form.get("domain", ""), form.get("value", ""), form.get("kind", "original")
    domain = tx.domains.get(name)
    standing = None
    if kind == "pseudonym":
        (judged,) = judge_pseudonyms(
            center, tx, actor, domain_name=name, pseudonyms=[value], exists=True
        )
        standing = judged.standing
        if judged.flaw or standing is None:
            return Found(name, value, kind, problem=judged.flaw or "unknown-pseudonym")
    asked = {"pseudonym" if kind == "pseudonym" else "original": value}
    try:
        tree = trace_pseudonyms(center, tx, actor, domain_name=name, **asked)
    except NotFound as error:
        return Found(name, value, kind, standing, problem="" if standing else error.code)
    except TTPError as error:
        return Found(name, "", kind, problem=error.code)
    return Found(name, value, kind, standing, tree, done=done, deletable=domain.deletable)


def _shown(found: Found | None) -> Response:
    """The page; no browser and no proxy keeps it."""
    actor = person().actor
    known = read(lambda tx: [domain.name for domain in tx.domains.all()])
    own = [name for name in known if actor.domains is None or name in actor.domains]
    response = make_response(render_template("pseudonyms.html", found=found, domains=own))
    response.headers["Cache-Control"] = "no-store"
    return response
