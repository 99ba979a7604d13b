"""Table marginal_values: what one more unit of each limit is worth, from prices of the solved model.

Prices belong to the linear program left after every integer is fixed: they value operation (hours, cash,
the tail), not the next conversion or contract, and the table says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from allocator.dispatch.battery_prices import BatteryPrices, battery_prices
from allocator.dispatch.interface import LimitPrices
from allocator.instance.tree import Floats, Ints
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES
from allocator.planning.context import USD_PER_MUSD
from solvers.problem import Family, Problem
from solvers.result import Duals

BASIS = "integers fixed; discounted to the start, expected"
MW_YEAR, MWH_YEAR = "USD/MW-year", "USD/MWh-year"
WORTHLESS_USD = 1e-6
"""Values below this are noise of the solver and left out."""

Subject = Literal["site", "hall", "feeder", "plant"]


@dataclass(frozen=True)
class Limit:
    """One limit a planner may raise, and the row family whose prices value it.

    A hall's limit counts only in the fit-out the hall has: its price is weighed by `fitted`.
    """

    quantity: str
    family: str
    subject: Subject


HOURLY_LIMITS = (
    Limit("site_power", "POWER.site", "site"),
    Limit("hall_it", "POWER.hall", "hall"),
    Limit("cooling_air", "COOLING.air", "hall"),
    Limit("cooling_liquid", "COOLING.liquid", "hall"),
    Limit("feeder_power", "POWER.feeder", "feeder"),
    Limit("plant_cooling", "COOLING.plant", "plant"),
)
"""Limits in MW of every hour."""
DISPATCHED = {
    "POWER.site": "site",
    "POWER.hall": "hall",
    "COOLING.air": "air",
    "COOLING.liquid": "liquid",
    "POWER.energy": "energy",
    "POWER.feeder": "feeder",
    "COOLING.plant": "plant",
    "battery_power": "battery_power",
    "battery_energy": "battery_energy",
}
"""Field of `LimitPrices` that prices each row family of the hours."""
ENERGY_LIMIT = Limit("energy_budget", "POWER.energy", "site")
BATTERY_POWER, BATTERY_ENERGY = (
    Limit("battery_power", "battery_power", "site"),
    Limit("battery_energy", "battery_energy", "site"),
)
"""Limits of a battery's columns, not of rows."""
TAIL_LIMITS = (
    Limit("site_power_tail", "TERMINAL.site", "site"),
    Limit("hall_it_tail", "TERMINAL.hall", "hall"),
    Limit("feeder_power_tail", "TERMINAL.feeder", "feeder"),
    Limit("plant_cooling_tail", "TERMINAL.plant", "plant"),
)


@dataclass(frozen=True)
class Prices:
    """Prices of one limit: subject and node of each row (positions), and its value in USD per unit."""

    subject: Ints
    node: Ints
    value_usd: Floats


PRICE_FIELDS = ("subject", "node", "value_usd")

HourlyPrices = Callable[[Limit], Prices]
"""Prices of one of HOURLY_LIMITS, of a battery's limits or of ENERGY_LIMIT, discounted to the start and expected."""


def marginal_values(problem: Problem, duals: Duals, settled: Settled, hourly: HourlyPrices) -> pd.DataFrame:
    """Table `marginal_values`. Limits in MW are valued per MW and year of the node; the horizon row is the mean year.

    `duals` are those of `problem` with its integers fixed, signs as `solvers.result.Duals` states; `hourly` prices the
    limits of the hours, from that problem's own rows or from the dispatch.
    """
    rows: list[dict[str, object]] = []
    for limit in HOURLY_LIMITS:
        rows += _yearly_rows(limit, hourly(limit), settled)
    rows += _yearly_rows(BATTERY_POWER, hourly(BATTERY_POWER), settled)
    rows += _yearly_rows(BATTERY_ENERGY, hourly(BATTERY_ENERGY), settled, MWH_YEAR)
    rows += _summed_rows(ENERGY_LIMIT, hourly(ENERGY_LIMIT), "USD/MWh", settled)
    for limit in TAIL_LIMITS:
        rows += _summed_rows(limit, _tail(limit, problem, duals, settled), "USD/MW", settled)
    return from_rows(TABLES["marginal_values"], [*rows, *_cash_rows(problem, duals, settled)])


def no_marginal_values() -> pd.DataFrame:
    """The table of a plan whose prices are not known."""
    return from_rows(TABLES["marginal_values"], [])


def prices_of_rows(problem: Problem, duals: Duals, settled: Settled) -> HourlyPrices:
    """From a problem that holds the hours: axis "hour" of its rows numbers the steps as `HourStore.labels` does."""
    instance = settled.instance

    def prices(limit: Limit) -> Prices:
        if limit in (BATTERY_POWER, BATTERY_ENERGY):
            return _of_batteries(limit, battery_prices(problem, duals.column), settled)
        index, dual = _rows_of(problem.rows.get(limit.family), duals)
        site, node = instance.hours.pair_of(index.get("hour", _none()))
        site, node = index.get("site", site), index.get("node", node)
        return _priced(limit, index, dual, site, node, settled)

    return prices


