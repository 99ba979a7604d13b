"""A scenario moved on to a later month, by its plan: refused in words, or written as a folder that solves."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.pipeline.errors import BadInputError, WriteError
from allocator.roll.at_node import AtNode
from allocator.roll.bitcoin import treasury_edits
from allocator.roll.covenants import covenant_edits
from allocator.roll.debt import loan_edits
from allocator.roll.demand import demand_edits, owed_edits
from allocator.roll.edits import Edit
from allocator.roll.equity import equity_edits
from allocator.roll.futures import Course, future_edits
from allocator.roll.grid import Grid, lengths
from allocator.roll.hedges import hedge_edits
from allocator.roll.hosts import host_edits
from allocator.roll.moved import horizon_edits, price_edits, value_edits
from allocator.roll.named import loose_edits
from allocator.roll.opening import contract_edits, fleet_edits, hall_edits, money_edits
from allocator.roll.past import past_edits
from allocator.roll.prices import come_edits
from allocator.roll.projects import project_edits
from allocator.roll.refusals import refusals
from allocator.roll.tax import tax_edits
from allocator.roll.written import edited_text
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import SCENARIO_FILE, LoadedScenario, load_scenario


@dataclass(frozen=True)
class Rolled:
    """A scenario that has moved on: where it lies, what was changed in it, in order, and what is less than exact."""

    loaded: LoadedScenario
    edits: tuple[Edit, ...]
    nearly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """How a scenario is to move on.

    Attributes:
        months: length of the new horizon; None: it ends when it did. grid: its periods.
        nearly: carry what cannot be carried exactly as well as it goes, and say so.
    """

    months: int | None = None
    grid: Grid = Grid.LEFT
    nearly: bool = False


EXACTLY = Asked()


def roll(at: AtNode, out: Path, scenario: LoadedScenario | None = None, asked: Asked = EXACTLY) -> Rolled:
    """Write the scenario of a plan as it stands at the start of one of its nodes, with the opening state that the plan
    leads to; `scenario` is taken instead of the plan's own where its figures are fresher.

    Args:
        out: a folder that is empty or does not exist.

    Raises:
        BadInputError: something cannot be carried, or what comes out has faults. WriteError: it cannot be written.
    """
    month = at.month
    base = at.loaded if scenario is None else scenario
    horizon = base.scenario.horizon
    if horizon.start >= month:
        raise BadInputError(f"the scenario starts in {horizon.start} already, not before {month}")
    left = horizon.end.since(month) if asked.months is None else asked.months
    if left < 1:
        raise BadInputError(f"the horizon ends in {horizon.end}, before {month}", ["ask for a length with --months"])
    found = refusals(at, base.scenario, asked.months)
    in_the_way = [one.words for one in found if not (asked.nearly and one.instead)]
    if in_the_way:
        raise BadInputError(f"the scenario cannot be moved on to {month} exactly", in_the_way)
    ago = month.since(horizon.start)
    course = Course(ago, lengths(horizon, ago, left, asked.grid), asked.grid)
    edits = _edits(at, base, course, asked.months is not None, scenario is not None)
    _write(base, edited_text(base, edits, _head(at, base)), out)
    return Rolled(_read_back(out), edits, tuple(f"{one.words}; {one.instead}" for one in found))


def _edits(at: AtNode, base: LoadedScenario, course: Course, is_asked: bool, is_fresh: bool) -> tuple[Edit, ...]:
    scenario, month, ago = base.scenario, at.month, course.ago
    edits: Sequence[Edit] = [
        *horizon_edits(scenario.horizon, month, course.periods, is_asked),
        *money_edits(at, scenario, None if is_asked else at.instance.terminal.years),
        *value_edits(scenario, ago),
        *treasury_edits(at, scenario, is_fresh),
        *loan_edits(at, scenario),
        *project_edits(at, scenario),
        *([] if is_fresh else come_edits(at, scenario)),
        *future_edits(at, scenario, course),
        *covenant_edits(at, scenario),
        *demand_edits(at, scenario),
        *owed_edits(at, scenario),
        *hall_edits(at, scenario),
        *price_edits(scenario, ago),
        *fleet_edits(at, scenario),
        *host_edits(at, scenario),
        *hedge_edits(at, scenario, course),
        *contract_edits(at, scenario),
        *tax_edits(at, scenario),
        *equity_edits(at, scenario),
        *past_edits(at, scenario),
    ]
    return (*edits, *loose_edits(base.yaml.data, edits))


def _head(at: AtNode, base: LoadedScenario) -> list[str]:
    tree = at.instance.tree
    return [
        f"Moved on to {at.month} from the scenario that starts in {base.scenario.horizon.start}.",
        f"The opening state is that of the plan of {tree.start_month} at the end of {at.name_before}.",
    ]


def _write(base: LoadedScenario, text: str, out: Path) -> None:
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise BadInputError(f"{out} is there already", ["name a folder that is empty or does not exist"])
        out.mkdir(parents=True, exist_ok=True)
        for name in sorted({source.file for source in base.scenario.series.values()}):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(base.folder / name, out / name)
        (out / SCENARIO_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"the scenario cannot be written to {out}", [str(error)]) from error


def _read_back(out: Path) -> LoadedScenario:
    try:
        return load_scenario(out)
    except ScenarioFaults as error:
        faults = [str(fault) for fault in error.faults]
        raise BadInputError(f"the scenario in {out} needs a hand before it can be solved", faults) from error
