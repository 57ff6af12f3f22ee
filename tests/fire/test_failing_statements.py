"""Any statement may fail: then nothing of the operation is there, what was acknowledged is, and a retry does it.

Triggers refuse each table in turn, as a full disk does; on PostgreSQL with that very error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.services.pseudonyms.asking import Asking
from ttp.core.domains import Domain
from ttp.core.errors import DatabaseFull
from ttp.core.pseudonyms import Issued

KNOWN = [f"known {number}" for number in range(20)]
NEW = [f"new {number}" for number in range(20)]
Deed = Callable[[Asking, Domain], list[Any]]

DEEDS: dict[str, tuple[Deed, bool, tuple[str, ...]]] = {
    "issue": (
        lambda ask, domain: ask.issue(domain, KNOWN + NEW),
        False,
        ("INSERT ON pseudonym", "INSERT ON audit_leaf"),
    ),
    "look up": (
        lambda ask, domain: ask.issue(domain, KNOWN, create=False),
        False,
        ("INSERT ON audit_leaf",),
    ),
    "issue many": (
        lambda ask, domain: ask.more(domain, NEW, 2),
        True,
        ("INSERT ON original", "INSERT ON secondary_pseudonym", "INSERT ON audit_leaf"),
    ),
    "resolve": (
        lambda ask, domain: ask.resolve(domain, ask.tokens(domain, KNOWN)),
        False,
        ("INSERT ON audit_leaf",),
    ),
    "anonymize": (
        lambda ask, domain: ask.anonymize(domain, KNOWN),
        False,
        ("UPDATE ON pseudonym", "INSERT ON audit_leaf", "INSERT ON event"),
    ),
    "delete": (
        lambda ask, domain: ask.delete(domain, KNOWN),
        False,
        ("UPDATE ON pseudonym", "INSERT ON audit_leaf", "INSERT ON event"),
    ),
    "anonymize many": (
        lambda ask, domain: ask.anonymize(domain, KNOWN),
        True,
        ("UPDATE ON original", "UPDATE ON secondary_pseudonym", "INSERT ON audit_leaf"),
    ),
}
CASES = [(name, statement) for name, (_, _, told) in DEEDS.items() for statement in told]
TABLES = (
    "pseudonym",
    "original",
    "secondary_pseudonym",
    "audit_leaf",
    "event",
)


@contextmanager
def refused(ask: Asking, statement: str) -> Iterator[None]:
    """Let the database refuse such statements for want of space."""
    event, table = statement.split(" ON ")
    _run(ask, *_traps(ask, event, table))
    try:
        yield
    finally:
        on = f" ON {table}" if _is_postgresql(ask) else ""
        _run(ask, f"DROP TRIGGER trap{on}")


def _traps(ask: Asking, event: str, table: str) -> tuple[str, ...]:
    if not _is_postgresql(ask):
        refuse = "BEGIN SELECT RAISE(ABORT, 'no space left on device'); END"
        return (f"CREATE TRIGGER trap AFTER {event} ON {table} {refuse}",)
    refuse = "BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END"
    return (
        f"CREATE OR REPLACE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$",
        f"CREATE TRIGGER trap AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION trap()",
    )


def _is_postgresql(ask: Asking) -> bool:
    return ask.center.work.run(
        lambda tx: bool(tx.connection.dialect.name == "postgresql"),  # type: ignore[attr-defined] # the real one
        write=False,
    )


def _run(ask: Asking, *statements: str) -> None:
    ask.center.work.run(
        lambda tx: [tx.connection.execute(text(one)) for one in statements]  # type: ignore[attr-defined] # the real one
    )


def _stored(ask: Asking) -> dict[str, set[tuple[Any, ...]]]:
    """Everything in the tables that such operations change."""
    return ask.center.work.run(
        lambda tx: {
            table: {
                tuple(map(_plain, row))
                for row in tx.connection.execute(text(f"SELECT * FROM {table}"))  # type: ignore[attr-defined] # noqa: S608 - names of ours
            }
            for table in TABLES
        },
        write=False,
    )


def _plain(value: object) -> object:
    return repr(value) if isinstance(value, list | dict) else value


@pytest.mark.parametrize(("name", "statement"), CASES)
def test_a_failing_statement_leaves_nothing_behind_and_a_retry_answers(
    ask: Asking, name: str, statement: str
) -> None:
    deed, multi, _ = DEEDS[name]
    domain = ask.domain(multi=multi, deletable=True)
    told = _prepared(ask, domain, multi=multi)
    before = _stored(ask)
    with refused(ask, statement), pytest.raises((DBAPIError, DatabaseFull)):
        deed(ask, domain)
    assert _stored(ask) == before, "something half-written stayed"
    assert _told(ask, domain, multi=multi) == told, "something acknowledged was lost"
    first = deed(ask, domain)
    assert len(first) in {len(KNOWN), len(KNOWN + NEW)}
    if name in {"issue", "look up", "resolve"}:
        again = deed(ask, domain)
        assert [_value(item) for item in again] == [_value(item) for item in first]


def _prepared(ask: Asking, domain: Domain, *, multi: bool) -> list[Any]:
    if multi:
        ask.more(domain, KNOWN, 2)
    else:
        ask.tokens(domain, KNOWN)
    return _told(ask, domain, multi=multi)


def _told(ask: Asking, domain: Domain, *, multi: bool) -> list[Any]:
    if multi:
        return [item.pseudonyms for item in ask.more(domain, KNOWN, 0)]
    return [item.pseudonym for item in ask.issue(domain, KNOWN, create=False)]


def _value(item: object) -> object:
    return item.pseudonym if isinstance(item, Issued) else item