def prices_of_dispatch(
    dispatched: Mapping[tuple[int, int], LimitPrices], worth: Floats, settled: Settled
) -> HourlyPrices:
    """From the hours of every (site, node) dispatched apart; `worth` (S, N): of a dollar of margin there."""

    def prices(limit: Limit) -> Prices:
        found: list[Prices] = []
        for (site, node), of_hours in dispatched.items():
            price: Floats = np.atleast_1d(getattr(of_hours, DISPATCHED[limit.family]))
            per_unit = worth[site, node] * price.sum(axis=-1)
            subject = _of_site(limit, site, settled)
            held = settled.point.fitted[subject, node] if limit.subject == "hall" else 1.0
            found.append(Prices(subject, np.full(len(subject), node), np.atleast_1d(per_unit) * held))
        return Prices(*(np.concatenate([getattr(one, name) for one in found]) for name in PRICE_FIELDS))

    return prices


def _of_batteries(limit: Limit, found: BatteryPrices, settled: Settled) -> Prices:
    value = found.power if limit is BATTERY_POWER else found.energy
    site, node = settled.instance.hours.pair_of(found.hour)
    return Prices(site, node, value * USD_PER_MUSD)


def _tail(limit: Limit, problem: Problem, duals: Duals, settled: Settled) -> Prices:
    index, dual = _rows_of(problem.rows.get(limit.family), duals)
    return _priced(limit, index, dual, index.get("site", _none()), index.get("leaf", _none()), settled)


def _priced(limit: Limit, index: Mapping[str, Ints], dual: Floats, site: Ints, node: Ints, settled: Settled) -> Prices:
    value = dual * USD_PER_MUSD
    if limit.subject == "site":
        return Prices(site, node, value)
    if limit.subject != "hall":
        return Prices(index.get(limit.subject, _none()), node, value)
    bay = index.get("bay", _none())
    return Prices(bay, node, value * settled.point.fitted[bay, node])


def _yearly_rows(limit: Limit, prices: Prices, settled: Settled, unit: str = MW_YEAR) -> Iterator[dict[str, object]]:
    tree = settled.instance.tree
    for subject, node, value in _summed(prices):
        if node < 0:
            yield _row(_label(limit, subject, settled), limit.quantity, unit, "", value / tree.horizon_years)
        else:
            per_year = value * 12.0 / float(tree.months[node])
            yield _row(_label(limit, subject, settled), limit.quantity, unit, tree.name[node], per_year)


def _summed_rows(limit: Limit, prices: Prices, unit: str, settled: Settled) -> Iterator[dict[str, object]]:
    for subject, node, value in _summed(prices):
        name = settled.instance.tree.name[node] if node >= 0 else ""
        yield _row(_label(limit, subject, settled), limit.quantity, unit, name, value)


def _cash_rows(problem: Problem, duals: Duals, settled: Settled) -> Iterator[dict[str, object]]:
    """One more dollar of cash in a node (a lower minimum), and of capital over a path."""
    for quantity, family, axis, sign in (
        ("cash", "CASH.minimum", "node", -1.0),
        ("capex_budget", "CASH.budget", "leaf", 1.0),
    ):
        index, dual = _rows_of(problem.rows.get(family), duals)
        for node, value in zip(index.get(axis, _none()), sign * dual, strict=True):
            if abs(value) > WORTHLESS_USD:
                yield _row("company", quantity, "USD/USD", settled.instance.tree.name[int(node)], float(value))


def _summed(prices: Prices) -> Iterator[tuple[int, int, float]]:
    """(subject, node, value), the whole horizon (node -1) before its nodes; worthless ones left out."""
    if not np.any(prices.value_usd):
        return
    frame = pd.DataFrame({"subject": prices.subject, "node": prices.node, "value": prices.value_usd})
    both = pd.concat([frame.assign(node=-1), frame])
    totals = both.groupby(["subject", "node"], as_index=False, sort=True)["value"].sum()
    for subject, node, value in zip(totals["subject"], totals["node"], totals["value"], strict=True):
        if abs(value) > WORTHLESS_USD:
            yield int(subject), int(node), float(value)


def _label(limit: Limit, subject: int, settled: Settled) -> str:
    instance = settled.instance
    names: Mapping[Subject, tuple[str, ...]] = {
        "site": instance.sites.names,
        "hall": instance.bays.names,
        "feeder": instance.feeders.names,
        "plant": instance.plants.names,
    }
    return names[limit.subject][subject]


def _of_site(limit: Limit, site: int, settled: Settled) -> Ints:
    """Positions of what the limit is stated for at one site."""
    instance = settled.instance
    sites: Mapping[Subject, Ints] = {
        "site": np.arange(len(instance.sites.names)),
        "hall": instance.bays.site,
        "feeder": instance.feeders.site,
        "plant": instance.plants.site,
    }
    return np.flatnonzero(sites[limit.subject] == site)


def _row(subject: str, quantity: str, unit: str, node: str, value: float) -> dict[str, object]:
    return {
        "subject": subject,
        "quantity": quantity,
        "unit": unit,
        "node": node,
        "value_usd_per_unit": value,
        "basis": BASIS,
    }


def _rows_of(family: Family | None, duals: Duals) -> tuple[Mapping[str, Ints], Floats]:
    """Axes of a row family as arrays, and its prices; nothing where the model has no such rows."""
    if family is None:
        return {}, np.zeros(0)
    return {str(axis): family.index[axis].to_numpy() for axis in family.index.columns}, duals.row[family.slice]


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)
