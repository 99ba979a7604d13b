"""Dollars of a week, line by line, from its loads; what is bought ahead; strikes and stairs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.week.check.limits import here_price
from allocator.week.check.switching import slow_fleets, starts_usd
from allocator.week.check.told import WITHIN, Broken, Told, differs, exceeded
from allocator.week.interface import FAR_USD_PER_MW, Part


def money(told: Told, value_usd: float, bound_usd: float) -> Iterator[Broken]:
    """Every line, their sum, and the bound."""
    derived: dict[str, float] = {}
    for k, (part, at) in enumerate(told.parts):
        for line, usd in _lines(told, part, at, opened=k == 0):
            derived[line] = derived.get(line, 0.0) + usd
    derived["restarts"] = -starts_usd(told)
    gross = sum(abs(usd) for usd in derived.values())
    for line in sorted({*derived, *told.money}):
        yield from differs("MONEY.line", line, told.money.get(line, 0.0), derived.get(line, 0.0), "USD", gross)
    yield from differs("MONEY.value", "the week", value_usd, math.fsum(derived.values()), "USD", gross)
    decided = value_usd - _moving_usd(told)
    if not decided <= bound_usd + WITHIN * max(1.0, gross):
        words = f"worth {decided:.10g} USD where {bound_usd:.10g} is said to be the most"
        yield Broken("MONEY.bound", "the week", decided - bound_usd, "USD", words)


def _moving_usd(told: Told) -> float:
    """Price of what lies elsewhere than the schedule that is out has it, where it can lie there."""
    scheduled, options = told.opening.scheduled_mw, told.options
    if scheduled is None or (options.churn_usd_per_mw == 0.0 and np.isinf(options.most_moved_mw)):
        return 0.0
    target = np.clip(scheduled, 0.0, told.available_mw)
    by_step = np.nansum(np.abs(told.load_mw - target), axis=0)
    beyond = np.maximum(by_step - options.most_moved_mw, 0.0)
    return options.churn_usd_per_mw * float(by_step.sum()) + FAR_USD_PER_MW * float(beyond.sum())


def _lines(told: Told, part: Part, at: slice, opened: bool) -> Iterator[tuple[str, float]]:
    here, weight, load = part.here, part.here.weight_h, told.load_mw[:, at]
    grid, price, shed = told.column("grid_mw")[at], here_price(told, at), told.shed_mw[:, at]
    spot = told.prices.spot_usd_per_mwh[at]
    yield "earnings", float(here.segment_value_usd_per_mwh @ (load @ weight))
    yield "power", -float((price * weight) @ grid)
    yield from _unserved(told, part, shed, spot, opened)
    yield "offers", _offers(told, part, at, price)
    if here.jobs is not None:
        gain = here.jobs.worth_usd_per_mwh[:, None] - here.segment_value_usd_per_mwh
        yield "work", float((gain * (told.work_mw[:, :, at] @ weight)).sum())
    if here.block is not None:
        used = np.where(spot > 0.0, np.clip(grid, 0.0, here.block.mw), 0.0)
        yield "blocks", float((weight * np.maximum(spot, 0.0)) @ used)
    if here.take is not None:
        owed = here.take.take_mwh * float(part.capacity.fitted.sum())
        yield "untaken", -here.take.untaken_usd_per_mwh * max(0.0, owed - float(weight @ grid))
    if here.battery is not None:
        charge, discharge = told.column("charge_mw")[at], told.column("discharge_mw")[at]
        wear = here.battery.battery.wear_usd_per_mwh * float(weight @ discharge)
        traded = float((weight * price) @ (discharge - charge)) - wear
        yield "battery_wear", -wear
        yield "battery_foresight", -(1.0 - here.battery.battery.capture_share) * max(0.0, traded)


def _unserved(told: Told, part: Part, shed: Floats, spot: Floats, opened: bool) -> Iterator[tuple[str, float]]:
    """Credits and lost pass-through, and what is owed on top beyond an allowance."""
    here, tenants, hours = part.here, part.here.tenants, float(part.here.weight_h.sum())
    allowed_h = tenants.outage_h
    if opened and told.opening.outage_left_h is not None:
        left = np.maximum(told.opening.outage_left_h, 0.0) * hours / (part.left_h or hours)
        allowed_h = np.where(tenants.outage_h > 0.0, left, 0.0)
    cheap = (allowed_h > 0.0) & (tenants.outage_usd_per_mwh < here.shed_usd_per_mwh)
    credit = np.where(cheap, tenants.outage_usd_per_mwh, here.shed_usd_per_mwh)
    passed = tenants.pass_through_share[:, None] * (1.0 + here.overhead[tenants.bay]) * spot
    yield "unserved", -float((((credit[:, None] + passed) * shed) @ here.weight_h).sum())
    over = np.maximum(shed @ here.weight_h - allowed_h * part.capacity.firm_mw, 0.0)
    runs_out = cheap & (allowed_h < hours)
    yield "unserved_beyond_allowance", -float((here.shed_usd_per_mwh - credit) @ np.where(runs_out, over, 0.0))


def _offers(told: Told, part: Part, at: slice, price: Floats) -> float:
    here, stated = part.here, part.here.reserves
    if stated is None:
        return 0.0
    forgone = here.segment_value_usd_per_mwh[:, None] / (1.0 + here.overhead[here.segment_bay])
    called = stated.deployment_usd_per_mwh[:, None, None] + price - forgone
    paid = (stated.kept_share[:, None] * stated.price_usd_per_mw_hour)[:, None, :]
    net = paid + stated.deployment_share[:, None, None] * called
    return float(((net * told.offer_mw[:, :, at]) @ here.weight_h).sum())


FAR_USD_PER_MWH = 1e6
"""Price at which everything runs, or with a minus nothing does."""


def bought(told: Told, gain_usd: float) -> Iterator[Broken]:
    """What is bought ahead: by the rule, never more than the hour draws, as it stands where bids are closed, and worth
    what is said."""
    mw, prices, rule, utc = told.column("day_ahead_mw"), told.prices, told.options.day_ahead, told.structure.utc
    hour = utc.astype("datetime64[h]")
    most, gain = np.zeros(len(utc)), 0.0
    for each in np.unique(hour):
        own = hour == each
        ahead, spot = prices.day_ahead_usd_per_mwh[own].mean(), prices.spot_usd_per_mwh[own].mean()
        if np.isfinite(ahead):
            gain += told.structure.step_h * float(mw[own].sum()) * (spot - ahead)
        if np.isfinite(ahead) and ahead <= spot + rule.premium_usd_per_mwh:
            most[own] = rule.most_share * max(0.0, float(told.column("grid_mw")[own].mean()))
    if told.opening.bought_mw is not None:
        stands = ~np.isnan(told.opening.bought_mw)
        off = np.where(stands, np.abs(mw - np.nan_to_num(told.opening.bought_mw)), 0.0)
        yield from exceeded("DAY_AHEAD.stands", off[None], 0.0, "MW", ["the meter"], utc)
        most[stands] = np.inf
    yield from exceeded(
        "DAY_AHEAD.most", np.stack([mw, -mw]), np.stack([most, np.zeros(len(utc))]), "MW", ["the meter"] * 2, utc
    )
    yield from differs("DAY_AHEAD.gain", "the week", gain_usd, gain, "USD", abs(gain))


def strikes(told: Told) -> Iterator[Broken]:
    """A tier stops at no lower price than it starts; without restart terms at the price that its earnings bear."""
    structure, utc = told.structure, told.structure.utc
    names = [f"{tier.hall}/{tier.fit_out} {tier.model} step {tier.step}" for tier in structure.tiers]
    yield from exceeded("STRIKE.order", told.strike_on, told.strike_off, "USD/MWh", names, utc)
    slow = slow_fleets(told)[structure.fleet]
    slow &= np.isin(np.arange(len(slow)), structure.first_tier)
    plain = _as_seen(told, structure.value_usd_per_mwh / (1.0 + structure.overhead))
    off = np.maximum(np.abs(told.strike_off - plain), np.abs(told.strike_on - plain))
    yield from exceeded("STRIKE.plain", np.where(slow[:, None], 0.0, off), 0.0, "USD/MWh", names, utc)


def _as_seen(told: Told, borne: Floats) -> Floats:
    """Prices that earnings bear, (J, T), as machines that are late see them: where the price to come is expected there.
    What is seen in the first steps is known, so that they run at any price or at none."""
    spread, late = told.options.spread, round(told.options.lag_h / told.structure.step_h)
    if late == 0 or spread.sd_usd_per_mwh == 0.0:
        return borne
    expected, scale = here_price(told, slice(None)), spread.scale(told.structure.hours)
    found = np.where(borne >= expected, FAR_USD_PER_MWH, -FAR_USD_PER_MWH)
    left = spread.persistence ** (late * told.structure.step_h)
    if left > 0.0:
        says = (borne - expected)[:, late:] / (scale[late:] * left)
        seen = expected[: len(expected) - late] + scale[: len(expected) - late] * says
        found[:, late:] = np.clip(seen, -FAR_USD_PER_MWH, FAR_USD_PER_MWH)
    return found


def stairs(told: Told) -> Iterator[Broken]:
    """Down in price and up in MW, from stair to stair, and never above what the meter lets through."""
    curve = told.curve
    order = np.lexsort([curve["stair"], curve["utc"]])
    utc = curve["utc"].to_numpy(dtype="datetime64[s]")[order]
    price, mw = curve["price_usd_per_mwh"].to_numpy()[order], curve["mw"].to_numpy()[order]
    same = utc[1:] == utc[:-1]
    for rule, step in (("CURVE.price", np.diff(price)), ("CURVE.mw", -np.diff(mw))):
        yield from exceeded(rule, np.where(same, step, 0.0)[None], 0.0, "", ["curve"], utc[1:])
    limit = np.concatenate([part.here.site_limit_mw for part in told.structure.parts])
    most = limit[np.searchsorted(told.structure.utc, utc)]
    least = np.concatenate([np.full(p.here.hours, p.here.no_load_mw @ p.capacity.fitted) for p in told.structure.parts])
    most = np.maximum(most, least[np.searchsorted(told.structure.utc, utc)])
    yield from exceeded("CURVE.site", mw[None], most, "MW", ["curve"], utc)
