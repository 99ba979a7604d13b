"""A solution of the planning model as named arrays, integers made whole.

Positions are those of the instance; what cannot exist is 0. Everything a plan states is derived from these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.dispatch.interface import Capacity
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.capacity_map import columns_of
from allocator.planning.context import USD_PER_MUSD
from allocator.planning.treasury_point import BtcTrades, LoanMoves, btc_trades, dense, loan_moves, shares_usd
from solvers.problem import Problem

WHOLE = 1e-4
"""Farthest from a whole number that a decision may lie; beyond it the point is no plan."""


@dataclass(frozen=True)
class PlanPoint:
    """The decisions. B bays, N nodes, P placements, M models, H halls, C contracts, G hosting agreements, Y tail years,
    leaves in tree order.

    Attributes:
        convert: 1 where a conversion to the bay is decided, (B, N).
        fitted: 1 where the hall is usable as the bay, (B, N).
        installed_units: (P, N).
        install_units, remove_units: between store and hall, (M, H, N); never both, a machine taken out and put
            back in the same node stays where it is.
        buy_units, sell_units, stored_units, delivered_units: (M, N).
        sign: 1 where the contract is signed, (C, N).
        place: tranches of the contract signed at the node that stand in the bay, (C, B, N).
        terminate: 1 where notice is given to a hosting agreement, (G, N). hosted: 1 where it is in force, (G, N).
        tail_mw: mining beyond the horizon, (B, Y, leaves).
        hedge_lots: lots of each instrument bought, (I, N); None: none.
        trades: of Bitcoin; None without a treasury, or where nobody has decided them yet. loans: the same of debt.
        happens: 1 where an event of limited probability may happen, (E, N); None where nobody has decided it yet.
        issued_usd: paid by buyers of shares, (N,); None where none may be sold.
        peak_mw: highest draw that each demand charge bills, (D, N); None: no charges.
        due_usd: what each cause of coincident peaks adds, (E,); None where nobody has decided it yet.
        later_premium: what a dollar of it less would cost the hours beyond its discount, (S, N); None: nobody knows.
        losing: 1 where a test of a covenant finds nothing earned, (covenants, N); None where nobody has looked yet.
    """

    convert: Floats
    fitted: Floats
    installed_units: Floats
    install_units: Floats
    remove_units: Floats
    buy_units: Floats
    sell_units: Floats
    stored_units: Floats
    delivered_units: Floats
    sign: Floats
    place: Floats
    terminate: Floats
    hosted: Floats
    tail_mw: Floats
    hedge_lots: Floats | None = None
    trades: BtcTrades | None = None
    loans: LoanMoves | None = None
    happens: Floats | None = None
    losing: Floats | None = None
    issued_usd: Floats | None = None
    peak_mw: Floats | None = None
    due_usd: Floats | None = None
    later_premium: Floats | None = None


def plan_point(instance: Instance, problem: Problem, x: Floats) -> PlanPoint:
    """Named arrays of a point (columns,) whose decisions are whole within WHOLE; ValueError otherwise."""
    nodes, bays, models = len(instance.tree), len(instance.bays.names), len(instance.models.names)
    block = instance.models.block_units.astype(float)
    move = ("model", "hall", "node"), (models, len(instance.halls.names), nodes)
    trade = ("model", "node"), (models, nodes)
    agreements = ("agreement", "node"), (len(instance.hosting.names), nodes)

    def whole(name: str, axes: tuple[str, ...], shape: tuple[int, ...]) -> Floats:
        return _whole(name, dense(problem, x, name, axes, shape))

    fitted = whole("fitted", ("bay", "node"), (bays, nodes))
    moved = dense(problem, x, "install_blocks", *move) - dense(problem, x, "remove_blocks", *move)
    moved = _whole("install_blocks less remove_blocks", moved) * block[:, None, None]
    installed = whole("installed_blocks", ("placement", "node"), (len(instance.placements.bay), nodes))
    return PlanPoint(
        convert=whole("convert", ("bay", "node"), (bays, nodes)),
        fitted=fitted,
        installed_units=installed * block[instance.placements.model][:, None],
        install_units=np.maximum(moved, 0.0),
        remove_units=np.maximum(-moved, 0.0),
        buy_units=whole("buy_blocks", *trade) * block[:, None],
        sell_units=whole("sell_blocks", *trade) * block[:, None],
        stored_units=whole("stored_blocks", *trade) * block[:, None],
        delivered_units=whole("delivered_blocks", *trade) * block[:, None],
        sign=whole("sign", ("contract", "node"), (len(instance.offers.names), nodes)),
        place=whole("place", ("contract", "bay", "node"), (len(instance.offers.names), bays, nodes)),
        terminate=whole("terminate", *agreements),
        hosted=whole("hosted", *agreements),
        tail_mw=_tail(instance, problem, x, fitted),
        hedge_lots=whole("buy_hedge_lots", ("hedge", "node"), (len(instance.hedges.names), nodes)),
        trades=btc_trades(instance, problem, x),
        loans=loan_moves(instance, problem, x),
        happens=whole("happens", ("event", "node"), (len(instance.chances), nodes)),
        losing=_losing(instance, problem, x),
        issued_usd=shares_usd(instance, problem, x),
        peak_mw=peaks_mw(instance, problem, x),
        due_usd=dues_usd(instance, problem, x),
    )


def whole_columns(instance: Instance, problem: Problem, point: PlanPoint) -> tuple[Ints, Floats]:
    """Integer columns of a planning problem that a point has decided, and what it makes of them."""
    block = instance.models.block_units.astype(float)
    by_placement = block[instance.placements.model][:, None]
    decided = [
        *([] if point.loans is None else point.loans.events()),
        *([] if point.hedge_lots is None else [("buy_hedge_lots", ("hedge", "node"), point.hedge_lots)]),
        *([] if point.happens is None else [("happens", ("event", "node"), point.happens)]),
        *([] if point.losing is None else [("losing", ("covenant", "node"), point.losing)]),
        ("convert", ("bay", "node"), point.convert),
        ("fitted", ("bay", "node"), point.fitted),
        ("installed_blocks", ("placement", "node"), point.installed_units / by_placement),
        ("buy_blocks", ("model", "node"), point.buy_units / block[:, None]),
        ("sell_blocks", ("model", "node"), point.sell_units / block[:, None]),
        ("terminate", ("agreement", "node"), point.terminate),
        ("sign", ("contract", "node"), point.sign),
        ("place", ("contract", "bay", "node"), point.place),
    ]
    found = [(columns_of(problem, name, axes, values.shape), values) for name, axes, values in decided]
    columns = np.concatenate([at[at >= 0] for at, _ in found])
    return columns, np.concatenate([values[at >= 0] for at, values in found])


def capacity(instance: Instance, point: PlanPoint, site: int, node: int) -> Capacity:
    """What the decisions give one site-node, computed from them alone."""
    segments = np.flatnonzero(instance.segments.site == site)
    installed = point.installed_units[instance.segments.placement[segments], node]
    return Capacity(
        fitted=point.fitted[instance.bays.site == site, node],
        firm_mw=firm_mw(instance, point)[instance.tenancies.site == site, node],
        segment_mw=instance.segments.mw_per_unit[segments] * installed,
        peak_mw=peak_mw(instance, point, site, node),
    )


def peaks_mw(instance: Instance, problem: Problem, x: Floats) -> Floats | None:
    """Peaks of demand charges at a point of the model, (D, N); None without any."""
    if not instance.demand.names:
        return None
    return np.maximum(dense(problem, x, "peak_mw", ("charge", "node"), instance.demand.billed.shape), 0.0)


def dues_usd(instance: Instance, problem: Problem, x: Floats) -> Floats | None:
    """What causes of coincident peaks add at a point of the model, (E,); None without any."""
    causes = len(instance.coincident.peak)
    return dense(problem, x, "later_musd", ("cause",), (causes,)) * USD_PER_MUSD if causes else None


def peak_mw(instance: Instance, point: PlanPoint, site: int, node: int) -> Floats:
    """Peak of each demand charge billed at a site in a node, (P,): the meter's limit where nobody has decided."""
    charges = instance.demand.at(site, node)
    if point.peak_mw is None:
        return np.full(len(charges), instance.sites.power_limit_mw[site])
    return np.asarray(point.peak_mw[charges, node])


