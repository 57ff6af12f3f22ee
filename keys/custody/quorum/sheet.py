"""The sheet: what goes into one custodian's envelope; shown once, kept nowhere."""

from keys.custody.quorum.share import Share
from keys.custody.quorum.statement import Statement

_GROUPS_A_LINE = 6


def lines_of(share: Share) -> list[str]:
    """The share's text in three numbered lines of six groups, as people read it aloud.

    The number at the left is that of the line's first group, as errors count groups.
    """
    groups = share.text().split("-")
    return [
        f"{start + 1:>2}  {'  '.join(groups[start : start + _GROUPS_A_LINE])}"
        for start in range(0, len(groups), _GROUPS_A_LINE)
    ]


def sheet(share: Share, statement: Statement, *, center: str) -> str:
    """Everything a custodian needs years later, as plain text of at most 72 columns."""
    holder = statement.holder(share)
    name = holder.name if holder else ""
    count = len(statement.custodians)
    return "\n".join(
        [
            f"SHARE {share.number} OF {count} OF THE ROOT KEY",
            "",
            f"center      {center}",
            f"custodian   {name}",
            f"quorum      {statement.quorum}, epoch {statement.epoch}",
            f"opens       any {statement.threshold} of {count} shares together",
            "",
            *lines_of(share),
            "",
            "Type the groups in this order; capitals, spaces and hyphens do not",
            "matter, and 0 and O, 1, I and L are the same. Never copy, photograph",
            "or read this aloud. A broken seal on the envelope is reported at once.",
        ]
    )
