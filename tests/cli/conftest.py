"""A good plan, made once, and the command line inside this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from allocator.cli.main import run
from tests.cli import small


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        found = json.loads(self.out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        assert isinstance(found, dict)
        return found


Command = Callable[..., Ran]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in this process."""
    monkeypatch.setenv("COLUMNS", "100")

    def ran(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return ran


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario and its plan: `scenario` and `plan`. Not to be changed."""
    home = tmp_path_factory.mktemp("solved")
    small.write(home / "scenario")
    assert run(["solve", str(home / "scenario"), "--out", str(home / "plan"), "--quiet"]) == 0
    return home


@pytest.fixture
def plan(solved: Path, tmp_path: Path) -> Path:
    """A copy of the good plan."""
    return Path(shutil.copytree(solved / "plan", tmp_path / "plan"))