def firm_mw(instance: Instance, point: PlanPoint) -> Floats:
    """Metered load of every tenancy and node, critical IT MW, (K, N)."""
    service, tenancies = instance.service, instance.tenancies
    tranche_mw = service.metered_mw / instance.offers.tranches[service.contract]
    served = tranche_mw[:, None] * point.place[service.contract, :, service.signed]
    row, bay = np.nonzero(served)
    load = np.zeros((len(tenancies.bay), len(instance.tree)))
    np.add.at(load, (tenancies.of[service.contract[row], bay], service.node[row]), served[row, bay])
    return load


def _losing(instance: Instance, problem: Problem, x: Floats) -> Floats | None:
    if instance.covenants is None:
        return None
    return np.round(dense(problem, x, "losing", ("covenant", "node"), instance.covenants.tested.shape))


def _whole(name: str, values: Floats) -> Floats:
    rounded = np.round(values) + 0.0  # no negative zero
    off = np.abs(values - rounded)
    if off.size and off.max() > WHOLE:
        worst = tuple(int(i) for i in np.unravel_index(off.argmax(), off.shape))
        raise ValueError(f"{name} is {values[worst]:.6g} at {worst}: not whole, so this point is no plan")
    return rounded


def _tail(instance: Instance, problem: Problem, x: Floats, fitted: Floats) -> Floats:
    leaves, years = instance.tree.leaves, instance.terminal.years
    shape = (len(instance.bays.names), years, len(instance.tree))
    tail = dense(problem, x, "tail_mw", ("bay", "year", "leaf"), shape)[:, :, leaves]
    most = instance.bays.it_limit_mw[:, None] * fitted[:, leaves]
    return np.clip(tail, 0.0, most[:, None, :])
