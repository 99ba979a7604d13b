"""PEAK, DEMAND: peaks stated are the highest draw of the hours that count, and what is billed follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.verify import tolerances
from allocator.verify.billed import billed_mw
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows, texts


def metered(case: Case) -> Iterator[Check]:
    """The peak stated is the highest draw of the hours that count."""
    frame, cell = case.tables["demand_charges"], _cells(case)
    at = rows(frame, "node", "site", "charge")
    expected = case.energy.peak_mw[cell]
    yield Check("metered peak", "MW", at, frame["metered_mw"].to_numpy(), expected, tolerance=tolerances.POWER_MW)


def billed(case: Case) -> Iterator[Check]:
    """What is billed is the metered peak or what stands above it, and costs its rate."""
    frame, cell, demand = case.tables["demand_charges"], _cells(case), case.instance.demand
    at, peak = rows(frame, "node", "site", "charge"), billed_mw(case)[cell]
    yield Check("billed peak", "MW", at, frame["billed_mw"].to_numpy(), peak, tolerance=tolerances.POWER_MW)
    owed = demand.usd_per_mw[cell] * peak
    yield Check("charge", "USD", at, frame["charge_usd"].to_numpy(), owed, tolerance=tolerances.usd(owed))
    words = _said(case, frame["set_by"].tolist(), peak)
    yield Check("what set it", "", at, texts(frame["set_by"]), texts(words))


def ratchet(case: Case) -> Iterator[Check]:
    """What is billed is no less than the ratchet's share of what the plan states as billed in the months before."""
    frame, demand, tree = case.tables["demand_charges"], case.instance.demand, case.instance.tree
    stated = np.zeros(demand.billed.shape)
    stated[_cells(case)] = frame["billed_mw"].to_numpy()
    k, earlier, node = demand.reach.T
    at = {"charge": [demand.names[c] for c in k], "node": [tree.name[n] for n in node]}
    least = demand.ratchet_share[k] * stated[k, earlier]
    yield Check("billed peak", "MW", (at,), stated[k, node], least, "at_least", tolerances.POWER_MW)


RULES: dict[str, PlanRule] = {"PEAK.metered": metered, "DEMAND.billed": billed, "DEMAND.ratchet": ratchet}


def _said(case: Case, stated: Sequence[str], peak_mw: Floats) -> list[str]:
    """What set each billed peak: what the table says where that reaches it, for two may be as high as each other."""
    demand, cell = case.instance.demand, _cells(case)
    carried = np.zeros(demand.billed.shape)
    charge, earlier, node = demand.reach.T
    np.maximum.at(carried, (charge, node), demand.ratchet_share[charge] * billed_mw(case)[charge, earlier])
    heights = {"metered": case.energy.peak_mw[cell], "opening": demand.least_mw[cell], "ratchet": carried[cell]}
    reached = {word: height >= peak_mw - tolerances.POWER_MW for word, height in heights.items()}
    return [
        word if word in reached and reached[word][row] else next((w for w in reached if reached[w][row]), "metered")
        for row, word in enumerate(stated)
    ]


def _cells(case: Case) -> tuple[Ints, Ints]:
    """(charge, node) of each row of the table."""
    frame, demand = case.tables["demand_charges"], case.instance.demand
    sites = case.instance.sites.names
    label = {(sites[int(s)], name): k for k, (s, name) in enumerate(zip(demand.site, demand.names, strict=True))}
    charge = [label.get(key, 0) for key in zip(frame["site"], frame["charge"], strict=True)]
    return np.array(charge, dtype=np.int64), case.axes.node_at(frame["node"])
