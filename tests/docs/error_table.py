"""The table of errors in docs/errors.md, made from the code: ``python -m tests.docs.error_table`` writes it anew."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import keys.errors
import linkage
import linkage.errors
import ttp
from ttp.core.errors import TTPError
from ttp.http.problems import status_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
INTRODUCTION = """# Errors

Every error has a stable code. Over HTTP it stands in a problem document (RFC 9457) with the status named here; an item
of a batch that cannot be answered has `{"error": {"code", "detail"}}` in its place. On the command line its sentence is
printed and the command ends with 2. No error contains a value of a patient or a part of a key.

An error without a name is a bare 500 with a correlation ID; the same ID stands in the log of the center.

This file is written by `python -m tests.docs.error_table` from the docstrings of the errors.
"""
RAISED_ELSEWHERE = ("env", "__main__", "versions")


def load_everything() -> None:
    """Import every module of the service and of linkage, so that every error is known."""
    for package in (ttp, linkage):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(RAISED_ELSEWHERE) and ".versions" not in found.name:
                importlib.import_module(found.name)


def errors_below(root: type[Exception]) -> Iterator[type[Exception]]:
    """The error and all that derive from it, which are part of the product."""
    if root.__module__.startswith(("ttp.", "linkage.", "keys.")):
        yield root
    for derived in root.__subclasses__():
        yield from errors_below(derived)


def sentence(error: type[Exception]) -> str:
    """The first paragraph of an error's docstring on one line."""
    return " ".join((error.__doc__ or "").split("\n\n", maxsplit=1)[0].split())


def described(root: type[Exception]) -> dict[str, tuple[str, int]]:
    """Code → sentence and status of every error of a tree."""
    return {
        getattr(error, "code"): (sentence(error), status_of(_blank(error)))  # noqa: B009
        for error in errors_below(root)
    }


def table() -> str:
    """The whole document."""
    load_everything()
    parts = [INTRODUCTION]
    for title, root in (
        ("Requests and commands", TTPError),
        ("Linkage", linkage.errors.LinkageError),
    ):
        rows = sorted(described(root).items())
        lines = [f"| `{code}` | {status} | {text} |" for code, (text, status) in rows]
        parts.append(
            "\n".join(
                [f"## {title}\n", "| code | status | meaning |", "| --- | --- | --- |", *lines]
            )
        )
    keyed = sorted(described(keys.errors.KeysError).items())
    lines = [f"| `{code}` | {text} |" for code, (text, _) in keyed]
    parts.append(
        "\n".join(
            [
                "## Keys\n\nThese stop a command or a start; a door answers them with a bare 500.\n",
                "| code | meaning |",
                "| --- | --- |",
                *lines,
            ]
        )
    )
    reasons = ", ".join(f"`{reason.value}`" for reason in keys.errors.RejectionReason)
    parts.append(
        "## Signed requests\n\nA request whose signature does not hold is answered with 401, unsigned, and one"
        f" of these reasons as its code: {reasons}."
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _blank(error: type[Exception]) -> Exception:
    return error.__new__(error)


if __name__ == "__main__":
    DOCUMENT.write_text(table(), "utf-8")
