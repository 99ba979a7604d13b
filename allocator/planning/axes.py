"""Index tables of the planning model: what can exist, and the relations between its members.

A bay exists at a node only if the hall may stand in that fit-out there (it opened so, or a conversion
can have become ready; a hosted one within the term of its agreement); a placement only where its bay exists and
a whole block can be had and racked.
Everything else follows, so that columns that are forced to zero are never made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from solvers.axes import gather
from solvers.model import Expr

TOLERANCE = 1e-9
"""Slack of the divisions that count whole blocks or tranches."""


@dataclass(frozen=True)
class Axes:
    """Index tables, int64 columns named after the axis; a label is a position in the instance.

    Attributes:
        node: (node).
        site_node: (site, node).
        charge_node: (charge, node) of every demand charge that is billed there.
        hall_node: (hall, node) of the company's own halls, and of hosted ones within their term.
        bay_node: (bay, node) that can exist; bays_at is the same as a mask, (B, N).
        tenancy_node: (tenancy, node) whose bay can exist.
        convert: (bay, node) where a conversion to the bay may be decided.
        placement_node: (placement, node) that can exist.
        fleet_node: (model, hall, node) that can exist, and where what stood there before comes home.
        model_node: (model, node) of every model the company may own.
        path: (leaf, node): the node lies on the way from the root to the leaf.
        loan_node: (loan, node) of every loan.
        tail_bay: (bay, year, leaf) whose bay can exist at the leaf.
        most_blocks: whole blocks a placement can hold, (P,).
    """

    node: pd.DataFrame
    site_node: pd.DataFrame
    charge_node: pd.DataFrame
    hall_node: pd.DataFrame
    bay_node: pd.DataFrame
    bays_at: Bools
    tenancy_node: pd.DataFrame
    convert: pd.DataFrame
    placement_node: pd.DataFrame
    fleet_node: pd.DataFrame
    model_node: pd.DataFrame
    loan_node: pd.DataFrame
    path: pd.DataFrame
    tail_bay: pd.DataFrame
    most_blocks: npt.NDArray[np.float64]


def frame(**columns: npt.ArrayLike) -> pd.DataFrame:
    """An index table of whole-number columns."""
    return pd.DataFrame({name: np.asarray(values, dtype=np.int64) for name, values in columns.items()})


def grid(**sizes: int) -> pd.DataFrame:
    """All combinations of positions, the last axis running fastest."""
    return where(np.ones(tuple(sizes.values()), dtype=bool), *sizes)


def where(mask: Bools, *names: str) -> pd.DataFrame:
    """Positions where the mask is true, one axis a dimension of the mask."""
    return frame(**dict(zip(names, np.nonzero(mask), strict=True)))


def with_axes(expr: Expr, **columns: npt.ArrayLike) -> Expr:
    """The same expression over a table that has more axes."""
    return expr.pick(np.arange(len(expr)), expr.index.assign(**dict(frame(**columns))))


def related(axis: str, leads: npt.NDArray[np.int64], relation: Callable[[int], pd.DataFrame]) -> pd.DataFrame:
    """(axis, made, node) of a relation between nodes that depends on the lead of each member of an axis."""
    tables = {lead: relation(lead) for lead in {int(lead) for lead in leads}}
    parts = [tables[int(lead)].assign(**{axis: k}) for k, lead in enumerate(leads)]
    return _stack(parts, [axis, "made", "node"])


def spread(expr: Expr, relation: pd.DataFrame, axis: str, target: pd.DataFrame) -> Expr:
    """Sum over (axis, target axes) of what was decided at `made` and counts at `node`; absent counts 0."""
    moved = expr.take(relation, on={axis: axis, "made": "node"}, absent="zero")
    return moved.sum_by(target, empty="zero", drop="unmatched")


def by_leaf(expr: Expr, axes: Axes, target: pd.DataFrame) -> Expr:
    """Sum along the path to each leaf, over `target`, whose axes are "leaf" and axes of the expression."""
    node = expr.index["node"].to_numpy()
    member, step = gather(axes.path["node"].to_numpy(), len(axes.node), node)
    expanded = expr.index.take(member).reset_index(drop=True).assign(leaf=axes.path["leaf"].to_numpy()[step])
    return expr.pick(member, expanded).sum_by(target, empty="zero")


def by_group(expr: Expr, axis: str, share: Floats) -> Expr:
    """Sum over bays, weighted with the share (G, B) of each that counts in each group; `axis` takes the bay's place.

    Only groups with a member are rows, in order.
    """
    group, bay = np.nonzero(share)
    member, pair = gather(bay, share.shape[1], expr.index["bay"].to_numpy())
    others = {name: expr.index[name].to_numpy()[member] for name in expr.index.columns if name != "bay"}
    index = frame(**{axis: group[pair], **others})
    weighted = expr.pick(member, index) * share[group[pair], bay[pair]]
    return weighted.sum_by(_distinct(index))


def _distinct(index: pd.DataFrame) -> pd.DataFrame:
    """The different rows of an index table of positions, in order."""
    of_row = index.to_numpy()
    ranked = of_row[np.lexsort(of_row.T[::-1])]
    new = np.ones(len(ranked), dtype=bool)
    new[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    return frame(**dict(zip(index.columns, ranked[new].T, strict=True)))


def make_axes(instance: Instance) -> Axes:
    """Every index table of the planning model."""
    tree = instance.tree
    nodes, sites = len(tree), len(instance.sites.names)
    convert, bays_at = _conversions(instance)
    most = most_blocks(instance)
    placed = ((most >= 1) | (instance.placements.opening_units > 0))[:, None] & bays_at[instance.placements.bay]
    fleets = _fleets(instance, placed)
    owned = _owned(instance, placed)
    return Axes(
        node=grid(node=nodes),
        site_node=grid(site=sites, node=nodes),
        charge_node=where(instance.demand.billed, "charge", "node"),
        hall_node=where(_usable(instance), "hall", "node"),
        bay_node=where(bays_at, "bay", "node"),
        bays_at=bays_at,
        tenancy_node=where(bays_at[instance.tenancies.bay], "tenancy", "node"),
        convert=where(convert, "bay", "node"),
        placement_node=where(placed, "placement", "node"),
        fleet_node=where(fleets, "model", "hall", "node"),
        model_node=where(np.repeat(owned[:, None], nodes, axis=1), "model", "node"),
        loan_node=grid(loan=0 if instance.debt is None else len(instance.debt.loans.names), node=nodes),
        path=_stack(
            [frame(leaf=[leaf] * len(p), node=p) for leaf in tree.leaves for p in [tree.path(leaf)]], ["leaf", "node"]
        ),
        tail_bay=_tail_bay(bays_at, instance.terminal.years, tree.leaves),
        most_blocks=most,
    )


def most_blocks(instance: Instance) -> npt.NDArray[np.float64]:
    """(P,) whole blocks that fit the slots of the bay, and what a host feeds, and that the company can ever own."""
    placements, models = instance.placements, instance.models
    slots_per_block = models.slots_per_unit * models.block_units
    racked = np.floor(instance.bays.slots[placements.bay] / slots_per_block[placements.model] + TOLERANCE)
    racked = np.minimum(racked, _blocks_fed(instance))
    opening = np.bincount(placements.model, placements.opening_units, len(models.names)) + models.opening_stored_units
    opening = opening + instance.opening.on_order(len(models.names))
    bought = np.where(models.buyable, purchase_limit_blocks(instance), 0.0)
    owned = np.floor(opening / models.block_units + TOLERANCE) + bought
    return np.asarray(np.minimum(racked, owned[placements.model]))


def _blocks_fed(instance: Instance) -> npt.NDArray[np.float64]:
    """(P,) whole blocks within the contracted power of a host at nameplate, inf in the company's own halls."""
    placements, models = instance.placements, instance.models
    contracted_mw = np.full(len(instance.bays.names), np.inf)
    contracted_mw[instance.hosting.bay] = instance.hosting.capacity_mw
    mw_per_block = models.power_kw * models.block_units / 1e3
    return np.asarray(np.floor(contracted_mw[placements.bay] / mw_per_block[placements.model] + TOLERANCE))


