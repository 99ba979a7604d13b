"""Pictures of a report: one a figure, equal for equal plans, with the numbers of the figure in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocator.plan.plan import Plan
from allocator.reports.catalogue import sections
from allocator.reports.figure import FROM_MONTH, Figure, Row, Section, Series, Span, Timeline
from allocator.reports.findings import finding
from tests.cli.conftest import Command

pytest.importorskip("matplotlib", reason="needs the extra reports")

from allocator.reports.canvas import styled
from allocator.reports.pictures.files import draw, pictures
from allocator.reports.pictures.palette import inks
from allocator.reports.pictures.places import places
from allocator.reports.pictures.sheet import short

MONTHS = ("2027-01", "2027-02", "2027-03", "2027-06")
HOSTILE = ("_under", "$x^2$", "<b>", "../../x", "\N{ROCKET} deal", "n" * 300, "a\nb")


def stacked(*series: Series, x_name: str = FROM_MONTH) -> Figure:
    return Figure("use", "Power by use", "How.", "stacked", "MW", x_name, MONTHS, series, months=(1, 1, 3, 3))


def test_each_kind_of_figure_is_drawn_the_same_each_time(branching: Plan) -> None:
    pieces = [p for section in sections(branching) for p in section.pieces if isinstance(p, (Figure, Timeline))]
    of_kind = {getattr(piece, "kind", "timeline"): piece for piece in pieces}
    assert set(of_kind) >= {"timeline", "stacked", "lines", "bars", "waterfall"}
    found = [Section("s", "S", tuple(of_kind.values()))]
    first, again = (dict(pictures(found, "svg")) for _ in range(2))
    assert len(first) == len(of_kind)
    assert first == again
    assert not [name for name, drawn in first.items() if b"<dc:date>" in drawn]


def test_a_report_is_a_folder_of_numbered_pictures(solved: Path, tmp_path: Path, command: Command) -> None:
    said = command("report", solved / "plan", "--format", "png", "--out", tmp_path / "drawn", "--json")
    assert (said.code, said.json["format"]) == (0, "png")
    names = sorted(file.name for file in (tmp_path / "drawn").iterdir())
    assert [name[:2] for name in names] == [f"{k:02d}" for k in range(1, len(names) + 1)]
    assert all((tmp_path / "drawn" / name).read_bytes().startswith(b"\x89PNG") for name in names)


def test_a_folder_that_cannot_be_made_is_told(solved: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").write_text("x")
    said = command("report", solved / "plan", "--format", "svg", "--out", tmp_path / "file")
    assert said.code == 1
    assert "cannot be written" in said.err


def test_amounts_stand_on_one_another_and_negative_ones_hang_below() -> None:
    figure = stacked(Series("a", (1.0, 2.0, 3.0, 4.0)), Series("b", (5.0, -5.0, None, 1.0)))
    with styled():
        patches = draw(figure).axes[0].patches
    ends = [patch.get_data() for patch in patches]
    assert ends[0].values.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert ends[1].values.tolist() == [6.0, -5.0, 3.0, 5.0]
    assert np.asarray(ends[1].baseline).tolist() == [1.0, 0.0, 3.0, 4.0]


def test_periods_are_as_wide_as_they_last() -> None:
    assert places(stacked()).width.tolist() == [1.0, 1.0, 3.0, 3.0]
    assert places(replace(stacked(), x=("a", "b"), x_name="hall")).width.tolist() == [1.0, 1.0]


def test_names_are_text_and_files_stay_in_their_folder() -> None:
    figure = replace(stacked(*(Series(name, (1.0,) * 4) for name in HOSTILE)), key="../../etc/x", title="<script>")
    hall = Timeline(
        "../h", "Halls", "", ("2027-01",), "2027-02", tuple(Row(n, "", (Span(0, 0, n, n),)) for n in HOSTILE)
    )
    assert list(dict(pictures([Section("s", "S", (figure, hall))], "png"))) == ["01_etc_x.png", "02_h.png"]
    with styled():
        legends = draw(figure).legends
    assert [text.get_text() for text in legends[0].get_texts()] == [short(name) for name in HOSTILE]
    assert max(len(short(name)) for name in HOSTILE) <= 35


def test_no_two_series_look_alike() -> None:
    keys = ("mining", "treasury", "worst", "sold", *([""] * 20))
    looks = inks(Series(str(k), (), key=key) for k, key in enumerate(keys))
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        (stacked(Series("a", (0.0, 1.0, 2.0, 3.0))), "Power by use: a from 0.0 to 3.0 MW"),
        (
            Figure(
                "s",
                "Swings",
                "",
                "swings",
                "USD",
                "p",
                ("a", "b"),
                (Series("l", (-1e6, 2e6)), Series("h", (1e6, -3e6))),
            ),
            "Swings: most from b, up to $3.00 M",
        ),
        (stacked(Series("mining", (9.0,) * 4, key="mining")), "Mining stays near 9.0 MW"),
        (stacked(Series("a", (1.0, 2.0, 3.0, 4.0)), x_name="hour (UTC)"), "Power by use: 1.0 to 4.0 MW drawn"),
        (
            Figure("w", "Value", "", "waterfall", "USD", "s", ("a", "b", "sum"), (Series("v", (3e6, -1e6, 2e6)),)),
            "Sum $2.00 M; most from a, $3.00 M; least from b, \N{MINUS SIGN}$1.00 M",
        ),
        (
            Figure("c", "Cash", "", "lines", "USD", "month", ("m1", "m2"), (Series("cash", (5.0, 7.0), "line"),)),
            "Cash: least $5 (m1); $7 at the end",
        ),
        (
            Figure(
                "m",
                "Mix",
                "",
                "stacked",
                "USD",
                "month",
                MONTHS[:2],
                (Series("a", (1.0, 3.0)), Series("b", (1.0, 1.0))),
            ),
            "Mix: a goes from 50 % to 75 %",
        ),
    ],
)
def test_a_finding_has_the_numbers_of_its_figure(figure: Figure, says: str) -> None:
    assert finding(figure).replace("\N{NO-BREAK SPACE}", " ") == says


def test_a_timeline_says_which_halls_change() -> None:
    rows = (Row("a", "", (Span(0, 0, "x", "x"), Span(1, 1, "y", "y"))), Row("b", "", (Span(0, 1, "x", "x"),)))
    assert finding(Timeline("t", "Halls", "", MONTHS[:2], "2027-03", rows)) == "1 of 2 halls changes: a"
    assert finding(Timeline("t", "Halls", "", MONTHS[:2], "2027-03", rows[1:])) == "No hall changes"
