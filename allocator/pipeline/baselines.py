"""Plans of simple rules, beside which the best plan is set: an instance with some of its decisions held.

- as_is: no hall is converted, no machine bought, sold or moved, no contract signed, no notice given. Machines of an
  agreement that ends go into store. Bitcoin, loans and hours are still managed as well as they can be.
- all_mining: no contract is signed, no hall becomes one for GPUs, no GPU is bought; all else is decided.
- all_ai: as many contracted MW-months as halls, power, cooling and capital hold, whatever they earn; no ASIC is bought
  and no hall becomes one for them. Which contracts is settled before the hours are known, with the most that these
  could earn.
- greedy: contracts are taken one by one, first the one that earns most per MWh at the meter at spot, each as early and
  long as what stands already lets it, unless mining earns more per MWh today; what a conversion costs is not asked, and
  no machine is bought.
- fixed_strike, indexed_strike: the decisions of as_is, and hours run by one price of power (`strike.py`), the latter's
  moving as what mining earns.

Each is a restriction: its plan keeps every rule, and is worth no more than the best one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from allocator.instance.decided import Decided
from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance
from allocator.pipeline.errors import InfeasibleError
from allocator.planning.build import build_master
from allocator.planning.capacity_map import columns_of
from allocator.planning.decided import AXES
from allocator.scenario.fit_outs import GPU_KINDS, MINING_KINDS
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.registry import solve

Restrict = Callable[[Instance], Instance]
"""The instance with some of its decisions held."""

FIXED_STRIKE, INDEXED_STRIKE = STRIKES = ("fixed_strike", "indexed_strike")
"""Their decisions are those of as_is; the rule is one for the hours."""

CHOICE_SECONDS = 120.0
"""For choosing contracts by a rule; the best choice found by then counts."""
CHOICE_GAP = 1e-4
SIGNED = 0.5


def unrestricted(instance: Instance) -> Instance:
    """Everything is decided."""
    return instance


def as_is(instance: Instance) -> Instance:
    """See the module."""
    families = ("convert", "buy_blocks", "sell_blocks", "terminate", "sign")
    nothing = {name: _none(instance, name) for name in families}
    return _held(instance, {**nothing, "installed_blocks": _opening(instance)})


def all_mining(instance: Instance) -> Instance:
    """See the module."""
    return _held(instance, {**_without(instance, GPU_KINDS, instance.models.gpus > 0), "sign": _none(instance, "sign")})


def all_ai(instance: Instance) -> Instance:
    """See the module."""
    held = _without(instance, MINING_KINDS, instance.models.hash_th_per_s > 0)
    around = _held(instance, held)
    mw_months = _mw_months(instance)
    return _held(instance, {**held, "sign": _most(around, mw_months)})


def greedy(instance: Instance) -> Instance:
    """See the module."""
    held = {"buy_blocks": _none(instance, "buy_blocks")}
    sign = _open(instance, "sign")
    earned, mining = _contract_usd_per_mwh(instance), _mining_usd_per_mwh(instance)
    mw_months = _mw_months(instance)
    for contract in np.argsort(-earned, kind="stable").tolist():
        if earned[contract] <= mining:
            sign[contract] = 0.0
            continue
        wanted = np.where(np.arange(len(earned))[:, None] == contract, mw_months, 0.0)
        sign[contract] = _most(_held(instance, {**held, "sign": sign}), wanted)[contract]
    return _held(instance, {**held, "sign": sign})


BASELINES: Mapping[str, Restrict] = MappingProxyType(
    {"as_is": as_is, "all_mining": all_mining, "all_ai": all_ai, "greedy": greedy, **dict.fromkeys(STRIKES, as_is)}
)
"""By name."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "as_is": "no conversion, no contract, no machine bought, sold or moved, no notice",
        "all_mining": "no contract, no hall for GPUs and no GPUs bought",
        "all_ai": "as much contracted load as fits, whatever it earns; nothing new for mining",
        "greedy": "contracts by USD per MWh at spot, the highest first, as they fit; no machine bought",
        FIXED_STRIKE: "decisions of as_is; all machines run below one price of power and none above it",
        INDEXED_STRIKE: "decisions of as_is; all machines run below one price of power, which follows hashprice",
    }
)
"""What each does, in words."""


def remark(name: str) -> str:
    """What the plan of a baseline says of itself."""
    bound = "as_is" if name in STRIKES else "plans restricted so"
    return f"restricted plan, baseline {name}: {WORDS[name]}; the bound is that of {bound}"


def baseline(name: str) -> Restrict:
    """The restriction of that name, which tells of itself in the plan's remarks."""

    def restrict(instance: Instance) -> Instance:
        held = BASELINES[name](instance)
        return replace(held, remarks=(remark(name), *held.remarks))

    return restrict


