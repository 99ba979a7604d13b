"""Lines of the cash flow beyond the horizon: what is left at each leaf, as worth on its last day."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.lines_period import paid_share
from allocator.verify.owed import LineRule, Owed, at_leaves, by_bay, by_company, by_site, by_site_and_subject
from allocator.verify.sums import sum_by


def terminal_contract_rent(case: Case) -> Owed:
    """Credit-weighted rent beyond the horizon, shared among sites by tranches."""
    instance = case.instance
    share = case.facts.place / instance.offers.tranches[:, None, None]
    worth = share * instance.terminal.contract_usd[:, None, :]
    return _tenants(case, case.timeline.along(worth))


def terminal_contract_energy(case: Case) -> Owed:
    """Its energy cost net of pass-through, by the hall it stands in."""
    instance, offers = case.instance, case.instance.offers
    placed_mw = case.facts.place * (offers.critical_it_mw / offers.tranches)[:, None, None]
    cost = placed_mw * np.swapaxes(instance.terminal.contract_energy_usd_per_mw, 1, 2)
    return _tenants(case, -case.timeline.along(cost))


def terminal_mining(case: Case) -> Owed:
    """Mining load of each tail year at its value."""
    worth = (case.facts.tail_mw * case.instance.terminal.mining_usd_per_mw).sum(axis=1)
    return by_bay(case, at_leaves(case, worth))


def terminal_equipment(case: Case) -> Owed:
    """Machines standing and in store, at the leaf's resale price."""
    models, placements = case.instance.models, case.instance.placements
    owned = case.facts.stored.copy()
    np.add.at(owned, placements.model, case.facts.units)
    return by_company(models.names, _leaves_only(case, owned * models.resale_usd))


def terminal_undelivered(case: Case) -> Owed:
    """Refund share of the price of what was ordered on the path and has not arrived at the leaf."""
    models = case.instance.models
    owed = np.zeros_like(models.price_usd)
    for model, lead in enumerate(models.lead_months):
        arrived = case.timeline.along(case.timeline.ready(int(lead)).astype(float))
        open_orders = case.timeline.before & (arrived == 0)
        owed[model] = (case.facts.bought[model] * models.price_usd[model]) @ open_orders.astype(float)
    return by_company(models.names, _leaves_only(case, owed * models.refund_share[:, None]))


def terminal_unpaid_capex(case: Case) -> Owed:
    """What of a conversion falls due after the leaf."""
    bays, owed = case.instance.bays, np.zeros_like(case.facts.convert)
    for bay, lead in enumerate(bays.lead_months):
        unpaid = case.timeline.before - case.timeline.along(paid_share(case, int(lead)))
        owed[bay] = (case.facts.convert[bay] * bays.capex_usd[bay]) @ unpaid
    return by_bay(case, _leaves_only(case, -owed))


def terminal_fixed_opex(case: Case) -> Owed:
    """Fixed operating cost of each site beyond the horizon."""
    cost = np.repeat(case.instance.terminal.fixed_opex_usd[:, None], len(case.instance.tree), axis=1)
    return by_site(case, at_leaves(case, -cost))


HORIZON_LINES: Mapping[str, LineRule] = {
    "terminal_contract_rent": terminal_contract_rent,
    "terminal_contract_energy": terminal_contract_energy,
    "terminal_mining": terminal_mining,
    "terminal_equipment": terminal_equipment,
    "terminal_undelivered": terminal_undelivered,
    "terminal_unpaid_capex": terminal_unpaid_capex,
    "terminal_fixed_opex": terminal_fixed_opex,
}


def _leaves_only(case: Case, amounts: Floats) -> Floats:
    """Amounts (..., N) at leaves, 0 elsewhere."""
    out = np.zeros_like(amounts)
    leaves = case.instance.tree.leaves
    out[..., leaves] = amounts[..., leaves]
    return out


def _tenants(case: Case, discounted_usd: Floats) -> Owed:
    """Values (C, B, N), discounted to the start, by contract and site at the leaves."""
    instance = case.instance
    total = sum_by(discounted_usd, instance.bays.site, len(instance.sites.names), axis=1)
    return by_site_and_subject(case, instance.offers.names, at_leaves(case, total))
