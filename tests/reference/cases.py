"""Random toy instances: chains, trees, and either of them made awkward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.instance.battery import Battery, SiteBattery
from allocator.instance.risk import WorstChildren, WorstPaths
from allocator.instance.types import Instance, Service
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, random_instance, tiny_instance
from tests.instance.jobs import JobSpec, with_jobs
from tests.instance.reserves import ServiceSpec, with_reserves

TREES = ([-1, 0, 0], [-1, 0, 1, 1], [-1, 0, 0, 1, 2], [-1, 0, 0, 1, 1, 2], [-1, 0, 0, 1, 2, 2])
"""Parents; a branch comes at the root, after it, or twice."""


def chain(seed: int) -> Instance:
    """One or two sites, three to six nodes of one month, two steps each."""
    return random_instance(seed, steps=2)


def tree(seed: int) -> Instance:
    """The same with two or more branches, each with prices of its own."""
    parents = TREES[seed % len(TREES)]
    rng = np.random.default_rng(seed)
    share = {n: rng.uniform(0.2, 0.8) for n in range(len(parents))}
    return branched(random_instance(seed, nodes=len(parents), steps=2), parents, share)


def averse(instance: Instance, seed: int) -> Instance:
    """The same with the worst paths in the objective."""
    rng = np.random.default_rng(seed)
    return replace(instance, risk=WorstPaths(weight=rng.uniform(0.1, 0.9), level=rng.uniform(0.1, 0.8)))


def far_sighted(instance: Instance, seed: int) -> Instance:
    """The same with the worst children of every branching in the objective."""
    rng = np.random.default_rng(seed)
    return replace(instance, risk=WorstChildren(weight=rng.uniform(0.1, 0.9), level=rng.uniform(0.1, 0.8)))


def awkward(instance: Instance, seed: int) -> Instance:
    """Contracts that must be signed, little cash, machines worth buying, unequal nodes, costs beyond the horizon."""
    rng = np.random.default_rng(seed)
    for change in (_owed, _thrifty, _uneven, _beyond, _halls, _models, _hungry, _scaled):
        if rng.random() < 0.6:
            instance = change(instance, rng)
    return instance


def branched(instance: Instance, parents: Sequence[int], share: dict[int, float]) -> Instance:
    """A chain turned into a tree with these parents; `share` weighs the children of a node against each other.

    Nodes of the same depth share their month, decisions and service; prices stay those of each node.
    """
    old, parent = instance.tree, np.array(parents)
    depth = np.zeros(len(parents), int)
    probability = np.ones(len(parents))
    for n, p in enumerate(parents[1:], start=1):
        depth[n] = depth[p] + 1
        brothers = [m for m, q in enumerate(parents) if q == p]
        probability[n] = probability[p] * share[n] / sum(share[m] for m in brothers)
    made = replace(
        old,
        name=tuple(f"node{n}" for n in range(len(parents))),
        parent=parent,
        probability=probability,
        first_month=old.first_month[depth],
        mid_years=old.mid_years[depth],
        decision=old.decision[depth],
        horizon_years=float((old.first_month[depth] + old.months[depth]).max() / 12),
    )
    finance = instance.finance
    return replace(
        instance,
        tree=made,
        service=_service(instance, depth, [set(made.path(n)) for n in range(len(parents))]),
        finance=replace(
            finance,
            discount_operations=finance.discount_operations[depth],
            discount_contracted=finance.discount_contracted[depth],
        ),
    )


def _service(instance: Instance, depth: np.ndarray, ways: list[set[int]]) -> Service:
    """Service between nodes of a tree is that between the nodes of the chain at their depths."""
    old = instance.service
    rows = [
        (c, m, n, *figures)
        for c, before, after, *figures in zip(*vars(old).values(), strict=True)
        for n in np.flatnonzero(depth == after)
        for m in ways[n]
        if depth[m] == before
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return Service(*(np.array(x, int) for x in columns[:3]), *(np.array(x, float) for x in columns[3:]))


def _scaled(instance: Instance, rng: np.random.Generator) -> Instance:
    """Spot of each node times a factor of its own; nodes of a depth run through the hours of the first of them."""
    old, first = instance.hours, instance.tree.first_month
    shared = np.array([int(np.argmax(first == month)) for month in first])
    factor = rng.uniform(0.6, 1.5, old.spot_factor.shape)
    return replace(instance, hours=replace(old, period=shared, spot_factor=factor))


def _owed(instance: Instance, rng: np.random.Generator) -> Instance:
    must = rng.random(len(instance.offers.names)) < 0.4
    required = tuple(bool(rng.random() < 0.6) for _ in instance.compatibility.group_required)
    return replace(
        instance,
        offers=replace(instance.offers, must_accept=must),
        compatibility=replace(instance.compatibility, group_required=required),
    )


def _thrifty(instance: Instance, rng: np.random.Generator) -> Instance:
    budget = float(rng.choice([1e6, 3e6, np.inf]))
    cash = replace(instance.finance, opening_cash_usd=rng.uniform(1.6e6, 5e6), minimum_cash_usd=1.5e6)
    return replace(instance, finance=replace(cash, capex_budget_usd=budget))


def _uneven(instance: Instance, rng: np.random.Generator) -> Instance:
    """Nodes of one to three months; nodes of a depth stay alike. Service stays as it was stated."""
    old = instance.tree
    ranks = np.unique(old.first_month, return_inverse=True)[1]
    months = rng.integers(1, 4, ranks.max() + 1)
    first = np.concatenate([[0], np.cumsum(months)])
    tree = replace(old, first_month=first[ranks], months=months[ranks], horizon_years=float(first[-1] / 12))
    return replace(instance, tree=tree)


def _beyond(instance: Instance, rng: np.random.Generator) -> Instance:
    old = instance.terminal
    new = replace(
        old,
        contract_usd=old.contract_usd * rng.uniform(0.5, 1.5, old.contract_usd.shape),
        contract_energy_usd_per_mw=rng.uniform(-1e5, 4e5, old.contract_energy_usd_per_mw.shape),
        contract_mw=old.contract_mw * rng.uniform(0.0, 1.0, old.contract_mw.shape),
        mining_usd_per_mw=old.mining_usd_per_mw * rng.integers(0, 3, old.mining_usd_per_mw.shape),
        overhead=rng.uniform(0.0, 0.3, old.overhead.shape),
        fixed_opex_usd=rng.uniform(0.0, 1e5, old.fixed_opex_usd.shape),
    )
    return replace(instance, terminal=new)


def _halls(instance: Instance, rng: np.random.Generator) -> Instance:
    old = instance.bays
    bays = replace(
        old,
        no_load_mw=rng.uniform(0.0, 0.1, old.no_load_mw.shape),
        capex_usd=old.capex_usd * rng.uniform(0.3, 1.2, old.capex_usd.shape),
        lead_months=old.lead_months + rng.integers(0, 3, old.lead_months.shape),
        firm_air_limit_mw=old.firm_air_limit_mw * rng.uniform(0.8, 1.0, old.firm_air_limit_mw.shape),
        slots=old.slots * rng.choice([0.1, 0.5, 1.0], old.slots.shape),
    )
    bays.slots[instance.halls.opening_bay] = old.slots[instance.halls.opening_bay]
    most = rng.integers(0, 2, instance.halls.max_conversions.shape)
    return replace(instance, bays=bays, halls=replace(instance.halls, max_conversions=most))


def _models(instance: Instance, rng: np.random.Generator) -> Instance:
    """Racks come in pairs of which an odd number is to be had; some limits fall, some opening fleets are in store."""
    old = instance.models
    rack = np.array(old.names) == "rack"
    models = replace(
        old,
        block_units=np.where(rack, 2, old.block_units),
        purchase_limit_units=np.where(rack, 5.0, rng.choice([2.0, 7.0, np.inf])),
        install_usd=rng.uniform(0.0, 2e4, old.install_usd.shape),
        opening_stored_units=old.opening_stored_units + 2.0 * rng.integers(0, 3, old.opening_stored_units.shape),
        price_usd=old.price_usd * np.linspace(1.0, rng.uniform(0.8, 1.1), old.price_usd.shape[1]),
    )
    return replace(instance, models=models)


def _hungry(instance: Instance, rng: np.random.Generator) -> Instance:
    """Machines earn so much that what there is to buy, and the money for it, run out; tenants pay more or less."""
    earned = instance.segments.value_usd_per_mwh * rng.uniform(2.0, 6.0)
    rent = instance.service.rent_usd * rng.uniform(0.3, 2.0, len(instance.offers.names))[instance.service.contract]
    return replace(
        instance,
        segments=replace(instance.segments, value_usd_per_mwh=earned),
        service=replace(instance.service, rent_usd=rent),
    )


def short_of_cash(instance: Instance, seed: int) -> Instance:
    """Less cash than its minimum asks for, at a price that may or may not be worth paying."""
    rng = np.random.default_rng(seed)
    finance = replace(
        instance.finance,
        opening_cash_usd=rng.uniform(0.0, 2e6),
        minimum_cash_usd=rng.uniform(5e5, 3e6),
        shortfall_penalty=float(rng.choice([0.1, 1.0, 100.0])),
    )
    return replace(instance, finance=finance)


def budgeted(instance: Instance, seed: int) -> Instance:
    """Energy budgets for some nodes, a few less than what halls draw at no load, and for the years beyond."""
    rng = np.random.default_rng(seed)
    sites, hours = instance.sites, instance.tree.hours
    share = rng.choice([0.002, 0.1, 0.3, 0.6, np.inf], (len(sites.names), len(hours)), p=[0.05, 0.2, 0.3, 0.25, 0.2])
    beyond = sites.power_limit_mw * rng.choice([0.3, np.inf], len(sites.names))
    return replace(
        instance,
        sites=replace(sites, energy_budget_mwh=share * sites.power_limit_mw[:, None] * hours),
        terminal=replace(instance.terminal, energy_limit_mw=beyond),
    )


def with_batteries(instance: Instance, seed: int) -> Instance:
    """Sites with batteries of every kind in some of their nodes; some hours have a negative price."""
    rng = np.random.default_rng(seed)
    hours, nodes = instance.hours, len(instance.tree)
    price = np.where(rng.random(len(hours.utc)) < 0.2, -15.0, hours.price_usd_per_mwh)
    batteries = tuple(SiteBattery(_battery(instance, rng), rng.random(nodes) < 0.8) for _ in instance.sites.names)
    return replace(instance, hours=replace(hours, price_usd_per_mwh=price), batteries=batteries)


def _battery(instance: Instance, rng: np.random.Generator) -> Battery:
    """Its flows of one step are of the size of its store."""
    step_h, energy = float(instance.hours.step_h[0]), float(rng.uniform(0.5, 3.0))
    return Battery(
        charge_mw=float(rng.uniform(0.3, 3.0)),
        discharge_mw=float(rng.uniform(0.3, 6.0)),
        energy_mwh=energy * step_h,
        charge_efficiency=float(rng.uniform(0.7, 1.0)),
        discharge_efficiency=float(rng.uniform(0.7, 1.0)),
        opening_mwh=float(rng.choice([0.0, 0.3, 1.0])) * energy * step_h,
        wear_usd_per_mwh=float(rng.choice([0.0, 3.0, 20.0])),
        kept_share_per_h=float(rng.choice([1.0, 1.0 - 0.02 / step_h])),
        capture_share=float(rng.choice([1.0, 0.8, 0.3])),
    )


def selling(instance: Instance, seed: int) -> Instance:
    """Two services a site that compete for the same load; some take little, pay little or call much."""
    rng = np.random.default_rng(seed)
    hours = instance.hours
    services = [
        ServiceSpec(
            name,
            rng.gamma(1.0, 30.0, hours.overhead[site].shape[1]),
            site,
            most_mw=float(rng.choice([1.0, 3.0, np.inf])),
            qualifying_share=float(rng.choice([0.5, 1.0])),
            deployment_share=float(rng.choice([0.0, 0.2])),
            deployment_usd_per_mwh=float(rng.choice([0.0, 50.0])),
            kept_share=float(rng.choice([0.7, 1.0])),
            minimum_usd_per_mw_hour=float(rng.choice([0.0, 20.0])),
        )
        for site in range(len(instance.sites.names))
        for name in ("fast", "slow")
    ]
    return with_reserves(instance, services)


def at_work(instance: Instance, seed: int) -> Instance:
    """Two jobs a site, some larger than its machines, paid less or more than what these earn otherwise."""
    rng = np.random.default_rng(seed)
    hours = float(instance.tree.hours[0])
    jobs = [
        JobSpec(
            name,
            float(rng.choice([0.3, 1.5, 20.0])) * hours * rng.choice([0.0, 1.0, 1.0], len(instance.tree)),
            rate_usd_per_mwh=float(rng.choice([40.0, 90.0, 420.0])),
            penalty_usd_per_mwh=float(rng.choice([0.0, 30.0])),
            most_mw=float(rng.choice([0.7, 2.0, np.inf])),
            site=site,
        )
        for site in range(len(instance.sites.names))
        for name in ("train", "render")
    ]
    return with_jobs(instance, jobs)


def converted_twice(seed: int) -> Instance:
    """A hall with three fit-outs that may be converted twice, on a tree; two models share its rack positions."""
    rng = np.random.default_rng(seed)
    hall = HallSpec(
        "hall",
        [
            BaySpec("barn", "air_mining", 4.0, slots=9.0, overhead=0.04),
            BaySpec("tanks", "hydro_mining", 5.0, slots=12.0, overhead=0.03, liquid_limit_mw=4.5, capex_usd=3e5,
                    lead_months=int(rng.integers(0, 2))),
            BaySpec("gpu", "liquid_gpu", 4.0, slots=8.0, overhead=0.2, no_load_mw=0.05, air_limit_mw=1.0,
                    tenant_air_share=0.2, capex_usd=1e6, lead_months=2, downtime_months=1),
        ],
        max_conversions=2,
    )  # fmt: skip
    machine = {"block_units": 2, "slots": 2.0, "buyable": True, "price_usd": 9e4, "resale_usd": 6e4, "limit_units": 6.0}
    models = [
        ModelSpec("air", {"air_mining": 1.0}, [StepSpec(0.9, rng.uniform(60, 120, 5))], {"hall": 4}, **machine),
        ModelSpec("hydro", {"hydro_mining": 0.0}, [StepSpec(1.1, rng.uniform(60, 180, 5))], lead_months=1, **machine),
    ]
    tenant = ContractSpec(
        "tenant",
        3.0,
        ["hall/gpu"],
        rent_usd_per_mw_month=float(rng.integers(100, 400)) * 1e3,
        tranches=3,
        load_factor=0.9,
        gross_up=1.4,
        pass_through_share=0.5,
        signing_capex_usd=1e5,
    )
    straight = tiny_instance(
        nodes=5, steps=2, step_hours=365.0, halls=[hall], models=models, contracts=[tenant], site_limit_mw=[6.0],
        price=rng.uniform(10, 60, (1, 5, 2)), operations_per_year=0.12, contracted_per_year=0.09,
        opening_cash_usd=4e6, minimum_cash_usd=0.0, mining_tail_usd_per_mw=[4e4], contract_tail_usd=3e5,
    )  # fmt: skip
    return branched(straight, [-1, 0, 1, 1, 2], dict.fromkeys(range(5), 1.0))


def crowded(seed: int) -> Instance:
    """GPU halls whose tenants compete for load, cooling, power and rack positions, and are cheap to shed."""
    rng = np.random.default_rng(seed)
    halls = [
        HallSpec(name, [BaySpec("gpu", "liquid_gpu", 5.0, slots=float(rng.integers(6, 14)), overhead=0.2,
                                no_load_mw=0.1, air_limit_mw=rng.uniform(0.9, 1.6, 6),
                                liquid_limit_mw=rng.uniform(2.5, 5.0, 6),
                                tenant_air_share=float(rng.choice([0.2, 0.4])))])
        for name in ("left", "right")
    ]  # fmt: skip
    halls.append(HallSpec("barn", [BaySpec("barn", "air_mining", 4.0, slots=8.0, overhead=0.05)]))
    racks = [
        ModelSpec(name, {"liquid_gpu": share}, [StepSpec(0.6, rng.uniform(100, 400, 3))], slots=3.0, buyable=True,
                  price_usd=3e5, resale_usd=2e5, lead_months=lead, install_usd=1e3, limit_units=8.0, gpus=64.0)
        for name, share, lead in (("dense", 0.1, 0), ("mixed", 0.5, 1))
    ]  # fmt: skip
    miner = ModelSpec("miner", {"air_mining": 1.0}, [StepSpec(1.0, rng.uniform(200, 300, 3))], {"barn": 4}, slots=2.0)
    tenants = [
        ContractSpec(f"t{c}", float(rng.integers(2, 7)) / 2, ["left/gpu", "right/gpu"],
                     tranches=int(rng.integers(1, 4)), rent_usd_per_mw_month=float(rng.integers(80, 250)) * 1e3,
                     term_months=int(rng.integers(1, 4)), load_factor=0.9, gross_up=1.5)
        for c in range(5)
    ]  # fmt: skip
    return tiny_instance(
        nodes=3, steps=2, step_hours=365.0, site_limit_mw=[float(rng.integers(7, 13))], halls=halls,
        models=[*racks, miner], contracts=tenants, price=rng.uniform(0, 80, (1, 3, 2)), shed_usd_per_mwh=90.0,
        opening_cash_usd=6e6, minimum_cash_usd=0.0, operations_per_year=0.12, contracted_per_year=0.09,
    )  # fmt: skip
