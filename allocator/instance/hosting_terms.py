"""From hosting agreements as the scenario states them to arrays by agreement and node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.halls import BayOption
from allocator.instance.hosted_sites import tariff_by_month
from allocator.instance.hosting import Hosting, before, no_hosting
from allocator.instance.hosting_share import energy_kept, revenue_share
from allocator.instance.months import average_by_node
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.scenario.hosting import HostingAgreement, Relief
from allocator.scenario.months import Month


@dataclass(frozen=True)
class Term:
    """Months of an agreement, counted from the start of the horizon.

    Attributes:
        first, end: first month of the term, and first month after it, renewal included.
        renewal: month from which it is prolonged; `end` where it never is.
    """

    first: int
    renewal: int
    end: int

    def covers(self, tree: NodeTree) -> Bools:
        """True for nodes that lie wholly within the term, (N,)."""
        return np.asarray((self.first <= tree.first_month) & (tree.first_month + tree.months <= self.end))

    def months_left(self, month: int) -> int:
        """Months from `month` to the end of the term it lies in: the first one, or the prolonged one."""
        return (self.renewal if month < self.renewal else self.end) - month

    def ends_freely(self, tree: NodeTree) -> Bools:
        """True for the first node that takes decisions from the renewal on: the choice not to renew, (N,)."""
        due = tree.decision & self.covers(tree) & (tree.first_month >= self.renewal)
        return due & np.array([not due[tree.path(node)[:-1]].any() for node in range(len(tree))], dtype=np.bool_)


def term_of(agreement: HostingAgreement, start: Month) -> Term:
    """The term counted from the start of the horizon."""
    return Term(
        first=agreement.first_month.since(start),
        renewal=agreement.last_month.plus(1).since(start),
        end=agreement.end.since(start),
    )


def compile_hosting(
    agreements: Sequence[HostingAgreement],
    start: Month,
    tree: NodeTree,
    book: SeriesBook,
    bays: Sequence[BayOption],
    hashprice_usd_per_ph_day: Floats,
) -> Hosting:
    """Agreements in the order of the file, worth nothing beyond the horizon yet.

    Args:
        bays: all of the instance; those of the agreements come last, one each.
        hashprice_usd_per_ph_day: gross, (N,).
    """
    if not agreements:
        return no_hosting(len(tree))
    first_bay = len(bays) - len(agreements)
    own = bays[first_bay:]
    terms = [term_of(agreement, start) for agreement in agreements]
    pairs = list(zip(agreements, terms, strict=True))
    in_term = np.array([term.covers(tree) for term in terms])
    begun = np.array([term.first < 0 for term in terms])
    tariff = np.array([average_by_node(tariff_by_month(a, book), book.grid, tree) for a in agreements])
    return Hosting(
        names=tuple(agreement.name for agreement in agreements),
        site=np.array([bay.site for bay in own], dtype=np.int64),
        hall=np.array([bay.hall for bay in own], dtype=np.int64),
        bay=np.arange(first_bay, len(bays), dtype=np.int64),
        capacity_mw=np.array([agreement.capacity_mw for agreement in agreements]),
        in_term=in_term,
        begun=begun,
        notice_months=np.array([agreement.notice_months for agreement in agreements], dtype=np.int64),
        may_end=np.array([_may_end(agreement, term, tree) for agreement, term in pairs]),
        end_fee_usd=np.array([_end_fee(agreement, term, tree) for agreement, term in pairs]),
        management_usd=np.array([_sum_by_node(book.monthly(a.management_usd_per_month), tree) for a in agreements]),
        deposit_usd=np.array([agreement.deposit_usd for agreement in agreements]),
        pays_deposit=in_term & ~before(in_term, begun, tree),
        removal_usd_per_unit=np.array([agreement.removal_usd_per_unit for agreement in agreements]),
        tariff_usd_per_mwh=tariff,
        relief_usd_per_mwh=np.array(
            [
                energy_kept(a) * relief(a.relief, hashprice_usd_per_ph_day, t)
                for a, t in zip(agreements, tariff, strict=True)
            ]
        ),
        revenue_share=np.array([revenue_share(a) for a in agreements]),
        closed_h=np.zeros(in_term.shape),
        take_mwh=np.zeros(in_term.shape),
        untaken_usd_per_mwh=np.zeros(in_term.shape),
        tail_usd=np.zeros(in_term.shape),
        tail_deposit_usd=np.zeros(in_term.shape),
    )


def relief(stated: Relief | None, hashprice_usd_per_ph_day: Floats, tariff_usd_per_mwh: Floats) -> Floats:
    """min(usd_per_mwh_per_usd * max(0, below - hashprice), max(0, tariff - floor)), same shape as both."""
    if stated is None:
        return np.zeros_like(tariff_usd_per_mwh)
    lacking = np.maximum(0.0, stated.below_usd_per_ph_day - hashprice_usd_per_ph_day)
    most = np.maximum(0.0, tariff_usd_per_mwh - stated.floor_usd_per_mwh)
    return np.asarray(np.minimum(stated.usd_per_mwh_per_usd * lacking, most))


def cut_short(hosting: Hosting, agreements: Sequence[HostingAgreement], start: Month, tree: NodeTree) -> list[str]:
    """Words for every agreement that is in force for less than the months it has inside the horizon."""
    lost = []
    for g, agreement in enumerate(agreements):
        term, end = term_of(agreement, start), tree.first_month + tree.months
        begins, ends = max(0, term.first), min(int(end.max()), term.end)
        own = hosting.in_term[g]
        if not own.any() or tree.first_month[own].min() > begins or end[own].max() < ends:
            lost.append(f"hosting {agreement.name}: counts only in the nodes that lie wholly within its term")
    return lost


def _may_end(agreement: HostingAgreement, term: Term, tree: NodeTree) -> Bools:
    if agreement.termination is None:
        return term.ends_freely(tree)
    return term.covers(tree) & tree.decision


def _end_fee(agreement: HostingAgreement, term: Term, tree: NodeTree) -> Floats:
    if agreement.termination is None:
        return np.zeros(len(tree))
    left = np.array([term.months_left(month) for month in tree.first_month.tolist()], dtype=float)
    fee = agreement.termination.fee_usd + agreement.termination.fee_usd_per_month_left * left
    return np.where(term.covers(tree) & ~term.ends_freely(tree), fee, 0.0)


def _sum_by_node(monthly: Floats, tree: NodeTree) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(monthly)])
    return np.asarray(total[tree.first_month + tree.months] - total[tree.first_month])
