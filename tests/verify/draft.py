"""Drafts of a plan that tests may spoil: decisions, schedules, the tables they come to, and a head that fits them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache

import pandas as pd

from allocator.dispatch.interface import Schedule
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import penalty_usd
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.extract.risk_figures import risk_figures
from allocator.plan.extract.settled import Settled
from allocator.plan.meta import HoursMeta, PlanMeta
from allocator.plan.schema import TABLES
from allocator.planning.point import PlanPoint
from allocator.verify import VerificationReport, verify_plan

Frames = dict[str, pd.DataFrame]
Edit = Callable[[Frames, dict[tuple[str, str], Frames]], None]


@dataclass
class Draft:
    """A plan that may be spoiled: decisions and schedules before the tables are derived, tables and head after.

    Attributes:
        edits: what to do to the tables and hourly tables once derived. head: fields of plan.json to replace.
        judged_by: the instance the plan is verified against, where it is not the one it was made for.
        untouched: the plan as it was made, whose tables hold as long as `touched` is False: until decisions,
            schedules or the instance are changed.
    """

    instance: Instance
    point: PlanPoint
    schedules: dict[tuple[int, int], Schedule]
    untouched: Callable[[], Draft]
    edits: list[Edit] = field(default_factory=list)
    head: dict[str, object] = field(default_factory=dict)
    judged_by: Instance | None = None
    certificate: Mapping[str, object] | None = None
    touched: bool = False

    def frames(self) -> tuple[Frames, dict[tuple[str, str], Frames]]:
        """Planning and hourly tables before any edit."""
        tables, dispatch = self.derived() if self.touched else _frames_of(self.untouched)
        return dict(tables), {pair: dict(frames) for pair, frames in dispatch.items()}

    def derived(self) -> tuple[Frames, dict[tuple[str, str], Frames]]:
        """Tables of the decisions and schedules as they now stand."""
        settled = Settled(self.instance, self.point, self.schedules)
        tables = extract_tables(settled, {}, marginal_values(self.instance))
        return tables, {pair: dict(frames) for pair, frames in ScheduleTables(settled).items()}

    def meta(self, tables: Mapping[str, pd.DataFrame]) -> PlanMeta:
        """A head that fits the tables, but for what `head` replaces."""
        instance, flow = self.instance, tables["cash_flow"]
        objective = math.fsum(flow["discounted_usd"])
        penalty = penalty_usd(instance, tables)
        inside = math.fsum(flow.loc[flow["when"] == "period", "discounted_usd"])
        risk = risk_figures(instance, tables)
        maximised = risk.valued_usd(objective) - penalty
        meta = PlanMeta(
            scenario=instance.name,
            objective_usd=objective,
            **asdict(risk),
            without_terminal_usd=inside,
            bound_usd=maximised + 1000.0,
            relative_gap=1000.0 / max(1.0, abs(maximised)),
            requested_gap=0.05,
            stop_reason="optimal",
            limit=None,
            verified=False,
            method="monolithic",
            backend="highs",
            seed=None,
            input_hash=instance.input_hash,
            versions={},
            hours=HoursMeta(instance.hours.representation, instance.hours.full, "full"),
            dispatch={"merit_order": 1},
            penalty_usd=penalty,
        )
        return replace(meta, **self.head)

    def dispatch_again(self) -> None:
        """Operate the decisions as they now stand."""
        self.touched = True
        settled = settle(self.instance, self.point).settled
        self.point, self.schedules = settled.point, dict(settled.schedules)

    def verify(self) -> VerificationReport:
        """The report on the plan as it stands."""
        tables, dispatch = self.frames()
        meta = self.meta(tables)
        for edit in self.edits:
            edit(tables, dispatch)
        return verify_plan(self.judged_by or self.instance, tables, dispatch, meta, self.certificate)


def marginal_values(instance: Instance) -> pd.DataFrame:
    """Prices of a limit in two nodes and over the horizon, and of the budget."""
    years = instance.tree.months[:2] / 12.0
    by_node = [1200.0, 600.0]
    whole = float(years @ by_node) / instance.tree.horizon_years
    rows = [
        ("site0", "site_power", "USD/MW-year", "", whole),
        ("site0", "site_power", "USD/MW-year", instance.tree.name[0], by_node[0]),
        ("site0", "site_power", "USD/MW-year", instance.tree.name[1], by_node[1]),
        ("company", "capex_budget", "USD/USD", instance.tree.name[-1], 0.25),
    ]
    frame = pd.DataFrame(rows, columns=["subject", "quantity", "unit", "node", "value_usd_per_unit"])
    return frame.assign(basis="integers fixed").astype(TABLES["marginal_values"].dtypes)


@cache
def _frames_of(plan: Callable[[], Draft]) -> tuple[Frames, dict[tuple[str, str], Frames]]:
    return plan().derived()
