"""Which names and rows each table may and must have in a plan of this instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa

from allocator.instance.battery import has_battery
from allocator.instance.risk import WorstChildren
from allocator.instance.tree import Bools, Ints
from allocator.instance.types import Instance
from allocator.plan.schema import LINES, USES
from allocator.verify.columns import ArrowColumns, Columns, Times
from allocator.verify.facts import CLOSED, CONVERTING, OPERATING
from allocator.verify.structure import Names, RowSpec

MARGINAL_QUANTITIES = (
    "site_power",
    "hall_it",
    "cooling_air",
    "cooling_liquid",
    "feeder_power",
    "plant_cooling",
    "battery_power",
    "battery_energy",
    "energy_budget",
    "site_power_tail",
    "hall_it_tail",
    "feeder_power_tail",
    "plant_cooling_tail",
    "cash",
    "capex_budget",
)


def row_specs(instance: Instance) -> Mapping[str, RowSpec]:
    """Names and rows of every planning table."""
    nodes, sites, halls = instance.tree.name, instance.sites.names, instance.halls.names
    models, contracts = instance.models.names, instance.offers.names
    fit_outs = tuple(dict.fromkeys(instance.bays.fit_out))
    in_hall: dict[str, Sequence[object]] = {"hall": halls, "fit_out": fit_outs}
    held = () if instance.treasury is None else nodes
    return {
        "nodes": RowSpec({"node": nodes, "parent": ("", *nodes)}, _every(node=nodes)),
        "halls": RowSpec(
            {
                "node": nodes,
                "site": sites,
                "hall": halls,
                "fit_out": ("", *fit_outs),
                "status": (OPERATING, CONVERTING, CLOSED),
            },
            _every(node=nodes, hall=halls),
        ),
        "fleets": RowSpec(
            {"node": nodes, "model": models, "hall": ("", *halls), "fit_out": ("", *fit_outs)}, says=["units"]
        ),
        "moves": RowSpec({"node": nodes, "model": models, "hall": halls}, says=["installed_units", "removed_units"]),
        "trades": RowSpec({"node": nodes, "model": models}, says=["bought_units", "delivered_units", "sold_units"]),
        "conversions": RowSpec(
            {
                "hall": halls,
                "from_fit_out": fit_outs,
                "to_fit_out": fit_outs,
                "decided_node": nodes,
                "ready_node": nodes,
            }
        ),
        "hosting": RowSpec({"node": nodes, "agreement": instance.hosting.names}, _in_term(instance)),
        "terminations": RowSpec({"agreement": instance.hosting.names, "notice_node": nodes, "end_node": nodes}),
        "contracts": RowSpec({"contract": contracts, "signed_node": ("", *nodes)}, _every(contract=contracts)),
        "placements": RowSpec({"contract": contracts, "signed_node": nodes, **in_hall}, says=["tranches"]),
        "power": RowSpec({"node": nodes, "site": sites, "use": USES}, _uses(instance)),
        "curtailed": RowSpec({"node": nodes, "site": sites, "contract": contracts, **in_hall}, says=["unserved_mwh"]),
        "batteries": RowSpec({"node": nodes, "site": sites}, _with_battery(instance)),
        "reserves": _by_site(instance, "service", instance.reserves.names, instance.reserves.site),
        "work": _by_site(instance, "job", instance.jobs.names, instance.jobs.site),
        "cash_flow": RowSpec({"node": nodes, "line": tuple(LINES)}, says=["amount_usd"]),
        "cash": RowSpec({"node": nodes}, _every(node=nodes)),
        "paths": _paths(instance),
        "tail": RowSpec({"leaf": nodes, **in_hall}, says=["mining_mw"]),
        "marginal_values": _marginal_values(instance),
        "reserved": RowSpec({"node": nodes, "site": sites}, _every(node=nodes, site=sites)),
        **_of_miners(instance),
        "treasury": RowSpec({"node": held}, _every(node=held)),
        "hedges": _hedges(instance),
        **_tariff(instance),
        "covenants": _covenants(instance),
        **_whole_company(instance),
        **_debt(instance),
        "prepayments": RowSpec({"node": nodes, "contract": contracts}, says=["received_usd", "unearned_usd"]),
        **_chances(instance),
    }


def _of_miners(instance: Instance) -> Mapping[str, RowSpec]:
    """Hashrate of every site in every node, and its production where a price of Bitcoin is stated."""
    nodes, sites = instance.tree.name, instance.sites.names
    priced = () if instance.market.btc_price_usd is None else nodes
    return {
        table: RowSpec({"node": own, "site": sites}, _every(node=own, site=sites))
        for table, own in (("hashrate", nodes), ("production", priced))
    }


def _whole_company(instance: Instance) -> Mapping[str, RowSpec]:
    """One row a node in each table that the scenario has a use for."""
    used = {
        "tax": instance.tax is not None,
        "equity": instance.equity is not None,
        "nested_values": isinstance(instance.risk, WorstChildren),
    }
    nodes = {table: instance.tree.name if stated else () for table, stated in used.items()}
    return {table: RowSpec({"node": own}, _every(node=own)) for table, own in nodes.items()}


def _debt(instance: Instance) -> Mapping[str, RowSpec]:
    """Every loan in every node, and those secured by Bitcoin."""
    nodes, debt = instance.tree.name, instance.debt
    names = () if debt is None else debt.loans.names
    secured = () if debt is None else [names[int(loan)] for loan in debt.collateral.loan]
    return {
        table: RowSpec({"node": nodes, "loan": loans}, _every(node=nodes, loan=loans))
        for table, loans in (("loans", names), ("collateral", secured))
    }


def _tariff(instance: Instance) -> Mapping[str, RowSpec]:
    """Blocks of power, demand charges and coincident peaks."""
    tables = {"power_blocks": _blocks(instance), "demand_charges": _demand(instance)}
    return {**tables, "coincident_peaks": _coincident(instance)}


def _coincident(instance: Instance) -> RowSpec:
    """Every cause: a node, a peak of its site and a January."""
    tree, sites, stated = instance.tree, instance.sites.names, instance.coincident
    keys = zip(stated.node.tolist(), stated.peak.tolist(), stated.due_month.tolist(), strict=True)
    rows = [
        (tree.name[node], sites[int(stated.site[peak])], stated.names[peak], tree.calendar_month(month))
        for node, peak, month in sorted(keys)
    ]
    peaks, months = tuple(dict.fromkeys(stated.names)), tuple(dict.fromkeys(row[3] for row in rows))
    allowed = {"node": tree.name, "site": sites, "peak": peaks, "due_month": months}
    return RowSpec(allowed, Columns(pd.DataFrame(rows, columns=list(allowed), dtype="str")))


def _blocks(instance: Instance) -> RowSpec:
    """Every site with a block that delivers in the node."""
    nodes, sites = instance.tree.name, instance.sites.names
    pairs = [
        (nodes[n], sites[s])
        for n in range(len(nodes))
        for s in range(len(instance.blocks.mw))
        if instance.blocks.mw[s][instance.hours.own_steps(s, n)].any()
    ]
    rows = pd.DataFrame(pairs, columns=["node", "site"], dtype="str")
    return RowSpec({"node": nodes, "site": sites}, Columns(rows))


def _demand(instance: Instance) -> RowSpec:
    """Every demand charge in every node in which it is billed."""
    nodes, sites, demand = instance.tree.name, instance.sites.names, instance.demand
    at = np.argwhere(demand.billed.T).tolist()
    rows = [(nodes[n], sites[int(demand.site[k])], demand.names[k]) for n, k in at]
    allowed = {"node": nodes, "site": sites, "charge": tuple(dict.fromkeys(demand.names))}
    return RowSpec(allowed, Columns(pd.DataFrame(rows, columns=list(allowed), dtype="str")))


def _hedges(instance: Instance) -> RowSpec:
    """Every instrument in every node."""
    nodes, names = instance.tree.name, instance.hedges.names
    return RowSpec({"node": nodes, "hedge": names}, _every(node=nodes, hedge=names))


def _chances(instance: Instance) -> Mapping[str, RowSpec]:
    """Every event of limited probability in every node, and in every month in which nodes start, and in all."""
    tree, named = instance.tree, instance.chances.names(instance.debt)
    starts = [*(tree.calendar_month(month) for month in sorted(set(tree.first_month.tolist()))), ""]
    names = {"event": [kind for kind, _ in named], "loan": [loan for _, loan in named]}
    nodes = [(node, *name) for node in tree.name for name in named]
    months = [(*name, month) for name in named for month in starts]
    by_node, by_month = ["node", "event", "loan"], ["event", "loan", "month"]
    return {
        "events": RowSpec({"node": tree.name, **names}, Columns(pd.DataFrame(nodes, columns=by_node, dtype="str"))),
        "chances": RowSpec({**names, "month": starts}, Columns(pd.DataFrame(months, columns=by_month, dtype="str"))),
    }


def _covenants(instance: Instance) -> RowSpec:
    """Every covenant in every node that tests it."""
    covenants, nodes = instance.covenants, instance.tree.name
    if covenants is None:
        return RowSpec({"node": (), "covenant": ()})
    at = [(nodes[n], covenants.names[c]) for n, c in np.argwhere(covenants.tested.T).tolist()]
    every = Columns(pd.DataFrame(at, columns=["node", "covenant"], dtype="str"))
    return RowSpec({"node": nodes, "covenant": covenants.names}, every)


def _marginal_values(instance: Instance) -> RowSpec:
    shared = (*instance.feeders.names, *instance.plants.names)
    subjects = ("company", *instance.sites.names, *instance.bays.names, *shared)
    names = {"subject": subjects, "quantity": MARGINAL_QUANTITIES, "node": ("", *instance.tree.name)}
    return RowSpec(names, says=["value_usd_per_unit"])


def _paths(instance: Instance) -> RowSpec:
    leaves = [instance.tree.name[leaf] for leaf in instance.tree.leaves]
    return RowSpec({"leaf": leaves}, _every(leaf=leaves))


def hourly_specs(instance: Instance, site: int, node: int, utc: Times) -> Mapping[str, RowSpec]:
    """Names and rows of the hourly tables of one site in one node; `utc` are its steps in the instance."""
    stored = utc if has_battery(instance, site, node) else utc[:0]
    own = [name for name, at in zip(instance.halls.names, instance.halls.site, strict=True) if at == site]
    fit_outs = tuple(dict.fromkeys(instance.bays.fit_out))
    in_hall: dict[str, Names] = {"utc": utc, "hall": own, "fit_out": fit_outs}
    jobs = [name for name, at in zip(instance.jobs.names, instance.jobs.site, strict=True) if at == site]
    services = [name for name, at in zip(instance.reserves.names, instance.reserves.site, strict=True) if at == site]
    return {
        "hours": RowSpec({}, _steps(utc)),
        "segments": RowSpec({**in_hall, "model": instance.models.names}, says=["load_mw"]),
        "bays": RowSpec(in_hall),
        "unserved": RowSpec({**in_hall, "contract": instance.offers.names}, says=["shed_mw"]),
        "storage": RowSpec({}, _steps(stored)),
        "offers": RowSpec({"utc": utc, "service": services}, says=["offered_mw"]),
        "worked_loads": RowSpec({**in_hall, "job": jobs, "model": instance.models.names}, says=["work_mw"]),
        "offered_loads": RowSpec({**in_hall, "service": services, "model": instance.models.names}, says=["offered_mw"]),
    }


def _steps(utc: Times) -> Columns:
    """Straight from the array, since there are two of these for every site and node."""
    return ArrowColumns(pa.table({"utc": pa.array(utc, pa.timestamp("ms", tz="UTC"))}))


def _uses(instance: Instance) -> Columns:
    """Every use of every site in every node, a battery only where there is one."""
    every = _product(node=instance.tree.name, site=instance.sites.names, use=USES)
    kept = (every["use"] != "battery").to_numpy() | _owners(instance, every)
    return Columns(every[kept].reset_index(drop=True))


def _with_battery(instance: Instance) -> Columns:
    every = _product(node=instance.tree.name, site=instance.sites.names)
    return Columns(every[_owners(instance, every)].reset_index(drop=True))


def _owners(instance: Instance, keys: pd.DataFrame) -> Bools:
    """Whether each row's site has a battery in its node."""
    site, node = instance.sites.names.index, instance.tree.name.index
    pairs = zip(keys["site"], keys["node"], strict=True)
    return np.array([has_battery(instance, site(s), node(n)) for s, n in pairs], dtype=bool)


def _in_term(instance: Instance) -> Columns:
    node, agreement = np.nonzero(instance.hosting.in_term.T)
    names = np.array(instance.tree.name, dtype=object), np.array(instance.hosting.names, dtype=object)
    return Columns(pd.DataFrame({"node": names[0][node], "agreement": names[1][agreement]}, dtype="str"))


def _by_site(instance: Instance, key: str, names: Sequence[str], site: Ints) -> RowSpec:
    """Everything that a site has under a name of its own (services, work), at its site in every node."""
    nodes, sites = instance.tree.name, instance.sites.names
    rows = [(node, sites[int(at)], name) for node in nodes for at, name in zip(site, names, strict=True)]
    allowed = {"node": nodes, "site": sites, key: tuple(dict.fromkeys(names))}
    return RowSpec(allowed, Columns(pd.DataFrame(rows, columns=list(allowed), dtype="str")))


def _every(**names: Sequence[str]) -> Columns:
    return Columns(_product(**names))


def _product(**names: Sequence[str]) -> pd.DataFrame:
    rows = list(product(*names.values()))
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in zip(names, columns, strict=True)})
