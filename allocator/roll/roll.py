"""A scenario moved on to a later month, by its plan: refused in words, or written as a folder that solves."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.pipeline.errors import BadInputError, WriteError
from allocator.roll.at_node import AtNode
from allocator.roll.bitcoin import treasury_edits
from allocator.roll.debt import loan_edits
from allocator.roll.demand import demand_edits, owed_edits
from allocator.roll.edits import Edit
from allocator.roll.futures import future_edits
from allocator.roll.hosts import host_edits
from allocator.roll.moved import covenant_edits, hedge_edits, horizon_edits, price_edits, value_edits
from allocator.roll.named import loose_edits
from allocator.roll.opening import contract_edits, fleet_edits, hall_edits, money_edits
from allocator.roll.refusals import refusals
from allocator.roll.written import edited_text
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import SCENARIO_FILE, LoadedScenario, load_scenario


@dataclass(frozen=True)
class Rolled:
    """A scenario that has moved on: where it lies, and what was changed in it, in order."""

    loaded: LoadedScenario
    edits: tuple[Edit, ...]


def roll(at: AtNode, out: Path, scenario: LoadedScenario | None = None, months: int | None = None) -> Rolled:
    """Write the scenario of a plan as it stands at the start of one of its nodes, with the opening state that the plan
    leads to; `scenario` is taken instead of the plan's own where its figures are fresher.

    Args:
        out: a folder that is empty or does not exist. months: length of the new horizon; None: it ends when it did.

    Raises:
        BadInputError: something cannot be carried, or what comes out has faults. WriteError: it cannot be written.
    """
    month = at.month
    base = at.loaded if scenario is None else scenario
    if base.scenario.horizon.start >= month:
        raise BadInputError(f"the scenario starts in {base.scenario.horizon.start} already, not before {month}")
    in_the_way = refusals(at, base.scenario, months)
    if in_the_way:
        raise BadInputError(f"the scenario cannot be moved on to {month} exactly", in_the_way)
    edits = _edits(at, base, months, scenario is not None)
    _write(base, edited_text(base, edits, _head(at, base)), out)
    return Rolled(_read_back(out), edits)


def _edits(at: AtNode, base: LoadedScenario, months: int | None, is_fresh: bool) -> tuple[Edit, ...]:
    scenario, month = base.scenario, at.month
    ago = month.since(scenario.horizon.start)
    edits: Sequence[Edit] = [
        *horizon_edits(scenario.horizon, month, months),
        *money_edits(at, scenario, at.instance.terminal.years if months is None else None),
        *value_edits(scenario, ago),
        *treasury_edits(at, scenario, is_fresh),
        *loan_edits(at, scenario),
        *future_edits(scenario, ago),
        *covenant_edits(scenario, month),
        *demand_edits(at, scenario),
        *owed_edits(at, scenario),
        *hall_edits(at, scenario),
        *price_edits(scenario, ago),
        *fleet_edits(at, scenario),
        *host_edits(at, scenario),
        *hedge_edits(scenario, month),
        *contract_edits(at, scenario),
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
