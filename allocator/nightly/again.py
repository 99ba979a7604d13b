"""The hours of a plan decided again, outside a night: nothing is published.

What the night knew whose schedule is out stands beside it: its state and its orders hold, unless a newer state or other
instructions are given. What machines refused holds in any case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from allocator.nightly.alerts import Alert
from allocator.nightly.before import Before, read_before
from allocator.nightly.given import NOTHING, read_given
from allocator.nightly.hours import SCHEDULE_JSON, hours_files
from allocator.nightly.schedule import schedule
from allocator.nightly.state.actual import actual_of
from allocator.nightly.state.actual import from_text as actual_from_text
from allocator.nightly.state.gate import too_old
from allocator.nightly.state.orders import ORDERS_JSON, REJECTION, Orders, read_orders
from allocator.nightly.state.orders import from_text as orders_from_text
from allocator.nightly.state.stands import standing_of
from allocator.nightly.state.take import STATE_JSON, Taken, judged
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.solve import compiled, plan_in, scenario_in
from allocator.scenario.actual_state import load_state
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Again:
    """Files by name, as text; what is said of each site that has a week; what somebody should know."""

    files: dict[str, str]
    sites: list[dict[str, Any]]
    alerts: list[Alert]


@dataclass(frozen=True)
class Asked:
    """What is given beside a plan.

    Attributes:
        prices: file of prices that are expected instead. schedule: the schedule.json that is out.
        state: file of how things really stand. instructions: file of what is ordered.
    """

    prices: Path | None = None
    schedule: Path | None = None
    state: Path | None = None
    instructions: Path | None = None


def decide_again(folder: Path, as_of: datetime, asked: Asked) -> Again:
    """The hours of the plan of a folder from a moment on.

    Raises:
        BadInputError: the folder holds no plan, the plan no hours from then on, or the schedule cannot be read.
        ScenarioFaults: a file of prices, state or instructions has faults, or the state is too old.
    """
    prices, out = asked.prices, asked.schedule
    plan = plan_in(folder)
    loaded = scenario_in(folder, plan.meta)
    instance = compiled(loaded)
    given = NOTHING if prices is None else read_given(prices, instance.sites.names)
    before = Before() if out is None else read_before(out)
    if out is not None and not before.loads:
        raise BadInputError(f"{out} is no schedule of a night", ["name a schedule.json, or leave --schedule out"])
    planned = schedule(instance, plan, as_of)
    if not planned.rows:
        raise BadInputError(f"the plan has no hour from {as_of.isoformat()} on", list(planned.remarks))
    state, orders = _state(asked, loaded.scenario, as_of), _orders(asked, loaded.scenario, as_of)
    zone = loaded.scenario.horizon.time_zone
    stands = standing_of(plan, instance, zone, as_of, state.actual, orders.orders)
    head = {"scenario": plan.meta.scenario, "as_of": as_of.isoformat()}
    files, alerts = hours_files(
        planned, instance, plan, loaded, as_of, head, before, stands.opening_of, stands.bound, given
    )  # fmt: skip
    beside = {STATE_JSON: state.text, ORDERS_JSON: orders.text}
    files |= {name: text for name, text in beside.items() if text}
    return Again(files, json.loads(files[SCHEDULE_JSON])["sites"], [*state.alerts, *orders.alerts, *alerts])


def _state(asked: Asked, scenario: Scenario, as_of: datetime) -> Taken:
    """The state of a file by the gate of nights, judged by the one beside the schedule; without a file that one."""
    known = _beside(asked, STATE_JSON)
    good = actual_from_text(known) if known else None
    if asked.state is None:
        return Taken(good)
    stated = load_state(asked.state, scenario)
    stale = too_old(actual_of(stated), stated.said.gate, as_of)
    if stale:
        when = stated.said.as_of.isoformat()
        raise ScenarioFaults(
            [Fault(f"{asked.state.name}: as_of", when, "a state of now", f"{stale}: write a newer one")]
        )
    return judged(stated, scenario, good, good)


def _orders(asked: Asked, scenario: Scenario, as_of: datetime) -> Orders:
    """Instructions of a file, and what machines refused; without a file all that the night held to."""
    known = [one for one in orders_from_text(_beside(asked, ORDERS_JSON) or "[]") if one.ends > as_of]
    if asked.instructions is None:
        return Orders(tuple(known))
    found = read_orders(asked.instructions, scenario, as_of)
    refused = [one for one in known if one.by.startswith(REJECTION)]
    return replace(found, orders=(*found.orders, *refused))


def _beside(asked: Asked, name: str) -> str:
    """A file of the night whose schedule is out; empty where there is none.

    Raises:
        BadInputError: it cannot be read.
    """
    if asked.schedule is None or not (file := asked.schedule.parent / name).is_file():
        return ""
    try:
        text = file.read_text(encoding="utf-8")
        json.loads(text)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{file} cannot be read: {error}", ["name another schedule"]) from None
    return text
