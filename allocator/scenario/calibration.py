"""What `allocator calibrate` is asked: series of the past, statements of the market and views, and laws to fit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.checks.series import trouble_of_file
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.months import Month
from allocator.scenario.places import Places, Quoted, suggestion
from allocator.scenario.processes import Treatment
from allocator.scenario.record import Flag, GrowthPerYear, Name, Number, Positive, Record, Share, TermMonths
from allocator.scenario.record_file import load_record
from allocator.scenario.series_sources import FileSeries
from allocator.scenario.statements import Text
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.yaml_reader import Path

HALVINGS = (date(2020, 5, 11), date(2024, 4, 20))
"""Past halvings of the block subsidy."""


class Said(Record):
    """What the market implies, or somebody thinks, of one figure of a process."""

    figure: Literal["implied_volatility_per_year", "volatility_per_year", "half_life_months", "elasticity"]
    """The figure. implied_volatility_per_year is that of options: jumps included, so the diffusion gets what they
    leave."""
    basis: Literal["market", "view"]
    """Who speaks."""
    value: Annotated[Number, Field(ge=0.0)]
    """What it says, unit of the figure."""
    date: date
    """Day it was made, YYYY-MM-DD."""
    author: Text
    """Who made it."""
    source: Annotated[str, Field(max_length=300)] = ""
    """What it rests on."""
    use: Flag = False
    """Whether it stands in place of what history says."""


class _Fit(Record):
    series: Name
    """Name in the section `series`."""
    treatment: Treatment
    """Passed on to the scenario."""
    said: tuple[Said, ...] = ()
    """Statements of market and views, kept beside what history says."""


class JumpDiffusionFit(_Fit):
    """Volatility and jumps of a price."""

    kind: Literal["jump_diffusion"]
    """Geometric Brownian motion with jumps."""
    step_days: Annotated[int, Field(strict=True, ge=1, le=31)] = 1
    """Days between the observations used, days."""


class HistoricalFit(_Fit):
    """The monthly changes themselves."""

    kind: Literal["historical"]
    """Block bootstrap."""
    block_months: Annotated[int, Field(strict=True, ge=1, le=24)] = 3
    """Months drawn together."""


class RevertingFit(_Fit):
    """Half-life and volatility around a trend."""

    kind: Literal["reverting"]
    """Returns to its path."""
    step_days: Annotated[int, Field(strict=True, ge=1, le=31)] = 7
    """Days between the observations used, days."""


class ResponseFit(_Fit):
    """How difficulty follows what a block pays."""

    kind: Literal["price_response"]
    """Follows the price with a lag."""
    price_series: Name
    """Name of the series with the price of Bitcoin."""
    halving_dates: tuple[date, ...] = HALVINGS
    """Halvings inside the history: what a block pays is price times subsidy."""


FitLaw = Annotated[
    Annotated[JumpDiffusionFit, branch("jump_diffusion")]
    | Annotated[HistoricalFit, branch("historical")]
    | Annotated[RevertingFit, branch("reverting")]
    | Annotated[ResponseFit, branch("price_response")],
    by_kind("jump_diffusion", "historical", "reverting", "price_response"),
]
"""kind: jump_diffusion, historical, reverting or price_response."""


class Quote(Record):
    """A forward price for one month."""

    month: Month
    """Delivery month, YYYY-MM."""
    value: Positive
    """Price, unit of the forward."""


class Forward(Record):
    """Quotes of one forward curve."""

    date: date
    """Day of the quotes, YYYY-MM-DD."""
    author: Text
    """Who noted them."""
    source: Annotated[str, Field(max_length=300)] = ""
    """Where they were quoted."""
    quotes: Annotated[tuple[Quote, ...], Field(min_length=1, max_length=600)]
    """Months quoted, in order. Between them the logarithm is a straight line, outside them flat."""


class HashpriceForward(Forward):
    """Forwards on hashprice, USD per PH/s and day, and the price path with which they imply a path of difficulty."""

    start: Month
    """First month of the horizon."""
    months: TermMonths
    """Months of the horizon."""
    btc_price_usd: Positive
    """Price of one Bitcoin at the start, USD."""
    btc_growth_per_year: GrowthPerYear = 0.0
    """Annual effective growth of its expected price, share."""
    fee_share_of_subsidy: Share
    """Fees of a block over its subsidy, share."""
    subsidy_btc_per_block: Positive = 3.125
    """Subsidy at the start, BTC per block."""
    halving_dates: tuple[date, ...] = (date(2028, 4, 20), date(2032, 4, 20))
    """Halvings to come."""


class PowerForward(Forward):
    """Forwards on the average price of power, USD/MWh, beside a series that stands for it in the scenario."""

    series: Name
    """Name in the section `series`: what the scenario's hours are drawn from."""


