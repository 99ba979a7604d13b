"""What the tables of a week say, back on the axes of what stands; and what a broken rule is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools, Floats, Ints
from allocator.week.interface import Opening, Part, Prices, Structure, WeekOptions

Tables = Mapping[str, pd.DataFrame]
WITHIN = 1e-6
"""Relative tolerance, of the limit or of 1."""


@dataclass(frozen=True)
class Broken:
    """One broken rule: where, by how much in `unit`, and in words."""

    rule: str
    place: str
    amount: float
    unit: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule} {self.place}: {self.message}"


class MalformedError(ValueError):
    """Tables that cannot be read as a week of the structure."""


@dataclass(frozen=True)
class Told:
    """The tables on the axes of the structure. T steps, J tiers, K tenancies, S services, D jobs.

    Attributes:
        load_mw, on_share, started_share, strike_off, strike_on: (J, T). shed_mw: (K, T).
        offered_mw: (S, T). offer_mw, work_mw: (S, J, T) and (D, J, T). hours, curve, stored: tables as they are.
        money: USD by line.
        available_mw: what stands and is not down, (J, T). firm_mw: (K, T).
    """

    structure: Structure
    prices: Prices
    opening: Opening
    options: WeekOptions
    hours: pd.DataFrame
    curve: pd.DataFrame
    stored: pd.DataFrame
    money: Mapping[str, float]
    load_mw: Floats
    on_share: Floats
    started_share: Floats
    strike_off: Floats
    strike_on: Floats
    shed_mw: Floats
    offered_mw: Floats
    offer_mw: Floats
    work_mw: Floats
    available_mw: Floats
    firm_mw: Floats

    def column(self, name: str) -> Floats:
        """A column of the hours, (T,)."""
        return self.hours[name].to_numpy(dtype=float)

    @property
    def parts(self) -> Iterator[tuple[Part, slice]]:
        """Parts and their steps."""
        return zip(self.structure.parts, self.structure.slices, strict=True)

    def it_mw(self, part: Part, at: slice, tier: Floats | None = None, tenant: Floats | None = None) -> Floats:
        """Load of every bay of a part, (B, T_p), each tier (J,) and bay's tenants (B,) times a share; None: 1."""
        here, load = part.here, self.load_mw[:, at]
        served = (self.firm_mw - self.shed_mw)[:, at]
        it = np.zeros((here.bays, here.hours))
        np.add.at(it, here.segment_bay, load if tier is None else tier[:, None] * load)
        bay = here.tenants.bay
        np.add.at(it, bay, served if tenant is None else tenant[bay][:, None] * served)
        return it


def read(structure: Structure, prices: Prices, opening: Opening, options: WeekOptions, tables: Tables) -> Told:
    """Read the tables of a week.

    Raises:
        MalformedError: a table is missing, names what does not stand, or lacks or repeats a row.
    """
    try:
        return _read(structure, prices, opening, options, tables)
    except (KeyError, TypeError) as error:
        raise MalformedError(f"a table or column is missing: {error}") from error


def _read(structure: Structure, prices: Prices, opening: Opening, options: WeekOptions, tables: Tables) -> Told:
    tiers, hours = tables["tiers"], tables["hours"]
    if not np.array_equal(hours["utc"].to_numpy(dtype="datetime64[s]"), structure.utc):
        raise MalformedError("the table of hours has other steps than the structure")
    at = _tier_of(structure, tiers), _step_of(structure, tiers)
    shape = len(structure.tiers), structure.hours
    by_tier = {name: _filled(shape, at, tiers[name]) for name in _TIER_COLUMNS}
    firm = structure.over_steps([part.capacity.firm_mw for part in structure.parts])
    tenants = tables["tenants"]
    place = tenants["tenancy"].to_numpy(), _step_of(structure, tenants)
    shed = np.zeros(firm.shape)
    shed[place] = tenants["shed_mw"]
    share = np.ones(shape) if opening.available_share is None else np.broadcast_to(opening.available_share, shape)
    reserves, jobs = structure.parts[0].here.reserves, structure.parts[0].here.jobs
    return Told(
        structure, prices, opening, options, hours, tables["curve"], tables["stored"],
        money=dict(zip(tables["money"]["line"], tables["money"]["amount_usd"], strict=True)),
        load_mw=by_tier["load_mw"],
        on_share=by_tier["on_share"],
        started_share=by_tier["started_share"],
        strike_off=by_tier["strike_off_usd_per_mwh"],
        strike_on=by_tier["strike_on_usd_per_mwh"],
        shed_mw=shed,
        offered_mw=_offered(structure, tables["offered"], 0 if reserves is None else reserves.services),
        offer_mw=_listed(structure, tables["offers"], "service", 0 if reserves is None else reserves.services),
        work_mw=_listed(structure, tables["work"], "job", 0 if jobs is None else jobs.jobs),
        available_mw=structure.capacity_mw * share,
        firm_mw=firm,
    )  # fmt: skip


