"""Hot queries: the few SELECTs that every request sends, compiled once and handed to the driver as they are.

Values are converted as in every other statement, by the types of parameters and columns; what falls away is the rest
of what SQLAlchemy does for a result, which costs more than such a query itself.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Select

from ttp.storage.driver import fetch

Convert = Callable[[Any], Any] | None


class _Compiled(NamedTuple):
    """A query as one kind of database takes it: its text, what converts its values and those of its rows."""

    text: str
    values: dict[str, Convert]
    columns: list[Convert]


class HotQuery:
    """A SELECT whose columns have different names; ``rows`` sends it."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._row = _row_of(query)
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """All rows, their columns as attributes. Raises: as every other statement."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        given = {name: _converted(one, values[name]) for name, one in compiled.values.items()}
        return [
            self._row._make(map(_converted, compiled.columns, row))
            for row in fetch(connection, compiled.text, given)
        ]

    def _compile(self, dialect: Dialect) -> _Compiled:
        """Compile it for this kind of database; threads that do so at once do the same."""
        style = "pyformat" if dialect.name == "postgresql" else "named"
        kind: Any = type(dialect)
        compiled: Any = self._query.compile(dialect=kind(paramstyle=style))
        made = self._compiled[dialect.name] = _Compiled(
            str(compiled),
            {
                name: one.type.dialect_impl(dialect).bind_processor(dialect)
                for name, one in compiled.binds.items()
            },
            [
                column.type.dialect_impl(dialect).result_processor(dialect, None)
                for column in self._query.selected_columns
            ],
        )
        return made


def _row_of(query: Select[Any]) -> Any:
    names = [str(column.key) for column in query.selected_columns]
    return namedtuple("Row", names)


def _converted(convert: Convert, value: Any) -> Any:
    return value if convert is None else convert(value)
