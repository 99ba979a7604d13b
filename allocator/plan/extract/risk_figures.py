"""What the risk that a scenario states makes of a plan, read off its tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocator.instance.risk import WorstChildren, WorstPaths
from allocator.instance.types import Instance
from allocator.plan.extract.nested import nested_value_usd
from allocator.plan.extract.paths import mean_of_worst_usd
from allocator.plan.meta import RiskFigures


def risk_figures(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> RiskFigures:
    """Weight of the worst, and the mean of the worst paths or the nested value, whichever is stated."""
    risk = instance.risk
    if isinstance(risk, WorstPaths):
        return RiskFigures(risk.weight, mean_of_worst_usd=mean_of_worst_usd(tables["paths"]))
    if isinstance(risk, WorstChildren):
        nested = nested_value_usd(tables["nested_values"], instance.tree, risk)
        return RiskFigures(risk.weight, nested_value_usd=nested)
    return RiskFigures()
