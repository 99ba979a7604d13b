"""The public functions of the package, in plain arguments."""

from __future__ import annotations

from pathlib import Path

from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import DEFAULTS, SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import Outcome, solve_scenario, verify_folder
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.verify import VerificationReport


def solve(
    scenario: LoadedScenario | str | Path,
    out: str | Path | None = None,
    request: SolveRequest = DEFAULTS,
    on_progress: OnEvent = ignore,
) -> Outcome:
    """Solve a scenario: loaded, a path, or the name of a bundled one ("scenarios/texas_pivot").

    The plan is verified; with `out` it is published there as a folder, replacing only an older plan.

    Raises:
        PipelineError: there is no plan; `exit_code`, `message` and `details` say why.
    """
    loaded = scenario if isinstance(scenario, LoadedScenario) else _loaded(scenario)
    return solve_scenario(loaded, None if out is None else Path(out), request, on_progress)


def verify(folder: str | Path) -> VerificationReport:
    """Derive every rule and every dollar of a plan folder again, from its tables and the scenario inside it.

    Raises:
        PipelineError: the folder is no plan.
    """
    return verify_folder(Path(folder))


def _loaded(scenario: str | Path) -> LoadedScenario:
    try:
        return load_scenario(scenario)
    except ScenarioFaults as error:
        raise BadInputError("the scenario has faults", [str(fault) for fault in error.faults]) from error
