"""Tables nodes, halls and conversions, and how conversions are paid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, NodeTree
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import TABLES


def nodes_table(tree: NodeTree) -> pd.DataFrame:
    """Table `nodes`."""
    return frame(
        TABLES["nodes"],
        {
            "node": list(tree.name),
            "parent": [tree.name[parent] if parent >= 0 else "" for parent in tree.parent],
            "probability": tree.probability,
            "start_month": [tree.calendar_month(int(month)) for month in tree.first_month],
            "months": tree.months,
            "hours": tree.hours,
            "decision": tree.decision,
        },
    )


def halls_table(settled: Settled) -> pd.DataFrame:
    """Table `halls`."""
    halls = settled.instance.halls
    installed = _nameplate_mw(settled)
    rows = [
        _hall_row(settled, installed, hall, node)
        for node in range(len(settled.instance.tree))
        for hall in range(len(halls.names))
    ]
    return from_rows(TABLES["halls"], rows)


def conversions_table(settled: Settled) -> pd.DataFrame:
    """Table `conversions`."""
    instance, rows = settled.instance, []
    for bay, made in _decided(settled):
        for ready in _ready_nodes(settled, bay, made):
            due = int(instance.tree.first_month[made]) + int(instance.bays.lead_months[bay])
            rows.append(
                {
                    "hall": instance.halls.names[int(instance.bays.hall[bay])],
                    "from_fit_out": _left_fit_out(settled, bay, ready),
                    "to_fit_out": instance.bays.fit_out[bay],
                    "decided_node": instance.tree.name[made],
                    "idle_from_month": instance.tree.calendar_month(due - int(instance.bays.downtime_months[bay])),
                    "ready_node": instance.tree.name[ready],
                    "capex_usd": float(instance.bays.capex_usd[bay, made]),
                }
            )
    return from_rows(TABLES["conversions"], rows)


def conversion_entries(settled: Settled) -> Iterator[Entry]:
    """Capex of conversions paid evenly over their lead months, and what is still owed at each leaf."""
    instance = settled.instance
    for bay, made in _decided(settled):
        site, subject = int(instance.bays.site[bay]), instance.bays.names[bay]
        capex = float(instance.bays.capex_usd[bay, made])
        paid = paid_shares(instance.tree, made, int(instance.bays.lead_months[bay]))
        for node, share in paid.items():
            yield Entry("conversion_capex", node, site, subject, -capex * share)
        for leaf in instance.tree.leaves:
            path = instance.tree.path(int(leaf))
            if made in path:
                owed = 1.0 - sum(paid.get(node, 0.0) for node in path)
                yield Entry("terminal_unpaid_capex", int(leaf), site, subject, -capex * owed if owed > 1e-12 else 0.0)


def paid_shares(tree: NodeTree, made: int, lead_months: int) -> dict[int, float]:
    """Share of a conversion decided at `made` that each node pays: its months of the lead; all at once for none."""
    if lead_months == 0:
        return {made: 1.0}
    start, end = int(tree.first_month[made]), int(tree.first_month[made]) + lead_months
    shares = {}
    for node in tree.during_from(made, 0, lead_months).tolist():
        first = int(tree.first_month[node])
        months = min(end, first + int(tree.months[node])) - max(start, first)
        shares[node] = months / lead_months
    return shares


def _decided(settled: Settled) -> list[tuple[int, int]]:
    """(bay, node) of every conversion, by node, then bay."""
    return [(int(bay), int(node)) for node, bay in np.argwhere(settled.point.convert.T > 0.5)]


def _ready_nodes(settled: Settled, bay: int, made: int) -> list[int]:
    ready: list[int] = settled.instance.tree.ready_from(made, int(settled.instance.bays.lead_months[bay])).tolist()
    return ready


def _left_fit_out(settled: Settled, bay: int, ready: int) -> str:
    """Fit-out the hall last had before `ready`; the opening one where it had none."""
    instance, hall = settled.instance, int(settled.instance.bays.hall[bay])
    for node in reversed(instance.tree.path(ready)[:-1]):
        fitted = settled.fitted_bay(hall, node)
        if fitted >= 0:
            return instance.bays.fit_out[fitted]
    return instance.bays.fit_out[int(instance.halls.opening_bay[hall])]


def _nameplate_mw(settled: Settled) -> Floats:
    """Nameplate draw of the machines in each bay and node, (B, N)."""
    instance = settled.instance
    total = np.zeros((len(instance.bays.names), len(instance.tree)))
    kw = instance.models.power_kw[instance.placements.model]
    np.add.at(total, instance.placements.bay, settled.point.installed_units * kw[:, None] / 1000.0)
    return total


def _hall_row(settled: Settled, installed: Floats, hall: int, node: int) -> dict[str, object]:
    instance, bay = settled.instance, settled.fitted_bay(hall, node)
    own = instance.bays.hall == hall
    return {
        "node": instance.tree.name[node],
        "site": instance.sites.names[int(instance.halls.site[hall])],
        "hall": instance.halls.names[hall],
        "fit_out": instance.bays.fit_out[bay] if bay >= 0 else "",
        "status": "operating" if bay >= 0 else "closed" if hall in instance.hosting.hall else "converting",
        "it_limit_mw": float(instance.bays.it_limit_mw[bay]) if bay >= 0 else 0.0,
        "firm_mw": float(settled.firm_mw[own, node].sum()),
        "contracted_mw": float(settled.contracted_mw[own, node].sum()),
        "installed_mw": float(installed[own, node].sum()),
    }
