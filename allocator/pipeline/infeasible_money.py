"""Requirements on money in the words of the scenario: cash, budget, loans, covenants and chances."""

from __future__ import annotations

from collections.abc import Mapping

from allocator.instance.loans_state import Debt
from allocator.instance.types import Instance
from allocator.pipeline.told import Index, Teller, Told
from allocator.planning.context import USD_PER_MUSD


def _minimum(instance: Instance, _: Index, __: str) -> Told:
    least = instance.finance.minimum_cash_usd
    return Told(
        f"cash may not fall below ${least:,.0f}",
        "raise opening_cash_usd, or lower minimum_cash_usd, by {amount}",
        "USD",
        USD_PER_MUSD,
    )


def _budget(instance: Instance, _: Index, __: str) -> Told:
    budget = instance.finance.capex_budget_usd
    return Told(f"capex may not exceed ${budget:,.0f}", "raise capex_budget_usd by {amount}", "USD", USD_PER_MUSD)


def _loan_schedule(instance: Instance, index: Index, _: str) -> Told:
    loans = _debt(instance).loans
    loan, limit = int(index["loan"]), _debt(instance).most_usd[int(index["loan"]), int(index["node"])]
    name = loans.names[loan]
    says = f"on loan {name} no more than ${limit:,.0f} may be owed"
    return Told(says, f"raise the limit of loan {name}, or put off what falls due, by {{amount}}", "USD", USD_PER_MUSD)


def _project(instance: Instance, index: Index, _: str) -> Told:
    """What is owed, or drawn, on a project loan."""
    name = _debt(instance).loans.names[int(index["loan"])]
    says = f"on loan {name} no more may be owed or drawn than is lent on its conversions"
    restore = f"raise loan_to_cost_share of loan {name}, or lengthen its amortisation, so that {{amount}} more is lent"
    return Told(says, restore, "USD", USD_PER_MUSD)


def _loan_call(instance: Instance, index: Index, _: str) -> Told:
    """Of both tests: the call level, before and after acting."""
    debt, loan = _debt(instance), int(index["loan"])
    level, name = debt.collateral.call_ltv[debt.collateral.loan == loan][0], debt.loans.names[loan]
    return Told(
        f"loan {name} may not rise above {level:.4g} of its collateral, its call level",
        f"owe {{amount}} less on loan {name} by then: more cash, or Bitcoin sold",
        "USD",
        USD_PER_MUSD,
    )


def _headroom(instance: Instance, index: Index, _: str) -> Told:
    debt, loan = _debt(instance), int(index["loan"])
    own = debt.collateral.loan == loan
    level, least = (float(values[own][0]) for values in (debt.collateral.call_ltv, debt.collateral.least_headroom))
    name = debt.loans.names[loan]
    return Told(
        f"loan {name} is to stay {least:.4g} below {level:.4g} of its collateral, its call level",
        f"owe {{amount}} less on loan {name} by then, or lower its least_headroom_share",
        "USD",
        USD_PER_MUSD,
    )


def _covenant(instance: Instance, index: Index, _: str) -> Told:
    """A covenant of any kind."""
    covenants = instance.covenants
    if covenants is None:
        raise ValueError("a row of a covenant in a model without covenants")
    position = int(index["covenant"])
    name, limit = covenants.names[position], float(covenants.limit[position])
    says = {
        "minimum_liquidity": f"at least ${limit:,.0f} of liquidity",
        "dscr": f"debt service covered {limit:g} times",
        "net_debt_to_ebitda": f"net debt of at most {limit:g} years of income",
    }[covenants.kind[position]]
    restore = f"claim {{amount}} less or carry as much more, ease covenant {name}, or set its rule to kind: priced"
    return Told(f"covenant {name} asks for {says}", restore, "USD", USD_PER_MUSD)


def _debt(instance: Instance) -> Debt:
    if instance.debt is None:
        raise ValueError("a row of a loan in a model without debt")
    return instance.debt


def _chance(instance: Instance, index: Index, _: str) -> Told:
    """Of a month and of paths."""
    chances, event = instance.chances, int(index["event"])
    loan = chances.names(instance.debt)[event][1]
    what = f"margin calls on loan {loan}" if loan else "shortfalls of cash"
    most, where = (chances.by_month, "in any month") if "month" in index else (chances.of_path, "on a path")
    return Told(
        f"{what} have a probability of at most {most[event]:.4g} {where}",
        f"raise the probability allowed to {what} {where} by {{amount}}",
        "",
    )


def _most_amiss(instance: Instance, index: Index, _: str) -> Told | None:
    """Of cash; of a loan no more than all that is owed can be called."""
    event, node = int(index["event"]), int(index["node"])
    if instance.chances.names(instance.debt)[event][1]:
        return None
    most = instance.chances.most_usd[event, node]
    return Told(f"no more than ${most:,.0f} of cash may be missing", "raise most_missing_usd by {amount}", "USD", 1e6)


def _tax(instance: Instance, index: Index, _: str) -> Told | None:
    """Of a year whose tax is paid within the horizon."""
    tax, node = instance.tax, int(index["node"])
    if tax is None or not tax.is_paid[node]:
        return None
    says = f"the tax of {tax.year[node]}, {tax.rate_share:.4g} of its income, falls due"
    return Told(says, "keep the cash for it, or state losses that may be used")


def _billed(instance: Instance, index: Index, _: str) -> Told:
    """A peak that is metered, or that earlier months set, is billed."""
    charge = int(index["charge"])
    site = instance.sites.names[int(instance.demand.site[charge])]
    says = f"demand charge {instance.demand.names[charge]} of site {site} bills its highest draw"
    return Told(says, f"lower the rate of that charge at {site}, or what its ratchet carries on")


def _due(instance: Instance, index: Index, _: str) -> Told:
    """What a node adds to a charge of coincident peaks."""
    stated, cause = instance.coincident, int(index["cause"])
    peak = int(stated.peak[cause])
    site, month = (
        instance.sites.names[int(stated.site[peak])],
        instance.tree.calendar_month(int(stated.due_month[cause])),
    )
    says = f"what site {site} draws at coincident peak {stated.names[peak]} is charged in {month}"
    return Told(says, f"lower usd_per_mw_year of that peak at {site}")


MONEY_TELLERS: Mapping[str, Teller] = {
    "LOAN.schedule": _loan_schedule,
    "PROJECT.cost": _project,
    "PROJECT.draw": _project,
    "LOAN.call": _loan_call,
    "LOAN.cured": _loan_call,
    "LOAN.headroom": _headroom,
    "COVENANT.liquidity": _covenant,
    "COVENANT.coverage": _covenant,
    "COVENANT.leverage": _covenant,
    "CASH.minimum": _minimum,
    "CHANCE.month": _chance,
    "CHANCE.paths": _chance,
    "CHANCE.event": _most_amiss,
    "CASH.budget": _budget,
    "TAX.year": _tax,
    "DEMAND.billed": _billed,
    "DEMAND.ratchet": _billed,
    "COINCIDENT.due": _due,
}
