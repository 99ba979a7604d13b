"""A bound on the value of a site-node at every capacity, from any prices of its hourly limits.

Derivation. At capacity (f, F, K) = (fitted, firm MW, segment MW) hour t solves, with weight w, price p,
overhead o_b, heat shares a and l, and tenancies i of bay b whose unserved MWh cost u_i (shed price and pass-through),

    max  w [ sum_j v_j x_j - p G - sum_i u_i s_i ],   G = sum_b [ (1 + o_b)(sum_{j in b} x_j + F_b - s_b) + z_b f_b ]
                                                      F_b, s_b = sum_{i in b} F_i, s_i
    site    G <= P                                                                 price lam    >= 0
    peak    G <= Q_q in the hours that count for it                                price chi_q  >= 0
    hall    sum_{j in b} x_j + F_b - s_b <= L_b f_b                                price mu_b   >= 0
    air     sum_{j in b} a_j x_j + a_b (F_b - s_b) <= A_b f_b                      price alp_b  >= 0
    liquid  sum_{j in b} l_j x_j + l_b (F_b - s_b) <= W_b f_b                      price liq_b  >= 0
    feeder  G of its bays alone <= R_g                                             price phi_g  >= 0
    plant   heat of its loop, of its bays alone <= H_k                             price psi_k  >= 0
    0 <= x_j <= K_j,  0 <= s_i <= F_i

and all hours together

    budget  sum_t w G <= E                                                         price nu     >= 0

and, where the site sells reserves, offers r_kj of worth w a_kj as `reserves` states them,

    behind  sum_k r_kj / h_k <= (1 + o_b) x_j                                      kept as a constraint
    most    sum_j r_kj <= R_k                                                      price rho_k  >= 0

For *any* prices >= 0 the Lagrangian bounds the optimum from above (weak duality). It separates, by hours
too, since nu is one more charge on every MWh drawn. With e_b = w (p + nu) + lam + all chi + the phi of the feeders of
b, alp'_b and liq'_b for alp_b and liq_b plus the psi of its plants of that loop, the loading cost of one MW in b is

    c_b = e_b (1 + o_b) + mu_b + a_b alp'_b + l_b liq'_b               (tenants; segments with their own a_j, l_j)

so a segment is worth K_j max(0, w u_j - c_j), where u_j = v_j + (1 + o_b) max_k h_k max(0, a_kj - rho_k / w) is what
a running MW earns when the best offer is made of it (u_j = v_j without reserves); firm load costs
F_i (sum_t c_b - S_i), where shedding spares S_i = sum_t max(0, c_b - w u_i) or, if an allowance of H_i hours at that
price can run out and d_i more is owed beyond it, the most of sum_t z (c_b - w u_i) - d_i max(0, sum_t w z - H_i) over
0 <= z <= 1; a fitted bay pays its no-load draw and is paid for its limits. Summed over hours:

    value <= nu E + sum_t [ lam P + sum_g phi_g R_g + sum_k psi_k H_k + sum_i rho_i M_i ]
             + sum_q Q_q sum_t chi_q
             + sum_b f_b sum_t [ mu_b L_b + alp_b A_b + liq_b W_b - e_b z_b ]
             - sum_i F_i (sum_t c_b - S_i)
             + sum_j K_j sum_t max(0, w u_j - c_j)
             + the most that a battery earns where a MW drawn at the meter costs w (p + nu) + lam + all chi
             + the most that blocks of power can spare (`blocks`), and nothing for what a host has to be paid (`take`)

which is linear in the capacity: a `Cut`. Prices that are optimal duals at a capacity make it tight there
(strong duality), so solver tolerance costs tightness and never validity. Prices may come from another
node: reduced profits are always taken with this node's own values and prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.dispatch.battery_value import most_earned_usd
from allocator.dispatch.blocks import most_spared_usd
from allocator.dispatch.interface import Capacity, Cut, LimitPrices, SiteNode
from allocator.dispatch.outage_value import most_spared_usd_per_mw
from allocator.dispatch.reserve_value import earned_usd_per_mwh
from allocator.instance.tree import Floats


def no_prices(site_node: SiteNode) -> LimitPrices:
    """All prices zero: the value if no limit but the equipment's own ever binds."""
    zero = np.zeros((site_node.bays, site_node.hours))
    return LimitPrices(np.zeros(site_node.hours), zero, zero, zero)


