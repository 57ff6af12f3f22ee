"""The benchmark page is written by the runner alone, and only between its markers."""

from tests.benchmarks.__main__ import BEGIN, END, HEAD, by_hand, page, publish, shown


def test_figures_replace_figures_and_leave_the_rest() -> None:
    text = f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n"
    assert publish(text, "new") == f"Before.\n{BEGIN}\nnew\n{END}\nAfter.\n"


def test_publishing_twice_is_publishing_once() -> None:
    once = publish(HEAD, "figures")
    assert publish(once, "figures") == once


def test_a_page_names_the_machine_and_every_figure() -> None:
    text = page({"cores": "2"}, {"bench_exact_linkage": {"pairs per second": 1_500_000_000}})
    assert "cores: 2" in text
    assert "## exact linkage" in text
    assert "| pairs per second | 1,500,000,000 |" in text


def test_figures_are_rounded_to_what_was_measured() -> None:
    assert shown(1234.56789) == "1,235"
    assert shown(0.000123456) == "0.0001235"
    assert shown("not measured") == "not measured"


def test_what_was_run_by_hand_has_a_part_of_its_own_that_names_its_command() -> None:
    once = by_hand(HEAD, "python -m x --rows 9", {"cores": "2"}, {"rows": 9})
    assert once.startswith(HEAD.rstrip())
    assert "## `python -m x --rows 9`" in once
    assert "| rows | 9 |" in once
    other = by_hand(once, "python -m y", {"cores": "2"}, {"rows": 8})
    again = by_hand(other, "python -m x --rows 9", {"cores": "2"}, {"rows": 7})
    assert "| rows | 9 |" not in again
    assert "| rows | 7 |" in again
    assert "| rows | 8 |" in again
    assert publish(again, "figures").endswith(again.partition(END)[2])
