"""Power modes of an ASIC as steps of falling efficiency: the concave envelope of its measured points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Mode = tuple[float, float]
"""(TH/s, W)."""


@dataclass(frozen=True)
class Step:
    """What one unit adds in a step: TH/s and W. Its J/TH is watts / th_per_s."""

    th_per_s: float
    watts: float


def envelope(modes: Sequence[Mode]) -> tuple[tuple[Step, ...], tuple[Mode, ...]]:
    """Steps of the concave envelope of (0, 0) and the modes, and the modes that are not on it.

    Units of one fleet may run in different modes, so every mix of two modes is reached to within one unit, and
    a mode below the line between two others (or with no more hash for more power) is never worth running.
    Steps come with rising J/TH, so an optimal load fills them in order without any rule that says so.
    """
    kept: list[Mode] = [(0.0, 0.0)]
    for mode in sorted(set(modes), key=lambda m: (m[1], -m[0])):
        if mode[0] <= kept[-1][0]:
            continue
        while len(kept) > 1 and _slope(kept[-1], mode) >= _slope(kept[-2], kept[-1]):
            kept.pop()
        kept.append(mode)
    steps = tuple(Step(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept))
    return steps, tuple(mode for mode in modes if mode not in kept)


def _slope(a: Mode, b: Mode) -> float:
    """TH/s per W from one point to the next."""
    return (b[0] - a[0]) / (b[1] - a[1])
