"""Discounting at annual effective rates."""

import pytest

from allocator.instance.finance import annuity, discount


def test_a_year_at_twelve_per_cent() -> None:
    assert discount(0.12, [1.0, 2.0, 0.5]) == pytest.approx([1 / 1.12, 1 / 1.2544, 1 / 1.12**0.5])


def test_payments_of_an_annuity_repay_the_capital() -> None:
    payment = annuity(0.1, 4)
    assert sum(payment / 1.1**k for k in range(1, 5)) == pytest.approx(1.0)
    assert annuity(0.0, 4) == 0.25
