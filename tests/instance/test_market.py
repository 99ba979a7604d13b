"""Hashprice and earnings of a MWh against published figures and hand-worked ones."""

import pytest

from allocator.instance.market import gpu_draw_kw, mining_usd_per_mwh, rental_usd_per_mwh
from allocator.uncertainty.mining import btc_per_ph_day


@pytest.mark.parametrize(("j_per_th", "usd_per_mwh"), [(17.0, 96.9), (22.0, 74.9), (32.0, 51.5)])
def test_the_published_revenue_per_mwh_is_reproduced(j_per_th: float, usd_per_mwh: float) -> None:
    assert mining_usd_per_mwh(39.53, 1.0, 1000.0 / j_per_th) == pytest.approx(usd_per_mwh, abs=0.05)


def test_fees_of_pool_and_sale_reduce_earnings() -> None:
    net = (1 - 0.005) * (1 - 0.001)
    assert mining_usd_per_mwh(48.0, net, 50.0) == pytest.approx(100.0 * net)


def test_the_published_btc_per_ph_day_is_reproduced() -> None:
    assert btc_per_ph_day(3.125, 0.0055 * 3.125, 146.5e12) == pytest.approx(0.00043143, rel=2e-4)


def test_btc_per_ph_day_by_hand() -> None:
    # Difficulty 1 takes 2^32 hashes a block: 86400e15 / 2^32 blocks a day.
    assert btc_per_ph_day(1.0, 0.0, 1.0) == pytest.approx(20_116_567_611.694336)


def test_unsold_gpus_draw_idle_power() -> None:
    assert gpu_draw_kw(10.0, 0.7, 0.2) == pytest.approx(7.6)


def test_gpu_rental_earns_the_sold_hours_over_the_average_draw() -> None:
    # 8 GPUs at 2.35 USD, all sold, 10.2 kW: 1843 USD/MWh.
    assert rental_usd_per_mwh(2.35, 8, 1.0, 10.2) == pytest.approx(1843.137, abs=1e-3)
    assert rental_usd_per_mwh(2.0, 8, 0.7, 7.6) == pytest.approx(11.2 / 0.0076)
