"""What a plan decided and what follows from it, read back from its tables onto the axes of its instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.interface import Capacity
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.extract.settled import capacity, tenancy_mw
from allocator.planning.point import PlanPoint

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Carried:
    """Decisions of a plan. B bays, M models, N nodes, Y tail years, S sites.

    Attributes:
        point: what capacity rests on: fit-outs, machines standing, contracts placed.
        tenancy_mw: metered load of tenants, (K, N).
        bought_units, sold_units, owned_units: of each model, (M, N).
        tail_mw: mining beyond the horizon, (B, Y, N), 0 at nodes that are no leaves.
        mined_btc: production, and what one more Bitcoin was worth beyond its price to its hours, (S, N) each; 0 where
            the scenario states no price.
        due_usd: what the hours cause at coincident peaks, and what they gave for a dollar put off beyond its discount
            (later_premium), (S, N) each.
    """

    instance: Instance
    point: PlanPoint
    tenancy_mw: Floats
    bought_units: Floats
    sold_units: Floats
    owned_units: Floats
    tail_mw: Floats
    mined_btc: Floats
    premium_usd_per_btc: Floats
    due_usd: Floats
    later_premium: Floats

    def capacity(self, site: int, node: int) -> Capacity:
        """What the decisions give one site in one node."""
        return capacity(self.instance, self.point, self.tenancy_mw, site, node)


def carried(instance: Instance, tables: Tables) -> Carried:
    """The decisions in the tables of a plan of this instance."""
    point = _point(instance, tables)
    model, node = instance.models.names, instance.tree.name
    trades, fleets, made = tables["trades"], tables["fleets"], tables["production"]
    peaks = tables["coincident_peaks"]
    of_site = (instance.sites.names, "site"), (node, "node")
    return Carried(
        instance=instance,
        point=point,
        tenancy_mw=tenancy_mw(instance, point),
        bought_units=_array(trades, "bought_units", (model, "model"), (node, "node")),
        sold_units=_array(trades, "sold_units", (model, "model"), (node, "node")),
        owned_units=_array(fleets, "units", (model, "model"), (node, "node")),
        tail_mw=_tail(instance, tables["tail"]),
        mined_btc=_array(made, "mined_btc", *of_site),
        premium_usd_per_btc=_array(made, "premium_usd_per_btc", *of_site),
        due_usd=_array(peaks, "due_usd", *of_site),
        later_premium=_array(peaks[~peaks.duplicated(["site", "node"])], "later_premium_share", *of_site),
    )


def _point(instance: Instance, tables: Tables) -> PlanPoint:
    node, bay = instance.tree.name, instance.bays.names
    names, placements = instance.models.names, instance.placements
    halls = tables["halls"][tables["halls"]["fit_out"] != ""]
    fleets, placed = tables["fleets"], tables["placements"]
    standing = [f"{names[m]}\n{bay[b]}" for m, b in zip(placements.model, placements.bay, strict=True)]
    fitted = _array(halls.assign(bay=_bay(halls), one=1.0), "one", (bay, "bay"), (node, "node"))
    at = fleets[fleets["hall"] != ""]
    at = at.assign(placement=at["model"] + "\n" + _bay(at))
    placed = placed.assign(bay=_bay(placed))
    nothing = np.zeros((0, 0))
    return PlanPoint(
        convert=np.zeros_like(fitted),
        fitted=fitted,
        installed_units=_array(at, "units", (standing, "placement"), (node, "node")),
        install_units=nothing,
        remove_units=nothing,
        buy_units=nothing,
        sell_units=nothing,
        stored_units=nothing,
        delivered_units=nothing,
        sign=nothing,
        place=_array(placed, "tranches", (instance.offers.names, "contract"), (bay, "bay"), (node, "signed_node")),
        terminate=nothing,
        hosted=nothing,
        tail_mw=nothing,
        peak_mw=_peaks(instance, tables["demand_charges"]),
    )


def _peaks(instance: Instance, peaks: pd.DataFrame) -> Floats | None:
    """What the meter may show in hours of a demand charge, (D, N): without it they would draw whatever they earn on."""
    demand, sites = instance.demand, instance.sites.names
    charges = [f"{sites[int(site)]}\n{name}" for name, site in zip(demand.names, demand.site, strict=True)]
    at = peaks.assign(of=peaks["site"] + "\n" + peaks["charge"])
    return _array(at, "metered_mw", (charges, "of"), (instance.tree.name, "node")) if charges else None


def _tail(instance: Instance, tail: pd.DataFrame) -> Floats:
    years = [str(year + 1) for year in range(instance.terminal.years)]
    told = tail.assign(bay=_bay(tail), of=tail["year"].astype(str))
    return _array(told, "mining_mw", (instance.bays.names, "bay"), (years, "of"), (instance.tree.name, "leaf"))


def _bay(table: pd.DataFrame) -> pd.Series[str]:
    return table["hall"] + "/" + table["fit_out"]


def _array(table: pd.DataFrame, value: str, *axes: tuple[Sequence[str], str]) -> Floats:
    """Sums of a column over named axes, each (names, column)."""
    total = np.zeros(tuple(len(names) for names, _ in axes))
    at = tuple(positions(names, table[column]) for names, column in axes)
    np.add.at(total, at, table[value].to_numpy(dtype=float))
    return total


def positions(names: Sequence[str], asked: pd.Series[str]) -> Ints:
    """Where each name stands, (rows,)."""
    return np.asarray(pd.Index(names).get_indexer(pd.Index(asked)), dtype=np.int64)
