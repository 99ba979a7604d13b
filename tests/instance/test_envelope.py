"""Power modes become steps of falling efficiency."""

import pytest

from allocator.instance.envelope import Step, envelope


def test_a_single_mode_is_one_step() -> None:
    assert envelope([(200.0, 3500.0)]) == ((Step(200.0, 3500.0),), ())


def test_underclocking_gives_an_efficient_first_step() -> None:
    steps, dropped = envelope([(200.0, 3500.0), (140.0, 2100.0)])
    assert steps == (Step(140.0, 2100.0), Step(60.0, 1400.0))
    assert [s.watts / s.th_per_s for s in steps] == pytest.approx([15.0, 1400 / 60])
    assert dropped == ()


def test_a_mode_below_the_line_between_two_others_is_dropped() -> None:
    steps, dropped = envelope([(100.0, 1000.0), (110.0, 1500.0), (160.0, 2000.0)])
    assert steps == (Step(100.0, 1000.0), Step(60.0, 1000.0))
    assert dropped == ((110.0, 1500.0),)


def test_a_mode_less_efficient_than_the_top_one_is_dropped() -> None:
    steps, dropped = envelope([(100.0, 3000.0), (200.0, 3500.0)])
    assert steps == (Step(200.0, 3500.0),)
    assert dropped == ((100.0, 3000.0),)


def test_more_power_without_more_hash_is_dropped() -> None:
    steps, dropped = envelope([(100.0, 1000.0), (100.0, 1200.0), (90.0, 1300.0)])
    assert steps == (Step(100.0, 1000.0),)
    assert dropped == ((100.0, 1200.0), (90.0, 1300.0))


def test_modes_on_one_line_merge_into_one_step() -> None:
    steps, dropped = envelope([(100.0, 1000.0), (200.0, 2000.0)])
    assert steps == (Step(200.0, 2000.0),)
    assert dropped == ((100.0, 1000.0),)
