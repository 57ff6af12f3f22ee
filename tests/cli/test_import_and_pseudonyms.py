"""What another system issued comes in by the command line; trees, translations and receipts go out by it."""

import json
from pathlib import Path

import pytest

from tests.cli.running import PASSPHRASE, made, run, served

GPAS = (
    'Originalwert;Pseudonym\r\n007;G-1\r\n"Mü;ller";G-2\r\n###_anonym_###_X_###_anonym_###;G-3\r\n'
)
SEVERAL = "Original value,Pseudonym,Domain\na,A-1,north\nb,B-1,south\n"
OWN = '\ufefffirst,pseudonym,original\nx,O-1,007\nx,O-2,\nx,O-1,008\ny,O-3\nx,O-4," leading"\n'
LINES = '["a", "L-1"]\n\n{"original": "b", "pseudonym": "L-2"}\nnothing\n["c"]\n["a", "L-9"]\n'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = made(tmp_path_factory.mktemp("work") / "home", "diz", "bio")
    for name in ("gpas", "north", "own", "lines", "again"):
        assert run(home, "domain", "create", name, "--accepts-foreign").exit_code == 0
    assert run(home, "domain", "create", "below", "--parent", "diz").exit_code == 0
    return home


FILES = {
    "gpas": (
        GPAS,
        ["--format", "gpas"],
        "2 new",
        [(4, "anonymized-in-gpas")],
        [("Mü;ller", "G-2")],
    ),
    "north": (SEVERAL, ["--format", "gpas", "--from", "north"], "1 new", [], [("a", "A-1")]),
    "own": (
        OWN,
        [],
        "2 new",
        [
            (5, "wrong-number-of-columns"),
            (3, "invalid-original"),
            (4, "different-original-exists"),
        ],
        [("007", "O-1"), (" leading", "O-4")],
    ),
    "lines": (
        LINES,
        ["--format", "ndjson"],
        "2 new",
        [(4, "not-json"), (5, "not-a-pair"), (6, "different-pseudonym-exists")],
        [("a", "L-1"), ("b", "L-2")],
    ),
}


@pytest.mark.parametrize("domain", FILES)
def test_pairs_come_in_and_bad_rows_are_listed_without_values(
    home: Path, tmp_path: Path, domain: str
) -> None:
    text, options, told, bad, good = FILES[domain]
    file, rejects = tmp_path / "pairs.csv", tmp_path / "rejects.csv"
    file.write_bytes(text.encode())
    done = run(home, "import", "pairs", file, "--domain", domain, "--rejects", rejects, *options)
    assert (done.exit_code, told in done.output) == (1 if bad else 0, True), done.output
    lines = rejects.read_text().splitlines()
    assert lines == ["row,code", *(f"{row},{code}" for row, code in bad)]
    assert not file.with_name("pairs.csv.resume").exists()
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("v\n" + "".join(f'"{original}"\n' for original, _ in good))
    run(home, "pseudonymize", "--domain", domain, "--column", "v", table, "-o", out)
    assert out.read_text().replace('"', "").splitlines()[1:] == [token for _, token in good]


UNFIT = {
    "no such columns": ("a,b\n1,2\n", [], "names no columns"),
    "one column": ("original\n1\n", ["--format", "gpas"], "names no two columns"),
    "several domains": (SEVERAL, ["--format", "gpas"], "--from"),
    "a quote never closed": ('original,pseudonym\na,"' + "x,y\n" * 40_000, [], "never closed"),
}


@pytest.mark.parametrize(("text", "options", "sentence"), UNFIT.values(), ids=UNFIT)
def test_files_without_pairs_are_refused(
    home: Path, tmp_path: Path, text: str, options: list[str], sentence: str
) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(text)
    done = run(home, "import", "pairs", file, "--domain", "own", *options)
    assert (done.exit_code, sentence in done.output + done.stderr) == (2, True)


