"""A plan in memory: tables by name, hourly tables by site and node, and its head."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from allocator.plan.meta import PlanMeta
from allocator.planning.relaxation import Relaxation

SiteNodeTables = Mapping[str, pd.DataFrame]
"""The hourly tables of one site in one node, by name."""

Dispatch = Mapping[tuple[str, str], SiteNodeTables]
"""Hourly tables by (site, node); may be made or read when asked for, one pair at a time."""


class HourlyTables(Dispatch):
    """Hourly tables that can be had as Arrow tables too, without frames in between."""

    @abstractmethod
    def arrow(self, pair: tuple[str, str]) -> Mapping[str, pa.Table]:
        """The hourly tables of a (site, node) by name; KeyError for another pair."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that was decided, and what follows from it; equal to itself alone.

    Attributes:
        tables: the registry's planning tables, all of them.
        dispatch: hourly tables by (site, node), iterated site by site, parents before children.
        meta: objective, bound, why the solver stopped, versions.
        relaxation: what a solve that starts from the plan may begin with; None where nothing was kept.
    """

    tables: Mapping[str, pd.DataFrame]
    dispatch: Dispatch
    meta: PlanMeta
    relaxation: Relaxation | None = None