class Calibration(Record):
    """A request to `allocator calibrate`."""

    version: Literal[1]
    """Version of this format."""
    as_of: date
    """Day up to which history counts, YYYY-MM-DD; the date of its statements."""
    author: Text
    """Who calibrates."""
    series: Annotated[dict[Name, FileSeries], Field(min_length=1)]
    """Series of the past, by name."""
    processes: dict[Name, FitLaw] = Field(default_factory=dict)
    """Processes to fit, by the names of the section `uncertainty`: btc_price, difficulty, hashprice, fee_share,
    gpu_rental.<market>, power.<name>."""
    power_sites: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    """Sites of each power.<name>, by <name>."""
    hashprice_forward: HashpriceForward | None = None
    """Implies a path of difficulty; null: none."""
    power_forwards: dict[Name, PowerForward] = Field(default_factory=dict)
    """By site: implies `price.scale`."""


SAYABLE: dict[str, tuple[str, ...]] = {
    "jump_diffusion": ("implied_volatility_per_year", "volatility_per_year"),
    "historical": (),
    "reverting": ("half_life_months", "volatility_per_year"),
    "price_response": ("elasticity", "half_life_months", "volatility_per_year"),
}
"""Figures of each law on which something can be said."""
ALLOWED = {
    "btc_price": ("jump_diffusion", "historical"),
    "difficulty": ("price_response",),
    "hashprice": ("jump_diffusion", "historical", "reverting"),
}
"""Laws that a process may have; any other process returns to its path."""


def load_calibration(path: FilePath) -> Calibration:
    """Read a request; raises ScenarioFaults with every fault of the file."""
    asked, places = load_record(path, Calibration, "a calibration file")
    faults = [*_files(asked, path.parent, places), *_forwards(asked, places)]
    faults += [fault for name, fit in asked.processes.items() for fault in _process(asked, name, fit, places)]
    if faults:
        raise ScenarioFaults(faults)
    return asked


def _process(asked: Calibration, name: str, fit: FitLaw, places: Places) -> Iterator[Fault]:
    """The process exists, may have this law, and names series of the file; a power level lists its sites."""
    here, group, _, own = ("processes", name), *name.partition(".")
    if name not in (*ALLOWED, "fee_share") and (group not in ("gpu_rental", "power") or not own):
        known = ("btc_price", "difficulty", "hashprice", "fee_share", "gpu_rental.<market>", "power.<name>")
        yield places.fault(here, name, "a process of the section uncertainty", suggestion(name, known))
    elif fit.kind not in ALLOWED.get(name, ("reverting",)):
        laws = ALLOWED.get(name, ("reverting",))
        yield places.fault((*here, "kind"), fit.kind, " or ".join(laws), f"write kind: {laws[0]}")
    yield from _series(asked, (*here, "series"), fit.series, places)
    if isinstance(fit, ResponseFit):
        yield from _series(asked, (*here, "price_series"), fit.price_series, places)
    yield from _said(here, fit, places)
    if group == "power" and own and own not in asked.power_sites:
        fix = f"add power_sites: {{{own}: [...]}}"
        yield places.fault(here, name, "a power level whose sites are listed", fix)


def _said(here: Path, fit: FitLaw, places: Places) -> Iterator[Fault]:
    """What is said is of a figure of the law, and one statement at most replaces history's figure."""
    figures, used = SAYABLE[fit.kind], set[str]()
    for position, said in enumerate(fit.said):
        path, figure = (*here, "said", position), said.figure.removeprefix("implied_")
        if said.figure not in figures:
            expected = f"a figure of {fit.kind}: {', '.join(figures) or 'it has none'}"
            yield places.fault((*path, "figure"), said.figure, expected, "leave the statement out, or correct it")
        elif said.use and figure in used:
            yield places.fault((*path, "use"), True, f"one statement used for {figure}", "write use: false")
        if said.use:
            used.add(figure)


def _series(asked: Calibration, path: Path, name: str, places: Places) -> Iterator[Fault]:
    if name not in asked.series:
        yield places.fault(path, name, "a name in series", suggestion(name, asked.series))


def _files(asked: Calibration, folder: FilePath, places: Places) -> Iterator[Fault]:
    for name, source in asked.series.items():
        trouble = trouble_of_file(folder, source.file)
        if trouble is not None:
            found, expected, fix = trouble
            place = ("series", name, "file")
            yield places.fault(place, Quoted(f"{source.file[:100]!r}, {found}"), expected, fix)


def _forwards(asked: Calibration, places: Places) -> Iterator[Fault]:
    """Months of quotes rise, and power forwards name series of the file."""
    forwards: dict[tuple[str, ...], Forward] = {("power_forwards", site): f for site, f in asked.power_forwards.items()}
    if asked.hashprice_forward is not None:
        forwards[("hashprice_forward",)] = asked.hashprice_forward
    for path, forward in forwards.items():
        months = [quote.month for quote in forward.quotes]
        if any(later <= earlier for earlier, later in pairwise(months)):
            yield places.fault((*path, "quotes"), Quoted("months out of order"), "months that rise", "sort the quotes")
        if isinstance(forward, PowerForward):
            yield from _series(asked, (*path, "series"), forward.series, places)
