"""The parts of a document that are valid on their own, so that cross checks run even where other parts have faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from allocator.scenario.bitcoin import Bitcoin, Hashprice, Network
from allocator.scenario.contracts import Colocation, OneOf
from allocator.scenario.covenants import Covenant, DebtServiceCoverage, MinimumLiquidity, NetDebtToEbitda
from allocator.scenario.equipment import Equipment, Fleet, RentalMarket
from allocator.scenario.finance import Finance
from allocator.scenario.fit_outs import FitOut
from allocator.scenario.hedges import BtcCollar, BtcPut, HashpriceForward, Hedge, PowerSwap
from allocator.scenario.horizon import Horizon
from allocator.scenario.hosting import HostingAgreement
from allocator.scenario.loans import BtcBackedLoan, ConvertibleNotes, EquipmentLoan, Loan, ProjectLoan, TermLoan
from allocator.scenario.scenario import Knob
from allocator.scenario.series_sources import FileSeries, ProfileSeries, SeriesSource
from allocator.scenario.sites import Hall, HallOption, Site
from allocator.scenario.treasury import Treasury
from allocator.scenario.uncertainty import Given, Sampled, Uncertainty
from allocator.scenario.yaml_reader import Path

T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """One valid part and where it stands."""

    path: Path
    value: T


@dataclass(frozen=True)
class Draft:
    """Valid parts of a document; `document` is the whole of it.

    Lists hold valid members only. A name is known as soon as the document holds it, valid or not, so that one
    fault does not draw others after it.
    """

    document: Mapping[str, Any]
    horizon: Horizon | None
    bitcoin: Hashprice | Network | None
    finance: Finance | None
    treasury: Treasury | None
    hedges: tuple[Part[HashpriceForward | BtcPut | BtcCollar | PowerSwap], ...]
    loans: tuple[Part[BtcBackedLoan | TermLoan | EquipmentLoan | ProjectLoan | ConvertibleNotes], ...]
    covenants: tuple[Part[MinimumLiquidity | DebtServiceCoverage | NetDebtToEbitda], ...]
    gpu_rental: tuple[Part[RentalMarket], ...]
    series: tuple[Part[FileSeries | ProfileSeries], ...]
    sites: tuple[Part[Site], ...]
    hosting: tuple[Part[HostingAgreement], ...]
    fit_outs: tuple[Part[FitOut], ...]
    equipment: tuple[Part[Equipment], ...]
    fleets: tuple[Part[Fleet], ...]
    contracts: tuple[Part[Colocation], ...]
    one_of: tuple[Part[OneOf], ...]
    knobs: tuple[Part[Knob], ...]
    uncertainty: Sampled | Given | None

    def keys(self, section: str) -> list[str]:
        """Keys of a section that is a mapping."""
        found = self.document.get(section)
        return list(found) if isinstance(found, Mapping) else []

    def named(self, section: str) -> list[tuple[Path, str]]:
        """Path and text of every `name` in a section that is a list."""
        return list(_names((section,), self.document.get(section)))

    def named_halls(self) -> list[tuple[Path, str]]:
        """Path and text of the `name` of every hall, and of every hosting agreement, which is one."""
        return [*self.named_in_sites("halls"), *self.named("hosting")]

    def named_in_sites(self, section: str) -> list[tuple[Path, str]]:
        """Path and text of every `name` in a section of the sites that is a list."""
        sites = self.document.get("sites")
        members = enumerate(sites) if isinstance(sites, list | tuple) else ()
        return [
            found
            for position, site in members
            if isinstance(site, Mapping)
            for found in _names(("sites", position, section), site.get(section))
        ]

    def is_whole(self, section: str) -> bool:
        """Whether every member of a section is valid."""
        found = self.document.get(section)
        return isinstance(found, Mapping | list | tuple) and len(getattr(self, section)) == len(found)

    def halls(self) -> Iterator[tuple[Part[Hall], Site]]:
        """Every hall of every valid site."""
        for site in self.sites:
            for position, hall in enumerate(site.value.halls):
                yield Part((*site.path, "halls", position), hall), site.value

    def options(self) -> Iterator[tuple[Part[HallOption], Hall, Site]]:
        """Every option of every hall of every valid site."""
        for hall, site in self.halls():
            for position, option in enumerate(hall.value.options):
                yield Part((*hall.path, "options", position), option), hall.value, site

    def fit_out(self, name: str) -> FitOut | None:
        """The fit-out of that name, if valid."""
        return next((part.value for part in self.fit_outs if part.path[-1] == name), None)


_KINDS: dict[str, Any] = {
    "horizon": Horizon,
    "bitcoin": Bitcoin,
    "finance": Finance,
    "treasury": Treasury,
    "loans": Loan,
    "hedges": Hedge,
    "covenants": Covenant,
    "gpu_rental": RentalMarket,
    "series": SeriesSource,
    "sites": Site,
    "hosting": HostingAgreement,
    "fit_outs": FitOut,
    "equipment": Equipment,
    "fleets": Fleet,
    "contracts": Colocation,
    "one_of": OneOf,
    "knobs": Knob,
    "uncertainty": Uncertainty,
}
"""Type of a section, or of each member of a section that holds many."""


def draft_of(document: Mapping[str, Any]) -> Draft:
    """Validate each part of a document on its own."""
    return Draft(
        document=document,
        horizon=_one("horizon", document.get("horizon")),
        bitcoin=_one("bitcoin", document.get("bitcoin")),
        finance=_one("finance", document.get("finance")),
        treasury=_one("treasury", document.get("treasury")),
        loans=_members("loans", document),
        hedges=_members("hedges", document),
        covenants=_members("covenants", document),
        gpu_rental=_members("gpu_rental", document),
        series=_members("series", document),
        sites=_members("sites", document),
        hosting=_members("hosting", document),
        fit_outs=_members("fit_outs", document),
        equipment=_members("equipment", document),
        fleets=_members("fleets", document),
        contracts=_members("contracts", document),
        one_of=_members("one_of", document),
        knobs=_members("knobs", document),
        uncertainty=_one("uncertainty", document.get("uncertainty")),
    )


@cache
def _adapter(section: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[section])


def _one(section: str, data: Any) -> Any:
    try:
        return _adapter(section).validate_python(data)
    except ValidationError:
        return None


def _members(section: str, document: Mapping[str, Any]) -> tuple[Part[Any], ...]:
    data = document.get(section)
    pairs: list[tuple[str | int, Any]] = []
    if isinstance(data, Mapping):
        pairs = list(data.items())
    elif isinstance(data, list | tuple):
        pairs = list(enumerate(data))
    valid = ((key, _one(section, value)) for key, value in pairs)
    return tuple(Part((section, key), value) for key, value in valid if value is not None)


def _names(path: Path, members: Any) -> Iterator[tuple[Path, str]]:
    for position, member in enumerate(members if isinstance(members, list | tuple) else ()):
        name = member.get("name") if isinstance(member, Mapping) else None
        if isinstance(name, str):
            yield (*path, position, "name"), name
