"""What a plan's value hangs on while every decision and every hour stays as planned.

A line of the cash flow is a quantity times a price. With quantities held, the net present value moves in proportion to
the price: by 10 % of what the lines of that price are worth when it moves by 10 %. This is exact for the lines below.
Not moved are mining beyond the horizon, which is worth what is left of it after capital charges, relief that hosts
give, blocks of power at a fixed price, hedges, and tax. A plan that may answer is worth at least as much, where its
cash and its covenants allow what is held.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from allocator.plan.plan import Plan
from allocator.plan.schema import LINES
from allocator.plan.summary import SOURCES
from allocator.reports.figure import Figure, Series

STEP_SHARE = 0.1
CENT_USD = 0.005
HASHPRICE = ("mining_revenue", "reserve_lost_earnings")
BITCOIN = ("btc_retained", "btc_sale", "btc_purchase", "btc_slippage", "btc_seized", "terminal_btc")
LEVERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "rent of tenants": ("colocation_rent", "terminal_contract_rent"),
        "hashprice": HASHPRICE,
        "Bitcoin, and hashprice with it": (*HASHPRICE, *BITCOIN),
        "GPU hours": ("gpu_rental_revenue",),
        "energy, less what tenants repay": (
            "power_cost",
            "block_used",
            "battery_trading",
            "battery_foresight",
            "reserve_saved_energy",
            "power_pass_through",
            "pass_through_lost",
            "terminal_contract_energy",
        ),
        "demand charges": ("demand_charge",),
        "ancillary services": ("reserve_sales", "reserve_called"),
        "conversions and signing": ("conversion_capex", "contract_capex", "terminal_unpaid_capex"),
        "machines": SOURCES["machines"],
        "fixed operating cost": SOURCES["fixed_opex"],
        "interest within the horizon": ("loan_interest",),
    }
)
"""Lines that are proportional to one price, by what that is called."""
assert {line for lines in LEVERS.values() for line in lines} <= set(LINES), "levers move lines of the cash flow"


@dataclass(frozen=True)
class Lever:
    """A price, the lines of this plan that it moves, and what they are worth together, USD discounted."""

    name: str
    lines: tuple[str, ...]
    worth_usd: float


def levers(plan: Plan) -> list[Lever]:
    """Prices that move the value of this plan, the one that moves it most first; of those that move alike the first."""
    flow = plan.tables["cash_flow"]
    worth = {str(line): math.fsum(own["discounted_usd"]) for line, own in flow.groupby("line", sort=False)}
    moved = {tuple(line for line in lines if line in worth): name for name, lines in reversed(list(LEVERS.items()))}
    found = [Lever(name, lines, math.fsum(worth[line] for line in lines)) for lines, name in moved.items()]
    return sorted((one for one in found if abs(one.worth_usd) > CENT_USD), key=lambda one: -abs(one.worth_usd))


def sensitivity(plan: Plan) -> Figure:
    """Change of the net present value when one price moves and nothing is decided anew."""
    found = levers(plan)
    series = (
        Series(f"{100 * STEP_SHARE:.0f} % lower", tuple(-STEP_SHARE * one.worth_usd for one in found), key="mining"),
        Series(
            f"{100 * STEP_SHARE:.0f} % higher", tuple(STEP_SHARE * one.worth_usd for one in found), key="ai_colocation"
        ),
        Series("what moves is worth", tuple(one.worth_usd for one in found), role="beside"),
    )
    about = (
        "Change of the net present value when one price moves and all decisions and hours are held: exact, for these "
        "amounts are proportional to it. Mining beyond the horizon, relief of hosts, fixed-price blocks, hedges and "
        "tax are not moved. A plan that may answer loses less and wins more; a sweep solves it anew at every point."
    )
    names = tuple(one.name for one in found)
    return Figure("held", "Sensitivity, decisions held", about, "swings", "USD", "price", names, series)
