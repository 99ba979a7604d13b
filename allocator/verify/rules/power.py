"""POWER: electrical limits of halls and sites, claims on the interconnect, and energy by use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.plan.schema import USES
from allocator.verify import tolerances
from allocator.verify.case import Case, HourCase, HourRule, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.sums import by_hall


def reserved(case: Case) -> Iterator[Check]:
    """What contracts in service claim on an interconnect is what the table says, and within the site's limit."""
    frame, limits = case.tables["reserved"], case.instance.sites.power_limit_mw
    site, node = case.axes.site_at(frame["site"]), case.axes.node_at(frame["node"])
    at, claim = rows(frame, "site", "node"), case.facts.reserved_mw
    stated = frame["reserved_mw"].to_numpy()
    yield Check("claims stated", "MW", at, stated, claim[site, node], tolerance=tolerances.POWER_MW)
    limit = limits[site]
    yield Check("limit", "MW", at, frame["limit_mw"].to_numpy(), limit, tolerance=tolerances.factor(limit))
    axes, tolerance = (case.axes.sites, case.axes.nodes), tolerances.limit_mw(limits)[:, None]
    yield Check("claims on the interconnect", "MW", axes, claim, limits[:, None], "at_most", tolerance)


def firm(case: Case) -> Iterator[Check]:
    """The halls table states the metered load of the contracts in service in each hall."""
    frame, total = case.tables["halls"], by_hall(case.instance, case.facts.metered_mw)
    here = total[case.axes.hall_at(frame["hall"]), case.axes.node_at(frame["node"])]
    at = rows(frame, "hall", "node")
    yield Check("metered load", "MW", at, frame["firm_mw"].to_numpy(), here, tolerance=tolerances.POWER_MW)


def energy(case: Case) -> Iterator[Check]:
    """Energy by use is the sum of the hours, and the site's stays within its budget for the node."""
    frame = case.tables["power"]
    at = rows(frame, "site", "node", "use")
    cell = power_cells(case)
    for column, sums in (("it_mwh", case.energy.it_mwh), ("gross_mwh", case.energy.gross_mwh)):
        expected = sums[cell]
        tolerance = tolerances.mwh(expected)
        yield Check(column, "MWh", at, frame[column].to_numpy(), expected, tolerance=tolerance)
    axes, budget = (case.axes.sites, case.axes.nodes), case.instance.sites.energy_budget_mwh
    drawn, tolerance = case.energy.gross_mwh.sum(axis=2), tolerances.limit_mwh(budget)
    yield Check("energy at the meter", "MWh", axes, drawn, budget, "at_most", tolerance)


def hall(case: HourCase) -> Iterator[Check]:
    """Machines and tenants of a hall stay within the electrical limit of its fit-out."""
    limit = case.hours.it_limit_mw * case.fitted
    tolerance = tolerances.limit_mw(limit)[:, None]
    axes = (case.bays, case.utc)
    yield Check("load", "MW", axes, case.it_load_mw, limit[:, None], "at_most", tolerance, worst_of="hours")


def site(case: HourCase) -> Iterator[Check]:
    """A site draws no more than its limit at the meter."""
    limit = case.hours.site_limit_mw
    tolerance = tolerances.limit_mw(limit)
    yield Check("draw at the meter", "MW", (case.utc,), drawn(case), limit, "at_most", tolerance, worst_of="hours")


def feeder(case: HourCase) -> Iterator[Check]:
    """The halls behind a feeder draw no more together than it carries."""
    limit = np.array([f.limit_mw for f in case.hours.feeders])[:, None]
    axes, tolerance = ({"feeder": [f.name for f in case.hours.feeders]}, case.utc), tolerances.limit_mw(limit)
    found = behind_feeders(case)
    yield Check("draw behind the feeder", "MW", axes, found, limit, "at_most", tolerance, worst_of="hours")


def grid(case: HourCase) -> Iterator[Check]:
    """The draw stated is the load of every hall with its overhead, the fit-outs' own draw, and the battery's."""
    stated = case.stated["grid_mw"]
    tolerance = tolerances.POWER_MW
    yield Check("draw stated", "MW", (case.utc,), stated, drawn(case), tolerance=tolerance, worst_of="hours")


RULES: dict[str, PlanRule] = {"POWER.reserved": reserved, "POWER.firm": firm, "POWER.energy": energy}
HOUR_RULES: dict[str, HourRule] = {"POWER.hall": hall, "POWER.site": site, "POWER.feeder": feeder, "POWER.grid": grid}


def power_cells(case: Case) -> tuple[Ints, Ints, Ints]:
    """(site, node, use) of each row of table power, as an index into sums by site, node and use."""
    frame = case.tables["power"]
    use = np.array([USES.index(name) for name in frame["use"]], dtype=np.int64)
    return case.axes.site_at(frame["site"]), case.axes.node_at(frame["node"]), use


def drawn(case: HourCase) -> Floats:
    """Gross draw at the meter in each step, (T,)."""
    return np.asarray(loads_drawn(case) + case.charge_mw - case.discharge_mw)


def loads_drawn(case: HourCase) -> Floats:
    """Gross draw of everything but the battery in each step, (T,)."""
    return np.asarray(case.gross_mw.sum(axis=0))


def behind_feeders(case: HourCase) -> Floats:
    """Gross draw of the halls behind each feeder in each step, (F, T)."""
    gross = case.gross_mw
    return np.array([gross[feeder.inside].sum(axis=0) for feeder in case.hours.feeders]).reshape(-1, gross.shape[1])
