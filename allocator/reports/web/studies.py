"""The pages of a comparison, of a sweep and of a frontier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from allocator.reports import caution, compared, swept
from allocator.reports.swept import AI, NPV, SweptTables
from allocator.reports.verdict import verdict
from allocator.reports.web.proof import gap_words
from allocator.reports.web.report import Report, Tile
from allocator.reports.words import written

MOST_TILES = 8


def comparison_report(head: Mapping[str, Any], figures: pd.DataFrame, bridge: pd.DataFrame) -> Report:
    """The report of what `allocator compare` wrote."""
    plans = head["plans"]
    first = plans[0]
    lead, *why = verdict(head, lambda usd: written(usd, "USD"))
    tiles = tuple(
        Tile(one["label"], written(one["objective_usd"], "USD"), _against(one, first)) for one in plans[:MOST_TILES]
    )
    return Report(
        title=str(first["scenario"]),
        kind="Comparison",
        lead=f"{lead}, of {len(plans)} plans.",
        why=tuple(f"{text[:1].upper()}{text[1:]}." for text in why),
        tiles=tiles,
        surety=tuple(f"{one['label']}: proven gap {gap_words(one['relative_gap'])}." for one in plans),
        sections=compared.sections(head, figures, bridge),
        facts=tuple((f"inputs of {one['label']}", one["input_hash"]) for one in plans),
        warnings=tuple(f"{one['label']} has no plan: {one['reason']}" for one in head["missing"]),
        remarks=tuple(_remarks(plans)),
    )


def _remarks(plans: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each remark once, behind the plans that it is of where it is not of all."""
    said = [[*one.get("notes", ()), *one["remarks"]] for one in plans]
    for remark in dict.fromkeys(remark for own in said for remark in own):
        of = [str(one["label"]) for one, own in zip(plans, said, strict=True) if remark in own]
        yield str(remark) if len(of) == len(plans) else f"{', '.join(of)}: {remark}"


def _against(one: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    if one is first:
        return "the others are measured against it"
    return f"{written(one['objective_usd'] - first['objective_usd'], 'USD')} against {first['label']}"


def _range(low: float, high: float) -> str:
    return f"{written(low, 'USD')} to {written(high, 'USD')}"


def sweep_report(found: SweptTables) -> Report:
    """The report of what `allocator sweep` wrote."""
    table, asked = found.table, found.asked
    known = table[table[NPV].notna()]
    low, high = float(known[NPV].min()), float(known[NPV].max())
    counts = table["status"].value_counts()
    return Report(
        title=str(asked["scenario"]),
        kind="Sweep",
        lead=f"{len(table):,} points over {', '.join(found.inputs)}: worth {_range(low, high)}.",
        tiles=tuple(_tiles(found, known)),
        surety=tuple(
            f"{int(count):,} of {len(table):,} points: {str(status).replace('_', ' ')}."
            for status, count in counts.items()
        ),
        sections=swept.sections(found),
        facts=(
            ("hash of the inputs", str(asked["input_hash"])),
            ("hours", str(asked["hours"])),
            ("versions", ", ".join(f"{name} {version}" for name, version in asked["versions"].items())),
        ),
    )


def frontier_report(head: Mapping[str, Any]) -> Report:
    """The report of what `allocator frontier` wrote."""
    points = head["points"]
    first, last = float(points[0]["expected_usd"]), float(points[-1]["expected_usd"])
    knees = sum(bool(point["is_knee"]) for point in points)
    gaps = [point["relative_gap"] for point in points]
    tiles = (
        Tile("Steps of caution", str(len(points)), f"{len(head['refused'])} more without a plan"),
        Tile("Expected value without caution", written(first, "USD")),
        Tile("At the most cautious step", written(last, "USD"), f"{written(last - first, 'USD')} of change"),
        Tile("Knees", str(knees), "steps up to which safety comes cheaply"),
        Tile("Widest proven gap", "unknown" if None in gaps else gap_words(max(gaps))),
    )
    return Report(
        title=str(head["scenario"]),
        kind="Frontier",
        lead=f"{len(points)} plans, each more cautious: worth {_range(min(first, last), max(first, last))}.",
        tiles=tiles,
        surety=("Each plan is the best one found for its step, among all plans of the frontier.",),
        sections=caution.sections(head),
        facts=(
            *((("hash of the inputs", str(head["input_hash"])),) if "input_hash" in head else ()),
            ("against", str(head["against"]).replace("_", " ")),
        ),
    )


def _tiles(found: SweptTables, known: pd.DataFrame) -> list[Tile]:
    tiles = [Tile("Points", f"{len(found.table):,}", f"{len(found.table) - len(known):,} without a plan")]
    if found.base_usd is not None:
        tiles.append(Tile("As the scenario stands", written(found.base_usd, "USD"), "net present value"))
    tiles += [
        Tile("Lowest value", written(float(known[NPV].min()), "USD")),
        Tile("Highest value", written(float(known[NPV].max()), "USD")),
    ]
    worst = known["relative_gap"].max()
    tiles.append(Tile("Widest proven gap", gap_words(float(worst))))
    share = known[AI]
    ends = dict.fromkeys(written(float(end), "share") for end in (share.min(), share.max()))
    tiles.append(Tile("AI share in the last year", " to ".join(ends)))
    return tiles
