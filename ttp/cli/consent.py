"""``ttp consent``: bring consent statements of a file to the identities they belong to."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.core.center import Center
    from ttp.core.consent import ConsentStatement
    from ttp.core.errors import TTPError
    from ttp.core.ports import Transaction
    from ttp.services.consents.import_consents import Brought

Row = tuple[int, dict[str, str]]
COLUMNS = ("source", "record_id", "policy", "provision", "valid_from", "valid_to")
REQUIRED = COLUMNS[:-1]
CHUNK = 5_000


@click.group()
def consent() -> None:
    """Consents: what patients permitted or denied."""


@consent.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def import_file(ctx: click.Context, *, file: Path) -> None:
    """Import statements from a CSV FILE.

    Its columns: source, record_id, policy, provision (permit or deny), valid_from, valid_to (empty: no end).
    Rows that cannot be recorded are named by number on standard error and end the command with 1; the others
    are recorded.
    """
    center, rows = center_of(ctx), _rows(file)
    refused = sum(
        _import(center, source, [item for item in rows if item[1]["source"] == source])
        for source in dict.fromkeys(row["source"] for _, row in rows)
    )
    click.echo(f"{len(rows) - refused} statements recorded, {refused} refused.")
    ctx.exit(1 if refused else 0)


def _import(center: Center, source: str, rows: list[Row]) -> int:
    """Import the rows of one source; returns how many were refused."""
    from ttp.core.access import OPERATOR
    from ttp.core.errors import TTPError
    from ttp.services.consents.import_consents import import_consents

    refused = 0
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]

        def step(tx: Transaction, part: list[Row] = part) -> list[ConsentStatement | TTPError]:
            brought = [_brought(row) for _, row in part]
            return import_consents(center, tx, OPERATOR, source=source, statements=brought)

        for (number, _), answer in zip(part, center.work.run(step), strict=True):
            if isinstance(answer, TTPError):
                click.echo(f"row {number}: {answer.code}: {answer.detail}", err=True)
                refused += 1
    return refused


def _rows(file: Path) -> list[Row]:
    """The rows with their numbers in the file; the heading is row 1."""
    from ttp.core.errors import BadRequest

    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise BadRequest(f"The file lacks the columns {', '.join(missing)}.")
            return [(number, row) for number, row in enumerate(reader, start=2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequest("The file is not a CSV file in UTF-8.") from error


def _brought(row: dict[str, str]) -> Brought:
    from ttp.core.consent import Provision
    from ttp.core.errors import InvalidField
    from ttp.core.times import first_moment, last_moment
    from ttp.services.consents.import_consents import BroughtStatement

    try:
        return BroughtStatement(
            row["record_id"],
            row["policy"],
            Provision(row["provision"]),
            first_moment(row["valid_from"]),
            last_moment(row["valid_to"]) if row.get("valid_to") else None,
        )
    except (ValueError, TypeError):
        return InvalidField("The provision is permit or deny; times are dates such as 2026-11-22.")
