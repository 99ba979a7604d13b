"""What a plan has done by the start of one of its nodes: halls, machines, contracts, money spent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.plan.lines import CAPITAL_LINES
from allocator.roll.at_node import AtNode
from allocator.roll.delays import may_be_late
from allocator.scenario.contracts import Colocation, Signed
from allocator.scenario.equipment import STORAGE
from allocator.scenario.months import Month


@dataclass(frozen=True)
class UnderWay:
    """A conversion that goes on: what is left of its capex, USD."""

    to: str
    ready: Month
    idle_from: Month
    capex_left_usd: float
    decided: str


@dataclass(frozen=True)
class HallState:
    """What a hall is: its fit-out, conversions completed since the plan began, and the one under way. One that is ready
    as the node begins is under way as long as machines of the former fit-out stand in the hall."""

    fit_out: str
    completed: int
    under_way: UnderWay | None


@dataclass(frozen=True)
class Standing:
    """Machines in a hall, in the store (hall "") or on order, which then arrive in a month."""

    model: str
    hall: str
    units: int
    arrives: Month | None = None


@dataclass(frozen=True)
class Tenant:
    """A contract that is signed: its first month of service, whether a delay may still come to that, tranches by hall
    and fit-out, and what of a prepayment is owed and still to be received, USD."""

    service_from: Month
    may_be_late: bool
    placed: tuple[tuple[str, str, int], ...]
    signed: str
    unearned_usd: float = 0.0
    due_usd: float = 0.0


def halls(at: AtNode) -> dict[str, HallState]:
    """Every hall of the company's own."""
    return {hall.name: _hall(at, hall.name, hall.fit_out) for _, hall in at.loaded.scenario.halls()}


def _hall(at: AtNode, name: str, opening: str) -> HallState:
    if at.parent < 0:
        return _opening_hall(at, name)
    rows = at.earlier("conversions", "decided_node")
    rows = rows[rows["hall"] == name].drop_duplicates(["decided_node", "to_fit_out"])
    made = sorted((_conversion(at, name, row) for row in _rows(rows)), key=lambda one: one.ready)
    goes_on = [one for one in made if one.ready > at.month or (one.ready == at.month and name in _full(at))]
    done = [one for one in made if one not in goes_on]
    return HallState(done[-1].to if done else opening, len(done), goes_on[0] if goes_on else None)


def _opening_hall(at: AtNode, name: str) -> HallState:
    hall = next(hall for _, hall in at.loaded.scenario.halls() if hall.name == name)
    stated = hall.under_way
    goes_on = None
    if stated is not None:
        goes_on = UnderWay(stated.to, stated.ready, stated.idle_from, stated.capex_left_usd, "the time before")
    return HallState(hall.fit_out, 0, goes_on)


def _full(at: AtNode) -> set[str]:
    """Halls in which machines stand at the end of the node before."""
    return set(at.last("fleets")["hall"])


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table by column."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _conversion(at: AtNode, hall: str, row: dict[str, Any]) -> UnderWay:
    instance, start = at.instance, Month.parse(at.instance.tree.start_month)
    bay = instance.bays.names.index(f"{hall}/{row['to_fit_out']}")
    made = instance.tree.name.index(str(row["decided_node"]))
    lead = int(instance.bays.lead_months[bay])
    due = start.plus(int(instance.tree.first_month[made]) + lead)
    ready = due if due > at.month else _start(at, instance.tree.name.index(row["ready_node"]))
    left = max(0, due.since(at.month)) / lead if lead else 0.0
    idle = Month.parse(str(row["idle_from_month"]))
    capex = float(instance.bays.capex_usd[bay, made])
    return UnderWay(str(row["to_fit_out"]), ready, idle, capex * left, str(row["decided_node"]))


def conversions(at: AtNode) -> Floats:
    """1 where a conversion was decided in the nodes before, (B, N)."""
    instance = at.instance
    found = np.zeros((len(instance.bays.names), len(instance.tree)))
    for row in _rows(at.earlier("conversions", "decided_node")):
        bay = instance.bays.names.index(f"{row['hall']}/{row['to_fit_out']}")
        found[bay, instance.tree.name.index(str(row["decided_node"]))] = 1.0
    return found


def machines(at: AtNode) -> list[Standing]:
    """Machines where they are at the end of the node before, halls in the order of the table, the store last."""
    found = [Standing(row["model"], row["hall"], round(row["units"])) for row in _rows(at.last("fleets"))]
    if at.parent < 0:
        opening = [one for one in at.loaded.scenario.fleets if one.arrives is None and one.units]
        found = [Standing(one.equipment, "" if one.hall == STORAGE else one.hall, one.units) for one in opening]
    return [*(one for one in found if one.hall), *(one for one in found if not one.hall)]


def orders(at: AtNode) -> list[Standing]:
    """Machines that are paid for and arrive in the node or later, by model and month."""
    found: dict[tuple[str, Month], int] = {}
    for model, due, units in _ordered(at):
        arrives = max(due, at.month)
        if at.parent < 0 or due > _start(at, at.parent):
            found[model, arrives] = found.get((model, arrives), 0) + units
    order = at.instance.models.names.index
    return [
        Standing(model, "", units, month)
        for (model, month), units in sorted(found.items(), key=lambda item: (order(item[0][0]), item[0][1]))
    ]


