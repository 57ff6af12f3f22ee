"""Split a person: staff tick the records that go, see who would survive, and only then decide; nothing is in a URL."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.decisions import Settled, Wish
from ttp.core.errors import InvalidField
from ttp.core.glimpse import glimpse
from ttp.core.impact import Impact
from ttp.core.names import CaseId, IdentityId, PersonId
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.http.center import the_center, write
from ttp.pages.case_forms import read_reason
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.cases.name_survivors import Survivor, name_survivors
from ttp.services.cases.read_queue import foresee
from ttp.services.cases.split_person import split_person
from ttp.services.persons.show_person import PersonView, show_person

GLIMPSED = ("given_name", "surname", "birth_date")
_KEPT = ("reason", "note")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would change, and who there would be then."""

    impact: Impact
    survivors: list[Survivor]

    @property
    def fresh(self) -> int:
        """How many pseudonyms would be drawn."""
        return sum(kept.fresh for one in self.survivors for kept in one.pseudonyms)


@page("/persons/<uuid:person_id>/split", right=Right.REVIEW)
def split(person_id: UUID) -> str:
    """The records of a person, to be ticked."""
    return _shown(_view(PersonId(person_id)), None)


@page("/persons/<uuid:person_id>/split", right=Right.REVIEW, method="POST")
def preview_split(person_id: UUID) -> str:
    """What it would change if the ticked records left; nothing is changed."""
    read_reason(request.form, Verdict.SPLIT)
    view = _view(PersonId(person_id))
    leaving = _identities("leaving")
    if not set(leaving) < {one.identity for one in view.members}:
        raise InvalidField("Some records of one person leave it, and some stay.")
    wish = Wish(Verdict.SPLIT, "", leaving=tuple(leaving))
    return _shown(view, write(lambda tx: foreseen(tx, wish)))


@page("/persons/<uuid:person_id>/split/decision", right=Right.REVIEW, method="POST")
def decide_split(person_id: UUID) -> Response:
    """Split the person as it was foreseen; its case offers to undo it."""
    center, actor = the_center(), person().actor
    reason = read_reason(request.form, Verdict.SPLIT)
    seen, leaving = _identities("seen"), _identities("leaving")

    def act(tx: Transaction) -> tuple[Settled, CaseId | None]:
        done = split_person(
            center,
            tx,
            actor,
            person=PersonId(person_id),
            seen=seen,
            leaving=leaving,
            reason=reason,
        )
        return done, tx.review.decision(done.decision).case_id if done.decision else None

    done, case_id = write(act)
    if case_id is None:
        return go(url_for(".approvals", kind="decision", state="open"))
    return go(url_for(".case", case_id=case_id, decided=done.decision))


def foreseen(tx: Transaction, wish: Wish) -> Foreseen:
    """What the wish would change, and who would survive it; that records were shown is recorded."""
    center, actor = the_center(), person().actor
    plan, impact = foresee(center, tx, actor, wish=wish)
    return Foreseen(impact, name_survivors(center, tx, actor, plan=plan, impact=impact))


def _view(person_id: PersonId) -> PersonView:
    center, actor = the_center(), person().actor
    return write(lambda tx: show_person(center, tx, actor, person=person_id))


def _identities(name: str) -> list[IdentityId]:
    try:
        return [IdentityId(UUID(text)) for text in request.form.getlist(name)]
    except ValueError:
        raise InvalidField("The form names a record that cannot be read.") from None


def _shown(view: PersonView, found: Foreseen | None) -> str:
    return render_template(
        "split.html",
        view=view,
        found=found,
        leaving=set(_identities("leaving")),
        given=[(name, request.form.get(name, "")) for name in _KEPT],
        reasons=the_center().desk.reasons,
        glimpse=glimpse,
        glimpsed=GLIMPSED,
    )
