"""What a hall can be equipped for, and how it turns IT load into heat and metered power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from allocator.scenario.curves import DerateCurve, OverheadCurve
from allocator.scenario.record import Record, Share

FitOutKind = Literal["air_mining", "hydro_mining", "immersion_mining", "air_gpu", "liquid_gpu", "empty"]

GPU_KINDS: tuple[FitOutKind, ...] = ("air_gpu", "liquid_gpu")
"""Kinds that can hold colocation contracts."""

MINING_KINDS: tuple[FitOutKind, ...] = ("air_mining", "hydro_mining", "immersion_mining")

KINDS_OF_USE: Mapping[str, tuple[FitOutKind, ...]] = {"mining": MINING_KINDS, "gpu_cloud": GPU_KINDS}
"""Fit-outs in which the machines of a use stand."""


class FitOut(Record):
    """One way to equip a hall."""

    kind: FitOutKind
    """What may stand in it."""
    overhead: OverheadCurve
    """Cooling and losses as a share of IT load (PUE - 1), by ambient: [[degrees C, share], ...]."""
    no_load_share: Share = 0.0
    """Power drawn at the meter even without IT load, as a share of the option's IT limit."""
    heat_derate: DerateCurve = ((0.0, 1.0),)
    """Share of the air heat limit that is left, by ambient."""
    liquid_derate: DerateCurve = ((0.0, 1.0),)
    """Share of the liquid heat limit that is left, by ambient."""
    tenant_air_share: Share = 1.0
    """Share of tenant heat that goes to air; the rest goes to the liquid loop. To be stated for liquid_gpu."""

    @property
    def tenant_liquid_share(self) -> float:
        """Share of tenant heat that goes to the liquid loop."""
        return 1.0 - self.tenant_air_share
