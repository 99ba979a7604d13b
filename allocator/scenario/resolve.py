"""Equipment entries completed from the catalogue; what the entry states wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from allocator.scenario.catalogue import Catalogue, CatalogueAsic, CatalogueGpu
from allocator.scenario.equipment import Cooling, Equipment
from allocator.scenario.fit_outs import FitOutKind
from allocator.scenario.places import suggestion

Kind = Literal["asic", "gpu"]
Row = CatalogueAsic | CatalogueGpu | None

_MINING_KIND: dict[Cooling, FitOutKind] = {
    "air": "air_mining",
    "hydro": "hydro_mining",
    "immersion": "immersion_mining",
}
_FIELDS_OF: dict[Kind, tuple[str, ...]] = {
    "asic": ("cooling", "th_per_s", "watts", "modes"),
    "gpu": ("power_kw", "gpus", "air_heat_share", "liquid_heat_share", "idle_share", "rental_market"),
}


@dataclass(frozen=True)
class Shortcoming:
    """Why an entry cannot be resolved: the field, what it holds, what was expected, and the fix."""

    field: str
    found: str
    expected: str
    fix: str


class EquipmentError(ValueError):
    """An entry that cannot be resolved; load_scenario reports the same as faults."""

    def __init__(self, shortcomings: list[Shortcoming]) -> None:
        self.shortcomings = shortcomings
        super().__init__("; ".join(f"{s.field}: found {s.found}, expected {s.expected}" for s in shortcomings))


@dataclass(frozen=True)
class ResolvedAsic:
    """An ASIC.

    Attributes:
        entry: lots, lead times, resale, uptime and the other terms the scenario states.
        price_usd: purchase price at the start, USD per unit.
        cooling: air, hydro or immersion.
        modes: power modes (TH/s, W at the wall), both rising.
    """

    entry: Equipment
    price_usd: float
    cooling: Cooling
    modes: tuple[tuple[float, float], ...]

    @property
    def fit_out_kinds(self) -> tuple[FitOutKind, ...]:
        """Kinds of fit-out it may stand in."""
        return (_MINING_KIND[self.cooling],)

    @property
    def air_heat_share(self) -> float:
        """Share of its heat that goes to air; hydro and immersion heat goes to the liquid loop."""
        return 1.0 if self.cooling == "air" else 0.0

    @property
    def liquid_heat_share(self) -> float:
        """Share of its heat that goes to the liquid loop."""
        return 1.0 - self.air_heat_share


@dataclass(frozen=True)
class ResolvedGpu:
    """A GPU system.

    Attributes:
        entry: lots, lead times, resale, uptime and the other terms the scenario states.
        price_usd: purchase price at the start, USD per unit.
        power_kw: one system at full load, kW. gpus: GPUs in one system.
        air_heat_share, liquid_heat_share: where its heat goes; they sum to 1.
        idle_share: power of an idle GPU over full load.
        rental_market: name in the scenario's gpu_rental.
    """

    entry: Equipment
    price_usd: float
    power_kw: float
    gpus: int
    air_heat_share: float
    liquid_heat_share: float
    idle_share: float
    rental_market: str

    @property
    def fit_out_kinds(self) -> tuple[FitOutKind, ...]:
        """Kinds of fit-out it may stand in: one that needs liquid goes only where liquid is."""
        return ("liquid_gpu",) if self.liquid_heat_share > 0 else ("air_gpu", "liquid_gpu")


def resolve_equipment(entry: Equipment, catalogue: Catalogue) -> ResolvedAsic | ResolvedGpu:
    """Complete an entry from the catalogue.

    Raises:
        EquipmentError: with every shortcoming: unknown catalogue key, missing or contradicting fields, modes that
            do not rise, heat shares that do not sum to 1, resale not below price.
    """
    row = _row(entry, catalogue)
    kind = _kind(entry, row)
    shortcomings = [*_strangers(entry, kind), *_price_faults(entry, row)]
    shortcomings += _asic_faults(entry, row) if kind == "asic" else _gpu_faults(entry, row)
    if shortcomings:
        raise EquipmentError(shortcomings)
    price_usd = float(_stated(entry, row, "price_usd"))
    if kind == "asic":
        return ResolvedAsic(entry, price_usd, _stated(entry, row, "cooling"), _modes(entry, row))
    return ResolvedGpu(entry, price_usd, **{name: _stated(entry, row, name) for name in _FIELDS_OF["gpu"]})


def _row(entry: Equipment, catalogue: Catalogue) -> Row:
    key = entry.catalogue
    if key is None:
        return None
    row = catalogue.asics.get(key) or catalogue.gpus.get(key)
    if row is None:
        fix = suggestion(key, catalogue.keys)
        raise EquipmentError([Shortcoming("catalogue", repr(key), "a key of the catalogue", fix)])
    return row


def _kind(entry: Equipment, row: Row) -> Kind:
    of_row: Kind | None = None if row is None else "asic" if isinstance(row, CatalogueAsic) else "gpu"
    kind = entry.kind or of_row
    if kind is None:
        fix = "add kind, or a catalogue key"
        raise EquipmentError([Shortcoming("kind", "neither kind nor catalogue", "kind: asic or kind: gpu", fix)])
    if of_row is not None and kind != of_row:
        fix = "remove kind, or choose another key"
        raise EquipmentError([Shortcoming("kind", kind, f"{of_row}, as {entry.catalogue} is", fix)])
    return kind


def _stated(entry: Equipment, row: Row, field: str) -> Any:
    """The entry's own figure, else the catalogue's, else None."""
    own = getattr(entry, field)
    return getattr(row, field, None) if own is None else own


def _modes(entry: Equipment, row: Row) -> tuple[tuple[float, float], ...]:
    if entry.modes is not None:
        return entry.modes
    return ((float(_stated(entry, row, "th_per_s")), float(_stated(entry, row, "watts"))),)


def _strangers(entry: Equipment, kind: Kind) -> Iterator[Shortcoming]:
    other: Kind = "gpu" if kind == "asic" else "asic"
    for field in _FIELDS_OF[other]:
        if getattr(entry, field) is not None:
            yield Shortcoming(field, f"{field} on an entry of kind {kind}", f"fields of {kind}", f"remove {field}")


def _missing(entry: Equipment, row: Row, fields: tuple[str, ...]) -> Iterator[Shortcoming]:
    for field in fields:
        if _stated(entry, row, field) is None:
            yield Shortcoming(field, f"no {field!r}", f"{field}, here or in the catalogue", f"add {field}: ...")


def _price_faults(entry: Equipment, row: Row) -> Iterator[Shortcoming]:
    yield from _missing(entry, row, ("price_usd",))
    price = _stated(entry, row, "price_usd")
    if price is not None and entry.resale_usd >= price and not price == entry.resale_usd == 0.0:
        expected = f"below the price of {price:g} USD"
        yield Shortcoming("resale_usd", f"{entry.resale_usd:g}", expected, "lower resale_usd or raise price_usd")


def _asic_faults(entry: Equipment, row: Row) -> Iterator[Shortcoming]:
    yield from _missing(entry, row, ("cooling",))
    if entry.modes is None:
        yield from _missing(entry, row, ("th_per_s", "watts"))
        return
    for field in ("th_per_s", "watts"):
        if getattr(entry, field) is not None:
            yield Shortcoming(field, f"{field} beside modes", "either modes or th_per_s and watts", f"remove {field}")
    for low, high in pairwise(entry.modes):
        if high[0] <= low[0] or high[1] <= low[1]:
            found = f"[{low[0]:g}, {low[1]:g}] before [{high[0]:g}, {high[1]:g}]"
            fix = "order the modes by power; remove a mode with more power and no more hashrate"
            yield Shortcoming("modes", found, "TH/s and W that both rise", fix)


def _gpu_faults(entry: Equipment, row: Row) -> Iterator[Shortcoming]:
    yield from _missing(entry, row, _FIELDS_OF["gpu"])
    air, liquid = _stated(entry, row, "air_heat_share"), _stated(entry, row, "liquid_heat_share")
    if air is not None and liquid is not None and abs(air + liquid - 1.0) > 1e-9:
        found = f"{air:g} + {liquid:g}"
        yield Shortcoming("air_heat_share", found, "air and liquid heat shares that sum to 1", "correct one of them")
