"""The bundled catalogue of ASIC and GPU systems: figures, with the source and confidence of each row."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from allocator.scenario.equipment import Cooling

_COOLING: Mapping[str, Cooling] = {"air": "air", "hydro": "hydro", "immersion": "immersion"}


@dataclass(frozen=True)
class CatalogueAsic:
    """An ASIC at nameplate: TH/s and W at the wall.

    `price_usd` is per unit and dated; None where no price was found.
    """

    key: str
    label: str
    cooling: Cooling
    th_per_s: float
    watts: float
    price_usd: float | None
    confidence: str
    source: str


@dataclass(frozen=True)
class CatalogueGpu:
    """A GPU system at full load: kW, GPUs, and where its heat goes (shares sum to 1)."""

    key: str
    label: str
    gpus: int
    power_kw: float
    air_heat_share: float
    liquid_heat_share: float
    idle_share: float
    price_usd: float | None
    confidence: str
    source: str


@dataclass(frozen=True)
class Catalogue:
    """Rows by key, and the sha256 of the data files they come from."""

    asics: Mapping[str, CatalogueAsic]
    gpus: Mapping[str, CatalogueGpu]
    version: str

    @property
    def keys(self) -> list[str]:
        """Every key."""
        return [*self.asics, *self.gpus]


@cache
def bundled_catalogue() -> Catalogue:
    """The catalogue that ships with the package."""
    asics, gpus = _bytes("asics.csv"), _bytes("gpus.csv")
    return Catalogue(
        asics=MappingProxyType({row["key"]: _asic(row) for row in _rows(asics)}),
        gpus=MappingProxyType({row["key"]: _gpu(row) for row in _rows(gpus)}),
        version=hashlib.sha256(asics + b"\0" + gpus).hexdigest(),
    )


def in_full(source: str) -> str:
    """A source of a row with its letters in words: "A B; a shop" names two lists and a shop."""
    head, rest = re.split(r"(?=[;,])|$", source, maxsplit=1)
    letters, known = head.split(), _sources()
    return "; ".join(known[one] for one in letters) + rest if known.keys() >= set(letters) else source


@cache
def _sources() -> Mapping[str, str]:
    return MappingProxyType({row["key"]: row["words"] for row in _rows(_bytes("sources.csv"))})


def _bytes(name: str) -> bytes:
    return (files(__name__) / name).read_bytes()


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode().splitlines()))


def _asic(row: dict[str, str]) -> CatalogueAsic:
    th_per_s = float(row["th_per_s"])
    return CatalogueAsic(
        key=row["key"],
        label=row["label"],
        cooling=_COOLING[row["cooling"]],
        th_per_s=th_per_s,
        watts=float(row["watts"]),
        price_usd=float(row["usd_per_th"]) * th_per_s if row["usd_per_th"] else None,
        confidence=row["confidence"],
        source=row["source"],
    )


def _gpu(row: dict[str, str]) -> CatalogueGpu:
    return CatalogueGpu(
        key=row["key"],
        label=row["label"],
        gpus=int(row["gpus"]),
        power_kw=float(row["power_kw"]),
        air_heat_share=float(row["air_heat_share"]),
        liquid_heat_share=float(row["liquid_heat_share"]),
        idle_share=float(row["idle_share"]),
        price_usd=float(row["price_usd"]) if row["price_usd"] else None,
        confidence=row["confidence"],
        source=row["source"],
    )
