"""Ancillary services for hand-made instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from allocator.instance.reserves import Reserves
from allocator.instance.types import Instance


@dataclass(frozen=True)
class ServiceSpec:
    """A service of a site; `price`: a number, or one for each step of the site. `bays`: names; every mining bay."""

    name: str
    price: npt.ArrayLike
    site: int = 0
    bays: Sequence[str] | None = None
    most_mw: float = np.inf
    qualifying_share: float = 1.0
    deployment_share: float = 0.0
    deployment_usd_per_mwh: float = 0.0
    kept_share: float = 1.0
    minimum_usd_per_mw_hour: float = 0.0


def with_reserves(instance: Instance, services: Sequence[ServiceSpec]) -> Instance:
    """The instance with services, which stand in the order of their sites."""

    def column(name: str) -> npt.NDArray[np.float64]:
        return np.array([getattr(service, name) for service in services], dtype=float)

    site = np.array([service.site for service in services])
    prices = tuple(_prices(instance, s, services) for s in range(len(instance.sites.names)))
    return replace(
        instance,
        hours=replace(instance.hours, reserve_usd_per_mw_hour=prices),
        reserves=Reserves(
            names=tuple(service.name for service in services),
            site=site,
            qualifies=np.array([_qualifies(instance, service) for service in services]),
            most_mw=column("most_mw"),
            qualifying_share=column("qualifying_share"),
            deployment_share=column("deployment_share"),
            deployment_usd_per_mwh=column("deployment_usd_per_mwh"),
            kept_share=column("kept_share"),
            minimum_usd_per_mw_hour=column("minimum_usd_per_mw_hour"),
        ),
    )


def _prices(instance: Instance, site: int, services: Sequence[ServiceSpec]) -> npt.NDArray[np.float64]:
    steps = instance.hours.overhead[site].shape[1]
    own = [np.broadcast_to(np.asarray(service.price, float), (steps,)) for service in services if service.site == site]
    return np.array(own).reshape(len(own), steps)


def _qualifies(instance: Instance, service: ServiceSpec) -> npt.NDArray[np.bool_]:
    bays = instance.bays
    named = np.isin(bays.names, service.bays) if service.bays is not None else np.char.endswith(bays.kind, "_mining")
    return np.asarray(named & (bays.site == service.site))