def test_a_row_in_another_encoding_is_named(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_bytes("original,pseudonym\nMüller,U-1\nMeier,U-2\n".encode("latin-1"))
    done = run(home, "import", "pairs", file, "--domain", "own")
    assert done.exit_code == 1
    assert "row 2: not-utf8" in done.stderr
    assert "1 new" in done.output


@pytest.mark.parametrize("line", ["5", "null", '["diz"]', "", "M\xfcller"])
def test_lines_that_are_no_pairs_are_refused_by_their_numbers(
    home: Path, tmp_path: Path, line: str
) -> None:
    file = tmp_path / "pairs.ndjson"
    file.write_bytes(line.encode("latin-1") + b"\n")
    done = run(home, "pseudonyms", "erase", file)
    assert (done.exit_code, "Usage" in done.output + done.stderr) == (2, True)


def test_an_interrupted_import_goes_on_behind_what_was_done(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("original,pseudonym\n" + "".join(f"o{n},R-{n}\n" for n in range(30)))
    found = file.stat()
    resume = file.with_name("pairs.csv.resume")
    resume.write_text(f"again csv None {found.st_size} {found.st_mtime_ns}\n10")
    done = run(home, "import", "pairs", file, "--domain", "again")
    assert "20 rows: 20 new" in done.output
    resume.write_text("another file\n10")
    done = run(home, "import", "pairs", file, "--domain", "again")
    assert "30 rows: 20 known, 10 new" in done.output


def issued(home: Path, tmp_path: Path, domain: str, *originals: str) -> list[str]:
    table, out = tmp_path / f"{domain}.csv", tmp_path / f"{domain}-out.csv"
    table.write_text("v\n" + "".join(f"{one}\n" for one in originals))
    run(home, "pseudonymize", "--domain", domain, "--column", "v", table, "-o", out)
    return out.read_text().splitlines()[1:]


def test_validate_translate_and_tree_say_what_the_services_say(home: Path, tmp_path: Path) -> None:
    first, second = issued(home, tmp_path, "diz", "one", "two")
    (below,) = issued(home, tmp_path, "below", first)
    file = tmp_path / "tokens.txt"
    file.write_text(f"{first}\nAAAA\n{'A' * 16}\n")
    plain = run(home, "pseudonyms", "validate", "diz", file)
    assert (plain.exit_code, plain.output.split()) == (1, ["valid", "wrong-length", "valid"])
    known = run(home, "pseudonyms", "validate", "diz", file, "--exists")
    assert known.output.split() == ["active", "wrong-length", "unknown"]
    file.write_text(f"{first}\n{'A' * 16}\n{second}\n")
    told = run(home, "pseudonyms", "translate", "diz", "bio", file, "--reason", "a test")
    assert (told.exit_code, "line 2: unknown-pseudonym" in told.stderr) == (1, True)
    lines = told.stdout.splitlines()
    assert [lines[0], lines[2]] == issued(home, tmp_path, "bio", "one", "two")
    tree = run(home, "pseudonyms", "tree", "below", "--reason", "a test", input=f"{below}\n")
    assert tree.output.splitlines() == ["one", f"  diz: {first}", f"    below: {below}  <-"]


def test_an_erasure_gives_its_receipt(home: Path, tmp_path: Path) -> None:
    (token,) = issued(home, tmp_path, "diz", "erased")
    file, receipt = tmp_path / "pairs.ndjson", tmp_path / "receipt.json"
    file.write_text('["diz", "erased"]\n["bio", "nobody"]\n')
    done = run(home, "pseudonyms", "erase", file, "-o", receipt)
    assert (done.exit_code, "1 links ended, 1 originals unknown." in done.stderr) == (1, True)
    told = json.loads(receipt.read_text())
    assert told["ended"] == [{"domain": "diz", "pseudonym": token, "ended": "anonymized"}]
    assert told["log"]["position"] >= 0
    issued(home, tmp_path, "bio", "here")
    everywhere = run(home, "pseudonyms", "erase", "--everywhere", input="here\n")
    assert json.loads(everywhere.stdout)["not_covered"] == 0


def test_over_http_the_commands_say_the_same(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.with_name("home.unlock").write_bytes(PASSPHRASE)
    assert run(home, "init", "--name", "nord", "--four-eyes", "demo").exit_code == 0
    shapes: dict[str, list[str]] = {
        "diz": [],
        "bio": [],
        "below": ["--parent", "diz"],
        "again": ["--accepts-foreign"],
    }
    for name, shape in shapes.items():
        assert run(home, "domain", "create", name, *shape).exit_code == 0
    domains = [*shapes]
    allowed = [option for name in domains for option in ("--domain", name)]
    made_client = run(home, "client", "create", "pipeline", "--role", "pipeline", *allowed)
    key = tmp_path / "key"
    key.write_text(made_client.stdout.split()[-1])
    (first,) = issued(home, tmp_path, "diz", "far")
    (below,) = issued(home, tmp_path, "below", first)
    tokens, pairs, erased = (
        tmp_path / name for name in ("tokens.txt", "pairs.csv", "erase.ndjson")
    )
    tokens.write_text(f"{first}\nAAAA\n")
    pairs.write_text("original,pseudonym\nu,U-1\nu,U-2\n")
    erased.write_text('["diz", "far"]\n["bio", "nobody"]\n')
    commands: list[tuple[list[str | Path], str | None]] = [
        (["pseudonyms", "validate", "diz", tokens, "--exists"], None),
        (["pseudonyms", "translate", "diz", "bio", tokens, "--reason", "a test"], None),
        (["pseudonyms", "tree", "below", "--reason", "a test"], f"{below}\n"),
        (["import", "pairs", pairs, "--domain", "again"], None),
    ]
    with served(home) as (url, _):
        far: list[str | Path] = ["--url", url, "--key-file", key]
        for command, text in commands:
            there, here = (run(home, *command, *way, input=text) for way in (far, []))
            assert there.exit_code == here.exit_code, there.output
            if "import" not in command:
                assert there.output == here.output
            else:
                assert "different-pseudonym-exists" in there.output
                assert ("1 new" in there.output, "1 known" in here.output) == (True, True)
        done = run(home, "pseudonyms", "erase", erased, *far)
        both = run(home, "pseudonyms", "validate", "diz", tokens, *far, "--as", "somebody")
    assert (done.exit_code, "1 links ended, 1 originals unknown." in done.stderr) == (1, True)
    assert json.loads(done.stdout)["ended"][0]["pseudonym"] == first
    assert both.exit_code == 2
