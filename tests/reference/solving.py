"""The reference problem, solved in another process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from typing import TypeVar

from allocator.instance.types import Instance

T = TypeVar("T")
SECONDS = 300.0


@dataclass(frozen=True)
class Reference:
    """What CBC says: status "optimal" or "infeasible", MUSD, and the members of every row family."""

    status: str
    objective_musd: float | None
    rows: dict[str, set[tuple[int, ...]]]


def solve_by_reference(instances: Sequence[Instance]) -> list[Reference]:
    """Solve instances one after the other in a process that stays for the next ones; raises what failed there."""
    outcomes = _process().submit(_solved_there, list(instances)).result(timeout=SECONDS)
    return [_read(outcome) for outcome in outcomes]


def elsewhere(task: Callable[..., T], *given: object) -> T:
    """What a function of a module that imports PuLP returns, in that process."""
    return _process().submit(task, *given).result(timeout=SECONDS)


@cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


def _solved_there(instances: list[Instance]) -> list[dict]:
    from tests.reference.run import solved  # which imports PuLP, and must not here

    return [solved(instance) for instance in instances]


def _read(outcome: dict) -> Reference:
    rows = {family: {tuple(member) for member in members} for family, members in outcome["rows"].items()}
    return Reference(outcome["status"], outcome["objective_musd"], rows)
