"""Pages of a sweep and of a comparison: every number of their tables, names as text, bridges that add up."""

from __future__ import annotations

import html
import json
import math
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.cli.report_html import write
from allocator.cli.report_pictures import write_pictures
from allocator.cli.report_xlsx import write as write_workbook
from allocator.pipeline.errors import BadInputError
from allocator.reports import caution, compared, swept
from allocator.reports.figure import Figure, Listing
from allocator.reports.findings import finding
from allocator.reports.swept import SweptTables
from allocator.reports.web.page import html_page
from allocator.reports.web.studies import sweep_report
from tests.reports.browser import Browser
from tests.reports.page_checks import charts_have_words_and_tables, drawn, fits_paper, listeners_are_told

SCRIPT = "<script>alert(1)</script>"
ASKED = {
    "scenario": SCRIPT,
    "input_hash": "0123abcd",
    "hours": "full",
    "versions": {"allocator": "0.1.0"},
    "sample": {"kind": "grid", "count": 0, "seed": 0},
}


def results(*axes: list[float]) -> pd.DataFrame:
    """Points whose value is the sum of their inputs in millions; none at the first one."""
    rows = [
        {
            "point": k,
            **{f"input.{name}": value for name, value in zip("abc", values, strict=False)},
            "status": "within_gap" if k else "infeasible",
            "npv_usd": 1e6 * sum(values) if k else np.nan,
            "relative_gap": 1e-4 if k else np.nan,
            "ai_share_last_year": 0.25 if k else np.nan,
            "contracts": SCRIPT if k else None,
            "conversions": f"hall to racks 2027-0{k % 9 + 1}" if k else None,
        }
        for k, values in enumerate(product(*axes))
    ]
    return pd.DataFrame(rows)


def grid(*axes: list[float]) -> SweptTables:
    return SweptTables(results(*axes), ASKED, {}, None)


def plain(page: str) -> str:
    without = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", without))


def test_a_map_has_every_point_and_none_where_there_is_no_plan() -> None:
    found = grid([1.0, 2.0, 3.0], [10.0, 20.0])
    figure = swept.sections(found)[0].pieces[0]
    assert isinstance(figure, Figure)
    assert figure.x == ("1", "2", "3")
    assert [series.name for series in figure.series] == ["b 20", "b 10"]
    assert [series.numbers for series in figure.series] == [(21e6, 22e6, 23e6), (None, 12e6, 13e6)]


def test_a_map_says_its_least_and_its_most_and_inputs_by_the_last_part_of_their_path() -> None:
    found = grid([1.0, 2.0, 3.0], [10.0, 20.0])
    paths = {"input.a": "input.contracts[*].rent", "input.b": "input.sites[0].power_limit_mw"}
    table = found.table.rename(columns=paths)
    figure = swept.sections(replace(found, table=table))[0].pieces[0]
    assert isinstance(figure, Figure)
    assert finding(figure) == "Net present value: $12.00\N{NO-BREAK SPACE}M to $23.00\N{NO-BREAK SPACE}M"
    assert (figure.x_name, figure.series[0].name) == ("rent", "power_limit_mw 20")
    assert "contracts[*].rent" in figure.about


def test_the_least_cell_of_a_map_is_faint_and_the_most_one_dark(tmp_path: Path) -> None:
    page = html_page(sweep_report(grid([1.0, 2.0], [10.0, 20.0])))
    shades = [float(depth) for depth in re.findall(r'style="--depth: ([0-9.]+)"', page)]
    assert (shades[0], shades[1], shades[2]) == (0.908, 1.0, 0.08)


def test_a_curve_of_one_input_rises_with_it_and_a_third_input_is_held() -> None:
    curve = swept.sections(grid([3.0, 1.0, 2.0]))[0].pieces[0]
    held = swept.sections(grid([1.0, 2.0], [10.0, 20.0], [5.0]))[0].pieces[0]
    assert isinstance(curve, Figure)
    assert isinstance(held, Figure)
    assert curve.x == ("1", "2", "3")
    assert curve.series[0].numbers == (1e6, 2e6, None)
    assert "c 5" in held.about


def test_plans_that_differ_in_months_alone_are_one() -> None:
    found = swept.plans(grid([1.0, 2.0], [10.0, 20.0]))
    assert [row[2:] for row in found.rows] == [(3, 12e6, 22e6)]


def test_swings_are_changes_from_the_scenario_as_it_stands() -> None:
    ends = [
        {"name": "a", "low": 1.0, "high": 2.0, "at_low": 4e6, "at_high": 7e6},
        {"name": "b", "low": 1.0, "high": 2.0, "at_low": None, "at_high": 9e6},
    ]
    found = SweptTables(results([1.0]), {**ASKED, "sample": {"kind": "one_by_one"}}, {"npv_usd": ends}, 5e6)
    figure = swept.sections(found)[0].pieces[0]
    assert isinstance(figure, Figure)
    assert [series.numbers for series in figure.series] == [(None, -1e6), (4e6, 2e6)]


def head() -> dict[str, object]:
    about = {"scenario": "s", "input_hash": "ff", "relative_gap": 0.0, "binds": [], "remarks": ["mind this"]}
    return {
        "plans": [
            {"label": "stay", "objective_usd": 5e6, "decides": [], **about},
            {"label": SCRIPT, "objective_usd": 7e6, "decides": [f"sign {SCRIPT}"], **about},
        ],
        "missing": [{"label": "no", "reason": "infeasible"}],
    }


