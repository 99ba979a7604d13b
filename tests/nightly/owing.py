"""The small scenario of a company that holds Bitcoin and owes on it: 100 BTC at 60,000 USD, 40 behind 1.2 million."""

from __future__ import annotations

from typing import Any

LOAN = {
    "name": "vault",
    "kind": "btc_backed",
    "opening_principal_usd": 1.2e6,
    "rate_per_year": 0,
    "opening_pledged_btc": 40,
    "initial_ltv": 0.6,
    "call_ltv": 0.75,
    "liquidation_ltv": 0.9,
    "release_ltv": 0.6,
}
BITCOIN = {
    "kind": "network",
    "btc_price_usd": 60000,
    "difficulty": 1.2e14,
    "fee_share_of_subsidy": 0,
    "pool_fee_share": 0,
    "sale_fee_share": 0,
}
CHANGES: tuple[tuple[str, Any], ...] = (
    ("bitcoin", BITCOIN),
    ("treasury", {"opening_btc": 100}),
    ("loans", [LOAN]),
)
