"""Which pictures a sweep has: maps of a grid, a tornado of single inputs, ranks and clouds of a sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from allocator.reports import curve, heatmap
from allocator.reports.bars import Measure, Swing, ranked, tornado
from allocator.reports.scales import SHARE, Floats, Scale, money, stated
from allocator.reports.scatter import scatter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NPV, AI = "npv_usd", "ai_share_last_year"
TITLES = {NPV: "Net present value", AI: "Share of AI in the MW drawn in the last year"}
_MONTHS = re.compile(r" \d{4}-\d{2}( or \d{4}-\d{2})*")


@dataclass(frozen=True)
class Sweep:
    """A sweep as its pictures see it.

    Attributes:
        table: as written, one row a point. names: columns of the inputs by their name. labels: words by name.
        stands: value of each input as the scenario states it, None where it is no single number.
        base: figures of the plan as the scenario stands, by column; {} where it has none.
    """

    scenario: str
    table: pd.DataFrame
    names: Mapping[str, str]
    labels: Mapping[str, str]
    stands: Mapping[str, float | None]
    base: Mapping[str, float | None]


def maps(sweep: Sweep) -> dict[str, Figure]:
    """Pictures of a grid by name: of two inputs a map of each figure, of one a curve.

    Of more inputs the two with the most values are drawn, the others held where the scenario stands or next to it.
    """
    counts = {name: len(np.unique(_floats(sweep.table, column))) for name, column in sweep.names.items()}
    most = sorted(counts, key=lambda name: -counts[name])[:2]
    shown = [name for name in sweep.names if name in most and counts[name] > 1]
    table, held = _held(sweep, [name for name in sweep.names if name not in shown])
    if len(shown) == 1:
        return {"curve": curve.draw(_curve(sweep, table, shown[0], held))}
    if not shown:
        return {}
    return {f"map_{figure}": heatmap.draw(_map(sweep, table, shown, figure, held)) for figure in (NPV, AI)}


def swings(sweep: Sweep, found: Sequence[Swing]) -> dict[str, Figure]:
    """The tornado of the net present value; {} where the scenario as it stands has no plan."""
    base = sweep.base.get(NPV)
    if base is None or not found:
        return {}
    values = [base, *(value for one in found for value in (one.at_low, one.at_high) if value is not None)]
    scale = money(np.array(values))
    title = "Net present value when one input changes"
    ends = "Orange: the input at the low end of its range, blue: at the high end"
    subtitle = f"{sweep.scenario}; as it stands {scale.written(base)} {scale.words}. {ends}"
    return {"tornado": tornado(title, subtitle, base, found, scale)}


def shares(sweep: Sweep, figure: str, first: Measure, total: Measure) -> Figure:
    """Shares of the variance of a figure."""
    title, subtitle = f"What moves it: {_lower(figure)}", f"{sweep.scenario}; bars with 95 % intervals"
    label = "share of the variance over the ranges of the inputs"
    return ranked(title, subtitle, list(sweep.labels.values()), [first, total], label)


def correlations(sweep: Sweep, figures: Mapping[str, Sequence[float]]) -> dict[str, Figure]:
    """Correlations of ranks with each input, and every point of the sample."""
    measures = [Measure(_lower(figure), values) for figure, values in figures.items()]
    missing = int(np.isnan(_floats(sweep.table, NPV)).sum())
    points = f"{sweep.scenario}; {len(sweep.table):,} points of a Latin hypercube"
    points += f", {missing:,} without a plan left out" if missing else ""
    found = {}
    if measures:
        title, label = "What moves value and decision", "correlation of ranks, from -1 to 1"
        found["ranks"] = ranked(title, points, list(sweep.labels.values()), measures, label)
    values = _floats(sweep.table, NPV)
    inputs = {sweep.labels[name]: _floats(sweep.table, column) for name, column in sweep.names.items()}
    title = "Net present value at every point"
    found["points"] = scatter(title, points, inputs, values, money(values), _floats(sweep.table, AI))
    return found


def _lower(figure: str) -> str:
    return TITLES[figure][0].lower() + TITLES[figure][1:]


def _held(sweep: Sweep, names: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """The table with other inputs held, and at what, in words."""
    table, words = sweep.table, ""
    for name in names:
        column = sweep.names[name]
        values = np.unique(_floats(table, column))
        stands = sweep.stands.get(name)
        value = values[0] if stands is None else values[np.argmin(np.abs(values - stands))]
        table = table[table[column] == value]
        words += f"; {sweep.labels[name]} {stated(value)}"
    return table, words


def _plans(table: pd.DataFrame) -> pd.Series[str]:
    """What tells plans apart on a picture: contracts and conversions, whenever they are decided."""
    made = table["conversions"].fillna("").map(lambda text: "; ".join(sorted(_MONTHS.sub("", text).split("; "))))
    return table["contracts"].fillna("") + "\n" + made + "\n" + table[NPV].isna().map(str)


def _map(sweep: Sweep, table: pd.DataFrame, shown: Sequence[str], figure: str, held: str) -> heatmap.Heatmap:
    x, y = (np.unique(_floats(table, sweep.names[name])) for name in shown)
    at = [
        np.searchsorted(all_of, _floats(table, sweep.names[name])) for name, all_of in zip(shown, (x, y), strict=True)
    ]
    values, plans = np.full((len(y), len(x)), np.nan), np.full((len(y), len(x)), "", dtype=object)
    values[at[1], at[0]], plans[at[1], at[0]] = _floats(table, figure), _plans(table)
    scale = SHARE if figure == AI else money(values)
    return heatmap.Heatmap(
        title=f"{TITLES[figure]}, {scale.words}",
        subtitle=_legend(sweep, figure, scale, held, not np.isfinite(values).all()),
        x_label=sweep.labels[shown[0]],
        y_label=sweep.labels[shown[1]],
        x=x,
        y=y,
        cells=values,
        scale=scale,
        plans=plans.tolist(),
        stands=_inside(sweep, shown, x, y),
        is_share=figure == AI,
    )


def _legend(sweep: Sweep, figure: str, scale: Scale, held: str, has_gaps: bool) -> str:
    value = sweep.base.get(figure)
    base = "" if value is None else f", {scale.written(value)}"
    hatched = " Hatched: no plan." if has_gaps else ""
    return f"{sweep.scenario}{held}. Lines: other halls or tenants.{hatched} Ring: the scenario as it stands{base}"


def _inside(sweep: Sweep, shown: Sequence[str], x: Floats, y: Floats) -> tuple[float, float] | None:
    """Where the scenario stands on a map."""
    at = [sweep.stands.get(name) for name in shown]
    if at[0] is None or at[1] is None:
        return None
    return (at[0], at[1]) if x[0] <= at[0] <= x[-1] and y[0] <= at[1] <= y[-1] else None


def _curve(sweep: Sweep, table: pd.DataFrame, name: str, held: str) -> curve.Curve:
    table = table.sort_values(sweep.names[name])
    x, values = _floats(table, sweep.names[name]), _floats(table, NPV)
    stands = sweep.stands.get(name)
    return curve.Curve(
        title="Net present value, and the share of AI",
        subtitle=f"{sweep.scenario}{held}. Dashed: other halls or tenants. Red: the scenario as it stands",
        x_label=sweep.labels[name],
        x=x,
        money=values,
        scale=money(values),
        share=_floats(table, AI),
        plans=_plans(table).tolist(),
        stands=stands if stands is not None and x[0] <= stands <= x[-1] else None,
    )


def _floats(table: pd.DataFrame, column: str) -> Floats:
    return table[column].to_numpy(dtype=float)
