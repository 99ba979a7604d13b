"""The lines of the cash flow: which rate discounts them, which sign they carry, what they are paid for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class Line:
    """One line of the cash flow.

    Attributes:
        discount: class whose factor applies: operations, contracted and btc at mid-period of the node, horizon
            at the end of the horizon; financing at the risk-free rate, what is left of it at the end of the horizon;
            none for cash that moves and is worth nothing by itself: its factor is 0.
        sign: +1 money in, -1 money out, 0 either.
        site: True where the line carries a site, False where it belongs to the company (site "").
        subject: what the `subject` column names.
        description: what is paid for.
        is_left: True for what is left at the end and is no cash of the node; horizon lines are so by themselves.
    """

    discount: Literal["operations", "contracted", "btc", "financing", "none", "horizon"]
    sign: Literal[-1, 0, 1]
    site: bool
    subject: Literal["model", "use", "hall", "bay", "contract", "service", "job", "loan", "hedge", "charge", "peak", ""]
    description: str
    is_left: bool = False

    @property
    def when(self) -> str:
        return "horizon" if self.discount == "horizon" or self.is_left else "period"


LINES: Mapping[str, Line] = MappingProxyType(
    {
        "mining_revenue": Line("operations", 1, True, "model", "earnings of ASICs, all production sold, fees deducted"),
        "gpu_rental_revenue": Line("operations", 1, True, "model", "GPU hours sold, fees deducted"),
        "power_cost": Line("operations", -1, True, "use", "grid energy at the site's price, adders included"),
        "block_energy": Line("operations", 0, True, "", "blocks of power for own use, used or not"),
        "block_used": Line("operations", 1, True, "", "spot energy that those blocks replaced"),
        "demand_charge": Line("operations", -1, True, "charge", "rate of a demand charge on its billed peak"),
        "coincident_put_off": Line("operations", 1, True, "peak", "coincident peaks in the price of energy, due later"),
        "coincident_paid": Line("operations", -1, True, "peak", "coincident peaks of the year before"),
        "sla_credits": Line("operations", -1, True, "bay", "tenant energy not served beyond what is allowed"),
        "curtailment_credits": Line("operations", -1, True, "contract", "tenant energy not served within an allowance"),
        "reserve_sales": Line("operations", 1, True, "service", "load offered to ancillary services, deductions made"),
        "reserve_called": Line("operations", 1, True, "service", "payment for energy expected to be called"),
        "reserve_saved_energy": Line("operations", 1, True, "service", "energy expected to be called, not bought"),
        "reserve_lost_earnings": Line("operations", -1, True, "service", "earnings of machines expected to be called"),
        "work_pay": Line("operations", 1, True, "job", "deferrable work done, at its rate"),
        "work_displaced": Line("operations", -1, True, "job", "rent that machines at work would have earned"),
        "work_penalty": Line("operations", -1, True, "job", "deferrable work of the node not done"),
        "colocation_rent": Line("contracted", 1, True, "contract", "rent, shared among sites by tranches placed"),
        "power_pass_through": Line("contracted", 1, True, "contract", "tenant's share of metered energy at spot"),
        "pass_through_lost": Line("operations", -1, True, "contract", "pass-through of tenant energy not served"),
        "battery_trading": Line("operations", -1, True, "", "energy a battery took less what it saved, often money in"),
        "battery_wear": Line("operations", -1, True, "", "wear of the energy a battery gave"),
        "battery_foresight": Line("operations", -1, True, "", "of a battery's earnings, what only foresight earns"),
        "fixed_opex": Line("operations", -1, True, "", "fixed operating cost of the site"),
        "equipment_purchase": Line("operations", -1, False, "model", "machines, paid at order"),
        "equipment_sale": Line("operations", 1, False, "model", "machines sold at resale price"),
        "install_cost": Line("operations", -1, True, "model", "freight and racking of machines installed"),
        "conversion_capex": Line("operations", -1, True, "bay", "conversion, paid evenly over its lead months"),
        "removal_cost": Line("operations", -1, True, "model", "machines taken out at a host and brought home"),
        "hosting_management": Line("operations", -1, True, "", "management fee of a hosting agreement in force"),
        "hosting_shortfall": Line("operations", -1, True, "", "energy a host is paid for though it was not drawn"),
        "hosting_termination": Line("operations", -1, True, "", "fee for ending a hosting agreement early"),
        "hosting_deposit_paid": Line("operations", -1, True, "", "deposit of a hosting agreement, at its start"),
        "hosting_deposit_returned": Line("operations", 1, True, "", "the same deposit, at its end"),
        "contract_capex": Line("operations", -1, False, "contract", "signing capex, paid at signature"),
        "tax_paid": Line("operations", -1, False, "", "tax of a calendar year that is over"),
        "btc_retained": Line("btc", -1, False, "", "production kept, at what selling it would have brought"),
        "btc_sale": Line("btc", 1, False, "", "Bitcoin sold from holdings, sale fee deducted"),
        "btc_purchase": Line("btc", -1, False, "", "Bitcoin bought, fee included"),
        "btc_slippage": Line("btc", -1, False, "", "what the market gives way under the node's sales"),
        "btc_seized": Line("btc", 1, False, "loan", "Bitcoin sold by a lender, at what it brought"),
        "btc_settlement": Line("none", 0, False, "", "proceeds of sales that are cash only in the next node"),
        "cash_interest": Line("none", 0, False, "", "interest on the cash of the node before, at the risk-free rate"),
        "loan_draw": Line("financing", 1, False, "loan", "money drawn on a loan"),
        "loan_repayment": Line("financing", -1, False, "loan", "principal paid back"),
        "loan_interest": Line("financing", -1, False, "loan", "interest on what was owed at the node before"),
        "loan_fees": Line("financing", -1, False, "loan", "fee on what is not drawn, and on what is paid back early"),
        "notes_conversion": Line("financing", -1, False, "loan", "worth of shares given for notes, beyond principal"),
        "shares_issued": Line("none", 1, False, "loan", "shares that pay for notes, so that no cash moves"),
        "equity_issued": Line("financing", 1, False, "", "paid by buyers of new shares"),
        "equity_fees": Line("financing", -1, False, "", "kept of it by underwriters"),
        "prepayment_received": Line("none", 1, False, "contract", "paid ahead by tenants, owed until it is earned"),
        "prepayment_earned": Line("none", -1, False, "contract", "of rent, what had been paid ahead"),
        "prepayment_refunded": Line("none", -1, False, "contract", "given back of what was paid ahead"),
        "prepayment_penalty": Line("financing", -1, False, "contract", "penalty on what is refunded: service is late"),
        "hedge_premium": Line("financing", 0, False, "hedge", "instruments bought, often money out"),
        "hedge_settlement": Line("financing", 0, False, "hedge", "forward sales and options at the node's market"),
        "block_settlement": Line("financing", 0, True, "hedge", "blocks of power, resold at spot hour by hour"),
        "terminal_debt": Line("financing", -1, False, "loan", "debt left, with interest to the end", is_left=True),
        "terminal_conversion": Line(
            "financing", -1, False, "loan", "worth of shares beyond principal, of notes left", is_left=True
        ),
        "terminal_new_owners": Line(
            "financing", -1, False, "", "what buyers of shares hold, with interest to the end", is_left=True
        ),
        "terminal_prepayment": Line(
            "none", -1, False, "contract", "paid ahead for rent beyond the horizon, which counts in full", is_left=True
        ),
        "terminal_btc": Line("btc", 1, False, "", "Bitcoin left, at its price less the haircut", is_left=True),
        "terminal_contract_rent": Line("horizon", 1, True, "contract", "credit-weighted rent beyond the horizon"),
        "terminal_contract_energy": Line("horizon", -1, True, "contract", "its energy net of pass-through, beyond"),
        "terminal_mining": Line("horizon", 1, True, "bay", "mining beyond the horizon, capital charges deducted"),
        "terminal_equipment": Line("horizon", 1, False, "model", "machines installed and in store, at resale"),
        "terminal_undelivered": Line("horizon", 1, False, "model", "refund of orders not delivered"),
        "terminal_unpaid_capex": Line("horizon", -1, True, "bay", "conversion capex still owed at the horizon"),
        "terminal_hosting": Line("horizon", 1, True, "", "hosting agreement beyond the horizon, less what is owed"),
        "terminal_hosting_deposit": Line("horizon", 1, True, "", "deposit that comes back beyond the horizon"),
        "terminal_removal": Line("horizon", -1, True, "model", "way home of the machines left at a host"),
        "terminal_fixed_opex": Line("horizon", -1, True, "", "fixed operating cost beyond the horizon"),
        "terminal_coincident": Line("horizon", -1, True, "peak", "coincident peaks due in January after the horizon"),
        "terminal_tax": Line(
            "horizon", 0, False, "", "tax accrued, and on what lies beyond, less capital not written off"
        ),
    }
)
"""Every line of `cash_flow`, in the order the table lists them.

