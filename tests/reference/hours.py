"""The hours of every site in every node, one hour at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pulp

from tests.reference import batteries, blocks, coincident, demand, jobs, outages, takes
from tests.reference.contracts import tenancies
from tests.reference.draft import FAR_BEYOND, Draft
from tests.reference.steps import Hour, price_usd_per_mwh


def write(d: Draft) -> None:
    """All hourly rows, and the margin of every node."""
    everything = list(_hours(d))
    d.hours = everything
    d.add("load_mw", [(j, hour.at) for hour in everything for j in _segments(d, hour)])
    d.add(
        "shed_mw",
        [(k, hour.at) for hour in everything for k in _tenancies(d, hour) if (k, hour.node) in _firm(d)],
    )
    batteries.columns(d, everything)
    d.add("offer_mw", [(k, j, hour.at) for hour in everything for k, j in _offered(d, hour)])
    for family in (
        available, shed, hall, air, liquid, feeder, plant, batteries.balance, behind_meter, site, margin, running, most,
        fed_by_grid, sold,
    ):  # fmt: skip
        for hour in everything:
            family(d, hour)
    jobs.columns(d, everything)
    for hour in everything:
        jobs.running(d, hour)
        jobs.most(d, hour)
        jobs.earned(d, hour)
    jobs.volume(d, everything)
    energy(d, everything)
    takes.take(d, everything, _gross_mw)
    blocks.blocks(d, everything, _gross_mw)
    demand.charges(d, everything, _gross_mw)
    coincident.peaks(d, everything, _gross_mw)
    outages.allowance(d, everything)
    batteries.foresight(d, everything)


def _hours(d: Draft) -> Iterator[Hour]:
    offset, sites, at = d.given.hours.offset, len(d.given.sites.names), 0
    periods = (len(offset) - 1) // sites
    for s in range(sites):
        for n in d.nodes:
            pair = s * periods + d.given.hours.period[n]
            for stored in range(offset[pair], offset[pair + 1]):
                yield Hour(s, n, at, stored, stored - offset[s * periods])
                at += 1


def _segments(d: Draft, hour: Hour) -> list[int]:
    return [j for j, at in enumerate(d.given.segments.site) if at == hour.site]


def _firm(d: Draft) -> dict[tuple[int, ...], pulp.LpVariable]:
    return d.columns["firm_mw"]


def _tenancies(d: Draft, hour: Hour) -> list[int]:
    return [k for k, (b, _) in enumerate(tenancies(d)) if d.given.bays.site[b] == hour.site]


def _served(d: Draft, b: int, hour: Hour) -> pulp.LpAffineExpression:
    """Tenant load of the bay that is served: firm less shed of all its tenancies, IT MW."""
    here = [k for k, (bay, _) in enumerate(tenancies(d)) if bay == b and (k, hour.node) in _firm(d)]
    return pulp.lpSum(_firm(d)[k, hour.node] - d.columns["shed_mw"][k, hour.at] for k in here)


def _loads(d: Draft, b: int, hour: Hour) -> list[tuple[int, pulp.LpVariable]]:
    """(segment, its load) of the segments in the bay."""
    return [(j, d.columns["load_mw"][j, hour.at]) for j in _segments(d, hour) if d.given.segments.bay[j] == b]


def _it_mw(d: Draft, b: int, hour: Hour) -> pulp.LpAffineExpression:
    return pulp.lpSum(load for _, load in _loads(d, b, hour)) + _served(d, b, hour)


def _of_site(d: Draft, table: list[list[list[float]]], b: int, hour: Hour) -> float:
    """A value of the hour store that is listed by site, bay of the site, hour of the site."""
    return table[hour.site][d.bays_of_site(hour.site).index(b)][hour.step]


def _gross_mw(d: Draft, hour: Hour) -> pulp.LpAffineExpression:
    """Draw of the site at the meter."""
    return _loads_mw(d, hour) + batteries.net_mw(d, hour)


def _loads_mw(d: Draft, hour: Hour) -> pulp.LpAffineExpression:
    """Gross draw of everything but the battery."""
    gross = pulp.LpAffineExpression()
    for b in d.bays_of_site(hour.site):
        overhead = _of_site(d, d.given.hours.overhead, b, hour)
        gross += (1 + overhead) * _it_mw(d, b, hour)
        gross += d.given.bays.no_load_mw[b] * d.columns["fitted"][b, hour.node]
    return gross


def available(d: Draft, hour: Hour) -> None:
    """FLEET.available[j,t]: load <= MW a unit * units of a block * blocks installed."""
    for j in _segments(d, hour):
        p = d.given.segments.placement[j]
        block = d.given.models.block_units[d.given.placements.model[p]]
        most = d.given.segments.mw_per_unit[j] * block * d.columns["installed"][p, hour.node]
        d.row("FLEET.available", (j, hour.at), d.columns["load_mw"][j, hour.at] <= most)


def shed(d: Draft, hour: Hour) -> None:
    """CONTRACT.shed[k,t]: shed <= firm."""
    for k in _tenancies(d, hour):
        if (k, hour.at) in d.columns["shed_mw"]:
            d.row("CONTRACT.shed", (k, hour.at), d.columns["shed_mw"][k, hour.at] <= _firm(d)[k, hour.node])


def hall(d: Draft, hour: Hour) -> None:
    """POWER.hall[b,t]: sum_{j in b} load + firm - shed <= it_limit * fitted."""
    for b in d.bays_of_site(hour.site):
        limit = d.given.bays.it_limit_mw[b] * d.columns["fitted"][b, hour.node]
        d.row("POWER.hall", (b, hour.at), _it_mw(d, b, hour) <= limit)


def air(d: Draft, hour: Hour) -> None:
    """COOLING.air[b,t]: air heat of the loads and of the tenants served <= air limit * fitted."""
    segments, bays = d.given.segments, d.given.bays
    _cooling(d, hour, "COOLING.air", d.given.hours.air_limit_mw, segments.air_share, bays.firm_air_share)


def liquid(d: Draft, hour: Hour) -> None:
    """COOLING.liquid[b,t]: the same for the liquid loop."""
    segments, bays = d.given.segments, d.given.bays
    _cooling(d, hour, "COOLING.liquid", d.given.hours.liquid_limit_mw, segments.liquid_share, bays.firm_liquid_share)


def _cooling(
    d: Draft, hour: Hour, family: str, table: list[list[list[float]]], share: list[float], firm_share: list[float]
) -> None:
    for b in d.bays_of_site(hour.site):
        limit = _of_site(d, table, b, hour)
        heat = pulp.lpSum(share[j] * load for j, load in _loads(d, b, hour)) + firm_share[b] * _served(d, b, hour)
        if limit < FAR_BEYOND:
            d.row(family, (b, hour.at), heat <= limit * d.columns["fitted"][b, hour.node])


def behind_meter(d: Draft, hour: Hour) -> None:
    """BATTERY.behind_meter[t]: the battery gives no more than everything else takes."""
    batteries.behind_meter(d, hour, _loads_mw(d, hour))


def _behind_mw(d: Draft, b: int, hour: Hour) -> pulp.LpAffineExpression:
    """Gross draw of one bay, its draw at no load included."""
    overhead = _of_site(d, d.given.hours.overhead, b, hour)
    return (1 + overhead) * _it_mw(d, b, hour) + d.given.bays.no_load_mw[b] * d.columns["fitted"][b, hour.node]


def feeder(d: Draft, hour: Hour) -> None:
    """POWER.feeder[g,t]: draw of the halls behind the feeder <= its limit."""
    feeders = d.given.feeders
    for g, s in enumerate(feeders.site):
        if s == hour.site:
            bays = [b for at, b in zip(feeders.feeder, feeders.bay, strict=True) if at == g]
            drawn = pulp.lpSum(_behind_mw(d, b, hour) for b in bays)
            d.row("POWER.feeder", (g, hour.at), drawn <= feeders.limit_mw[g])


def plant(d: Draft, hour: Hour) -> None:
    """COOLING.plant[k,t]: heat of the plant's loop, over the halls it serves, <= what it rejects in the hour."""
    plants, segments, bays = d.given.plants, d.given.segments, d.given.bays
    of_site = [k for k, s in enumerate(plants.site) if s == hour.site]
    for k in of_site:
        air = plants.loop[k] == "air"
        share = segments.air_share if air else segments.liquid_share
        firm_share = bays.firm_air_share if air else bays.firm_liquid_share
        heat = pulp.LpAffineExpression()
        for at, b in zip(plants.plant, plants.bay, strict=True):
            if at == k:
                heat += pulp.lpSum(share[j] * load for j, load in _loads(d, b, hour))
                heat += firm_share[b] * _served(d, b, hour)
        limit = plants.limit_mw[hour.site][of_site.index(k)][hour.step]
        d.row("COOLING.plant", (k, hour.at), heat <= limit)


