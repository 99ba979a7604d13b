"""Uncertainty: branchings lie on the grid of nodes, processes fit the scenario and each other, chances sum to one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.checks.context import Context
from allocator.scenario.correlation import correlation_matrix, is_possible, nearest_possible, smallest_eigenvalue
from allocator.scenario.faults import Fault
from allocator.scenario.horizon import Horizon
from allocator.scenario.places import Quoted
from allocator.scenario.processes import Historical
from allocator.scenario.uncertainty import Given, Sampled
from allocator.scenario.value_paths import look_up, split_path
from allocator.scenario.values import ByMonth, FromSeries, Growing
from allocator.scenario.yaml_reader import Path

HERE = "uncertainty"
SUM_TOLERANCE = 1e-9
SAME = 1e-9


def branching(context: Context) -> Iterator[Fault]:
    """The tree branches at starts of nodes, in order, on something, and its periods fit `max_nodes`."""
    stated, horizon = context.draft.uncertainty, context.draft.horizon
    if not isinstance(stated, Sampled):
        return
    if horizon is not None:
        for position, at in enumerate(stated.branching):
            yield from on_grid(context, horizon, (HERE, "branching", position, "month"), at.month)
        periods = len(horizon.node_months)
        if periods > stated.max_nodes:
            found = Quoted(f"{stated.max_nodes} for a horizon of {periods} nodes, one after the other")
            yield context.places.fault((HERE, "max_nodes"), found, "room for every period", "raise max_nodes")
    months = [at.month for at in stated.branching]
    for position in range(1, len(months)):
        if months[position] <= months[position - 1]:
            path, fix = (HERE, "branching", position, "month"), "put the branchings in order, each month once"
            expected = f"a month after {months[position - 1]}"
            yield context.places.fault(path, months[position], expected, fix)
    if not _is_branched(stated):
        fix = "set treatment: branched on a process, or remove the section"
        yield context.places.fault((HERE,), Quoted("no process that is branched"), "at least one", fix)


def _is_branched(stated: Sampled) -> bool:
    delay = stated.delivery_delay
    return any(process.treatment == "branched" for process in stated.processes().values()) or (
        delay is not None and delay.treatment == "branched"
    )


def known_months(context: Context) -> Iterator[Fault]:
    """What becomes known becomes so at the start of a node; a single scenario is known."""
    stated, horizon = context.draft.uncertainty, context.draft.horizon
    if horizon is None or stated is None:
        return
    if isinstance(stated, Given):
        several = len(stated.scenarios) > 1
        yield from on_grid(context, horizon, (HERE, "known_month"), stated.known_month) if several else ()
    elif stated.delivery_delay is not None and stated.delivery_delay.known_month is not None:
        path = (HERE, "delivery_delay", "known_month")
        yield from on_grid(context, horizon, path, stated.delivery_delay.known_month)


def on_grid(context: Context, horizon: Horizon, path: Path, month: int) -> Iterator[Fault]:
    """A month is the start of a node after the first."""
    starts = [0, *accumulate(horizon.node_months)][1:-1]
    if month not in starts:
        below, above = [s for s in starts if s < month], [s for s in starts if s > month]
        near = [*below[-1:], *above[:1]]
        expected = "the start of a node after the first, in months from the start of the horizon"
        fix = f"use {' or '.join(map(str, near))}" if near else "let the horizon have more than one node"
        yield context.places.fault(path, month, expected, fix)


def kinds(context: Context) -> Iterator[Fault]:
    """Processes and paths are those of the scenario's own source of mining revenue."""
    stated, bitcoin = context.draft.uncertainty, context.draft.bitcoin
    if stated is None or bitcoin is None:
        return
    alone = isinstance(bitcoin, Hashprice)
    of_network, of_hashprice = ("btc_price", "difficulty", "fee_share"), ("hashprice",)
    if isinstance(stated, Given):
        of_network, of_hashprice = ("btc_price_usd", "difficulty", "fee_share"), ("hashprice_usd_per_ph_day",)
    for path, part in _parts(stated):
        for name in of_network if alone else of_hashprice:
            if getattr(part, name, None) is not None:
                found, fix = Quoted(f"{name} beside bitcoin.kind {bitcoin.kind}"), f"remove {name}, or change the kind"
                needed = "bitcoin.kind network" if alone else "bitcoin.kind hashprice"
                yield context.places.fault((*path, name), found, needed, fix)
    if isinstance(stated, Sampled):
        yield from _price(context, stated)


