"""The page of a plan: it shows what its figures say, names as text, and is one file that loads nothing."""

from __future__ import annotations

import html
import json
import re
from datetime import date, timedelta

import pytest

from allocator.plan.plan import Plan
from allocator.reports.catalogue import sections
from allocator.reports.figure import END_OF_MONTH, FROM_MONTH, Figure, Listing, Row, Section, Series, Span, Timeline
from allocator.reports.time_axis import HOURS
from allocator.reports.web.charts import chart, text
from allocator.reports.web.page import html_page
from allocator.reports.web.report import Report
from allocator.reports.words import written
from tests.reports.conftest import HOSTILE, SHOWN


def _plain(page: str) -> str:
    """The words of a page, scripts left out, in one line."""
    without = re.sub(r"<(script|style).*?</\1>|</?span[^>]*>", "", page, flags=re.DOTALL)
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
                axis = "x" if piece.kind in ("waterfall", "swings") else "y"
                assert len(drawn["data"]) == (1 if piece.kind == "waterfall" else len(shown))
                for trace, series in zip(drawn["data"], shown, strict=False):
                    count = len(series.numbers)
                    assert _proportional(trace[axis][:count], series.numbers)


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


@pytest.mark.parametrize(
    ("x_name", "x"), [(FROM_MONTH, ("2027-01", "2027-02")), (END_OF_MONTH, ("2027-01", "2027-04"))]
)
def test_bars_last_as_long_as_their_periods(x_name: str, x: tuple[str, ...]) -> None:
    """January, then February to April: 31 and 89 days, which begin where the one before is over."""
    series = (Series("a", (1.0, 2.0)), Series("limit", (3.0, 4.0), role="limit"))
    bars, limit = chart(Figure("f", "F", "f.", "stacked", "MW", x_name, x, series, months=(1, 3)))["data"]
    day_ms, begins = 86_400_000, [date.fromisoformat(at) for at in bars["x"]]
    assert [width / day_ms for width in bars["width"]] == pytest.approx([0.94 * 31, 0.94 * 89])
    left = [at + timedelta(days=offset / day_ms) for at, offset in zip(begins, bars["offset"], strict=True)]
    assert [(at - date(2027, 1, 1)).days for at in left] == pytest.approx([0, 31], abs=1)
    assert limit["x"][-1] == ("2027-05-01" if x_name == FROM_MONTH else "2027-04-30")


@pytest.mark.parametrize(
    ("months", "step"), [((1,) * 4, "M1"), ((1, 1, 3, 3), "M1"), ((3,) * 8, "M3"), ((12,) * 5, "M12")]
)
def test_marks_of_months_are_a_part_or_a_multiple_of_a_year_apart(months: tuple[int, ...], step: str) -> None:
    x = tuple(f"{2027 + k}-01" for k in range(len(months)))
    series = (Series("a", (1.0,) * len(months)),)
    axis = chart(Figure("f", "F", "f.", "stacked", "MW", FROM_MONTH, x, series, months=months))["layout"]["xaxis"]
    assert (axis["tick0"], axis["dtick"]) == ("2027-01-01", step)


def test_days_that_do_not_follow_one_another_stand_apart() -> None:
    hours = tuple(f"2027-{day} {hour:02d}:00" for day in ("01-05", "03-09") for hour in range(24))
    drawn = chart(Figure("f", "F", "f.", "stacked", "MW", HOURS, hours, (Series("a", (1.0,) * 48),)))
    axis = drawn["layout"]["xaxis"]
    assert (axis["type"], axis["tickvals"], axis["ticktext"]) == ("category", [0, 24], ["5 Jan", "9 Mar"])
    assert [cut["x0"] for cut in drawn["layout"]["shapes"]] == [23.5]


def test_periods_of_a_timeline_are_as_wide_as_they_last() -> None:
    row = Row("hall", "site", (Span(0, 1, "air", "air"),))
    shown = Timeline("t", "Halls", "Halls.", ("2027-01", "2027-04"), "2027-05", (row,))
    page = html_page(Report("s", "Plan", "", (), (), (Section("s", "S", (shown,)),), ()))
    assert page.count("grid-template-columns: minmax(0, 3fr) minmax(0, 1fr)") == 2
