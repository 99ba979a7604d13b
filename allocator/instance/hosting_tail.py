"""What hosting agreements are worth beyond the horizon: mining to the end of the term, less what is owed till then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.finance import discount
from allocator.instance.hosting import Hosting
from allocator.instance.hosting_share import energy_kept, revenue_share
from allocator.instance.hosting_terms import Term, relief, term_of
from allocator.instance.hour_store import HourStore
from allocator.instance.last_year import LastYear, last_year
from allocator.instance.terminal import Tail
from allocator.instance.terminal_mining import Machine, MiningYear, mining_usd_per_mw
from allocator.instance.tree import Floats, NodeTree
from allocator.scenario.hosting import HostingAgreement
from allocator.scenario.months import Month


def months_beyond(agreements: Sequence[HostingAgreement], start: Month, tree: NodeTree) -> int:
    """Months of the longest term that lie beyond the horizon."""
    end = int((tree.first_month + tree.months).max())
    return max([0, *(term_of(agreement, start).end - end for agreement in agreements)])


def with_tail(
    hosting: Hosting,
    agreements: Sequence[HostingAgreement],
    start: Month,
    tree: NodeTree,
    hours: HourStore,
    machines: Sequence[Sequence[Machine]],
    tail: Tail,
) -> Hosting:
    """The agreements with their value at each leaf where they may be in force.

    Each is either kept to the end of its term or given notice on the last day of the horizon, whichever is worth
    more. Energy costs what it cost in the last twelve months of the horizon, less relief at the hashprice of the tail
    year; mining pays for its machines as elsewhere beyond the horizon. Yearly flows stand at the middle of their year,
    fee and deposit at the end of the agreement.

    Args:
        machines: by agreement, those that may mine there beyond the horizon.
    """
    worth, deposit = np.zeros(hosting.in_term.shape), np.zeros(hosting.in_term.shape)
    for g, agreement in enumerate(agreements):
        term = term_of(agreement, start)
        sample = last_year(tree, hours, int(hosting.site[g]))
        price = float(hosting.untaken_usd_per_mwh[g, -1])
        beyond = _Beyond(agreement, term, float(hosting.management_usd[g, -1] / tree.months[-1]), price, tail, tree)
        for leaf in np.flatnonzero(hosting.in_term[g] & np.isin(np.arange(len(tree)), tree.leaves)).tolist():
            yearly = beyond.usd_by_year(sample, machines[g], leaf)
            worth[g, leaf], deposit[g, leaf] = max(beyond.ends(leaf, yearly), key=sum)
    return replace(hosting, tail_usd=worth, tail_deposit_usd=deposit)


@dataclass(frozen=True)
class _Beyond:
    """One agreement beyond the horizon."""

    agreement: HostingAgreement
    term: Term
    management_usd_per_month: float
    untaken_usd_per_mwh: float
    tail: Tail
    tree: NodeTree

    def usd_by_year(self, sample: LastYear, machines: Sequence[Machine], leaf: int) -> Floats:
        """What the agreement brings in a full tail year at its capacity, as the leaf expects it, undiscounted, (Y,).

        It may be negative. Machines cost what they cost elsewhere where hashprice is expected off its stated path.
        """
        tail, agreement, kept = self.tail, self.agreement, energy_kept(self.agreement)
        tariff = np.full(tail.years, sample.average(sample.spot_usd_per_mwh)[0] / (kept * (1.0 + sample.overhead[0])))
        paid = tail.hashprice_usd_per_ph_day * tail.hashprice_factor[leaf]
        capital = tail.hashprice_factor[leaf] ** tail.machine_price_elasticity
        off = kept * relief(agreement.relief, paid, tariff) * (1.0 + sample.overhead[0])
        net_share = tail.mining_net_share * (1.0 - revenue_share(agreement))
        mined = np.zeros(tail.years)
        for year in range(tail.years):
            hours = MiningYear(sample.weight_h * sample.open_share, sample.cost_usd_per_mwh[0] - off[year])
            mined[year] = mining_usd_per_mw(
                hours,
                machines,
                paid[year : year + 1],
                net_share,
                tail.operations_per_year,
                capital[year : year + 1],
            )[0]
        idle = mined <= 0.0
        owed = np.where(idle, self._untaken_usd_per_mw(sample, tariff, off / (kept * (1.0 + sample.overhead[0]))), 0.0)
        return np.asarray(agreement.capacity_mw * (mined - owed) - 12.0 * self.management_usd_per_month)

    def _untaken_usd_per_mw(self, sample: LastYear, tariff: Floats, relief_usd_per_mwh: Floats) -> Floats:
        """What a contracted MW owes in each tail year in which nothing is drawn, (Y,)."""
        asked = self.agreement.minimum_take
        if asked is None:
            return np.zeros_like(tariff)
        price = tariff + self.agreement.management_usd_per_mwh - relief_usd_per_mwh
        if asked.usd_per_mwh is not None:
            price = np.full_like(tariff, self.untaken_usd_per_mwh)
        open_h = float(sample.weight_h @ sample.open_share)
        return np.asarray(asked.share * (1.0 + sample.overhead[0]) * open_h * price)

    def ends(self, leaf: int, yearly: Floats) -> Iterator[tuple[float, float]]:
        """(Worth without the deposit, deposit), discounted to the start, of each end there may be."""
        begins = int(self.tree.first_month[leaf] + self.tree.months[leaf])
        left = self.term.end - begins
        yield self._until(left, 0.0, yearly)
        notice = self.agreement.notice_months
        free = max(notice, self.term.renewal - begins)
        if self.term.renewal > begins and free < left:
            yield self._until(free, 0.0, yearly)
        if self.agreement.termination is not None and notice < left:
            stated = self.agreement.termination
            months = self.term.months_left(begins + notice)
            yield self._until(notice, stated.fee_usd + stated.fee_usd_per_month_left * months, yearly)

    def _until(self, months: int, fee_usd: float, yearly: Floats) -> tuple[float, float]:
        """Value if the agreement ends so many months beyond the horizon."""
        tail, horizon = self.tail, self.tree.horizon_years
        share = np.clip(months / 12.0 - np.arange(tail.years), 0.0, 1.0)
        factors = discount(tail.operations_per_year, horizon + np.arange(tail.years) + 0.5)
        at_end = float(discount(tail.operations_per_year, horizon + months / 12.0))
        return float((share * factors) @ yearly) - fee_usd * at_end, self.agreement.deposit_usd * at_end