def site(d: Draft, hour: Hour) -> None:
    """POWER.site[s,t]: draw at the meter <= the site's limit."""
    is_open = 1.0 if d.given.hours.open_steps is None else d.given.hours.open_steps[hour.stored]
    d.row("POWER.site", (hour.at,), _gross_mw(d, hour) <= is_open * d.given.sites.power_limit_mw[hour.site])


def energy(d: Draft, everything: list[Hour]) -> None:
    """POWER.energy[s,n]: gross energy of all hours of the node <= the site's energy budget."""
    for s, budgets in enumerate(d.given.sites.energy_budget_mwh):
        for n in d.nodes:
            own = [hour for hour in everything if (hour.site, hour.node) == (s, n)]
            drawn = pulp.lpSum(d.given.hours.weight_h[hour.stored] * _gross_mw(d, hour) for hour in own)
            if budgets[n] < FAR_BEYOND:
                d.row("POWER.energy", (s, n), drawn <= budgets[n])


def _offered(d: Draft, hour: Hour) -> list[tuple[int, int]]:
    """(service, segment) of every offer that may be made in the hour: machines qualify, the price is enough."""
    reserves = d.given.reserves
    return [
        (k, j)
        for k in _services(d, hour)
        for j in _segments(d, hour)
        if reserves.qualifies[k][d.given.segments.bay[j]]
        and _capacity_price(d, k, hour) >= reserves.minimum_usd_per_mw_hour[k]
    ]


