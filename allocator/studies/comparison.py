"""Plans side by side: every figure aligned, with its difference from the first plan, what each decides and what binds.

The bridge from one plan's value to another's is in `bridge`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from allocator.plan.binding import Binding
from allocator.plan.metrics import flows_in_time, metrics, rate_of_return
from allocator.plan.summary import summarise
from allocator.studies.compared import Compared
from allocator.studies.decision_tree import actions
from allocator.studies.figures import Figure, figures

MOST_BINDING = 3
CERTAIN = 1.0 - 1e-9
TRADED = re.compile(r"^(order|sell) [\d,]+")
"""What `_traded` says before the name of the model."""
SHARED = re.compile(r" \((\d+ %) of futures\)$")
"""What `decides` says of what does not happen in every future."""


Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Row:
    """One figure of every plan, in the order of the plans; None where a plan has none."""

    section: str
    name: str
    of: str
    unit: str
    values: tuple[float | None, ...]

    @property
    def differences(self) -> tuple[float | None, ...]:
        """Each value less that of the first plan."""
        first = self.values[0]
        return tuple(None if first is None or value is None else value - first for value in self.values)


def aligned(plans: Sequence[Compared]) -> tuple[Row, ...]:
    """Figures of all plans, each key once, in the order in which they are told; sections stay together."""
    told = [{figure.key: figure for figure in [*figures(one), *_incremental(plans[0], one)]} for one in plans]
    keys: list[Key] = []
    for column in told:
        keys = _merged(keys, list(column))
    return tuple(Row(*key, tuple(_value(column.get(key)) for column in told)) for key in keys)


def _incremental(first: Compared, one: Compared) -> list[Figure]:
    """Return on what a plan lays out beyond the first one."""
    rate = None
    if one is not first:
        own, base = (dict(zip(*reversed(flows_in_time(plan.plan.tables)), strict=True)) for plan in (one, first))
        times = sorted({*own, *base})
        rate, _ = rate_of_return([own.get(at, 0.0) - base.get(at, 0.0) for at in times], times)
    return [Figure("returns", f"rate of return on the difference from {first.label}", "", "share/year", rate)]


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _merged(known: list[Key], more: Sequence[Key]) -> list[Key]:
    """Keys of both, a new one after the one it follows in its own list."""
    merged = list(known)
    for position, key in enumerate(more):
        if key not in merged:
            before = more[position - 1] if position else None
            merged.insert(merged.index(before) + 1 if before in merged else 0, key)
    return merged


def decides(one: Compared) -> tuple[str, ...]:
    """Conversions, contracts, notices and machines of a plan, in words, each with the share of futures it happens in.

    What happens in every future has no share. Machines of one model ordered and sold are added up over time, expected
    on a tree. Trades of Bitcoin and loans are left to the figures.
    """
    tables = one.plan.tables
    left_out = {name: tables[name][:0] for name in ("treasury", "loans", "trades")}
    chance = dict(zip(tables["nodes"]["node"], tables["nodes"]["probability"], strict=True))
    total: dict[str, float] = {}
    for node, words in actions({**tables, **left_out}).items():
        for word in words:
            total[word] = total.get(word, 0.0) + float(chance[node])
    told = (word if share >= CERTAIN else f"{word} ({100 * share:.0f} % of futures)" for word, share in total.items())
    return (*told, *_traded(tables["trades"], chance))


def _traded(trades: pd.DataFrame, chance: Mapping[str, float]) -> Iterator[str]:
    weight = trades["node"].map(chance).astype(float)
    certain = bool((weight >= CERTAIN).all())
    for column, word in (("bought_units", "order"), ("sold_units", "sell")):
        total = (trades[column] * weight).groupby(trades["model"], sort=False).sum()
        for model, units in total[total > 0].items():
            yield f"{word} {units:,.0f} {model}{'' if certain else ' on average'}"


class Turned(NamedTuple):
    """From one plan's decisions to another's, in words: those of the first only, of the second only, and of both with
    other amounts or in another share of futures, which are told with both figures."""

    gone: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]


def turned(before: Sequence[str], after: Sequence[str]) -> Turned:
    """What goes, what comes and what changes from one list of decisions, as `decides` says them, to another."""
    gone, new = [word for word in before if word not in after], [word for word in after if word not in before]
    was, now = ({_same(word): word for word in words} for words in (gone, new))
    both = [key for key in was if key in now]
    return Turned(
        tuple(word for word in gone if _same(word) not in both),
        tuple(word for word in new if _same(word) not in both),
        tuple(_changed(was[key], now[key]) for key in both),
    )


def _same(word: str) -> str:
    """What a decision is called whatever its amount or its share of futures."""
    return SHARED.sub("", TRADED.sub(r"\1", word))


def _changed(was: str, now: str) -> str:
    if TRADED.match(now):
        return TRADED.sub(rf"\1 {was.split()[1]} -> {now.split()[1]}", now)
    shares = [found[1] if (found := SHARED.search(word)) else "100 %" for word in (was, now)]
    return f"{_same(now)} ({shares[0]} -> {shares[1]} of futures)"


def binds(one: Compared) -> tuple[Binding, ...]:
    """The limits of which one more unit is worth most."""
    different = {(limit.subject, limit.quantity): limit for limit in reversed(summarise(one.plan).binding)}
    return tuple(reversed(different.values()))[:MOST_BINDING]


def returns_missing(one: Compared) -> Iterator[str]:
    """Why a plan has no rate of return and no payback, in words."""
    found = metrics(one.plan.tables)
    if found.irr_per_year is None:
        yield f"no rate of return of operations and capital: {found.irr_note}"
    if found.payback_months is None:
        yield f"no payback of operations and capital: {found.payback_note}"


def long_table(labels: Sequence[str], rows: Sequence[Row]) -> pd.DataFrame:
    """One row a figure and plan: section, name, of, unit, plan, value, difference; NaN where there is none."""
    columns = ("section", "name", "of", "unit", "plan", "value", "difference")
    cells = [
        (row.section, row.name, row.of, row.unit, label, value, difference)
        for row in rows
        for label, value, difference in zip(labels, row.values, row.differences, strict=True)
    ]
    table = pd.DataFrame(cells, columns=list(columns))
    numbers = ["value", "difference"]
    return table.assign(**{name: table[name].astype(float).fillna(np.nan) for name in numbers})
