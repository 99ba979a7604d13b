"""Inequalities that every plan keeps and the relaxed master breaks: whole contracts, whole conversions.

A hall holds whole tranches and a budget pays whole conversions, while the relaxation cuts both to fit. For a
dual feasible function u (it maps [0, 1] to [0, 1], and sum_i x_i <= 1 implies sum_i u(x_i) <= 1), sizes w_i and a
limit W,

    sum_i w_i z_i <= W y,  z_i whole, y in {0, 1}      implies      sum_i u(w_i / W) z_i <= y.      (packing)

The family used is Fekete and Schepers (2001), "New classes of fast lower bounds for bin packing problems", eq. (2):
u_k(x) = x where (k + 1) x is whole, floor((k + 1) x) / k elsewhere. With k = 1 everything larger than half a hall
counts as a whole one. Sizes beyond the limit count as whole, which is as strong as a limit on one of them alone can be.

Two contracts are rivals in a bay when one tranche of each breaks a limit together, whenever they were signed, or when
at most one of them may be signed. In a set Q of mutual rivals at most one stands; with M[c,b,m] the most tranches of a
contract there,

    sum_{c in Q} sum_{m: (c,m,n) in service} place[c,b,m] / M[c,b,m] <= fitted[b,n].                (rivals)

Such rows see what packing misses, a large contract beside a small one, and across limits and one-of groups (clique
inequalities: Padberg, 1973, "On the facial structure of set packing polyhedra").

All of them are added to the master only: the planning model stays the one that is explained, priced and verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.decomposition.cut_rows import CutRows
from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel
from allocator.planning.capacity_map import columns_of

ORDERS = (1, 2, 3, 4)
"""Members k of the family that are tried."""
WHOLE = 1e-9


@dataclass(frozen=True)
class _Row:
    """sum coefficient * x[column] <= upper."""

    column: Ints
    coefficient: Floats
    upper: float


@dataclass(frozen=True)
class _Patterns:
    """Of contracts of some sizes in one bay: coefficients of rows, and positions of mutual rivals."""

    tightened: Sequence[Floats]
    rivals: Sequence[Ints]


def valid_inequalities(planning: PlanningModel) -> CutRows:
    """All of them for one instance, over the columns of its planning problem."""
    rows = [*_packing(planning), *_budget(planning)]
    columns = planning.problem.shape[1]
    lengths = [len(row.column) for row in rows]
    matrix = sp.csr_matrix(
        (
            np.concatenate([np.empty(0), *(row.coefficient for row in rows)]),
            np.concatenate([np.empty(0, dtype=np.int64), *(row.column for row in rows)]),
            np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        ),
        shape=(len(rows), columns),
    )
    return CutRows(matrix, np.array([row.upper for row in rows]))


def dual_feasible(x: Floats, order: int) -> Floats:
    """u_k of each size x, a share of the limit; sizes beyond the limit count as 1."""
    scaled = np.minimum(x, 1.0) * (order + 1)
    whole = np.abs(scaled - np.round(scaled)) < WHOLE
    return np.where(whole, np.round(scaled) / (order + 1), np.floor(scaled) / order)


def _packing(planning: PlanningModel) -> Iterator[_Row]:
    """Contracts in one bay at one node, under its electrical limit and the cooling that may be promised."""
    one_of, known = _one_of(planning.instance), dict[tuple[bytes, ...], _Patterns]()
    instance, problem = planning.instance, planning.problem
    bays, contracts, nodes = len(instance.bays.names), len(instance.offers.names), len(instance.tree)
    place = columns_of(problem, "place", ("contract", "bay", "node"), (contracts, bays, nodes))
    fitted = columns_of(problem, "fitted", ("bay", "node"), (bays, nodes))
    for node, served in _served(instance):
        tranche_mw = served["mw"].to_numpy()
        for bay in np.flatnonzero(fitted[:, node] >= 0):
            column = place[served["contract"], bay, served["signed"]]
            there = (column >= 0) & (problem.upper[column] > 0)
            if there.any():
                sizes = [share * tranche_mw[there] / limit for share, limit in _limits(instance, int(bay), node)]
                contract = served["contract"].to_numpy()[there]
                key = contract.tobytes(), *(size.tobytes() for size in sizes)
                if key not in known:  # most bays and nodes repeat another
                    known[key] = _Patterns(list(_tightened(sizes)), list(_exclusive(contract, sizes, one_of)))
                for coefficient in known[key].tightened:
                    used = coefficient > 0
                    chosen = np.append(column[there][used], fitted[bay, node])
                    yield _Row(chosen, np.append(coefficient[used], -1.0), 0.0)
                one_each = 1.0 / problem.upper[column[there]]
                for members in known[key].rivals:
                    chosen = np.append(column[there][members], fitted[bay, node])
                    yield _Row(chosen, np.append(one_each[members], -1.0), 0.0)


def _served(instance: Instance) -> Iterator[tuple[int, pd.DataFrame]]:
    """For each node the (contract, signed) pairs that would be served there, and the MW of a tranche."""
    service = instance.service
    table = pd.DataFrame({"contract": service.contract, "signed": service.signed, "node": service.node})
    table["mw"] = service.contracted_mw / instance.offers.tranches[service.contract]
    for node, served in table.groupby("node", sort=True):
        yield int(str(node)), served


def _limits(instance: Instance, bay: int, node: int) -> Iterator[tuple[float, float]]:
    """(share of the load that counts, limit) of each limit a tenant of the bay is under."""
    bays = instance.bays
    for share, limit in (
        (1.0, bays.it_limit_mw[bay]),
        (bays.firm_air_share[bay], bays.firm_air_limit_mw[bay, node]),
        (bays.firm_liquid_share[bay], bays.firm_liquid_limit_mw[bay, node]),
    ):
        if share > 0 and 0 < limit < np.inf:
            yield float(share), float(limit)


def _tightened(sizes: list[Floats]) -> Iterator[Floats]:
    """Coefficients of the rows that are stronger somewhere than the limits themselves, each once."""
    known = list(sizes)
    for size in sizes:
        for order in ORDERS:
            coefficient = dual_feasible(size, order)
            if any((coefficient <= other + WHOLE).all() for other in known):
                continue
            known.append(coefficient)
            yield coefficient


def _one_of(instance: Instance) -> Bools:
    """True where at most one of two contracts may be signed, (C, C)."""
    either = np.zeros((len(instance.offers.names),) * 2, dtype=bool)
    for group in instance.compatibility.exclusive:
        either[np.ix_(group, group)] = True
    return either


def _exclusive(contract: Ints, sizes: Sequence[Floats], one_of: Bools) -> Iterator[Ints]:
    """Positions of the columns of each set of mutual rivals; a contract counts with its smallest column."""
    names, position = np.unique(contract, return_inverse=True)
    rival = one_of[np.ix_(names, names)].copy()
    for size in sizes:
        least = np.full(len(names), np.inf)
        np.minimum.at(least, position, size)
        rival |= least[:, None] + least > 1.0 + WHOLE
    np.fill_diagonal(rival, False)
    for clique in cliques({k: frozenset(np.flatnonzero(row).tolist()) for k, row in enumerate(rival)}):
        yield np.flatnonzero(np.isin(position, clique))


def cliques(rivals: Mapping[int, frozenset[int]]) -> Iterator[tuple[int, ...]]:
    """Maximal sets of mutual rivals that together hold every pair of rivals, each grown from the first pair left."""
    uncovered = {(one, other) for one, others in rivals.items() for other in others if one < other}
    by_rivals = sorted(rivals, key=lambda one: (-len(rivals[one]), one))
    while uncovered:
        clique = list(min(uncovered))
        for candidate in by_rivals:
            if rivals[candidate].issuperset(clique):
                clique.append(candidate)
        uncovered -= {(one, other) for one in clique for other in clique}
        yield tuple(sorted(clique))


def _budget(planning: PlanningModel) -> Iterator[_Row]:
    """Whole conversions on one path, within the capex budget; only those that are paid by the end of the path."""
    instance, problem, tree = planning.instance, planning.problem, planning.instance.tree
    budget, capex = instance.finance.capex_budget_usd, instance.bays.capex_usd
    if not 0 < budget < np.inf:
        return
    convert = columns_of(problem, "convert", ("bay", "node"), capex.shape)
    for leaf in tree.leaves:
        path = np.array(tree.path(int(leaf)))
        column, size = convert[:, path].ravel(), (capex[:, path] / budget).ravel()
        paid = tree.first_month[path] + instance.bays.lead_months[:, None] <= tree.first_month[leaf] + tree.months[leaf]
        there = (column >= 0) & paid.ravel()
        too_big = there & (size > 1.0 + WHOLE)
        if too_big.any():
            yield _Row(column[too_big], np.ones(int(too_big.sum())), 0.0)
        there &= ~too_big & (size > 0)
        known = [size[there]]
        for order in ORDERS:
            coefficient = dual_feasible(size[there], order)
            if not any((coefficient <= other + WHOLE).all() for other in known):
                known.append(coefficient)
                yield _Row(column[there], coefficient, 1.0)
