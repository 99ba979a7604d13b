"""Hashrate: what stands, and what the hours run of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.facts import scatter


def deployed(case: Case) -> Iterator[Check]:
    """Hashrate and draw deployed are those of the miners standing in the halls of the site."""
    models, placed = case.instance.models, case.instance.placements
    miners = models.hash_th_per_s > 0.0
    for says, unit, column, of_unit in (
        ("deployed hashrate", "PH/s", "deployed_ph_per_s", models.hash_th_per_s / 1e3),
        ("draw of deployed miners", "MW", "deployed_mw", np.where(miners, models.power_kw, 0.0) / 1e3),
    ):
        whole = case.facts.units * of_unit[placed.model][:, None]
        site, node = np.broadcast_arrays(
            case.instance.bays.site[placed.bay][:, None], np.arange(whole.shape[1])[None, :]
        )
        shape = len(case.instance.sites.names), whole.shape[1]
        yield _stated(case, says, unit, column, scatter(shape, (site.ravel(), node.ravel()), whole.ravel()))


def operating(case: Case) -> Iterator[Check]:
    """Hashrate and energy of miners are those of the hours, less what services are expected to call."""
    yield _stated(case, "operating hashrate", "PH/s", "operating_ph_per_s", case.energy.hash_ph_per_s)
    yield _stated(case, "energy of operating hashrate", "MWh", "operating_mwh", case.energy.hash_mwh)


def _stated(case: Case, says: str, unit: str, column: str, expected: Floats) -> Check:
    frame = case.tables["hashrate"]
    at = case.axes.site_at(frame["site"]), case.axes.node_at(frame["node"])
    tolerance = tolerances.mwh(expected[at])
    return Check(says, unit, rows(frame, "site", "node"), frame[column].to_numpy(), expected[at], tolerance=tolerance)


RULES: dict[str, PlanRule] = {"FLEET.deployed": deployed, "FLEET.operating": operating}
