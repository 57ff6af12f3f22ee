"""Run the benchmarks and publish only what was measured here, just now, with the machine named.

`python -m tests.benchmarks [NAME …]` runs every `bench_*` module, or those whose names contain a
NAME. Each has `main() -> dict[str, object]`: a figure's name with its unit → its value. The figures
go to `.run/benchmarks.json` and, with `--publish`, to `docs/benchmarks.md`, each module into a part
of its own that names the command to repeat it, the machine, its load and the date. What takes too
long for a run of all is run by hand, with more rows: a part of its own likewise.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

import tests.benchmarks as package

ROOT = Path(__file__).parents[2]
JSON_FILE = ROOT / ".run" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = "# Benchmarks\n\nWritten by `make bench` and by the commands named; never edited by hand.\n"

Figures = Mapping[str, object]


def found(names: Sequence[str]) -> list[str]:
    """The benchmark modules so named, or whose names contain one of `names`; all of them for no names."""
    modules = [
        m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("bench_")
    ]
    return [
        module
        for module in modules
        if not names
        or any(name == module or (name in module and name not in modules) for name in names)
    ]


def machine() -> dict[str, str]:
    """What the figures depend on: processor, cores, memory, what else ran, Python, date."""
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    models = {line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": ", ".join(sorted(models)) or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "load average": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def shown(value: object) -> str:
    """A figure as people read it: four significant digits, thousands grouped."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{float(f'{value:.4g}'):,.10g}"


def measured(module: str, console: Console) -> Figures:
    """The figures of one benchmark, printed as a table when it is done."""
    console.print(f"[bold]{module}[/bold] …")
    started = time.monotonic()
    figures: Figures = importlib.import_module(f"{package.__name__}.{module}").main()
    table = Table("figure", "value", title=f"{module} ({time.monotonic() - started:.0f} s)")
    for name, value in figures.items():
        table.add_row(name, shown(value))
    console.print(table)
    return figures


def published(text: str, command: str, where: Mapping[str, str], figures: Figures) -> str:
    """`text` with the figures that `command` gave in a part of its own; what stood there is replaced."""
    begin, end = f"<!-- {command}: begin -->", f"<!-- {command}: end -->"
    lines = [f"## `{command}`", "", ", ".join(f"{key}: {value}" for key, value in where.items())]
    lines += ["", "| figure | value |", "| --- | ---: |"]
    lines += [f"| {name} | {shown(value)} |" for name, value in figures.items()]
    before, found, rest = text.partition(begin)
    after = rest.partition(end)[2] if found else "\n"
    if not found:
        before = f"{before.rstrip()}\n\n"
    return "\n".join([f"{before}{begin}", "", *lines, "", f"{end}{after}"])


def publish(command: str, figures: Figures, where: Mapping[str, str] | None = None) -> None:
    """Write the figures of a command that was run just now into `docs/benchmarks.md`."""
    text = PAGE.read_text() if PAGE.exists() else HEAD
    PAGE.write_text(published(text, command, where or machine(), figures))


def main(words: Sequence[str]) -> int:
    """Run what is asked for; 1 when nothing is named so."""
    modules, console = found([word for word in words if word != "--publish"]), Console()
    results: dict[str, object] = {}
    if not modules:
        console.print("no benchmark has such a name")
        return 1
    for module in modules:
        where, figures = machine(), measured(module, console)
        results[module] = {"machine": where, "figures": figures}
        if "--publish" in words:
            publish(f"python -m tests.benchmarks {module}", figures, where)
    JSON_FILE.parent.mkdir(exist_ok=True)
    JSON_FILE.write_text(json.dumps(results, indent=2, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
