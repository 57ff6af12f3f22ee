"""Index slots: a row has two, and its domain or population says which of them holds the current index."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Column, Table

from keys.blind_index import IndexEpoch


class Slots(NamedTuple):
    """The two columns of a table in the parts they play in an epoch."""

    current: Column[Any]
    next: Column[Any]


def slots(table: Table, epoch: IndexEpoch, *, column: str = "index") -> Slots:
    """The column that lookups use, and the one that a rotation fills."""
    first, second = table.c[f"{column}_a"], table.c[f"{column}_b"]
    return Slots(second, first) if epoch.turned else Slots(first, second)
