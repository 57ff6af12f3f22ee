"""Run the benchmarks and publish only what was measured here, just now, with the machine named.

`python -m tests.benchmarks [NAME …]` runs every `bench_*` module, or those whose names contain a
NAME. Each has `main() -> dict[str, object]`: a figure's name with its unit → its value. The figures
go to `.run/benchmarks.json`; a run of all of them also replaces those in `docs/benchmarks.md`.
What takes too long for that is run by hand: a benchmark's own command writes its figures below,
in a part that names this command.
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
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEAD = f"# Benchmarks\n\nMeasured by `make bench`; never edited by hand.\n\n{BEGIN}\n{END}\n"

Figures = Mapping[str, object]


def found(names: Sequence[str]) -> list[str]:
    """The benchmark modules whose names contain one of `names`; all of them for no names."""
    modules = [
        m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("bench_")
    ]
    return [m for m in modules if not names or any(name in m for name in names)]


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


def page(where: Mapping[str, str], results: Mapping[str, Figures]) -> str:
    """The figures as the part of `docs/benchmarks.md` between the markers."""
    lines = ["", ", ".join(f"{key}: {value}" for key, value in where.items())]
    for module, figures in results.items():
        lines += ["", f"## {module.removeprefix('bench_').replace('_', ' ')}", ""]
        lines += ["| figure | value |", "| --- | ---: |"]
        lines += [f"| {name} | {shown(value)} |" for name, value in figures.items()]
    return "\n".join([*lines, ""])


def publish(text: str, figures: str) -> str:
    """`text` with what stands between the markers replaced by `figures`, the rest untouched."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def by_hand(text: str, command: str, where: Mapping[str, str], figures: Figures) -> str:
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


def publish_by_hand(command: str, figures: Figures) -> None:
    """Write the figures of a command that was run by hand, just now, into `docs/benchmarks.md`."""
    PAGE.write_text(by_hand(PAGE.read_text(), command, machine(), figures))


def main(names: Sequence[str]) -> int:
    """Run what is asked for; 1 when nothing is named so."""
    modules, console, where = found(names), Console(), machine()
    if not modules:
        console.print("no benchmark has such a name")
        return 1
    results = {module: measured(module, console) for module in modules}
    JSON_FILE.parent.mkdir(exist_ok=True)
    JSON_FILE.write_text(json.dumps({"machine": where, "figures": results}, indent=2, default=str))
    if not names:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(publish(PAGE.read_text() if PAGE.exists() else HEAD, page(where, results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
