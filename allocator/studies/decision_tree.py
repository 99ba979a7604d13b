"""The decisions of a plan as a tree that a person can follow: what is done when, and what it hangs on.

Where a plan's tree branches, its children are told apart by one series: hashprice, the price of Bitcoin, a rental rate
or the level of power of a site, the first of them in which they lie about as far apart as in any. The line between two
children is drawn half-way between their logarithms; the plan itself knows only the markets of its nodes. Children after
which the same is done are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.studies.following import ALIKE

NEARLY = 0.5
"""Share of the best series' distance with which an earlier one still tells children apart."""
LEAST_USD, LEAST_BTC = 0.5, 0.005
"""Smaller amounts are an engine's rounding and no decision."""


@dataclass(frozen=True)
class Step:
    """What is done at a node, and what may follow.

    Attributes:
        period: calendar month in which it begins. actions: in words. branches: none at a leaf, one without a
            condition where it makes no difference what comes.
    """

    period: str
    actions: tuple[str, ...]
    branches: tuple[Branch, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether anything is done here or later."""
        return bool(self.actions) or any(branch.step.decides for branch in self.branches)


@dataclass(frozen=True)
class Branch:
    """A way on: what makes it the one to take, "" if nothing else can come, and its probability at the node before."""

    condition: str
    probability: float
    step: Step


@dataclass(frozen=True)
class Series:
    """A series that may tell children apart: its name, how a figure of it is written, and its figures, (N,)."""

    name: str
    written: Callable[[float], str]
    figures: Floats


def decision_tree(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> Step:
    """The decisions in the tables of a plan of this instance."""
    tree, children = instance.tree, instance.tree.children()
    done, series = actions(tables), told_apart_by(instance)
    made: dict[int, Step] = {}
    for node in range(len(tree) - 1, -1, -1):  # parents precede children
        own = children[node]
        share = tree.probability[own] / tree.probability[node]
        step = Step(tree.calendar_month(int(tree.first_month[node])), tuple(done.get(tree.name[node], ())))
        made[node] = replace(step, branches=_branches(series, own, share, [made[int(child)] for child in own]))
    return made[0]


def actions(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, Sequence[str]]:
    """What is decided at each node, in words, by name of the node; moves of machines are left out."""
    done: defaultdict[str, list[str]] = defaultdict(list)
    for node, words in (*_halls(tables), *_contracts(tables), *_machines(tables), *_money(tables)):
        if words not in done[node]:
            done[node].append(words)
    return done


def _rows(table: pd.DataFrame) -> Iterator[Mapping[str, object]]:
    return ({str(name): value for name, value in row.items()} for row in table.to_dict("records"))


def _halls(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    for row in _rows(tables["conversions"]):
        yield str(row["decided_node"]), f"convert {row['hall']} to {row['to_fit_out']}"
    for row in _rows(tables["terminations"]):
        yield str(row["notice_node"]), f"give notice to {row['agreement']}"


def _contracts(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    for row in _rows(tables["contracts"]):
        if row["accepted"]:
            start = f"from {row['first_service_month']}"
            yield str(row["signed_node"]), f"sign {row['contract']} ({row['critical_it_mw']:g} MW, {start})"


def _machines(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    for row in _rows(tables["trades"]):
        for column, word in (("bought_units", "order"), ("sold_units", "sell")):
            if row[column]:
                yield str(row["node"]), f"{word} {row[column]:,.0f} {row['model']}"


def _money(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    for row in _rows(tables["treasury"]):
        for column, word in (("sold_btc", "sell"), ("bought_btc", "buy")):
            if float(str(row[column])) >= LEAST_BTC:
                yield str(row["node"]), f"{word} {row[column]:,.2f} BTC"
    for row in _rows(tables["loans"]):
        for column, word in (("drawn_usd", "draw"), ("repaid_usd", "repay")):
            if float(str(row[column])) >= LEAST_USD:
                yield str(row["node"]), f"{word} {row[column]:,.0f} USD of {row['loan']}"

    for row in _rows(tables["hedges"]):
        if float(str(row["bought_units"])) > 0:
            yield str(row["node"]), f"buy {row['bought_units']:,.6g} {row['unit']} of {row['hedge']}"


def told_apart_by(instance: Instance) -> list[Series]:
    """Series that may tell children apart, the first of equals counts."""
    market = instance.market
    found = [Series("hashprice", lambda v: f"{v:.2f} USD/PH/day", market.hashprice_usd_per_ph_day)]
    if market.btc_price_usd is not None:
        found.append(Series("BTC", lambda v: f"{v:,.0f} USD", market.btc_price_usd))
    for name, rental in market.rentals.items():
        found.append(Series(f"rate of {name}", lambda v: f"{v:.3g} USD/GPU/h", rental.usd_per_gpu_hour))
    for site, level in zip(instance.sites.names, instance.hours.spot_factor, strict=True):
        found.append(Series(f"power at {site}", lambda v: f"{v:.3g} times its stated price", level))
    return found


def _branches(series: Sequence[Series], nodes: Ints, share: Floats, steps: Sequence[Step]) -> tuple[Branch, ...]:
    """Ways on from a node, highest figure first; neighbours after which the same is done are one."""
    if not len(nodes):
        return ()
    if all(step == steps[0] for step in steps):
        return (Branch("", 1.0, steps[0]),)
    best = _teller(series, nodes)
    figures = best.figures[nodes]
    if _least_gap(figures) <= ALIKE:
        found = zip(range(len(nodes)), share.tolist(), steps, strict=True)
        return tuple(Branch(f"outcome {k + 1}", chance, step) for k, chance, step in found)
    order = np.argsort(-figures, kind="stable").tolist()
    groups: list[list[int]] = []
    for k in order:
        if groups and steps[groups[-1][-1]] == steps[k]:
            groups[-1].append(k)
        else:
            groups.append([k])
    lines = [np.sqrt(figures[a[-1]] * figures[b[0]]) for a, b in pairwise(groups)]
    bounds = [np.inf, *lines, 0.0]
    return tuple(
        Branch(_condition(best, bounds[k + 1], bounds[k]), float(share[group].sum()), steps[group[0]])
        for k, group in enumerate(groups)
    )


def _teller(series: Sequence[Series], nodes: Ints) -> Series:
    """The first series that tells some nodes apart nearly as well as the best one does."""
    gaps = [_least_gap(one.figures[nodes]) for one in series]
    return next(one for one, gap in zip(series, gaps, strict=True) if gap >= NEARLY * max(gaps))


def _least_gap(values: Floats) -> float:
    """Smallest difference of the logarithms of some figures; 0 where one is not above zero."""
    return float(np.diff(np.sort(np.log(values))).min()) if (values > 0).all() and len(values) > 1 else 0.0


def _condition(series: Series, low: float, high: float) -> str:
    if np.isinf(high):
        return f"{series.name} at least {series.written(low)}"
    if low == 0.0:
        return f"{series.name} below {series.written(high)}"
    return f"{series.name} {series.written(low)} to {series.written(high)}"