`subject` "bay" is written "hall/fit_out". A "horizon" row stands at a leaf node: `amount_usd` is the value
on the last day of the horizon, `discount_factor` the instance's `discount_horizon`; amounts that the
instance states already discounted (tail years) are divided by that factor.
"""

SHARE_LINES = ("notes_conversion", "shares_issued", "terminal_conversion")
"""Lines of convertible notes that are settled in shares, or would be."""

PREPAYMENT_LINES = (
    "prepayment_received",
    "prepayment_earned",
    "prepayment_refunded",
    "prepayment_penalty",
    "terminal_prepayment",
)
"""Lines of what tenants pay ahead."""

TREASURY_LINES = tuple(
    name
    for name, line in LINES.items()
    if line.discount in ("btc", "none") and name not in (*SHARE_LINES, *PREPAYMENT_LINES)
)
"""Lines of the treasury, no part of operations."""

HEDGE_LINES = ("hedge_premium", "hedge_settlement", "block_settlement")
"""Lines of financial instruments, no part of operations."""

EQUITY_LINES = ("equity_issued", "equity_fees", "terminal_new_owners")
"""Lines of new shares, no part of operations."""

FINANCING_LINES = tuple(
    name
    for name, line in LINES.items()
    if name in (*SHARE_LINES, *PREPAYMENT_LINES)
    or (line.discount == "financing" and name not in (*HEDGE_LINES, *EQUITY_LINES))
)
"""Lines of loans, notes and what tenants pay ahead, no part of operations."""

DEPOSIT_LINES = ("hosting_deposit_paid", "hosting_deposit_returned")
"""Money of the company in the hands of others: neither earned nor spent."""

PUT_OFF_LINES = ("coincident_put_off", "coincident_paid")
"""Coincident peaks: an expense of the time that causes them, in the price of energy, and cash of a later January."""

LATER_LINES = (*PUT_OFF_LINES, "terminal_coincident")
"""The same with what is still owed at the end."""

HOSTING_LINES = tuple(name for name in LINES if "hosting" in name or "removal" in name)
"""Lines of hosting agreements, besides energy."""

CAPITAL_LINES = ("equipment_purchase", "install_cost", "conversion_capex", "contract_capex")
"""Lines that count against the capital budget."""

PAID_BY_TENANTS = ("colocation_rent", "power_pass_through", "pass_through_lost")
"""Lines that make what colocation earns before power."""

CREDITED_TO_TENANTS = ("sla_credits", "curtailment_credits")
"""Lines of what tenants are owed for energy they did not get."""

TAX_LINES = ("tax_paid", "terminal_tax")
"""Lines of the tax on income, no part of operations."""

BELOW_LINES = (*TAX_LINES, *TREASURY_LINES, *FINANCING_LINES, *EQUITY_LINES, *HEDGE_LINES)
"""Tax, Bitcoin, cash, debt, shares and hedges: no part of operations."""

OPERATING_LINES = tuple(
    name
    for name, line in LINES.items()
    if line.when == "period"
    and name not in (*CAPITAL_LINES, *DEPOSIT_LINES, *PUT_OFF_LINES, *BELOW_LINES, "equipment_sale")
)
"""Lines whose sum is EBITDA: of the period, but for capital, sold machines, deposits and what lies below."""

TAXED_LINES = (*OPERATING_LINES, "equipment_sale", "loan_interest")
"""Lines of the income that is taxed, besides capital written off."""

TAXED_BEYOND = tuple(
    name
    for name, line in LINES.items()
    if line.discount == "horizon" and name not in ("terminal_hosting_deposit", "terminal_coincident", "terminal_tax")
)
"""Lines beyond the horizon that are taxed there."""
