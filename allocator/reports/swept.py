"""Figures of a sweep: maps and curves of value and AI share over its inputs, what moves them, which plans there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocator.reports.figure import Column, Figure, Listing, Piece, Section, Series, listing
from allocator.reports.scales import stated
from allocator.reports.words import written

INPUT, NPV, AI = "input.", "npv_usd", "ai_share_last_year"
SHOWN = {NPV: ("Net present value", "USD"), AI: ("AI share of power in the last year", "share")}
_MONTHS = re.compile(r" \d{4}-\d{2}( or \d{4}-\d{2})*")
MOST_PLANS = 40


@dataclass(frozen=True)
class SweptTables:
    """What a sweep wrote.

    Attributes:
        table: one row a point. asked: sweep.json. sensitivity: sensitivity.json, {} where there is none.
        base_usd: net present value of the scenario as it stands, None where it has no plan.
    """

    table: pd.DataFrame
    asked: Mapping[str, Any]
    sensitivity: Mapping[str, Any]
    base_usd: float | None

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs."""
        return [str(name).removeprefix(INPUT) for name in self.table.columns if str(name).startswith(INPUT)]

    @property
    def words(self) -> Mapping[str, str]:
        """What each input is called where room is short: the last part of its path, unless two inputs share it."""
        last = {name: name.rpartition(".")[2] for name in self.inputs}
        return {name: word if list(last.values()).count(word) == 1 else name for name, word in last.items()}

    @property
    def is_grid(self) -> bool:
        sample = self.asked.get("sample")
        return isinstance(sample, Mapping) and sample.get("kind") == "grid"


def sections(swept: SweptTables) -> tuple[Section, ...]:
    """The report of a sweep."""
    made = (
        ("over", "Over its inputs", tuple(_over(swept))),
        ("moves", "What moves it", tuple(_moves(swept))),
        ("plans", "What the plan becomes", (plans(swept), points(swept))),
    )
    return tuple(Section(*one) for one in made if one[2])


def _over(swept: SweptTables) -> Iterator[Piece]:
    if not swept.is_grid:
        return
    counts = {name: swept.table[INPUT + name].nunique() for name in swept.inputs}
    ranked = sorted((name for name in counts if counts[name] > 1), key=lambda name: -counts[name])
    shown = [name for name in swept.inputs if name in ranked[:2]]
    table, held = _held(swept, [name for name in swept.inputs if name not in shown])
    if len(shown) == 2:
        yield from (_map(table, shown, column, held, swept.words) for column in SHOWN)
    elif shown:
        yield _curve(table, shown[0], held)


