"""``ttp migrate-persons``: persons of E-PIX and Mainzelliste with all their IDs, and how the model would see them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from keys.private_files import make_private
from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.cli.register_progress import Standing
    from ttp.services.persons.compare_persons import Comparison
    from ttp.services.persons.import_persons import BroughtPerson

AT_ONCE = 256
_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


def _import_options(command: Callable[..., None]) -> Callable[..., None]:
    rejects = click.option("--rejects", type=click.Path(path_type=Path), help="Bad records, CSV.")
    source = click.option("--source", help="Name of the source here; else that of the system.")
    files = click.argument("files", nargs=-1, required=True, type=_FILES)
    return files(source(rejects(click.pass_context(command))))


@click.group("migrate-persons")
def migrate_persons() -> None:
    """Take over persons of another master patient index, and compare."""


@migrate_persons.command("epix")
@_import_options
def epix(
    ctx: click.Context, files: tuple[Path, ...], source: str | None, rejects: Path | None
) -> None:
    """Take over E-PIX persons from answers of its FHIR gateway.

    FILES are Bundles (.json) or NDJSON of Persons and their Patients, as GET /Person with
    _include=Person:link answers.
    """
    from ttp.cli.register_files import latest_today
    from ttp.wire.other_masters import read_epix

    persons = read_epix(_resources(files), today=latest_today())
    standing = _standing(ctx, files, source or "epix")
    _import(ctx, persons, standing, source or "epix", "epix", rejects)


@migrate_persons.command("mainzelliste")
@_import_options
@click.option("--id-type", "id_types", multiple=True, metavar="TYPE[=SYSTEM]", help="IDs to keep.")
def mainzelliste(
    ctx: click.Context,
    files: tuple[Path, ...],
    source: str | None,
    rejects: Path | None,
    id_types: tuple[str, ...],
) -> None:
    """Take over Mainzelliste patients: FILES are answers of GET /patients (.json) or CSV with the names of fields.

    The first --id-type, else pid, names the records. Of CSV files the columns of these types are IDs.
    """
    from ttp.wire.other_masters import read_mainzelliste

    named = dict(one.partition("=")[::2] for one in id_types) or {"pid": ""}
    systems = {kind: system for kind, system in named.items() if system}
    patients = _patients(files, list(named))
    persons = read_mainzelliste(patients, naming=next(iter(named)), systems=systems)
    standing = _standing(ctx, files, source or "mainzelliste", *id_types)
    _import(ctx, persons, standing, source or "mainzelliste", "mainzelliste", rejects)


@migrate_persons.command("compare")
@click.option("--source", required=True, help="The source whose persons were taken over.")
@click.option("-o", "--output", "report", type=click.Path(path_type=Path), required=True)
@click.pass_context
def compare(ctx: click.Context, *, source: str, report: Path) -> None:
    """Say which persons this center's matching would have joined, split or asked about; nothing changes.

    The report is JSON (.json) or a page for the browser (.html); it holds IDs of this center and no names.
    """
    from ttp.core.access import OPERATOR
    from ttp.services.persons.compare_persons import compare_persons
    from ttp.services.persons.load_index import load_index

    center = center_of(ctx)
    load_index(center)
    found = center.work.run(lambda tx: compare_persons(center, tx, OPERATOR, source=source))
    document = _document(found)
    html = report.suffix.lower() in {".html", ".htm"}
    make_private(report).write_bytes(_page(document) if html else orjson.dumps(document))
    click.echo(", ".join(f"{name}: {count:,}" for name, count in document["counts"].items()))


def _resources(files: Sequence[Path]) -> Iterator[Any]:
    """The resources of Bundles, and of files with one resource or Bundle a line."""
    for file in files:
        whole = file.suffix.lower() == ".json"
        for text in [file.read_bytes()] if whole else file.read_bytes().splitlines():
            document = _json(text, file) if text.strip() else {}
            entries = document.get("entry") if isinstance(document, dict) else None
            if isinstance(entries, list):
                yield from (one.get("resource") for one in entries if isinstance(one, dict))
            elif document:
                yield document


def _patients(files: Sequence[Path], id_types: Sequence[str]) -> Iterator[Any]:
    for file in files:
        if file.suffix.lower() == ".json":
            found = _json(file.read_bytes(), file)
            yield from found if isinstance(found, list) else [found]
            continue
        for row in _rows(file):
            ids = [{"idType": kind, "idString": row.get(kind)} for kind in id_types]
            yield {"fields": row, "ids": ids}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file by the names of its columns; the delimiter is the one its header has most of."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file.name} is not UTF-8.") from None
    lines = text.splitlines()
    delimiter = max(",;\t", key=(lines[0] if lines else "").count)
    yield from csv.DictReader(lines, delimiter=delimiter)


def _json(text: bytes, file: Path) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise click.UsageError(f"{file.name} is no JSON.") from None


def _standing(ctx: click.Context, files: Sequence[Path], *purpose: str) -> Standing:
    """How far the same command came with the same files; it is noted beside the first."""
    from ttp.cli.register_progress import standing_of

    states = [(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in files]
    return standing_of(files[0], f"migrate {ctx.find_root().obj.home} {purpose} {states}")


def _import(
    ctx: click.Context,
    persons: Iterable[BroughtPerson],
    standing: Standing,
    source: str,
    system: str,
    rejects: Path | None,
) -> None:
    from ttp.core.access import OPERATOR
    from ttp.core.errors import TTPError
    from ttp.services.persons.import_persons import import_persons
    from ttp.services.persons.load_index import load_index

    center = center_of(ctx)
    load_index(center)
    for part in _parts(islice(persons, standing.done, None)):
        done = center.work.run(
            lambda tx, part=part: import_persons(  # type: ignore[misc] # bound at once
                center, tx, OPERATOR, source=source, system=system, persons=part
            )
        )
        for records in done:
            standing.done += 1
            errors = [one for one in records if isinstance(one, TTPError)]
            standing.bad += [(standing.done, f'{one.code},"{one.detail}"') for one in errors]
            standing.counts.update(
                one.outcome.value for one in records if not isinstance(one, TTPError)
            )
        standing.note()
    standing.end()
    counts = standing.counts
    bad = [f"{place},{problem}" for place, problem in standing.bad]
    if rejects is not None:
        make_private(rejects).write_text("\n".join(["person,code,problem", *bad]) + "\n", "utf-8")
    for line in bad if rejects is None else ():
        click.echo(f"person {line}", err=True)
    told = ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts)) or "none"
    click.echo(f"{standing.done:,} persons: records {told}, {len(bad):,} rejected")
    ctx.exit(1 if bad else 0)


def _parts(persons: Iterable[BroughtPerson]) -> Iterator[list[BroughtPerson]]:
    part: list[BroughtPerson] = []
    size = 0
    for person in persons:
        if part and size + len(person.records) > AT_ONCE:
            yield part
            part, size = [], 0
        part.append(person)
        size += len(person.records)
    if part:
        yield part


def _document(found: Comparison) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {
        "joined": [[str(one) for one in pair] for pair in found.joined],
        "asked": [[str(one) for one in pair] for pair in found.asked],
        "split": [str(one) for one in found.split],
    }
    counts = {"records": found.records, "persons": found.persons}
    return {"counts": counts | {name: len(items) for name, items in lists.items()}, **lists}


def _page(document: dict[str, Any]) -> bytes:
    """The report as a page that needs no other file."""
    meaning = {
        "joined": "Records of different persons that the model would join",
        "asked": "Records of different persons that the model would put before people",
        "split": "Persons whose records nothing in the model holds together",
    }
    counts = "".join(
        f"<tr><th>{name}</th><td>{count}</td></tr>" for name, count in document["counts"].items()
    )
    lists = "".join(
        f"<h2>{title}</h2><ul>"
        + "".join(f"<li><code>{escape(_line(one))}</code></li>" for one in document[name])
        + "</ul>"
        for name, title in meaning.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Comparison of persons</title>'
        '<meta name="color-scheme" content="light dark">'
        f"<h1>Comparison of persons</h1><table>{counts}</table>{lists}</html>"
    ).encode()


def _line(one: str | list[str]) -> str:
    return one if isinstance(one, str) else " – ".join(one)
