"""FLEET: machines in halls, in store, on their way, bought and sold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, HourCase, HourRule, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.facts import in_store
from allocator.verify.sums import in_halls

COUNTS: Mapping[str, tuple[str, ...]] = {
    "fleets": ("units",),
    "moves": ("installed_units", "removed_units"),
    "trades": ("bought_units", "delivered_units", "sold_units"),
}
"""Columns that count machines."""


def balance(case: Case) -> Iterator[Check]:
    """Machines of a model in a hall: those of the parent node, more what is installed, less what is removed."""
    facts, instance = case.facts, case.instance
    standing = in_halls(case.instance, facts.units)
    opening = in_halls(case.instance, instance.placements.opening_units[:, None])[:, :, 0]
    expected = case.timeline.carry(standing, opening) + facts.installed - facts.removed
    axes = (case.axes.models, case.axes.halls, case.axes.nodes)
    yield Check("machines in the hall", "units", axes, standing, expected)


def store(case: Case) -> Iterator[Check]:
    """Machines in store: those of the parent node, delivered and removed in, installed and sold out."""
    facts = case.facts
    before = case.timeline.carry(facts.stored, case.instance.models.opening_stored_units)
    moved = facts.removed.sum(axis=1) - facts.installed.sum(axis=1)
    expected = before + facts.delivered + moved - facts.sold
    yield Check("machines in store", "units", (case.axes.models, case.axes.nodes), facts.stored, expected)


def compatible(case: Case) -> Iterator[Check]:
    """Machines stand only in a fit-out they fit, while the hall has it, and no more whole blocks than fit its slots."""
    models, placements, facts = case.instance.models, case.instance.placements, case.facts
    block = models.block_units[placements.model]
    with np.errstate(divide="ignore"):
        room = case.instance.bays.slots[placements.bay] / (models.slots_per_unit[placements.model] * block)
    most = np.where(facts.fitted[placements.bay] > 0, (np.floor(room + tolerances.ROUNDING) * block)[:, None], 0.0)
    says = "machines in this fit-out of the hall"
    yield Check(says, "units", (case.axes.placements, case.axes.nodes), facts.units, most, "at_most")
    astray = _astray(case)
    at = rows(astray, "hall", "fit_out", "model", "node")
    yield Check("machines where they do not fit", "units", at, astray["units"].to_numpy(), 0)


def lead_time(case: Case) -> Iterator[Check]:
    """What is bought arrives in the store when its lead time is over, what was on order at the start in its month, and
    nothing else does."""
    leads = case.instance.models.lead_months
    due = [case.facts.bought[e] @ case.timeline.ready(int(lead)).astype(float) for e, lead in enumerate(leads)]
    expected = np.array(due).reshape(case.facts.bought.shape) + _on_order(case)
    axes = (case.axes.models, case.axes.nodes)
    yield Check("machines delivered", "units", axes, case.facts.delivered, expected)


def purchase_limit(case: Case) -> Iterator[Check]:
    """No path buys more machines of a model than can be had."""
    found = case.timeline.along(case.facts.bought)[:, case.instance.tree.leaves]
    most = case.instance.models.purchase_limit_units[:, None]
    yield Check("machines bought", "units", (case.axes.models, case.axes.leaves), found, most, "at_most")


def blocks(case: Case) -> Iterator[Check]:
    """Machines are bought, moved, sold and stand in whole blocks, and no count is negative."""
    for table, columns in COUNTS.items():
        frame = case.tables[table]
        block = case.instance.models.block_units[case.axes.model_at(frame["model"])]
        at = rows(frame, *(key for key in ("node", "model", "hall") if key in frame))
        for column in columns:
            units = frame[column].to_numpy()
            yield Check(f"{column} beyond whole blocks", "units", at, units % block, 0)
            yield Check(column, "units", at, units, 0, "at_least")


def decision(case: Case) -> Iterator[Check]:
    """Machines are bought, sold and moved at decision nodes only, but come home from a host whose term is over at any;
    and only models on offer are bought."""
    facts, decides, models = case.facts, case.instance.tree.decision, case.instance.models
    may_buy = np.where(decides[None, :] & models.buyable[:, None], np.inf, 0.0)
    by_model = (case.axes.models, case.axes.nodes)
    yield Check("machines bought where none can be", "units", by_model, facts.bought, may_buy, "at_most")
    anything = np.where(decides, np.inf, 0.0)
    yield Check("machines sold between decisions", "units", by_model, facts.sold, anything, "at_most")
    by_hall = (case.axes.models, case.axes.halls, case.axes.nodes)
    hosting, over = case.instance.hosting, np.zeros(case.facts.converting.shape, dtype=bool)
    over[hosting.hall] = (case.timeline.carry(facts.in_force, hosting.begun.astype(float)) > 0) & ~hosting.in_term
    moved = facts.installed + np.where(over, 0.0, facts.removed)
    yield Check("machines moved between decisions", "units", by_hall, moved, anything, "at_most")


def installed_mw(case: Case) -> Iterator[Check]:
    """The halls table states the nameplate draw of the machines that stand in each hall."""
    kilowatts = in_halls(case.instance, case.facts.units) * case.instance.models.power_kw[:, None, None]
    expected = kilowatts.sum(axis=0) / 1000.0
    frame = case.tables["halls"]
    here = expected[case.axes.hall_at(frame["hall"]), case.axes.node_at(frame["node"])]
    tolerance = tolerances.limit_mw(here)
    at = rows(frame, "hall", "node")
    yield Check("nameplate draw", "MW", at, frame["installed_mw"].to_numpy(), here, tolerance=tolerance)


def prices(case: Case) -> Iterator[Check]:
    """Trades state the purchase and resale price of their node."""
    frame, models = case.tables["trades"], case.instance.models
    row = case.axes.model_at(frame["model"]), case.axes.node_at(frame["node"])
    at = rows(frame, "model", "node")
    for column, price in (("price_usd_per_unit", models.price_usd), ("resale_usd_per_unit", models.resale_usd)):
        expected = price[row]
        tolerance = tolerances.factor(expected)
        yield Check(column, "USD/unit", at, frame[column].to_numpy(), expected, tolerance=tolerance)


def available(case: HourCase) -> Iterator[Check]:
    """No power-mode step draws more than the machines standing there can."""
    most = case.units * case.instance.segments.mw_per_unit[case.segment]
    yield Check(
        "load of the step",
        "MW",
        (case.segments, case.utc),
        case.load_mw,
        most[:, None],
        "at_most",
        tolerances.limit_mw(most)[:, None],
        worst_of="hours",
    )


RULES: dict[str, PlanRule] = {
    "FLEET.balance": balance,
    "FLEET.store": store,
    "FLEET.compatible": compatible,
    "FLEET.lead_time": lead_time,
    "FLEET.purchase_limit": purchase_limit,
    "FLEET.blocks": blocks,
    "FLEET.decision": decision,
    "FLEET.installed_mw": installed_mw,
    "FLEET.prices": prices,
}

HOUR_RULES: dict[str, HourRule] = {"FLEET.available": available}


def _on_order(case: Case) -> Floats:
    """Machines on order at the start by node of their arrival, (M, N)."""
    opening, tree, units = case.instance.opening, case.instance.tree, np.zeros(case.facts.bought.shape)
    begins, before = tree.first_month, case.timeline.carry(tree.first_month.astype(float), -1.0)
    for model, month, count in zip(opening.model, opening.month, opening.units, strict=True):
        units[model, (before < month) & (month <= begins)] += count
    return units


def _astray(case: Case) -> pd.DataFrame:
    """Rows of machines in a hall and fit-out that the model cannot stand in."""
    frame = case.tables["fleets"]
    where = case.axes.placement_at(frame["model"], case.axes.bay_at(frame["hall"], frame["fit_out"]))
    return frame[(where < 0) & ~in_store(frame)]
