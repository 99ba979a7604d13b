"""Which inputs matter: shares of the variance of a figure, correlations of ranks, and swings of single inputs.

Shares of variance (Saltelli et al., 2010, Computer Physics Communications 181, table 2; Jansen, 1999, for the total),
over the ranges of the inputs, independent and uniform, with f(A), f(B) and f(A_B^k) of the design:

    first_k = mean( f(B) (f(A_B^k) - f(A)) ) / V          what the input explains by itself
    total_k = mean( (f(A) - f(A_B^k))^2 ) / (2 V)         what it explains together with others

V is the variance of f(A) and f(B) together, and f is less their mean. Intervals are those of a bootstrap of the points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from allocator.instance.tree import Floats
from allocator.studies.sweep.design import ONE_BY_ONE, SOBOL, Design

NPV = "npv_usd"
RESAMPLES, CONFIDENCE = 1000, 0.95


@dataclass(frozen=True)
class Influence:
    """A measure by input, (A,) each, with the ends of its interval."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class VarianceShares:
    """Shares of the variance of a figure."""

    first: Influence
    total: Influence


@dataclass(frozen=True)
class Swing:
    """A figure at the ends of one input, everything else as it stands; None where there is no plan."""

    name: str
    low: float
    high: float
    at_low: float | None
    at_high: float | None

    def width(self, base: float) -> float:
        """How far the figure moves; `base` is the figure as the scenario stands."""
        known = [base, *(value for value in (self.at_low, self.at_high) if value is not None)]
        return max(known) - min(known)


def variance_shares(design: Design, figure: Floats) -> VarianceShares | None:
    """Of a figure (P,) on a design of kind SOBOL; None where a point has none, or nothing varies."""
    if design.kind != SOBOL or not np.isfinite(figure).all() or np.ptp(figure) == 0:
        return None
    arrays = (figure - figure[: 2 * design.count].mean()).reshape(len(design.axes) + 2, design.count)
    drawn = np.random.default_rng(design.seed).integers(design.count, size=(RESAMPLES, design.count))
    resampled = np.array([_shares(arrays[:, rows]) for rows in drawn])
    low, high = np.nanquantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    first, total = _shares(arrays)
    return VarianceShares(Influence(first, low[0], high[0]), Influence(total, low[1], high[1]))


def _shares(arrays: Floats) -> Floats:
    """First and total shares, (2, A), of f(A), f(B) and f(A_B^k), rows of `arrays`."""
    at_first, at_second, mixed = arrays[0], arrays[1], arrays[2:]
    variance = arrays[:2].var()
    if variance == 0:
        return np.full((2, len(mixed)), np.nan)
    first = (at_second * (mixed - at_first)).mean(axis=1) / variance
    total = ((at_first - mixed) ** 2).mean(axis=1) / (2 * variance)
    return np.array([first, total])


def rank_correlations(design: Design, figure: Floats) -> Floats | None:
    """Spearman's correlation of a figure (P,) with each input, (A,), over points that have one; None for too few."""
    known = np.isfinite(figure)
    if known.sum() < 3 or np.ptp(figure[known]) == 0:
        return None
    return np.array(
        [float(spearmanr(column[known], figure[known]).statistic) for column in np.transpose(design.values)]
    )


def swings(design: Design, figure: Floats, base: float) -> list[Swing]:
    """Of a figure (P,) on a design of kind ONE_BY_ONE, widest first."""
    if design.kind != ONE_BY_ONE:
        return []
    found = []
    for k, axis in enumerate(design.axes):
        by_value = dict(zip(np.transpose(design.values)[k].tolist(), figure.tolist(), strict=True))
        found.append(Swing(axis.name, axis.low, axis.high, _known(by_value[axis.low]), _known(by_value[axis.high])))
    return sorted(found, key=lambda one: -one.width(base))


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def told(design: Design, table: pd.DataFrame, figures: Sequence[str], base: float | None) -> Mapping[str, object]:
    """All of it as plain data, by figure of the table; swings are of the net present value, `base` as it stands."""
    if design.kind == ONE_BY_ONE:
        npv = table[NPV].to_numpy(dtype=float)
        return {} if base is None else {NPV: [vars(one) for one in swings(design, npv, base)]}
    tell = _by_input if design.kind == SOBOL else _ranks
    return {name: tell(design, table[name].to_numpy(dtype=float)) for name in figures}


def _ranks(design: Design, figure: Floats) -> Mapping[str, object] | None:
    found = rank_correlations(design, figure)
    if found is None:
        return None
    names = [axis.name for axis in design.axes]
    return {"rank_correlation": dict(zip(names, found.tolist(), strict=True))}


def _by_input(design: Design, figure: Floats) -> Mapping[str, object] | None:
    shares = variance_shares(design, figure)
    if shares is None:
        return None
    return {
        axis.name: {
            kind: {"share": one.value[k].item(), "low": one.low[k].item(), "high": one.high[k].item()}
            for kind, one in (("first", shares.first), ("total", shares.total))
        }
        for k, axis in enumerate(design.axes)
    }
