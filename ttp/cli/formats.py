"""Formats: which kind of file is meant, by its name or by ``--format``, and what in it is exchanged."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ttp.client.files.units import Format

NAMES = ("csv", "parquet", "ndjson", "fhir", "fhir-ndjson")
_LINES = {".ndjson", ".jsonl"}
_PIPE = Path("-")


@dataclass(frozen=True, slots=True)
class Meant:
    """What is exchanged: columns with their domains, or what a file of rules says."""

    source: Path
    format: str
    columns: dict[str, str]
    rules: Path | None
    encoding: str
    backward: bool

    @property
    def purpose(self) -> str:
        """Tells this work from any other on the same file."""
        rules = self.rules.read_text("utf-8") if self.rules else ""
        return (
            f"{self.format} {sorted(self.columns.items())} {self.encoding} {self.backward} {rules}"
        )

    def open(self) -> Format:
        """The file, ready to be read.

        Raises:
            TableRefused: it is not of this format, or does not hold what is meant.
        """
        if self.format == "parquet":
            from ttp.client.files.parquet import ParquetFile

            return ParquetFile(self.source, self.columns)
        file = sys.stdin.buffer if self.source == _PIPE else self.source.open("rb")
        if self.format == "csv":
            from ttp.client.files.table import Table

            return Table(file, self.columns, encoding=self.encoding)
        from ttp.client.files.ndjson import Documents, Selecting

        if self.format == "ndjson":
            return Documents(file, Selecting(self.columns))
        from ttp.client.fhir.bundles import BundleFile
        from ttp.client.fhir.planning import Planner
        from ttp.client.fhir.rules import load_rules

        planner = Planner(load_rules(self.rules or Path()), self.backward)
        if self.format == "fhir":
            return BundleFile(file, planner)
        return Documents(file, planner.resource)


def format_of(source: Path, said: str | None, *, ruled: bool) -> str:
    """The format that was said, or the one a file's name says; CSV if it says none.

    Raises:
        click.UsageError: it does not go together with rules, or their absence.
    """
    if said:
        name = said
    elif ruled:
        name = "fhir-ndjson" if source.suffix in _LINES else "fhir"
    elif source.suffix in _LINES:
        name = "ndjson"
    else:
        name = {".parquet": "parquet", ".json": "fhir"}.get(source.suffix, "csv")
    if name.startswith("fhir") != ruled:
        raise click.UsageError("FHIR files need --rules FILE; other files need --column.")
    if name == "parquet" and source == _PIPE:
        raise click.UsageError("Parquet is read from a file, not from standard input.")
    return name


def columns_of(columns: tuple[str, ...], domain: str | None) -> dict[str, str]:
    """Columns with their domains: ``COLUMN=DOMAIN``, or ``COLUMN`` with ``--domain``.

    Raises:
        click.UsageError: a column has no domain, or is named twice.
    """
    found: dict[str, str] = {}
    for text in columns:
        name, own = _split(text)
        if not own and not domain:
            raise click.UsageError(f"Name the domain of column '{name}': --column {name}=DOMAIN.")
        if name in found:
            raise click.UsageError(f"The column '{name}' is named twice.")
        found[name] = own or domain or ""
    return found


def _split(text: str) -> tuple[str, str]:
    """Name and domain; an equals sign within ``where(…)`` belongs to the selector."""
    name, equals, domain = text.rpartition("=")
    if not equals or any(mark in domain for mark in "'\")]"):
        return text, ""
    return name, domain
