"""Handbook stories: what happened at the center of the handbook's pictures, with made-up people, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from tests.browser.take_screenshots import AFTER, BEFORE
from tests.builders import ManualClock
from tests.pages.people import NORTH, PASSWORD
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.decisions import ConfirmationNeeded
from ttp.core.desk import CaseFilter
from ttp.core.names import CaseId
from ttp.core.ports import Transaction
from ttp.core.review import KeptApart, Verdict
from ttp.services.access.open_account import open_account
from ttp.services.cases.arrange_cases import assign_cases, save_view, set_due
from ttp.services.cases.decide_case import decide_case
from ttp.services.persons.register_identities import register_identities
from ttp.services.quality.answer_check import answer_check, next_check
from ttp.services.quality.draw_checks import draw_samples, draw_second_opinions, plant_gold

STAFF = {"albers": "Anna Albers", "behrens": "Bernd Behrens"}
LEADER = "carstens"
DAYS = 16
_TWINS = (("Lea", "Lena"), ("Lina", "Lena"), ("Paul", "Pauline"), ("Jan", "Jana"), ("Lia", "Lea"))
_FRONTS = ("Hage", "Oster", "Rade", "West", "Linden", "Brink", "Claus", "Eichen")
_BACKS = ("dorn", "loh", "macher", "feld", "mann", "meier", "sen")
_NEIGHBORS = (
    *("Albrecht", "Bartels", "Dietrich", "Engel", "Fischer", "Gerlach", "Hansen", "Ihde"),
    *("Jessen", "Kruse", "Lorenz", "Möller", "Nissen", "Otto", "Paulsen", "Quast"),
)
_PLACES = (("24103", "Kiel"), ("23552", "Lübeck"), ("24937", "Flensburg"), ("25746", "Heide"))
GROUP = tuple(
    NORTH[0] | {"record_id": f"g-{name}", "given_name": name, "surname": "Sievers"}
    for name in ("Lea", "Lena", "Leah")
)
"""Three records that hang together."""

Record = dict[str, str]


def actor(name: str, role: Role = Role.CLERK) -> Actor:
    """A person of this center."""
    return Actor(ActorKind.STAFF, name, role, domains=None)


def tell(center: Center) -> None:
    """Let the last weeks happen, up to what is on the desk today."""
    morning = center.clock.now().replace(hour=8, minute=40, second=12)
    clock = ManualClock(morning - timedelta(days=DAYS))
    past = replace(center, clock=clock, second_review_percent=50)
    center.work.run(lambda tx: _open_accounts(center, tx))
    for day in range(DAYS):
        _work_a_day(past, day)
        clock.skip(days=1)
    _check_quality(center, past)
    _today(center)


def case_of(center: Center, place: int) -> CaseId:
    """An open case by its place in the queue; negative ones from its end."""

    def found(tx: Transaction) -> CaseId:
        lines = tx.desk.cases(CaseFilter())
        return lines[place].case.id

    return center.work.run(found, write=False)


def _open_accounts(center: Center, tx: Transaction) -> None:
    for name, shown in STAFF.items():
        open_account(
            center, tx, OPERATOR, name=name, role=Role.CLERK, password=PASSWORD, display_name=shown
        )
    open_account(
        center,
        tx,
        OPERATOR,
        name=LEADER,
        role=Role.STEWARD,
        password=PASSWORD,
        display_name="Clara Carstens",
    )


def _work_a_day(center: Center, day: int) -> None:
    """A few cases come, some are decided, and most patients are known or new beyond doubt."""
    came = range(3 * day, 3 * day + 2 + day % 3)
    _register(center, "klinik-nord", [_child(one, 0) for one in came] + [_known(day)])
    _register(center, "klinik-sued", [_child(one, 1) for one in came] + [_known(day)])
    for turn in range(1 + day % 3):
        _decide(center, list(STAFF)[turn % 2], seconds=6.5 + (day * 7 + turn * 3) % 13)


def _decide(center: Center, name: str, *, seconds: float) -> None:
    def step(tx: Transaction) -> None:
        lines = tx.desk.cases(CaseFilter(), limit=1)
        if not lines:
            return
        case = lines[0].case
        verdict = Verdict.DIFFERENT if seconds < 17 else Verdict.SAME
        made = decide_case(
            center,
            tx,
            actor(name),
            case_id=case.id,
            verdict=verdict,
            reason="relatives" if verdict is Verdict.DIFFERENT else "typing-error",
            version=case.version,
        )
        tx.quality.keep_time(made, by=f"staff:{name}", seconds=seconds)

    with suppress(KeptApart, ConfirmationNeeded):  # such cases are left for another day
        center.work.run(step)


def _check_quality(center: Center, past: Center) -> None:
    leader = actor(LEADER, Role.STEWARD)
    center.work.run(lambda tx: plant_gold(center, tx, leader, count=20))
    center.work.run(lambda tx: draw_samples(center, tx, leader, count=20))
    center.work.run(lambda tx: draw_second_opinions(past, tx))
    for name in STAFF:
        for turn in range(44):
            _answer(center, name, wrong=(turn + len(name)) % 14 == 0)


def _answer(center: Center, name: str, *, wrong: bool) -> None:
    other = {Verdict.SAME: Verdict.DIFFERENT, Verdict.DIFFERENT: Verdict.SAME}

    def step(tx: Transaction) -> None:
        found = next_check(center, tx, actor(name))
        if found is None:
            return
        right = tx.quality.get(found.id).expected
        verdict = other[right] if wrong else right
        answer_check(center, tx, actor(name), check_id=found.id, verdict=verdict, seconds=8)

    center.work.run(step)


def _today(center: Center) -> None:
    _register(center, "klinik-nord", [BEFORE, GROUP[0]])
    _register(center, "klinik-sued", [AFTER, GROUP[1]])
    _register(center, "praxis-west", [GROUP[2]])
    lines = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    cases = [line.case.id for line in lines]
    anna = actor("albers")
    center.work.run(lambda tx: assign_cases(center, tx, anna, cases=cases[1:4], assignee="albers"))
    center.work.run(lambda tx: assign_cases(center, tx, anna, cases=cases[4:6], assignee="behrens"))
    soon = center.clock.now() + timedelta(minutes=5)
    center.work.run(lambda tx: set_due(center, tx, anna, cases=cases[1:2], due_at=soon))
    for name, query in (("Meine", "assignee=me"), ("Älter als eine Woche", "days=7")):
        center.work.run(lambda tx, n=name, q=query: save_view(tx, anna, name=n, query=q))  # type: ignore[misc] # default arguments bind the loop's values


def _register(center: Center, source: str, records: Sequence[Record]) -> None:
    center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source=source, records=records)
    )


def _child(number: int, which: int) -> Record:
    """One of two siblings with one birthday."""
    postcode, city = _PLACES[number % len(_PLACES)]
    return {
        "record_id": f"{'ns'[which]}-{1000 + number}",
        "given_name": _TWINS[number % len(_TWINS)][which],
        "surname": _FRONTS[number % len(_FRONTS)] + _BACKS[number % len(_BACKS)],
        "birth_date": f"{2003 + number % 17}-{number % 12 + 1:02}-{number % 27 + 1:02}",
        "sex": "female" if number % 2 else "male",
        "postcode": postcode,
        "city": city,
    }


def _known(day: int) -> Record:
    """A patient of both hospitals whom nobody needs to be asked about."""
    return _child(500 + day, 0) | {
        "record_id": f"k-{day}",
        "surname": _NEIGHBORS[day % len(_NEIGHBORS)],
        "given_name": ("Friederike", "Leopold", "Antonia", "Ferdinand")[day % 4],
    }
