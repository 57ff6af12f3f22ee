"""A center that custodians hold: sealed until two of them came, by page or by command; then open until it ends."""

import os
import signal
import stat
import time

import httpx
import psutil
import pytest
from playwright.sync_api import Browser

from tests.browser.visits import Visit
from tests.cli.running import run
from tests.custody.quorum_home import QuorumHome, Serving, serving


def pseudonyms(serving_now: Serving, key: str, *originals: str) -> list[str]:
    answer = httpx.post(
        f"{serving_now.url}/api/v1/domains/diz/pseudonyms",
        json={"originals": list(originals)},
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return [item["pseudonym"] for item in answer.json()["results"]]


def pipeline(home: QuorumHome) -> str:
    """A domain and the key of a client, made beside the running center."""
    assert run(home.path, "domain", "create", "diz").exit_code == 0
    options = ["client", "create", "p", "--role", "pipeline", "--domain", "diz"]
    return run(home.path, *options).stdout.strip()


def unseal(home: QuorumHome, share: str) -> tuple[int, str]:
    done = run(home.path, "unseal", input=f"{share}\n")
    return done.exit_code, done.stdout + done.stderr


def opened_by_command(home: QuorumHome, now: Serving) -> None:
    now.wait(503)
    for name in ("Anders", "Celik"):
        assert unseal(home, home.papers[name])[0] == 0
    now.wait(200)


def kill(process: psutil.Process) -> None:
    os.kill(process.pid, signal.SIGKILL)


def test_custodians_open_the_center_by_command(home: QuorumHome) -> None:
    with serving(home.path) as now:
        assert now.wait(503).json()["missing"] == 2
        assert httpx.get(f"{now.url}/livez").status_code == 200
        for path in ("/", "/login", "/api/v1/domains", "/fhir/metadata", "/metrics", "/unseal"):
            assert httpx.get(now.url + path).json()["code"] == "sealed"
        assert stat.S_IMODE((home.path / "unseal.sock").stat().st_mode) == 0o600
        misread = home.papers["Brandt"][:-1] + ("7" if home.papers["Brandt"][-1] != "7" else "1")
        assert "group 18" in unseal(home, misread)[1]
        assert unseal(home, home.papers["Anders"]) == (
            0,
            "The share of Anders is counted; 1 missing.\n",
        )
        assert now.wait(503).json()["missing"] == 1
        assert "already counted" in unseal(home, home.papers["Anders"])[1]
        assert "the center is unsealed" in unseal(home, home.papers["Celik"])[1]
        now.wait(200)
        code, told = unseal(home, home.papers["Brandt"])
        assert code == 2
        assert "No sealed center waits" in told
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{now.admin}/unseal")
        time.sleep(1)
        leaves = home.leaves()
    entered = [leaf["facts"] for leaf in leaves if leaf["action"] == "custody.share-entered"]
    assert [(one["outcome"], one["custodian"]) for one in entered] == [
        ("share-malformed", ""),
        ("accepted", "Anders"),
        ("share-repeated", "Anders"),
        ("accepted", "Celik"),
    ]
    (unsealed,) = [leaf for leaf in leaves if leaf["action"] == "center.unsealed"]
    assert unsealed["facts"]["custody"] == "quorum"
    assert unsealed["counts"] == {"accepted": 2, "refused": 2, "unrecorded": 0}
    log = now.log.read_text()
    for paper in home.papers.values():
        assert not any(group in log for group in paper.split()[4:])


@pytest.mark.browser
def test_custodians_open_the_center_on_the_page(home: QuorumHome, chromium: Browser) -> None:
    with serving(home.path) as now:
        now.wait(503)
        visitor = Visit(chromium, now.admin)
        page = visitor.page
        visitor.open("/")
        assert page.title() == "nord ist versiegelt"
        assert visitor.violations() == []
        page.fill("#share", home.papers["Anders"].lower())
        page.get_by_role("button", name="Anteil eingeben").click()
        assert page.inner_text("[role=status]") == "Der Anteil von Anders ist gezählt."
        assert page.inner_text("#missing") == "Es fehlen noch: 1"
        assert page.input_value("#share") == ""
        page.get_by_role("link", name="English").click()
        assert page.inner_text("#counted") == "Counted: Anders"
        page.fill("#share", home.papers["Brandt"])
        page.get_by_role("button", name="Enter share").click()
        assert "begins to serve" in page.inner_text("main")
        now.wait(200)
        visitor.close()
        key = pipeline(home)
        assert pseudonyms(now, key, "a", "b") == pseudonyms(now, key, "a", "b")


def test_no_custodian_is_needed_when_web_or_worker_are_killed(home: QuorumHome) -> None:
    with serving(home.path) as now:
        opened_by_command(home, now)
        key = pipeline(home)
        before = pseudonyms(now, key, "a", "b")
        children = psutil.Process(now.process.pid).children()
        assert len(children) >= 2
        for child in children:
            kill(child)
        for child in children:
            child.wait(10) if child.is_running() else None
        now.wait(200)
        assert pseudonyms(now, key, "a", "b") == before
        assert now.process.poll() is None


def test_who_ends_a_sealed_center_leaves_nothing_behind(home: QuorumHome) -> None:
    with serving(home.path) as now:
        now.wait(503)
        unseal(home, home.papers["Anders"])
        now.process.terminate()
        assert now.process.wait(10) == 0
    assert not (home.path / "unseal.sock").exists()
    assert not (home.path / "root.sock").exists()


def test_without_custodians_no_command_opens_the_home(home: QuorumHome) -> None:
    done = run(home.path, "domain", "list")
    assert done.exit_code == 2
    assert "let its custodians enter their shares" in done.stderr


def test_a_file_of_shares_opens_nothing(home: QuorumHome) -> None:
    secret = home.path.with_name("shares")
    secret.write_text("\n".join(home.papers.values()))
    assert run(home.path, "domain", "list", TTP_UNLOCK_FILE=str(secret)).exit_code == 2
