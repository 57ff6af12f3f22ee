"""A sealed center keeps no share in a file, a log line, an answer or its environment, and neither when it is open."""

from __future__ import annotations

from pathlib import Path

import httpx
import psutil

from keys.custody import quorum
from tests.custody.quorum_home import quorum_home, serving
from tests.leaks.spellings import found_in
from tests.leaks.watched import Watched, turned_up


def test_no_share_is_found_anywhere(tmp_path: Path) -> None:
    home = quorum_home(tmp_path / "center")
    false = quorum.Share.parse(home.papers["Brandt"])
    true = [quorum.Share.parse(home.papers[name]) for name in ("Anders", "Celik")]
    false.value[0] ^= 1
    shares = [false, *true]
    secret: dict[str, str | bytes] = {"root": bytes(home.root())}
    for number, share in enumerate(shares):
        secret |= {f"value {number}": bytes(share.value), f"text {number}": share.text()[20:]}
        secret |= {f"text {number} as typed": share.text().replace("-", "")[20:]}
    with serving(home.path, **turned_up(tmp_path / "watch")) as now:
        now.wait(503)
        with httpx.Client(timeout=30) as http:
            watch = Watched(
                home.path, http, psutil.Process(now.process.pid), tmp_path / "watch", []
            )
            answers = [http.get(f"{now.url}/{share.text()}") for share in shares]
            for share in shares:
                places = [f"{now.admin}/{share.text()}", f"{now.admin}/unseal"]
                answers += [http.post(place, data={"share": share.text()}) for place in places]
        now.wait(200)
        left = watch.home_files() + watch.temporary() + watch.surroundings()
    told = b"".join(one.content + str(one.headers.multi_items()).encode() for one in answers)
    assert found_in(told, secret) == {}
    assert found_in(left, secret) == {}
    log = now.log.read_bytes()
    assert b"share entered: share-false" in log
    assert found_in(log, secret) == {}
