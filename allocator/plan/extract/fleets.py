"""Tables fleets, moves and trades, and the money of machines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def fleets_table(settled: Settled) -> pd.DataFrame:
    """Table `fleets`: machines in halls, then in store, by node and model."""
    tree, models = settled.instance.tree, settled.instance.models
    rows = [
        row
        for node in range(len(tree))
        for model in range(len(models.names))
        for row in (*_standing(settled, node, model), *_stored(settled, node, model))
    ]
    return from_rows(TABLES["fleets"], rows)


def moves_table(settled: Settled) -> pd.DataFrame:
    """Table `moves`."""
    instance, point = settled.instance, settled.point
    moved = np.argwhere((point.install_units + point.remove_units).transpose(2, 0, 1) > 0.5)
    rows = [
        {
            "node": instance.tree.name[node],
            "model": instance.models.names[model],
            "hall": instance.halls.names[hall],
            "installed_units": point.install_units[model, hall, node],
            "removed_units": point.remove_units[model, hall, node],
        }
        for node, model, hall in moved
    ]
    return from_rows(TABLES["moves"], rows)


def trades_table(settled: Settled) -> pd.DataFrame:
    """Table `trades`."""
    instance, point = settled.instance, settled.point
    traded = np.argwhere((point.buy_units + point.delivered_units + point.sell_units).T > 0.5)
    rows = [
        {
            "node": instance.tree.name[node],
            "model": instance.models.names[model],
            "bought_units": point.buy_units[model, node],
            "delivered_units": point.delivered_units[model, node],
            "sold_units": point.sell_units[model, node],
            "price_usd_per_unit": instance.models.price_usd[model, node],
            "resale_usd_per_unit": instance.models.resale_usd[model, node],
        }
        for node, model in traded
    ]
    return from_rows(TABLES["trades"], rows)


def fleet_entries(settled: Settled) -> Iterator[Entry]:
    """Purchases, sales and installation in each node."""
    models, halls, point = settled.instance.models, settled.instance.halls, settled.point
    for model, node in np.argwhere(point.buy_units > 0.5):
        paid = point.buy_units[model, node] * models.price_usd[model, node]
        yield Entry("equipment_purchase", int(node), COMPANY, models.names[model], -float(paid))
    for model, node in np.argwhere(point.sell_units > 0.5):
        earned = point.sell_units[model, node] * models.resale_usd[model, node]
        yield Entry("equipment_sale", int(node), COMPANY, models.names[model], float(earned))
    for model, hall, node in np.argwhere(point.install_units > 0.5):
        paid = point.install_units[model, hall, node] * models.install_usd[model]
        yield Entry("install_cost", int(node), int(halls.site[hall]), models.names[model], -float(paid))


def terminal_fleet_entries(settled: Settled) -> Iterator[Entry]:
    """Machines at the horizon: those standing and in store at resale, those on order at their refund."""
    instance, point = settled.instance, settled.point
    owned = np.array(point.stored_units)
    np.add.at(owned, instance.placements.model, point.installed_units)
    for leaf in instance.tree.leaves.tolist():
        for model, name in enumerate(instance.models.names):
            worth = owned[model, leaf] * instance.models.resale_usd[model, leaf]
            yield Entry("terminal_equipment", leaf, COMPANY, name, float(worth))
            yield Entry("terminal_undelivered", leaf, COMPANY, name, _refund_usd(settled, model, leaf))


def _refund_usd(settled: Settled, model: int, leaf: int) -> float:
    """Refund of what was ordered on the path to the leaf and is not delivered there."""
    tree, models = settled.instance.tree, settled.instance.models
    path = np.array(tree.path(leaf))
    owed = path[tree.first_month[path] + models.lead_months[model] > tree.first_month[leaf]]
    paid = settled.point.buy_units[model, owed] * models.price_usd[model, owed]
    return float(models.refund_share[model] * paid.sum())


def _standing(settled: Settled, node: int, model: int) -> Iterator[dict[str, object]]:
    instance = settled.instance
    for placement in np.flatnonzero(instance.placements.model == model):
        units = settled.point.installed_units[placement, node]
        bay = int(instance.placements.bay[placement])
        if units > 0.5:
            hall = instance.halls.names[int(instance.bays.hall[bay])]
            yield _fleet_row(settled, node, model, hall, instance.bays.fit_out[bay], units)


def _stored(settled: Settled, node: int, model: int) -> Iterator[dict[str, object]]:
    units = settled.point.stored_units[model, node]
    if units > 0.5:
        yield _fleet_row(settled, node, model, "", "", units)


def _fleet_row(settled: Settled, node: int, model: int, hall: str, fit_out: str, units: float) -> dict[str, object]:
    return {
        "node": settled.instance.tree.name[node],
        "model": settled.instance.models.names[model],
        "hall": hall,
        "fit_out": fit_out,
        "units": units,
    }