_TIER_COLUMNS = ("load_mw", "on_share", "started_share", "strike_off_usd_per_mwh", "strike_on_usd_per_mwh")


def _filled(shape: tuple[int, int], at: tuple[Ints, Ints], values: pd.Series[float]) -> Floats:
    """A column on (tier, step), every cell named once."""
    found = np.full(shape, np.nan)
    found[at] = values
    if len(values) != found.size or np.isnan(found).any():
        raise MalformedError(f"{values.name} is not told once for every tier and step")
    return found


def _listed(structure: Structure, table: pd.DataFrame, axis: str, count: int) -> Floats:
    """The last column of a table on (axis, tier, step)."""
    found = np.zeros((count, len(structure.tiers), structure.hours))
    if len(table):
        found[table[axis].to_numpy(), _tier_of(structure, table), _step_of(structure, table)] = table.iloc[:, -1]
    return found


def _offered(structure: Structure, table: pd.DataFrame, count: int) -> Floats:
    """Offers by service and step."""
    found = np.zeros((count, structure.hours))
    if len(table):
        found[table["service"].to_numpy(), _step_of(structure, table)] = table["offered_mw"]
    return found


def _tier_of(structure: Structure, table: pd.DataFrame) -> Ints:
    names = {(tier.hall, tier.fit_out, tier.model, tier.step): j for j, tier in enumerate(structure.tiers)}
    told = zip(table["hall"], table["fit_out"], table["model"], table["step"], strict=True)
    return np.array([names[key] for key in told], dtype=np.int64)


def _step_of(structure: Structure, table: pd.DataFrame) -> Ints:
    utc = table["utc"].to_numpy(dtype="datetime64[s]")
    at = np.minimum(np.searchsorted(structure.utc, utc), structure.hours - 1)
    if (structure.utc[at] != utc).any():
        raise MalformedError("a row stands at a step that the structure does not have")
    return np.asarray(at, dtype=np.int64)


def exceeded(
    rule: str, used: Floats, limit: Floats | float, unit: str, names: Sequence[str], utc: np.ndarray
) -> Iterator[Broken]:
    """Where what is used (R, T) lies above a limit beyond tolerance; one finding a row, the worst step."""
    limit = np.broadcast_to(np.asarray(limit, dtype=float), used.shape)
    over: Bools = used > limit + WITHIN * np.maximum(1.0, np.abs(np.where(np.isfinite(limit), limit, 0.0)))
    for row in np.flatnonzero((over | np.isnan(used)).any(axis=1)).tolist():
        beyond = np.where(np.isnan(used[row]), np.inf, used[row] - limit[row])
        t = int(np.argmax(np.where(over[row] | np.isnan(used[row]), beyond, -np.inf)))
        words = f"{used[row, t]:.6g} {unit} where {limit[row, t]:.6g} is the most"
        yield Broken(rule, f"{names[row]} {utc[t]}", float(beyond[t]), unit, words)


def differs(rule: str, place: str, told: float, derived: float, unit: str, scale: float = 1.0) -> Iterator[Broken]:
    """Where a number is not what is derived for it."""
    if not abs(told - derived) <= WITHIN * max(1.0, scale, abs(derived)):
        yield Broken(rule, place, abs(told - derived), unit, f"told {told:.10g} {unit}, derived {derived:.10g}")
