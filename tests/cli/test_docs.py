"""The generated pages are those of the code, and what the how-to pages tell people to type works."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from allocator.cli.main import COMMANDS
from tests.cli.shell import ROOT, allocator, environment

TUTORIAL = ROOT / "docs" / "tutorial.md"
HOW_TO = [TUTORIAL, *sorted((ROOT / "docs" / "how_to").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """Arguments of each `$ allocator ...` line."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ allocator ")) for line in lines if line.startswith("$ allocator ")]


def steps(page: Path) -> list[tuple[list[str], list[str]]]:
    """Arguments of each command with the lines that the page shows after it."""
    found: list[tuple[list[str], list[str]]] = []
    for kind, body in re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in body.splitlines():
            if kind == "console":
                found.append((shlex.split(line.removeprefix("$ allocator ")), []))
            elif kind == "text":
                found[-1][1].append(line)
    return found


def missing(shown: list[str], printed: str) -> list[str]:
    """Lines of a page that a command did not print."""
    return [line for line in shown if line not in printed]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "format" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "scenario.md",
        "plan.md",
        "calibration.md",
        "feeds.md",
        "notify.md",
        "state.md",
        "instructions.md",
        "answers.md",
        "actuals.md",
        "sweep.md",
    ],
)
def test_the_format_pages_are_what_the_code_says(name: str, generator: ModuleType) -> None:
    page = (ROOT / "docs" / "format" / name).read_text(encoding="utf-8")
    assert page == generator.PAGES[name](), "run python docs/format/generate.py"


def test_every_field_is_described_and_links_lead_somewhere(generator: ModuleType) -> None:
    for name, write in generator.PAGES.items():
        page = write()
        assert not re.search(r"\|\s*\|$", page, re.MULTILINE), name
        titles = {line.lstrip("# ").lower().replace(" ", "-") for line in page.splitlines() if line.startswith("#")}
        assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= titles


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_how_to_pages_name_commands_that_exist_and_files_that_are_there(page: Path) -> None:
    assert {arguments[0] for arguments in commands(page)} <= set(COMMANDS)
    assert commands(page)
    for link in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_the_tutorial_begins_as_it_says(tmp_path: Path) -> None:
    init, check, *_ = steps(TUTORIAL)
    assert (init[0][0], check[0][0]) == ("init", "check")
    for arguments, shown in (init, check):
        done = allocator(*arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
        assert missing(shown, done.stdout) == []


@pytest.mark.slow
def test_the_tutorial_prints_what_it_shows(tmp_path: Path) -> None:
    assert sum(bool(shown) for _, shown in steps(TUTORIAL)) >= 3
    for arguments, shown in steps(TUTORIAL):
        done = allocator(*arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
        assert missing(shown, done.stdout) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TO[1:], ids=lambda page: page.stem)
def test_how_to_pages_can_be_followed(page: Path, tmp_path: Path) -> None:
    for arguments in commands(page):
        done = allocator(*arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
    for code in blocks(page, "python"):
        ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True)
        assert ran.returncode == 0, ran.stderr