def _parts(stated: Sampled | Given) -> Iterator[tuple[Path, object]]:
    if isinstance(stated, Sampled):
        yield (HERE,), stated
    else:
        for position, scenario in enumerate(stated.scenarios):
            yield (HERE, "scenarios", position), scenario


def _price(context: Context, stated: Sampled) -> Iterator[Fault]:
    """An uncertain price needs an answer of the network; without a view, it begins at a plain number."""
    if stated.btc_price is None:
        return
    if stated.difficulty is None:
        fix = "add difficulty; elasticity: 0 leaves it on its stated path"
        yield context.places.fault((HERE,), Quoted("btc_price without difficulty"), "how the network answers", fix)
    price = getattr(context.draft.bitcoin, "btc_price_usd", None)
    if stated.btc_price.expected != "stated" and isinstance(price, ByMonth | Growing | FromSeries):
        found = Quoted("a path, where the expected price follows uncertainty.btc_price.expected")
        fix = "state today's price, or write expected: stated"
        yield context.places.fault(("bitcoin", "btc_price_usd"), found, "a plain number, today's price", fix)


def names(context: Context) -> Iterator[Fault]:
    """Markets, sites, contracts and pairs name what the file has."""
    stated, draft = context.draft.uncertainty, context.draft
    sites = [name for _, name in draft.named("sites")]
    for path, part in () if stated is None else _parts(stated):
        for market in getattr(part, "gpu_rental", {}):
            known = draft.keys("gpu_rental")
            yield from context.unknown((*path, "gpu_rental", market), market, known, "a name in gpu_rental")
        for site in getattr(part, "spot_factor", {}):
            yield from context.unknown((*path, "spot_factor", site), site, sites, "the name of a site")
    if isinstance(stated, Given):
        named = [((HERE, "scenarios", k, "name"), one.name) for k, one in enumerate(stated.scenarios)]
        yield from context.repeated(named, "scenario name")
    elif stated is not None:
        yield from _power_sites(context, stated, sites)
        contracts = [name for _, name in draft.named("contracts")]
        chosen = stated.delivery_delay.contracts if stated.delivery_delay else None
        for k, name in enumerate(chosen or ()):
            path = (HERE, "delivery_delay", "contracts", k)
            yield from context.unknown(path, name, contracts, "the name of a contract")


def _power_sites(context: Context, stated: Sampled, sites: Sequence[str]) -> Iterator[Fault]:
    listed: list[tuple[Path, str]] = []
    for name, scale in stated.power.items():
        for position, site in enumerate(scale.sites):
            path = (HERE, "power", name, "sites", position)
            listed.append((path, site))
            yield from context.unknown(path, site, sites, "the name of a site")
    yield from context.repeated(listed, "site, over all power levels,")


def correlations(context: Context) -> Iterator[Fault]:
    """Pairs name two processes with shocks of their own, once each, and all pairs together are possible."""
    stated = context.draft.uncertainty
    if not isinstance(stated, Sampled):
        return
    processes, known = stated.processes(), True
    for position, pair in enumerate(stated.correlations):
        path = (HERE, "correlations", position, "between")
        faults = [fault for name in pair.between for fault in context.unknown(path, name, processes, "a process")]
        known = known and not faults
        yield from faults
        for name in pair.between:
            if isinstance(processes.get(name), Historical):
                found = Quoted(f"{name!r}, drawn from history")
                yield context.places.fault(path, found, "processes with shocks of their own", "remove the pair")
        if pair.between[0] == pair.between[1]:
            yield context.places.fault(path, Quoted(f"{pair.between[0]!r} twice"), "two processes", "correct one")
    ordered = [tuple(sorted(pair.between)) for pair in stated.correlations]
    for one, count in Counter(ordered).items():
        if count > 1:
            found = Quoted(f"{one[0]} and {one[1]} {count} times")
            yield context.places.fault((HERE, "correlations"), found, "each pair once", "keep one of them")
    if known:
        yield from _impossible(context, stated, list(processes))


