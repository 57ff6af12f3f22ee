"""The review page: from the press of a key to the frame that shows the next case, in a browser on the service's host.

Each of a hundred cases is decided "different", that is undone, and it is decided "same". The clock is the browser's:
it starts with the time stamp of the key event and stops when the frame with the other case has been drawn. Where a
decision asks to be confirmed, the name of the case is typed; such a decision is not counted.
"""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from tests.browser.visits import CHROMIUM, FLAGS, Visit
from tests.builders import PASSPHRASE
from tests.cli.running import served
from tests.pages.people import NORTH, make_cases, make_person
from tests.postgres_server import new_database, start_for
from ttp.config import Settings
from ttp.core.access import Role
from ttp.initializing import initialize

CASES = 100
FAMILIES = 140  # one of five pairs of siblings is no case
UNDO = "z"
WATCH = """() => {
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    window.took = performance.now() - pressed;
  }))).observe(document.getElementById("main"), { childList: true });
}"""
ANSWERED = "() => window.took !== undefined || document.getElementById('confirm')"
IDLE = "() => document.getElementById('case') && !('busy' in document.documentElement.dataset)"
_SIBLINGS = (("Lea", "Lena"), ("Tim", "Tom"), ("Jan", "Jana"), ("Mia", "Mila"), ("Ole", "Ola"))
_SYLLABLES = (
    "ba",
    "del",
    "fin",
    "gor",
    "hus",
    "jep",
    "kil",
    "lom",
    "mer",
    "nau",
    "pet",
    "rus",
    "sol",
    "tev",
    "wig",
)


def main() -> dict[str, object]:
    """Median and p95 in milliseconds of either decision and of undoing, on both databases."""
    server = start_for(os.getpid(), durable=True)
    with new_database(server, f"b{uuid.uuid4().hex}") as url:
        figures = _measured("PostgreSQL", url.replace("postgresql://", "postgresql+psycopg://", 1))
    return figures | _measured("SQLite", "")


def _measured(where: str, database: str) -> dict[str, object]:
    with _center(database) as (url, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visit = Visit(browser, url)
        visit.log_in("clerk")
        visit.open("/cases/first")
        busy = _cpu_ms(process)
        taken = decide_all(visit.page, CASES)
        busy = (_cpu_ms(process) - busy) / sum(map(len, taken.values()))
        visit.close()
        browser.close()
    figures: dict[str, object] = {f"{where}, CPU of the service per key, ms": busy}
    for name, times in taken.items():
        figures |= {f"{where}, {name}, ms ({kind})": value for kind, value in _figures(times)}
    return figures


def decide_all(page: Page, cases: int) -> dict[str, list[float]]:
    """Milliseconds of each key that decided or undid; one that asked to be confirmed is missing."""
    page.evaluate(WATCH)
    taken: dict[str, list[float]] = {"different": [], "undo": [], "same": []}
    for _ in range(cases):
        for name, keys in (("different", "1v"), ("undo", UNDO), ("same", "1g")):
            found = _pressed(page, keys)
            if found is not None:
                taken[name].append(found)
    return taken


def _pressed(page: Page, keys: str) -> float | None:
    """How long the last of the keys took; None if it asked to be confirmed, which then happened."""
    page.wait_for_function(IDLE)
    page.evaluate("() => { delete window.took; }")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function(ANSWERED)
    if page.query_selector("#confirm"):
        page.fill("#f-typed", page.url.split("/")[-2][-6:])
        page.keyboard.press("Enter")
        page.wait_for_selector("#case")
        page.evaluate(WATCH)
        return None
    if keys != UNDO and not page.query_selector("#undo"):
        raise RuntimeError(page.inner_text("#status"))
    return float(page.evaluate("window.took"))


def _cpu_ms(process: int) -> float:
    """The time that a process and its descendants have had processors."""
    own = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ticks = int(own[11]) + int(own[12])
    return ticks * 1e3 / os.sysconf("SC_CLK_TCK") + sum(_cpu_ms(int(one)) for one in children)


def _figures(times: Sequence[float]) -> list[tuple[str, float]]:
    return [("median", median(times)), ("p95", quantiles(times, n=20)[-1]), ("slowest", max(times))]


@contextmanager
def _center(database: str) -> Iterator[tuple[str, int]]:
    """``ttp serve`` of a center with enough cases, on a new database; its URL and first process."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "nord"
        home.with_name("nord.unlock").write_bytes(PASSPHRASE)
        settings = Settings(home, name="nord", role="local", database=database)
        center = initialize(settings, passphrase=PASSPHRASE).center
        make_person(center, Role.CLERK)
        make_cases(center, _children(0), _children(1))
        center.work.close()
        environment = {"TTP_DATABASE": database} if database else {}
        with served(home, **environment) as (url, server):
            yield url, server.pid


def _children(which: int) -> list[dict[str, str]]:
    """One of two siblings of each family; they share a birthday."""
    return [_child(number, which) for number in range(FAMILIES)]


def _child(number: int, which: int) -> dict[str, str]:
    drawn = Random(number)
    return NORTH[0] | {
        "record_id": f"{which}-{number}",
        "given_name": _SIBLINGS[number % len(_SIBLINGS)][which],
        "surname": "".join(drawn.choices(_SYLLABLES, k=4)).capitalize(),
        "birth_date": f"20{drawn.randrange(20):02}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "postcode": f"{drawn.randrange(10_000, 99_999)}",
        "city": "".join(drawn.choices(_SYLLABLES, k=3)).capitalize(),
    }


if __name__ == "__main__":
    for key, value in main().items():
        sys.stdout.write(f"{key}: {value}\n")
