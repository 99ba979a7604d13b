"""Tables events and chances, read off what is missing and what is called."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from allocator.instance.chance import LEAST_USD, MARGIN_CALL
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.instance.types import Instance
from allocator.plan.frames import Cells, frame
from allocator.plan.schema import TABLES


def chance_tables(instance: Instance, cash: pd.DataFrame, collateral: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Both tables; empty where no probability is limited."""
    names, tree = instance.chances.names(instance.debt), instance.tree
    amiss = np.array([_amiss_usd(tree, name, cash, collateral) for name in names]).reshape(len(names), len(tree))
    happens = amiss >= LEAST_USD
    happened = _so_far(tree, happens)
    rows = [(node, event) for node in range(len(tree)) for event in range(len(names))]
    events: dict[str, Cells] = {
        "node": [tree.name[node] for node, _ in rows],
        "event": [names[event][0] for _, event in rows],
        "loan": [names[event][1] for _, event in rows],
        "amiss_usd": amiss.T.ravel(),
        "happens": happens.T.ravel(),
        "happened": happened.T.ravel(),
    }
    return {"events": frame(TABLES["events"], events), "chances": _chances(instance, names, happens, happened)}


def _chances(instance: Instance, names: list[tuple[str, str]], happens: Bools, happened: Bools) -> pd.DataFrame:
    tree, chances = instance.tree, instance.chances
    starts, columns = sorted(set(tree.first_month.tolist())), _columns()
    for event, (kind, loan) in enumerate(names):
        for month in starts:
            here = tree.first_month == month
            _add(columns, kind, loan, tree.calendar_month(month), _sum(tree.probability, here & happens[event]))
            columns["most_probability"].append(float(chances.by_month[event]))
        ends = np.isin(np.arange(len(tree)), tree.leaves)
        _add(columns, kind, loan, "", _sum(tree.probability, ends & happened[event]))
        columns["most_probability"].append(float(chances.of_path[event]))
    return frame(TABLES["chances"], columns)


def _columns() -> dict[str, list[object]]:
    return {name: [] for name in TABLES["chances"].columns}


def _add(columns: dict[str, list[object]], event: str, loan: str, month: str, probability: float) -> None:
    for name, value in (("event", event), ("loan", loan), ("month", month), ("probability", probability)):
        columns[name].append(value)


def _sum(probability: Floats, where: Bools) -> float:
    return math.fsum(probability[where])


def _amiss_usd(tree: NodeTree, name: tuple[str, str], cash: pd.DataFrame, collateral: pd.DataFrame) -> Floats:
    kind, loan = name
    if kind == MARGIN_CALL:
        own = collateral[collateral["loan"] == loan]
        found = own.set_index("node")["called_usd"]
    else:
        found = cash.set_index("node")["shortfall_usd"]
    return np.asarray(found.reindex(list(tree.name)), dtype=float)


def _so_far(tree: NodeTree, happens: Bools) -> Bools:
    """Whether each event has happened by the end of each node, (E, N)."""
    found = happens.copy()
    for node, parent in enumerate(tree.parent):
        if parent >= 0:
            found[:, node] |= found[:, parent]
    return found
