"""Edits that carry what demand charges look back to."""

from __future__ import annotations

import math
from collections.abc import Iterator

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit
from allocator.roll.words import plain
from allocator.scenario.demand_charges import DemandCharge
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario

MONTHS = 12


def demand_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Peaks billed in the months before, the latest last; none is set in the first month, which has not begun."""
    planned = {(site.name, one.name): one for site in at.loaded.scenario.sites for one in site.demand_charges}
    for s, site in enumerate(scenario.sites):
        for k, charge in enumerate(site.demand_charges):
            path = ("sites", s, "demand_charges", k)
            if charge.opening_peak_mw:
                yield Edit((*path, "opening_peak_mw"), 0, "the month has not begun")
            before = planned.get((site.name, charge.name))
            if charge.ratchet is not None and before is not None:
                billed = _billed(at, site.name, before)[-charge.ratchet.months :]
                yield Edit((*path, "ratchet", "opening_billed_mw"), [plain(mw) for mw in billed], "billed before")


def owed_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """What coincident peaks have caused and is paid in the next January."""
    planned = {(site.name, one.name): one for site in at.loaded.scenario.sites for one in site.coincident_peaks}
    rows = at.earlier("coincident_peaks")
    rows = rows[rows["due_month"] >= str(at.month)]
    start = Month.parse(at.instance.tree.start_month)
    unpaid = at.month <= start.plus(-(start.month - 1) % MONTHS)
    for s, site in enumerate(scenario.sites):
        for k, peak in enumerate(site.coincident_peaks):
            before = planned.get((site.name, peak.name))
            if before is not None:
                caused = math.fsum(rows["due_usd"][(rows["site"] == site.name) & (rows["peak"] == peak.name)])
                owed = caused + (before.opening_owed_usd if unpaid else 0.0)
                path = ("sites", s, "coincident_peaks", k, "opening_owed_usd")
                yield Edit(path, plain(owed), f"caused by the end of {at.name_before}")


def _billed(at: AtNode, site: str, charge: DemandCharge) -> list[float]:
    """Peaks billed in every month before the node, those of before the plan first, 0 where it was not billed, MW."""
    table, tree = at.earlier("demand_charges"), at.instance.tree
    own = table[(table["site"] == site) & (table["charge"] == charge.name)].set_index("node")["billed_mw"]
    found = list(charge.ratchet.opening_billed_mw) if charge.ratchet is not None else []
    for node in [tree.name.index(name) for name in at.before]:
        name, first = tree.name[node], int(tree.first_month[node])
        months = [int(tree.calendar_month(month)[5:]) for month in range(first, first + int(tree.months[node]))]
        found += [float(own.get(name, 0.0)) if month in charge.months else 0.0 for month in months]
    return found
