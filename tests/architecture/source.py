"""The product's own source, parsed once, for rules about its shape."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ttp", "linkage", "keys")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One source file of the product."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The dotted name, a package by its folder."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product, by path."""
    paths = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))
    own = [path for path in paths if "node_modules" not in path.parts]
    return tuple(Module(p, text := p.read_text(), ast.parse(text)) for p in own)


def lines_of(function: Function) -> int:
    """The length of a function without its docstring, which is a promise and may be long."""
    first, last = function.body[0], function.end_lineno or function.lineno
    documented = ast.get_docstring(function) is not None and first.end_lineno is not None
    promise = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return last - function.lineno + 1 - promise
