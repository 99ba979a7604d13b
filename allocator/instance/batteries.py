"""Batteries of the sites, compiled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.battery import Battery, SiteBattery
from allocator.instance.tree import NodeTree
from allocator.scenario.battery import Battery as Stated
from allocator.scenario.months import Month
from allocator.scenario.sites import Site


def compile_batteries(sites: Sequence[Site], tree: NodeTree, start: Month) -> tuple[SiteBattery | None, ...]:
    """Batteries in the order of the sites; one is there in the nodes that begin in or after its first month."""
    return tuple(None if site.battery is None else _site_battery(site.battery, tree, start) for site in sites)


def upper_bound_remarks(sites: Sequence[Site]) -> list[str]:
    """What a reader must know of batteries whose capture share is not stated."""
    return [
        f"site {site.name}: the battery is run with foresight of all hours of a period, so what it earns is an upper "
        "bound; capture_share states what a real schedule earns of it"
        for site in sites
        if site.battery is not None and site.battery.capture_share is None
    ]


def _site_battery(stated: Stated, tree: NodeTree, start: Month) -> SiteBattery:
    first = 0 if stated.available_from is None else stated.available_from.since(start)
    return SiteBattery(
        Battery(
            charge_mw=stated.power_mw if stated.charge_power_mw is None else stated.charge_power_mw,
            discharge_mw=stated.power_mw,
            energy_mwh=stated.energy_mwh,
            charge_efficiency=stated.charge_efficiency_share,
            discharge_efficiency=stated.discharge_efficiency_share,
            opening_mwh=stated.opening_stored_share * stated.energy_mwh,
            wear_usd_per_mwh=stated.wear_usd_per_mwh,
            kept_share_per_h=1.0 - stated.standing_loss_share_per_hour,
            capture_share=1.0 if stated.capture_share is None else stated.capture_share,
        ),
        np.asarray(tree.first_month >= first),
    )
