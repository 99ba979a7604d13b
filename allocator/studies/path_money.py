"""Money of a plan's decisions on fresh paths: lines that move with the market counted again, the others as planned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.tail_values import TailValues
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import Carried, positions
from allocator.studies.operation import Operation, mined_per_ph_day

HOUR_LINES = (
    "mining_revenue",
    "gpu_rental_revenue",
    "power_cost",
    "sla_credits",
    "curtailment_credits",
    "reserve_sales",
    "reserve_called",
    "reserve_saved_energy",
    "reserve_lost_earnings",
    "work_pay",
    "work_displaced",
    "work_penalty",
    "hosting_shortfall",
    "block_used",
    "pass_through_lost",
    "battery_trading",
    "battery_wear",
    "battery_foresight",
)
"""What the hours earn and cost."""
MACHINE_LINES = ("equipment_purchase", "equipment_sale", "terminal_equipment")
SETTLED_LINES = ("hedge_settlement", "block_settlement")
BTC_LINES = ("btc_retained", "btc_sale", "btc_purchase", "btc_slippage", "btc_settlement", "btc_seized", "terminal_btc")
COUNTED_AGAIN = (
    *HOUR_LINES,
    *MACHINE_LINES,
    *BTC_LINES,
    *SETTLED_LINES,
    "power_pass_through",
    "terminal_mining",
    "cash_interest",
)


AS_PLANNED = (
    "colocation_rent",
    "block_energy",
    "demand_charge",
    "coincident_put_off",
    "coincident_paid",
    "terminal_coincident",
    "fixed_opex",
    "install_cost",
    "conversion_capex",
    "removal_cost",
    "hosting_management",
    "hosting_termination",
    "hosting_deposit_paid",
    "hosting_deposit_returned",
    "contract_capex",
    "loan_draw",
    "loan_repayment",
    "loan_interest",
    "loan_fees",
    "prepayment_received",
    "prepayment_earned",
    "prepayment_refunded",
    "prepayment_penalty",
    "notes_conversion",
    "shares_issued",
    "tax_paid",
    "terminal_tax",
    "equity_issued",
    "equity_fees",
    "terminal_new_owners",
    "hedge_premium",
    "terminal_contract_rent",
    "terminal_contract_energy",
    "terminal_undelivered",
    "terminal_unpaid_capex",
    "terminal_hosting",
    "terminal_hosting_deposit",
    "terminal_removal",
    "terminal_fixed_opex",
    "terminal_debt",
    "terminal_conversion",
    "terminal_prepayment",
)
KNOWN_SHARE = 1e-4
"""Largest share of the money of the hours by which a plan and the schedules of this study may part."""


@dataclass
class Ledger:
    """Flows of K paths over P periods.

    Attributes:
        cash_usd: of the period, undiscounted, (K, P).
        npv_usd: discounted, what is left at the end included; within_usd: without it, (K,) each.
    """

    cash_usd: Floats
    npv_usd: Floats
    within_usd: Floats

    def flow(self, period: int, usd: Floats, factor: Floats | float) -> None:
        """Cash of a period, worth `factor` a dollar today."""
        self.cash_usd[:, period] += usd
        self.npv_usd += usd * factor
        self.within_usd += usd * factor

    def left(self, usd: Floats, factor: Floats | float) -> None:
        """Worth at the end that is no cash."""
        self.npv_usd += usd * factor


@dataclass(frozen=True)
class Planned:
    """Sums of the lines of a plan that stay as planned, by node, (N,); pass-through by site, (S, N)."""

    cash_usd: Floats
    worth_usd: Floats
    left_usd: Floats
    passed_usd: Floats
    hours_usd: Floats


def planned(instance: Instance, cash_flow: pd.DataFrame) -> Planned:
    """The parts of a plan's cash flow; `hours_usd` (S, N) is what the plan says its hours earn."""
    kept = cash_flow[cash_flow["line"].isin(AS_PLANNED)]
    period, end = kept[kept["when"] == "period"], kept[kept["when"] == "horizon"]
    hours = cash_flow[cash_flow["line"].isin(HOUR_LINES)]
    passed = cash_flow[cash_flow["line"] == "power_pass_through"]

    def by_node(rows: pd.DataFrame, discounted: bool) -> Floats:
        usd = rows["amount_usd"] * rows["discount_factor"] if discounted else rows["amount_usd"]
        total = np.zeros(len(instance.tree))
        np.add.at(total, positions(instance.tree.name, rows["node"]), usd.to_numpy(dtype=float))
        return total

    def by_site(rows: pd.DataFrame) -> Floats:
        total = np.zeros((len(instance.sites.names), len(instance.tree)))
        at = positions(instance.sites.names, rows["site"]), positions(instance.tree.name, rows["node"])
        np.add.at(total, at, rows["amount_usd"].to_numpy())
        return total

    return Planned(by_node(period, False), by_node(period, True), by_node(end, True), by_site(passed), by_site(hours))


