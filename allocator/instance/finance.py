"""Discounting: mid-period flows at annual effective rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from allocator.instance.tree import Floats


def discount(per_year: float, years: ArrayLike) -> Floats:
    """(1 + r) ** -t, with r annual effective and t years from the start of the horizon."""
    return np.asarray((1.0 + per_year) ** -np.asarray(years, float))


def annuity(per_year: float, years: float) -> float:
    """Yearly payment, at year ends, that repays 1 over `years`: r / (1 - (1 + r) ** -years), 1 / years at r = 0."""
    return per_year / (1.0 - (1.0 + per_year) ** -years) if per_year else 1.0 / years
