"""From the covenants section to tests at nodes, the months that count in each, and what the opening state adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from allocator.instance.covenants_state import Covenants, Windows
from allocator.instance.loans_state import Debt
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.instance.types import Finance
from allocator.scenario.covenants import DebtServiceCoverage, MinimumLiquidity, NetDebtToEbitda, PricedBreach
from allocator.scenario.loans import EquipmentLoan, TermLoan
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario

Covenant = MinimumLiquidity | DebtServiceCoverage | NetDebtToEbitda

OPENING_PENALTY = 100.0
"""Price of one USD of a breach that the scenario opens with, where the covenant is hard otherwise."""


def compile_covenants(
    scenario: Scenario, tree: NodeTree, finance: Finance, debt: Debt | None, treasury: Treasury | None
) -> Covenants | None:
    """All covenants of a scenario; None where there are none."""
    if not scenario.covenants:
        return None
    start, stated = scenario.horizon.start, scenario.covenants
    tested = np.array([nodes_tested(one.first_month.since(start), one.every_months, tree) for one in stated])
    sites = [*(site.name for site in scenario.sites), *(agreement.name for agreement in scenario.hosting)]
    trailing = np.array([trailing_months(one) for one in stated], dtype=np.int64)
    plain = Covenants(
        names=tuple(one.name for one in stated),
        kind=tuple(one.kind for one in stated),
        tested=tested,
        limit=np.array([_limit(one) for one in stated]),
        btc_share=np.array([_btc_share(one) for one in stated]),
        trailing_months=trailing,
        sites=np.array([_chosen(None if isinstance(one, MinimumLiquidity) else one.sites, sites) for one in stated]),
        loans=_served(stated, [loan.name for loan in scenario.loans]),
        windows=windows(tested, trailing, tree),
        earlier_income_usd=_earlier(stated, "earlier_income_usd_by_month", tested, tree),
        earlier_service_usd=_earlier(stated, "earlier_service_usd_by_month", tested, tree),
        instalment_limit_usd=_instalment_limits(scenario, tree, start),
        may_breach=np.zeros_like(tested),
        penalty=np.array([_penalty(one) for one in stated]),
    )
    opens = np.array([opens_in_breach(one, finance, debt, treasury) for one in stated], dtype=bool)
    return _with_breaches(plain, stated, opens, tree)


def nodes_tested(first: int, every: int, tree: NodeTree) -> Bools:
    """Nodes with a month `first`, `first` + `every`, ... from the start of the horizon, (N,)."""
    since = np.maximum(tree.first_month, first) - first
    following = first + -(-since // every) * every
    return np.asarray(following < tree.first_month + tree.months)


def trailing_months(covenant: Covenant) -> int:
    """Months that count in a test, 0 for liquidity."""
    return 0 if isinstance(covenant, MinimumLiquidity) else covenant.trailing_months


def windows(tested: Bools, trailing: Ints, tree: NodeTree) -> Windows:
    """What of the months of every node on the way to a test counts in it."""
    rows = [
        (covenant, node, inside, share)
        for covenant, node in np.argwhere(tested & (trailing > 0)[:, None]).tolist()
        for inside, share in _inside(node, int(trailing[covenant]), tree)
    ]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 4)
    covenant, node, inside = table[:, :3].T.astype(np.int64)
    return Windows(covenant, node, inside, table[:, 3])


def _inside(node: int, trailing: int, tree: NodeTree) -> Iterator[tuple[int, float]]:
    opens = int(tree.first_month[node] + tree.months[node]) - trailing
    for inside in tree.path(node):
        ends, months = int(tree.first_month[inside] + tree.months[inside]), int(tree.months[inside])
        if ends > opens:
            yield inside, min(months, ends - opens) / months


def opens_in_breach(covenant: Covenant, finance: Finance, debt: Debt | None, treasury: Treasury | None) -> bool:
    """Whether the opening state breaks the covenant; months before the horizon count only where all are stated."""
    pledged = 0.0 if debt is None else float(debt.collateral.opening_pledged_btc.sum())
    free_usd = 0.0 if treasury is None else (treasury.opening_btc - pledged) * treasury.spot_price_usd
    liquid = finance.opening_cash_usd + _btc_share(covenant) * free_usd
    if isinstance(covenant, MinimumLiquidity):
        return liquid < covenant.amount_usd
    earlier, months = covenant.earlier_income_usd_by_month, covenant.trailing_months
    if len(earlier) < months:
        return False
    income = max(0.0, sum(earlier[-months:]))
    if isinstance(covenant, DebtServiceCoverage):
        return sum(covenant.earlier_service_usd_by_month[-months:]) > income / covenant.least_ratio
    owed = 0.0 if debt is None else float(debt.loans.opening_usd.sum())
    return owed - liquid > covenant.most_ratio * income * 12.0 / months


def _with_breaches(plain: Covenants, stated: Sequence[Covenant], opens: Bools, tree: NodeTree) -> Covenants:
    """Where a breach has a price: everywhere, or as long as one that the scenario opens with cannot be cured."""
    priced = np.array([isinstance(one.rule, PricedBreach) for one in stated], dtype=bool)
    ends = tree.first_month + tree.months
    reaches_back = (ends[None, :] < plain.trailing_months[:, None]) | (tree.parent < 0)[None, :]
    may = plain.tested & (priced[:, None] | (opens[:, None] & reaches_back))
    return Covenants(**{**vars(plain), "may_breach": may})


def _limit(covenant: Covenant) -> float:
    match covenant:
        case MinimumLiquidity():
            return covenant.amount_usd
        case DebtServiceCoverage():
            return covenant.least_ratio
        case NetDebtToEbitda():
            return covenant.most_ratio


def _btc_share(covenant: Covenant) -> float:
    if isinstance(covenant, DebtServiceCoverage) or covenant.btc_haircut_share is None:
        return 0.0
    return 1.0 - covenant.btc_haircut_share


def _penalty(covenant: Covenant) -> float:
    return covenant.rule.penalty_per_usd if isinstance(covenant.rule, PricedBreach) else OPENING_PENALTY


def _chosen(chosen: Sequence[str] | None, names: Sequence[str]) -> list[bool]:
    return [chosen is None or name in chosen for name in names]


def _served(stated: Sequence[Covenant], names: Sequence[str]) -> Bools:
    """Loans whose service counts, (C, L)."""
    chosen = [_chosen(one.loans if isinstance(one, DebtServiceCoverage) else None, names) for one in stated]
    return np.array(chosen, dtype=bool).reshape(len(stated), len(names))


def _earlier(stated: Sequence[Covenant], field: str, tested: Bools, tree: NodeTree) -> Floats:
    """Sum of the months before the horizon that each test reaches, (C, N)."""
    ends, total = tree.first_month + tree.months, np.zeros(tested.shape)
    for position, one in enumerate(stated):
        by_month = np.array(getattr(one, field, ()), dtype=np.float64)[::-1]
        summed = np.concatenate([[0.0], np.cumsum(by_month)])
        total[position] = summed[np.clip(trailing_months(one) - ends, 0, len(by_month))]
    return np.where(tested, total, 0.0)


def _instalment_limits(scenario: Scenario, tree: NodeTree, start: Month) -> Floats:
    """What instalments leave of each loan at the end of every node, (L, N); inf for a loan without any."""
    ends, left = tree.first_month + tree.months, np.full((len(scenario.loans), len(tree)), np.inf)
    for position, loan in enumerate(scenario.loans):
        if isinstance(loan, EquipmentLoan):
            months = loan.maturity.since(start) + 1
            left[position] = loan.opening_principal_usd * np.maximum(0.0, 1.0 - ends / months)
        elif isinstance(loan, TermLoan) and loan.repay_usd_by_month:
            paid = np.concatenate([[0.0], np.cumsum(loan.repay_usd_by_month)])
            left[position] = loan.opening_principal_usd - paid[np.minimum(ends, len(loan.repay_usd_by_month))]
    return left
