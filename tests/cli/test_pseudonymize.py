"""``ttp pseudonymize`` on a home and over HTTP: the same file, whichever way."""

from pathlib import Path

import httpx
import pytest

from tests.cli.running import made, run, served

MESSY = (
    "\ufeffpid;name;ort\r\n"
    '007;"Müller; Jürgen";Köln\r\n'
    '"008";Groß;"St. ""Blasien"""\r\n'
    ';leer;x\r\n007;doppelt;"zwei\r\nZeilen"'
)
DIZ = ("--domain", "diz", "--column", "pid")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("work") / "home", "diz", "other")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_bytes(MESSY.encode())
    return file


def pseudonymize(home: Path | None, source: Path, target: Path, *more: str | Path) -> str:
    done = run(home, "pseudonymize", *DIZ, source, "-o", target, *more)
    assert done.exit_code == 0, done.output
    return done.stderr


def test_there_and_back_again_every_byte_is_as_it_was(home: Path, table: Path) -> None:
    out, back = table.with_name("out.csv"), table.with_name("back.csv")
    told = pseudonymize(home, table, out)
    assert "4 rows: 3 new, 0 known, 1 empty" in told
    lines = out.read_bytes().decode().split("\r\n")
    assert "Jürgen" in lines[1]
    assert lines[1].split(";")[0] == lines[4].split(";")[0] != "007"
    assert lines[2].startswith('"')
    pseudonymize(home, out, back, "--resolve", "--reason", "a test")
    assert back.read_bytes() == table.read_bytes()


REFUSED = {
    "column missing": ("id;x\n1;2\n", [], "The file has no column 'pid'"),
    "empty": ("", [], "The file is empty."),
    "bad row": ("pid;x\n4711;2\n4712\n", [], "row 3: wrong-number-of-columns"),
    "control character": ("pid;x\n47\x0111;2\n", [], "row 2: invalid-original"),
    "NUL": ("pid;x\n47\x0011;2\n", [], "row 2: nul-character"),
    "unknown values only": ("pid\n4713-never\n", ["--no-create"], "row 2: unknown-original"),
    "no pseudonyms": (
        "pid\n4711\n",
        ["--resolve", "--reason", "a test"],
        "row 2: invalid-pseudonym",
    ),
    "no reason": ("pid\n4711\n", ["--resolve"], "needs a reason"),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_a_bad_file_is_refused_with_rows_and_without_values(
    home: Path, tmp_path: Path, defect: str
) -> None:
    content, more, told = REFUSED[defect]
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content.encode())
    done = run(home, "pseudonymize", *DIZ, source, "-o", target, *more)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "471" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_with_rejects_the_rest_goes_on(home: Path, tmp_path: Path) -> None:
    source, target, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    source.write_bytes(b"pid;x\n1;a\nM\xfcller;b\n2\n3;c\n")
    told = pseudonymize(home, source, target, "--rejects", bad)
    assert "2 rejected" in told
    assert len(target.read_text().splitlines()) == 3
    assert bad.read_text().splitlines()[1:] == [
        '3,"",not-utf8',
        '4,"",wrong-number-of-columns',
    ]


def test_a_domain_that_does_not_exist_leaves_nothing_behind(home: Path, table: Path) -> None:
    nowhere = ("--domain", "nowhere", "--column", "pid")
    done = run(home, "pseudonymize", *nowhere, table, "-o", table.with_name("out.csv"))
    assert done.exit_code == 2
    assert "No domain has this name." in done.stderr
    assert [path.name for path in table.parent.iterdir()] == ["in.csv"]


def test_over_http_the_result_is_the_same(home: Path, table: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    pseudonymize(home, table, here)
    key = tmp_path / "key"
    created = run(home, "client", "create", "p", "--role", "pipeline", "--domain", "diz")
    key.write_text(created.stdout)
    with served(home) as (url, _):
        pseudonymize(None, table, there, "--url", url, "--key-file", key)
        assert there.read_bytes() == here.read_bytes()
        options: list[str | Path] = ["--column", "pid", table, "-o", tmp_path / "x", "--url", url]
        denied = run(None, "pseudonymize", "--domain", "other", *options, "--key-file", key)
        assert denied.exit_code == 2
        assert "no access to this domain" in denied.stderr
        keyless = run(None, "pseudonymize", "--domain", "diz", *options)
        assert "--key-file" in keyless.stderr
        taken = run(home, "serve", "--port", url.rpartition(":")[2])
        assert taken.exit_code == 2
        assert "choose another with --port" in taken.stderr
        assert httpx.get(f"{url}/readyz").json()["status"] == "ready"
        later = run(home, "domain", "create", "later")
        assert later.exit_code == 0
