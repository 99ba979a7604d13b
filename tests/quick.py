"""Which of many random cases run every time: the rest run with the slow tests."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def quick(cases: Iterable[object], first: int) -> list[object]:
    """The cases, all but the first ones marked slow."""
    return [case if place < first else pytest.param(case, marks=pytest.mark.slow) for place, case in enumerate(cases)]
