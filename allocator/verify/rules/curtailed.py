"""CONTRACT, curtailed: energy that contracts did not get, and what their terms allow of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.facts import scatter
from allocator.verify.short import allowed_mwh, beyond_mwh, curtailment_usd, sla_usd


def table(case: Case) -> Iterator[Check]:
    """Whatever a contract went short of in a hall has its row, with the energy, the credits and the payment lost."""
    frame, axes, unserved = case.tables["curtailed"], case.axes, case.energy.unserved_mwh
    at = axes.contract_at(frame["contract"]), axes.bay_at(frame["hall"], frame["fit_out"]), axes.node_at(frame["node"])
    stated = scatter(unserved.shape, at, np.ones(len(frame)))
    short = (unserved > 0).astype(float)
    yield Check("rows of the contract in the hall", "", (axes.contracts, axes.bays, axes.nodes), stated, short)
    site = case.instance.bays.site[at[1]]
    keys = rows(frame, "contract", "hall", "fit_out", "node")
    yield Check("site of the hall", "", keys, axes.site_at(frame["site"]).astype(float), site.astype(float))
    yield from _columns(case, "MWh", {"unserved_mwh": unserved})
    owed = curtailment_usd(case) + sla_usd(case)
    yield from _columns(case, "USD", {"credits_usd": owed, "pass_through_lost_usd": case.energy.lost_usd})


def allowance(case: Case) -> Iterator[Check]:
    """What is beyond the outage that a contract allows in the node is what is not within it."""
    yield from _columns(case, "MWh", {"allowed_mwh": allowed_mwh(case), "beyond_mwh": beyond_mwh(case)})


RULES: dict[str, PlanRule] = {"CONTRACT.curtailed": table, "CONTRACT.allowance": allowance}


def _columns(case: Case, unit: str, expected: dict[str, Floats]) -> Iterator[Check]:
    """Columns of table `curtailed` beside (C, B, N) arrays; nothing is short where the hall cannot have the fit-out."""
    frame, axes = case.tables["curtailed"], case.axes
    bay = axes.bay_at(frame["hall"], frame["fit_out"])
    cell = axes.contract_at(frame["contract"]), bay, axes.node_at(frame["node"])
    keys = rows(frame, "contract", "hall", "fit_out", "node")
    tolerate = tolerances.mwh if unit == "MWh" else tolerances.usd
    for column, values in expected.items():
        owed = np.where(bay >= 0, values[cell], 0.0)
        yield Check(column, unit, keys, frame[column].to_numpy(), owed, tolerance=tolerate(owed))
