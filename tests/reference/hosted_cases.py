"""Random toy companies with machines at hosts."""

from __future__ import annotations

import numpy as np

from allocator.instance.types import Instance
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.instance.hosted import HostSpec, hosted
from tests.reference.cases import branched


def hosted_fleet(seed: int) -> Instance:
    """A barn of the company and two hosts; two models may stand in any of them, on a chain or a tree.

    Terms begin and end anywhere, some machines stand at hosts from the start, not every node takes decisions.
    """
    rng = np.random.default_rng(seed)
    nodes = 5
    halls = [
        HallSpec("barn", [BaySpec("barn", "air_mining", 4.0, slots=8.0, overhead=0.05)]),
        HallSpec("north", [BaySpec("north", "air_mining", 3.0, slots=9.0)], site=1),
        HallSpec("south", [BaySpec("south", "air_mining", 4.0, slots=9.0)], site=2),
    ]
    machine = {"block_units": 2, "slots": 1.0, "resale_usd": 6e4, "install_usd": 500.0}
    opening = {"north": 2.0} if rng.random() < 0.8 else {}
    models = [
        ModelSpec("new", {"air_mining": 1.0}, [StepSpec(0.5, rng.uniform(30, 130, nodes))], opening, stored=2.0,
                  buyable=True, price_usd=9e4, limit_units=4.0, **machine),
        ModelSpec("old", {"air_mining": 1.0}, [StepSpec(0.4, rng.uniform(20, 100, nodes))], {"barn": 2.0}, stored=2.0,
                  **machine),
    ]  # fmt: skip
    decision = [True, *(rng.random(nodes - 1) < 0.7)]
    straight = tiny_instance(
        nodes=nodes, steps=2, step_hours=365.0, site_limit_mw=[5.0, 3.0, 4.0], halls=halls, models=models,
        price=rng.uniform(20, 80, (3, nodes, 2)), decision=decision, operations_per_year=0.12,
        opening_cash_usd=1e6, minimum_cash_usd=0.0,
    )  # fmt: skip
    where = branched(straight, [-1, 0, 1, 1, 2], dict.fromkeys(range(nodes), 1.0)) if seed % 2 else straight
    return hosted(where, [_agreement("north", rng, begun=bool(opening)), _agreement("south", rng, begun=False)])


def _agreement(hall: str, rng: np.random.Generator, *, begun: bool) -> HostSpec:
    first = -1 if begun or rng.random() < 0.4 else int(rng.integers(0, 3))
    return HostSpec(
        hall,
        capacity_mw=float(rng.choice([1.4, 2.3, 9.0])),
        first_month=first,
        end_month=int(rng.integers(max(first, 0) + 1, 7)),
        notice_months=int(rng.integers(0, 3)),
        may_end=bool(rng.random() < 0.8),
        end_fee_usd=rng.uniform(0, 2e4, 5),
        management_usd=rng.uniform(0, 2e4, 5),
        deposit_usd=float(rng.choice([0.0, 2e5])),
        removal_usd=float(rng.choice([0.0, 1e3])),
        relief_usd_per_mwh=rng.choice([0.0, 5.0, 20.0], 5),
        take_mwh=rng.choice([0.0, 0.0, 40.0, 200.0], 5),
        untaken_usd_per_mwh=rng.choice([20.0, 60.0], 5),
        tail_usd=float(rng.uniform(-5e4, 5e4)),
        tail_deposit_usd=1e5,
    )
