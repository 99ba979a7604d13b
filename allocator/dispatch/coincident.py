"""What the draw of the hours adds to charges of coincident peaks, due later; COINCIDENT of planning owns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.interface import SiteNode
from allocator.instance.tree import Floats, Ints
from solvers.model import Expr


@dataclass(frozen=True)
class CauseHours:
    """Hours of every cause; index (cause, hour), R rows.

    Attributes:
        step: row of the table of steps. usd_per_mw: what a MW drawn there adds. causes: index (cause) of all of them.
    """

    index: pd.DataFrame
    step: Ints
    usd_per_mw: Floats
    causes: pd.DataFrame


def cause_hours(nodes: Sequence[SiteNode]) -> CauseHours:
    """Those of some site-nodes, whose steps follow each other in the table of steps."""
    first = np.cumsum([0, *(node.hours for node in nodes)])
    none = np.zeros(0, dtype=np.int64)
    cause, step, usd, every = [none], [none], [np.zeros(0)], [none]
    for start, node in zip(first, nodes, strict=False):
        if node.coincident is None:
            continue
        row, at = np.nonzero(node.coincident.due_usd_per_mw)
        cause.append(node.coincident.cause[row])
        step.append(start + at)
        usd.append(node.coincident.due_usd_per_mw[row, at])
        every.append(node.coincident.cause)
    steps = np.concatenate(step)
    index = pd.DataFrame({"cause": np.concatenate(cause), "hour": steps}, dtype=np.int64)
    return CauseHours(index, steps, np.concatenate(usd), pd.DataFrame({"cause": np.concatenate(every)}, dtype=np.int64))


def due(hours: CauseHours, drawn_mw: Expr) -> Expr:
    """What the draw of the hours adds to every cause, USD; all that takes part in the hours has added to the draw."""
    added = drawn_mw.pick(hours.step, hours.index) * hours.usd_per_mw
    return added.sum_by(hours.causes, empty="zero")


def later_usd_per_mwh(node: SiteNode) -> Floats | float:
    """What of the price of energy is due later, (T,): where cash is short, load may run that earns the rest alone."""
    return 0.0 if node.coincident is None else node.coincident.adder_usd_per_mwh
