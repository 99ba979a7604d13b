"""Starting a promised contract after its window, as one more limit that could be lifted.

The model of a scenario has no signature that would start a contract too late. So the repairs are sought in the model
of the same scenario with windows open to the end of the horizon, whose further rows say how many months late:

    late[c,leaf] | sum_{m on the path} months_late[c,m] sign[c,m] <= 0, lifted by months at a price each
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Instance
from allocator.pipeline.told import Index, Told
from allocator.scenario.load import LoadedScenario
from solvers.problem import Family, Problem

LATE = "REPAIR.late"


def widened(loaded: LoadedScenario) -> LoadedScenario:
    """With every promised contract, and every one of a group that requires one, free to start until the end."""
    scenario = loaded.scenario
    required = {name for group in scenario.one_of if group.required for name in group.contracts}
    last = scenario.horizon.end.plus(-1)
    contracts = tuple(
        contract.model_copy(update={"last_service": last})
        if contract.must_accept or contract.name in required
        else contract
        for contract in scenario.contracts
    )
    return replace(loaded, scenario=scenario.model_copy(update={"contracts": contracts}))


def with_late_rows(problem: Problem, instance: Instance, wide: Instance) -> Problem:
    """The problem of the `wide` instance, in which no contract starts after its window in `instance`."""
    if "sign" not in problem.columns:
        return problem
    family = problem.columns["sign"]
    late = _months_late(family.index, instance, wide)
    cells = [
        (contract, leaf, family.start + at, late[at])
        for at in np.flatnonzero(late > 0).tolist()
        for contract in [int(family.index["contract"].iloc[at])]
        for leaf in _leaves_below(wide.tree, int(family.index["node"].iloc[at]))
    ]
    if not cells:
        return problem
    table = pd.DataFrame(cells, columns=["contract", "leaf", "column", "months"])
    index = table[["contract", "leaf"]].drop_duplicates(ignore_index=True)
    row = table.merge(index.reset_index(names="row"), on=["contract", "leaf"])["row"]
    further = sp.csc_matrix((table["months"], (row, table["column"])), shape=(len(index), problem.shape[1]))
    return replace(
        problem,
        matrix=sp.vstack([problem.matrix, further], format="csc"),
        row_lower=np.concatenate([problem.row_lower, np.full(len(index), -np.inf)]),
        row_upper=np.concatenate([problem.row_upper, np.zeros(len(index))]),
        rows={**problem.rows, LATE: Family(LATE, problem.shape[0], index)},
    )


def told_late(instance: Instance, index: Index) -> Told:
    """What a later start is, in words."""
    position = int(index["contract"])
    mw, last = instance.offers.critical_it_mw[position], int(instance.offers.last_service_month[position])
    who = f"contract {instance.offers.names[position]} (scenario.yaml: contracts[{position}], {mw:g} MW)"
    says = f"{who} starts by {instance.tree.calendar_month(last)}"
    return Told(says, f"widen the start window of {who}, put last_service off by {{amount}}", "months")


def _months_late(signed: pd.DataFrame, instance: Instance, wide: Instance) -> Floats:
    """Of each signature, months from the end of the contract's own window to its service, (signatures,)."""
    service = wide.service
    table = pd.DataFrame({"contract": service.contract, "node": service.signed})
    begins = table.assign(month=wide.tree.first_month[service.node]).groupby(["contract", "node"])["month"].min()
    month = begins.reindex(pd.MultiIndex.from_frame(signed[["contract", "node"]])).to_numpy(dtype=np.float64)
    own = instance.offers.last_service_month[signed["contract"].to_numpy(dtype=np.int64)]
    return np.asarray(np.maximum(np.nan_to_num(month - own), 0.0), dtype=np.float64)


def _leaves_below(tree: NodeTree, node: int) -> Iterator[int]:
    for leaf in tree.leaves.tolist():
        at = leaf
        while at > node:
            at = int(tree.parent[at])
        if at == node:
            yield leaf
