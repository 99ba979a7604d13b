"""What the families of planning share: the instance, the model, index tables and ledgers.

Families never import each other. Whatever one needs of another passes through a ledger: many may add
to it, one owner closes it (named below).
"""

from __future__ import annotations

from dataclasses import dataclass

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.planning.axes import Axes, make_axes
from solvers.model import SCALAR, Expr, Ledger, Model

USD_PER_MUSD = 1e6
"""The objective and cash are stated in millions, so that coefficients stay near one."""


@dataclass(frozen=True)
class Ledgers:
    """Meeting points of the families.

    Attributes:
        held: share of the hall that is the company's to use, (hall, node); written by HOSTING, closed by HALL.
        fitted: share of the bay fitted, (bay, node); written by HALL.
        convert: conversions decided, (bay, node); written by HALL, read by PROJECT.
        slots: rack positions taken, (bay, node); closed by HALL.
        installed_blocks: (placement, node); written by FLEET.
        removed_blocks: taken out of a hall, (model, hall, node); written by FLEET.
        contracted_mw: what tenants are promised, critical IT MW, (bay, node); closed by PROMISE.
        metered_mw: tenant load, critical IT MW, (tenancy, node); closed by POWER.
        firm_mw: the same, as one column a tenancy and node; written by POWER.
        peak_mw: highest draw that each demand charge bills, gross, (charge, node); written by DEMAND, closed by PEAK.
        reserved_mw: gross claim on the interconnect, (site, node); closed by POWER.
        tail_firm_mw: tenant load beyond the horizon, critical IT MW, (bay, year, leaf); closed by TERMINAL.
        credit_musd: what may be owed beyond a loan's limit, (loan, node); written by OPTION, closed by LOAN.
        draw_musd, owed_musd: of each loan; worth_musd: its collateral at the price of the node, (loan, node); written
            by LOAN, read by OPTION and PROJECT.
        lent_musd: what conversions let be owed on project loans, (loan, node); written by PROJECT, closed by COVENANT.
        unearned_usd: paid ahead by tenants and not earned at the end of the node, (node); written by CONTRACT, read by
            COVENANT.
        sales_usd: machines sold, (node); written by FLEET, closed by TAX.
        beyond_usd: worth beyond the horizon of halls, machines, contracts and hosts, discounted, (node); closed by TAX.
        seized_btc: sold by lenders, (node); written by LOAN, closed by BTC.
        pledged_btc: pledged at the end of the node, (node); written by LOAN, closed by BTC.
        held_btc: held at the end of the node, (node); written by BTC, closed by COVENANT.
        margin_usd: what the hours earn, undiscounted, (site, node); closed by COVENANT.
        income_usd: what operations earn besides, undiscounted, (site, node); closed by COVENANT.
        postable_btc: free Bitcoin at the parent that tests count on, (node); written by LOAN, closed by BTC.
        called_musd: owed above the call level before acting, (loan, node); written by LOAN, closed by CHANCE.
        short_musd: cash missing to the minimum, (node); written by CASH, closed by CHANCE.
        cash_usd: undiscounted, (node); closed by CASH.
        capex_usd: paid, positive, (node); closed by CASH.
        npv_usd: discounted value of what is earned or promised in the node, as seen when it is reached, (node);
            closed by RISK.
        penalty_usd: expected price of limits that may be broken, one number; no part of the value; closed by RISK.
    """

    held: Ledger
    fitted: Ledger
    convert: Ledger
    slots: Ledger
    installed_blocks: Ledger
    removed_blocks: Ledger
    contracted_mw: Ledger
    metered_mw: Ledger
    firm_mw: Ledger
    peak_mw: Ledger
    reserved_mw: Ledger
    tail_firm_mw: Ledger
    credit_musd: Ledger
    draw_musd: Ledger
    owed_musd: Ledger
    worth_musd: Ledger
    lent_musd: Ledger
    unearned_usd: Ledger
    sales_usd: Ledger
    beyond_usd: Ledger
    seized_btc: Ledger
    pledged_btc: Ledger
    held_btc: Ledger
    margin_usd: Ledger
    income_usd: Ledger
    postable_btc: Ledger
    called_musd: Ledger
    short_musd: Ledger
    cash_usd: Ledger
    capex_usd: Ledger
    npv_usd: Ledger
    penalty_usd: Ledger


