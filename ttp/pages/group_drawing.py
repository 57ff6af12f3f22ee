"""The drawing of a group: records on a circle, a line for each edge that stands and each question that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import Pair
from ttp.services.persons.show_group import MOST_MEMBERS, GroupMember, GroupView

WIDTH, HEIGHT = 640, 400
_RADIUS = 20
_ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Node:
    """A record at its place. ``shade`` numbers the persons of the group."""

    member: GroupMember
    x: float
    y: float
    label_x: float
    anchor: str
    shade: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two records: ``same``, ``apart`` or ``asked``."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True, slots=True)
class GroupDrawing:
    """Lines below nodes."""

    nodes: list[Node]
    lines: list[Line]


def draw_group(view: GroupView) -> GroupDrawing | None:
    """The drawing, records of one person beside each other; None where there are too many to see anything."""
    members = _beside_each_other(view.members)
    if len(members) > MOST_MEMBERS:
        return None
    shades: dict[PersonId, int] = {}
    nodes = [
        _node(member, place, len(members), shades.setdefault(member.person, len(shades)))
        for place, member in enumerate(members)
    ]
    at = {node.member.identity: node for node in nodes}
    pairs: dict[Pair, str] = {question.pair: _ASKED for question in view.questions}
    pairs |= {edge.pair: edge.kind.value for edge in view.edges if edge.ended_at is None}
    return GroupDrawing(nodes, [_line(at, pair, kind) for pair, kind in pairs.items()])


def _beside_each_other(members: Sequence[GroupMember]) -> list[GroupMember]:
    eldest: dict[PersonId, int] = {}
    for member in members:
        eldest.setdefault(member.person, member.ordinal)
    return sorted(members, key=lambda one: (eldest[one.person], one.ordinal))


def _node(member: GroupMember, place: int, count: int, shade: int) -> Node:
    turn = 2 * pi * place / max(count, 1) - pi
    far_x, far_y = WIDTH / 2 - 170, HEIGHT / 2 - 44
    x, y = WIDTH / 2 + far_x * cos(turn), HEIGHT / 2 + far_y * sin(turn)
    if count == 1:
        x, y = WIDTH / 2, HEIGHT / 2
    right = x >= WIDTH / 2
    label = x + (_RADIUS + 8) * (1 if right else -1)
    return Node(
        member, round(x, 1), round(y, 1), round(label, 1), "start" if right else "end", shade
    )


def _line(at: dict[IdentityId, Node], pair: Pair, kind: str) -> Line:
    first, second = at[pair[0]], at[pair[1]]
    return Line(first.x, first.y, second.x, second.y, kind)
