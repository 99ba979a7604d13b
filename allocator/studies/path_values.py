"""What a settled plan is worth on every path, and what the limits it breaks there are priced at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats
from allocator.plan.extract import extract_tables
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


@dataclass(frozen=True)
class PathValues:
    """Paths in the order of the leaves, (leaves,) each.

    Attributes:
        npv_usd: net present value. penalty_usd: price of the limits broken on the way. worst_share: of the path among
            the worst that the risk counts.
    """

    npv_usd: Floats
    penalty_usd: Floats
    worst_share: Floats

    @property
    def net_usd(self) -> Floats:
        return self.npv_usd - self.penalty_usd


def path_values(settled: Settled) -> PathValues:
    """Of every path of the plan's tree."""
    tables = extract_tables(settled, {}, from_rows(TABLES["marginal_values"], []))
    instance = settled.instance
    broken = _broken_usd(settled, tables["cash"]["shortfall_usd"].to_numpy(dtype=float))
    if len(tables["collateral"]):
        assert instance.debt is not None
        terms, shape = instance.debt.collateral, (len(instance.tree), len(instance.debt.collateral.loan))
        called = tables["collateral"]["called_usd"].to_numpy(dtype=float).reshape(shape)
        uncured = tables["collateral"]["uncured_usd"].to_numpy(dtype=float).reshape(shape)
        broken = broken + called @ np.where(np.isfinite(terms.call_penalty), terms.call_penalty, 0.0)
        broken = broken + terms.uncured_penalty * uncured.sum(axis=1)
    paths = tables["paths"]
    return PathValues(
        npv_usd=paths["npv_usd"].to_numpy(dtype=float),
        penalty_usd=np.array([broken[instance.tree.path(int(leaf))].sum() for leaf in instance.tree.leaves]),
        worst_share=paths["worst_share"].to_numpy(dtype=float),
    )


def _broken_usd(settled: Settled, short_usd: Floats) -> Floats:
    """Price of what is missing at each node, (N,)."""
    price = settled.instance.finance.shortfall_penalty
    return np.where(short_usd > 0, short_usd * price, 0.0) if np.isfinite(price) else np.zeros(len(short_usd))
