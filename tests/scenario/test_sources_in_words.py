"""Sources of the catalogue in words: letters stand for lists, everything else is what it says."""

from __future__ import annotations

import re

import pytest

from allocator.scenario.catalogue import bundled_catalogue, in_full


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("C", "asicminervalue.com, 2026"),
        ("B; a shop", "presets of a public ERCOT backtest; a shop"),
        ("C D", "asicminervalue.com, 2026; uminers.com catalogue with prices, 2026"),
        ("TDP 700 W as H100 (someone)", "TDP 700 W as H100 (someone)"),
    ],
)
def test_letters_stand_for_lists(source: str, words: str) -> None:
    assert in_full(source) == words


def test_no_row_is_left_with_a_letter() -> None:
    found = bundled_catalogue()
    told = [in_full(row.source) for row in (*found.asics.values(), *found.gpus.values())]
    assert not [words for words in told if re.match(r"[A-Z]( [A-Z])*([;,]|$)", words)]
