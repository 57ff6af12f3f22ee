"""``ttp register``: bring the identifying data of a file to a center, here or over HTTP; again is always safe."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.home import center_of

if TYPE_CHECKING:
    from linkage.records import RecordTable

AT_ONCE = 256
Row = tuple[int, dict[str, Any]]
"""The number of a row in its file (the header is row 1) and its record."""
Answer = tuple[str, str]
"""An outcome or the code of an error, and the error's detail (empty for an outcome)."""
Registrar = Callable[[Sequence[dict[str, Any]]], list[Answer]]


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Where the records come from; part of their names.")
@click.option(
    "--identifier",
    "identifiers",
    multiple=True,
    metavar="COLUMN=SYSTEM",
    help="A column that holds identifiers, and the system that gave them.",
)
@click.option("--url", envvar="TTP_URL", help="URL of the center; without it the home is used.")
@click.option(
    "--key-file", type=click.Path(exists=True, path_type=Path), help="File with the API key."
)
@click.option("--rejects", type=click.Path(path_type=Path), help="List the bad rows here, as CSV.")
@click.pass_context
def register(
    ctx: click.Context,
    *,
    file: Path,
    source: str,
    identifiers: tuple[str, ...],
    url: str | None,
    key_file: Path | None,
    rejects: Path | None,
) -> None:
    """Register the patients of FILE and print what came of them, never who they are.

    FILE is a CSV file with record_id, given_name, surname, birth_date and, if known, birth_name, sex, postcode,
    city, kvnr; or a FHIR R4 Patient or Bundle (.json, with --home only). Bad rows are named by number and
    end the command with 1; all others are registered. Registering a file again changes nothing.
    """
    from ttp.cli.progress import bar

    if file.suffix == ".json":
        _register_fhir(ctx, file, source)
        return
    rows, bad = _read(file, dict(_column(one) for one in identifiers))
    registrar = _remote(url, key_file, source) if url else _local(ctx, source)
    counts: Counter[str] = Counter()
    started = time.monotonic()
    with bar(file.name) as progress:
        for done, (number, (outcome, detail)) in enumerate(_registered(rows, registrar), start=1):
            if detail:
                bad.append((number, f"{outcome}: {detail}"))
            else:
                counts[outcome] += 1
            progress(done, len(rows))
    _report(counts, bad, time.monotonic() - started, rejects)
    ctx.exit(1 if bad else 0)


def _column(text: str) -> tuple[str, str]:
    column, found, system = text.partition("=")
    if not (column and found and system):
        raise click.UsageError("Write --identifier COLUMN=SYSTEM.")
    return column.lower(), system


def _read(file: Path, systems: dict[str, str]) -> tuple[list[Row], list[tuple[int, str]]]:
    """The rows of a CSV file, and those whose bytes are not those of a row."""
    from linkage.records import read_csv
    from ttp.core.identifying_data import FIELDS

    table = read_csv(file)
    missing = [column for column in systems if column not in table.columns]
    if missing:
        raise click.UsageError(f"The file has no column {', '.join(missing)}.")
    unread = [name for name in table.columns if name not in FIELDS and name not in systems]
    if unread:
        click.echo(f"Columns not read: {', '.join(unread)}.", err=True)
    bad = [(problem.row, f"{problem.code} in {problem.column}") for problem in table.problems]
    times = Counter(table.record_ids)
    twice = [
        row
        for row, name in zip(table.row_numbers, table.record_ids, strict=True)
        if name and times[name] > 1
    ]
    bad += [(row, "duplicate-record-id in record_id") for row in twice]
    return list(_rows(table.without_rows(twice), systems)), bad


def _rows(table: RecordTable, systems: dict[str, str]) -> Iterator[Row]:
    from ttp.core.identifying_data import FIELDS

    records = zip(table.row_numbers, table.record_ids, table.records(), strict=True)
    for number, record_id, values in records:
        borne = [
            {"system": system, "value": values[column]}
            for column, system in systems.items()
            if values[column]
        ]
        fields = {name: values[name] for name in FIELDS if values.get(name)}
        yield number, {"record_id": record_id or None, **fields, "identifiers": borne}


def _registered(rows: Sequence[Row], registrar: Registrar) -> Iterator[tuple[int, Answer]]:
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        answers = registrar([record for _, record in part])
        yield from zip((number for number, _ in part), answers, strict=True)


def _local(ctx: click.Context, source: str) -> Registrar:
    from ttp.core.access import OPERATOR
    from ttp.core.errors import TTPError
    from ttp.services.register_identities import register_identities

    center = center_of(ctx)

    def registrar(records: Sequence[dict[str, Any]]) -> list[Answer]:
        answers = center.work.run(
            lambda tx: register_identities(center, tx, OPERATOR, source=source, records=records)
        )
        return [
            (one.code, one.detail) if isinstance(one, TTPError) else (one.outcome.value, "")
            for one in answers
        ]

    return registrar


def _remote(url: str, key_file: Path | None, source: str) -> Registrar:
    from ttp.cli.exchanges import api_key
    from ttp.client import Treuhandstelle
    from ttp.client.answers import Failed

    center = Treuhandstelle(url, api_key(key_file))

    def registrar(records: Sequence[dict[str, Any]]) -> list[Answer]:
        return [
            (one.code, one.detail or one.code) if isinstance(one, Failed) else (one.outcome, "")
            for one in center.register(records, source=source)
        ]

    return registrar


def _register_fhir(ctx: click.Context, file: Path, source: str) -> None:
    from ttp.core.access import OPERATOR
    from ttp.core.errors import TTPError
    from ttp.services.register_bundle import register_bundle
    from ttp.services.register_identities import latest_day
    from ttp.wire.parameters import read_json
    from ttp.wire.registration import read_registration

    center = center_of(ctx)
    brought = read_registration(read_json(file.read_bytes()), today=latest_day(center))
    done = center.work.run(
        lambda tx: register_bundle(
            center,
            tx,
            OPERATOR,
            source=source,
            patients=brought.patients,
            consents=brought.consents,
        )
    )
    answers = [*done.patients, *done.consents]
    for place, one in enumerate(answers):
        if isinstance(one, TTPError):
            kind = "Patient" if place < len(done.patients) else "Consent"
            click.echo(f"{kind}: {one.code}: {one.detail}", err=True)
    patients = Counter(one.outcome.value for one in done.patients if not isinstance(one, TTPError))
    recorded = sum(one for one in done.consents if isinstance(one, int))
    click.echo(f"{_told(patients)}; {recorded} consent statements; {brought.ignored} ignored.")
    ctx.exit(1 if any(isinstance(one, TTPError) for one in answers) else 0)


def _report(
    counts: Counter[str], bad: list[tuple[int, str]], seconds: float, rejects: Path | None
) -> None:
    bad.sort()
    if rejects is not None:
        lines = ["row,problem", *(f'{number},"{problem}"' for number, problem in bad)]
        rejects.write_text("\n".join(lines) + "\n", "utf-8")
    else:
        for number, problem in bad:
            click.echo(f"row {number}: {problem}", err=True)
    rows = counts.total() + len(bad)
    speed = rows / max(seconds, 1e-6)
    click.echo(f"{rows:,} rows: {_told(counts)}, {len(bad):,} rejected; {speed:,.0f} rows/s")


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts)) or "none registered"
