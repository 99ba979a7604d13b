"""Closed-form dispatch: load-hours a second on one core, and that as a share of the machine's memory bandwidth.

    python -m benchmarks.merit_order [--out benchmarks/results/merit_order.json]

A load-hour is one item (a segment, or the firm load of a bay) in one hour. Peer: the same year in the linear program.
Groups are limits on pairs of halls, on pairs of pairs and so on, nested between hall and site.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from allocator.dispatch.conditions import NestedLimits, nested_limits
from allocator.dispatch.interface import Capacity, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.dispatch.nest import Group, nest_of
from allocator.instance.tenants import one_tenancy_a_bay
from benchmarks.machine import machine, versions

REPEATS = 15
BYTES = 8


def site_year(bays: int, per_bay: int, hours: int = 8760, seed: int = 0) -> SiteNode:
    """One site over many hours: spiky prices, weather that moves overheads and air cooling."""
    rng = np.random.default_rng(seed)
    ambient = 20 + 15 * np.sin(np.arange(hours) * 2 * np.pi / 8760) + 8 * np.sin(np.arange(hours) * 2 * np.pi / 24)
    overhead = np.clip(0.03 + 0.004 * (ambient - 15), 0.02, 0.2)
    segments = bays * per_bay
    return SiteNode(
        weight_h=np.ones(hours),
        price_usd_per_mwh=np.clip(rng.gamma(1.2, 30, hours) - 5, -20, 5000),
        site_limit_mw=np.full(hours, 100.0),
        overhead=np.vstack([overhead * (1 + 0.1 * b) for b in range(bays)]),
        it_limit_mw=np.full(bays, 40.0),
        air_limit_mw=np.outer(np.full(bays, 40.0), np.clip(1.1 - 0.006 * (ambient - 20), 0.7, 1.0)),
        liquid_limit_mw=np.full((bays, hours), np.inf),
        no_load_mw=np.zeros(bays),
        firm_air_share=np.ones(bays),
        firm_liquid_share=np.zeros(bays),
        segment_bay=np.repeat(np.arange(bays), per_bay),
        segment_air_share=np.ones(segments),
        segment_liquid_share=np.zeros(segments),
        segment_value_usd_per_mwh=rng.uniform(40, 150, segments),
        shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(bays, hours),
    )


def seconds(work: Callable[[], object]) -> float:
    """Median processor seconds of repeated runs after a warm-up."""
    work()
    found = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return statistics.median(found)


def bandwidth_bytes_per_s() -> float:
    """Bytes read a second by one core from memory larger than its caches: the sum of a 512 MB array."""
    values = np.ones(64 * 2**20)
    return values.nbytes / seconds(lambda: float(values.sum()))


def pairs_of_pairs(node: SiteNode) -> list[Group]:
    """Every two neighbouring bays under a limit, every two such groups under a larger one, up to the whole site."""
    width, groups = 2, []
    while width <= node.bays:
        for first in range(0, node.bays - width + 1, width):
            inside = (np.arange(node.bays) >= first) & (np.arange(node.bays) < first + width)
            limit, none = np.full(node.hours, 25.0 * width), np.zeros(node.bays)
            groups.append(Group("group", "feeder", 0, inside, limit, none, np.ones(node.hours)))
        width *= 2
    return groups


def measure(bays: int, per_bay: int, groups: Callable[[SiteNode], list[Group]] = lambda _: []) -> dict[str, float]:
    """One size of site."""
    node = site_year(bays, per_bay)
    limits = nested_limits(node, np.arange(bays) == 0)
    assert isinstance(limits, NestedLimits)
    nest = nest_of(groups(node), node.bays, node.hours)
    dispatch = MeritOrderDispatch(node, replace(limits, nest=nest))
    rng = np.random.default_rng(1)
    capacity = Capacity(np.ones(bays), np.where(np.arange(bays) == 0, 5.0, 0.0), rng.uniform(5, 15, node.segments))
    took = seconds(lambda: dispatch.price(capacity))
    linear = LinearDispatch(site_year(bays, per_bay, hours=744))
    items = node.segments + bays
    return {
        "segments": node.segments,
        "bays": bays,
        "groups": len(nest.up),
        "hours": node.hours,
        "seconds": took,
        "segment_hours_per_s": node.segments * node.hours / took,
        "load_hours_per_s": items * node.hours / took,
        "bytes_per_s": node.hours * (3 + 2 * bays + len(nest.up)) * BYTES / took,
        "linear_program_seconds_a_month": seconds(lambda: linear.price(capacity)),
        "closed_form_seconds_a_month": took * 744 / node.hours,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rate = bandwidth_bytes_per_s()
    sizes = [measure(3, 4), measure(6, 4), measure(3, 12), measure(8, 4, pairs_of_pairs)]
    found = {
        "machine": machine(),
        "versions": versions("numba", "numpy", "highspy"),
        "memory_bandwidth_bytes_per_s": rate,
        "sizes": [{**size, "share_of_bandwidth": size["bytes_per_s"] / rate} for size in sizes],
    }
    text = json.dumps(found, indent=2) + "\n"
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
