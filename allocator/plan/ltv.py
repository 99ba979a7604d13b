"""Loan to value of each loan at falling prices, the prices that bring a call, and what to sell to come back to a level.

Everything is read off verified tables, as the plan opens and after its first node; nothing here is part of a plan.

To come back from D owed against B Bitcoin at a price P to a loan to value L by selling and paying back, f the share
of a price that a sale costs:

    D - (1 - f) x P <= L P (B - x)   so   x P = (D - L P B) / ((1 - f) - L)

This holds where L < 1 - f, and where it asks for no more than there is: D <= (1 - f) P B. Otherwise selling cannot
restore the level; cash of D - L P B, paid back, does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

FALLS_SHARE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
"""Falls of the price for which loan to value is told."""
CENT_USD = 0.01
OPENING, AFTER = "today", "after the first period"


@dataclass(frozen=True)
class Cure:
    """What restores a level of loan to value at today's price.

    Attributes:
        level_share: the level.
        sell_btc: 0 where it holds already, None where selling cannot restore it, as `note` says.
        cash_usd: cash that would, paid back.
    """

    level_share: float
    sell_btc: float | None
    cash_usd: float
    note: str


@dataclass(frozen=True)
class SecuredLoan:
    """One loan secured by Bitcoin at one moment.

    Attributes:
        when: OPENING or AFTER. free_btc: Bitcoin of the company that no loan has.
        ltv_share: at each of FALLS_SHARE; None where nothing is pledged and something is owed.
        call_usd_per_btc, liquidation_usd_per_btc: price below which the lender calls, and sells; None where none does.
        posted_call_usd_per_btc: the first with all free Bitcoin posted for this loan.
        cure: what restores the level asked for, all free Bitcoin pledged for this loan.
    """

    loan: str
    when: str
    owed_usd: float
    pledged_btc: float
    free_btc: float
    price_usd_per_btc: float
    call_ltv_share: float
    liquidation_ltv_share: float
    ltv_share: tuple[float | None, ...]
    call_usd_per_btc: float | None
    posted_call_usd_per_btc: float | None
    liquidation_usd_per_btc: float | None
    cure: Cure


def ladder(tables: Mapping[str, pd.DataFrame], target_ltv_share: float | None = None) -> tuple[SecuredLoan, ...]:
    """Every secured loan as the plan opens and after its first node; the target is its initial level if None."""
    root = str(tables["nodes"].loc[tables["nodes"]["parent"] == "", "node"].iloc[0])
    backed, owed = (tables[name][tables[name]["node"] == root] for name in ("collateral", "loans"))
    held = _records(tables["treasury"][tables["treasury"]["node"] == root])
    principal = dict(zip(owed["loan"], _records(owed), strict=True))
    return tuple(
        _told(loan, principal[loan], row, held[0], float(backed[f"{at}_btc"].sum()), (at, when), target_ltv_share)
        for loan, row in zip(backed["loan"], _records(backed), strict=True)
        for at, when in (("opening", OPENING), ("closing", AFTER))
    )


def cure(owed_usd: float, btc: float, price_usd: float, net_usd: float, level_share: float) -> Cure:
    """What restores a level; `net_usd` is what a sale of one Bitcoin brings."""
    lack, kept = owed_usd - level_share * price_usd * btc, net_usd / price_usd
    if lack < CENT_USD:
        return Cure(level_share, 0.0, 0.0, "")
    if level_share >= kept:
        return Cure(
            level_share, None, lack, "selling raises loan to value: the level is no less than what a sale brings"
        )
    if owed_usd > net_usd * btc:
        return Cure(level_share, None, lack, "all collateral sold would not pay what is owed")
    return Cure(level_share, lack / ((kept - level_share) * price_usd), lack, "")


_Row = Mapping[str, Any]
"""Cells of one row of a table."""


def _records(frame: pd.DataFrame) -> list[_Row]:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


@dataclass(frozen=True)
class Terms:
    """Levels of a loan that its lender tests, share; `initial` is that after which money may be drawn."""

    call_ltv_share: float
    liquidation_ltv_share: float
    initial_ltv_share: float


@dataclass(frozen=True)
class Secured:
    """What is owed on a loan, the Bitcoin behind it, and the free Bitcoin of the company."""

    owed_usd: float
    pledged_btc: float
    free_btc: float


def terms(row: Mapping[str, Any]) -> Terms:
    """Of a loan, from its row of table collateral."""
    names = ("call_ltv_share", "liquidation_ltv_share", "initial_ltv_share")
    return Terms(*(float(row[name]) for name in names))


def secured_loan(
    loan: str, when: str, held: Secured, levels: Terms, price_usd: float, net_usd: float, target: float | None = None
) -> SecuredLoan:  # fmt: skip
    """A loan at a price; `net_usd` is what a sale of one Bitcoin brings, the target the initial level if None."""
    debt, btc, free = held.owed_usd, held.pledged_btc, held.free_btc
    return SecuredLoan(
        loan=loan,
        when=when,
        owed_usd=debt,
        pledged_btc=btc,
        free_btc=free,
        price_usd_per_btc=price_usd,
        call_ltv_share=levels.call_ltv_share,
        liquidation_ltv_share=levels.liquidation_ltv_share,
        ltv_share=_ltv(debt, btc * price_usd, FALLS_SHARE),
        call_usd_per_btc=_price(debt, levels.call_ltv_share * btc),
        posted_call_usd_per_btc=_price(debt, levels.call_ltv_share * (btc + free)),
        liquidation_usd_per_btc=_price(debt, levels.liquidation_ltv_share * btc),
        cure=cure(debt, btc + free, price_usd, net_usd, levels.initial_ltv_share if target is None else target),
    )


def _told(
    loan: str, owed: _Row, row: _Row, held: _Row, pledged_btc: float, moment: tuple[str, str], target: float | None
) -> SecuredLoan:
    """`owed`, `row` and `held` are the loan's rows of tables loans and collateral, and the node's of table treasury."""
    at, when = moment
    free = max(0.0, float(held[f"{at}_btc"]) - pledged_btc)
    stands = Secured(float(owed[f"{at}_usd"]), float(row[f"{at}_btc"]), free)
    price, net = float(row["price_usd_per_btc"]), float(held["net_usd_per_btc"])
    return secured_loan(loan, when, stands, terms(row), price, net, target)


def _ltv(debt: float, worth: float, falls: Sequence[float]) -> tuple[float | None, ...]:
    if debt == 0:
        return (0.0,) * len(falls)
    return tuple(debt / (worth * (1.0 - fall)) if worth > 0 else None for fall in falls)


def _price(debt: float, carried_btc: float) -> float | None:
    """Price at which Bitcoin carries the debt; None where nothing is owed, or nothing stands behind it."""
    return debt / carried_btc if debt > 0 and carried_btc > 0 else None
