"""Two encodings at once with one memory of used tokens: none of them loses what the other used."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from linkage.encode import EncodingSet, UsedTokens
from linkage.synthetic import MODERATE, generate
from tests.cli.command_line import ttp


def test_what_was_delivered_is_remembered_or_the_run_says_that_it_has_to_be_repeated(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef\n")
    people = generate(("a", "b"), 300, 0.0, 5, MODERATE)
    people.write_csv(tmp_path)

    def encode(site: str) -> int:
        done = ttp(
            *("encode", "--schema", "salted", "--secret-file", "secret"),
            *("--used-tokens", "memory", f"{site}.csv", "-o", f"{site}.enc"),
            cwd=tmp_path,
        )
        assert done.returncode == 0 or "meanwhile" in done.stderr, done.stderr
        return done.returncode

    with ThreadPoolExecutor(2) as pool:
        codes = dict(zip(people.sites, pool.map(encode, people.sites), strict=True))
    assert 0 in codes.values()
    for site, code in codes.items():
        assert code == 0 or encode(site) == 0
    memory = UsedTokens.load(tmp_path / "memory")
    for site in people.sites:
        encodings = EncodingSet.load(tmp_path / f"{site}.enc")
        for view in encodings.schema.salted:
            tokens = set(encodings.exact[view.name].tolist()) - {0}
            assert tokens <= set(memory.held(view.name)[:, 0].tolist())
