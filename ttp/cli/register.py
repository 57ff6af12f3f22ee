"""``ttp register``: bring the identifying data of files to a center, here or over HTTP; again is always safe."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keys.private_files import make_private
from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.cli.register_files import Reading, Row
    from ttp.cli.register_progress import Standing
    from ttp.core.hospital import RelationMessage

AT_ONCE = 256
INTERRUPTED = 130
Answer = tuple[str, str]
"""An outcome or the code of an error, and the error's detail (empty for an outcome)."""


@dataclass(frozen=True, slots=True)
class Registrar:
    """Has a center register records, and join those that say they are one."""

    register: Callable[[Sequence[dict[str, Any]]], list[Answer]]
    relate: Callable[[Sequence[RelationMessage]], list[Answer]]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
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
    files: tuple[Path, ...],
    source: str,
    identifiers: tuple[str, ...],
    url: str | None,
    key_file: Path | None,
    rejects: Path | None,
) -> None:
    """Register the patients of FILES and print what came of them, never who they are.

    A file is CSV or Parquet with record_id, given_name, surname, birth_date and, if known, birth_name, sex,
    postcode, city, kvnr; or FHIR R4: NDJSON, or a Patient or Bundle (.json); a folder is all such files in it.
    Of FHIR only Patients are read; of one .json file of up to 1,000 entries, with --home, Consents too.

    Bad rows are named by number and end the command with 1; all others are registered. Registering a file
    again changes nothing, and after an interruption the same command goes on where it was.
    """
    from ttp.cli.register_files import files_of, is_small

    found = files_of(files)
    if not url and [one.suffix for one in files] == [".json"] and is_small(files[0]):
        _register_fhir(ctx, files[0], source)
        return
    registrar = _remote(url, key_file, source) if url else _local(ctx, source)
    systems = dict(_column(one) for one in identifiers)
    started = time.monotonic()
    done: list[Standing] = []
    relations: list[RelationMessage] = []
    purpose = f"{url or ctx.find_root().obj.home} {source} {sorted(systems.items())}"
    try:
        for file in found:
            standing, told = _register_file(file, systems, registrar, purpose)
            done.append(standing)
            relations += told
    except KeyboardInterrupt:
        click.echo("ttp: Interrupted. The same command goes on from there.", err=True)
        ctx.exit(INTERRUPTED)
    problems = _relate(registrar, relations)
    for standing in done:
        standing.end()
    bad = _report(done, time.monotonic() - started, rejects)
    ctx.exit(1 if bad or problems else 0)


def _column(text: str) -> tuple[str, str]:
    column, found, system = text.partition("=")
    if not (column and found and system):
        raise click.UsageError("Write --identifier COLUMN=SYSTEM.")
    return column.lower(), system


def _register_file(
    file: Path, systems: dict[str, str], registrar: Registrar, purpose: str
) -> tuple[Standing, list[RelationMessage]]:
    """Register the rows of a file that are not registered yet; how far it is is noted, whatever happens."""
    from ttp.cli.progress import bar
    from ttp.cli.register_files import open_file
    from ttp.cli.register_progress import standing_of

    reading = open_file(file, systems)
    standing = standing_of(file, purpose)
    with bar(file.name, "rows") as progress:
        try:
            for part in _parts(reading, standing.done):
                _register_part(part, registrar, standing)
                progress(standing.done, max(reading.total, standing.done))
                standing.note()
        finally:
            standing.write()
    for kind, count in sorted(reading.ignored.items()):
        click.echo(f"{file.name}: {count:,} {kind} not read.", err=True)
    return standing, reading.relations


def _parts(reading: Reading, done: int) -> Iterator[list[Row]]:
    for _ in islice(reading.rows, done):
        pass  # read again for what they say of each other, but not asked for again
    while part := list(islice(reading.rows, AT_ONCE)):
        yield part


def _register_part(part: Sequence[Row], registrar: Registrar, standing: Standing) -> None:
    bad = [(number, one) for number, one in part if isinstance(one, str)]
    good = [(number, one) for number, one in part if not isinstance(one, str)]
    answers = registrar.register([record for _, record in good]) if good else []
    for (number, _), (outcome, detail) in zip(good, answers, strict=True):
        if detail:
            bad.append((number, f"{outcome}: {detail}"))
        else:
            standing.counts[outcome] += 1
    standing.bad += bad
    standing.done += len(part)