def _services(d: Draft, hour: Hour) -> list[int]:
    return [k for k, s in enumerate(d.given.reserves.site) if s == hour.site]


def _capacity_price(d: Draft, k: int, hour: Hour) -> float:
    return d.given.hours.reserve_usd_per_mw_hour[hour.site][_services(d, hour).index(k)][hour.step]


def _gross_per_it(d: Draft, j: int, hour: Hour) -> float:
    return 1 + _of_site(d, d.given.hours.overhead, d.given.segments.bay[j], hour)


def running(d: Draft, hour: Hour) -> None:
    """RESERVE.running[j,t]: what stands behind the offers of a load <= its gross draw."""
    share = d.given.reserves.qualifying_share
    for j in _segments(d, hour):
        behind = [d.columns["offer_mw"][k, i, hour.at] * (1 / share[k]) for k, i in _offered(d, hour) if i == j]
        runs = _gross_per_it(d, j, hour) * d.columns["load_mw"][j, hour.at]
        if behind:
            d.row("RESERVE.running", (j, hour.at), pulp.lpSum(behind) <= runs)


def most(d: Draft, hour: Hour) -> None:
    """RESERVE.most[k,t]: what is offered to a service <= what it takes."""
    for k in _services(d, hour):
        offers = [d.columns["offer_mw"][i, j, hour.at] for i, j in _offered(d, hour) if i == k]
        limit = d.given.reserves.most_mw[k]
        if offers and limit < FAR_BEYOND:
            d.row("RESERVE.most", (k, hour.at), pulp.lpSum(offers) <= limit)


def fed_by_grid(d: Draft, hour: Hour) -> None:
    """RESERVE.fed_by_grid[t]: what is offered <= gross load less what the battery gives; only with a battery."""
    offers = [d.columns["offer_mw"][k, j, hour.at] for k, j in _offered(d, hour)]
    if offers and batteries.owned(d, hour) is not None:
        given = d.columns["discharge_mw"][(hour.at,)]
        d.row("RESERVE.fed_by_grid", (hour.at,), pulp.lpSum(offers) <= _loads_mw(d, hour) - given)


def called_mw(d: Draft, j: int, hour: Hour) -> pulp.LpAffineExpression:
    """IT load of a segment that is expected to be called by the services it is offered to."""
    share, gross = d.given.reserves.deployment_share, _gross_per_it(d, j, hour)
    return pulp.lpSum(share[k] / gross * d.columns["offer_mw"][k, i, hour.at] for k, i in _offered(d, hour) if i == j)


def sold(d: Draft, hour: Hour) -> None:
    """weight * (kept price + called share * (payment + energy price - earnings per gross MWh)) * offer."""
    reserves = d.given.reserves
    for k, j in _offered(d, hour):
        lost = d.given.segments.value_usd_per_mwh[j][hour.node] / _gross_per_it(d, j, hour)
        called = reserves.deployment_usd_per_mwh[k] + price_usd_per_mwh(d, hour) - lost
        usd = reserves.kept_share[k] * _capacity_price(d, k, hour) + reserves.deployment_share[k] * called
        worth = d.given.hours.weight_h[hour.stored] * usd * d.columns["offer_mw"][k, j, hour.at]
        d.operate(hour.site, hour.node, worth)


def margin(d: Draft, hour: Hour) -> None:
    """weight * (sum_j value * load - price * gross draw - (credit + pass-through) * shed - wear)."""
    earned = pulp.LpAffineExpression()
    for j in _segments(d, hour):
        earned += d.given.segments.value_usd_per_mwh[j][hour.node] * d.columns["load_mw"][j, hour.at]
    spot = d.given.hours.spot_factor[hour.site][hour.node] * d.given.hours.spot_usd_per_mwh[hour.stored]
    for k, (b, (share, *_)) in enumerate(tenancies(d)):
        if (k, hour.at) in d.columns["shed_mw"]:
            passed = share * (1 + _of_site(d, d.given.hours.overhead, b, hour)) * spot
            earned -= (outages.credit_usd_per_mwh(d, k) + passed) * d.columns["shed_mw"][k, hour.at]
    earned -= batteries.wear_usd(d, hour)
    earned -= price_usd_per_mwh(d, hour) * _gross_mw(d, hour)
    d.operate(hour.site, hour.node, d.given.hours.weight_h[hour.stored] * earned)
