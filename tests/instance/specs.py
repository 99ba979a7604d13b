"""What a hand-made instance is told; everything a spec leaves out is neutral."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FAR = 10_000
"""Months nobody reaches."""


@dataclass(frozen=True)
class BaySpec:
    """A hall in one fit-out. Overhead and heat limits: a number, or one value per step of the site."""

    fit_out: str
    kind: str
    it_limit_mw: float
    slots: float = 1e6
    no_load_mw: float = 0.0
    overhead: npt.ArrayLike = 0.0
    air_limit_mw: npt.ArrayLike = np.inf
    liquid_limit_mw: npt.ArrayLike = np.inf
    tenant_air_share: float = 1.0
    capex_usd: float = 0.0
    lead_months: int = 0
    downtime_months: int = 0


@dataclass(frozen=True)
class HallSpec:
    """A hall; the first bay is the opening one, the others may be converted to."""

    name: str
    bays: Sequence[BaySpec]
    site: int = 0
    max_conversions: int = 1


@dataclass(frozen=True)
class StepSpec:
    """One power-mode step: MW of one unit (uptime included) and value, a number or one per node."""

    mw_per_unit: float
    value_usd_per_mwh: npt.ArrayLike
    hash_ph_per_mw: float = 0.0


@dataclass(frozen=True)
class ModelSpec:
    """An equipment model. `kinds` maps each fit-out kind it may stand in to its air-heat share."""

    name: str
    kinds: Mapping[str, float]
    steps: Sequence[StepSpec]
    opening: Mapping[str, float] = field(default_factory=dict)
    stored: float = 0.0
    block_units: int = 1
    slots: float = 1.0
    buyable: bool = False
    price_usd: npt.ArrayLike = 1.0
    resale_usd: npt.ArrayLike = 0.0
    install_usd: float = 0.0
    lead_months: int = 0
    refund_share: float = 0.0
    limit_units: float = np.inf
    gpus: float = 0.0


@dataclass(frozen=True)
class FeederSpec:
    """A feeder over halls of one site."""

    name: str
    limit_mw: float
    halls: Sequence[str]


@dataclass(frozen=True)
class PlantSpec:
    """A cooling plant over halls of one site. Limit: a number, or one value per step of the site."""

    name: str
    loop: str
    limit_mw: npt.ArrayLike
    halls: Sequence[str]


@dataclass(frozen=True)
class ContractSpec:
    """A contract; `bays` are bay names ("hall/fit_out"). Service starts at the first node after the lead."""

    name: str
    critical_it_mw: float
    bays: Sequence[str]
    rent_usd_per_mw_month: float = 0.0
    tranches: int = 1
    term_months: int = FAR
    lead_months: int = 0
    first_service_month: int = 0
    last_service_month: int = FAR
    load_factor: float = 1.0
    gross_up: float = 1.0
    pass_through_share: float = 0.0
    outage_h_per_month: float = 0.0
    outage_usd_per_mwh: float = 0.0
    must_accept: bool = False
    signing_capex_usd: float = 0.0
    credit_probability: float = 1.0
