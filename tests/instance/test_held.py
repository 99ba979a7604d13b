"""Arrays too large for memory are maps of a file, with the same values and behaviour."""

from __future__ import annotations

import mmap

import numpy as np
import pytest

from allocator.dispatch.kernel import price_hours
from allocator.instance import held as module
from allocator.instance.held import held
from allocator.instance.tree import Floats


def _owner(values: Floats) -> object:
    base: object = values
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return base


def test_small_arrays_stay_where_they_are() -> None:
    values = np.arange(6.0).reshape(2, 3)
    assert held(values) is values


def test_large_arrays_are_maps_of_a_file_with_the_same_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_IN_MEMORY_BYTES", 8)
    values = np.random.default_rng(1).normal(size=(3, 500))
    mapped = held(values)
    assert isinstance(_owner(mapped), mmap.mmap)
    assert type(mapped) is np.ndarray
    np.testing.assert_array_equal(mapped, values)


def test_compiled_dispatch_takes_maps_as_it_takes_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_IN_MEMORY_BYTES", 8)
    hours = 24
    overhead = np.full((1, hours), 0.1)

    def value(of_bay: Floats) -> float:
        found, _ = price_hours(
            np.ones(hours), np.full(hours, 30.0), np.full(hours, 50.0), of_bay, np.full((1, hours), 10.0), np.zeros(1),
            None, np.array([0, 0]), np.array([70.0, 5000.0]), None, np.zeros(2), np.full(hours, 30.0),
            np.array([8.0, 0.0]), np.ones(1), np.zeros(2), np.zeros(1), np.zeros(0), None,
        )  # fmt: skip
        return found

    assert value(held(overhead)) == value(overhead)
    assert value(overhead) == pytest.approx(hours * 8.0 * (70.0 - 1.1 * 30.0))
