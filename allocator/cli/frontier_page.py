"""The page and the picture of a frontier."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from allocator.cli.text import line_width, money, percent, printable, table
from allocator.pipeline.errors import WriteError
from allocator.reports import frontier as drawn
from allocator.reports import scales
from allocator.reports.canvas import PicturesMissingError, save, styled
from allocator.studies.frontier.files import HEADROOM, WORST_PATHS, Measure, at_once
from allocator.studies.frontier.points import Frontier

KNEE = "*"


@dataclass(frozen=True)
class Against:
    """How a figure of safety is shown. `of` takes the share of all paths that count as the worst."""

    measure: Measure
    asked: str
    column: str
    of: str
    shown: Callable[[float], str]
    scale: Callable[[scales.Floats], scales.Scale]


AGAINST: Mapping[str, Against] = {
    "worst_paths": Against(
        WORST_PATHS, "weight", "mean of the worst", "the mean of the worst {} of all paths", money, scales.money
    ),
    "ltv_headroom": Against(
        HEADROOM, "at least", "headroom", "the least LTV headroom before a margin call", percent, lambda _: scales.SHARE
    ),
}


@dataclass(frozen=True)
class View:
    """A frontier to be shown: scenario, which (key of AGAINST), share of the worst paths, head of its files."""

    scenario: str
    against: str
    worst: str
    head: Mapping[str, object]
    found: Frontier

    @property
    def measure(self) -> Measure:
        return AGAINST[self.against].measure

    @property
    def words(self) -> str:
        return AGAINST[self.against].of.format(self.worst)


def page(view: View) -> Iterator[str]:
    """Lines of the page."""
    how, points = AGAINST[view.against], view.found.points
    yield printable(f"{view.scenario}: expected value against {view.words}")
    yield ""
    rows = [
        [
            f"{point.asked:g}{KNEE if point.is_knee else ''}",
            money(point.best.expected_usd),
            money(points[0].best.expected_usd - point.best.expected_usd),
            how.shown(point.best.safety),
            percent(point.relative_gap),
            "; ".join(at_once(point)) or "nothing",
        ]
        for point in points
    ]
    columns = [how.asked, "expected", "given up", how.column, "gap", "decided at once"]
    yield from table(columns, rows, range(5), wrapped=5)
    for one in view.found.refused:
        yield printable(f"{one.asked:g} has no plan: {one.reason}")
    yield from _notes(view)


def _notes(view: View) -> Iterator[str]:
    yield ""
    if any(point.is_knee for point in view.found.points):
        yield from _wrapped(
            f"{KNEE} a knee: up to here safety comes cheaply, beyond it dearly. It lies furthest outside the straight "
            "line between the first and the last point, both figures measured as shares of their way between these."
        )
    if view.against == "ltv_headroom":
        yield from _wrapped(
            "Headroom is the call level less loan to value before the company acts, at the lowest price of a period "
            "and without free Bitcoin, the least of all loans and nodes after the first."
        )
    if any(point.best.plan.meta.penalty_usd for point in view.found.points):
        yield "Some of these plans break a limit at a price, which stands outside both columns."


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, line_width())


def draw(view: View, folder: Path) -> str:
    """Write pictures/frontier.svg and .png; returns in words where they are, or what they need."""
    points, how = view.found.points, AGAINST[view.against]
    safety, value = (np.array([getattr(p.best, name) for p in points]) for name in ("safety", "expected_usd"))
    picture = drawn.Picture(
        title="What caution costs",
        subtitle=f"{view.scenario}: expected net present value against {view.words}",
        safety=safety,
        safety_scale=how.scale(safety),
        safety_words=how.of.format(view.worst).removeprefix("the "),
        value=value,
        value_scale=scales.money(value),
        labels=[f"{how.asked} {point.asked:g}" for point in points],
        knees=[position for position, point in enumerate(points) if point.is_knee],
    )
    try:
        with styled():
            files = save(drawn.draw(picture), folder / "pictures", "frontier")
    except PicturesMissingError as error:
        return str(error)
    except OSError as error:
        raise WriteError(f"{folder / 'pictures'} was not written: {error}") from error
    return f"picture: {files[-1]}"