def _held(swept: SweptTables, names: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """Points at the middle value of other inputs, and which that is, in words."""
    table, words = swept.table, ""
    for name in names:
        values = sorted(table[INPUT + name].unique())
        middle = values[len(values) // 2]
        table, words = table[table[INPUT + name] == middle], words + f"; {name} {stated(float(middle))}"
    return table, words


def _map(table: pd.DataFrame, shown: Sequence[str], column: str, held: str, words: Mapping[str, str]) -> Figure:
    x, y = (sorted(table[INPUT + name].unique()) for name in shown)
    cell = {(a, b): v for a, b, v in table[[INPUT + shown[0], INPUT + shown[1], column]].itertuples(index=False)}
    rows = tuple(
        Series(f"{words[shown[1]]} {stated(float(b))}", tuple(_known(cell.get((a, b))) for a in x)) for b in reversed(y)
    )
    title, unit = SHOWN[column]
    about = f"By {shown[0]} (columns) and {shown[1]} (rows){held}; a dash where there is no plan."
    at = tuple(stated(float(a)) for a in x)
    return Figure(f"map_{column}", title, about, "heatmap", unit, words[shown[0]], at, rows)


def _curve(table: pd.DataFrame, name: str, held: str) -> Figure:
    table = table.sort_values(INPUT + name)
    x = tuple(stated(float(value)) for value in table[INPUT + name])
    (title, unit), (below_title, below_unit) = SHOWN[NPV], SHOWN[AI]
    share = (Series(below_title, tuple(map(_known, table[AI])), role="line"),)
    below = Figure("curve_share", below_title, below_title + ".", "lines", below_unit, name, x, share)
    line = (Series(title, tuple(map(_known, table[NPV])), role="line"),)
    return Figure("curve", title, f"By {name}{held}; share of AI beneath.", "lines", unit, name, x, line, below)


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(str(value))


def _moves(swept: SweptTables) -> Iterator[Piece]:
    for figure, found in swept.sensitivity.items():
        title = SHOWN.get(figure, (figure, ""))[0]
        if isinstance(found, list):
            yield _swings(found, swept.base_usd or 0.0)
        elif isinstance(found, Mapping) and "rank_correlation" in found:
            about = (
                "Correlation of ranks with each input, from -1 to 1: how steadily it moves the figure, and which way."
            )
            series = (Series("correlation of ranks", tuple(found["rank_correlation"].values())),)
            names = tuple(swept.words.get(name, name) for name in found["rank_correlation"])
            yield Figure(
                f"ranks_{figure}",
                f"What moves {title[:1].lower()}{title[1:]}",
                about,
                "bars",
                "correlation",
                "input",
                names,
                series,
            )
        elif isinstance(found, Mapping):
            yield _variance(figure, title, found, swept.words)


def _swings(found: Sequence[Mapping[str, float | None]], base: float) -> Figure:
    """Change of the value at both ends of each input, the input that moves it most first."""

    def change(one: Mapping[str, float | None], end: str) -> float | None:
        value = one[end]
        return None if value is None else value - base

    def width(one: Mapping[str, float | None]) -> float:
        return max(abs(change(one, end) or 0.0) for end in ("at_low", "at_high"))

    ranked = sorted(found, key=width, reverse=True)
    names = tuple(f"{one['name']} {stated(one['low'] or 0.0)} to {stated(one['high'] or 0.0)}" for one in ranked)
    series = (
        Series("at the low end", tuple(change(one, "at_low") for one in ranked), key="mining"),
        Series("at the high end", tuple(change(one, "at_high") for one in ranked), key="ai_colocation"),
    )
    about = "Change of the net present value when one input moves to an end of its range, all others as they stand."
    return Figure("tornado", "Net present value when one input changes", about, "swings", "USD", "input", names, series)


def _variance(
    figure: str, title: str, found: Mapping[str, Mapping[str, Mapping[str, float]]], words: Mapping[str, str]
) -> Figure:
    series = tuple(
        Series(said, tuple(one[kind]["share"] for one in found.values()))
        for kind, said in (("first", "alone"), ("total", "with others"))
    )
    names = tuple(words.get(name, name) for name in found)
    within = "; ".join(
        f"{name} {written(one['total']['low'], 'share')} to {written(one['total']['high'], 'share')}"
        for name, one in zip(names, found.values(), strict=True)
    )
    about = (
        "Share of the variance of the figure that each input explains over its range, alone and with the others. "
        f"With the others, within 95 %: {within}."
    )
    return Figure(
        f"variance_{figure}",
        f"What moves {title[:1].lower()}{title[1:]}",
        about,
        "bars",
        "share",
        "input",
        names,
        series,
    )


def plans(swept: SweptTables) -> Listing:
    """Different sets of contracts and conversions, at how many points each is best, and what it is worth there."""
    table = swept.table[swept.table[NPV].notna()]
    made = table["conversions"].fillna("").map(lambda text: "; ".join(sorted(_MONTHS.sub("", text).split("; "))))
    keyed = table.assign(signed=table["contracts"].fillna(""), made=made)
    rows = [
        (str(signed) or "none", str(halls) or "none", len(own), float(own[NPV].min()), float(own[NPV].max()))
        for (signed, halls), own in keyed.groupby(["signed", "made"], sort=False)
    ]
    rows = sorted(rows, key=lambda row: -row[2])[:MOST_PLANS]
    columns = (
        Column("contracts"),
        Column("conversions"),
        Column("points"),
        Column("worth from", "USD"),
        Column("to", "USD"),
    )
    about = f"What is best, whenever it is decided, and at how many of {len(swept.table):,} points."
    return listing("sweep_plans", "Plans", about, columns, rows)


def points(swept: SweptTables) -> Listing:
    """Every point: its inputs, its value, its share of AI, what it decides."""
    table = swept.table
    columns = (
        Column("point"),
        *(Column(swept.words[name]) for name in swept.inputs),
        Column("status"),
        Column("net present value", "USD"),
        Column("AI share in the last year", "share"),
        Column("contracts"),
        Column("conversions"),
    )
    inputs = [INPUT + name for name in swept.inputs]
    rows = [
        (
            int(row["point"]),
            *(_known(row[name]) for name in inputs),
            str(row["status"]).replace("_", " "),
            _known(row[NPV]),
            _known(row[AI]),
            _text(row["contracts"]),
            _text(row["conversions"]),
        )
        for row in table.to_dict("records")
    ]
    return listing("points", "All points", "In the order of the design.", columns, rows)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
