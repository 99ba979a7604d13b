"""The whole comparison: columns filled, figures aligned, bridges built, tables written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from allocator.pipeline.errors import InfeasibleError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.studies.bridge import Term, bridge
from allocator.studies.compared import Asked, Compared, Missing, filled
from allocator.studies.comparison import Row, aligned, binds, decides, long_table, returns_missing
from allocator.studies.study_files import write_head, write_table

OnColumn = Callable[[str, bool], None]
"""Told the label of each column, and whether it has to be solved."""


def no_notice(label: str, is_solved: bool) -> None:
    """Nothing."""


@dataclass(frozen=True)
class Comparison:
    """Plans, the first of which the others are measured against.

    Attributes:
        rows: figures, aligned. bridges: terms from the first plan's value to that of each other, in their order.
        missing: columns that have no plan, with the reason.
    """

    plans: tuple[Compared, ...]
    rows: tuple[Row, ...]
    bridges: tuple[tuple[Term, ...], ...]
    missing: tuple[Missing, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(one.label for one in self.plans)


def compare(
    columns: Sequence[Asked],
    home: Path,
    request: SolveRequest,
    on_event: OnEvent = ignore,
    on_column: OnColumn = no_notice,
) -> Comparison:
    """Fill every column, and set the plans side by side; solved plans stay in `home`.

    Raises:
        PipelineError: a scenario is wrong, a plan cannot be written, or fewer than two columns have a plan.
    """
    found = [filled(one, home, request, on_event, on_column) for one in columns]
    plans = tuple(one for one in found if isinstance(one, Compared))
    missing = tuple(one for one in found if isinstance(one, Missing))
    if len(plans) < 2:
        raise InfeasibleError("fewer than two columns have a plan", [f"{one.label}: {one.reason}" for one in missing])
    bridges = tuple(bridge(plans[0], other) for other in plans[1:])
    return Comparison(plans, aligned(plans), bridges, missing)


def bridge_table(found: Comparison) -> pd.DataFrame:
    """One row a term of each bridge: first and second plan, term, USD."""
    cells = [
        (found.labels[0], label, term.name, term.usd)
        for label, terms in zip(found.labels[1:], found.bridges, strict=True)
        for term in terms
    ]
    return pd.DataFrame(cells, columns=["first", "second", "term", "usd"]).astype({"usd": float})


def head(found: Comparison) -> dict[str, object]:
    """What comparison.json says: of each plan what it is, decides and is held by; figures; bridges; what is missing."""
    return {
        "plans": [_about(one) for one in found.plans],
        "figures": [{**asdict(row), "differences": list(row.differences)} for row in found.rows],
        "bridges": [
            {"first": found.labels[0], "second": label, "terms": [asdict(term) for term in terms]}
            for label, terms in zip(found.labels[1:], found.bridges, strict=True)
        ],
        "missing": [asdict(one) for one in found.missing],
    }


def _about(one: Compared) -> dict[str, object]:
    meta = one.plan.meta
    return {
        "label": one.label,
        "scenario": meta.scenario,
        "input_hash": meta.input_hash,
        "objective_usd": meta.objective_usd,
        "ranked_usd": meta.maximised_usd,
        "relative_gap": meta.relative_gap,
        "decides": list(decides(one)),
        "binds": [asdict(limit) for limit in binds(one)],
        "notes": list(returns_missing(one)),
        "remarks": list(meta.remarks),
    }


def write(found: Comparison, home: Path) -> None:
    """figures and bridge as Parquet and CSV, and comparison.json, which comes last; raises WriteError."""
    write_table(home, "figures", long_table(found.labels, found.rows))
    write_table(home, "bridge", bridge_table(found))
    write_head(home, "comparison", head(found))
