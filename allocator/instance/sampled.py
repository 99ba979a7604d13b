"""A tree sampled from the processes of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from allocator.instance.futures import Futures, Outlook
from allocator.instance.market import compile_market
from allocator.instance.market_nodes import mixed, moved
from allocator.instance.market_state import MarketState
from allocator.instance.months import MonthGrid, Monthly
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.instance.tree_build import branch_names, tree_on
from allocator.scenario import processes as stated
from allocator.scenario.bitcoin import Hashprice, Network
from allocator.scenario.correlation import correlation_matrix
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.processes import BtcPrice
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Sampled
from allocator.scenario.values import Growing
from allocator.uncertainty import processes as laws
from allocator.uncertainty.generate import StagePlan, StateTree, generate
from allocator.uncertainty.model import LogLinearModel, make_model
from allocator.uncertainty.outlook import expected_factors
from allocator.uncertainty.quality import Fit, measure_fit
from allocator.uncertainty.split import split


def sampled_tree(
    scenario: Scenario, sampled: Sampled, grid: MonthGrid, straight: NodeTree, monthly: Monthly
) -> Futures:
    """Draw the tree and let the markets of its nodes follow it.

    Raises:
        ScenarioFaults: a view on Bitcoin so strong that some node could only gain by holding it.
    """
    model, plan = model_of(sampled), plan_of(sampled, straight.first_month)
    drawn, outcome = _with_delays(generate(model, plan), sampled, plan)
    path = stated_path(scenario, sampled, grid, straight, monthly)
    before = mixed([path], np.ones((1, len(drawn))), drawn.period)
    factor = dict(zip(drawn.names, drawn.factor.T, strict=True))
    market = moved(before, factor, fees_of(scenario))
    names = branch_names(straight, drawn.period, drawn.parent)
    tree = tree_on(straight, drawn.period, drawn.parent, drawn.probability, names)
    if market.btc_price_usd is not None and scenario.discount.btc_per_year is not None:
        _check_no_sure_gain(market.btc_price_usd, tree, scenario.discount.btc_per_year)
    return Futures(
        tree=tree,
        period=drawn.period,
        market=market,
        stated=before,
        spot_factor=np.stack([factor.get(level_of(sampled, site.name), np.ones(len(tree))) for site in scenario.sites]),
        delay_months=_delay_months(sampled, outcome),
        beyond=_outlook(model, plan, drawn, scenario, sampled),
        remarks=tuple(_remarks(scenario, sampled, tree)),
    )


def stated_path(
    scenario: Scenario, sampled: Sampled, grid: MonthGrid, straight: NodeTree, monthly: Monthly
) -> MarketState:
    """The market by period that the processes move around: as stated, but for the view on the price of Bitcoin."""
    return compile_market(expected_bitcoin(scenario, sampled), scenario.gpu_rental, monthly, grid, straight)


def fees_of(scenario: Scenario) -> float:
    """Fees of a block over its subsidy on the stated path; 0 where a hashprice alone is stated."""
    return 0.0 if isinstance(scenario.bitcoin, Hashprice) else scenario.bitcoin.fee_share_of_subsidy


def fit_of(scenario: Scenario, sampled: Sampled) -> Fit:
    """How far the market of the sampled tree is from its processes; delays are apart from it."""
    horizon = scenario.horizon
    first = np.concatenate([[0], np.cumsum(horizon.node_months)[:-1]])
    model, plan = model_of(sampled), plan_of(sampled, first)
    return measure_fit(model, plan, generate(model, plan), sampled.seed)


def model_of(sampled: Sampled) -> LogLinearModel:
    """The processes of a scenario as one model."""
    named = sampled.processes()
    pairs = {pair.between: pair.value for pair in sampled.correlations}
    averaged = [name for name, process in named.items() if process.treatment == "averaged"]
    law = {name: _law(process) for name, process in named.items()}
    return make_model(law, correlation_matrix(list(named), pairs), averaged)


def _law(process: stated.ChangeLaw | stated.Difficulty | stated.Reverting) -> laws.Process:
    match process:
        case stated.JumpDiffusion():
            jumps = process.jumps
            sudden = None if jumps is None else laws.Jumps(jumps.jumps_per_year, jumps.mean_log, jumps.volatility_log)
            return laws.JumpDiffusion(process.volatility_per_year, sudden)
        case stated.Historical():
            return laws.Historical(np.array(process.monthly_log_changes), process.block_months)
        case stated.Difficulty():
            return laws.PriceResponse(process.elasticity, process.half_life_months, process.volatility_per_year)
        case _:
            return laws.Reverting(process.half_life_months, process.volatility_per_year)


def plan_of(sampled: Sampled, first_month: Ints) -> StagePlan:
    """Where the tree branches, by period; first_month: of each, (P,)."""
    children = {at.month: at.children for at in sampled.branching}
    first = tuple(first_month.tolist())
    delay = sampled.delivery_delay
    known = None if delay is None else delay.known_month
    copies = 1 if delay is None else len(delay.outcomes)
    return StagePlan(
        first_month=first,
        children=tuple(children.get(month, 1) for month in first),
        max_nodes=sampled.max_nodes,
        seed=sampled.seed,
        copies=None if known is None else tuple(copies if month >= known else 1 for month in first),
    )


def _with_delays(tree: StateTree, sampled: Sampled, plan: StagePlan) -> tuple[StateTree, Ints]:
    """Nodes split by the outcomes of a branched delay, and the outcome of each, -1 before one is known."""
    delay = sampled.delivery_delay
    if delay is None or delay.known_month is None:
        return tree, np.full(len(tree), -1, dtype=np.int64)
    period = plan.first_month.index(delay.known_month)
    return split(tree, period, [one.probability for one in delay.outcomes])


def _delay_months(sampled: Sampled, outcome: Ints) -> Ints:
    delay = sampled.delivery_delay
    months = np.array([0] if delay is None else [one.months for one in delay.outcomes], dtype=np.int64)
    return np.where(outcome < 0, 0, months[outcome])


def expected_bitcoin(scenario: Scenario, sampled: Sampled) -> Hashprice | Network:
    """The source of mining revenue with the expected price that the view asks for."""
    bitcoin, view = scenario.bitcoin, sampled.btc_price
    if view is None or view.expected == "stated" or isinstance(bitcoin, Hashprice):
        return bitcoin
    growth = (scenario.discount.btc_per_year or 0.0) if view.expected == "no_view" else view.expected.growth_per_year
    start = bitcoin.btc_price_usd
    if not isinstance(start, float):
        raise TypeError(
            "a price that is no plain number beside a view of its growth, which loading a scenario excludes"
        )
    return bitcoin.model_copy(update={"btc_price_usd": Growing(start=start, growth_per_year=growth)})


def level_of(sampled: Sampled, site: str) -> str:
    """Name of the series that the spot of a site follows; of none that exists where it follows none."""
    return next((f"power.{name}" for name, scale in sampled.power.items() if site in scale.sites), "")


def _check_no_sure_gain(price: Floats, tree: NodeTree, per_year: float) -> None:
    """Where the tree branches, the lowest child pays less and the highest more than holding costs."""
    for node in range(len(tree)):
        children = np.flatnonzero(tree.parent == node)
        forward = price[node] * (1.0 + per_year) ** (tree.mid_years[children[:1]] - tree.mid_years[node])
        alike = np.ptp(price[children]) <= 1e-9 * price[node] if len(children) else True
        if alike or price[children].min() < forward < price[children].max():
            continue
        off = [f"{100 * (end / forward[0] - 1.0):+.1f} %" for end in (price[children].min(), price[children].max())]
        found = f"a sure gain: after {tree.name[node]} every price of Bitcoin lies {off[0]} to {off[1]} off its rate"
        fix = "expect less, state more volatility, or write expected: no_view"
        raise ScenarioFaults([Fault("uncertainty.btc_price.expected", found, "children on both sides of it", fix)])


def _outlook(model: LogLinearModel, plan: StagePlan, drawn: StateTree, scenario: Scenario, sampled: Sampled) -> Outlook:
    leaves = np.setdiff1d(np.arange(len(drawn)), drawn.parent)

    def beyond(months: Sequence[int]) -> Mapping[str, Floats]:
        expected = np.ones((len(drawn), len(months), len(drawn.names)))
        expected[leaves] = expected_factors(model, drawn, plan.first_month, leaves, months)
        known = {name: expected[:, :, d] for d, name in enumerate(drawn.names)}
        level = {f"power.{site.name}": level_of(sampled, site.name) for site in scenario.sites}
        wanted = {"hashprice": "hashprice", **level}
        return {name: known[series] for name, series in wanted.items() if series in known}

    return beyond


def _remarks(scenario: Scenario, sampled: Sampled, tree: NodeTree) -> Sequence[str]:
    months = ", ".join(tree.calendar_month(at.month) for at in sampled.branching)
    averaged = [name for name, process in sampled.processes().items() if process.treatment == "averaged"]
    delay = sampled.delivery_delay
    if delay is not None and delay.treatment == "averaged":
        averaged.append("delivery_delay")
    remarks = [
        f"a tree of {len(tree)} nodes and {len(tree.leaves)} leaves, seed {sampled.seed}; it branches at {months}, and "
        "between branchings every series follows its conditional mean"
    ]
    if averaged:
        remarks.append(f"averaged, so outside of risk, cash and loans: {', '.join(averaged)}")
    return [*remarks, *_said(sampled), *_view(scenario, sampled.btc_price)]


def _said(sampled: Sampled) -> Iterator[str]:
    """Figures on which several have spoken: which statement is used, and what the others say."""
    for figure in dict.fromkeys(one.figure for one in sampled.statements):
        about = [one for one in sampled.statements if one.figure == figure]
        used = [one for one in about if one.used]
        others = [f"{one.value:g} by {one.basis} ({one.author}, {one.date})" for one in about if not one.used]
        if used and others:
            told = f"{used[0].value:g} by {used[0].basis} ({used[0].author}, {used[0].date})"
            yield f"{figure}: {told}; not used: {', '.join(others)}"


def _view(scenario: Scenario, price: BtcPrice | None) -> Sequence[str]:
    """A view on Bitcoin, with the growth at which it breaks even; none where Bitcoin is worth the same at any time."""
    rate = scenario.discount.btc_per_year
    if price is None or price.expected == "no_view" or rate is None:
        return []
    told = "as bitcoin.btc_price_usd states"
    if price.expected != "stated":
        told = f"{100 * price.expected.growth_per_year:+.3g} % a year"
    return [
        f"a view on Bitcoin: its expected price moves {told}; holding it breaks even at "
        f"{100 * rate:+.3g} % a year, the rate at which it is discounted"
    ]
