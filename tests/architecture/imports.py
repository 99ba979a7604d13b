"""What imports what, read from the sources without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """(dotted name, file) of every module below a top-level package."""
    for file in sorted((ROOT / package).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


@cache
def imported(file: Path) -> frozenset[str]:
    """Dotted names a file imports anywhere, also inside functions; `from a import b` gives a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def part(dotted: str) -> str:
    """The part of the product a module belongs to: "allocator.plan", "solvers", ..."""
    pieces = dotted.split(".")
    return ".".join(pieces[:2]) if pieces[0] == "allocator" else pieces[0]
