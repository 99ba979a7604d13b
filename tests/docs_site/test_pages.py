"""The pages of the site: all there, generated from what they tell about, linked to pages that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

import pytest

from allocator.planning.families import all_row_labels
from docs.site import validation
from docs.site.__main__ import ROOT, gather, outside
from docs.site.links import rewrite
from docs.site.navigation import navigation
from docs.site.reference import PAGES


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return gather()


def test_every_row_family_has_its_place_and_its_rule(pages: dict[str, str]) -> None:
    formulation = "\n".join(text for path, text in pages.items() if path.startswith("formulation/"))
    for label in all_row_labels():
        assert f"{{ #{label.lower().replace('.', '-')} }}" in formulation, label
    assert formulation.count("Verified as:") == len(all_row_labels())


def test_every_hand_scenario_has_a_page_with_its_optimum(pages: dict[str, str]) -> None:
    cases = validation.hand_cases()
    assert {path.parent.name for path in (ROOT / "scenarios" / "hand").glob("*/scenario.yaml")} == set(cases)
    for name, case in cases.items():
        optimum = f"{abs(case['objective_usd']):,.2f}".removesuffix(".00")
        assert optimum in pages[f"validation/hand/{name}.md"]
        assert re.search(rf"\(hand/{name}\.md\) \| .?{re.escape(optimum)} \|", pages["validation/index.md"])


def test_every_result_of_a_benchmark_is_told(pages: dict[str, str]) -> None:
    for file in (ROOT / "benchmarks" / "results").glob("*.json"):
        assert f"## {file.stem}\n" in pages["validation/benchmarks.md"]


def test_every_replayed_year_is_told(pages: dict[str, str]) -> None:
    cases = json.loads((ROOT / "benchmarks" / "results" / "backtest.json").read_text())["cases"]
    told = pages["validation/index.md"].partition("## Backtests")[2]
    for case in cases:
        captured = case["rules"]["nightly"]["capture_share"]
        assert re.search(rf"\| {case['year']} \| {case['lag_hours']} h \| {100 * captured:.2f} % \|", told), case[
            "site"
        ]


def test_every_page_is_in_the_navigation_once(pages: dict[str, str]) -> None:
    shown = re.findall(r'= "([^"]+\.md)"', navigation(pages))
    assert sorted(shown) == sorted(pages)


def test_links_lead_to_pages(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", prose):
            parts: list[str] = []
            for part in (PurePosixPath(path).parent / link).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in pages, f"{path}: {link}"


def test_public_names_exist() -> None:
    for _, _, public in PAGES.values():
        for module, names in public.items():
            assert set(names) <= set(dir(__import__(module, fromlist=names))), module


def test_links_to_files_without_a_page_become_text() -> None:
    site = {"docs/how_to/planner.md": "how_to/planner.md"}
    text = "[plan](docs/how_to/planner.md#first) and [code](allocator/cli/main.py)"
    assert rewrite(text, "README.md", "about/index.md", site) == "[plan](../how_to/planner.md#first) and code"


def test_what_a_page_would_load_from_a_network_is_found(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text('<a href="https://example.org">x</a><script src="assets/x.js"></script>')
    assert outside(tmp_path) == []
    (tmp_path / "bad.html").write_text("<link rel=stylesheet href=//fonts.example.org/x.css>")
    assert outside(tmp_path) == ["bad.html: <link rel=stylesheet href=//fonts.example.org/x.css"]
