"""Everything that must hold between the parts of a scenario: a table of contents of `allocator.scenario.checks`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocator.scenario.catalogue import Catalogue
from allocator.scenario.checks import (
    batteries,
    chances,
    contracts,
    covenants,
    deferrable_work,
    demand_charges,
    fleets,
    halls,
    hedges,
    horizon,
    hosting,
    knobs,
    loans,
    names,
    power_blocks,
    reserves,
    series,
    shared_limits,
    shares,
    treasury,
    uncertainty,
)
from allocator.scenario.checks.context import Check, Context
from allocator.scenario.draft import draft_of
from allocator.scenario.faults import Fault
from allocator.scenario.places import Places

CHECKS: tuple[Check, ...] = (
    horizon.periods,
    horizon.representative_days,
    names.repeated_names,
    names.reserved_names,
    names.unknown_fit_outs,
    names.unknown_equipment,
    names.unknown_markets,
    names.unknown_sites_and_contracts,
    series.unknown_series,
    series.short_values,
    series.ranges,
    series.files,
    halls.opening_fit_out,
    halls.conversions,
    halls.tenant_heat,
    power_blocks.terms,
    demand_charges.terms,
    batteries.availability,
    batteries.standing_losses,
    shared_limits.names,
    shared_limits.members,
    shared_limits.feeders_in_circles,
    shared_limits.standing_draw,
    reserves.repeated,
    reserves.unknown_halls,
    reserves.machines,
    reserves.payments,
    deferrable_work.repeated,
    deferrable_work.unknown_halls,
    deferrable_work.machines,
    deferrable_work.sold_twice,
    deferrable_work.worthless,
    fleets.equipment,
    fleets.repeated_fleets,
    fleets.blocks,
    fleets.compatibility,
    fleets.slots,
    hosting.terms,
    hosting.machines,
    contracts.windows,
    contracts.kinds,
    contracts.sizes,
    contracts.groups,
    contracts.outages,
    treasury.price,
    treasury.floor,
    treasury.shares,
    treasury.schedule,
    treasury.slippage,
    loans.names,
    loans.levels,
    loans.collateral,
    loans.limits,
    loans.extensions,
    hedges.names,
    hedges.months,
    hedges.terms,
    loans.projects,
    chances.stated,
    loans.notes,
    covenants.names,
    covenants.members,
    covenants.calendar,
    covenants.earlier,
    covenants.bitcoin,
    shares.rates,
    shares.dips,
    uncertainty.branching,
    uncertainty.known_months,
    uncertainty.kinds,
    uncertainty.names,
    uncertainty.correlations,
    uncertainty.histories,
    uncertainty.probabilities,
    uncertainty.delays,
    uncertainty.statements,
    knobs.knobs,
    knobs.variants,
)


def crosscheck(document: Mapping[str, Any], catalogue: Catalogue, folder: Path, places: Places) -> list[Fault]:
    """Every fault between the parts of a document whose parts may be invalid on their own."""
    context = Context(draft_of(document), catalogue, folder, places)
    return [fault for check in CHECKS for fault in check(context)]
