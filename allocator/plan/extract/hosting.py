"""Tables hosting and terminations, and the money of hosting agreements besides energy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from allocator.dispatch.take import untaken_mwh
from allocator.instance.hosting import before
from allocator.instance.tree import Bools, Floats
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.power import Energy
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES, USES


def hosting_table(settled: Settled, energies: Sequence[Energy]) -> pd.DataFrame:
    """Table `hosting`; `energies` of every site and node."""
    hosting, tree = settled.instance.hosting, settled.instance.tree
    found = {(energy.site, energy.node): energy for energy in energies}
    installed, held = nameplate_mw(settled), in_force(settled)
    rows = [
        {
            "node": tree.name[node],
            "agreement": hosting.names[g],
            "in_force": held[g, node],
            "capacity_mw": hosting.capacity_mw[g] if held[g, node] else 0.0,
            "installed_mw": installed[g, node],
            "energy_mwh": sum(found[int(hosting.site[g]), node].gross_mwh(use) for use in USES),
            "untaken_mwh": untaken(settled, g, node),
            "curtailed_h": hosting.closed_h[g, node],
            "tariff_usd_per_mwh": hosting.tariff_usd_per_mwh[g, node],
            "relief_usd_per_mwh": hosting.relief_usd_per_mwh[g, node],
            "energy_usd": sum(found[int(hosting.site[g]), node].power_cost_usd(use) for use in USES),
            "management_usd": hosting.management_usd[g, node] if held[g, node] else 0.0,
            "deposit_held_usd": hosting.deposit_usd[g] if held[g, node] else 0.0,
        }
        for node, g in np.argwhere(hosting.in_term.T).tolist()
    ]
    return from_rows(TABLES["hosting"], rows)


def terminations_table(settled: Settled) -> pd.DataFrame:
    """Table `terminations`."""
    hosting, tree = settled.instance.hosting, settled.instance.tree
    rows = [
        {
            "agreement": hosting.names[g],
            "notice_node": tree.name[made],
            "end_node": tree.name[node],
            "fee_usd": hosting.end_fee_usd[g, node],
        }
        for g, made, node in _ended(settled)
    ]
    return from_rows(TABLES["terminations"], rows)


def hosting_entries(settled: Settled) -> Iterator[Entry]:
    """Fees, deposits and machines brought home, in each node."""
    hosting, held = settled.instance.hosting, in_force(settled)
    for g, node in np.argwhere(held).tolist():
        if owed := untaken(settled, g, node) * float(hosting.untaken_usd_per_mwh[g, node]):
            yield Entry("hosting_shortfall", node, int(hosting.site[g]), "", -owed)
        yield Entry("hosting_management", node, int(hosting.site[g]), "", -float(hosting.management_usd[g, node]))
        if hosting.pays_deposit[g, node]:
            yield Entry("hosting_deposit_paid", node, int(hosting.site[g]), "", -float(hosting.deposit_usd[g]))
    for g, _, node in _ended(settled):
        yield Entry("hosting_termination", node, int(hosting.site[g]), "", -float(hosting.end_fee_usd[g, node]))
    for g, node in np.argwhere(_given_back(settled)).tolist():
        yield Entry("hosting_deposit_returned", node, int(hosting.site[g]), "", float(hosting.deposit_usd[g]))
    yield from _removal_entries(settled)


def terminal_hosting_entries(settled: Settled) -> Iterator[Entry]:
    """What is left of each agreement at each leaf, and the way home of the machines there."""
    instance, hosting, held = settled.instance, settled.instance.hosting, in_force(settled)
    at_horizon = 1.0 / instance.finance.discount_horizon
    for leaf in instance.tree.leaves.tolist():
        for g in np.flatnonzero(held[:, leaf]).tolist():
            site = int(hosting.site[g])
            yield Entry("terminal_hosting", leaf, site, "", float(hosting.tail_usd[g, leaf]) * at_horizon)
            deposit = float(hosting.tail_deposit_usd[g, leaf]) * at_horizon
            yield Entry("terminal_hosting_deposit", leaf, site, "", deposit)
        for g, placement in _placements(settled):
            units = settled.point.installed_units[placement, leaf]
            model = instance.models.names[int(instance.placements.model[placement])]
            cost = float(units * hosting.removal_usd_per_unit[g])
            yield Entry("terminal_removal", leaf, int(hosting.site[g]), model, -cost)


def untaken(settled: Settled, agreement: int, node: int) -> float:
    """Energy of a node paid for and not drawn, MWh."""
    site = int(settled.instance.hosting.site[agreement])
    schedule = settled.schedules[site, node]
    return untaken_mwh(settled.hours(site, node), schedule.take_mwh, schedule.grid_mw) if schedule.take_mwh else 0.0


def in_force(settled: Settled) -> Bools:
    """True where an agreement is in force, (G, N)."""
    return np.asarray(settled.point.hosted > 0.5)


def nameplate_mw(settled: Settled) -> Floats:
    """Nameplate draw of the machines at each agreement, (G, N)."""
    instance = settled.instance
    total = np.zeros(instance.hosting.in_term.shape)
    for g, placement in _placements(settled):
        kilowatts = instance.models.power_kw[instance.placements.model[placement]]
        total[g] += settled.point.installed_units[placement] * kilowatts / 1000.0
    return total


def _placements(settled: Settled) -> Iterator[tuple[int, int]]:
    """(agreement, placement) of the machines that may stand there."""
    placements, hosting = settled.instance.placements, settled.instance.hosting
    for g, bay in enumerate(hosting.bay.tolist()):
        for placement in np.flatnonzero(placements.bay == bay).tolist():
            yield g, placement


def _ended(settled: Settled) -> list[tuple[int, int, int]]:
    """(agreement, notice node, node with whose start it ends), in that order."""
    pairs = settled.instance.hosting.endings(settled.instance.tree)
    given = settled.point.terminate[pairs["agreement"], pairs["made"]] > 0.5
    return sorted(pairs.loc[given, ["agreement", "made", "node"]].itertuples(index=False, name=None))


def _given_back(settled: Settled) -> Bools:
    """True where a deposit comes back: no longer in force, and the parent was; (G, N)."""
    hosting, tree, held = settled.instance.hosting, settled.instance.tree, in_force(settled)
    was = before(held, hosting.begun, tree)
    return was & ~held


def _removal_entries(settled: Settled) -> Iterator[Entry]:
    instance, hosting = settled.instance, settled.instance.hosting
    for g, hall in enumerate(hosting.hall.tolist()):
        for model, node in np.argwhere(settled.point.remove_units[:, hall] > 0.5).tolist():
            cost = settled.point.remove_units[model, hall, node] * hosting.removal_usd_per_unit[g]
            yield Entry("removal_cost", node, int(hosting.site[g]), instance.models.names[model], -float(cost))
