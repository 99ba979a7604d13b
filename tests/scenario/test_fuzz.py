"""Whatever stands in a document, it is either a scenario or a list of faults."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import parse_scenario
from allocator.scenario.places import Places
from allocator.scenario.scenario import Scenario
from allocator.scenario.yaml_reader import Path as YamlPath
from allocator.scenario.yaml_reader import YamlText
from tests.quick import examples
from tests.scenario.documents import DOCUMENT, write


def paths(value: Any, path: YamlPath = ()) -> Iterator[YamlPath]:
    """Every place of a document."""
    yield path
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from paths(inner, (*path, key))


PATHS = [path for path in paths(DOCUMENT) if path]
WORDS = ["west", "barn", "retrofit", "air_gpu", "s21", "anchor", "lab", "price", "2027-05", "storage", "file", "full"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(WORDS)
    | st.sampled_from([0, 1, -1, 1e6, 10**400, float("nan"), "1e6", "../x", "\ud800", "<file>", "kind"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WORDS, "name", "kind"]), inner),
    max_leaves=5,
)
MUTATIONS = st.lists(
    st.tuples(st.sampled_from(PATHS), st.sampled_from(["replace", "delete", "add", "copy"]), VALUES),
    min_size=1,
    max_size=4,
)


def mutate(document: dict[str, Any], path: YamlPath, action: str, value: Any) -> None:
    """Apply one mutation in place; one whose path is gone does nothing."""
    here: Any = document
    try:
        for step in path[:-1]:
            here = here[step]
        if action == "delete":
            del here[path[-1]]
        elif action == "replace":
            here[path[-1]] = value
        elif action == "copy" and isinstance(here, list):
            here.append(copy.deepcopy(here[int(path[-1])]))
        elif isinstance(here[path[-1]], dict):
            here[path[-1]]["extra"] = value
        else:
            here[path[-1]] = [value, value]
    except (KeyError, IndexError, TypeError, ValueError):
        return


def parsed(document: dict[str, Any], folder: Path) -> Scenario | list[Fault]:
    """The scenario, or its faults."""
    try:
        return parse_scenario(document, folder, Places("scenario.yaml", YamlText(document, {})))
    except ScenarioFaults as error:
        return error.faults


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield write(Path(name), DOCUMENT)


@examples(200)
@given(mutations=MUTATIONS)
def test_a_changed_document_is_a_scenario_or_faults(folder: Path, mutations: list[Any]) -> None:
    document = copy.deepcopy(DOCUMENT)
    for path, action, value in mutations:
        mutate(document, path, action, copy.deepcopy(value))
    outcome = parsed(document, folder)
    assert isinstance(outcome, Scenario) or all(str(fault).isprintable() for fault in outcome)
    assert outcome != []
