"""The scenario file as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from allocator.scenario.bitcoin import Bitcoin
from allocator.scenario.contracts import Colocation, OneOf
from allocator.scenario.covenants import Covenant
from allocator.scenario.equipment import Equipment, Fleet, RentalMarket
from allocator.scenario.finance import Discount, Finance, Terminal
from allocator.scenario.fit_outs import FitOut
from allocator.scenario.hedges import Hedge
from allocator.scenario.horizon import Horizon
from allocator.scenario.hosting import HostingAgreement
from allocator.scenario.loans import Loan
from allocator.scenario.moved_on import MovedOn
from allocator.scenario.operations import Operations
from allocator.scenario.record import Name, Number, Record
from allocator.scenario.repair_costs import RepairCosts
from allocator.scenario.risk import RiskView
from allocator.scenario.series_sources import SeriesSource
from allocator.scenario.sites import Hall, Site
from allocator.scenario.tax import Tax
from allocator.scenario.treasury import Treasury
from allocator.scenario.uncertainty import Uncertainty

VERSION = 1
"""Version of the scenario format that this release reads and writes."""


class Knob(Record):
    """A name for one or many places of the file that sweeps and variants change together."""

    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    """Places of the file, for example sites[0].power_limit_mw."""
    set: Any = None
    """Value put in place; unit of the places."""
    scale: Number | None = None
    """Factor applied to the number in place, instead of `set`."""


class Scenario(Record):
    """Everything a plan depends on, apart from the files its series refer to."""

    version: Literal[1]
    """Version of this format."""
    name: Name
    """Short name of the scenario."""
    description: Annotated[str, Field(max_length=20_000)] = ""
    """Free text."""
    sources: dict[Name, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict)
    """Free text by key: where figures come from."""
    horizon: Horizon
    """Months planned, and their grid."""
    discount: Discount
    """Discount rates."""
    finance: Finance
    """Opening cash, minimum cash, budget."""
    risk: RiskView | None = None
    """What the worst paths weigh; null: only the expected value counts."""
    terminal: Terminal
    """What is assumed beyond the horizon."""
    bitcoin: Bitcoin
    """Where mining revenue comes from."""
    treasury: Treasury | None = None
    """Bitcoin on the balance sheet; null: none is held, all production is sold."""
    loans: tuple[Loan, ...] = ()
    """Debt of the company."""
    hedges: tuple[Hedge, ...] = ()
    """Financial instruments held or on offer."""
    tax: Tax | None = None
    """Tax on income; null: none."""
    covenants: tuple[Covenant, ...] = ()
    """What lenders ask of liquidity, income and debt."""
    gpu_rental: dict[Name, RentalMarket] = Field(default_factory=dict)
    """Rental markets by name."""
    series: dict[Name, SeriesSource]
    """Series by name."""
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    """Sites with their halls."""
    hosting: tuple[HostingAgreement, ...] = ()
    """Sites of others where our machines stand."""
    fit_outs: Annotated[dict[Name, FitOut], Field(min_length=1)]
    """Fit-outs by name."""
    equipment: dict[Name, Equipment] = Field(default_factory=dict)
    """Equipment models by name."""
    fleets: tuple[Fleet, ...] = ()
    """What stands where at the start."""
    contracts: tuple[Colocation, ...] = ()
    """Contracts on offer."""
    one_of: tuple[OneOf, ...] = ()
    """Groups of contracts of which at most one may be signed."""
    uncertainty: Uncertainty | None = None
    """What is not known today; null: everything follows its stated path."""
    moved_on: MovedOn = MovedOn()
    """What has happened since the scenario that this one has moved on from; it says nothing to a plan."""
    repair_costs: RepairCosts | None = None
    """What lifting a limit costs, where no plan meets every requirement; null: the defaults."""
    operations: Operations | None = None
    """How the schedule of a night is decided; null: the defaults."""
    knobs: dict[Name, Knob] = Field(default_factory=dict)
    """Named changes for sweeps and variants; they do not act on their own."""
    variants: dict[Name, Annotated[dict[str, Any], Field(min_length=1)]] = Field(default_factory=dict)
    """Named sets of changes for `allocator compare`: of each, values by knob or by path. They do not act on their own.
    A knob that scales takes a factor; any other value is put in place."""

    def halls(self) -> Iterator[tuple[Site, Hall]]:
        """Every hall with its site, in file order."""
        for site in self.sites:
            for hall in site.halls:
                yield site, hall
