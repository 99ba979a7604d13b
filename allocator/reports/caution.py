"""Figures of a frontier: what is expected at each step of caution, and what safety that buys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocator.reports.figure import Column, Figure, Listing, Section, Series, listing
from allocator.reports.scales import stated

ASKED: Mapping[str, tuple[str, str, str]] = {
    "worst_paths": ("tail_weight", "weight of the worst paths", "mean of the worst paths"),
    "ltv_headroom": ("least_headroom_share", "least headroom asked for", "least headroom below the call level"),
}
"""By what a frontier is against: column of what is asked, its words, and words of the figure of safety."""
SAFETY: Mapping[str, tuple[str, str]] = {
    "worst_paths": ("mean_of_worst_usd", "USD"),
    "ltv_headroom": ("ltv_headroom_share", "share"),
}
"""Column of the figure of safety, and its unit."""


def sections(head: Mapping[str, Any]) -> tuple[Section, ...]:
    """The report of frontier.json."""
    return (
        Section("frontier", "What caution costs", (_curve(head),)),
        Section("points", "Step by step", tuple(_points(head))),
    )


def _curve(head: Mapping[str, Any]) -> Figure:
    against, points = str(head["against"]), head["points"]
    (column, asked, words), (safety, unit) = ASKED[against], SAFETY[against]
    x = tuple(stated(float(point[column])) for point in points)
    expected = Series(
        "expected value", tuple(float(point["expected_usd"]) for point in points), role="line", key="cash"
    )
    safe = Series(words, tuple(float(point[safety]) for point in points), role="line", key="worst")
    below = Figure("safety", words, words + ".", "lines", unit, asked, x, (safe,))
    about = f"Expected net present value by {asked}; beneath, {words} of the same plans."
    return Figure("frontier", "Expected value and safety", about, "lines", "USD", asked, x, (expected,), below)


def _points(head: Mapping[str, Any]) -> list[Listing]:
    against, points = str(head["against"]), head["points"]
    (column, asked, words), (safety, unit) = ASKED[against], SAFETY[against]
    first = float(points[0]["expected_usd"])
    rows = [
        (
            stated(float(point[column])),
            bool(point["is_knee"]),
            float(point["expected_usd"]),
            first - float(point["expected_usd"]),
            float(point[safety]),
            point["relative_gap"],
            "; ".join(point["decided_at_once"]) or "nothing",
        )
        for point in points
    ]
    columns = (
        Column(asked),
        Column("knee"),
        Column("expected value", "USD"),
        Column("given up", "USD"),
        Column(words, unit),
        Column("proven gap", "share"),
        Column("decided at once"),
    )
    about = "A knee is a step up to which safety comes cheaply and beyond which it comes dearly."
    found = [listing("steps", "Steps of caution", about, columns, rows)]
    if head["refused"]:
        lacking = [(stated(float(one["asked"])), str(one["reason"])) for one in head["refused"]]
        about = "What was asked for and has no plan."
        found.append(listing("refused", "Without a plan", about, (Column(asked), Column("why")), lacking))
    return found
