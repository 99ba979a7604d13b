"""What `allocator nightly --instructions` reads: what people and the grid have ordered for a time, and who said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path as FilePath
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.moments import Moment
from allocator.scenario.places import Places, Quoted, suggestion
from allocator.scenario.record import Count, Name, NonNegative, Positive, Record
from allocator.scenario.record_file import load_record
from allocator.scenario.scenario import Scenario
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.yaml_reader import Path

Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Ordered(Record):
    """What every instruction has."""

    id: Name
    """Unique."""
    begins: Moment
    """From when it holds, with its offset: 2027-06-01T02:00Z."""
    ends: Moment
    """Until when."""
    author: Text
    """Who says so."""
    reason: Text
    """Why."""


class HoldTier(_Ordered):
    """Machines are held off."""

    kind: Literal["hold_tier"]
    """Held off by hand."""
    hall: Name
    """Hall of the scenario."""
    model: Name
    """Machine, by its name in the section equipment."""
    step: Count | None = None
    """Power-mode step; null: all of them."""


class RunTier(_Ordered):
    """Machines run whatever the price, as far as they work and the site may draw it."""

    kind: Literal["run_tier"]
    """Run by hand."""
    hall: Name
    """Hall of the scenario."""
    model: Name
    """Machine, by its name in the section equipment."""
    step: Count | None = None
    """Power-mode step; null: all of them."""
    most_mw: Positive | None = None
    """IT MW that are made to run; null: all that stand."""


class CapHall(_Ordered):
    """A hall runs no more than so much; tenants are served first."""

    kind: Literal["cap_hall"]
    """A cap on a hall."""
    hall: Name
    """Hall of the scenario."""
    most_mw: NonNegative
    """Most IT load, MW."""


class UtilityCall(_Ordered):
    """The utility calls for a lower draw, as agreed."""

    kind: Literal["utility_call"]
    """A call of the utility."""
    site: Name
    """Site of the scenario."""
    most_mw: NonNegative
    """Most that the meter may draw, gross MW."""


class Emergency(_Ordered):
    """Emergency curtailment by the grid operator."""

    kind: Literal["emergency"]
    """Emergency curtailment."""
    site: Name
    """Site of the scenario."""
    most_mw: NonNegative
    """Most that the meter may draw, gross MW."""


Instruction = Annotated[
    Annotated[HoldTier, branch("hold_tier")]
    | Annotated[RunTier, branch("run_tier")]
    | Annotated[CapHall, branch("cap_hall")]
    | Annotated[UtilityCall, branch("utility_call")]
    | Annotated[Emergency, branch("emergency")],
    by_kind("hold_tier", "run_tier", "cap_hall", "utility_call", "emergency"),
]
"""kind: hold_tier, run_tier, cap_hall, utility_call or emergency."""
SiteCap = UtilityCall | Emergency


class Instructions(Record):
    """Everything that is ordered. What has ended is ignored, and said."""

    version: Literal[1]
    """Version of this format."""
    instructions: tuple[Instruction, ...]
    """The instructions."""


@dataclass(frozen=True)
class Ordered:
    """Instructions that hold or will, and those that have ended."""

    live: tuple[Instruction, ...]
    expired: tuple[Instruction, ...]


def load_instructions(path: FilePath, scenario: Scenario, as_of: datetime) -> Ordered:
    """Read instructions for a scenario.

    Raises:
        ScenarioFaults: with every fault of the file, and every conflict of what has not ended.
    """
    said, places = load_record(path, Instructions, "a file of instructions")
    numbered = list(enumerate(said.instructions))
    faults = [fault for k, one in numbered for fault in _own(k, one, scenario, places)]
    ids = [one.id for one in said.instructions]
    twice = [(k, one.id) for k, one in numbered if one.id in ids[:k]]
    faults += [places.fault(("instructions", k, "id"), name, "each id once", "rename one") for k, name in twice]
    live = [(k, one) for k, one in numbered if one.ends > as_of]
    faults += _conflicts(live, scenario, places)
    if faults:
        raise ScenarioFaults(faults)
    return Ordered(tuple(one for _, one in live), tuple(one for one in said.instructions if one.ends <= as_of))


def _own(position: int, one: Instruction, scenario: Scenario, places: Places) -> Iterator[Fault]:
    here: Path = ("instructions", position)
    if not one.begins < one.ends:
        found = Quoted(f"{one.begins.isoformat()} to {one.ends.isoformat()}")
        yield places.fault((*here, "ends"), found, "a beginning before the end", "swap them")
    known = {
        "site": [site.name for site in scenario.sites],
        "hall": [hall.name for site in scenario.sites for hall in site.halls],
        "model": list(scenario.equipment),
    }
    for key, names in known.items():
        name = getattr(one, key, None)
        if name is not None and name not in names:
            yield places.fault((*here, key), name, f"a {key} of the scenario", suggestion(name, names))


def _conflicts(live: Sequence[tuple[int, Instruction]], scenario: Scenario, places: Places) -> Iterator[Fault]:
    """Machines that are to run and to stand still, and what is to run beyond what may be drawn."""
    for (_, a), (k, b) in combinations(live, 2):
        for one, other in ((a, b), (b, a)):
            if isinstance(one, RunTier) and isinstance(other, HoldTier) and _same(one, other) and _overlap(one, other):
                found = Quoted(f"{one.id} runs, {other.id} holds off the same machines at the same time")
                yield places.fault(("instructions", k), found, "one of them at a time", "end one before the other")
    site_of = {hall.name: site.name for site in scenario.sites for hall in site.halls}
    for k, cap in live:
        if isinstance(cap, CapHall | UtilityCall | Emergency):
            yield from _over(k, cap, [one for _, one in live if isinstance(one, RunTier)], site_of, places)


def _over(
    position: int, cap: CapHall | SiteCap, runs: Sequence[RunTier], site_of: dict[str, str], places: Places
) -> Iterator[Fault]:
    """What is to run under a cap at any moment is said, and no more than the cap."""
    inside = [one for one in runs if _overlap(one, cap) and _under(one, cap, site_of)]
    open_ended = [one.id for one in inside if one.most_mw is None]
    here = ("instructions", position, "most_mw")
    if open_ended:
        found = Quoted(f"{cap.id} caps {cap.most_mw:g} MW, under which {', '.join(open_ended)} run without a figure")
        yield places.fault(here, found, "most_mw of what is to run under a cap", "state most_mw there")
        return
    for moment in {max(one.begins, cap.begins) for one in inside}:
        mw = sum(one.most_mw or 0.0 for one in inside if one.begins <= moment < one.ends)
        if mw > cap.most_mw:
            names = ", ".join(one.id for one in inside if one.begins <= moment < one.ends)
            found = Quoted(f"{cap.id} caps {cap.most_mw:g} MW, {names} run {mw:g} MW at {moment.isoformat()}")
            yield places.fault(here, found, "no more to run than may be drawn", "run less, or later")
            return


def _under(run: RunTier, cap: CapHall | SiteCap, site_of: dict[str, str]) -> bool:
    return run.hall == cap.hall if isinstance(cap, CapHall) else site_of.get(run.hall) == cap.site


def _same(run: RunTier, hold: HoldTier) -> bool:
    steps = run.step is None or hold.step is None or run.step == hold.step
    return (run.hall, run.model) == (hold.hall, hold.model) and steps


def _overlap(one: _Ordered, other: _Ordered) -> bool:
    return one.begins < other.ends and other.begins < one.ends
