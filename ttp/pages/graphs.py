"""Group graphs: the records of a person or a case as a drawing and as tables."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for

from ttp.core.access import Right
from ttp.core.names import CaseId, PersonId
from ttp.http.center import read
from ttp.pages.group_drawing import draw_group
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.persons.show_group import GroupView, show_case_group, show_person_group


@page("/persons/<uuid:person_id>/graph", right=Right.READ_PERSON)
def person_graph(person_id: UUID) -> str:
    """The group of a person."""
    actor, wanted = person().actor, PersonId(person_id)
    view = read(lambda tx: show_person_group(tx, actor, person=wanted))
    return _shown(view, url_for(".show", person_id=person_id), "persons.person", person_id)


@page("/cases/<uuid:case_id>/graph", right=Right.REVIEW)
def case_graph(case_id: UUID) -> str:
    """The group of a case."""
    actor, wanted = person().actor, CaseId(case_id)
    view = read(lambda tx: show_case_group(tx, actor, case_id=wanted))
    return _shown(view, url_for(".case", case_id=case_id), "case.name", case_id)


def _shown(view: GroupView, back: str, of: str, of_id: UUID) -> str:
    return render_template(
        "graph.html", view=view, drawing=draw_group(view), back=back, of=of, of_id=of_id
    )