def _ordered(at: AtNode) -> Iterator[tuple[str, Month, int]]:
    """(model, month in which it is due, units) of orders of the nodes before, and of those of before the plan."""
    instance, opening = at.instance, at.instance.opening
    start = Month.parse(instance.tree.start_month)
    for model, month, units in zip(opening.model, opening.month, opening.units, strict=True):
        yield instance.models.names[int(model)], start.plus(int(month)), round(units)
    trades = at.earlier("trades")
    for row in _rows(trades[trades["bought_units"] > 0]):
        made = instance.tree.name.index(row["node"])
        lead = int(instance.models.lead_months[instance.models.names.index(row["model"])])
        yield row["model"], _start(at, made).plus(lead), round(row["bought_units"])


def ordered_after_horizon(at: AtNode) -> Iterator[tuple[str, str]]:
    """(model, node) of orders of the nodes before that do not arrive within the horizon."""
    instance, trades = at.instance, at.earlier("trades")
    for row in _rows(trades[trades["bought_units"] > 0]):
        model, made = row["model"], instance.tree.name.index(str(row["node"]))
        lead = int(instance.models.lead_months[instance.models.names.index(model)])
        if made not in set(instance.tree.ready(lead)["made"]):
            yield model, str(row["node"])


def _start(at: AtNode, node: int) -> Month:
    tree = at.instance.tree
    return Month.parse(tree.start_month).plus(int(tree.first_month[node]))


def bought(at: AtNode) -> dict[str, int]:
    """Units of each model bought in the nodes before."""
    units = at.earlier("trades").groupby("model")["bought_units"].sum()
    return {str(model): round(count) for model, count in units.items()}


def tenants(at: AtNode) -> dict[str, Tenant]:
    """Contracts signed in the nodes before, ended ones too."""
    if at.parent < 0:
        return {one.name: _opening_tenant(one.signed) for one in at.loaded.scenario.contracts if one.signed is not None}
    rows, placements = at.earlier("contracts", "signed_node"), at.earlier("placements", "signed_node")
    found = {}
    for row in _rows(rows[rows["accepted"]]):
        own = placements[
            (placements["contract"] == row["contract"]) & (placements["signed_node"] == row["signed_node"])
        ]
        placed = tuple((one["hall"], one["fit_out"], round(one["tranches"])) for one in _rows(own))
        contract = next(one for one in at.loaded.scenario.contracts if one.name == row["contract"])
        late = may_be_late(at, contract)
        begins = _service_from(at, contract, row["signed_node"], late)
        found[contract.name] = Tenant(begins, late, placed, row["signed_node"], *_paid_ahead_usd(at, contract))
    return found


def _service_from(at: AtNode, contract: Colocation, signed_node: str, late: bool) -> Month:
    """First month of service on the ways through the node; the one signed for, where a delay may still come to it."""
    tree, service = at.instance.tree, at.instance.service
    if contract.signed is not None and (late or not contract.signed.may_be_late):
        return contract.signed.service_from
    signed = tree.name.index(signed_node)
    if late:
        ready = tree.ready(contract.lead_months)
        return _start(at, int(ready["node"][ready["made"] == signed].iloc[0]))
    ways = tree.within(np.array(at.nodes))
    ways[tree.path(at.node)] = True
    own = (service.contract == at.instance.offers.names.index(contract.name)) & (service.signed == signed)
    return _start(at, int(service.node[own & ways[service.node]].min()))


def _opening_tenant(signed: Signed) -> Tenant:
    placed = tuple((one.hall, one.fit_out, one.tranches) for one in signed.placed)
    owed, due = signed.unearned_usd or 0.0, signed.prepayment_due_usd
    return Tenant(signed.service_from, signed.may_be_late, placed, "the time before", owed, due)


def _paid_ahead_usd(at: AtNode, contract: Colocation) -> tuple[float, float]:
    """What of a prepayment is owed to the tenant at the end of the node before, and what it has still to pay: nothing
    once it was given back."""
    if contract.prepayment is None:
        return 0.0, 0.0
    rows, last = at.earlier("prepayments"), at.last("prepayments")
    own, before = rows[rows["contract"] == contract.name], contract.signed
    due = contract.prepayment.amount_usd if before is None else before.prepayment_due_usd
    left = 0.0 if own["refunded_usd"].sum() > 0 else max(0.0, due - float(own["received_usd"].sum()))
    return float(last["unearned_usd"][last["contract"] == contract.name].sum()), left


def cash_usd(at: AtNode) -> float:
    """Cash at the end of the node before."""
    if at.parent < 0:
        return at.instance.finance.opening_cash_usd
    return float(at.last("cash")["closing_usd"].iloc[0])


def capex_usd(at: AtNode) -> float:
    """Capex of the nodes before, positive."""
    flows = at.earlier("cash_flow")
    return -math.fsum(flows["amount_usd"][flows["line"].isin(CAPITAL_LINES)])