def cut_from_prices(site_node: SiteNode, prices: LimitPrices) -> Cut:
    """The cut of the module's derivation; exact for any prices."""
    site, hall = np.maximum(prices.site, 0.0), np.maximum(prices.hall, 0.0)
    air, air_limit = _finite(prices.air, site_node.air_limit_mw)
    liquid, liquid_limit = _finite(prices.liquid, site_node.liquid_limit_mw)
    budget, budget_mwh = _finite(np.array(prices.energy), np.array(site_node.energy_budget_mwh))
    shared = _shared(site_node, prices)
    peak = _peak(site_node, prices)
    at_the_meter = site_node.weight_h * (site_node.price_usd_per_mwh + budget) + site + peak.sum(axis=0)
    energy = at_the_meter + shared.energy
    common = energy * (1 + site_node.overhead) + hall
    air_heat, liquid_heat = air + shared.air, liquid + shared.liquid
    tenant = common + site_node.firm_air_share[:, None] * air_heat + site_node.firm_liquid_share[:, None] * liquid_heat
    tenant = tenant[site_node.tenants.bay]
    unserved = site_node.weight_h * site_node.unserved_usd_per_mwh()
    bay = site_node.segment_bay
    most, most_mw = _reserve(site_node, prices)
    reduced = earned_usd_per_mwh(site_node, most / site_node.weight_h) * site_node.weight_h - common[bay]
    reduced -= site_node.segment_air_share[:, None] * air_heat[bay]
    reduced -= site_node.segment_liquid_share[:, None] * liquid_heat[bay]
    free = site @ site_node.site_limit_mw + budget * budget_mwh + most_earned_usd(site_node, at_the_meter)
    free += most_spared_usd(site_node)
    limits = site_node.it_limit_mw * hall.sum(axis=1) + (air * air_limit + liquid * liquid_limit).sum(axis=1)
    return Cut(
        intercept_usd=float(free + (most * most_mw).sum()) + shared.worth_usd,
        fitted_usd=limits - site_node.no_load_mw * energy.sum(axis=1),
        firm_usd_per_mw=most_spared_usd_per_mw(site_node, tenant - unserved) - tenant.sum(axis=1),
        segment_usd_per_mw=np.maximum(reduced, 0.0).sum(axis=1),
        peak_usd_per_mw=peak.sum(axis=1),
    )


@dataclass(frozen=True)
class _Shared:
    """What limits shared by several bays add: to energy charges and heat prices, (B, T), and to the intercept, USD."""

    energy: Floats
    air: Floats
    liquid: Floats
    worth_usd: float


def _shared(site_node: SiteNode, prices: LimitPrices) -> _Shared:
    zero = np.zeros((site_node.bays, site_node.hours))
    energy, heat, worth = zero.copy(), {"air": zero.copy(), "liquid": zero.copy()}, 0.0
    for feeder, price in zip(site_node.feeders, np.maximum(prices.feeder, 0.0), strict=False):
        energy[feeder.inside] += price
        worth += float(price.sum() * feeder.limit_mw)
    for plant, price in zip(site_node.plants, np.maximum(prices.plant, 0.0), strict=False):
        heat[plant.loop][plant.inside] += price
        worth += float(price @ plant.limit_mw)
    return _Shared(energy, heat["air"], heat["liquid"], worth)


def largest(cut: Cut, most: Capacity) -> float:
    """Largest value of the cut over 0 <= capacity <= most, USD."""
    return float(
        cut.intercept_usd
        + np.maximum(cut.fitted_usd, 0.0) @ most.fitted
        + np.maximum(cut.firm_usd_per_mw, 0.0) @ most.firm_mw
        + np.maximum(cut.segment_usd_per_mw, 0.0) @ most.segment_mw
        + np.maximum(cut.peak_usd_per_mw, 0.0) @ most.peak_mw
    )


def saturating_prices(site_node: SiteNode) -> LimitPrices:
    """Prices of the site limit alone so high that no segment earns more than its share of it.

    The price of an hour is the best margin of any segment per gross MWh, so the cut is the value of a
    site whose whole limit earns that.
    """
    margin = earned_usd_per_mwh(site_node) / (1 + site_node.overhead[site_node.segment_bay])
    best = np.max(margin, axis=0, initial=0.0) - site_node.price_usd_per_mwh
    free = no_prices(site_node)
    return LimitPrices(np.maximum(best, 0.0) * site_node.weight_h, free.hall, free.air, free.liquid)


def _reserve(site_node: SiteNode, prices: LimitPrices) -> tuple[Floats, Floats]:
    """Prices >= 0 of what services take and the limits, (K, T) each; both 0 where a service takes all."""
    most_mw = np.zeros(0) if site_node.reserves is None else site_node.reserves.most_mw
    limits = np.repeat(most_mw[:, None], site_node.hours, axis=1)
    return _finite(np.zeros_like(limits) if prices.reserve is None else prices.reserve, limits)


def _peak(site_node: SiteNode, prices: LimitPrices) -> Floats:
    """Prices >= 0 of the peaks, (P, T); 0 in hours that do not count."""
    counts = np.array([peak.counts for peak in site_node.peaks]).reshape(-1, site_node.hours)
    return np.where(counts, np.maximum(prices.peak, 0.0), 0.0) if len(prices.peak) else np.zeros(counts.shape)


def _finite(price: Floats, limit: Floats) -> tuple[Floats, Floats]:
    """Prices >= 0 and limits, both 0 where the limit is infinite."""
    bounded = np.isfinite(limit)
    return np.where(bounded, np.maximum(price, 0.0), 0.0), np.where(bounded, limit, 0.0)
