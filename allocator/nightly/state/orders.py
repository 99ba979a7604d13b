"""What is ordered for the hours of a site: tiers held off or made to run, caps on halls and on the meter.

Instructions of people and the grid become orders, and so do set-points that were rejected: machines that refused to run
are held off for the rest of that time, machines that refused to stop run on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from allocator.instance.tree import Floats
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.state.opening import Steps, during
from allocator.scenario.instructions import (
    CapHall,
    Emergency,
    HoldTier,
    Instruction,
    RunTier,
    UtilityCall,
    load_instructions,
)
from allocator.scenario.scenario import Scenario
from allocator.week.interface import Opening, Structure

ORDERS_JSON = "orders.json"
"""File of a night that keeps what was ordered."""
REJECTION = "set-point"
"""How the words begin that name a refusal."""
NONE_MW = 1e-9


@dataclass(frozen=True)
class Order:
    """One thing to be done from `begins` to before `ends`.

    Attributes:
        by: who or what says so, in words. hall, model, step: which tier; None stands for all.
        site: of a limit on the meter, "" otherwise.
        most_mw: of a tier that is made to run None: all that stands; 0: it is held off; of a hall or a meter the cap.
        runs: the tier is made to run. battery: that of the site is to do nothing.
    """

    by: str
    begins: datetime
    ends: datetime
    site: str = ""
    hall: str | None = None
    model: str | None = None
    step: int | None = None
    most_mw: float | None = None
    runs: bool = False
    battery: bool = False

    def tiers(self, structure: Structure) -> Steps:
        """Which tiers it is about, (J,)."""
        return np.array(
            [
                tier.hall == self.hall
                and self.model in (None, tier.model)
                and (self.step is None or tier.step == self.step)
                for tier in structure.tiers
            ],
            dtype=bool,
        )


def order_of(one: Instruction) -> Order:
    """What an instruction asks for."""
    by = f"{one.id} ({one.author}: {one.reason})"
    match one:
        case HoldTier():
            return Order(by, one.begins, one.ends, "", one.hall, one.model, one.step, 0.0)
        case RunTier():
            return Order(by, one.begins, one.ends, "", one.hall, one.model, one.step, one.most_mw, runs=True)
        case CapHall():
            return Order(by, one.begins, one.ends, "", one.hall, None, None, one.most_mw)
        case UtilityCall() | Emergency():
            return Order(by, one.begins, one.ends, one.site, most_mw=one.most_mw)


@dataclass(frozen=True)
class Orders:
    """Everything that is ordered, and what was read for it."""

    orders: tuple[Order, ...] = ()
    files: tuple[Path, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def text(self) -> str:
        """Of the run's identity and the night's files; empty where nothing is ordered."""
        rows = [{**vars(one), "begins": one.begins.isoformat(), "ends": one.ends.isoformat()} for one in self.orders]
        return json.dumps(rows, indent=1) + "\n" if rows else ""


def read_orders(path: Path | None, scenario: Scenario | None, as_of: datetime) -> Orders:
    """Instructions of a file; none without one, or without a scenario that they are for.

    Raises:
        ScenarioFaults: the file has faults, or what it says is in conflict.
    """
    if path is None or scenario is None:
        return Orders()
    found = load_instructions(path, scenario, as_of)
    told = [
        Alert(Severity.INFO, "instruction_expired", f"{one.id} of {one.author} ended at {one.ends.isoformat()}")
        for one in found.expired
    ]
    return Orders(tuple(map(order_of, found.live)), (path,), tuple(told))


def from_text(text: str) -> tuple[Order, ...]:
    """What `Orders.text` wrote."""
    moment = datetime.fromisoformat
    return tuple(
        Order(**{**one, "begins": moment(one["begins"]), "ends": moment(one["ends"])}) for one in json.loads(text)
    )


def ordered(structure: Structure, opening: Opening, orders: Iterable[Order]) -> Opening:
    """The opening with what is held off and capped, and the battery idle where it refused."""
    shape = (len(structure.tiers), structure.hours)
    share = np.broadcast_to(np.ones(1) if opening.available_share is None else opening.available_share, shape).copy()
    limit = np.full(structure.hours, np.inf) if opening.site_limit_mw is None else opening.site_limit_mw.copy()
    idle = np.zeros(structure.hours, dtype=bool)
    for one in orders:
        now = during(structure, one.begins, one.ends)
        if one.battery:
            idle |= now & (one.site == structure.site)
        elif one.site == structure.site and one.most_mw is not None:
            limit = np.where(now, np.minimum(limit, one.most_mw), limit)
        elif not one.site and not one.runs:
            _hold(share, structure, one, now)
    return replace(
        opening,
        available_share=None if bool((share >= 1.0).all()) else share,
        site_limit_mw=None if bool(np.isinf(limit).all()) else limit,
        battery_idle=idle if bool(idle.any()) else opening.battery_idle,
    )


def _hold(share: Floats, structure: Structure, one: Order, now: Steps) -> None:
    """A tier held off; or a hall capped, what its tenants leave shared by its machines."""
    own = one.tiers(structure)
    if not own.any():
        return
    if one.model is not None:
        share[np.ix_(own, now)] = 0.0
        return
    machines = np.maximum((structure.capacity_mw * share)[own].sum(axis=0), NONE_MW)
    left = np.clip(((one.most_mw or 0.0) - _tenants(structure, str(one.hall))) / machines, 0.0, 1.0)
    share[np.ix_(own, now)] *= left[now]


def _tenants(structure: Structure, hall: str) -> Floats:
    """Firm IT load of a hall, (T,)."""
    own = np.array([name == hall for name, _ in structure.tenant_halls], dtype=bool)
    firm: Floats = structure.over_steps([np.array([part.capacity.firm_mw[own].sum()]) for part in structure.parts])
    return np.asarray(firm[0])


def forced_mw(structure: Structure, opening: Opening, orders: Sequence[Order]) -> Floats:
    """IT load that is made to run, (J, T): no more than stands and works."""
    share = np.ones(1) if opening.available_share is None else opening.available_share
    able = structure.capacity_mw * share
    forced = np.zeros_like(able)
    for one in orders:
        own = np.flatnonzero(one.tiers(structure)) if one.runs else np.zeros(0, dtype=int)
        now = during(structure, one.begins, one.ends)
        left = np.full(structure.hours, np.inf if one.most_mw is None else one.most_mw)
        for j in own:
            more = np.where(now, np.minimum(able[j], left), 0.0)
            forced[j] = np.maximum(forced[j], more)
            left -= more
    return forced
