"""Values of all site-nodes at a point of the master, with a cut for each.

The questions go to whoever dispatches the hours in batches fixed in advance (see `site_hours`), and answers are put
together in the order of the site-nodes, so that sums and cuts depend neither on who answers nor on how many do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.decomposition.site_hours import Answer, Answered, Batch, Operate, Price, Question, SiteHours
from allocator.dispatch.choose import choose_dispatch
from allocator.dispatch.interface import Capacity, Cut, Start
from allocator.instance.coincident import at_later_worth
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats
from allocator.work.errors import WorkersLostError
from allocator.work.executors import Workers
from allocator.work.schedule import MOST_DEATHS, AtHome

Hours = tuple[SiteNode, Bools]
"""The hours of a site-node, and the bays in which firm load may ever stand."""


@dataclass(frozen=True)
class Priced:
    """Values in USD and cuts of all site-nodes, site by site, node by node; arrays have shape (S * N,).

    Attributes:
        values_usd: margins. mined_btc: what these operations mine, nan where a Bitcoin is worth its price.
        premium_usd_per_btc: of each cut, which bounds margin + premium * mined.
    """

    values_usd: Floats
    mined_btc: Floats
    premium_usd_per_btc: Floats
    cuts: tuple[Cut, ...]


@dataclass(frozen=True)
class Operated:
    """Operations of all site-nodes, hour by hour where they cause charges of coincident peaks.

    Attributes:
        priced: as of `Oracle.price`; its cuts bound margin + premium of Bitcoin * mined + later_premium * due.
        due_usd: what each cause adds, (E,). later_premium: what a dollar due costs in margin, (S * N,).
    """

    priced: Priced
    due_usd: Floats
    later_premium: Floats


class Oracle:
    """Asks for the hours of every site-node of an instance.

    Args:
        hours: the site-nodes. workers: who answers for them. causes: how many causes of coincident peaks there are.
    """

    def __init__(self, hours: SiteHours, workers: Workers, causes: int) -> None:
        self._hours, self._workers, self._causes = hours, workers, causes
        self._batches = [batch.tolist() for batch in hours.batches()]
        self._starts: list[Start] = [None] * len(hours)

    def hours(self) -> Iterator[Hours]:
        """All that is known of the hours of every site-node, in order."""
        for k in range(len(self._hours)):
            yield self._hours.of(k).here, self._hours.of(k).tenant_bay

    def cut_at(self, k: int, capacity: Capacity, premium_usd_per_btc: float, later_premium: float) -> Cut:
        """The cut of site-node k where a Bitcoin and a dollar due later are worth that much more."""
        one = self._hours.of(k)
        dispatch = one.dispatch
        if later_premium:
            dispatch = choose_dispatch(at_later_worth(one.here, later_premium), one.tenant_bay).dispatch
        return dispatch.at_premium(premium_usd_per_btc).price(capacity)[1]

    def price(self, capacities: Sequence[Capacity], mined_btc: Floats) -> Priced:
        """Value and cut of every site-node at its capacity, mining what is stated (S * N,); nan: what is best."""
        every = range(len(capacities))
        found = self._answers({k: Price(capacities[k], float(mined_btc[k]), self._starts[k]) for k in every})
        return _priced([found[k] for k in every])

    def operate(self, priced: Priced, capacities: Sequence[Capacity], mined_btc: Floats, asked_usd: Floats) -> Operated:
        """What was priced, run hour by hour where it causes charges of coincident peaks.

        The causes of a site-node add `asked_usd` in all, (S * N,); nan: what is best. Where production is asked for,
        it alone is.
        """
        causes = {k: one for k in range(len(capacities)) if (one := self._hours.of(k).here.coincident) is not None}
        found = self._answers(
            {k: Operate(capacities[k], float(mined_btc[k]), float(asked_usd[k]), self._starts[k]) for k in causes}
        )
        due, later = np.zeros(self._causes), np.zeros(len(capacities))
        for k, own in causes.items():
            due[own.cause], later[k] = found[k].due_usd, found[k].later_premium
        return Operated(_with(priced, found), due, later)

    def _answers(self, asked: Mapping[int, Question]) -> dict[int, Answer]:
        """By site-node; the next question to it starts where this one ended."""
        found: dict[int, Answer] = {}

        def keep(answered: Answered) -> None:
            found.update(answered)

        AtHome(self._workers, self._batched(asked), keep, self._bury).run()
        for k, answer in found.items():
            self._starts[k] = answer.start
        return found

    def _batched(self, asked: Mapping[int, Question]) -> list[Batch]:
        chosen = [tuple(k for k in batch if k in asked) for batch in self._batches]
        return [Batch(number, own, tuple(asked[k] for k in own)) for number, own in enumerate(chosen) if own]

    def _bury(self, batch: Batch) -> None:
        raise WorkersLostError(f"whoever dispatches {self._hours.says(batch.site_nodes)} died {MOST_DEATHS} times")


def _priced(answers: Sequence[Answer]) -> Priced:
    return Priced(
        np.array([one.margin_usd for one in answers]),
        np.array([one.mined_btc for one in answers]),
        np.array([one.premium_usd_per_btc for one in answers]),
        tuple(one.cut for one in answers),
    )


def _with(priced: Priced, found: Mapping[int, Answer]) -> Priced:
    """What was priced, but for those who answered anew."""
    every = list(zip(priced.values_usd, priced.mined_btc, priced.premium_usd_per_btc, priced.cuts, strict=True))
    for k, one in found.items():
        every[k] = one.margin_usd, one.mined_btc, one.premium_usd_per_btc, one.cut
    values, mined, premium, cuts = zip(*every, strict=True)
    return Priced(np.array(values), np.array(mined), np.array(premium), cuts)
