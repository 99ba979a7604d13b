"""The margin watch: every loan secured by Bitcoin at a price of today, without a solve.

A loan is called where what is owed is more than its call level of what its collateral is worth, and near a call where a
fall of the price by a stated share would bring that. Interest that has accrued since it was last paid is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from allocator.nightly.alerts import Alert, Severity
from allocator.pipeline.errors import ExitCode
from allocator.plan.ltv import OPENING, Secured, SecuredLoan, secured_loan, terms

NEAR_SHARE = 0.2
"""A fall of the price that is told of before it comes, unless said otherwise."""
CERTAIN = 1.0 - 1e-9
CALLED, LIQUIDATED, NEAR = "margin_called", "margin_liquidation", "margin_near"


@dataclass(frozen=True)
class Price:
    """A price of Bitcoin, and where it is from, in words; `rather_than`: others that were known and gave way."""

    usd_per_btc: float
    source: str
    rather_than: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Source, and what gave way."""
        return ", rather than ".join((self.source, "; ".join(self.rather_than))) if self.rather_than else self.source


@dataclass(frozen=True)
class Balances:
    """What is owed and held.

    Attributes:
        free_btc: Bitcoin that no loan has; None: as the plan has it.
        loans: owed USD and pledged BTC by loan; others stand as the plan has them. source: in words.
    """

    free_btc: float | None = None
    loans: Mapping[str, tuple[float, float]] = field(default_factory=lambda: MappingProxyType({}))
    source: str = "the published plan"


PLANNED = Balances()
"""All as the plan has them."""


@dataclass(frozen=True)
class Watched:
    """A loan at the price; falls are shares of it, None where nothing is owed, not above 0 where it has come."""

    loan: SecuredLoan
    fall_to_call_share: float | None
    fall_to_liquidation_share: float | None
    alert: Alert | None