def _relate(registrar: Registrar, relations: Sequence[RelationMessage]) -> int:
    """Join what Patients said of each other; returns how many could not be."""
    answers: list[Answer] = []
    for start in range(0, len(relations), AT_ONCE):
        answers += registrar.relate(relations[start : start + AT_ONCE])
    bad = Counter(outcome for outcome, detail in answers if detail)
    if answers:
        told = Counter(outcome for outcome, detail in answers if not detail)
        click.echo(f"{len(answers):,} merges: {_told(told + bad)}")
    return bad.total()


def _local(ctx: click.Context, source: str) -> Registrar:
    from ttp.core.access import OPERATOR
    from ttp.core.errors import TTPError
    from ttp.services.hospital.take_hospital_messages import take_hospital_messages
    from ttp.services.persons.load_index import load_index
    from ttp.services.persons.register_identities import register_identities

    center = center_of(ctx)
    load_index(center)

    def answer(one: Any) -> Answer:
        return (one.code, one.detail) if isinstance(one, TTPError) else (one.outcome.value, "")

    def register_all(records: Sequence[dict[str, Any]]) -> list[Answer]:
        answers = center.work.run(
            lambda tx: register_identities(center, tx, OPERATOR, source=source, records=records)
        )
        return list(map(answer, answers))

    def relate(relations: Sequence[RelationMessage]) -> list[Answer]:
        answers = center.work.run(
            lambda tx: take_hospital_messages(
                center, tx, OPERATOR, source=source, messages=relations
            )
        )
        return list(map(answer, answers))

    return Registrar(register_all, relate)


def _remote(url: str, key_file: Path | None, source: str) -> Registrar:
    from ttp.cli.exchanges import api_key
    from ttp.client import Treuhandstelle
    from ttp.client.answers import Failed
    from ttp.wire.announcements import written

    center = Treuhandstelle(url, api_key(key_file))

    def answer(one: Any) -> Answer:
        return (one.code, one.detail or one.code) if isinstance(one, Failed) else (one.outcome, "")

    return Registrar(
        lambda records: list(map(answer, center.register(records, source=source))),
        lambda told: list(map(answer, center.announce([*map(written, told)], source=source))),
    )


def _register_fhir(ctx: click.Context, file: Path, source: str) -> None:
    from ttp.core.access import OPERATOR
    from ttp.core.errors import TTPError
    from ttp.services.persons.register_bundle import register_bundle
    from ttp.services.persons.register_identities import latest_day
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
            relations=brought.relations,
        )
    )
    answers = [*done.patients, *done.consents, *done.relations]
    for place, one in enumerate(answers):
        if isinstance(one, TTPError):
            kind = "Patient" if place < len(done.patients) else "Consent or link"
            click.echo(f"{kind}: {one.code}: {one.detail}", err=True)
    patients = Counter(one.outcome.value for one in done.patients if not isinstance(one, TTPError))
    recorded = sum(one for one in done.consents if isinstance(one, int))
    merges = len(done.relations)
    told = f"; {merges} merges" if merges else ""
    click.echo(
        f"{_told(patients)}; {recorded} consent statements; {brought.ignored} ignored{told}."
    )
    ctx.exit(1 if any(isinstance(one, TTPError) for one in answers) else 0)


def _report(done: Sequence[Standing], seconds: float, rejects: Path | None) -> int:
    """Tell what came of the rows, list the bad ones, and return how many there are."""
    counts: Counter[str] = Counter()
    bad: list[tuple[str, int, str]] = []
    for standing in done:
        counts += standing.counts
        bad += [(standing.file.name, number, problem) for number, problem in sorted(standing.bad)]
    several = len(done) > 1
    if rejects is not None:
        head = "file,row,problem" if several else "row,problem"
        lines = [
            f'{file + "," if several else ""}{number},"{problem}"' for file, number, problem in bad
        ]
        make_private(rejects).write_text("\n".join([head, *lines]) + "\n", "utf-8")
    else:
        for file, number, problem in bad:
            click.echo(f"{file + ' ' if several else ''}row {number}: {problem}", err=True)
    rows = counts.total() + len(bad)
    speed = rows / max(seconds, 1e-6)
    click.echo(f"{rows:,} rows: {_told(counts)}, {len(bad):,} rejected; {speed:,.0f} rows/s")
    return len(bad)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts)) or "none registered"
