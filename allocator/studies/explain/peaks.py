"""What one more MW at the peaks of a charge earns, and what is billed for it, once every whole decision is held.

**Demand charges.** The charge is owed for a step more than the peak of every node, whether it is drawn or not: the
hours may then draw as much at no further charge, and the difference of the value is what they earn with it less what
is billed. What is billed counts ratchets of later nodes; where a ratchet bills more than is drawn anyway, it is
nothing.

**Coincident peaks.** In every hour that counts the charge of one peak is owed for what is drawn there, whatever is
drawn, and the meter is limited to just that. The best hours stay best ones, since the charge is a price of that limit;
moved up by a step its value says what a MW more would earn there, moved down what a MW less would lose. What is charged
lies between the two, at what a dollar due in January, and a Bitcoin, were worth to the hours. A MW less can be drawn
only where more than nothing is: it is a MW of the draw expected at the peak.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.choose import choose_dispatch, tenant_bays
from allocator.dispatch.interface import SiteNodeDispatch
from allocator.instance.coincident import at_later_worth
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.tree import Floats
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


@dataclass(frozen=True)
class CoincidentWorth:
    """A MW at a peak of the system, of a mean year within the horizon; discounted, expected, USD.

    Attributes:
        earned_per_year_usd: by the hours with a MW more in each hour that counts; at most what is charged for it.
        lost_per_year_usd: by the hours with a MW less; at least what is charged. None where nothing is drawn there.
        charged_per_year_usd: for it, at what it is worth when it is caused.
    """

    site: str
    peak: str
    earned_per_year_usd: float
    lost_per_year_usd: float | None
    charged_per_year_usd: float


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


def coincident_worths(held: Held) -> Iterator[CoincidentWorth]:
    """Of every coincident peak, in the order of the sites."""
    instance, stated = held.instance, held.instance.coincident
    years = instance.tree.horizon_years
    for peak, name in enumerate(stated.names):
        nodes = np.unique(stated.node[stated.peak == peak]).tolist()
        found = [_AtPeak(held, peak, node).found() for node in nodes]
        earned, lost, charged, spared = np.sum(found, axis=0) if found else np.zeros(4)
        less = float(lost * charged / spared / years) if spared > 0.0 else None
        site = instance.sites.names[int(stated.site[peak])]
        yield CoincidentWorth(site, name, float(earned / years), less, float(charged / years))


class _AtPeak:
    """One peak in one node: the hours of its site where the charge is owed for what the plan draws."""

    def __init__(self, held: Held, peak: int, node: int) -> None:
        stated = held.instance.coincident
        self._held, self._site, self._node = held, int(stated.site[peak]), node
        self._here = held.capacity(self._site, node)
        hours = at_later_worth(site_node(held.instance, self._site, node), held.later_premium(self._site, node))
        self._drawn_mw = self._dispatch(hours).solve(self._here).schedule.grid_mw
        causes = [e for e in stated.at(self._site, node).tolist() if int(stated.peak[e]) == peak]
        worth = stated.put_off_share[causes] - held.later_premium(self._site, node)
        self._usd_per_mw: Floats = worth @ np.array([stated.due_usd_per_mw[e] for e in causes])
        price = hours.price_usd_per_mwh - self._usd_per_mw / hours.weight_h
        self._uncharged = replace(hours, price_usd_per_mwh=price)

    def found(self) -> Floats:
        """Earned by a MW more, lost by a MW less, charged for a MW and for what can be drawn less of it, (4,)."""
        tree, step = self._held.instance.tree, STEP[MW]
        fixed_mw = float(self._here.fitted @ self._uncharged.no_load_mw)
        less_mw = np.clip(self._drawn_mw - fixed_mw, 0.0, step)
        as_is = self._value_usd(self._drawn_mw)
        more, less = self._value_usd(self._drawn_mw + step) - as_is, as_is - self._value_usd(self._drawn_mw - less_mw)
        spared = self._usd_per_mw @ less_mw
        weight = float(self._held.instance.finance.discount_operations[self._node] * tree.probability[self._node])
        return weight * np.array([more / step, less / step, float(self._usd_per_mw.sum()), spared / step])

    def _value_usd(self, most_mw: Floats) -> float:
        limit = self._uncharged.site_limit_mw
        limit = np.where(self._usd_per_mw > 0.0, np.minimum(limit, most_mw), limit)
        return self._dispatch(replace(self._uncharged, site_limit_mw=limit)).solve(self._here).value_usd

    def _dispatch(self, hours: SiteNode) -> SiteNodeDispatch:
        dispatch = choose_dispatch(hours, tenant_bays(self._held.instance, self._site)).dispatch
        return dispatch.at_premium(self._held.btc_premium(self._site, self._node))