def check_hours(operation: Operation, rest: Planned) -> None:
    """The plan's hours earn what its schedules do here at its own market.

    Raises:
        RuntimeError: lines of the cash flow are not known for what they are.
    """
    off = float(np.abs(rest.hours_usd - operation.own_usd).sum())
    if off > KNOWN_SHARE * max(1.0, float(np.abs(operation.own_usd).sum())):
        raise RuntimeError(f"hours of the plan and of its evaluation differ by {off:,.0f} USD")


def enter_planned(instance: Instance, rest: Planned, paths: FreshPaths, node_of: Ints, ledger: Ledger) -> None:
    """Lines that stay as planned; power passed through moves with the level of power."""
    contracted = instance.finance.discount_contracted
    for period, node in enumerate(node_of.T):
        ledger.cash_usd[:, period] += rest.cash_usd[node]
        ledger.npv_usd += rest.worth_usd[node] + rest.left_usd[node]
        ledger.within_usd += rest.worth_usd[node]
        level = paths.spot_factor[:, :, period] / instance.hours.spot_factor[:, node]
        ledger.flow(period, (rest.passed_usd[:, node] * level).sum(axis=0), contracted[node])


def enter_hours(
    instance: Instance, operation: Operation, paths: FreshPaths, node_of: Ints, figures: Floats, ledger: Ledger
) -> tuple[Floats, Floats]:
    """What the hours earn on every path: Bitcoin mined, (K, P), 0 where no network is stated, and USD by site beyond
    what the plan's own hours earn at its nodes, (S, K, P)."""
    more = np.zeros((len(instance.sites.names), *node_of.shape))
    hashed, per_ph_day = np.zeros(node_of.shape), mined_per_ph_day(paths.market)
    for period in range(node_of.shape[1]):
        for node in np.unique(node_of[:, period]).tolist():
            here = np.flatnonzero(node_of[:, period] == node)
            for site in range(len(instance.sites.names)):
                earned, ph_days = operation.best(site, node, figures[site, here, period], per_ph_day[here, period])
                ledger.cash_usd[here, period] += earned
                more[site, here, period] = earned - operation.own_usd[site, node]
                worth = earned * instance.finance.discount_operations[node]
                ledger.npv_usd[here] += worth
                ledger.within_usd[here] += worth
                hashed[here, period] += ph_days
    return np.asarray(hashed * per_ph_day), more


def enter_machines(held: Carried, prices: tuple[Floats, Floats], node_of: Ints, ledger: Ledger) -> None:
    """Purchases and sales at prices of the path, (M, K, P) each, and what machines bring at the end."""
    price, resale = prices
    finance = held.instance.finance
    for period, node in enumerate(node_of.T):
        paid = (held.bought_units[:, node] * price[:, :, period]).sum(axis=0)
        brought = (held.sold_units[:, node] * resale[:, :, period]).sum(axis=0)
        ledger.flow(period, brought - paid, finance.discount_operations[node])
    left = (held.owned_units[:, node_of[:, -1]] * resale[:, :, -1]).sum(axis=0)
    ledger.left(left, finance.discount_horizon)


def enter_mining_beyond(held: Carried, values: TailValues, paths: FreshPaths, node_of: Ints, ledger: Ledger) -> None:
    """Mining beyond the horizon: the load of the leaf at what the end of the path expects it to be worth."""
    leaf = node_of[:, -1]
    for bay in np.flatnonzero(held.tail_mw.any(axis=(1, 2))).tolist():
        site = int(held.instance.bays.site[bay])
        worth = values.at(bay, paths.tail_hashprice_factor, paths.tail_spot_factor[site])
        ledger.left((held.tail_mw[bay][:, leaf].T * worth).sum(axis=1), 1.0)


def rolled(instance: Instance, node_of: Ints, flow_usd: Floats) -> Floats:
    """Cash at the end of every period, interest on the cash before included, (K, P)."""
    cash, closing = np.full(len(node_of), instance.finance.opening_cash_usd), np.empty_like(flow_usd)
    for period, node in enumerate(node_of.T):
        cash = cash * (1.0 + instance.cash_interest_share[node]) + flow_usd[:, period]
        closing[:, period] = cash
    return closing
