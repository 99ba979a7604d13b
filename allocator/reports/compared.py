"""Figures of a comparison: values of plans, bridges from the first to each other, what each decides, all figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from allocator.plan.titles import LIMITS, TITLES, UNITS
from allocator.reports.figure import (
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
        Section(
            "values",
            "What each is worth, and why",
            (_values(values), *_ebitda(figures, list(values)), *_bridges(values, bridge)),
        ),
        Section("decides", "What each decides", tuple(_decides(head))),
        Section("figures", "Figure by figure", tuple(_figures(figures, list(values)))),
    )


def _values(values: Mapping[str, float]) -> Figure:
    series = (Series("net present value", tuple(values.values())),)
    about = "Expected net present value of each plan."
    return Figure("values", "Net present value", about, "bars", "USD", "plan", tuple(values), series)


def _ebitda(figures: pd.DataFrame, labels: Sequence[str]) -> Iterator[Figure]:
    """EBITDA of every plan by year."""
    own = figures[(figures["section"] == "by year") & (figures["name"] == "EBITDA")]
    years = list(dict.fromkeys(map(str, own["of"])))
    if years:
        by_plan = {label: own[own["plan"] == label].set_index("of")["value"] for label in labels}
        series = tuple(
            Series(label, tuple(_known(of_plan.get(year)) for year in years)) for label, of_plan in by_plan.items()
        )
        about = "Operating income of each calendar year, expected, undiscounted: before capital, interest and Bitcoin."
        yield Figure("ebitda", "EBITDA by year", about, "bars", "USD", "year", tuple(years), series)


def _bridges(values: Mapping[str, float], bridge: pd.DataFrame) -> Iterator[Figure]:
    for label, own in bridge.groupby("second", sort=False):
        first = str(own["first"].iloc[0])
        terms = own[own["usd"].abs() >= LEAST_USD]
        before, after = values[first], values[str(label)]
        names = (*map(str, terms["term"]), "difference")
        steps = (*map(float, terms["usd"]), after - before)
        about = f"Term by term from {written(before, 'USD')}, {first}, to {written(after, 'USD')}, {label}."
        series = (Series("change of value", steps),)
        yield Figure(f"bridge_{label}", f"{first} to {label}", about, "waterfall", "USD", "term", names, series)


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
        told = [(key, one) for key, one in found if _says(str(name), str(key[2]), one["value"])] or found
        rows = [_row(key, one, labels) for key, one in told]
        kept = [k for k in range(len(heads)) if k != _OF or any(row[k] for row in rows)]
        columns, cells = [heads[k] for k in kept], [tuple(row[k] for k in kept) for row in rows]
        yield listing(
            f"figures_{name}", _titled(str(name)), f"{about}{'' if len(told) == len(found) else _LEFT}", columns, cells
        )


def _says(section: str, unit: str, values: pd.Series[float]) -> bool:
    """Whether a figure is more than nothing as it is written, or unknown; nothing is news where debts are told."""
    told = [written(value, unit) for value in map(_known, values) if value is not None]
    return not told or section == _DEBTS or any(set(text) & set("123456789") for text in told)


_DEBTS = "debt and cash"
_OF = 1
"""Place of the column that says of what a figure is; left out where none says so."""
_LEFT = " Figures that are nothing in every plan are left out."


def _titled(name: str) -> str:
    return name[:1].upper() + name[1:]


def _row(key: Any, own: pd.DataFrame, labels: Sequence[str]) -> tuple[Cell, ...]:
    name, of, unit = map(str, key)
    of_plan = own.set_index("plan")
    values = [written(_known(of_plan["value"].get(label)), unit) for label in labels]
    differences = [_apart(_known(of_plan["difference"].get(label)), unit) for label in labels[1:]]
    return (TITLES.get(name, name), of, unit_words(unit), *values, *differences)


def _apart(value: float | None, unit: str) -> str:
    """A difference; of shares in percentage points."""
    if value is None or not unit.startswith("share"):
        return written(value, unit)
    points = round(100 * value, 2)
    return f"{written(points, 'pt')} pt" if points else "0"


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(str(value))
