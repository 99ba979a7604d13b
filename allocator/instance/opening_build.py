"""What a scenario says was decided before its start, by position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.halls import BayOption
from allocator.instance.opening import Opening
from allocator.instance.tree import Ints
from allocator.scenario.scenario import Scenario


def compile_opening(
    scenario: Scenario, options: Sequence[BayOption], hall_names: Sequence[str], models: Sequence[str]
) -> Opening:
    """Conversions under way, machines on order and contracts signed, in the order of the file."""
    start = scenario.horizon.start
    orders = [
        (models.index(fleet.equipment), max(0, fleet.arrives.since(start)), fleet.units)
        for fleet in scenario.fleets
        if fleet.arrives is not None
    ]
    bay_of = {(hall_names[bay.hall], bay.option.fit_out): b for b, bay in enumerate(options)}
    signed = [(c, contract.signed) for c, contract in enumerate(scenario.contracts) if contract.signed is not None]
    standing = [(c, bay_of[at.hall, at.fit_out], at.tranches) for c, terms in signed for at in terms.placed]
    contract, bay, tranches = _columns(standing)
    model, month, units = _columns(orders)
    return Opening(
        under_way=np.array([b for b, option in enumerate(options) if option.under_way is not None], dtype=np.int64),
        model=model,
        month=month,
        units=units.astype(np.float64),
        signed=np.array([c for c, _ in signed], dtype=np.int64),
        served_months=np.array([max(0, start.since(terms.service_from)) for _, terms in signed], dtype=np.int64),
        contract=contract,
        bay=bay,
        tranches=tranches,
    )


def _columns(rows: Sequence[tuple[int, int, int]]) -> tuple[Ints, Ints, Ints]:
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
