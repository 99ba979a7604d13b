"""Halls and bays: every hall in every fit-out it may have, with limits that fall as it gets warmer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.months import Monthly
from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.instance.types import Bays, Halls
from allocator.scenario.curves import curve_at
from allocator.scenario.fit_outs import FitOut, FitOutKind
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario
from allocator.scenario.sites import Hall, HallOption


@dataclass(frozen=True)
class Remaining:
    """What is left of a conversion under way: capex, USD, and months of lead and downtime from the start."""

    capex_usd: float
    lead_months: int
    downtime_months: int


@dataclass(frozen=True)
class BayOption:
    """A bay before compilation: where it is, what the file says of it, and what is left of a conversion under way."""

    site: int
    hall: int
    name: str
    option: HallOption
    fit_out: FitOut
    is_opening: bool
    under_way: Remaining | None = None

    @property
    def lead_and_downtime(self) -> tuple[int, int]:
        """Months from the decision to the first usable one, and months idle before it."""
        conversion = self.under_way or self.option.conversion
        return (0, 0) if conversion is None else (conversion.lead_months, conversion.downtime_months)

    def overhead(self, ambient_c: Floats) -> Floats:
        """PUE - 1 at each temperature: straight lines between the stated points, flat beyond them."""
        return curve_at(self.fit_out.overhead, ambient_c)

    def air_limit_mw(self, ambient_c: Floats) -> Floats:
        """Heat the air side removes at each temperature: nameplate * derate; inf where not limiting."""
        return _limit(self.option.air_heat_limit_mw, self.fit_out.heat_derate, ambient_c)

    def liquid_limit_mw(self, ambient_c: Floats) -> Floats:
        """Heat the liquid loop removes at each temperature: nameplate * derate; inf where not limiting."""
        return _limit(self.option.liquid_heat_limit_mw, self.fit_out.liquid_derate, ambient_c)


def bays_within(
    places: Sequence[tuple[int, Sequence[str] | None, Sequence[FitOutKind]]],
    bays: Sequence[BayOption],
    hall_names: Sequence[str],
) -> Bools:
    """Which bays lie at each place: a site, its halls (all where None) and kinds of fit-out, (places, bays)."""

    def lies(bay: BayOption, site: int, halls: Sequence[str] | None, kinds: Sequence[FitOutKind]) -> bool:
        return bay.site == site and bay.fit_out.kind in kinds and (halls is None or hall_names[bay.hall] in halls)

    within = [[lies(bay, *place) for bay in bays] for place in places]
    return np.array(within, dtype=bool).reshape(len(places), len(bays))


def _limit(nameplate: float | None, derate: tuple[tuple[float, float], ...], ambient_c: Floats) -> Floats:
    if nameplate is None:
        return np.full(len(ambient_c), np.inf)
    return nameplate * curve_at(derate, ambient_c)


def bay_options(scenario: Scenario) -> list[BayOption]:
    """Every bay in file order, so that bays of a hall are adjacent, and halls of a site too."""
    return [
        BayOption(
            site=s,
            hall=h,
            name=f"{hall.name}/{option.fit_out}",
            option=option,
            fit_out=scenario.fit_outs[option.fit_out],
            is_opening=option.fit_out == hall.fit_out,
            under_way=_remaining(hall, option, scenario.horizon.start),
        )
        for h, (s, hall) in enumerate((s, hall) for s, site in enumerate(scenario.sites) for hall in site.halls)
        for option in hall.options
    ]


def _remaining(hall: Hall, option: HallOption, start: Month) -> Remaining | None:
    """What is left of the conversion of a hall to one of its options, where it is under way."""
    stated = hall.under_way
    if stated is None or stated.to != option.fit_out:
        return None
    idle = max(stated.idle_from, start)
    return Remaining(stated.capex_left_usd, stated.ready.since(start), stated.ready.since(idle))


def bay_halls(options: Sequence[BayOption], halls: Halls) -> list[str]:
    """Name of the hall of each bay."""
    return [halls.names[option.hall] for option in options]


def compile_halls(scenario: Scenario, options: Sequence[BayOption]) -> Halls:
    """Halls in the order of the file, then the one of each hosting agreement, which converts to nothing."""
    halls = [(s, hall) for s, site in enumerate(scenario.sites) for hall in site.halls]
    hosted = scenario.hosting
    return Halls(
        names=(*(hall.name for _, hall in halls), *(agreement.name for agreement in hosted)),
        site=np.array([*(s for s, _ in halls), *(len(scenario.sites) + g for g in range(len(hosted)))], dtype=np.int64),
        opening_bay=np.array([b for b, bay in enumerate(options) if bay.is_opening], dtype=np.int64),
        max_conversions=np.array([*(hall.max_conversions for _, hall in halls), *(0 for _ in hosted)], dtype=np.int64),
    )


def compile_bays(
    options: Sequence[BayOption],
    tree: NodeTree,
    monthly: Monthly,
    firm_ambient_c: Sequence[Sequence[Floats]],
    period: Ints,
) -> Bays:
    """Bays in the order of `options`.

    Args:
        firm_ambient_c: by site and period, the temperatures at which cooling is promised to tenants: every hour of the
            period, or the site's design ambient alone. The promise is the least limit among them, at the largest
            overhead.
        period: of each node, (N,).
    """

    def promised(figure: Callable[[BayOption, Floats], float]) -> Floats:
        return np.array([[figure(bay, c) for c in firm_ambient_c[bay.site]] for bay in options])[:, period]

    conversions = [bay.option.conversion for bay in options]
    it_limit = np.array([bay.option.it_limit_mw for bay in options])
    air_share = np.array([bay.fit_out.tenant_air_share for bay in options])
    leads = np.array([bay.lead_and_downtime for bay in options], dtype=np.int64).reshape(-1, 2)
    return Bays(
        names=tuple(bay.name for bay in options),
        fit_out=tuple(bay.option.fit_out for bay in options),
        kind=tuple(bay.fit_out.kind for bay in options),
        hall=np.array([bay.hall for bay in options], dtype=np.int64),
        site=np.array([bay.site for bay in options], dtype=np.int64),
        it_limit_mw=it_limit,
        slots=np.array([bay.option.slots for bay in options], dtype=float),
        no_load_mw=it_limit * [bay.fit_out.no_load_share for bay in options],
        firm_air_limit_mw=promised(lambda bay, c: bay.air_limit_mw(c).min()),
        firm_liquid_limit_mw=promised(lambda bay, c: bay.liquid_limit_mw(c).min()),
        firm_overhead=promised(lambda bay, c: bay.overhead(c).max()),
        firm_air_share=air_share,
        firm_liquid_share=1.0 - air_share,
        convertible=np.array(
            [to is not None and not bay.is_opening for to, bay in zip(conversions, options, strict=True)]
        ),
        capex_usd=np.array([_capex_usd(bay, tree, monthly) for bay in options]).reshape(len(options), len(tree)),
        lead_months=leads[:, 0],
        downtime_months=leads[:, 1],
    )


def _capex_usd(bay: BayOption, tree: NodeTree, monthly: Monthly) -> Floats:
    """Capex of a conversion to the bay by decision node, what is left of it where one is under way, (N,)."""
    if bay.under_way is not None:
        return np.full(len(tree), bay.under_way.capex_usd)
    conversion = bay.option.conversion
    if conversion is None:
        return np.zeros(len(tree))
    return monthly(conversion.capex_usd_per_mw)[tree.first_month] * bay.option.it_limit_mw
