"""A plan made by hand whose machines stand at hosts: one is given notice, the other taken later and kept."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.planning.point import PlanPoint
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.instance.hosted import HostSpec, hosted
from tests.plan.factory import still_point
from tests.verify.draft import Draft
from tests.verify.plans import standing

NODES = 5


def hosts_instance() -> Instance:
    """A barn of the company (site0), a pad (site1) let for long, a deck (site2) let from the third month on."""
    halls = [
        HallSpec("barn", [BaySpec("air", "air_mining", 2.0, slots=8.0)]),
        HallSpec("pad", [BaySpec("air", "air_mining", 2.0, slots=8.0)], site=1),
        HallSpec("deck", [BaySpec("air", "air_mining", 3.0, slots=12.0, overhead=0.02)], site=2),
    ]
    miner = ModelSpec(
        "m50",
        {"air_mining": 1.0},
        [StepSpec(0.3, 90.0)],
        opening={"barn": 2, "pad": 4},
        block_units=2,
        slots=2.0,
        price_usd=4e4,
        resale_usd=2e4,
    )
    steps = np.array([60.0, 80.0]) + 2.0 * np.arange(NODES)[None, :, None] + np.array([0.0, 5.0, 2.0])[:, None, None]
    plain = tiny_instance(
        nodes=NODES, steps=2, step_hours=360.0, site_limit_mw=[2.0, 2.0, 3.1], halls=halls, models=[miner], price=steps,
        decision=[True, True, True, True, False], operations_per_year=0.12, opening_cash_usd=1e6, minimum_cash_usd=0.0,
    )  # fmt: skip
    return hosted(plain, hosts_agreements())


def hosts_agreements() -> list[HostSpec]:
    """The pad's host takes a month's notice and bears part of a low hashprice; the deck's asks for a take in May."""
    return [
        HostSpec(
            "pad",
            1.5,
            notice_months=1,
            end_fee_usd=4_000.0,
            management_usd=1_500.0,
            deposit_usd=20_000.0,
            removal_usd=40.0,
            tariff_usd_per_mwh=75.0,
            relief_usd_per_mwh=[0.0, 2.0, 3.0, 4.0, 5.0],
        ),
        HostSpec(
            "deck",
            2.5,
            first_month=2,
            notice_months=2,
            end_fee_usd=6_000.0,
            management_usd=900.0,
            deposit_usd=30_000.0,
            removal_usd=60.0,
            tariff_usd_per_mwh=72.0,
            take_mwh=[0.0, 0.0, 0.0, 0.0, 1_000.0],
            untaken_usd_per_mwh=5.0,
            tail_usd=70_000.0,
            tail_deposit_usd=25_000.0,
        ),
    ]


def hosts_point(instance: Instance) -> PlanPoint:
    """Notice to the pad's host in node 2; its four machines go to the deck in node 3."""
    point = still_point(instance)
    pad, deck = (standing(instance, "m50", name) for name in ("pad/air", "deck/air"))
    point.terminate[0, 2], point.hosted[0, 3:] = 1.0, 0.0
    point.fitted[instance.hosting.bay] = point.hosted
    point.installed_units[pad, 3:], point.installed_units[deck, 3:] = 0.0, 4.0
    point.remove_units[0, 1, 3], point.install_units[0, 2, 3] = 4.0, 4.0
    return point


@cache
def _hosts() -> Draft:
    instance = hosts_instance()
    settled = settle(instance, hosts_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), _hosts)


def hosts() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_hosts())
