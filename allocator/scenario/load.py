"""From a path to a checked scenario, or to all of its faults at once."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allocator.scenario.catalogue import bundled_catalogue
from allocator.scenario.crosscheck import crosscheck
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.migrate import migrate
from allocator.scenario.places import Places
from allocator.scenario.scenario import Scenario
from allocator.scenario.translate import translate
from allocator.scenario.yaml_reader import LARGEST_BYTES, YamlText, read_yaml

SCENARIO_FILE = "scenario.yaml"


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario without faults.

    Attributes:
        scenario: what the file says. folder: where its series files are looked up.
        input_hash: sha256 over the scenario's content, the bytes of every file it refers to, and the catalogue;
            comments, layout, knobs and variants do not change it.
        file_name: name of the scenario file in `folder`. file_hash: sha256 of its bytes.
        yaml: its data as written, or as settings changed it. settings: those changes, in words; empty for none.
    """

    scenario: Scenario
    folder: Path
    input_hash: str
    file_name: str
    file_hash: bytes
    yaml: YamlText
    settings: tuple[str, ...] = ()


def load_scenario(path: str | Path) -> LoadedScenario:
    """Read a scenario: a folder with scenario.yaml, a YAML file, or the name of a bundled one.

    What exists on disk comes first, then the bundle ("scenarios/texas_pivot").

    Raises:
        ScenarioFaults: with every fault of the file, its cross references and its series files' paths.
    """
    file = find_scenario(path)
    content = _read(file)
    yaml = read_yaml(content, file.name)
    places = Places(file.name, yaml)
    scenario = parse_scenario(yaml.data, file.parent, places)
    try:
        digest = input_hash(scenario, file.parent)
    except OSError as error:
        raise ScenarioFaults([_unreadable(str(error.filename), error)]) from None
    return LoadedScenario(scenario, file.parent, digest, file.name, hashlib.sha256(content).digest(), yaml)


def holds_same_files(loaded: LoadedScenario, file: Path) -> bool:
    """Whether `file`, and the series beside it, are those that were loaded; raises OSError where one is missing."""
    same = bool(loaded.settings) or hashlib.sha256(file.read_bytes()).digest() == loaded.file_hash
    return same and input_hash(loaded.scenario, file.parent) == loaded.input_hash


def parse_scenario(data: Any, folder: Path, places: Places) -> Scenario:
    """Migrate, validate and cross-check plain data; raises ScenarioFaults with every fault."""
    if not isinstance(data, dict):
        fix = "begin with version: 1 and name: ..."
        raise ScenarioFaults([places.fault((), data, "a mapping of fields", fix)])
    document = migrate(data, places)
    faults: list[Fault] = []
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(document)
    except ValidationError as error:
        faults += translate(error, document, places)
    faults += crosscheck(document, bundled_catalogue(), folder, places)
    if faults or scenario is None:
        raise ScenarioFaults(faults)
    return scenario


def find_scenario(path: str | Path) -> Path:
    """The scenario file that `path` means; raises ScenarioFaults where there is none."""
    try:
        found = _on_disk(Path(path)) or _bundled(Path(path))
    except OSError as error:
        raise ScenarioFaults([_unreadable(str(path), error)]) from None
    if found is not None:
        return found
    bundled = [f"scenarios/{name}" for name in bundled_names()]
    shown = get_close_matches(str(path), bundled, n=1) or [name for name in bundled if name.count("/") == 1]
    fix = "check the path" + (f", or use a bundled one: {', '.join(shown)}" if shown else "")
    what = f"a folder without {SCENARIO_FILE}" if Path(path).is_dir() else "no such file or folder"
    raise ScenarioFaults([Fault(str(path), what, "a scenario folder or file", fix)])


def _on_disk(path: Path) -> Path | None:
    file = path / SCENARIO_FILE if path.is_dir() else path
    return file if file.is_file() else None


def _unreadable(place: str, error: OSError) -> Fault:
    reason = error.strerror or "an unreadable file"
    return Fault(place, reason, "a readable file", "check the path and its permissions")


def _bundled(path: Path) -> Path | None:
    steps = path.parts[1:] if path.parts[:1] == ("scenarios",) else path.parts
    if path.is_absolute() or not steps or ".." in steps:
        return None
    root = _bundle()
    file = root.joinpath(*steps, SCENARIO_FILE) if root else None
    return file if file and file.is_file() else None


def bundled_names() -> list[str]:
    """Names of the scenarios that ship with the package, such as texas_pivot or hand/one_hall."""
    root = _bundle()
    files = sorted(root.rglob(SCENARIO_FILE)) if root else []
    return [file.parent.relative_to(root).as_posix() for file in files if root]


def _bundle() -> Path | None:
    """The folder of bundled scenarios: package data where installed, the repository's folder in a checkout."""
    try:
        installed: Traversable | None = importlib.resources.files("allocator.bundled")
    except ModuleNotFoundError:
        installed = None
    if isinstance(installed, Path):
        return installed
    checkout = Path(__file__).parents[2] / "scenarios"
    return checkout if checkout.is_dir() else None


def _read(file: Path) -> bytes:
    """The file's bytes, not more than just over the limit."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ScenarioFaults([_unreadable(str(file), error)]) from None


def input_hash(scenario: Scenario, folder: Path) -> str:
    """sha256 of everything that a plan of this scenario depends on; raises OSError where a file cannot be read."""
    digest = hashlib.sha256()
    used = scenario.model_dump(mode="json", exclude={"knobs", "variants"})
    content = json.dumps(used, sort_keys=True, ensure_ascii=True, allow_nan=False)
    digest.update(content.encode() + b"\0" + bundled_catalogue().version.encode())
    for name in sorted({source.file for source in scenario.series.values()}):
        digest.update(b"\0" + name.encode() + b"\0" + _file_digest(folder / name))
    return digest.hexdigest()


def _file_digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
