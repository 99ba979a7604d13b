"""PEAK: the draw that demand charges bill, seen from the hours.

Purpose
    A tariff bills the highest draw of a month. Planning decides that peak for each site and node; the hours keep it.
    So it is one more limit on the whole site, in the hours that count: the limit of an hour is the least of the meter's
    and of its peaks, limits stay nested, and the value of the hours is concave in the peaks. The peak is over the hours
    that are represented.

Sets
    t hours of a site in a node; k demand charges of the site that are billed in the node.

Parameters
    H[k] | hours that count for the charge | hours

Variables
    peak_mw[k,n] | highest draw in the hours that count, gross, of DEMAND | MW | 0 .. P[s] | every node

Constraints
    PEAK.metered[k,t] | G[s,t] <= peak_mw[k,n] for t in H[k]
        | No hour that counts draws more than is billed; G is the left side of POWER.site. A decomposition states it in
          the master for what halls draw at no load, by node. | design 5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from allocator.dispatch.interface import Capacity, SiteNode
from allocator.dispatch.ledger import HourLedger
from allocator.instance.tree import Floats, Ints
from solvers.model import Expr, Model

if TYPE_CHECKING:
    from allocator.dispatch.hours import Pair

METER = -1
"""Stands for the limit at the meter."""


@dataclass(frozen=True)
class PeakHours:
    """Hours that count for each peak; index (charge, hour), R rows.

    Attributes:
        step: row of the table of steps. peak_row: row of the table of peaks.
    """

    index: pd.DataFrame
    step: Ints
    peak_row: Ints


def peak_hours(pairs: Sequence[Pair]) -> PeakHours:
    """Those of some site-nodes, whose steps follow each other in the table of steps."""
    first = np.cumsum([0, *(pair.site_node.hours for pair in pairs)])
    none = np.zeros(0, dtype=np.int64)
    charge, hour, step, row = [none], [none], [none], [none]
    for start, pair in zip(first, pairs, strict=False):
        for peak, peak_row in zip(pair.site_node.peaks, pair.peak_row.tolist(), strict=True):
            at = np.flatnonzero(peak.counts)
            charge.append(np.full(len(at), peak.label))
            hour.append(pair.first_hour + at)
            step.append(start + at)
            row.append(np.full(len(at), peak_row))
    index = pd.DataFrame({"charge": np.concatenate(charge), "hour": np.concatenate(hour)}, dtype=np.int64)
    return PeakHours(index, np.concatenate(step), np.concatenate(row))


def add(model: Model, peaks: PeakHours, peak_mw: Expr, ledger: HourLedger) -> None:
    """Keep the draw at the meter within the peaks; all that takes part in the hours has added to it."""
    drawn = ledger.drawn_mw.pick(peaks.step, peaks.index)
    used = drawn.has_terms
    model.rows("PEAK.metered", drawn.keep(used) - peak_mw.pick(peaks.peak_row, peaks.index).keep(used) <= 0.0)


def limit_mw(here: SiteNode, capacity: Capacity) -> tuple[Floats, Ints]:
    """What the meter lets through in each step, gross MW, and which peak says so, METER where none does; (T,) each."""
    limit, by = here.site_limit_mw, np.full(here.hours, METER)
    for k, peak in enumerate(here.peaks):
        lower = peak.counts & (capacity.peak_mw[k] < limit)
        limit, by = np.where(lower, capacity.peak_mw[k], limit), np.where(lower, k, by)
    return limit, by


def split(here: SiteNode, site_price: Floats, by: Ints) -> tuple[Floats, Floats]:
    """Prices of the meter's own limit (T,) and of the peaks (P, T), from that of the least of them."""
    own = by == np.arange(len(here.peaks))[:, None]
    return np.where(by == METER, site_price, 0.0), np.where(own, site_price, 0.0)
