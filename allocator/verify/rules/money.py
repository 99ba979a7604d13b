"""MONEY: every line of the cash flow, the tables that repeat it, and the objective as its sum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from allocator.instance.tree import Floats
from allocator.plan.schema import LINES, PAID_BY_TENANTS, USES
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows, texts
from allocator.verify.columns import Columns
from allocator.verify.lines_coincident import COINCIDENT_LINES
from allocator.verify.lines_equity import EQUITY_LINES
from allocator.verify.lines_hedges import HEDGE_LINES
from allocator.verify.lines_horizon import HORIZON_LINES
from allocator.verify.lines_hosting import HOSTING_LINES
from allocator.verify.lines_loans import LOAN_LINES
from allocator.verify.lines_period import PERIOD_LINES, foresight_usd, wear_usd
from allocator.verify.lines_prepayments import PREPAYMENT_LINES
from allocator.verify.lines_tax import TAX_LINES
from allocator.verify.lines_treasury import TREASURY_LINES
from allocator.verify.owed import LineRule, Owed
from allocator.verify.rules.power import power_cells
from allocator.verify.short import curtailment_usd, sla_usd

Key = tuple[str, str, str]
"""Node, site and subject of a row of the cash flow."""

OWED: Mapping[str, LineRule] = {
    **PERIOD_LINES,
    **TREASURY_LINES,
    **LOAN_LINES,
    **PREPAYMENT_LINES,
    **HEDGE_LINES,
    **EQUITY_LINES,
    **TAX_LINES,
    **HORIZON_LINES,
    **HOSTING_LINES,
    **COINCIDENT_LINES,
}


def line_rule(line: str) -> PlanRule:
    """The rule that every amount of one line is owed, and every amount owed is there."""

    def check(case: Case) -> Iterator[Check]:
        paid = case.flow.where(case.flow.words("line").at({line: 1}) == 1)
        yield _amounts(line, paid, _due(case, OWED[line](case)))
        yield from _terms(case, line, paid)

    check.__doc__ = f"{LINES[line].description.capitalize()}: what is stated is what is owed."
    return check


def power_table(case: Case) -> Iterator[Check]:
    """Earnings, credits, cost and margin by use repeat the hours and the cash flow."""
    frame = case.tables["power"]
    at = rows(frame, "site", "node", "use")
    cells = power_cells(case)
    earned, credited, cost = _earned_by_use(case)[cells], _credits_by_use(case)[cells], case.energy.cost_usd[cells]
    for column, owed in (
        ("earnings_usd", earned),
        ("sla_credits_usd", credited),
        ("power_cost_usd", cost),
        ("margin_usd", earned - credited - cost),
    ):
        tolerance = tolerances.usd(owed)
        yield Check(column, "USD", at, frame[column].to_numpy(), owed, tolerance=tolerance)


def objective(case: Case) -> Iterator[Check]:
    """The objective is the exact sum of the discounted lines, with and without those beyond the horizon."""
    if case.meta is None:
        return
    flow = case.tables["cash_flow"]
    gross = math.fsum(flow["discounted_usd"].abs())
    total = math.fsum(flow["discounted_usd"])
    inside = math.fsum(flow.loc[flow["when"] == "period", "discounted_usd"])
    tolerance = tolerances.usd(gross)
    yield Check("objective_usd", "USD", (), case.meta.objective_usd, total, tolerance=tolerance)
    yield Check("without_terminal_usd", "USD", (), case.meta.without_terminal_usd, inside, tolerance=tolerance)


RULES: dict[str, PlanRule] = {
    **{f"MONEY.{line}": line_rule(line) for line in LINES},
    "MONEY.power_table": power_table,
    "MONEY.objective": objective,
}


def _due(case: Case, owed: Owed) -> dict[Key, float]:
    """Amounts owed by (node, site, subject), zeros left out."""
    names = case.instance.tree.name
    return {
        (names[node], owed.site[payee], owed.subject[payee]): float(owed.amount_usd[payee, node])
        for payee, node in np.argwhere(owed.amount_usd).tolist()
    }


def _amounts(line: str, paid: Columns, due: dict[Key, float]) -> Check:
    """Amounts stated beside amounts owed, 0 where one of them is not there."""
    keys = (paid.words(name).tolist() for name in ("node", "site", "subject"))
    stated: list[Key] = list(zip(*keys, strict=True))
    absent = sorted(due.keys() - set(stated))
    places = [*stated, *absent]
    at = {name: [key[i] for key in places] for i, name in enumerate(("node", "site", "subject"))}
    amount = np.append(paid.numbers("amount_usd"), np.zeros(len(absent)))
    owed = np.array([due.get(key, 0.0) for key in places])
    return Check(line, "USD", (at,), amount, owed, tolerance=tolerances.usd(owed))


def _terms(case: Case, line: str, stated: Columns) -> Iterator[Check]:
    """Discount factor, discounted amount and class of the rows that stand there."""
    at, node = rows(stated, "node", "site", "subject"), case.axes.node_at(stated.words("node"))
    factor = _factors(case, line)[node]
    amount = stated.numbers("amount_usd")
    worth = amount * factor * case.instance.tree.probability[node]
    tolerance = tolerances.factor(factor)
    yield Check("discount factor", "", at, stated.numbers("discount_factor"), factor, tolerance=tolerance)
    discounted = stated.numbers("discounted_usd")
    yield Check("discounted amount", "USD", at, discounted, worth, tolerance=tolerances.usd(worth))
    when = texts([LINES[line].when] * len(stated))
    yield Check("when", "", at, texts(stated.words("when").tolist()), when)


def _factors(case: Case, line: str) -> Floats:
    finance, treasury = case.instance.finance, case.instance.treasury
    match LINES[line].discount:
        case "operations":
            return finance.discount_operations
        case "contracted":
            return finance.discount_contracted
        case "btc":
            return np.zeros(len(case.instance.tree)) if treasury is None else treasury.discount
        case "financing":
            tree, growth = case.instance.tree, 1.0 + finance.risk_free_per_year
            left = np.full(len(tree), tree.horizon_years)
            return np.asarray(growth ** -(left if LINES[line].is_left else tree.mid_years))
        case "none":
            return np.zeros(len(case.instance.tree))
        case "horizon":
            return np.full(len(case.instance.tree), finance.discount_horizon)


def _earned_by_use(case: Case) -> Floats:
    """(S, N, U): machines by what they do, tenants by what they pay."""
    rents = case.instance.models.gpus > 0
    paid = sum(OWED[line](case).amount_usd for line in PAID_BY_TENANTS)
    sites, nodes = len(case.instance.sites.names), len(case.instance.tree)
    earned = {
        "mining": case.energy.earned_usd[~rents].sum(axis=0),
        "gpu_cloud": case.energy.earned_usd[rents].sum(axis=0),
        "ai_colocation": np.asarray(paid).reshape(-1, sites, nodes).sum(axis=0),
        "no_load": np.zeros((sites, nodes)),
        "battery": -(wear_usd(case) + foresight_usd(case)),
    }
    return np.stack([earned[use] for use in USES], axis=-1)


def _credits_by_use(case: Case) -> Floats:
    credited = np.zeros((len(case.instance.sites.names), len(case.instance.tree), len(USES)))
    owed = (sla_usd(case) + curtailment_usd(case)).sum(axis=0)
    np.add.at(credited[..., USES.index("ai_colocation")], case.instance.bays.site, owed)
    return credited
