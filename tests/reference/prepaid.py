"""Toy instances whose tenants pay ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.prepayments_state import Prepayments
from allocator.instance.types import Instance


def paid_ahead(instance: Instance, seed: int) -> Instance:
    """Every other signature brings money, which each node served earns part of or gives back, some with a penalty."""
    rng, service = np.random.default_rng(50_000 + seed), instance.service
    pairs = np.unique(np.column_stack([service.contract, service.signed]), axis=0)
    rows = []
    for contract, signed in pairs[rng.random(len(pairs)) < 0.7].tolist():
        usd = rng.uniform(1e5, 2e6)
        rows.append((contract, signed, signed, usd, 0.0, 0.0, 0.0, usd))
        served = service.node[(service.contract == contract) & (service.signed == signed)]
        for node in served.tolist():
            earned, refunded = usd * rng.uniform(0.0, 0.5, 2)
            rows.append((contract, signed, node, 0.0, earned, refunded, refunded * rng.choice([0.0, 0.2]), 0.0))
    at = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3).T
    usd = np.array([row[3:] for row in rows], dtype=np.float64).reshape(-1, 5).T
    finance = replace(instance.finance, risk_free_per_year=0.04)
    return replace(instance, finance=finance, prepayments=Prepayments(at[0], at[1], at[2], *usd))
