"""Figures of a comparison: values of plans, bridges from the first to each other, what each decides, all figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from allocator.plan.titles import LIMITS, TITLES, UNITS
from allocator.reports.figure import (
    FROM_A_VALUE,
    WRITTEN,
    Cell,
    Column,
    Figure,
    Listing,
    Piece,
    Section,
    Series,
    listing,
)
from allocator.reports.words import unit_words, written

LEAST_USD, LEAST_WHOLE_USD = 0.5, 100.0


def sections(head: Mapping[str, Any], figures: pd.DataFrame, bridge: pd.DataFrame) -> tuple[Section, ...]:
    """The report of a comparison: comparison.json, and its tables of figures and bridges."""
    values = {str(one["label"]): float(one["objective_usd"]) for one in head["plans"]}
    return (
        Section("values", "What each is worth, and why", (_values(values), *_bridges(values, bridge))),
        Section("decides", "What each decides", tuple(_decides(head))),
        Section("figures", "Figure by figure", tuple(_figures(figures, list(values)))),
    )


def _values(values: Mapping[str, float]) -> Figure:
    series = (Series("net present value", tuple(values.values())),)
    about = "Expected net present value of each plan, best proven."
    return Figure("values", "Net present value", about, "bars", "USD", "plan", tuple(values), series)


def _bridges(values: Mapping[str, float], bridge: pd.DataFrame) -> Iterator[Figure]:
    for label, own in bridge.groupby("second", sort=False):
        first = str(own["first"].iloc[0])
        terms = own[own["usd"].abs() >= LEAST_USD]
        names = (first, *map(str, terms["term"]), str(label))
        steps = (values[first], *map(float, terms["usd"]), values[str(label)])
        about = f"From the value of {first} to that of {label}, term by term."
        key = f"bridge_{label}"
        yield Figure(
            key,
            f"{first} to {label}",
            about,
            "waterfall",
            "USD",
            "term",
            names,
            (Series("value", steps, key=FROM_A_VALUE),),
        )


def _decides(head: Mapping[str, Any]) -> Iterator[Piece]:
    rows = [(str(one["label"]), "; ".join(one["decides"]) or "nothing", _binds(one["binds"])) for one in head["plans"]]
    columns = (Column("plan"), Column("decides"), Column("what binds most"))
    yield listing("decides", "Decisions", "Conversions, contracts, notices and machines of each plan.", columns, rows)
    if head["missing"]:
        lacking = [(str(one["label"]), str(one["reason"])) for one in head["missing"]]
        about = "What was asked for and has no plan."
        yield listing("missing", "Without a plan", about, (Column("plan"), Column("why")), lacking)


def _binds(limits: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{one['subject']}, {LIMITS.get(one['quantity'], one['quantity'])}: "
        f"{_price(float(one['value_usd_per_unit']))} {UNITS.get(one['unit'], one['unit'])}"
        for one in limits
    )


def _price(usd: float) -> str:
    """Dollars a unit, to the cent where they are few."""
    return written(usd, "USD") if abs(usd) >= LEAST_WHOLE_USD else f"${written(usd, 'USD/unit')}"


def _figures(figures: pd.DataFrame, labels: Sequence[str]) -> Iterator[Listing]:
    """One list a section of figures: each plan's, and the difference of the others from the first."""
    heads = [Column("figure"), Column("of"), Column("unit"), *(Column(label, WRITTEN) for label in labels)]
    heads += [Column(f"{label} less {labels[0]}", WRITTEN) for label in labels[1:]]
    about = "Expected and undiscounted unless said otherwise."
    for name, own in figures.groupby("section", sort=False):
        found = list(own.groupby(["name", "of", "unit"], sort=False))
        told = [(key, one) for key, one in found if any(_known(value) != 0.0 for value in one["value"])] or found
        rows = [_row(key, one, labels) for key, one in told]
        kept = [k for k in range(len(heads)) if k != _OF or any(row[k] for row in rows)]
        columns, cells = [heads[k] for k in kept], [tuple(row[k] for k in kept) for row in rows]
        yield listing(
            f"figures_{name}", _titled(str(name)), f"{about}{'' if len(told) == len(found) else _LEFT}", columns, cells
        )


_OF = 1
"""Place of the column that says of what a figure is; left out where none says so."""
_LEFT = " Figures that are nothing in every plan are left out."


def _titled(name: str) -> str:
    return name[:1].upper() + name[1:]


def _row(key: Any, own: pd.DataFrame, labels: Sequence[str]) -> tuple[Cell, ...]:
    name, of, unit = map(str, key)
    of_plan = own.set_index("plan")
    values = [written(_known(of_plan["value"].get(label)), unit) for label in labels]
    differences = [written(_known(of_plan["difference"].get(label)), unit) for label in labels[1:]]
    return (TITLES.get(name, name), of, unit_words(unit), *values, *differences)


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(str(value))
