"""Random small instances with conversions, contracts, fleets, modes and heat limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.types import Instance
from tests.instance.specs import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec
from tests.instance.tiny import tiny_instance


def random_instance(
    seed: int,
    *,
    sites: int | None = None,
    nodes: int | None = None,
    steps: int = 6,
    months: int = 1,
    heat_limits: bool = True,
    contracts: int | None = None,
) -> Instance:
    """A random small instance: conversions, contracts, fleets, two-mode ASICs, GPU systems, heat limits.

    One or two sites and three to six nodes unless given. Always feasible: nothing must be signed, firm load
    may be shed, cash is ample but the capex budget may bind.
    """
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(1, 3)) if sites is None else sites
    nodes = int(rng.integers(3, 7)) if nodes is None else nodes
    halls = [hall for s in range(sites) for hall in _random_halls(rng, s, nodes * steps, heat_limits)]
    offers = _random_contracts(rng, halls, int(rng.integers(1, 4)) if contracts is None else contracts, nodes * months)
    pair = [offer.name for offer in offers[:2]]
    spot = np.round(rng.gamma(2.0, 20.0, (sites, nodes, steps)) - 10.0, 3)
    return tiny_instance(
        nodes=nodes,
        months=months,
        steps=steps,
        step_hours=730.0 * months / steps,
        site_limit_mw=[float(rng.integers(8, 16)) for _ in range(sites)],
        fixed_opex_usd=1000.0,
        halls=halls,
        models=_random_models(rng, halls, nodes),
        contracts=offers,
        groups={"either": (pair, False)} if len(pair) == 2 and rng.random() < 0.5 else None,
        price=spot + 4.5,
        spot=spot,
        shed_usd_per_mwh=1000.0,
        decision=[n == 0 or bool(rng.random() < 0.7) for n in range(nodes)],
        operations_per_year=0.12,
        contracted_per_year=0.09,
        opening_cash_usd=50e6,
        minimum_cash_usd=0.0,
        capex_budget_usd=float(rng.choice([5e6, 15e6, 40e6])),
        mining_tail_usd_per_mw=[60e3, 30e3],
        contract_tail_usd=float(rng.integers(0, 5)) * 1e6,
    )


def _random_halls(rng: np.random.Generator, site: int, steps: int, heat_limits: bool) -> list[HallSpec]:
    halls = []
    for h in range(int(rng.integers(1, 3))):
        limit = float(rng.integers(3, 8))
        heat = limit * rng.uniform(0.7, 1.1, steps) if heat_limits else np.full(steps, np.inf)
        mining = BaySpec(
            "barn", "air_mining", limit, slots=200.0, overhead=rng.uniform(0.02, 0.1, steps), air_limit_mw=heat
        )
        liquid = BaySpec(
            "retrofit",
            "liquid_gpu",
            limit * 0.8,
            slots=40.0,
            no_load_mw=0.05,
            overhead=rng.uniform(0.1, 0.3, steps),
            air_limit_mw=heat * 0.2,
            liquid_limit_mw=heat * 0.7,
            tenant_air_share=0.15,
            capex_usd=float(rng.integers(1, 6)) * 1e6,
            lead_months=int(rng.integers(0, 3)),
        )
        liquid = BaySpec(**{**vars(liquid), "downtime_months": int(rng.integers(0, liquid.lead_months + 1))})
        halls.append(HallSpec(f"s{site}h{h}", (mining, liquid), site))
    return halls


def _random_models(rng: np.random.Generator, halls: Sequence[HallSpec], nodes: int) -> list[ModelSpec]:
    price = float(rng.integers(2, 6)) * 1e5
    low, high = sorted(rng.uniform(40.0, 110.0, 2))
    drift = 0.98 ** np.arange(nodes)
    return [
        ModelSpec(
            "old",
            {"air_mining": 1.0},
            [StepSpec(0.5, low * drift)],
            block_units=2,
            slots=5.0,
            opening={hall.name: 2.0 * int(rng.integers(0, 4)) for hall in halls},
            price_usd=3e4 * drift,
            resale_usd=2e4 * drift,
        ),
        ModelSpec(
            "new",
            {"air_mining": 1.0},
            [StepSpec(0.6, (high + 15) * drift), StepSpec(0.3, high * drift)],
            slots=5.0,
            stored=1.0,
            buyable=True,
            price_usd=price * drift,
            resale_usd=0.8 * price * drift,
            install_usd=5e3,
            lead_months=int(rng.integers(0, 3)),
            refund_share=0.5,
            limit_units=12.0,
        ),
        ModelSpec(
            "rack",
            {"liquid_gpu": 0.1},
            [StepSpec(0.8, 400.0 * drift)],
            slots=8.0,
            buyable=True,
            gpus=64.0,
            price_usd=4 * price * drift,
            resale_usd=3 * price * drift,
            lead_months=1,
            refund_share=0.5,
            limit_units=4.0,
        ),
    ]


def _random_contracts(
    rng: np.random.Generator, halls: Sequence[HallSpec], count: int, months: int
) -> list[ContractSpec]:
    return [
        ContractSpec(
            f"c{c}",
            float(rng.integers(1, 5)),
            [f"{hall.name}/retrofit" for hall in halls],
            rent_usd_per_mw_month=float(rng.integers(80, 200)) * 1e3,
            tranches=int(rng.integers(1, 3)),
            term_months=int(rng.integers(2, 2 * months + 2)),
            lead_months=int(rng.integers(0, 2)),
            last_service_month=int(rng.integers(1, months)),
            load_factor=0.8,
            gross_up=1.4,
            pass_through_share=float(rng.choice([0.0, 1.0])),
            signing_capex_usd=2e5,
            credit_probability=0.95,
        )
        for c in range(count)
    ]
