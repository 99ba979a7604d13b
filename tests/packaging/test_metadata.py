"""What a wheel needs to be whole, read off the sources: cheap enough to run every time."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

import pytest
from setuptools import find_packages

from allocator.cli.main import DISTRIBUTION

ROOT = Path(__file__).parents[2]
PACKAGES = ("allocator", "solvers")
BUILT = {"__pycache__", ".mypy_cache", ".ruff_cache"}


@pytest.fixture(scope="module")
def settings() -> configparser.ConfigParser:
    """setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def files(folder: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and not BUILT & set(path.parts) and path.suffix != ".pyc":
            yield path.relative_to(ROOT)


def lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n,]", text) if line.strip()]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_code_is_a_package(package: str) -> None:
    found = {name.replace(".", "/") for name in find_packages(str(ROOT), include=[package, f"{package}.*"])}
    assert {str(path.parent) for path in files(package) if path.suffix == ".py"} == found


@pytest.mark.parametrize("package", PACKAGES)
def test_every_data_file_beside_code_goes_into_the_wheel(package: str, settings: configparser.ConfigParser) -> None:
    patterns = lines(settings["options.package_data"]["*"])
    data = [path for path in files(package) if path.suffix != ".py"]
    assert Path(package) / "py.typed" in data
    assert [str(path) for path in data if not any(fnmatch(path.name, pattern) for pattern in patterns)] == []


def test_every_file_of_every_scenario_goes_into_the_wheel(settings: configparser.ConfigParser) -> None:
    assert settings["options"]["package_dir"].split() == ["allocator.bundled", "=", "scenarios"]
    suffixes = {Path(pattern).suffix for pattern in lines(settings["options.package_data"]["allocator.bundled"])}
    assert {path.suffix for path in files("scenarios")} - {".py"} <= suffixes
    assert [str(path) for path in files("scenarios") if path.suffix == ".py"] == ["scenarios/__init__.py"]


def test_the_names_of_distribution_and_command_are_those_of_the_code(settings: configparser.ConfigParser) -> None:
    assert settings["metadata"]["name"] == DISTRIBUTION
    (script,) = lines(settings["options.entry_points"]["console_scripts"])
    name, _, home = (part.strip() for part in script.partition("="))
    module, _, function = home.partition(":")
    assert name == "allocator"
    assert callable(getattr(import_module(module), function))


def test_every_requirement_is_locked(settings: configparser.ConfigParser) -> None:
    extras = [line for extra in settings["options.extras_require"].values() for line in lines(extra)]
    asked = [*lines(settings["options"]["install_requires"]), *extras]
    names = {re.split(r"[<>=!~;\[ ]", line)[0].lower().replace(".", "-") for line in asked if line[0].isalpha()}
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M))
    assert names - locked == set()
