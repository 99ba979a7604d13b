"""TERMINAL: mining beyond the horizon, within the halls, the power and the cooling that contracts leave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Axis, Check, rows
from allocator.verify.sums import by_site


def hall(case: Case) -> Iterator[Check]:
    """Mining goes on only in halls that end fitted for it, within their electrical limit."""
    bays, leaves = case.instance.bays, case.instance.tree.leaves
    mines = np.array([kind.endswith("_mining") for kind in bays.kind], dtype=bool)
    limit = np.where((case.facts.fitted > 0) & mines[:, None], bays.it_limit_mw[:, None], 0.0)[:, None, leaves]
    load = case.facts.tail_mw[:, :, leaves]
    axes = (case.axes.bays, _years(case), case.axes.leaves)
    yield Check("mining load", "MW", axes, load, limit, "at_most", tolerances.limit_mw(limit))
    yield Check("mining load", "MW", axes, load, 0.0, "at_least", tolerances.POWER_MW)


def site(case: Case) -> Iterator[Check]:
    """Mining and the contracts still in term share the power of the site."""
    instance, leaves = case.instance, case.instance.tree.leaves
    gross = (1.0 + instance.terminal.overhead)[:, None, None]
    draw = by_site(case.instance, gross * (case.facts.tail_mw + _in_term(case)))[:, :, leaves]
    limit = instance.tail_limit_mw[:, None, None]
    axes = (case.axes.sites, _years(case), case.axes.leaves)
    yield Check("draw at the meter", "MW", axes, draw, limit, "at_most", tolerances.limit_mw(limit))


def feeder(case: Case) -> Iterator[Check]:
    """Mining and the contracts still in term share each feeder."""
    instance, leaves = case.instance, case.instance.tree.leaves
    gross = (1.0 + instance.terminal.overhead)[:, None, None] * (case.facts.tail_mw + _in_term(case))
    draw = np.tensordot(instance.feeders.holds(len(gross)).astype(float), gross, axes=1)[:, :, leaves]
    limit = instance.feeders.limit_mw[:, None, None]
    axes = ({"feeder": instance.feeders.names}, _years(case), case.axes.leaves)
    yield Check("draw behind the feeder", "MW", axes, draw, limit, "at_most", tolerances.limit_mw(limit))


def plant(case: Case) -> Iterator[Check]:
    """Mining and the contracts still in term share what each plant rejects in a mean hour."""
    instance, leaves = case.instance, case.instance.tree.leaves
    plants, bays = instance.plants, instance.bays
    served = plants.holds(len(bays.names))[:, :, None, None]
    air = np.array([loop == "air" for loop in plants.loop], dtype=bool)[:, None, None, None]
    mines_by_air = np.array([kind == "air_mining" for kind in bays.kind], dtype=bool)[:, None, None]
    mined, firm = case.facts.tail_mw[:, :, leaves], _in_term(case)[:, :, leaves]
    tenant = np.where(air, bays.firm_air_share[:, None, None], bays.firm_liquid_share[:, None, None])
    heat = np.where(served, np.where(air == mines_by_air, mined, 0.0) + tenant * firm, 0.0).sum(axis=1)
    limit = plants.tail_limit_mw[:, None, None]
    axes = ({"plant": plants.names}, _years(case), case.axes.leaves)
    yield Check("heat to the plant", "MW", axes, heat, limit, "at_most", tolerances.limit_mw(limit))


def value(case: Case) -> Iterator[Check]:
    """The tail table states the value of the load at the year's price, in known years and at leaves."""
    frame, instance = case.tables["tail"], case.instance
    leaf, bay = case.axes.node_at(frame["leaf"]), case.axes.bay_at(frame["hall"], frame["fit_out"])
    year = frame["year"].to_numpy() - 1
    known = (bay >= 0) & (year >= 0) & (year < instance.terminal.years) & np.isin(leaf, instance.tree.leaves)
    at = rows(frame, "leaf", "hall", "fit_out", "year")
    load = frame["mining_mw"].to_numpy()
    yield Check("mining load where there can be none", "MW", at, np.where(known, 0.0, load), 0.0)
    worth = np.zeros(len(frame))
    worth[known] = instance.terminal.mining_usd_per_mw[bay[known], year[known], leaf[known]] * load[known]
    yield Check("value", "USD", at, frame["value_usd"].to_numpy(), worth, tolerance=tolerances.usd(worth))


RULES: dict[str, PlanRule] = {
    "TERMINAL.hall": hall,
    "TERMINAL.site": site,
    "TERMINAL.feeder": feeder,
    "TERMINAL.plant": plant,
    "TERMINAL.value": value,
}


def _years(case: Case) -> Axis:
    return {"year": [year + 1 for year in range(case.instance.terminal.years)]}


def _in_term(case: Case) -> Floats:
    """Metered load of contracts still in term, (B, Y, N) by leaf."""
    instance, offers = case.instance, case.instance.offers
    tranche = instance.terminal.contract_mw * (offers.load_factor / offers.tranches)[:, None, None]
    signed_here = np.einsum("cbm,cmy->bym", case.facts.place, tranche)
    return case.timeline.along(signed_here)