def _impossible(context: Context, stated: Sampled, processes: Sequence[str]) -> Iterator[Fault]:
    pairs = {pair.between: pair.value for pair in stated.correlations if pair.between[0] != pair.between[1]}
    matrix = correlation_matrix(processes, pairs)
    if is_possible(matrix):
        return
    made, position = nearest_possible(matrix), {name: k for k, name in enumerate(processes)}
    near = [f"{one}, {other}: {made[position[one], position[other]]:.2f}" for one, other in pairs]
    found = Quoted(f"correlations that contradict each other (smallest eigenvalue {smallest_eigenvalue(matrix):.3g})")
    expected = "a matrix without negative eigenvalues"
    fix = f"nearest that is possible: {'; '.join(near)}"
    yield context.places.fault((HERE, "correlations"), found, expected, fix)


def histories(context: Context) -> Iterator[Fault]:
    """Series drawn from history share their blocks, so all of them have one length of block."""
    stated = context.draft.uncertainty
    if not isinstance(stated, Sampled):
        return
    drawn = {name: p.block_months for name, p in stated.processes().items() if isinstance(p, Historical)}
    if len(set(drawn.values())) > 1:
        found = Quoted(", ".join(f"{name}: {months}" for name, months in drawn.items()))
        yield context.places.fault((HERE,), found, "one block_months for all series drawn from history", "choose one")


def probabilities(context: Context) -> Iterator[Fault]:
    """Chances sum to one."""
    stated = context.draft.uncertainty
    if isinstance(stated, Given):
        chances: Iterable[float] = (scenario.probability for scenario in stated.scenarios)
        yield from _sum(context, (HERE, "scenarios"), chances)
    elif stated is not None and stated.delivery_delay is not None:
        chances = (outcome.probability for outcome in stated.delivery_delay.outcomes)
        yield from _sum(context, (HERE, "delivery_delay", "outcomes"), chances)


def _sum(context: Context, path: Path, chances: Iterable[float]) -> Iterator[Fault]:
    total = math.fsum(chances)
    if abs(total - 1.0) > SUM_TOLERANCE:
        found = Quoted(f"probabilities that sum to {total:.10g}")
        yield context.places.fault(path, found, "a sum of 1", "correct one of them")


def delays(context: Context) -> Iterator[Fault]:
    """A delay says when it becomes known if, and only if, the tree branches on it; its outcomes differ."""
    stated = context.draft.uncertainty
    delay = stated.delivery_delay if isinstance(stated, Sampled) else None
    if delay is None:
        return
    if (delay.known_month is not None) != (delay.treatment == "branched"):
        found = Quoted(
            f"treatment {delay.treatment} {'with' if delay.known_month is not None else 'without'} known_month"
        )
        expected, fix = "known_month with branched, and only then", "add or remove known_month"
        yield context.places.fault((HERE, "delivery_delay"), found, expected, fix)
    counted: Mapping[int, int] = Counter(outcome.months for outcome in delay.outcomes)
    for months, count in counted.items():
        if count > 1:
            found, path = Quoted(f"{months} months {count} times"), (HERE, "delivery_delay", "outcomes")
            yield context.places.fault(path, found, "each delay once", "add the probabilities up")


def statements(context: Context) -> Iterator[Fault]:
    """A statement is about a number of the section; one that is used says that number, and no second one is used."""
    stated = context.draft.uncertainty
    if not isinstance(stated, Sampled):
        return
    section = context.draft.document.get(HERE)
    used: list[tuple[Path, str]] = []
    for position, one in enumerate(stated.statements):
        path = (HERE, "statements", position)
        found = look_up(section, split_path(one.figure))
        if len(found) != 1 or isinstance(found[0], bool) or not isinstance(found[0], int | float):
            fix = "write its place below uncertainty, for example btc_price.changes.volatility_per_year"
            yield context.places.fault((*path, "figure"), one.figure, "the place of a number of this section", fix)
        elif one.used and not math.isclose(found[0], one.value, rel_tol=SAME):
            fix = "state the value that is used, or write used: false"
            yield context.places.fault((*path, "value"), one.value, f"{found[0]:g}, as {one.figure} says", fix)
        if one.used:
            used.append(((*path, "used"), one.figure))
    yield from context.repeated(used, "figure used")
