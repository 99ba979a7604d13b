"""Bitcoin mined by a known hashrate at the difficulty of the chain, and calibration on real series.

Needs the project's shared series, which are not part of it; without them these tests skip.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.uncertainty.estimate import fit_diffusion, fit_response
from allocator.uncertainty.mining import btc_per_ph_day

NETWORK, PRICES = "btc_network_daily_2021_2026.csv.gz", "btc_daily_2020_2024.csv.gz"
FEES_OVER_SUBSIDY = 0.007
"""Fees of 2025 and early 2026, 0.5 to 1 % of the reward."""
CANGO = {
    "2025-03": (530.1, 30.3),
    "2025-04": (470.0, 29.9),
    "2025-07": (650.5, 40.91),
    "2025-08": (663.7, 43.74),
    "2025-09": (616.6, 44.85),
    "2025-10": (602.6, 46.09),
    "2025-12": (569.0, 43.36),
    "2026-01": (496.35, 37.02),
    "2026-02": (454.83, 34.55),
}
"""Cango's monthly updates: BTC produced and average operating EH/s of the month, where both are published."""


@pytest.fixture(scope="module")
def network(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / NETWORK).set_index("date_utc")


@pytest.mark.parametrize("month", CANGO)
def test_a_published_month_of_production_follows_from_hashrate_and_difficulty(
    month: str, network: pd.DataFrame
) -> None:
    days = network[network.index.str.startswith(month)]
    per_ph = btc_per_ph_day(3.125, FEES_OVER_SUBSIDY * 3.125, days["difficulty_mean"].to_numpy())
    produced, eh_per_s = CANGO[month]
    assert len(days) == pd.Period(month).days_in_month
    assert per_ph.sum() * 1000.0 * eh_per_s == pytest.approx(produced, rel=0.015)


def test_the_volatility_of_bitcoin_is_that_of_its_monthly_changes(shared_data: Path) -> None:
    """Diffusion and jumps together against the plain deviation of monthly changes, an independent route."""
    table = pd.read_csv(shared_data / PRICES)
    found = fit_diffusion(table["price_usd"].to_numpy(), 1.0)
    size = found.jumps_per_year.value * (found.mean_log**2 + found.volatility_log**2)
    together = np.sqrt(found.volatility_per_year.value**2 + size)
    months = table[table["date_utc"].str.endswith("-01")]["price_usd"].to_numpy()
    plain = np.diff(np.log(months)).std(ddof=1) * np.sqrt(12.0)
    assert together == pytest.approx(plain, rel=0.15)
    assert 0.4 < found.volatility_per_year.value < 0.8


def test_difficulty_answers_what_blocks_pay_with_a_lag_of_months(shared_data: Path, network: pd.DataFrame) -> None:
    both = pd.read_csv(shared_data / PRICES).merge(network, left_on="date_utc", right_index=True)
    first = both.groupby(both["date_utc"].str[:7]).first()
    subsidy = np.where(first.index < "2024-05", 6.25, 3.125)
    found = fit_response(first["difficulty_last"].to_numpy(), first["price_usd"].to_numpy() * subsidy)
    assert 0.0 < found.elasticity.value < 1.0
    assert 0.5 < found.half_life_months.value < 12.0