FIGURES = pd.DataFrame(
    [
        ("by year", "EBITDA", "2027", "USD", "stay", 1.5e6, 0.0),
        ("by year", "EBITDA", "2027", "USD", SCRIPT, 2.5e6, 1e6),
        ("by year", "EBITDA margin", "2027", "share", "stay", np.nan, np.nan),
    ],
    columns=["section", "name", "of", "unit", "plan", "value", "difference"],
)
BRIDGE = pd.DataFrame(
    [("stay", SCRIPT, "contracts", 3e6), ("stay", SCRIPT, "power", -1e6)], columns=["first", "second", "term", "usd"]
)


def test_the_terms_of_a_bridge_add_to_the_difference_between_both_values() -> None:
    _, ebitda, figure = compared.sections(head(), FIGURES, BRIDGE)[0].pieces
    assert isinstance(ebitda, Figure)
    assert [series.numbers for series in ebitda.series] == [(1.5e6,), (2.5e6,)]
    assert isinstance(figure, Figure)
    steps = [float(str(step)) for step in figure.series[0].numbers]
    assert steps == [3e6, -1e6, 2e6]
    assert "5.00" in figure.about
    assert "7.00" in figure.about
    assert math.fsum(steps[:-1]) == steps[-1]


def test_figures_stand_beside_one_another_in_words_with_their_unit() -> None:
    listed = compared.sections(head(), FIGURES, BRIDGE)[2].pieces[0]
    assert isinstance(listed, Listing)
    assert listed.rows[0] == (
        "EBITDA",
        "2027",
        "USD",
        "$1.50\N{NO-BREAK SPACE}M",
        "$2.50\N{NO-BREAK SPACE}M",
        "$1.00\N{NO-BREAK SPACE}M",
    )
    assert listed.rows[1][3:] == ("\N{EN DASH}", "\N{EN DASH}", "\N{EN DASH}")


def steps() -> dict[str, object]:
    """frontier.json of two steps, the second one a knee."""
    about = {"penalty_usd": 0.0, "bound_usd": 9e6, "relative_gap": 1e-4, "plan": "w", "decided_at_once": [SCRIPT]}
    values = [(0.0, 8e6, 1e6, False), (0.5, 7e6, 4e6, True)]
    points = [
        {"tail_weight": weight, "expected_usd": value, "mean_of_worst_usd": worst, "is_knee": knee, **about}
        for weight, value, worst, knee in values
    ]
    head = {"scenario": "s", "against": "worst_paths", "tail_level": 0.9}
    return {**head, "points": points, "refused": [{"asked": 0.9, "reason": "no plan"}]}


def test_a_frontier_says_what_each_step_of_caution_costs() -> None:
    curve, listed, refused = (piece for section in caution.sections(steps()) for piece in section.pieces)
    assert isinstance(curve, Figure)
    assert isinstance(listed, Listing)
    assert isinstance(refused, Listing)
    assert curve.below is not None
    assert (curve.series[0].numbers, curve.below.series[0].numbers) == ((8e6, 7e6), (1e6, 4e6))
    assert [row[:5] for row in listed.rows] == [("0", False, 8e6, 0.0, 1e6), ("0.5", True, 7e6, 1e6, 4e6)]
    assert refused.rows == (("0.9", "no plan"),)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """A folder as `allocator sweep` leaves it, and one as `allocator compare` does."""
    made = {name: tmp_path / name for name in ("sweep", "comparison", "frontier")}
    for home in made.values():
        home.mkdir()
    results([1.0, 2.0, 3.0], [10.0, 20.0]).to_parquet(made["sweep"] / "results.parquet")
    (made["sweep"] / "sweep.json").write_text(json.dumps(ASKED), encoding="utf-8")
    FIGURES.to_parquet(made["comparison"] / "figures.parquet")
    BRIDGE.to_parquet(made["comparison"] / "bridge.parquet")
    (made["comparison"] / "comparison.json").write_text(json.dumps(head()), encoding="utf-8")
    (made["frontier"] / "frontier.json").write_text(json.dumps(steps()), encoding="utf-8")
    return made


def test_folders_of_studies_become_pages_that_a_browser_shows(
    folders: dict[str, Path], tmp_path: Path, browser: Browser
) -> None:
    for name, home in folders.items():
        write(home, tmp_path / f"{name}.html")
        page = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        assert "<script>alert" not in page
        assert SCRIPT in plain(page)
        drawn(browser, page)
        charts_have_words_and_tables(browser)
        listeners_are_told(browser)
        fits_paper(browser)


def test_studies_become_pictures(folders: dict[str, Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra reports")
    drawn = {}
    for name, home in folders.items():
        write_pictures(home, tmp_path / f"{name}-pictures", "svg")
        drawn[name] = sorted(file.name for file in (tmp_path / f"{name}-pictures").iterdir())
    assert drawn == {
        "sweep": ["01_map_npv_usd.svg", "02_map_ai_share_last_year.svg"],
        "comparison": ["01_values.svg", "02_ebitda.svg", "03_bridge_script_alert_1_script.svg"],
        "frontier": ["01_frontier.svg"],
    }


def test_the_workbook_of_a_study_is_refused_with_the_formats_there_are(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    for home in folders.values():
        with pytest.raises(BadInputError, match="--format html"):
            write_workbook(home, tmp_path / "none.xlsx")


def test_a_damaged_study_is_a_fault_of_the_folder(folders: dict[str, Path], tmp_path: Path) -> None:
    (folders["sweep"] / "sweep.json").write_text("[]", encoding="utf-8")
    (folders["comparison"] / "bridge.parquet").write_bytes(b"no table")
    (folders["frontier"] / "frontier.json").write_text("{}", encoding="utf-8")
    for home in folders.values():
        with pytest.raises(BadInputError):
            write(home, tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()
