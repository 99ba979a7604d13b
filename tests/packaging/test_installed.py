"""Installed as a wheel, editable, or used from a plain folder: the bundled scenarios are found from anywhere.

No network: the clean environment borrows this one's dependencies by a path file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("allocator", "solvers", "scenarios")
FILES = ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
PLOTLY = ROOT / "allocator" / "reports" / "web" / "plotly-basic.min.js"
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run with no path into this checkout."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**clean, **env}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built from, so that nothing is built in the checkout."""
    home = tmp_path_factory.mktemp("sources")
    for name in CODE:
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, home / name)
    return home


def environment(home: Path) -> Path:
    """The bin folder of a clean environment."""
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    (site,) = run(python, "-c", code, cwd=home).stdout.splitlines()
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(site) / "borrowed.pth").write_text("\n".join(sorted(paths)) + "\n", encoding="utf-8")
    return python.parent


def install(into: Path, cwd: Path, *what: str | Path) -> None:
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    run(sys.executable, "-m", "pip", "--python", into / "python", "install", *options, *what, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ".", cwd=sources)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("installed")
    programs = environment(home / "env")
    install(programs, home, wheel)
    return programs


def test_the_wheel_carries_every_file_once(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packed = sorted(name for name in names if ".dist-info/" not in name)
    wanted = []
    for folder in CODE:
        root = "allocator/bundled" if folder == "scenarios" else folder
        found = [path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()]
        wanted += [f"{root}/{path.as_posix()}" for path in found if "__pycache__" not in path.parts]
    assert packed == sorted(wanted)


def test_a_wheel_solves_a_bundled_scenario_from_anywhere(installed: Path, tmp_path: Path) -> None:
    (home,) = run(
        installed / "python", "-c", "import allocator; print(allocator.__file__)", cwd=tmp_path
    ).stdout.split()
    assert Path(home).is_relative_to(installed.parent)
    assert run(installed / "allocator", "check", "scenarios/texas_pivot", cwd=tmp_path).stdout.startswith("texas_pivot")
    arguments = ["scenarios/texas_pivot", "--out", "plan", "--hours", "4", "--gap", "0.01", "--json"]
    said = json.loads(run(installed / "allocator", "solve", *arguments, cwd=tmp_path).stdout)
    assert (said["exit_code"], said["plan"]["verified"]) == (0, True)
    run(installed / "allocator", "verify", "plan", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan"]
    for kind in ("html", "xlsx", "svg"):
        run(installed / "allocator", "report", "plan", "--format", kind, cwd=tmp_path)
    assert len((tmp_path / "plan.html").read_bytes()) > len(PLOTLY.read_bytes())
    assert zipfile.is_zipfile(tmp_path / "plan.xlsx")
    assert len(list((tmp_path / "plan-pictures").iterdir())) > 5


def test_a_wheel_knows_its_version_and_writes_its_starter(installed: Path, wheel: Path, tmp_path: Path) -> None:
    version = run(installed / "allocator", "--version", cwd=tmp_path).stdout.split()[-1]
    assert wheel.name.split("-")[1] == version
    run(installed / "allocator", "init", "mine", cwd=tmp_path)
    run(installed / "allocator", "check", "mine", cwd=tmp_path)


def test_a_wheel_reaches_its_engines(installed: Path, tmp_path: Path) -> None:
    said = json.loads(run(installed / "allocator", "solvers", "--json", cwd=tmp_path).stdout)
    assert said["exit_code"] == 0
    assert [engine["name"] for engine in said["engines"] if not engine["installed"]] == []


def test_the_public_functions_are_there_and_typed(installed: Path, tmp_path: Path) -> None:
    code = (
        "import importlib.resources as r; from allocator import load_scenario, solve, verify\n"
        "print(load_scenario('scenarios/texas_pivot').scenario.name)\n"
        "print((r.files('allocator') / 'py.typed').is_file(), (r.files('solvers') / 'py.typed').is_file())"
    )
    assert run(installed / "python", "-c", code, cwd=tmp_path).stdout.split() == ["texas_pivot", "True", "True"]


def test_a_folder_on_disk_comes_before_the_bundled_one(installed: Path, tmp_path: Path) -> None:
    run(installed / "allocator", "init", "scenarios/texas_pivot", cwd=tmp_path)
    assert run(installed / "allocator", "check", "scenarios/texas_pivot", cwd=tmp_path).stdout.startswith("starter")


def test_an_editable_install_finds_the_bundled_scenarios(sources: Path, tmp_path: Path) -> None:
    programs = environment(tmp_path / "env")
    install(programs, tmp_path, "--editable", sources)
    assert run(programs / "allocator", "check", "scenarios/texas_pivot", cwd=tmp_path).returncode == 0
    code = "import allocator, allocator.bundled; print(allocator.__file__, allocator.bundled.__file__)"
    found = run(programs / "python", "-c", code, cwd=tmp_path).stdout.split()
    assert found == [str(sources / "allocator" / "__init__.py"), str(sources / "scenarios" / "__init__.py")]
    run(programs / "allocator", "solve", "scenarios/hand/tranches", "--out", "plan", cwd=tmp_path)


def test_a_plain_folder_finds_the_bundled_scenarios(sources: Path, tmp_path: Path) -> None:
    arguments = ["-m", "allocator", "check", "scenarios/texas_pivot"]
    assert run(sys.executable, *arguments, cwd=tmp_path, PYTHONPATH=str(sources)).stdout.startswith("texas_pivot")
