"""The page of a plan: it shows what its figures say, names as text, and is one file that loads nothing."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from allocator.cli.assumptions import assumptions
from allocator.cli.report_html import report_of
from allocator.plan.plan import Plan
from allocator.reports.catalogue import sections
from allocator.reports.figure import Figure, Listing, Series
from allocator.reports.web.charts import chart, text
from allocator.reports.web.page import html_page
from allocator.reports.web.plan import plan_report
from allocator.reports.web.report import Report
from allocator.reports.words import written
from allocator.scenario.load import load_scenario
from tests.reports.browser import printed, seen
from tests.reports.conftest import HAND, SHOWN

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "=HYPERLINK(1)",
    "../../x",
    "\u05d0\u05d1\u05d2\u202e x",
    "n" * 300,
)


@pytest.fixture(scope="module")
def reports(plans: dict[str, Plan]) -> dict[str, Report]:
    return {name: report_of(plans[name], load_scenario(HAND / name)) for name in SHOWN}


@pytest.fixture(scope="module")
def pages(reports: dict[str, Report]) -> dict[str, str]:
    return {name: html_page(report) for name, report in reports.items()}


def _plain(page: str) -> str:
    """The words of a page, scripts left out, in one line."""
    without = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", without))


@pytest.mark.parametrize("name", SHOWN)
def test_every_number_of_every_figure_stands_on_the_page(
    name: str, reports: dict[str, Report], pages: dict[str, str]
) -> None:
    words = _plain(pages[name])
    for section in reports[name].sections:
        for piece in section.pieces:
            table = piece if isinstance(piece, Listing) else piece.listing()
            for row in table.rows:
                for value, column in zip(row, table.columns, strict=True):
                    assert written(value, column.unit) in words


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_says_value_proof_and_hash(name: str, plans: dict[str, Plan], pages: dict[str, str]) -> None:
    words, meta = _plain(pages[name]), plans[name].meta
    assert written(meta.objective_usd, "USD") in words
    assert f"No plan can be worth more than {written(meta.bound_usd, 'USD')}" in words
    assert "Every rule and every dollar was derived again" in words
    assert meta.input_hash in words
    for remark in meta.remarks:
        assert remark in words


def test_equal_plans_give_equal_pages(reports: dict[str, Report], pages: dict[str, str]) -> None:
    assert html_page(reports["retrofit"]) == pages["retrofit"]


@pytest.mark.parametrize("name", SHOWN)
def test_charts_draw_the_numbers_of_their_figures(name: str, plans: dict[str, Plan]) -> None:
    for section in sections(plans[name]):
        for piece in section.pieces:
            if isinstance(piece, Figure) and piece.kind != "heatmap":
                drawn = chart(piece)
                json.dumps(drawn, allow_nan=False)
                shown = [s for part in (piece, piece.below) if part for s in part.series if s.role != "beside"]
                axis = "x" if piece.kind == "waterfall" else "y"
                assert len(drawn["data"]) == (1 if piece.kind == "waterfall" else len(shown))
                for trace, series in zip(drawn["data"], shown, strict=False):
                    assert _proportional(trace[axis], series.numbers)


def _proportional(drawn: list[float | None], numbers: tuple[float | None, ...]) -> bool:
    """Whether one list is the other in another unit."""
    pairs = [(a, b) for a, b in zip(drawn, numbers, strict=True) if a is not None and b is not None]
    most = max(pairs, key=lambda pair: abs(pair[1]), default=(1.0, 1.0))
    factor = most[0] / most[1] if most[1] else 1.0
    return [a is None for a in drawn] == [b is None for b in numbers] and all(
        a == pytest.approx(b * factor, rel=1e-4, abs=1e-9 * abs(most[0])) for a, b in pairs
    )


def test_the_steps_of_a_waterfall_follow_one_another() -> None:
    steps = Figure(
        "w", "w", "w.", "waterfall", "USD", "source", ("a", "b", "c", "all"), (Series("v", (4.0, -6.0, 5.0, 3.0)),)
    )
    (trace,) = chart(steps)["data"]
    assert trace["base"] == [0.0, 4.0, -2.0, 0.0]
    assert trace["x"] == [4.0, -6.0, 5.0, 3.0]


def _renamed(plan: Plan) -> Plan:
    """The plan with hostile names for its halls, contracts, sites and models."""
    names: dict[str, str] = {}
    for column, table in (("hall", "halls"), ("contract", "contracts"), ("fit_out", "halls"), ("model", "fleets")):
        for name in plan.tables[table][column].unique():
            if name and name not in names:
                names[name] = HOSTILE[len(names)] if len(names) < len(HOSTILE) else f"{SCRIPT}{len(names)}"

    def mapped(frame: pd.DataFrame) -> pd.DataFrame:
        texts = [
            c
            for c in frame.columns
            if c in ("hall", "contract", "fit_out", "from_fit_out", "to_fit_out", "model", "subject")
        ]
        return frame.assign(**{column: frame[column].map(lambda name: names.get(name, name)) for column in texts})

    tables = {name: mapped(frame) for name, frame in plan.tables.items()}
    dispatch = {pair: {name: mapped(frame) for name, frame in hours.items()} for pair, hours in plan.dispatch.items()}
    return Plan(tables, dispatch, replace(plan.meta, scenario=SCRIPT, remarks=HOSTILE))


@pytest.fixture(scope="module")
def hostile(converted: Plan) -> str:
    loaded = load_scenario(HAND / "retrofit")
    return html_page(plan_report(_renamed(converted), assumptions(loaded), (), None))


def test_hostile_names_are_text(hostile: str) -> None:
    assert "<script>alert" not in hostile
    assert "<img" not in re.sub(r"<script>.*?</script>", "", hostile, flags=re.DOTALL)
    words = _plain(hostile)
    for name in HOSTILE:
        assert name in words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("n" * 40, "n" * 31 + "\N{HORIZONTAL ELLIPSIS}"),
        ("\u05d0", "\N{FIRST STRONG ISOLATE}\u05d0\N{POP DIRECTIONAL ISOLATE}"),
    ],
)
def test_names_in_charts_are_short_plain_text(name: str, shown: str) -> None:
    assert text(name) == shown


def test_a_browser_draws_all_charts_without_a_fault_and_loads_nothing(pages: dict[str, str], tmp_path: Path) -> None:
    for name, page in pages.items():
        for width in (390, 1200):
            found = seen(page, width, tmp_path / name / str(width))
            assert found.faults == []
            assert found.loaded == 0
            assert found.drawn == found.charts > 0
            assert found.wide == 0
            assert found.width == width


def test_a_browser_shows_hostile_names_as_text_on_a_phone(hostile: str, tmp_path: Path) -> None:
    found = seen(hostile, 390, tmp_path)
    assert found.faults == []
    assert found.wide == 0
    assert SCRIPT in found.text


def test_printed_it_takes_a_few_pages(pages: dict[str, str], tmp_path: Path) -> None:
    assert 3 <= printed(pages["chance_of_call"], tmp_path) <= 20
