"""Files to register: tables (CSV, Parquet) and FHIR (JSON, NDJSON) become records; bad rows are named by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from linkage.records import RecordTable, read_table
from ttp.core.errors import TTPError
from ttp.core.hospital import RelationMessage
from ttp.core.identifying_data import FIELDS, IdentifyingData, InvalidRecord, RecordIncomplete
from ttp.core.identities import MAXIMAL_RECORDS
from ttp.wire.patient import read_patient
from ttp.wire.patient_links import is_replaced, read_links

TABLES = frozenset({".csv", ".parquet", ".txt"})
FHIR = frozenset({".json", ".ndjson", ".jsonl"})
LONGEST_LINE = 64 << 20
_LONGEST_TYPE = 40

Row = tuple[int, dict[str, Any] | str]
"""The number of a row in its file, and its record or what is wrong with it."""


@dataclass(slots=True)
class Reading:
    """The rows of a file, in an order that is always the same, and how many there are about.

    ``relations`` and ``ignored`` (resources that are no Patients) are complete once all rows were read.
    """

    rows: Iterator[Row]
    total: int
    relations: list[RelationMessage] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files themselves, and in place of a folder what it holds of known kinds, by name.

    Raises:
        click.UsageError: a folder holds nothing of a known kind.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in TABLES | FHIR)
        if not inside:
            raise click.UsageError(f"The folder {path.name} holds no CSV, Parquet or FHIR file.")
        found += inside
    return found


def open_file(path: Path, systems: Mapping[str, str]) -> Reading:
    """The rows of a file by the kind that its name says; any other name is a CSV file.

    Raises:
        LinkageError, click.UsageError, InvalidRecord: it is no such file.
    """
    if path.suffix.lower() in {".ndjson", ".jsonl"}:
        return _open_lines(path)
    if path.suffix.lower() == ".json":
        return _open_document(path)
    return _open_table(path, systems)


def is_small(path: Path) -> bool:
    """Whether a FHIR document can be registered in one transaction, Consents and all."""
    entries = _object(path.read_bytes()).get("entry")
    return not isinstance(entries, list) or len(entries) <= MAXIMAL_RECORDS


def latest_today() -> date:
    """The day it is where the day begins first."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


def _open_table(path: Path, systems: Mapping[str, str]) -> Reading:
    table = read_table(path)
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
    rest = table.without_rows(twice)
    return Reading(iter([*bad, *_table_rows(rest, systems)]), len(bad) + len(rest))


def _table_rows(table: RecordTable, systems: Mapping[str, str]) -> Iterator[Row]:
    records = zip(table.row_numbers, table.record_ids, table.records(), strict=True)
    for number, record_id, values in records:
        borne = [
            {"system": system, "value": values[column]}
            for column, system in systems.items()
            if values[column]
        ]
        fields = {name: values[name] for name in FIELDS if values.get(name)}
        yield number, {"record_id": record_id or None, **fields, "identifiers": borne}


def _open_document(path: Path) -> Reading:
    document = _object(path.read_bytes())
    if document.get("resourceType") not in {"Patient", "Bundle"}:
        raise InvalidRecord("The file holds neither a Patient nor a Bundle.")
    entries = document.get("entry")
    reading = Reading(iter(()), len(entries) if isinstance(entries, list) else 1)
    reading.rows = _resources(document, 1, reading, latest_today(), numbered=True)
    return reading


def _open_lines(path: Path) -> Reading:
    with path.open("rb") as file:
        total = sum(1 for line in file if line.strip())
    reading = Reading(iter(()), total)
    reading.rows = _lines(path, reading)
    return reading


def _lines(path: Path, reading: Reading) -> Iterator[Row]:
    today = latest_today()
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.strip():
                continue
            try:
                yield from _resources(_object(line), number, reading, today)
            except InvalidRecord as error:
                yield number, f"{error.code}: {error.detail}"


def _resources(
    document: Mapping[str, Any], number: int, reading: Reading, today: date, numbered: bool = False
) -> Iterator[Row]:
    """The Patients of a resource; in a Bundle those of its entries, ``numbered`` by their place."""
    if document.get("resourceType") != "Bundle":
        yield from _patient(document, number, {}, reading, today)
        return
    found = document.get("entry")
    entries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    named = {one.get("fullUrl"): one.get("resource") for one in entries}
    resources = {
        url: one for url, one in named.items() if isinstance(url, str) and isinstance(one, dict)
    }
    for place, entry in enumerate(entries, start=1):
        if isinstance(resource := entry.get("resource"), dict):
            yield from _patient(resource, place if numbered else number, resources, reading, today)


def _patient(
    resource: Mapping[str, Any],
    number: int,
    named: Mapping[str, Any],
    reading: Reading,
    today: date,
) -> Iterator[Row]:
    if resource.get("resourceType") != "Patient":
        kind = resource.get("resourceType")
        named_well = isinstance(kind, str) and kind.isalpha() and len(kind) <= _LONGEST_TYPE
        reading.ignored[str(kind) if named_well else "unnamed"] += 1
        return
    links = list(read_links(resource, named))
    reading.relations += [one for one in links if isinstance(one, RelationMessage)]
    for link in links:
        if isinstance(link, TTPError):
            yield number, f"{link.code}: {link.detail}"
    try:
        yield number, record_of(read_patient(resource, today=today))
    except RecordIncomplete as error:
        if not is_replaced(resource):
            yield number, f"{error.code}: {error.detail}"
    except InvalidRecord as error:
        yield number, f"{error.code}: {error.detail}"


def record_of(data: IdentifyingData) -> dict[str, Any]:
    """The record as the API takes it."""
    borne = [{"system": one.system, "value": one.value} for one in data.identifiers]
    return {"record_id": data.record_id, **data.fields, "identifiers": borne}


def _object(raw: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise InvalidRecord("This is no JSON.") from None
    if not isinstance(document, dict):
        raise InvalidRecord("A resource is an object.")
    return document
