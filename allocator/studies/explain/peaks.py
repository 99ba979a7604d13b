"""What one more MW at the peaks of a demand charge earns, and what is billed for it, once every whole decision is held.

The charge is owed for a step more than the peak of every node, whether it is drawn or not: the hours may then draw as
much at no further charge, and the difference of the value is what they earn with it less what is billed. What is
billed counts ratchets of later nodes; where a ratchet bills more than is drawn anyway, it is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.types import Instance
from allocator.plan.extract.demand import billed_mw
from allocator.studies.explain.held import Held
from allocator.studies.explain.raisable import MW, STEP


@dataclass(frozen=True)
class PeakWorth:
    """One more MW at the peaks of a demand charge, of a mean year within the horizon; discounted, expected, USD.

    Attributes:
        earned_per_year_usd: by the hours. billed_per_year_usd: for it; of a plan at its best no less.
    """

    site: str
    charge: str
    earned_per_year_usd: float
    billed_per_year_usd: float


def peak_worths(held: Held) -> Iterator[PeakWorth]:
    """Of every demand charge, in the order of the sites."""
    instance, demand, step = held.instance, held.instance.demand, STEP[MW]
    years = instance.tree.horizon_years
    for charge, name in enumerate(demand.names):
        raised = owed(held, charge, step)
        site = int(demand.site[charge])
        net = held.gained(raised, (site,), step).within_usd
        billed = _billed_usd(held, raised) / step
        yield PeakWorth(instance.sites.names[site], name, (net + billed) / years, billed / years)


def owed(held: Held, charge: int, step: float) -> Instance:
    """The instance where a charge is owed for at least `step` MW more than the plan draws at its peaks."""
    demand, metered = held.instance.demand, held.point.peak_mw
    assert metered is not None
    least = demand.least_mw.copy()
    least[charge] = np.where(demand.billed[charge], np.maximum(least[charge], metered[charge] + step), least[charge])
    return replace(held.instance, demand=replace(demand, least_mw=least))


def _billed_usd(held: Held, raised: Instance) -> float:
    """What the same draw is billed more."""
    metered, tree = held.point.peak_mw, held.instance.tree
    assert metered is not None
    more = billed_mw(raised, metered) - billed_mw(held.instance, metered)
    weight = held.instance.finance.discount_operations * tree.probability
    return float((more * raised.demand.usd_per_mw * weight).sum())
