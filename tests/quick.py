"""How many of many random cases run every time: the rest run with the slow tests."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from hypothesis import settings

THINNED = 5
"""Of so many examples one is drawn where nobody asks to explore."""


def examples(number: int) -> settings:
    """That many random examples with `HYPOTHESIS_PROFILE=explore`, a share of them, always the same, without."""
    exploring = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
    return settings(max_examples=number if exploring else max(1, number // THINNED), deadline=None)


def quick(cases: Iterable[object], first: int) -> list[object]:
    """The cases, all but the first ones marked slow."""
    return [case if place < first else pytest.param(case, marks=pytest.mark.slow) for place, case in enumerate(cases)]
