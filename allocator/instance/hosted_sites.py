"""Hosting agreements as sites: one hall in one fit-out each, whose power price is the host's.

An agreement knows no weather and, at a price by month, no hours either: hours of one price are drawn together, which
is exact, as no hour differs from another in anything that operation looks at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.halls import BayOption
from allocator.instance.hosting_share import energy_kept, open_hours
from allocator.instance.hours import Chosen, SiteHours
from allocator.instance.machine import Resolved, top_power_kw
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats, Ints
from allocator.scenario.equipment import Cooling
from allocator.scenario.fit_outs import FitOut, FitOutKind
from allocator.scenario.hosting import AllIn, HostingAgreement, Indexed
from allocator.scenario.resolve import ResolvedAsic
from allocator.scenario.scenario import Scenario
from allocator.scenario.sites import HallOption
from allocator.scenario.values import FromSeries

AMBIENT_C = 20.0
"""Stands where an hour needs a temperature; nothing of a hosted site depends on it."""


def hosted_bays(scenario: Scenario, machines: Sequence[Resolved]) -> list[BayOption]:
    """One bay an agreement; their sites and halls are counted on from the company's own."""
    sites, halls = len(scenario.sites), sum(len(site.halls) for site in scenario.sites)
    return [
        BayOption(
            site=sites + g,
            hall=halls + g,
            name=f"{agreement.name}/{agreement.cooling}_mining",
            option=_option(agreement, machines),
            fit_out=FitOut(kind=_KIND[agreement.cooling], overhead=((0.0, agreement.overhead_share),)),
            is_opening=True,
        )
        for g, agreement in enumerate(scenario.hosting)
    ]


_KIND: dict[Cooling, FitOutKind] = {"air": "air_mining", "hydro": "hydro_mining", "immersion": "immersion_mining"}


def _option(agreement: HostingAgreement, machines: Sequence[Resolved]) -> HallOption:
    """Cooling is the host's matter: no heat limit."""
    return HallOption(
        fit_out=_KIND[agreement.cooling],
        it_limit_mw=agreement.capacity_mw,
        slots=_slots_fed(agreement, machines) if agreement.slots is None else agreement.slots,
        air_heat_limit_mw=None,
        liquid_heat_limit_mw=None,
    )


def _slots_fed(agreement: HostingAgreement, machines: Sequence[Resolved]) -> int:
    """More rack positions than any mix of machines takes that the capacity can feed."""
    per_mw = [
        machine.entry.slots_per_unit / top_power_kw(machine) * 1e3
        for machine in machines
        if isinstance(machine, ResolvedAsic) and machine.cooling == agreement.cooling
    ]
    return int(np.ceil(agreement.capacity_mw * max(per_mw, default=0.0))) + 1


def hosted_hours(agreement: HostingAgreement, book: SeriesBook) -> SiteHours:
    """Spot is the host's price before management fee; price is with the fee: our part of them where the margin is
    shared. Relief comes off node by node."""
    stated, lengths = agreement.price, np.diff(book.grid.hours_from_start)
    tariff = (
        _by_hour(stated, book) if isinstance(stated, Indexed) else np.repeat(book.monthly(stated.usd_per_mwh), lengths)
    )
    price, kept = tariff + agreement.management_usd_per_mwh, energy_kept(agreement)
    closed, by_hour = agreement.curtailed_h_per_month, isinstance(stated, Indexed)
    return SiteHours(
        spot_usd_per_mwh=kept * tariff,
        price_usd_per_mwh=kept * price,
        is_open=open_hours(price, lengths.tolist(), closed, by_hour) if closed else None,
        ambient_c=np.full(len(price), AMBIENT_C),
        shed_usd_per_mwh=0.0,
        choose=drawn_together if isinstance(stated, AllIn) else None,
    )


def tariff_by_month(agreement: HostingAgreement, book: SeriesBook) -> Floats:
    """Average price of each month before management fee and relief, (M,)."""
    stated = agreement.price
    if isinstance(stated, AllIn):
        return book.monthly(stated.usd_per_mwh)
    return stated.scale * book.monthly(FromSeries(series=stated.series)) + stated.adder_usd_per_mwh


def _by_hour(stated: Indexed, book: SeriesBook) -> Floats:
    return stated.scale * book.hourly[stated.series] + stated.adder_usd_per_mwh


def drawn_together(site: SiteHours, positions: Ints) -> Chosen:
    """One step for all hours of the node that cost the same, open and closed ones apart: the first stands for all."""
    alike = np.column_stack([site.price_usd_per_mwh[positions], site.open_at(positions)])
    _, first, kind, counts = np.unique(alike, axis=0, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    step_of_hour = np.argsort(order)[kind.ravel()]
    opens = np.ones(len(order), dtype=np.bool_)
    return Chosen(positions[first[order]], counts[order].astype(float), opens, step_of_hour)
