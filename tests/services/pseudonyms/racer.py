"""One racer: a process whose threads ask for the same originals in batches, and write down every answer.

Arguments: home, domain, seed, threads, originals, batch. Prints one JSON list of [original, pseudonym, created]
for each thread; an item without an answer is [original, null, code].
"""

from __future__ import annotations

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ttp.config import load_settings
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.opening import open_center
from ttp.services.pseudonyms.issue_pseudonyms import Answers, issue_pseudonyms


def race(center: Center, domain: str, seed: int, originals: int, batch: int) -> list[list[Any]]:
    """Every answer one thread is given."""
    names = [f"original-{number}" for number in range(originals)]
    random.Random(seed).shuffle(names)
    seen = []
    for start in range(0, originals, batch):
        part = names[start : start + batch]
        for name, item in zip(part, issue(center, domain, part), strict=True):
            told = (item.pseudonym, item.created) if isinstance(item, Issued) else (None, item.code)
            seen.append([name, *told])
    return seen


def issue(center: Center, domain: str, names: list[str]) -> Answers:
    def step(tx: Transaction) -> Answers:
        return issue_pseudonyms(center, tx, OPERATOR, domain_name=domain, originals=names)

    return center.work.run(step)


def main() -> None:
    home, domain, seed, threads, originals, batch = sys.argv[1:]
    center = open_center(load_settings(Path(home)))
    with ThreadPoolExecutor(int(threads)) as pool:
        told = pool.map(
            lambda thread: race(
                center, domain, int(seed) * 100 + thread, int(originals), int(batch)
            ),
            range(int(threads)),
        )
        json.dump(list(told), sys.stdout)


if __name__ == "__main__":
    main()
