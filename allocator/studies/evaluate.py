"""A plan's decisions on fresh paths of the processes behind its tree.

What is measured. N paths are drawn from the processes, apart from any tree. On each path the plan is followed node by
node: where its tree branches, the path goes to the child whose market is nearest (`following`). The decisions of that
node hold: halls, machines bought and sold, contracts and where they stand, hosts, the share of production kept and the
amounts of Bitcoin traded. As at a node of a tree, the market of a period is that of its start. Then the path's own
market says what that is worth:

- hours: the best of some schedules dispatched at markets around (`operation`); their loss against dispatching again is
  measured and reported;
- machines cost and bring what the path's hashprice or rental rate makes of their stated price;
- Bitcoin trades at the path's price; a path that mined less than its node sells no more than it holds;
- power passed through to tenants moves with the level of power; rents, capex, opex and fees are as planned;
- beyond the horizon mining is worth what the end of the path expects, with the load of the plan's leaf; contracts and
  hosts are as planned;
- instruments settle at the path's market, premiums are as planned;
- loans are drawn and paid back as planned; those secured by Bitcoin are tested at the path's price (`path_loans`);
- cash is rolled along the path with its interest.

A company `reacts` (the default) or `keeps`. If it reacts, its treasury posts free Bitcoin when a lender calls, puts off
what it need not pay back, and sells free Bitcoin where cash would fall below its minimum, all by one stated rule
(`path_reaction`); halls, machines, contracts and hosts stay as decided. If it keeps to its plan nothing is decided
anew, and a shortfall is what the plan runs into if nobody reacts. Either way the value of a path is a lower bound of
what the planner could reach by deciding again. Series that the scenario averages keep to their mean, relief of hosts is
that of the node, and limits on daily sales (for what was planned) are not checked again. Covenants are tested with what
a path earns, holds and owes beside its nodes (`path_covenants`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from allocator.instance.fresh_paths import FreshPaths, draw_paths
from allocator.instance.machine import resolve_all
from allocator.instance.risk import Expectation
from allocator.instance.tail_values import tail_values
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.solve import compiled, demand_best_hours, plan_in, scenario_in
from allocator.plan.carried import carried
from allocator.plan.plan import Plan
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.uncertainty import Sampled
from allocator.studies.following import follow
from allocator.studies.operation import loss, operate, path_figures
from allocator.studies.path_covenants import Breaches, Held, breaches, more_earned_usd
from allocator.studies.path_hedges import enter_hedges
from allocator.studies.path_loans import Calls, Owed, calls, owed
from allocator.studies.path_money import (
    Ledger,
    check_hours,
    enter_hours,
    enter_machines,
    enter_mining_beyond,
    enter_planned,
    planned,
    rolled,
)
from allocator.studies.path_reaction import Reaction, moves
from allocator.studies.path_treasury import Trades, trade, trades
from allocator.studies.sample_figures import mean_of_worst

DEFAULT_LEVEL = 0.9
CENT = 0.01
"""Cash missing less than this is rounding."""


@dataclass(frozen=True)
class Evaluation:
    """K fresh paths over P periods.

    Attributes:
        plan: the one evaluated. node_of: node of each path and period, (K, P). periods: their names, (P,).
        npv_usd, within_usd: value of each path, and the part of it within the horizon, (K,).
        cash_usd: at the end of each period, (K, P). minimum_usd: least cash asked for.
        calls: for margin on loans secured by Bitcoin; None without any. breaches: of covenants.
        company: how it behaves. sold_beyond_btc: sold beyond the plan to keep cash at its minimum, (K, P).
        level: the worst 1 - level of all paths count in a mean of the worst. tree_worst_usd: that mean on the plan's
            own tree.
        hours_loss_share: of the operating margin, what dispatching again would add; hours_looked_at: at so many nodes.
    """

    plan: Plan
    node_of: Ints
    periods: tuple[str, ...]
    npv_usd: Floats
    within_usd: Floats
    cash_usd: Floats
    minimum_usd: float
    calls: Calls | None
    breaches: Breaches
    company: Company
    sold_beyond_btc: Floats
    level: float
    tree_worst_usd: float
    hours_loss_share: float
    hours_looked_at: int

    @property
    def missing_usd(self) -> Floats:
        """Cash missing to the minimum at the end of each period, (K, P)."""
        missing = self.minimum_usd - self.cash_usd
        return np.where(missing > CENT, missing, 0.0)


@dataclass(frozen=True)
class Followed:
    """A plan of an instance on K paths, the node of each in every period, and what it mines there, (K, P)."""

    instance: Instance
    plan: Plan
    paths: FreshPaths
    node_of: Ints
    mined_btc: Floats


@dataclass(frozen=True)
class Treasured:
    """A treasury on K paths: calls for margin, Bitcoin sold beyond the plan, (K, P), and what it holds and owes at the
    end of every period."""

    calls: Calls | None
    sold_btc: Floats
    held: Held


def keeps(on: Followed, done: Trades, due: Owed | None, ledger: Ledger) -> Treasured:
    """A company that does what its plan says and nothing else: calls, and no Bitcoin sold beyond the plan."""
    holdings = trade(on.instance, done, on.paths, on.node_of, on.mined_btc, ledger)
    called = None if due is None else calls(on.instance, due, on.paths, on.node_of, holdings)
    none = np.zeros(on.node_of.shape)
    return Treasured(called, none, Held(holdings - done.pledged_btc[on.node_of], none))


def reacts(on: Followed, done: Trades, due: Owed | None, ledger: Ledger) -> Treasured:
    """A company whose treasury reacts by the rule of `path_reaction`: calls, and Bitcoin sold beyond the plan."""
    moved = moves(on.instance, on.plan.tables, due)
    reaction = Reaction(on.instance, done, moved, on.paths, on.node_of, ledger)
    reaction.run(on.mined_btc)
    held = Held(reaction.free_btc, reaction.more_owed_usd)
    return Treasured(None if due is None else reaction.calls, reaction.sold_btc, held)


Company = Literal["reacts", "keeps"]
COMPANIES: Mapping[Company, Callable[[Followed, Trades, Owed | None, Ledger], Treasured]] = {
    "reacts": reacts,
    "keeps": keeps,
}


def evaluate(
    folder: Path, count: int, seed: int, under: LoadedScenario | None = None, company: Company = "reacts"
) -> Evaluation:
    """Follow the plan in a folder along fresh paths of its own scenario's processes, or of another scenario's.

    Raises:
        BadInputError: no plan, no sampled processes, or another scenario on another horizon.
    """
    plan = plan_in(folder)
    demand_best_hours(plan.meta)
    loaded = scenario_in(folder, plan.meta)
    source = loaded if under is None else under
    sampled, instance = _sampled(source, loaded), compiled(loaded)
    try:
        paths = draw_paths(source, sampled, count, seed, instance.terminal.years)
    except ScenarioFaults as error:
        raise BadInputError("the scenario has faults", [str(fault) for fault in error.faults]) from error
    return evaluate_on(loaded, instance, plan, paths, seed, company)


def evaluate_on(
    loaded: LoadedScenario,
    instance: Instance,
    plan: Plan,
    paths: FreshPaths,
    seed: int,
    company: Company = "reacts",
) -> Evaluation:
    """Follow a plan of a scenario and its instance along some paths; `seed` draws outcomes of delays, and samples."""
    held, machines = carried(instance, plan.tables), resolve_all(loaded.scenario.equipment)
    node_of, figures = follow(instance, paths, seed), path_figures(paths)
    operation = operate(held, machines, node_of, figures)
    ledger = Ledger(np.zeros(node_of.shape), np.zeros(len(paths)), np.zeros(len(paths)))
    rest = planned(instance, plan.tables["cash_flow"])
    check_hours(operation, rest)
    enter_planned(instance, rest, paths, node_of, ledger)
    mined, more = enter_hours(instance, operation, paths, node_of, figures, ledger)
    enter_hedges(instance, plan.tables["hedges"], paths, node_of, ledger)
    enter_machines(held, paths.machine_prices(machines), node_of, ledger)
    due, none = owed(instance, plan.tables), np.zeros(node_of.shape)
    treasured = Treasured(None, none, Held(none, none))
    if instance.treasury is not None:
        done = trades(plan.tables["treasury"], due)
        on_paths = Followed(instance, plan, paths, node_of, mined)
        treasured = COMPANIES[company](on_paths, done, due, ledger)
    enter_mining_beyond(held, tail_values(loaded.scenario, instance, paths), paths, node_of, ledger)
    share, looked_at = loss(held, machines, operation, node_of, figures, seed)
    level = DEFAULT_LEVEL if isinstance(instance.risk, Expectation) else instance.risk.level
    own, cash = plan.tables["paths"], rolled(instance, node_of, ledger.cash_usd)
    more = more_earned_usd(instance, more, rest.passed_usd, paths, node_of)
    return Evaluation(
        plan=plan,
        node_of=node_of,
        periods=paths.straight.name,
        npv_usd=ledger.npv_usd,
        within_usd=ledger.within_usd,
        cash_usd=cash,
        minimum_usd=instance.finance.minimum_cash_usd,
        calls=treasured.calls,
        breaches=breaches(instance, plan, paths, node_of, more, cash, treasured.held),
        company=company,
        sold_beyond_btc=treasured.sold_btc,
        level=level,
        tree_worst_usd=mean_of_worst(own["npv_usd"].to_numpy(), own["probability"].to_numpy(), level),
        hours_loss_share=share,
        hours_looked_at=looked_at,
    )


def _sampled(source: LoadedScenario, own: LoadedScenario) -> Sampled:
    """The processes of a scenario; it stands on the horizon, and names the sites, of the plan's own."""
    stated = source.scenario.uncertainty
    if not isinstance(stated, Sampled):
        raise BadInputError(
            f"{source.scenario.name}: no processes to draw paths from",
            ["fresh paths need uncertainty.kind: sampled; name a scenario that states it with --under"],
        )
    for name, figure in (
        ("horizon", lambda scenario: (scenario.horizon.start, scenario.horizon.node_months)),
        ("sites", lambda scenario: tuple(site.name for site in scenario.sites)),
        ("hosting", lambda scenario: tuple(host.name for host in scenario.hosting)),
        ("gpu_rental", lambda scenario: tuple(scenario.gpu_rental)),
        ("bitcoin.kind", lambda scenario: scenario.bitcoin.kind),
    ):
        if figure(source.scenario) != figure(own.scenario):
            raise BadInputError(f"{source.scenario.name}: its {name} is not that of the plan's scenario")
    return stated
