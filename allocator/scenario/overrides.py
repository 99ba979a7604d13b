"""A loaded scenario with some of its values changed: by knobs, by variants, or by the paths of values.

A key is the name of a knob, or a path (`value_paths`). A knob that scales multiplies each number at its paths by the
value; a knob that sets, or a path, puts the value there. Settings apply in the order given, each to what the ones
before it left. A path may name a field that the file leaves out, as long as what holds it stands there.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from allocator.scenario.checks.knobs import is_number
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario, input_hash, parse_scenario
from allocator.scenario.migrate import migrate
from allocator.scenario.places import Places, path_text, shown, suggestion
from allocator.scenario.scenario import Knob, Scenario
from allocator.scenario.value_paths import look_up, open_places, places_at, split_path, value_at
from allocator.scenario.yaml_reader import Path, YamlText, read_yaml

UNREAD = ("knobs", "variants")
"""Sections that are not checked in a changed document: what they name may have gone from it."""


LONGEST_SHOWN = 100
"""Characters of a value in words."""


class Stated(Enum):
    """Stands for the value that a knob itself states."""

    BY_KNOB = "as the knob states it"


@dataclass(frozen=True)
class Setting:
    """One change of a scenario.

    Attributes:
        key: name of a knob, or path of a value.
        value: factor of a knob that scales, otherwise what is put in place, as plain data.
        stated_at: where the user wrote it, for faults; the setting itself where that is empty.
    """

    key: str
    value: Any = Stated.BY_KNOB
    stated_at: str = ""

    def __str__(self) -> str:
        """As --set takes it, on one line and cut where it is long."""
        text = self.key if self.value is Stated.BY_KNOB else f"{self.key}={_written(self.value)}"
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)

    @property
    def place(self) -> str:
        return self.stated_at or str(self)


def _written(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def parse_setting(text: str, option: str = "--set") -> Setting:
    """`path=value`, `knob=value`, or `knob` alone; the value is YAML, such as 1e6, [], or {kind: hard}.

    Raises:
        ScenarioFaults: the text is neither.
    """
    key, equals, value = text.partition("=")
    place = f"{option} {text}"
    if not key.strip():
        raise ScenarioFaults([Fault(place, "no name", "path=value", "write for example finance.opening_cash_usd=5e6")])
    if not equals:
        return Setting(key.strip(), stated_at=place)
    return Setting(key.strip(), read_yaml(value.encode(), place).data, place)


def variant_settings(loaded: LoadedScenario, name: str) -> tuple[Setting, ...]:
    """The settings of a variant of the scenario; raises ScenarioFaults where it has none of that name."""
    variants = loaded.scenario.variants
    if name not in variants:
        fault = Fault(
            loaded.file_name, f"no variant {name!r}", "a name in its section variants", suggestion(name, variants)
        )
        raise ScenarioFaults([fault])
    return tuple(Setting(key, value, f"variants.{name}.{key}") for key, value in variants[name].items())


def with_settings(loaded: LoadedScenario, settings: Sequence[Setting]) -> LoadedScenario:
    """The scenario with settings applied, validated and hashed anew; as it is without settings.

    Raises:
        ScenarioFaults: with every fault of the settings, or of the scenario that they make.
    """
    if not settings:
        return loaded
    plain = Places(loaded.file_name, loaded.yaml)
    whole = migrate(loaded.yaml.data, plain)
    document = copy.deepcopy({key: part for key, part in whole.items() if key not in UNREAD})
    changed, faults = _applied(document, settings, loaded.scenario.knobs)
    if faults:
        raise ScenarioFaults(faults)
    places = Places(loaded.file_name, loaded.yaml, {place: setting.place for place, setting in changed})
    scenario = parse_scenario(document, loaded.folder, places)
    return replace(
        loaded,
        scenario=scenario.model_copy(update={key: getattr(loaded.scenario, key) for key in UNREAD}),
        input_hash=input_hash(scenario, loaded.folder),
        yaml=YamlText(document, {}),
        settings=(*loaded.settings, *(str(setting) for setting in settings)),
    )


def _applied(
    document: dict[str, Any], settings: Sequence[Setting], knobs: Mapping[str, Knob]
) -> tuple[list[tuple[Path, Setting]], list[Fault]]:
    """Change the document in place; returns what was changed, and what could not be."""
    changed: list[tuple[Path, Setting]] = []
    faults: list[Fault] = []
    for setting in settings:
        for outcome in _apply(document, setting, knobs):
            if isinstance(outcome, Fault):
                faults.append(outcome)
            else:
                changed.append((outcome, setting))
    return changed, faults


def _apply(document: dict[str, Any], setting: Setting, knobs: Mapping[str, Knob]) -> Iterator[Path | Fault]:
    knob = knobs.get(setting.key)
    if knob is None and split_path(setting.key)[:1] == (setting.key,) and setting.key not in Scenario.model_fields:
        fix = suggestion(setting.key, [*knobs, *document])
        yield Fault(setting.place, f"{setting.key!r}", "a knob, or the path of a value that the file states", fix)
    elif knob is None and setting.value is Stated.BY_KNOB:
        fix = f"write {setting.key}=VALUE" if split_path(setting.key) else suggestion(setting.key, knobs)
        yield Fault(setting.place, "no value", "path=value, or the name of a knob", fix)
    elif knob is None:
        yield from _put(document, setting, setting.key, setting.value)
    else:
        yield from _turn(document, setting, knob)


def _turn(document: dict[str, Any], setting: Setting, knob: Knob) -> Iterator[Path | Fault]:
    scales = "scale" in knob.model_fields_set
    stated = knob.scale if scales else knob.set
    value = stated if setting.value is Stated.BY_KNOB else setting.value
    for path in knob.paths:
        yield from _scale(document, setting, path, value) if scales else _put(document, setting, path, value)


def _put(document: dict[str, Any], setting: Setting, text: str, value: Any) -> Iterator[Path | Fault]:
    path = split_path(text)
    places = places_at(document, path) or open_places(document, path)
    if not places:
        yield _nowhere(document, setting, text)
    for place in places:
        value_at(document, place[:-1])[place[-1]] = copy.deepcopy(value)
        yield place


def _scale(document: dict[str, Any], setting: Setting, text: str, factor: Any) -> Iterator[Path | Fault]:
    if not is_number(factor):
        yield Fault(setting.place, shown(factor), "a factor, as this knob scales", "write a number, such as 1.1")
        return
    places = places_at(document, split_path(text))
    if not places:
        yield _nowhere(document, setting, text)
    for place in places:
        number = value_at(document, place)
        if not is_number(number):
            yield Fault(
                setting.place, f"{shown(number)} at {path_text(place)}", "a number, to be scaled", "set it first"
            )
            continue
        value_at(document, place[:-1])[place[-1]] = _scaled(number, factor)
        yield place


def _scaled(number: int | float, factor: float) -> int | float:
    """Whole numbers stay whole where the product is."""
    product = number * factor
    return round(product) if isinstance(number, int) and product == round(product) else product


def _nowhere(document: Any, setting: Setting, text: str) -> Fault:
    """A fault that says how far a path leads, and what stands there."""
    path = split_path(text)
    known = [length for length in range(1, len(path)) if look_up(document, path[:length])]
    holder = look_up(document, path[: known[-1]])[0] if known else document
    where = f"nothing at {text!r}" if path else f"{text!r}, which is no path"
    fix = suggestion(str(path[len(known)]) if path else text, _keys(holder))
    return Fault(setting.place, where, "a knob, or the path of a value that the file states", fix)


def _keys(holder: Any) -> list[str]:
    if isinstance(holder, Mapping):
        return [str(key) for key in holder]
    members = holder if isinstance(holder, list) else []
    names = [member.get("name") for member in members if isinstance(member, Mapping)]
    return [str(name) for name in names if name] or [str(k) for k in range(len(members))]
