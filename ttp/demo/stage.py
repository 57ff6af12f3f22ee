"""The stage: three centers, their hospitals' made-up patients and the truth about them, which no center is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from linkage.synthetic import MODERATE, Population, generate
from ttp.config import SETTINGS_FILE
from ttp.demo.centers import DemoCenter, make_center
from ttp.demo.errors import NotADemo

NORD, SUED, FEDERATED = "nord", "sued", "foederiert"
SITES = (NORD, SUED)
ROLES = {NORD: "local", SUED: "local", FEDERATED: "federated"}
OVERLAP = 0.5
SEED = 20261122
DUPLICATES = 0.03
SOURCE = "kis"
"""The hospital information system, as which every hospital registers its patients."""
PIPELINE = "pipeline"
PROJECT = "herz"
DIZ = "diz"
POLICY = "2.16.840.1.113883.3.1937.777.24.5.3.8"
"""Scientific use of medical data (Broad Consent of the MII)."""
MARK = "demo.txt"

Row = dict[str, str | None]
T = TypeVar("T")


@dataclass(slots=True)
class Stage:
    """Everything a step of the demonstration works with."""

    directory: Path
    centers: dict[str, DemoCenter]
    population: Population
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def sites(self) -> tuple[DemoCenter, ...]:
        """The local centers."""
        return tuple(self.centers[name] for name in SITES)

    @property
    def federated(self) -> DemoCenter:
        """The center that links."""
        return self.centers[FEDERATED]

    def patients(self, site: str) -> list[Row]:
        """What a hospital recorded, without the truth."""
        return [dict(row) for row in self.population.sites[site]]

    def truth(self, site: str) -> dict[str, str]:
        """Who each record of a site is truly about: record ID → person."""
        return self.population.persons(site)

    def stop(self) -> None:
        """End all servers, together."""
        with ThreadPoolExecutor(len(self.centers)) as pool:
            list(pool.map(DemoCenter.stop, self.centers.values()))


def set_stage(directory: Path, *, patients: int, ports: Iterable[int]) -> Stage:
    """Make three homes in a fresh directory; what an earlier demonstration left there is removed.

    Raises:
        NotADemo: the directory holds something else.
    """
    clear(directory)
    directory.mkdir(parents=True, mode=0o700)
    (directory / MARK).write_text("Made by 'ttp demo', which removes it when it runs again.\n")
    centers = {
        name: make_center(directory, name, role, port)
        for (name, role), port in zip(ROLES.items(), ports, strict=True)
    }
    errors = replace(MODERATE, duplicate=DUPLICATES)
    population = generate(SITES, patients, OVERLAP, SEED, errors)
    return Stage(directory, centers, population)


def clear(directory: Path) -> None:
    """Remove what an earlier demonstration left.

    Raises:
        NotADemo: the directory is not empty and not a demonstration's.
    """
    if not directory.exists():
        return
    if (directory / MARK).exists():
        shutil.rmtree(directory)
    elif (directory / SETTINGS_FILE).exists() or any(directory.iterdir()):
        raise NotADemo
    else:
        directory.rmdir()


def at_once(calls: Iterable[Callable[[], T]], *, threads: int) -> list[T]:
    """Run the calls in threads; give their results in order, or raise the first failure."""
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def chunks(items: list[T], size: int) -> list[list[T]]:
    """The items in runs of at most this size."""
    return [items[start : start + size] for start in range(0, len(items), size)]
