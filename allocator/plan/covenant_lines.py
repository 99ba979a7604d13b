"""Covenants of a plan as people read them: how often each is tested and broken, and the test that comes closest."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

LEAST_BREACH_USD = 0.5
"""Less is what an engine's tolerance leaves."""


@dataclass(frozen=True)
class CovenantLine:
    """One covenant: nodes that test it and that break it, and value, limit and headroom where it comes closest."""

    covenant: str
    tests: int
    breaches: int
    node: str
    value_times: float
    limit_times: float
    headroom_usd: float


def covenant_lines(table: pd.DataFrame) -> tuple[CovenantLine, ...]:
    """One line a covenant that is tested, from table `covenants`."""
    return tuple(_line(str(name), tests) for name, tests in table.groupby("covenant", sort=False))


def _line(name: str, tests: pd.DataFrame) -> CovenantLine:
    closest = tests.iloc[int(tests["headroom_usd"].to_numpy().argmin())]
    return CovenantLine(
        covenant=name,
        tests=len(tests),
        breaches=int((tests["breach_usd"] >= LEAST_BREACH_USD).sum()),
        node=str(closest["node"]),
        value_times=float(closest["value_times"]),
        limit_times=float(closest["limit_times"]),
        headroom_usd=float(closest["headroom_usd"]),
    )
