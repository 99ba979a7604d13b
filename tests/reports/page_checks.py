"""What every page must be, on a phone, on a desk and on paper, whatever plan or study it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.reports.browser import Browser, Seen

UNITS = {"B": 1e9, "M": 1e6, "": 1.0}
_MONEY = re.compile(r"^(\u2212?)\$([\d,.]+)(?:\u00a0([MB]))?$")
_TOTALS = """[...document.querySelectorAll("tr.total")].map((total) => ({
  name: total.closest("article").querySelector("h3").textContent,
  rows: [...total.parentElement.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
}))"""
_CHARTS = """[...document.querySelectorAll(".chart")].map((one) => ({
  says: one.getAttribute("aria-label"),
  rows: one.closest("article").querySelectorAll("details tbody tr").length,
  points: Math.max(...one.data.map((trace) => trace.y.length)),
}))"""
_BEYOND = """(() => {
  const width = document.documentElement.clientWidth, found = [];
  for (const one of document.querySelectorAll("main *, header *")) {
    const place = one.getBoundingClientRect();
    if (place.width && place.right > width + 1) found.push(one.tagName + " " + one.textContent.slice(0, 40));
  }
  for (const one of document.querySelectorAll(".chart")) {
    const [chart, card] = [one.querySelector(".main-svg"), one.closest(".card")].map((it) => it.getClientRects()[0]);
    if (chart.right > card.right || chart.bottom > card.bottom) found.push("cut: " + one.getAttribute("aria-label"));
  }
  return found;
})()"""
NAMED = ("img", "image", "link", "region", "table", "DisclosureTriangle", "heading", "navigation")
"""Roles that mean nothing to a listener without a name; tables are named by the regions around them."""


def drawn(browser: Browser, page: str, width: int = 390, dark: bool = False) -> Seen:
    """The page at a width: scripts without a fault, nothing loaded, all charts there, nothing beyond the width."""
    found = browser.open(page, width, dark=dark)
    assert found.faults == []
    assert found.loaded == []
    assert found.drawn == found.charts
    assert (found.wide, found.width) == (0, width)
    return found


def totals_add_up(browser: Browser) -> int:
    """Rows above each total add up to it as they are written, up to their rounding; how many tables have one."""
    tables = browser.value(_TOTALS)
    for table in tables:
        *rows, total = table["rows"]
        for column, told in enumerate(total):
            if _MONEY.match(told):
                parts = [_usd(row[column]) for row in rows]
                value, rounding = sum(part for part, _ in parts), sum(step for _, step in parts) + _usd(told)[1]
                assert value == pytest.approx(_usd(told)[0], abs=rounding), (table["name"], column)
    return len(tables)


def _usd(words: str) -> tuple[float, float]:
    """Dollars of a written amount, and how far rounding may have moved it."""
    found = _MONEY.match(words)
    assert found, words
    sign, digits, unit = found.groups(default="")
    decimals = len(digits.partition(".")[2])
    return float(digits.replace(",", "")) * UNITS[unit] * (-1.0 if sign else 1.0), 0.5 * UNITS[unit] / 10**decimals


def charts_have_words_and_tables(browser: Browser) -> None:
    """Each chart says what it is, and a table of as many rows as it has points stands behind it."""
    for chart in browser.value(_CHARTS):
        assert len(chart["says"]) > 40
        assert 0 < chart["rows"] <= chart["points"] <= chart["rows"] + 1, chart["says"]


def listeners_are_told(browser: Browser) -> None:
    """What screen readers are given has names, and headings go down one level at a time."""
    nodes = [node for node in browser.accessible() if not node.get("ignored")]
    levels = list(_levels(nodes))
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for node in nodes:
        role = node["role"]["value"]
        assert role not in NAMED or role == "table" or node["name"]["value"].strip(), node


def _levels(nodes: list[dict[str, Any]]) -> Iterator[int]:
    for node in nodes:
        if node["role"]["value"] == "heading":
            yield next(int(one["value"]["value"]) for one in node["properties"] if one["name"] == "level")


def fits_paper(browser: Browser) -> None:
    """On paper nothing is beyond the edge and no chart is cut."""
    assert browser.on_paper(_BEYOND) == []


def pages_of_paper(browser: Browser) -> int:
    """How many pages it takes."""
    return len(re.findall(rb"/Type /Page\b", browser.pdf()))


def sound(browser: Browser, page: str) -> None:
    """All of the above but the pages of paper, from a phone."""
    assert drawn(browser, page).charts > 0
    totals_add_up(browser)
    charts_have_words_and_tables(browser)
    listeners_are_told(browser)
    fits_paper(browser)