@dataclass(frozen=True)
class Context:
    """Handed to every family."""

    instance: Instance
    model: Model
    axes: Axes
    ledgers: Ledgers

    def earn(self, usd: Expr, discount: Floats) -> None:
        """A flow of money by node (other axes are summed): cash, and its discounted value.

        `discount` is the factor of each node, (N,). Money paid is negative.
        """
        self.ledgers.cash_usd.add(usd.sum_by(self.axes.node, empty="zero"))
        self.worth(usd * discount[usd.index["node"].to_numpy()])

    def operate(self, usd: Expr, discount: Floats) -> None:
        """A flow of operations, with a site among its axes: money that also counts as income (EBITDA, NOI).

        Lines of the cash flow that come of it are operating lines, and only they.
        """
        self.ledgers.income_usd.add(usd.sum_by(self.axes.site_node, empty="zero"))
        self.earn(usd, discount)

    def pay_capex(self, usd: Expr) -> None:
        """Capital paid by node, positive; operations class."""
        self.ledgers.capex_usd.add(usd.sum_by(self.axes.node, empty="zero"))
        self.earn(-usd, self.instance.finance.discount_operations)

    def worth(self, usd: Expr) -> None:
        """Value by node (other axes are summed) that is no cash inside the horizon, discounted already.

        It counts on every path through the node; what differs below it is an expectation given the node.
        """
        self.ledgers.npv_usd.add(usd.sum_by(self.axes.node, empty="zero"))

    def beyond(self, usd: Expr) -> None:
        """Value by node of what operations leave beyond the horizon, discounted already; a tax takes its part."""
        self.ledgers.beyond_usd.add(usd.sum_by(self.axes.node, empty="zero"))
        self.worth(usd)

    def penalise(self, usd: Expr) -> None:
        """Expected price of a limit that is broken, positive; it steers the plan and is no part of its value."""
        self.ledgers.penalty_usd.add(usd.total())


def make_context(instance: Instance) -> Context:
    """An empty model of an instance."""
    axes = make_axes(instance)
    ledgers = Ledgers(
        held=Ledger(axes.hall_node),
        fitted=Ledger(axes.bay_node),
        convert=Ledger(axes.convert),
        slots=Ledger(axes.bay_node),
        installed_blocks=Ledger(axes.placement_node),
        removed_blocks=Ledger(axes.fleet_node),
        contracted_mw=Ledger(axes.bay_node),
        metered_mw=Ledger(axes.tenancy_node),
        firm_mw=Ledger(axes.tenancy_node),
        peak_mw=Ledger(axes.charge_node),
        reserved_mw=Ledger(axes.site_node),
        tail_firm_mw=Ledger(axes.tail_bay),
        credit_musd=Ledger(axes.loan_node),
        draw_musd=Ledger(axes.loan_node),
        owed_musd=Ledger(axes.loan_node),
        worth_musd=Ledger(axes.loan_node),
        lent_musd=Ledger(axes.loan_node),
        unearned_usd=Ledger(axes.node),
        sales_usd=Ledger(axes.node),
        beyond_usd=Ledger(axes.node),
        seized_btc=Ledger(axes.node),
        pledged_btc=Ledger(axes.node),
        held_btc=Ledger(axes.node),
        margin_usd=Ledger(axes.site_node),
        income_usd=Ledger(axes.site_node),
        postable_btc=Ledger(axes.node),
        called_musd=Ledger(axes.loan_node),
        short_musd=Ledger(axes.node),
        cash_usd=Ledger(axes.node),
        capex_usd=Ledger(axes.node),
        npv_usd=Ledger(axes.node),
        penalty_usd=Ledger(SCALAR),
    )
    return Context(instance, Model(instance.name, sense="max"), axes, ledgers)
