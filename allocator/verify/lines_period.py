"""Lines of the cash flow inside the horizon, each from decisions, hours and the instance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.plan.schema import LOAD_USES
from allocator.verify.billed import billed_mw
from allocator.verify.case import Case
from allocator.verify.owed import LineRule, Owed, by_bay, by_company, by_job, by_service, by_site, by_site_and_subject
from allocator.verify.short import curtailment_usd, sla_usd
from allocator.verify.sums import sum_by


def mining_revenue(case: Case) -> Owed:
    """Load of ASICs times value of their hashes, by model and site."""
    return _earned(case, case.instance.models.gpus == 0)


def gpu_rental_revenue(case: Case) -> Owed:
    """Load of GPU systems times their rental value, by model and site."""
    return _earned(case, case.instance.models.gpus > 0)


def power_cost(case: Case) -> Owed:
    """Energy at the meter at the hour's price, by use."""
    cost = case.energy.cost_usd[:, :, : len(LOAD_USES)]
    return by_site_and_subject(case, LOAD_USES, -np.moveaxis(cost, 2, 0))


def block_energy(case: Case) -> Owed:
    """Blocks of power for own use at their fixed price, used or not."""
    paid = case.instance.blocks.paid_usd if case.instance.blocks.mw else np.zeros_like(case.energy.block_mwh)
    return by_site(case, -paid)


def block_used(case: Case) -> Owed:
    """What is drawn of those blocks, at spot."""
    return by_site(case, case.energy.replaced_usd)


def demand_charge(case: Case) -> Owed:
    """The rate of each demand charge on its billed peak, by site and charge."""
    demand, billed = case.instance.demand, billed_mw(case)
    sites = np.arange(len(case.instance.sites.names))
    names = tuple(dict.fromkeys(demand.names))
    total = np.zeros((len(names), len(sites), len(case.instance.tree)))
    for k, name in enumerate(demand.names):
        total[names.index(name), demand.site[k]] -= demand.usd_per_mw[k] * billed[k]
    return by_site_and_subject(case, names, total)


def sla_credits(case: Case) -> Owed:
    """Tenant energy not served beyond what is allowed, at the site's price, by hall and fit-out."""
    return by_bay(case, -sla_usd(case).sum(axis=0))


def curtailment_credits(case: Case) -> Owed:
    """Tenant energy not served within an allowance, at its credit, by contract and site."""
    return _by_contract(case, -curtailment_usd(case))


def reserve_sales(case: Case) -> Owed:
    """Load offered at the price of capacity, after deductions, by service."""
    return by_service(case, case.energy.sold.capacity_usd)


def reserve_called(case: Case) -> Owed:
    """Energy expected to be called at what is paid for it, by service."""
    return by_service(case, case.energy.sold.called_usd)


def reserve_saved_energy(case: Case) -> Owed:
    """Energy expected to be called at the price it would have cost, by service."""
    return by_service(case, case.energy.sold.saved_usd)


def reserve_lost_earnings(case: Case) -> Owed:
    """Earnings of machines expected to be called, by service."""
    return by_service(case, -case.energy.sold.lost_usd)


def work_pay(case: Case) -> Owed:
    """Deferrable work done at its rate."""
    return by_job(case, case.energy.worked.done_mwh * case.instance.jobs.rate_usd_per_mwh[:, None])


def work_displaced(case: Case) -> Owed:
    """Rent that machines at work would have earned."""
    return by_job(case, -case.energy.worked.displaced_usd)


def work_penalty(case: Case) -> Owed:
    """Deferrable work of the node that is not done, at its penalty."""
    return by_job(case, -work_penalty_usd(case))


def work_penalty_usd(case: Case) -> Floats:
    """The same by job and node, positive, (D, N)."""
    jobs = case.instance.jobs
    undone = jobs.work_mwh.reshape(case.energy.worked.done_mwh.shape) - case.energy.worked.done_mwh
    return np.asarray(jobs.penalty_usd_per_mwh[:, None] * np.maximum(undone, 0.0))


def colocation_rent(case: Case) -> Owed:
    """Rent of contracts in service, by the site their tranches stand in."""
    return _tenants_pay(
        case, np.ones((len(case.instance.bays.names), len(case.instance.tree))), case.instance.service.rent_usd
    )


def power_pass_through(case: Case) -> Owed:
    """The tenant's share of metered energy at spot, overhead included."""
    instance = case.instance
    share = instance.offers.pass_through_share[instance.service.contract]
    return _tenants_pay(case, instance.pass_through.usd_per_mw, share * instance.service.metered_mw)


def pass_through_lost(case: Case) -> Owed:
    """Pass-through of the energy that a contract did not get, at the hour's spot."""
    return _by_contract(case, -case.energy.lost_usd)


def battery_trading(case: Case) -> Owed:
    """Grid energy that what the battery gave replaced, less what it took, at the hour's price."""
    return by_site(case, case.energy.saved_usd - case.energy.charging_usd)


def battery_wear(case: Case) -> Owed:
    """Wear of what the battery gave."""
    return by_site(case, -wear_usd(case))


def battery_foresight(case: Case) -> Owed:
    """What of trading hours, wear deducted, only foresight earns; nothing where trading is a cost."""
    return by_site(case, -foresight_usd(case))


