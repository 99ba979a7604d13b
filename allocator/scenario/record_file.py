"""Files of one record each that stand beside a scenario: a request, a list of feeds."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import Places
from allocator.scenario.record import Record
from allocator.scenario.translate import translate
from allocator.scenario.yaml_reader import read_yaml

T = TypeVar("T", bound=Record)


def load_record(path: Path, kind: type[T], wanted: str) -> tuple[T, Places]:
    """The record in a file, and its places for faults of what belongs together.

    `wanted` says what file it is. Raises ScenarioFaults with every fault of the record itself.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        fault = Fault(str(path), error.strerror or "an unreadable file", wanted, "check the path")
        raise ScenarioFaults([fault]) from None
    yaml = read_yaml(content, path.name)
    places = Places(path.name, yaml)
    if not isinstance(yaml.data, dict):
        raise ScenarioFaults([places.fault((), yaml.data, "a mapping of fields", "begin with version: 1")])
    try:
        return kind.model_validate(yaml.data), places
    except ValidationError as error:
        raise ScenarioFaults(translate(error, yaml.data, places, kind)) from None
