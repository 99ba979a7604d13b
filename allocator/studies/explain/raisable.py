"""What may be raised in an instance to see what one more unit is worth: limits in MW, money, headroom of loans, time.

Every change returns a new instance; the one given is returned itself where there is nothing to raise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.studies.compared import Compared

Raised = Callable[[Instance, float], Instance]
"""The instance with a limit raised by an amount, in the unit of the limit."""

MW, USD, POINT, MONTH = "MW", "USD", "point", "month"
STEP = {MW: 0.1, USD: 1e4, POINT: 1.0}
"""Amount over which a difference is taken with decisions held, by unit; without one, only decisions use the limit."""
WHOLE = {MW: 1.0, USD: 1e6, POINT: 1.0, MONTH: 1.0}
"""The same with decisions free: wide enough that a decision may turn."""


@dataclass(frozen=True)
class Raisable:
    """A limit that may be raised: of what, in words, its unit, and how.

    Attributes:
        sites: whose hours it changes. counts_held: held decisions use it.
        quantity: "site_power", "hall_it", "cooling_air", "cooling_liquid", "opening_cash", "capex_budget",
            "ltv_headroom", or "lead_time", which is shortened.
    """

    subject: str
    quantity: str
    unit: str
    raised: Raised
    sites: tuple[int, ...] = ()
    counts_held: bool = True


def raisable(one: Compared) -> list[Raisable]:
    """Limits of sites, of halls in a fit-out the plan ever has, of money and loans; lead times that it waits for."""
    found = [*_of_sites(one), *_of_halls(one), *_of_money(one.instance), *_of_loans(one.instance), *_of_time(one)]
    return [limit for limit in found if limit.raised(one.instance, 1.0) is not one.instance]


def _of_sites(one: Compared) -> Iterator[Raisable]:
    for site, name in enumerate(one.instance.sites.names):
        if name not in one.instance.hosting.names:
            yield Raisable(name, "site_power", MW, _site(site), (site,))


def _of_halls(one: Compared) -> Iterator[Raisable]:
    bays, halls = one.instance.bays, one.plan.tables["halls"]
    used = set(halls["hall"] + "/" + halls["fit_out"])
    for bay, name in enumerate(bays.names):
        if name in used and bay not in one.instance.hosting.bay and bays.it_limit_mw[bay] > 0:
            site = int(bays.site[bay])
            yield from (Raisable(name, kind, MW, made(bay), (site,)) for kind, made in _OF_BAYS.items())


def _of_money(instance: Instance) -> Iterator[Raisable]:
    yield Raisable("company", "opening_cash", USD, _cash)
    if math.isfinite(instance.finance.capex_budget_usd):
        yield Raisable("company", "capex_budget", USD, _budget, counts_held=False)


def _of_loans(instance: Instance) -> Iterator[Raisable]:
    if instance.debt is not None:
        names = instance.debt.loans.names
        for position, loan in enumerate(instance.debt.collateral.loan):
            yield Raisable(names[loan], "ltv_headroom", POINT, _headroom(position))


def _of_time(one: Compared) -> Iterator[Raisable]:
    conversions, trades = one.plan.tables["conversions"], one.plan.tables["trades"]
    made = set(conversions["hall"] + "/" + conversions["to_fit_out"])
    bought = set(trades.loc[trades["bought_units"] > 0, "model"])
    for bay, name in enumerate(one.instance.bays.names):
        if name in made:
            yield Raisable(name, "lead_time", MONTH, _sooner_ready(bay), counts_held=False)
    for model, name in enumerate(one.instance.models.names):
        if name in bought:
            yield Raisable(name, "lead_time", MONTH, _sooner_delivered(model), counts_held=False)


def _site(site: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        limit = _more(instance.sites.power_limit_mw, site, by)
        return replace(instance, sites=replace(instance.sites, power_limit_mw=limit))

    return raised


def _hall(bay: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        return replace(instance, bays=replace(instance.bays, it_limit_mw=_more(instance.bays.it_limit_mw, bay, by)))

    return raised


def _air(bay: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        bays, hours = instance.bays, instance.hours
        limits = _more_of_bay(instance, hours.air_limit_mw, bay, by)
        if limits is None:
            return instance
        promised = _more(bays.firm_air_limit_mw, bay, by)
        return replace(
            instance, bays=replace(bays, firm_air_limit_mw=promised), hours=replace(hours, air_limit_mw=limits)
        )

    return raised


def _liquid(bay: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        bays, hours = instance.bays, instance.hours
        limits = _more_of_bay(instance, hours.liquid_limit_mw, bay, by)
        if limits is None:
            return instance
        promised = _more(bays.firm_liquid_limit_mw, bay, by)
        return replace(
            instance, bays=replace(bays, firm_liquid_limit_mw=promised), hours=replace(hours, liquid_limit_mw=limits)
        )

    return raised


def _cash(instance: Instance, by: float) -> Instance:
    finance = instance.finance
    return replace(instance, finance=replace(finance, opening_cash_usd=finance.opening_cash_usd + by))


def _budget(instance: Instance, by: float) -> Instance:
    finance = instance.finance
    return replace(instance, finance=replace(finance, capex_budget_usd=finance.capex_budget_usd + by))


def _headroom(position: int) -> Raised:
    """Loan to value at which the lender calls, and that at which it sells, higher by percentage points."""

    def raised(instance: Instance, by: float) -> Instance:
        debt = instance.debt
        if debt is None:
            return instance
        terms, more = debt.collateral, 0.01 * by
        call, liquidation = (_more(level, position, more) for level in (terms.call_ltv, terms.liquidation_ltv))
        terms = replace(terms, call_ltv=call, liquidation_ltv=liquidation)
        return replace(instance, debt=replace(debt, collateral=terms))

    return raised


def _sooner_ready(bay: int) -> Raised:
    """Months less from the decision to the fit-out that can be used; a hall cannot stand empty for longer."""

    def raised(instance: Instance, by: float) -> Instance:
        bays, months = instance.bays, round(by)
        if bays.lead_months[bay] < months:
            return instance
        lead, down = bays.lead_months.copy(), bays.downtime_months.copy()
        lead[bay] -= months
        down[bay] = min(down[bay], lead[bay])
        return replace(instance, bays=replace(bays, lead_months=lead, downtime_months=down))

    return raised


def _sooner_delivered(model: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        models, months = instance.models, round(by)
        if models.lead_months[model] < months:
            return instance
        lead = models.lead_months.copy()
        lead[model] -= months
        return replace(instance, models=replace(models, lead_months=lead))

    return raised


_OF_BAYS: dict[str, Callable[[int], Raised]] = {"hall_it": _hall, "cooling_air": _air, "cooling_liquid": _liquid}


def _more(values: Floats, position: int, by: float) -> Floats:
    raised = values.copy()
    raised[position] += by
    return raised


def _more_of_bay(instance: Instance, limits: tuple[Floats, ...], bay: int, by: float) -> tuple[Floats, ...] | None:
    """Hourly limits of all sites with those of one bay raised; None where it has none, or no such loop."""
    site = int(instance.bays.site[bay])
    local = bay - int(np.argmax(instance.bays.site == site))
    own = limits[site][local]
    if not np.isfinite(own).all() or not own.any():
        return None
    return tuple(_more(of_site, local, by) if k == site else of_site for k, of_site in enumerate(limits))