def most_mined_btc(instance: Instance) -> Floats:
    """Production that no plan exceeds, (S, N): every machine that can stand somewhere runs all hours."""
    placements, segments = instance.placements, instance.segments
    racked = most_blocks(instance) * instance.models.block_units[placements.model]
    units = np.maximum(racked, placements.opening_units)[segments.placement]
    most = np.zeros((len(instance.sites.names), len(instance.tree)))
    np.add.at(most, segments.site, (segments.mw_per_unit * units)[:, None] * instance.mined_btc_per_mwh)
    return most * instance.tree.hours


def purchase_limit_blocks(instance: Instance) -> npt.NDArray[np.float64]:
    """(M,) whole blocks that may be bought along one path, inf where no limit is set."""
    models = instance.models
    return np.floor(models.purchase_limit_units / models.block_units + TOLERANCE)


def _conversions(instance: Instance) -> tuple[Bools, Bools]:
    """Masks (B, N): where a conversion may be decided, and where the bay can exist."""
    tree, bays = instance.tree, instance.bays
    opening = np.zeros(len(bays.names), dtype=bool)
    opening[instance.halls.opening_bay] = True
    ready = related("bay", bays.lead_months, tree.ready)
    ready = ready[_may_convert(instance, opening)[ready["bay"], ready["made"]]]
    convert = np.zeros((len(bays.names), len(tree)), dtype=bool)
    convert[ready["bay"], ready["made"]] = True
    exists = np.repeat(opening[:, None], len(tree), axis=1)
    exists[ready["bay"], ready["node"]] = True
    for n in range(len(tree)):  # parents precede children, so one pass hands existence down
        if tree.parent[n] >= 0:
            exists[:, n] |= exists[:, tree.parent[n]]
    exists[instance.hosting.bay] = instance.hosting.in_term
    return convert, exists


