"""The image is built from locks alone, runs without root, and copies only what exists."""

import shlex
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
KNOWN = {"FROM", "COPY", "RUN", "WORKDIR", "ENV", "LABEL", "USER", "VOLUME", "EXPOSE"} | {
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}

Stage = list[tuple[str, str]]


@cache
def stages() -> tuple[Stage, ...]:
    """The instructions of each stage, continuation lines joined and comments dropped."""
    lines = [n for n in CONTAINERFILE.read_text().splitlines() if not n.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    instructions = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    found: list[Stage] = []
    for word, _, rest in instructions:
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest.strip()))
    return tuple(found)


def _all(word: str) -> list[str]:
    return [rest for stage in stages() for name, rest in stage if name == word]


def _ignored_unless_named() -> set[str]:
    lines = (ROOT / ".dockerignore").read_text().split()
    return {line[1:] for line in lines if line.startswith("!")}


def test_only_known_instructions_are_used() -> None:
    assert {word for stage in stages() for word, _ in stage} <= KNOWN


def test_every_base_image_names_its_release() -> None:
    bases = [rest.split()[0] for rest in _all("FROM")]
    assert all(":" in base and not base.endswith(":latest") for base in bases)


@pytest.mark.parametrize("line", [line for line in _all("COPY") if "--from=" not in line])
def test_what_is_copied_exists_and_is_not_ignored(line: str) -> None:
    *sources, _ = shlex.split(line)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(
            source == kept or source.startswith(f"{kept}/") for kept in _ignored_unless_named()
        )


def test_stages_copied_from_exist_before_they_are_used() -> None:
    named: list[str] = []
    for stage in stages():
        wanted = [
            rest.split()[0].removeprefix("--from=")
            for word, rest in stage
            if "--from=" in rest and word == "COPY"
        ]
        assert set(wanted) <= set(named)
        named.append(stage[0][1].rpartition(" AS ")[2])


def test_packages_are_installed_by_hash_or_without_dependencies() -> None:
    installs = [part for run in _all("RUN") for part in run.split("&&") if "pip install" in part]
    assert installs
    assert all("--require-hashes" in part or "--no-deps" in part for part in installs)


def test_the_image_does_not_run_as_root() -> None:
    words = [word for word, _ in stages()[-1]]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "root" not in dict(stages()[-1])["USER"]


def test_the_image_says_when_it_is_ill() -> None:
    assert "/livez" in dict(stages()[-1])["HEALTHCHECK"]


def test_no_secret_is_baked_in() -> None:
    settings = " ".join(_all("ENV")).upper()
    assert not any(word in settings for word in ("PASSWORD", "SECRET", "UNLOCK", "TOKEN"))
