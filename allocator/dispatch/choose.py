"""Which way to solve the hours of a site-node: decided from its data, never assumed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum

import numpy as np

from allocator.dispatch.conditions import NestedLimits, nested_limits
from allocator.dispatch.interface import SiteNodeDispatch
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.tree import Bools
from allocator.instance.types import Instance


class DispatchMethod(Enum):
    """How the hours of a site-node are solved."""

    MERIT_ORDER = "merit_order"
    LINEAR = "linear"


@dataclass(frozen=True)
class DispatchChoice:
    """A dispatch, and why it is this one."""

    dispatch: SiteNodeDispatch
    method: DispatchMethod
    reason: str


def choose_dispatch(node: SiteNode, tenant_bay: Bools) -> DispatchChoice:
    """Closed form where it is exact, the linear program elsewhere.

    `tenant_bay` (B,) is True for bays of the site in which firm load may ever stand.
    """
    limits = nested_limits(node, tenant_bay)
    if isinstance(limits, NestedLimits):
        return DispatchChoice(MeritOrderDispatch(node, limits), DispatchMethod.MERIT_ORDER, "all limits are nested")
    return DispatchChoice(LinearDispatch(node), DispatchMethod.LINEAR, limits.reason)


def linear_dispatch(node: SiteNode, tenant_bay: Bools) -> DispatchChoice:
    """The linear program whatever the data say; the only override there is."""
    return DispatchChoice(LinearDispatch(node), DispatchMethod.LINEAR, "asked for")


def tenant_bays(instance: Instance, site: int) -> Bools:
    """True for the bays of a site that some contract accepts, (bays of the site,)."""
    own = np.flatnonzero(instance.bays.site == site)
    return np.isin(own, instance.compatibility.bay)


def choose_for(instance: Instance, site: int, node: int) -> DispatchChoice:
    """`choose_dispatch` for one site-node of an instance."""
    return choose_dispatch(site_node(instance, site, node), tenant_bays(instance, site))


def dispatch_ways(instance: Instance) -> dict[str, int]:
    """How many site-nodes are dispatched which way, and for the linear program also why."""
    pairs = np.ndindex(len(instance.sites.names), len(instance.tree))
    return dict(Counter(_way(site_node(instance, s, n), tenant_bays(instance, s)) for s, n in pairs))


def _way(node: SiteNode, tenant_bay: Bools) -> str:
    limits = nested_limits(node, tenant_bay)
    if isinstance(limits, NestedLimits):
        return DispatchMethod.MERIT_ORDER.value
    return f"{DispatchMethod.LINEAR.value}: {limits.reason}"
