"""One racer: a process that asks services for the same originals as all others, and tells every answer.

Arguments: API key, domain, seed, originals, calls, batch, then the services' addresses. Prints a JSON list of
[original, pseudonym, created, request]; what could not be answered is [original, null, reason, request].
"""

from __future__ import annotations

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

THREADS = 2


def race(key: str, domain: str, seed: int, sizes: tuple[int, int, int], url: str) -> list[Any]:
    """Every answer one thread is given."""
    originals, calls, batch = sizes
    chance, seen = random.Random(seed), []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:
        for number in range(0, calls, batch):
            request = f"{seed}-{number}"
            names = [f"original-{chance.randrange(originals)}" for _ in range(batch)]
            body = {"originals": names}
            response = client.post(f"{url}/api/v1/domains/{domain}/pseudonyms", json=body)
            if response.status_code != 200:
                seen += [[name, None, response.text[:200], request] for name in names]
                continue
            for name, item in zip(names, response.json()["results"], strict=True):
                made = item.get("created", item.get("error"))
                seen.append([name, item.get("pseudonym"), made, request])
    return seen


def main() -> None:
    """Race in some threads, each against another service."""
    key, domain, *numbers = sys.argv[1:7]
    seed, originals, calls, batch = map(int, numbers)
    urls = sys.argv[7:]
    with ThreadPoolExecutor(THREADS) as pool:
        told = pool.map(
            lambda thread: race(
                key,
                domain,
                seed * 100 + thread,
                (originals, -(-calls // THREADS), batch),
                urls[thread % len(urls)],
            ),
            range(THREADS),
        )
        json.dump([item for part in told for item in part], sys.stdout)


if __name__ == "__main__":
    main()
