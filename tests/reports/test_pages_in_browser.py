"""Pages in a real browser: plans and studies on a phone, on a desk, in the dark and on paper, one start for all."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from tests.reports.browser import Browser
from tests.reports.conftest import SCRIPT, SHOWN
from tests.reports.contrast import contrast, mixed, schemes
from tests.reports.page_checks import (
    charts_have_words_and_tables,
    drawn,
    fits_paper,
    listeners_are_told,
    pages_of_paper,
    totals_add_up,
)

TEXT, GRAPHIC = 4.5, 3.0
"""Least contrast of text and of what is drawn: success criteria 1.4.3 and 1.4.11 at level AA."""
CSS = (files("allocator.reports.web") / "page.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHOWN)
def test_a_plan_on_a_phone_and_on_paper(name: str, pages: dict[str, str], browser: Browser) -> None:
    assert drawn(browser, pages[name]).charts > 5
    assert totals_add_up(browser) == 2
    charts_have_words_and_tables(browser)
    listeners_are_told(browser)
    fits_paper(browser)


def test_a_plan_on_a_desk_in_the_dark(pages: dict[str, str], browser: Browser) -> None:
    drawn(browser, pages["chance_of_call"], 1200, dark=True)
    ink = browser.value('getComputedStyle(document.querySelector(".chart svg text")).fill')
    dark = schemes(CSS)["dark"]["ink"]
    assert 3 <= pages_of_paper(browser) <= 20
    assert [int(part) for part in re.findall(r"\d+", ink)[:3]] == [round(255 * part) for part in dark]


def test_hostile_names_are_text_on_a_phone(hostile: str, browser: Browser) -> None:
    assert SCRIPT in drawn(browser, hostile).text
    assert browser.value('document.querySelectorAll("main img, main script:not([type])").length') == 0
    fits_paper(browser)


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_colours_are_told_apart_by_readers_with_weak_eyes(scheme: str) -> None:
    colours = schemes(CSS)[scheme]
    for ground in ("card", "paper"):
        for ink in ("ink", "faint", "accent", "good", "bad"):
            assert contrast(colours[ink], colours[ground]) >= TEXT, (ink, ground)
    (deepest,) = (float(share) / 100.0 for share in re.findall(r"--depth, 0\) \* (\d+)%", CSS))
    (tint,) = (float(share) / 100.0 for share in re.findall(r"var\(--tint\) (\d+)%", CSS))
    shown = [f"c{k}" for k in range(1, 9)]
    for name in shown:
        assert contrast(colours[name], colours["card"]) >= GRAPHIC, name
        assert contrast(colours["ink"], mixed(colours[name], tint, colours["card"])) >= TEXT, name
    for name in ("c2", "bad"):
        assert contrast(colours["ink"], mixed(colours[name], deepest, colours["card"])) >= TEXT, name
