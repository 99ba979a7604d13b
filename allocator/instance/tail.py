"""What the scenario assumes beyond the horizon, and what the leaves of the tree expect on top."""

from __future__ import annotations

import numpy as np

from allocator.instance.futures import Futures
from allocator.instance.terminal import Tail
from allocator.instance.terminal_mining import tail_hashprice
from allocator.instance.tree import Floats
from allocator.scenario.scenario import Scenario

MID_YEAR_MONTHS = 6


def compile_tail(scenario: Scenario, futures: Futures, years: int) -> Tail:
    """Hashprice goes on from its stated path; leaves expect it, and spot, as far off as their state still says then."""
    tree, stated = futures.tree, scenario.terminal
    end = int((tree.first_month + tree.months).max())
    beyond = futures.beyond([end + 12 * year + MID_YEAR_MONTHS for year in range(years)])
    same = np.ones((len(tree), years))
    spot = [_mean(beyond.get(f"power.{site.name}", same)) for site in scenario.sites]
    spot += [np.ones(len(tree)) for _ in scenario.hosting]
    return Tail(
        years=years,
        hashprice_usd_per_ph_day=tail_hashprice(
            float(futures.stated.hashprice_usd_per_ph_day[tree.leaves[0]]),
            tree.calendar_month(end),
            years,
            stated.hashprice_growth_per_year,
            scenario.bitcoin.halving_dates,
            stated.halving_hashprice_share,
        ),
        hashprice_factor=beyond.get("hashprice", same),
        spot_factor=np.stack(spot),
        machine_price_elasticity=scenario.uncertainty.machine_price_elasticity if scenario.uncertainty else 1.0,
        mining_net_share=futures.market.mining_net_share,
        operations_per_year=scenario.discount.operations_per_year,
        contracted_per_year=scenario.discount.contracted_per_year,
    )


def _mean(by_year: Floats) -> Floats:
    """Over the tail years, (N,); 1 where there are none."""
    return by_year.mean(axis=1) if by_year.shape[1] else np.ones(len(by_year))
