"""What is not known today: a tree drawn from processes, or scenarios given one by one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.processes import (
    BtcPrice,
    ChangeLaw,
    DeliveryDelay,
    Difficulty,
    HashpriceLaw,
    PowerScale,
    Reverting,
)
from allocator.scenario.record import Name, NonNegative, Record
from allocator.scenario.statements import Statement
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.values import Value

StartMonth = Annotated[int, Field(strict=True, ge=1, le=600)]
"""Months from the start of the horizon."""

Elasticity = Annotated[float, Field(strict=True, ge=0.0, le=2.0)]


class Branching(Record):
    """A month in which the state of the market becomes known."""

    month: StartMonth
    """Months from the start of the horizon to the start of a node; what is known there is the state at that moment."""
    children: Annotated[int, Field(strict=True, ge=2, le=100)]
    """Nodes that follow each node of the period before, count; fewer where `max_nodes` binds."""


class Correlation(Record):
    """Two series whose monthly shocks move together; pairs that are not listed do not."""

    between: tuple[Name, Name]
    """Names of two processes: btc_price, difficulty, fee_share, hashprice, gpu_rental.<market>, power.<name>."""
    value: Annotated[float, Field(strict=True, ge=-1.0, le=1.0)]
    """Correlation of their monthly shocks, a plain number."""


class _Uncertainty(Record):
    machine_price_elasticity: Elasticity = 1.0
    """How machines' prices and resale values follow what the machines earn: hashprice (or the rental rate) of the node
    over its stated path, to this power (a plain number), times the stated price. Where the tree branches, resale never
    exceeds the lowest price on the path."""


class Sampled(_Uncertainty):
    """A tree sampled from processes, node by node, and reduced to a few children each."""

    kind: Literal["sampled"]
    """Processes are stated."""
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
    """Seed of every draw: the same seed gives the same tree."""
    branching: Annotated[tuple[Branching, ...], Field(min_length=1)]
    """Where the tree branches, in order. Between branchings series follow their conditional mean."""
    max_nodes: Annotated[int, Field(strict=True, ge=2, le=20_000)] = 1000
    """Most nodes, count; where `branching` asks for more, every branching is thinned alike."""
    btc_price: BtcPrice | None = None
    """Price of Bitcoin (`bitcoin.kind: network`); null: its stated path is certain."""
    difficulty: Difficulty | None = None
    """Network difficulty; to be stated wherever `btc_price` is."""
    hashprice: HashpriceLaw | None = None
    """Hashprice itself (`bitcoin.kind: hashprice`)."""
    fee_share: Reverting | None = None
    """Fees over subsidy."""
    gpu_rental: dict[Name, Reverting] = Field(default_factory=dict)
    """Rental rates by market."""
    power: dict[Name, PowerScale] = Field(default_factory=dict)
    """Levels of spot power prices, by a name of your choice."""
    delivery_delay: DeliveryDelay | None = None
    """Delays of contracts on offer; null: none."""
    correlations: tuple[Correlation, ...] = ()
    """Pairs of series that move together."""
    statements: tuple[Statement, ...] = ()
    """What history, the market and people say of single figures; a used one equals its figure."""

    def processes(self) -> dict[str, ChangeLaw | Difficulty | Reverting]:
        """Every process by its name, as `correlations` writes it, in a fixed order."""
        single: dict[str, ChangeLaw | Difficulty | Reverting | None] = {
            "btc_price": None if self.btc_price is None else self.btc_price.changes,
            "difficulty": self.difficulty,
            "hashprice": self.hashprice,
            "fee_share": self.fee_share,
        }
        return {
            **{name: process for name, process in single.items() if process is not None},
            **{f"gpu_rental.{market}": process for market, process in self.gpu_rental.items()},
            **{f"power.{name}": process for name, process in self.power.items()},
        }


class GivenScenario(Record):
    """One future. Paths that are left out are those of the scenario file."""

    name: Name
    """Short name."""
    probability: Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
    """Probability, share."""
    hashprice_usd_per_ph_day: Value | None = None
    """Gross hashprice (`bitcoin.kind: hashprice`), USD per PH/s and day."""
    btc_price_usd: Value | None = None
    """Price of one Bitcoin (`bitcoin.kind: network`), USD."""
    difficulty: Value | None = None
    """Network difficulty (`bitcoin.kind: network`)."""
    gpu_rental: dict[Name, Value] = Field(default_factory=dict)
    """Rental rates by market, USD per GPU and hour."""
    spot_factor: dict[Name, NonNegative] = Field(default_factory=dict)
    """By site: factor on its spot power price, a plain number."""
    delivery_delay_months: Annotated[int, Field(strict=True, ge=0, le=120)] = 0
    """Months by which service of every contract that has not begun is delayed."""


class Stem(Record):
    """Scenarios that nobody can tell apart for longer than they can be told from the others."""

    name: Name
    """Short name, that of no scenario."""
    known_month: StartMonth
    """Months from the start of the horizon to the start of the node from which its members are told apart; till then
    every series is their mean."""
    members: Annotated[tuple[Name, ...], Field(min_length=2)]
    """Names of scenarios, and of stems that part later still; each belongs to one stem at most."""


class Given(_Uncertainty):
    """Scenarios. They are told apart from one month on, those of a stem later, and from then on each knows its whole
    future."""

    kind: Literal["given"]
    """Scenarios are given."""
    known_month: StartMonth
    """Months from the start of the horizon to the start of the node from which the scenarios are told apart, those of a
    stem only from the others; before it every series is the mean of the scenarios."""
    scenarios: Annotated[tuple[GivenScenario, ...], Field(min_length=1, max_length=1000)]
    """The scenarios; probabilities sum to 1."""
    stems: tuple[Stem, ...] = ()
    """Which of them stay together beyond known_month; left out, all part there."""


Uncertainty = Annotated[
    Annotated[Sampled, branch("sampled")] | Annotated[Given, branch("given")],
    by_kind("sampled", "given"),
]
"""kind: sampled, or kind: given."""