def fixed_opex(case: Case) -> Owed:
    """Fixed operating cost of each site in each node."""
    return by_site(case, -case.instance.sites.fixed_opex_usd)


def equipment_purchase(case: Case) -> Owed:
    """Machines at their price when ordered."""
    models = case.instance.models
    return by_company(models.names, -models.price_usd * case.facts.bought)


def equipment_sale(case: Case) -> Owed:
    """Machines at their resale price when sold."""
    models = case.instance.models
    return by_company(models.names, models.resale_usd * case.facts.sold)


def install_cost(case: Case) -> Owed:
    """Freight and racking of machines installed in the site's halls."""
    instance = case.instance
    installed = sum_by(case.facts.installed, instance.halls.site, len(instance.sites.names), axis=1)
    cost = -instance.models.install_usd[:, None, None] * installed
    return by_site_and_subject(case, instance.models.names, cost)


def conversion_capex(case: Case) -> Owed:
    """Conversions, paid evenly over the months of their lead; at once where there is no lead."""
    bays = case.instance.bays
    paid = np.array(
        [
            (case.facts.convert[bay] * bays.capex_usd[bay]) @ paid_share(case, int(lead))
            for bay, lead in enumerate(bays.lead_months)
        ]
    )
    return by_bay(case, -paid.reshape(case.facts.convert.shape))


def contract_capex(case: Case) -> Owed:
    """Signing capex, at signature."""
    offers = case.instance.offers
    return by_company(offers.names, -offers.signing_capex_usd[:, None] * case.facts.sign)


PERIOD_LINES: Mapping[str, LineRule] = {
    "mining_revenue": mining_revenue,
    "gpu_rental_revenue": gpu_rental_revenue,
    "power_cost": power_cost,
    "block_energy": block_energy,
    "block_used": block_used,
    "demand_charge": demand_charge,
    "sla_credits": sla_credits,
    "curtailment_credits": curtailment_credits,
    "reserve_sales": reserve_sales,
    "reserve_called": reserve_called,
    "reserve_saved_energy": reserve_saved_energy,
    "reserve_lost_earnings": reserve_lost_earnings,
    "work_pay": work_pay,
    "work_displaced": work_displaced,
    "work_penalty": work_penalty,
    "colocation_rent": colocation_rent,
    "power_pass_through": power_pass_through,
    "pass_through_lost": pass_through_lost,
    "battery_trading": battery_trading,
    "battery_wear": battery_wear,
    "battery_foresight": battery_foresight,
    "fixed_opex": fixed_opex,
    "equipment_purchase": equipment_purchase,
    "equipment_sale": equipment_sale,
    "install_cost": install_cost,
    "conversion_capex": conversion_capex,
    "contract_capex": contract_capex,
}

CAPEX_LINES = ("equipment_purchase", "install_cost", "conversion_capex", "contract_capex")
"""Lines that draw on the capital budget."""


def wear_usd(case: Case) -> Floats:
    """Wear of the batteries, positive, (S, N)."""
    return _of_battery(case, "wear_usd_per_mwh", 0.0)[:, None] * case.energy.discharged_mwh


def foresight_usd(case: Case) -> Floats:
    """What of the batteries' trading only foresight earns, positive, (S, N)."""
    lost_share = 1.0 - _of_battery(case, "capture_share", 1.0)
    traded = case.energy.saved_usd - case.energy.charging_usd - wear_usd(case)
    return lost_share[:, None] * np.maximum(traded, 0.0)


def _of_battery(case: Case, name: str, absent: float) -> Floats:
    """A figure of each site's battery, (S,)."""
    owned = case.instance.batteries or (None,) * len(case.instance.sites.names)
    return np.array([absent if one is None else getattr(one.battery, name) for one in owned])


def paid_share(case: Case, lead_months: int) -> Floats:
    """[m, n]: share of a conversion decided at m that is paid in n."""
    if lead_months == 0:
        return np.eye(len(case.instance.tree))
    return np.asarray(case.timeline.overlap(0, lead_months) / lead_months)


def _earned(case: Case, own: Bools) -> Owed:
    models = case.instance.models
    names = [models.names[model] for model in np.flatnonzero(own)]
    return by_site_and_subject(case, names, case.energy.earned_usd[own])


def _tenants_pay(case: Case, per_bay: Floats, per_row: Floats) -> Owed:
    """sum over service rows k and bays: share of tranches * per_bay (B, N) * per_row (K,), by contract and site."""
    instance, service = case.instance, case.instance.service
    share = case.facts.place / instance.offers.tranches[:, None, None]
    paid = share[service.contract, :, service.signed] * per_bay.T[service.node] * per_row[:, None]
    total = np.zeros((len(instance.offers.names), len(instance.sites.names), len(instance.tree)))
    by_site_paid = sum_by(paid, instance.bays.site, len(instance.sites.names), axis=1)
    np.add.at(total.swapaxes(1, 2), (service.contract, service.node), by_site_paid)
    return by_site_and_subject(case, instance.offers.names, total)


def _by_contract(case: Case, amounts: Floats) -> Owed:
    """Amounts (C, B, N) by contract and site."""
    instance = case.instance
    total = sum_by(amounts, instance.bays.site, len(instance.sites.names), axis=1)
    return by_site_and_subject(case, instance.offers.names, total)
