"""Small functions, one idea a file."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator

from tests.architecture.imports import ROOT, modules

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60
MEDIAN_FUNCTION_LINES = 10


def test_no_file_outgrows_one_idea() -> None:
    sizes = {
        name: len(file.read_text("utf-8").splitlines()) for p in ("allocator", "solvers") for name, file in modules(p)
    }
    assert {name: lines for name, lines in sizes.items() if lines > MOST_FILE_LINES} == {}


def test_functions_are_small() -> None:
    sizes = dict(_functions())
    assert {name: lines for name, lines in sizes.items() if lines > MOST_FUNCTION_LINES} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_FUNCTION_LINES


def test_no_file_names_the_machine_it_was_written_on() -> None:
    wrong = [
        str(f.relative_to(ROOT)) for p in ("allocator", "solvers") for _, f in modules(p) if str(ROOT) in f.read_text()
    ]
    assert wrong == []


def _functions() -> Iterator[tuple[str, int]]:
    for package in ("allocator", "solvers"):
        for name, file in modules(package):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield f"{name}:{node.lineno} {node.name}", _code_lines(node)


def _code_lines(function: ast.FunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 1
