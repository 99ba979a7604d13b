"""Expected value against the least LTV headroom: the best plans that stay further and further below the call level.

The least headroom is a rule of each loan secured by Bitcoin (LOAN.headroom): the epsilon constraint of Haimes, Lasdon
and Wismer (1971). The largest is solved first; a plan that keeps it keeps every smaller one too, so that each solve
begins at a plan, and each point takes the best of all plans that keep to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from allocator.pipeline.errors import BadInputError, NoPlanError
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario
from allocator.scenario.loans import BtcBackedLoan
from allocator.scenario.overrides import Setting, with_settings
from allocator.studies.frontier.points import Found, Frontier, Point, Refused, Solves, marked

KEPT = 1e-9
"""Headroom that a plan may lack of what is asked, a rounding of its tables."""


def frontier(loaded: LoadedScenario, least: Sequence[float], solves: Solves) -> Frontier:
    """Points at some least headrooms, shares of the collateral's value; what has no plan is told.

    Raises:
        PipelineError: no loan is secured by Bitcoin, a headroom is larger than a call level, or none has a plan.
    """
    secured = [loan.name for loan in loaded.scenario.loans if isinstance(loan, BtcBackedLoan)]
    if not secured:
        raise BadInputError(f"{loaded.scenario.name}: no loan is secured by Bitcoin, so there is no loan to value")
    bounds, found, refused = dict[float, float | None](), list[Found](), list[Refused]()
    for asked in sorted(set(least), reverse=True):
        name = f"headroom {asked:g}"
        settings = [Setting(f"loans[{loan}].least_headroom_share", asked) for loan in secured]
        plan = solves.plan(name, with_settings(loaded, settings), found[-1].plan if found else None)
        if isinstance(plan, str):
            refused.append(Refused(asked, plan))
            continue
        bounds[asked] = plan.meta.bound_usd
        found.append(Found(name, plan, plan.meta.objective_usd, headroom(plan)))
    if not found:
        raise NoPlanError("no least headroom has a plan", [f"{one.asked:g}: {one.reason}" for one in refused])
    points = [_best(found, asked, bounds[asked]) for asked in sorted(bounds)]
    return Frontier(marked(points), tuple(reversed(refused)))


def headroom(plan: Plan) -> float:
    """Call level less loan to value before acting, the least of all loans and nodes after the first."""
    collateral, nodes = plan.tables["collateral"], plan.tables["nodes"]
    first = set(nodes.loc[nodes["parent"] == "", "node"])
    later = collateral[~collateral["node"].isin(first)]
    return float((later["call_ltv_share"] - later["ltv_before_share"]).min())


def _best(found: Sequence[Found], asked: float, bound: float | None) -> Point:
    best = max((one for one in found if one.safety >= asked - KEPT), key=lambda one: one.plan.meta.maximised_usd)
    return Point(asked, best, best.plan.meta.maximised_usd, bound)