def _may_convert(instance: Instance, opening: Bools) -> Bools:
    """(B, N) true where a conversion may be decided: to a bay to which one is under way at the start at roots alone."""
    may = (instance.bays.convertible & ~opening)[:, None] & instance.tree.decision
    under_way = instance.opening.under_way
    may[under_way] = instance.opening.under_way_at(len(may), instance.tree)[under_way]
    return np.asarray(may)


def _usable(instance: Instance) -> Bools:
    """(H, N) true for the company's own halls, and for hosted ones within their term."""
    usable = np.ones((len(instance.halls.names), len(instance.tree)), dtype=bool)
    usable[instance.hosting.hall] = instance.hosting.in_term
    return usable


def _fleets(instance: Instance, placed: Bools) -> Bools:
    """(M, H, N) true where some placement of the model in the hall exists, or did till its agreement was over."""
    placements = instance.placements
    hall = instance.bays.hall[placements.bay]
    fleets = np.zeros((len(instance.models.names), len(instance.halls.names), placed.shape[1]), dtype=bool)
    np.logical_or.at(fleets, (placements.model, hall), placed)
    over = np.zeros((len(instance.halls.names), placed.shape[1]), dtype=bool)
    over[instance.hosting.hall] = instance.hosting.expires(instance.tree)
    np.logical_or.at(fleets, (placements.model, hall), over[hall])
    return fleets


def _owned(instance: Instance, placed: Bools) -> Bools:
    """(M,) true for models in store, or that can stand somewhere."""
    owned = instance.models.opening_stored_units + instance.opening.on_order(len(instance.models.names)) > 0
    np.logical_or.at(owned, instance.placements.model, placed.any(axis=1))
    return owned


def _tail_bay(bays_at: Bools, years: int, leaves: Ints) -> pd.DataFrame:
    tail = where(np.repeat(bays_at[:, None, leaves], years, axis=1), "bay", "year", "leaf")
    return tail.assign(leaf=leaves[tail["leaf"]])


def _stack(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not parts:
        return frame(**{name: [] for name in columns})
    return pd.concat(parts, ignore_index=True)[columns]
