"""Which names and rows each table may and must have in a plan of this instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from allocator.instance.types import Instance
from allocator.plan.schema import LINES, USES
from allocator.verify.facts import CONVERTING, OPERATING
from allocator.verify.structure import RowSpec

MARGINAL_QUANTITIES = (
    "site_power",
    "hall_it",
    "cooling_air",
    "cooling_liquid",
    "energy_budget",
    "site_power_tail",
    "hall_it_tail",
    "cash",
    "capex_budget",
)


def row_specs(instance: Instance) -> Mapping[str, RowSpec]:
    """Names and rows of every planning table."""
    nodes, sites, halls = instance.tree.name, instance.sites.names, instance.halls.names
    models, contracts = instance.models.names, instance.offers.names
    leaves = [nodes[leaf] for leaf in instance.tree.leaves]
    fit_outs = tuple(dict.fromkeys(instance.bays.fit_out))
    in_hall: dict[str, Sequence[object]] = {"hall": halls, "fit_out": fit_outs}
    return {
        "nodes": RowSpec({"node": nodes, "parent": ("", *nodes)}, _every(node=nodes)),
        "halls": RowSpec(
            {
                "node": nodes,
                "site": sites,
                "hall": halls,
                "fit_out": ("", *fit_outs),
                "status": (OPERATING, CONVERTING),
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
        "contracts": RowSpec({"contract": contracts, "signed_node": ("", *nodes)}, _every(contract=contracts)),
        "placements": RowSpec({"contract": contracts, "signed_node": nodes, **in_hall}, says=["tranches"]),
        "power": RowSpec({"node": nodes, "site": sites, "use": USES}, _every(node=nodes, site=sites, use=USES)),
        "cash_flow": RowSpec({"node": nodes, "line": tuple(LINES)}, says=["amount_usd"]),
        "cash": RowSpec({"node": nodes}, _every(node=nodes)),
        "paths": RowSpec({"leaf": leaves}, _every(leaf=leaves)),
        "tail": RowSpec({"leaf": nodes, **in_hall}, says=["mining_mw"]),
        "marginal_values": RowSpec(
            {
                "subject": ("company", *sites, *instance.bays.names),
                "quantity": MARGINAL_QUANTITIES,
                "node": ("", *nodes),
            },
            says=["value_usd_per_unit"],
        ),
        "reserved": RowSpec({"node": nodes, "site": sites}, _every(node=nodes, site=sites)),
    }


def hourly_specs(instance: Instance, site: int, utc: pd.Series) -> Mapping[str, RowSpec]:
    """Names and rows of the hourly tables of one site; `utc` are the steps of the instance."""
    own = [name for name, at in zip(instance.halls.names, instance.halls.site, strict=True) if at == site]
    fit_outs = tuple(dict.fromkeys(instance.bays.fit_out))
    in_hall: dict[str, Sequence[object]] = {"utc": utc.tolist(), "hall": own, "fit_out": fit_outs}
    return {
        "hours": RowSpec({}, pd.DataFrame({"utc": utc})),
        "segments": RowSpec({**in_hall, "model": instance.models.names}, says=["load_mw"]),
        "bays": RowSpec(in_hall),
    }


def _every(**names: Sequence[str]) -> pd.DataFrame:
    return pd.MultiIndex.from_product(list(names.values()), names=list(names)).to_frame(index=False)
