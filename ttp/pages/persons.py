"""Persons: found by what one knows of them, shown by a glimpse, revealed with a reason; nothing goes into a URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import render_template, request

from ttp.core.access import Right
from ttp.core.glimpse import glimpse
from ttp.core.identifying_data import FIELDS
from ttp.core.identity_life import ChangeReason
from ttp.core.names import PersonId
from ttp.core.persons import Edge
from ttp.core.ports import Transaction
from ttp.core.review import ReviewCase
from ttp.http.center import the_center, write
from ttp.pages.listed import PAGE
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.persons.search_persons import FoundRecord, search_by_fields, search_by_key
from ttp.services.persons.show_person import Member, PersonView, show_person

ANSWERS = ("rested", "woken", "preferred", "unpreferred", "nothing")
ASKED = tuple(field for field in FIELDS if field not in {"birth_name", "sex"})


@dataclass(frozen=True, slots=True)
class Column:
    """A field and its value in each record beside each other, as shown."""

    field: str
    values: list[str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to a person: ``record``, ``same``, ``apart``, ``ended`` or ``case``."""

    at: datetime
    kind: str
    edge: Edge | None = None
    member: Member | None = None
    case: ReviewCase | None = None


@page("/persons", right=Right.READ_PERSON)
def persons() -> str:
    """The forms of the search."""
    return render_template("persons.html", found=None, asked=ASKED, glimpse=glimpse)


@page("/persons", right=Right.READ_PERSON, method="POST")
def search_persons() -> str:
    """What was found, by a glimpse, of one source if the form names one, a page at a time; forms ask again for more."""
    found, form = write(_search), request.form
    source, first = form.get("source", ""), max(0, form.get("after", 0, type=int))
    fits = [one for one in found if source in ("", one.source)]
    return render_template(
        "persons.html",
        found=fits[first : first + PAGE],
        total=len(fits),
        first=first,
        size=PAGE,
        source=source,
        sources=sorted({one.source for one in found}),
        given=[(name, form[name]) for name in (*ASKED, "system", "value") if form.get(name)],
        asked=ASKED,
        glimpse=glimpse,
    )


@page("/persons/<uuid:person_id>", right=Right.READ_PERSON)
def show(person_id: UUID) -> str:
    """One person, by a glimpse."""
    return _shown(PersonId(person_id), None)


@page("/persons/<uuid:person_id>/reveal", right=Right.READ_PERSON, method="POST")
def reveal_person(person_id: UUID) -> str:
    """One person in clear; who looked and why is recorded."""
    return _shown(PersonId(person_id), request.form.get("reason", ""))


def _search(tx: Transaction) -> list[FoundRecord]:
    form, center, actor = request.form, the_center(), person().actor
    if "value" in form:
        system, value = form.get("system", "").strip(), form.get("value", "").strip()
        return search_by_key(center, tx, actor, system=system, value=value)
    fields = {field: form[field].strip() for field in ASKED if form.get(field, "").strip()}
    return search_by_fields(center, tx, actor, fields=fields)


def _shown(person_id: PersonId, reason: str | None) -> str:
    center, actor = the_center(), person().actor
    view = write(lambda tx: show_person(center, tx, actor, person=person_id, reason=reason))
    return render_template(
        "person.html",
        view=view,
        rows=_rows(view),
        history=_history(view),
        change_reasons=list(ChangeReason),
        done=_done(request.args.get("done", "")),
    )


def _done(told: str) -> str:
    """What a form before did, as far as it is one of its answers."""
    return told if told in ANSWERS else ""


def _history(view: PersonView) -> list[Moment]:
    """What happened, newest first."""
    found = [Moment(one.created_at, "record", member=one) for one in view.members]
    found += [Moment(one.created_at, one.kind.value, edge=one) for one in view.edges]
    found += [Moment(one.ended_at, "ended", edge=one) for one in view.edges if one.ended_at]
    found += [Moment(one.created_at, "case", case=one) for one in view.cases]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _rows(view: PersonView) -> list[Column]:
    records = [member.data.fields if member.data else {} for member in view.members]
    present = [field for field in FIELDS if any(field in record for record in records)]
    return [
        Column(field, [_value(field, record.get(field, ""), view) for record in records])
        for field in present
    ]


def _value(field: str, value: str, view: PersonView) -> str:
    return value if view.revealed else glimpse(field, value)