def _shape(instance: Instance, family: str) -> tuple[int, ...]:
    size = {
        "bay": len(instance.bays.names),
        "model": len(instance.models.names),
        "placement": len(instance.placements.bay),
        "agreement": len(instance.hosting.names),
        "contract": len(instance.offers.names),
        "node": len(instance.tree),
    }
    return tuple(size[axis] for axis in AXES[family])


def _open(instance: Instance, family: str) -> Floats:
    return np.full(_shape(instance, family), np.nan)


def _none(instance: Instance, family: str) -> Floats:
    return np.zeros(_shape(instance, family))


def _held(instance: Instance, values: Mapping[str, Floats]) -> Instance:
    nodes = np.arange(len(instance.tree))
    return replace(instance, decided=Decided(nodes, AXES, dict(values)))


def _opening(instance: Instance) -> Floats:
    """Blocks that stand where they stood, in the company's own halls; left open at hosts, whose terms end."""
    placements = instance.placements
    block = instance.models.block_units[placements.model].astype(float)
    standing = np.repeat((placements.opening_units / block)[:, None], len(instance.tree), axis=1)
    standing[np.isin(placements.bay, instance.hosting.bay)] = np.nan
    return standing


def _without(instance: Instance, kinds: tuple[str, ...], models: Bools) -> dict[str, Floats]:
    """No conversion to fit-outs of some kinds, and none of some models bought."""
    convert, buy = _open(instance, "convert"), _open(instance, "buy_blocks")
    convert[np.isin(instance.bays.kind, kinds)] = 0.0
    buy[models] = 0.0
    return {"convert": convert, "buy_blocks": buy}


def _mw_months(instance: Instance) -> Floats:
    """Expected contracted MW-months within the horizon of each contract by signing node, (C, N)."""
    service, tree = instance.service, instance.tree
    total = _none(instance, "sign")
    weight = service.contracted_mw * tree.months[service.node] * tree.probability[service.node]
    np.add.at(total, (service.contract, service.signed), weight)
    return total


def _contract_usd_per_mwh(instance: Instance) -> Floats:
    """Rent and energy passed through over energy at the meter at spot, the energy's cost deducted, (C,).

    Over the nodes served after the earliest signature, in the first bay the contract may stand in; -inf where it
    cannot start.
    """
    service, hours = instance.service, instance.tree.hours
    earned = np.full(len(instance.offers.names), -np.inf)
    for contract in np.unique(service.contract).tolist():
        signed = service.signed[service.contract == contract].min()
        own = (service.contract == contract) & (service.signed == signed)
        node, metered = service.node[own], service.metered_mw[own]
        bay = int(instance.compatibility.bay[instance.compatibility.contract == contract][0])
        paid = (1.0 - instance.offers.pass_through_share[contract]) * instance.pass_through.usd_per_mw[bay, node]
        mwh = metered * hours[node] * (1.0 + instance.terminal.overhead[bay])
        if mwh.sum() > 0:
            earned[contract] = (service.rent_usd[own].sum() - (paid * metered).sum()) / mwh.sum()
    return earned


def _mining_usd_per_mwh(instance: Instance) -> float:
    """Most that a MWh at the meter earns in the opening fleet at the first node, its cost at spot deducted."""
    segments, placements = instance.segments, instance.placements
    standing = placements.opening_units[segments.placement] > 0
    mines = standing & (instance.models.hash_th_per_s[placements.model[segments.placement]] > 0)
    if not mines.any():
        return -np.inf
    gross = segments.value_usd_per_mwh[mines, 0] / (1.0 + instance.terminal.overhead[segments.bay[mines]])
    spot = np.array([_mean_spot(instance, int(site)) for site in segments.site[mines]])
    return float((gross - spot).max())


def _mean_spot(instance: Instance, site: int) -> float:
    """Mean spot price of the first node, USD/MWh."""
    weight = instance.hours.weight_h[instance.hours.steps(site, 0)]
    return float(np.average(instance.hours.spot(site, 0), weights=weight))


def _most(instance: Instance, worth: Floats) -> Floats:
    """Signatures (C, N) of most worth that halls, power, cooling and capital hold; hours earn what they could at best.

    Raises:
        InfeasibleError: nothing at all keeps to what is held.
    """
    problem = build_master(instance).problem
    columns = columns_of(problem, "sign", AXES["sign"], worth.shape)
    exists = columns >= 0
    cost = np.zeros(problem.shape[1])
    cost[columns[exists]] = worth[exists]
    options = SolveOptions(time_limit_s=CHOICE_SECONDS, relative_gap=CHOICE_GAP)
    found = solve(_maximising(problem, cost), "highs", options)
    if found.x is None:
        raise InfeasibleError("no plan keeps to this baseline", [f"the search ended as {found.reason.value}"])
    sign = np.zeros(worth.shape)
    sign[exists] = np.where(found.x[columns[exists]] > SIGNED, 1.0, 0.0)
    return sign


def _maximising(problem: Problem, cost: Floats) -> Problem:
    return replace(problem, sense="max", cost=cost, offset=0.0)
