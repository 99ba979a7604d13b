"""What a MW of mining is worth in the years beyond the horizon, every capital charge deducted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from allocator.instance.finance import annuity
from allocator.instance.last_year import LastYear
from allocator.instance.market import mining_usd_per_mwh
from allocator.instance.tree import Floats
from allocator.uncertainty.mining import dated_factor

MACHINE_LIFE_YEARS = 4.0
"""Years over which a machine bought beyond the horizon pays for itself."""
YEARS_BETWEEN_HALVINGS = 4


@dataclass(frozen=True)
class Machine:
    """A model that may mine beyond the horizon.

    Attributes:
        steps: (MW drawn on average, PH/s per MW) of each power-mode step of one unit, uptime included.
        power_mw: nameplate of one unit at its top mode.
        capital_usd: price of a unit at the end of the horizon, installed.
        maintenance_usd_per_mwh: per MWh of IT load.
    """

    steps: tuple[tuple[float, float], ...]
    power_mw: float
    capital_usd: float
    maintenance_usd_per_mwh: float


def tail_hashprice(
    last: float, start: str, years: int, growth_per_year: float, halvings: Sequence[date], halving_share: float
) -> Floats:
    """Gross hashprice of each tail year y = 0.., USD per PH and day, (years,).

        last * (1 + growth) ** (y + 1) * (average over the year's months of halving_share ** halvings since `start`)

    `last` is the hashprice of the last node, `start` the first calendar month beyond the horizon. Halving dates
    beyond the last of `halvings` follow every four years.
    """
    month = np.datetime64(start, "M") + np.arange(12 * years)
    first_day = np.datetime64(start, "M").astype("datetime64[D]").item()
    known = sorted(halvings)
    while known and years and np.datetime64(known[-1], "M") <= month[-1]:
        known.append(_four_years_later(known[-1]))
    factor = dated_factor(month, [day for day in known if day >= first_day], halving_share)
    growth = (1.0 + growth_per_year) ** (np.arange(years) + 1.0)
    return np.asarray(last * growth * factor.reshape(years, 12).mean(axis=1))


def _four_years_later(day: date) -> date:
    """Halvings fall four years apart; a 29 February moves to the 28th, so that no year is skipped."""
    return day.replace(year=day.year + YEARS_BETWEEN_HALVINGS, day=min(day.day, 28))


def spread(value: Floats, cost: Floats, weight: Floats) -> Floats:
    """sum_t weight_t * max(0, value - cost_t) for each value, (Y,); cost and weight are (T,)."""
    order = np.argsort(cost, kind="stable")
    weights = np.concatenate([[0.0], np.cumsum(weight[order])])
    costs = np.concatenate([[0.0], np.cumsum((weight * cost)[order])])
    below = np.searchsorted(cost[order], value)
    return np.asarray(value * weights[below] - costs[below])


@dataclass(frozen=True)
class MiningYear:
    """The sample year of one mining bay: hours each step stands for, and energy cost per MWh of IT load, (T,).

    `demand_usd_per_mw`: demand charges of a MW of IT load that runs, whenever it does.

    Where heat limits fall below the IT limit, a step stands for that share of its hours only.
    """

    weight_h: Floats
    cost_usd_per_mwh: Floats
    demand_usd_per_mw: float = 0.0


def mining_year(year: LastYear, bay: int, heat_limit_mw: Floats, it_limit_mw: float) -> MiningYear:
    """The sample of the bay at position `bay` of its site; heat_limit_mw (T,) of the loop that cools machines."""
    share = np.minimum(1.0, heat_limit_mw / it_limit_mw) if it_limit_mw else np.ones(len(heat_limit_mw))
    demand = (1.0 + float(year.overhead[bay])) * year.demand_usd_per_mw_year
    return MiningYear(year.weight_h * share, year.cost_usd_per_mwh[bay], demand)


def machine_usd_per_mw(
    machine: Machine,
    hashprice: Floats,
    net_share: float,
    year: MiningYear,
    per_year: float,
    capital_factor: Floats | float,
) -> Floats:
    """Value of one nameplate MW of a machine at each of some hashprices, undiscounted; may be negative, (Y,).

        sum_steps (step MW / nameplate MW) * max(0, sum_t w_t max(0, v_y - (1 + o_t) price_t) - demand charges)
            - annuity * capital * capital_factor_y / nameplate

    with v_y the net earnings per MWh of the step at hashprice y.
    """
    running = np.zeros(len(hashprice))
    for drawn_mw, ph_per_mw in machine.steps:
        value = mining_usd_per_mwh(hashprice, net_share, ph_per_mw) - machine.maintenance_usd_per_mwh
        earned = spread(value, year.cost_usd_per_mwh, year.weight_h)
        running += drawn_mw * np.maximum(0.0, earned - year.demand_usd_per_mw)
    capital = annuity(per_year, MACHINE_LIFE_YEARS) * machine.capital_usd * capital_factor
    return np.asarray((running - capital) / machine.power_mw)


def mining_usd_per_mw(
    year: MiningYear,
    machines: Sequence[Machine],
    hashprice: Floats,
    net_share: float,
    per_year: float,
    capital_factor: Floats | float = 1.0,
) -> Floats:
    """Value of one IT MW of a mining bay at each of some hashprices: the best of its machines, never below 0, (Y,).

    `capital_factor` (Y,): what a machine costs there over its stated price.
    """
    values = [machine_usd_per_mw(m, hashprice, net_share, year, per_year, capital_factor) for m in machines]
    return np.asarray(np.maximum.reduce([np.zeros(len(hashprice)), *values]))
