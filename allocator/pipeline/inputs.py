"""The inputs of a run: hours overridden, a copy inside the plan so that the plan verifies alone."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from pydantic import ValidationError

from allocator.pipeline.errors import BadInputError
from allocator.plan.schema import SCENARIO_FOLDER
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.horizon import RepresentativeDays
from allocator.scenario.load import SCENARIO_FILE, LoadedScenario, holds_same_files, load_scenario
from allocator.scenario.written import changed_text


def with_hours(loaded: LoadedScenario, choice: str | None) -> LoadedScenario:
    """The scenario with its hours overridden by "full" or a number of representative days; as it is for None.

    Raises:
        BadInputError: the choice is neither.
    """
    if choice is None:
        return loaded
    horizon = loaded.scenario.horizon.model_copy(update={"hours": _hours(choice)})
    return dataclasses.replace(loaded, scenario=loaded.scenario.model_copy(update={"horizon": horizon}))


def hours_choice(loaded: LoadedScenario) -> str:
    """How the scenario asks for its hours, as `with_hours` reads it: "full" or the number of days."""
    hours = loaded.scenario.horizon.hours
    return hours if isinstance(hours, str) else str(hours.representative_days)


def copy_inputs(loaded: LoadedScenario, folder: Path) -> None:
    """Copy the scenario file, as settings changed it, and every file it names into `folder`/scenario.

    Raises:
        BadInputError: the files changed since they were loaded. OSError: a file cannot be copied.
    """
    home = folder / SCENARIO_FOLDER
    home.mkdir()
    if loaded.settings:
        (home / SCENARIO_FILE).write_text(changed_text(loaded), encoding="utf-8")
    else:
        shutil.copyfile(loaded.folder / loaded.file_name, home / SCENARIO_FILE)
    for name in sorted({source.file for source in loaded.scenario.series.values()}):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(loaded.folder / name, home / name)
    if not holds_same_files(loaded, home / SCENARIO_FILE):
        raise BadInputError("the scenario's files changed while it was being solved; solve it again")


def copied_inputs(folder: Path) -> LoadedScenario:
    """The scenario inside a plan folder; raises BadInputError where it cannot be read."""
    try:
        return load_scenario(folder / SCENARIO_FOLDER)
    except ScenarioFaults as error:
        raise BadInputError(
            f"the scenario inside {folder} cannot be read", [str(fault) for fault in error.faults]
        ) from error


def _hours(choice: str) -> str | RepresentativeDays:
    if choice == "full":
        return choice
    try:
        return RepresentativeDays(representative_days=int(choice))
    except (ValueError, ValidationError) as error:
        raise BadInputError(f"hours is {choice!r}, expected full or a number of days from 3 to 366") from error
