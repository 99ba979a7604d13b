"""What reaches beyond this process: one place speaks HTTP, one sends mail, and no SQL is put together from text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.imports import imported, modules

NOBODY = ("socket", "requests", "aiohttp", "urllib3", "ftplib", "http.client", "urllib.request")
SPEAKS = {
    "httpx": {"allocator.nightly.web"},
    "smtplib": {"allocator.nightly.notify.mail"},
    **{name: set[str]() for name in NOBODY},
}
"""Modules that may import what speaks to other machines."""
LOOSE = {("verify", False), ("follow_redirects", True), ("trust_env", True), ("check_hostname", False), ("shell", True)}
"""Arguments that would let go of what keeps a request to its host, or a command to its words."""
UNSAFE = {"_create_unverified_context", "CERT_NONE", "eval", "exec"}
STATEMENTS = {"text", "execute", "exec_driver_sql", "scalar", "scalars"}


@pytest.mark.parametrize("library", SPEAKS)
def test_one_module_speaks_each_protocol(library: str) -> None:
    speaking = {
        module
        for package in ("allocator", "solvers")
        for module, file in modules(package)
        if any(f"{name}.".startswith(f"{library}.") for name in imported(file))
    }
    assert speaking == SPEAKS[library]


def test_nothing_lets_go_of_certificates_hosts_or_words() -> None:
    wrong = [
        f"{module}: {found}"
        for package in ("allocator", "solvers")
        for module, file in modules(package)
        for found in _loose(file)
    ]
    assert wrong == []


def test_sql_is_constant_text_or_built_by_sqlalchemy() -> None:
    wrong = [
        f"{module}, line {call.lineno}"
        for module, file in modules("allocator")
        if module.startswith("allocator.nightly")
        for call in _calls(file)
        if _name(call.func) in STATEMENTS and call.args and _made_of_text(call.args[0])
    ]
    assert wrong == []


def _loose(file: Path) -> Iterator[str]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Attribute) and node.attr in UNSAFE:
            yield node.attr
        if not isinstance(node, ast.Call):
            continue
        yield from (
            f"{word.arg}={word.value.value}"
            for word in node.keywords
            if isinstance(word.value, ast.Constant) and (word.arg, word.value.value) in LOOSE
        )
        if isinstance(node.func, ast.Name) and node.func.id in UNSAFE:
            yield node.func.id


def _made_of_text(node: ast.expr) -> bool:
    """Whether a statement is put together: an f-string, a sum, a call of format or join."""
    if isinstance(node, ast.Call):
        return _name(node.func) in ("format", "join", "replace") or any(map(_made_of_text, node.args))
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def _calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(_tree(file)) if isinstance(node, ast.Call))


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
