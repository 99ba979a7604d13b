"""A frontier as a table, one row a point, and as data for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from allocator.plan.schema import partition
from allocator.studies.compared import PLANS
from allocator.studies.decision_tree import actions
from allocator.studies.frontier.points import Frontier, Point
from allocator.studies.study_files import write_head, write_table


@dataclass(frozen=True)
class Measure:
    """Columns of what is asked and of the figure of safety."""

    asked: str
    safety: str


WORST_PATHS = Measure("tail_weight", "mean_of_worst_usd")
HEADROOM = Measure("least_headroom_share", "ltv_headroom_share")


def rows(found: Frontier, measure: Measure) -> list[dict[str, object]]:
    """One mapping a point, in rising order of what was asked."""
    return [
        {
            measure.asked: point.asked,
            "expected_usd": point.best.expected_usd,
            measure.safety: point.best.safety,
            "penalty_usd": point.best.plan.meta.penalty_usd,
            "bound_usd": point.bound_usd,
            "relative_gap": point.relative_gap,
            "is_knee": point.is_knee,
            "plan": partition(point.best.name),
            "decided_at_once": list(at_once(point)),
        }
        for point in found.points
    ]


def at_once(point: Point) -> tuple[str, ...]:
    """What is decided at the root."""
    tables = point.best.plan.tables
    return tuple(actions(tables).get(str(tables["nodes"]["node"].iloc[0]), ()))


def write(found: Frontier, measure: Measure, home: Path, head: dict[str, object]) -> None:
    """frontier as Parquet and CSV, then frontier.json; the plans lie in `plans`. Raises WriteError."""
    table = pd.DataFrame(rows(found, measure))
    write_table(home, "frontier", table.assign(decided_at_once=table["decided_at_once"].map("; ".join)))
    refused = [asdict(one) for one in found.refused]
    write_head(home, "frontier", {**head, "plans": PLANS, "points": rows(found, measure), "refused": refused})
