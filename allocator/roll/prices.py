"""What a scenario says that prices are in a month, and how far a future that has come is off that."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.market import compile_market
from allocator.instance.months import month_grid
from allocator.instance.sampled import expected_bitcoin
from allocator.instance.series_book import read_book
from allocator.instance.tree import Bools, Floats
from allocator.instance.tree_build import chain
from allocator.roll.at_node import AtNode
from allocator.roll.came import figures, figures_of
from allocator.roll.edits import Edit
from allocator.roll.words import plain
from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.load import LoadedScenario
from allocator.scenario.loans import ConvertibleNotes
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Sampled
from allocator.scenario.values import ByMonth, FromSeries, Growing, Value
from allocator.scenario.yaml_reader import Path

CERTAIN = 1.0 - 1e-9
SAME = 1e-9


def prices_in(loaded: LoadedScenario, month: Month) -> dict[str, float]:
    """Figures of the period that holds a month, or the last one; of Bitcoin today's price where the treasury has one.

    Raises:
        ScenarioFaults: series that cannot be read.
    """
    found, treasury = _stated(loaded, month), loaded.scenario.treasury
    today = None if treasury is None else treasury.btc_price_usd
    return {**found, "btc_price": today} if today is not None and "btc_price" in found else found


def _stated(loaded: LoadedScenario, month: Month) -> dict[str, float]:
    scenario, horizon = loaded.scenario, loaded.scenario.horizon
    grid = month_grid(str(horizon.start), horizon.months, horizon.time_zone)
    uncertain = scenario.uncertainty
    bitcoin = expected_bitcoin(scenario, uncertain) if isinstance(uncertain, Sampled) else scenario.bitcoin
    straight = chain(grid, horizon.node_months, 1)
    market = compile_market(bitcoin, scenario.gpu_rental, read_book(loaded, grid).monthly, grid, straight)
    period = int(np.searchsorted(straight.first_month, month.since(horizon.start), side="right")) - 1
    return figures_of(market, [max(0, period)], [1.0])


def come_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """What the future that has come makes of figures that the file states of all of them."""
    yield from _drawn(at, scenario)
    yield from _shares(at, scenario)


def _shares(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """The price of a share is its mean over all futures: from now on over those that may still come."""
    debt, inside = at.instance.debt, at.instance.tree.within(np.array(at.nodes))
    if debt is None or debt.notes is None or at.instance.tree.probability[inside].max() >= CERTAIN:
        return
    for position, loan in enumerate(scenario.loans):
        if isinstance(loan, ConvertibleNotes) and loan.name in debt.loans.names:
            share = debt.notes.share_usd[debt.loans.names.index(loan.name)]
            path, value = ("loans", position, "share_price_usd"), {"by_month": _by_month(at, share, inside)}
            yield Edit(path, value, "its mean over the futures that may still come")


def _by_month(at: AtNode, values: Floats, inside: Bools) -> list[float | int]:
    """Mean over some nodes in each month of those, weighted by probability."""
    tree, found = at.instance.tree, list[float | int]()
    for first in np.unique(tree.first_month[inside]):
        own = inside & (tree.first_month == first)
        mean = plain(float(np.average(values[own], weights=tree.probability[own])))
        found += [mean] * int(tree.months[own][0])
    return found


def _drawn(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Paths of prices as far off as the future that has come: a sampled tree is drawn anew around them. Nothing is off
    before the first branching. Paths that are series stay as they are."""
    if not isinstance(scenario.uncertainty, Sampled) or at.parent < 0:
        return
    ago, off = at.month.since(scenario.horizon.start), _off(at)
    for name, (path, value) in _paths(scenario).items():
        times = off[name] * (_grown(scenario, scenario.uncertainty, ago) if name == "btc_price" else 1.0)
        if abs(times - 1.0) > SAME and not isinstance(value, FromSeries):
            yield Edit(*_scaled(path, value, times, ago), f"{times:.4g} times, as the future that has come has it")


def _off(at: AtNode) -> dict[str, float]:
    """Expected figures in the node over those that are stated."""
    stated = _stated(at.loaded, at.month)
    if at.instance.tree.probability[at.parent] >= CERTAIN:
        return dict.fromkeys(stated, 1.0)
    came = figures(at.instance, at.nodes)
    return {name: came[name] / usd if usd > 0 else 1.0 for name, usd in stated.items()}


def _paths(scenario: Scenario) -> dict[str, tuple[Path, Value]]:
    bitcoin = scenario.bitcoin
    found: dict[str, tuple[Path, Value]] = {
        f"gpu_rental.{name}": (("gpu_rental", name, "usd_per_gpu_hour"), market.usd_per_gpu_hour)
        for name, market in scenario.gpu_rental.items()
    }
    if isinstance(bitcoin, Hashprice):
        return {"hashprice": (("bitcoin", "usd_per_ph_day"), bitcoin.usd_per_ph_day), **found}
    price, work = ("bitcoin", "btc_price_usd"), ("bitcoin", "difficulty")
    return {"btc_price": (price, bitcoin.btc_price_usd), "difficulty": (work, bitcoin.difficulty), **found}


def _grown(scenario: Scenario, stated: Sampled, ago: int) -> float:
    """What a view makes of the price of Bitcoin in some months, where the file states today's."""
    view = stated.btc_price
    if view is None or view.expected == "stated":
        return 1.0
    per_year = (scenario.discount.btc_per_year or 0.0) if view.expected == "no_view" else view.expected.growth_per_year
    return float((1.0 + per_year) ** (ago / 12.0))


def _scaled(path: Path, value: Value, times: float, ago: int) -> tuple[Path, object]:
    """Place and value of a path from some months on, times a factor."""
    match value:
        case ByMonth():
            return (*path, "by_month"), [plain(one * times) for one in value.by_month[ago:]]
        case Growing():
            return (*path, "start"), plain(value.start * (1.0 + value.growth_per_year) ** (ago / 12.0) * times)
        case _:
            assert isinstance(value, float)
            return path, plain(value * times)
