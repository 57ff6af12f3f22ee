"""The table in docs/audit-events.md, made from the code: ``python -m tests.docs.event_table`` writes it anew."""

from pathlib import Path

from ttp.core.event_kinds import EventKind

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit-events.md"
INTRODUCTION = """# Events of the audit log

Every acknowledged operation leaves one leaf in its own transaction, and the leaf's `action` is one of these words; no
other can be written. *Grave* acts are answered only once a signed checkpoint covers their leaf. How the log is
verified is described in [audit.md](audit.md).

This file is written by `python -m tests.docs.event_table` from `ttp/core/event_kinds.py`.

| action | grave | meaning |
| --- | --- | --- |
"""


def table() -> str:
    """The whole document."""
    rows = (
        f"| `{kind.value}` | {'yes' if kind.grave else ''} | {kind.meaning} |\n"
        for kind in sorted(EventKind)
    )
    return INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    DOCUMENT.write_text(table(), "utf-8")
