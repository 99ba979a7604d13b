"""Hours of every site, kept once a calendar period: nodes of a tree that stand side by side share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.instance.tree import Bools, Floats, Ints


@dataclass(frozen=True)
class HourStore:
    """Hours of every (site, period), flat: the steps of pair k = site * P + period are offset[k]:offset[k+1].

    Attributes:
        offset: (S * P + 1,).
        period: period of each node, 0 .. P - 1, (N,); nodes of one period begin and end in the same months.
        utc: start of each step, datetime64[s], (T,).
        weight_h: hours each step stands for, (T,); over a period they sum to its hours.
        step_h: hours from the start of a step to its end, (T,). It is `weight_h` where every hour stands for itself.
        opens: True where a run of steps that follow one another begins, (T,): a period, or a representative day.
        spot_usd_per_mwh, price_usd_per_mwh: spot, and spot plus adders, before the node's factor, (T,).
        spot_factor: spot of each site at each node over the spot of its period, (S, N); adders are not scaled.
        ambient_c: (T,).
        overhead, air_limit_mw, liquid_limit_mw: by site, each of shape (bays of the site, T_s) over the site's own
            steps in the order of the periods.
        full: True where every hour stands for itself.
        shed_usd_per_mwh: (S,) price of firm energy not served.
        representation: words for the plan: how hours were chosen.
        open_steps: 1 where the site is given power, 0 where a host gives none, (T,); None: always.
        reserve_usd_per_mw_hour: price of the capacity of each ancillary service of the site, by site, each of shape
            (services of the site, T_s) over the same steps as `overhead`; the node's factor does not scale it.
        demand_usd_per_mw_year: demand charges of a MW drawn all year, beyond the horizon, by site, (S,); empty: none.
        beyond_adder_usd_per_mwh: what coincident peaks add to the price of each step beyond the horizon, (T,); empty:
            none.
        drawn_together: by number of a (site, period) whose hours are, the step that stands for each of them, (T_n,).
    """

    offset: Ints
    period: Ints
    utc: NDArray[np.datetime64]
    weight_h: Floats
    step_h: Floats
    opens: Bools
    spot_usd_per_mwh: Floats
    price_usd_per_mwh: Floats
    spot_factor: Floats
    ambient_c: Floats
    overhead: tuple[Floats, ...]
    air_limit_mw: tuple[Floats, ...]
    liquid_limit_mw: tuple[Floats, ...]
    full: bool
    shed_usd_per_mwh: Floats
    representation: str
    open_steps: Floats | None = None
    reserve_usd_per_mw_hour: tuple[Floats, ...] = ()
    demand_usd_per_mw_year: Floats = field(default_factory=lambda: np.zeros(0))
    beyond_adder_usd_per_mwh: Floats = field(default_factory=lambda: np.zeros(0))
    drawn_together: Mapping[int, Ints] = field(default_factory=dict)

    def open_share(self, steps: slice) -> Floats:
        """1 where the site is given power, 0 where a host gives none, in some of the flat steps."""
        return np.ones(steps.stop - steps.start) if self.open_steps is None else self.open_steps[steps]

    @property
    def periods(self) -> int:
        """P."""
        return (len(self.offset) - 1) // len(self.overhead)

    @property
    def counts(self) -> Ints:
        """Steps of each site in each node, (S, N)."""
        return np.diff(self.offset).reshape(-1, self.periods)[:, self.period]

    @cached_property
    def labels(self) -> Ints:
        """Number of the first step of pair site * N + node when every node counts its own steps, (S * N + 1,)."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    def pair_of(self, label: Ints) -> tuple[Ints, Ints]:
        """Site and node of steps numbered as `labels` does."""
        pair = np.searchsorted(self.labels, label, side="right") - 1
        site, node = np.divmod(pair, len(self.period))
        return site, node

    def steps(self, site: int, node: int) -> slice:
        """Where the steps of the site in the node lie in the flat arrays."""
        pair = self._pair(site, node)
        return slice(int(self.offset[pair]), int(self.offset[pair + 1]))

    def _pair(self, site: int, node: int) -> int:
        return site * self.periods + int(self.period[node])

    def every_hour(self, site: int, node: int) -> tuple[NDArray[np.datetime64], Ints]:
        """Start of every hour of the site in the node, and which of its steps stands for it, (T_n,) each.

        Raises:
            ValueError: the hours are representative days.
        """
        if not self.full:
            raise ValueError("the instance's hours are representative days, which do not tell every hour")
        own, step = self.utc[self.steps(site, node)], self.drawn_together.get(self._pair(site, node))
        if step is None:
            return own, np.arange(len(own))
        return own[0] + np.arange(len(step)) * np.timedelta64(1, "h"), step

    def own_steps(self, site: int, node: int) -> slice:
        """Where they lie among the steps of the site, the last axis of `overhead` and the heat limits."""
        flat, first = self.steps(site, node), int(self.offset[site * self.periods])
        return slice(flat.start - first, flat.stop - first)

    def spot(self, site: int, node: int) -> Floats:
        """Spot of the site in the node, USD/MWh; a view where the node's factor is 1."""
        factor, spot = float(self.spot_factor[site, node]), self.spot_usd_per_mwh[self.steps(site, node)]
        return spot if factor == 1.0 else factor * spot

    def price(self, site: int, node: int) -> Floats:
        """Spot plus adders of the site in the node, USD/MWh; a view where the node's factor is 1."""
        factor, steps = float(self.spot_factor[site, node]), self.steps(site, node)
        price = self.price_usd_per_mwh[steps]
        return price if factor == 1.0 else price + (factor - 1.0) * self.spot_usd_per_mwh[steps]