@dataclass(frozen=True)
class Watch:
    """Every secured loan of a plan; `node` is the period of the plan that the balances are those of."""

    price: Price
    balances: str
    node: str
    loans: tuple[Watched, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(one.alert for one in self.loans if one.alert is not None)

    @property
    def exit_code(self) -> ExitCode:
        found = {alert.severity for alert in self.alerts}
        if Severity.CRITICAL in found:
            return ExitCode.MARGIN_CALLED
        return ExitCode.MARGIN_NEAR if found else ExitCode.WITHIN_GAP


def watch(
    tables: Mapping[str, pd.DataFrame], month: str, price: Price, actual: Balances, near_share: float = NEAR_SHARE
) -> Watch:
    """The loans of a plan in a calendar month (YYYY-MM), at a price, with actual balances where they are known."""
    node, at = _standing(tables["nodes"], month)
    backed = _rows(tables, "collateral", node)
    owed = {row["loan"]: row for row in _rows(tables, "loans", node)}
    stated = {row["loan"]: (float(owed[row["loan"]][f"{at}_usd"]), float(row[f"{at}_btc"])) for row in backed}
    stands = {loan: actual.loans.get(loan, own) for loan, own in stated.items()}
    free, kept = _free(tables, node, at, sum(btc for _, btc in stated.values()), actual)
    found = [
        _watched(
            secured_loan(
                row["loan"],
                OPENING,
                Secured(*stands[row["loan"]], free),
                terms(row),
                price.usd_per_btc,
                kept * price.usd_per_btc,
            ),
            near_share,
        )
        for row in backed
    ]
    return Watch(price, actual.source, node, tuple(found))


def as_dict(found: Watch) -> dict[str, Any]:
    """Price, balances and every loan with its levels."""
    loans = [
        {
            **asdict(one.loan),
            "fall_to_call_share": one.fall_to_call_share,
            "fall_to_liquidation_share": one.fall_to_liquidation_share,
        }
        for one in found.loans
    ]
    return {"price": asdict(found.price), "balances": found.balances, "node": found.node, "loans": loans}


def as_json(found: Watch) -> str:
    """The same as one object of a file."""
    return json.dumps(as_dict(found), indent=1, allow_nan=False) + "\n"


def plan_price(tables: Mapping[str, pd.DataFrame], month: str) -> float | None:
    """Price of a Bitcoin that the plan has for a month; None without a treasury."""
    rows = _rows(tables, "treasury", _standing(tables["nodes"], month)[0])
    return float(rows[0]["price_usd_per_btc"]) if rows else None


def unknown_loans(tables: Mapping[str, pd.DataFrame], stated: Sequence[str]) -> list[str]:
    """Loans that balances name and the plan does not have."""
    return sorted(set(stated) - set(tables["loans"]["loan"]))


def _standing(nodes: pd.DataFrame, month: str) -> tuple[str, str]:
    """The period whose opening balances are those of a month; beyond the last sure one, what that closes with."""
    sure = nodes[nodes["probability"] >= CERTAIN]
    begun = sure[sure["start_month"] <= month]
    last = (begun if len(begun) else sure).iloc[-1]
    over = _months(month) >= _months(str(last["start_month"])) + int(last["months"])
    return str(last["node"]), "closing" if over else "opening"


def _months(month: str) -> int:
    year, number = month.split("-")
    return 12 * int(year) + int(number)


def month_of(as_of: datetime, zone: Any) -> str:
    """Calendar month of a moment in a time zone, YYYY-MM."""
    return as_of.astimezone(zone).strftime("%Y-%m")


def _rows(tables: Mapping[str, pd.DataFrame], name: str, node: str) -> list[dict[str, Any]]:
    own = tables[name][tables[name]["node"] == node]
    return [{str(key): value for key, value in row.items()} for row in own.to_dict("records")]


def _free(
    tables: Mapping[str, pd.DataFrame], node: str, at: str, pledged_btc: float, actual: Balances
) -> tuple[float, float]:
    """Free Bitcoin, and the share of a price that a sale brings."""
    held = _rows(tables, "treasury", node)
    if not held:
        return actual.free_btc or 0.0, 1.0
    planned = max(0.0, float(held[0][f"{at}_btc"]) - pledged_btc)
    kept = float(held[0]["net_usd_per_btc"]) / float(held[0]["price_usd_per_btc"])
    return planned if actual.free_btc is None else actual.free_btc, kept


def _watched(loan: SecuredLoan, near_share: float) -> Watched:
    call, liquidation = (_fall(loan, level) for level in (loan.call_usd_per_btc, loan.liquidation_usd_per_btc))
    return Watched(loan, call, liquidation, _alert(loan, call, near_share))


def _fall(loan: SecuredLoan, level_usd: float | None) -> float | None:
    if loan.owed_usd <= 0:
        return None
    return 0.0 if level_usd is None else 1.0 - level_usd / loan.price_usd_per_btc


def _alert(loan: SecuredLoan, fall: float | None, near_share: float) -> Alert | None:
    if fall is None or fall > near_share:
        return None
    said = "; ".join(_words(loan, fall))
    if fall > 0:
        return Alert(Severity.WARNING, NEAR, said, about=loan.loan)
    ltv = loan.ltv_share[0]
    gone = ltv is None or ltv > loan.liquidation_ltv_share
    return Alert(Severity.CRITICAL, LIQUIDATED if gone else CALLED, said, about=loan.loan)


def _words(loan: SecuredLoan, fall: float) -> Iterator[str]:
    ltv = loan.ltv_share[0]
    stands = "nothing behind it" if ltv is None else f"LTV {100 * ltv:.1f} % at ${loan.price_usd_per_btc:,.0f}"
    yield f"loan {loan.loan}: {stands}, called above {100 * loan.call_ltv_share:.1f} %"
    if fall > 0:
        yield f"a fall of {100 * fall:.1f} % brings the call, below ${loan.call_usd_per_btc:,.0f}"
        return
    lack_usd = loan.owed_usd - loan.call_ltv_share * loan.pledged_btc * loan.price_usd_per_btc
    posted = lack_usd / (loan.call_ltv_share * loan.price_usd_per_btc)
    yield f"the lender asks for {posted:,.4g} BTC more or ${lack_usd:,.0f} paid back; {loan.free_btc:,.4g} BTC are free"
    if ltv is None or ltv > loan.liquidation_ltv_share:
        yield f"it may sell collateral, above {100 * loan.liquidation_ltv_share:.1f} %"
