"""A scenario with other values of some inputs: knobs by name, or paths to numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from allocator.scenario.checks.knobs import is_number
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.scenario.places import shown
from allocator.scenario.value_paths import look_up, split_path


def with_inputs(loaded: LoadedScenario, values: Mapping[str, float]) -> LoadedScenario:
    """The scenario with knobs and paths at values; nan leaves an input as it stands.

    Raises:
        ScenarioFaults: a name is neither a knob nor a path, or the scenario with the values has faults.
    """
    changed = {name: value for name, value in values.items() if not math.isnan(value)}
    return with_settings(loaded, [Setting(name, _plain(value)) for name, value in changed.items()])


def check_inputs(loaded: LoadedScenario, names: Sequence[str]) -> None:
    """Refuse what no value could be put to: names that are no knob and no place, and places that hold no number.

    Raises:
        ScenarioFaults: with every such name.
    """
    faults = [fault for name in names if name not in loaded.scenario.knobs for fault in _path_faults(loaded, name)]
    if faults:
        raise ScenarioFaults(faults)


def in_words(loaded: LoadedScenario, name: str) -> str:
    """The name of an input with what its values mean, where that is not the value itself."""
    return f"{name} (times as stated)" if _scales(loaded, name) else name


def as_stated(loaded: LoadedScenario, name: str) -> float | None:
    """The value of an input in the scenario as it stands; None where there is none, or no single one."""
    if _scales(loaded, name):
        return 1.0
    knob = loaded.scenario.knobs.get(name)
    paths = (name,) if knob is None else knob.paths
    found = {value for path in paths for value in look_up(loaded.yaml.data, split_path(path)) if is_number(value)}
    return float(found.pop()) if len(found) == 1 else None


def _scales(loaded: LoadedScenario, name: str) -> bool:
    knob = loaded.scenario.knobs.get(name)
    return knob is not None and "scale" in knob.model_fields_set


def _path_faults(loaded: LoadedScenario, name: str) -> Sequence[Fault]:
    found = look_up(loaded.yaml.data, split_path(name))
    wrong = [value for value in found if not is_number(value)]
    if wrong:
        return [
            Fault(f"--vary {name}", shown(wrong[0]), "a knob, or the path of a number", "point at the number itself")
        ]
    return [] if found else _faults_of(loaded, name)


def _faults_of(loaded: LoadedScenario, name: str) -> Sequence[Fault]:
    """What is wrong with a path at which nothing stands; nothing if what holds it stands there."""
    try:
        with_settings(loaded, [Setting(name, 1, f"--vary {name}")])
    except ScenarioFaults as error:
        return error.faults
    return []


def _plain(value: float) -> float | int:
    """Whole values as whole numbers, for fields that count."""
    return int(value) if value.is_integer() else value
