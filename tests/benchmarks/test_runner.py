"""The benchmark page is written by the runner alone, each command's figures in a part of their own."""

from pathlib import Path

from tests.benchmarks import full_run
from tests.benchmarks.__main__ import HEAD, found, published, shown


def test_publishing_twice_is_publishing_once() -> None:
    once = published(HEAD, "python -m x", {"cores": "2"}, {"rows": 9})
    assert published(once, "python -m x", {"cores": "2"}, {"rows": 9}) == once


def test_a_part_names_its_command_the_machine_and_every_figure() -> None:
    text = published(HEAD, "python -m x", {"cores": "2"}, {"pairs per second": 1_500_000_000})
    assert "cores: 2" in text
    assert "## `python -m x`" in text
    assert "| pairs per second | 1,500,000,000 |" in text


def test_figures_are_rounded_to_what_was_measured() -> None:
    assert shown(1234.56789) == "1,235"
    assert shown(0.000123456) == "0.0001235"
    assert shown("not measured") == "not measured"


def test_the_figures_of_a_command_replace_its_own_and_no_others() -> None:
    once = published(HEAD, "python -m x --rows 9", {"cores": "2"}, {"rows": 9})
    assert once.startswith(HEAD.rstrip())
    other = published(once, "python -m y", {"cores": "2"}, {"rows": 8})
    again = published(other, "python -m x --rows 9", {"cores": "2"}, {"rows": 7})
    assert "| rows | 9 |" not in again
    assert "| rows | 7 |" in again
    assert "| rows | 8 |" in again


def test_a_whole_name_means_one_benchmark_and_a_part_of_a_name_all_that_have_it() -> None:
    assert all(found([name]) == [name] for name in found([]))
    assert found(["registration"]) == ["bench_registration", "bench_registration_quality"]
    assert found(["no such"]) == []


def test_a_full_run_is_recorded_with_what_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="1" errors="1" skipped="2" time="90"/></testsuites>'
    )
    found = full_run.figures(report)
    assert (found["passed"], found["failed"], found["skipped"]) == (5, 2, 2)
    assert found["minutes"] == 1.5
