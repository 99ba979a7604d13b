"""Edits that state the opening state: what the plan has done by the later start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.roll.at_node import AtNode
from allocator.roll.bitcoin import in_transit_usd
from allocator.roll.delays import known_months
from allocator.roll.edits import Edit, Gone
from allocator.roll.hosts import over
from allocator.roll.state import (
    HallState,
    Standing,
    Tenant,
    bought,
    capex_usd,
    cash_usd,
    halls,
    machines,
    orders,
    tenants,
)
from allocator.roll.words import plain
from allocator.scenario.contracts import Colocation
from allocator.scenario.equipment import STORAGE
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario
from allocator.scenario.sites import Hall
from allocator.scenario.yaml_reader import Path


def hall_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Fit-outs, conversions under way and conversions left."""
    known = halls(at)
    most = {hall.name: hall.max_conversions for _, hall in at.loaded.scenario.halls()}
    for s, site in enumerate(scenario.sites):
        for h, hall in enumerate(site.halls):
            if hall.name in known:
                yield from _hall(("sites", s, "halls", h), hall, known[hall.name], most[hall.name], at)


def _hall(path: Path, hall: Hall, state: HallState, most: int, at: AtNode) -> Iterator[Edit]:
    if state.fit_out != hall.fit_out:
        yield Edit((*path, "fit_out"), state.fit_out, "converted")
        for position, option in enumerate(hall.options):
            if option.fit_out == hall.fit_out:
                yield Edit((*path, "options", position), Gone.OUT, f"no conversion leads back to {hall.fit_out}")
    if most - state.completed != hall.max_conversions:
        yield Edit((*path, "max_conversions"), most - state.completed, "conversions left, one under way included")
    under_way = state.under_way
    if under_way is None:
        if hall.under_way is not None:
            yield Edit((*path, "under_way"), Gone.OUT, "converted")
        return
    stated = {
        "to": under_way.to,
        "ready": str(under_way.ready),
        "idle_from": str(under_way.idle_from),
        "capex_left_usd": plain(under_way.capex_left_usd),
    }
    yield Edit((*path, "under_way"), stated, f"decided in {under_way.decided}")


def fleet_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Machines standing, stored and on order; units that may still be bought."""
    stated = [_fleet(one) for one in _standing(at, scenario)]
    words = f"at the end of {at.name_before}"
    if stated or scenario.fleets:
        yield Edit(("fleets",), stated, words)
    before = bought(at)
    for name, entry in at.loaded.scenario.equipment.items():
        if entry.max_units is not None and name in scenario.equipment:
            left = entry.max_units - before.get(name, 0)
            if left != scenario.equipment[name].max_units:
                yield Edit(("equipment", name, "max_units"), left, "units that may still be bought")


def _standing(at: AtNode, scenario: Scenario) -> list[Standing]:
    """Machines that the scenario knows, where it knows the hall: those at a host that is over stand in the store."""
    halls = {hall.name for _, hall in scenario.halls()} | {one.name for one in scenario.hosting}
    home, end = over(at), scenario.horizon.end
    found: dict[tuple[str, str, Month | None], int] = {}
    for one in [*machines(at), *orders(at)]:
        hall = "" if one.hall in home else one.hall
        late = one.arrives is not None and one.arrives >= end
        if one.model in scenario.equipment and (not hall or hall in halls) and not late:
            place = one.model, hall, one.arrives
            found[place] = found.get(place, 0) + one.units
    return [Standing(model, hall, units, arrives) for (model, hall, arrives), units in found.items()]


def _fleet(one: Standing) -> dict[str, Any]:
    stated: dict[str, Any] = {"equipment": one.model, "hall": one.hall or STORAGE, "units": one.units}
    return stated if one.arrives is None else {**stated, "arrives": str(one.arrives)}


def contract_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Contracts signed, ended and lapsed; windows that have begun or are later for sure; groups without those that are
    gone."""
    known, late = tenants(at), known_months(at, scenario)
    gone = set(at.loaded.scenario.moved_on.contracts_over)
    for position, contract in enumerate(scenario.contracts):
        path: Path = ("contracts", position)
        tenant = known.get(contract.name)
        if contract.name in gone:
            yield Edit(path, Gone.OUT, f"{contract.name} was over before")
        elif tenant is not None and _has_ended(tenant, contract, at.month):
            gone.add(contract.name)
            yield Edit(path, Gone.OUT, f"{contract.name} has ended")
        elif tenant is not None:
            yield Edit((*path, "signed"), _signed(tenant, contract), f"signed in {tenant.signed}")
        elif contract.signed is None:
            edits = list(_window(path, contract, late.get(contract.name, 0), at.month, scenario.horizon.end))
            gone |= {contract.name} if any(edit.value is Gone.OUT for edit in edits) else set()
            yield from edits


def _window(path: Path, contract: Colocation, late: int, month: Month, end: Month) -> Iterator[Edit]:
    """When a contract on offer may begin; it is gone where it no longer may."""
    lead = contract.lead_months + late
    last = min(contract.last_service.plus(late), end.plus(-1)) if late else contract.last_service
    first = max(contract.first_service.plus(late), month)
    if last < month.plus(lead) or last < first:
        yield Edit(path, Gone.OUT, f"{contract.name} has lapsed")
        return
    stated = {"first_service": str(first), "last_service": str(last), "lead_months": lead}
    was = {name: getattr(contract, name) for name in stated}
    for name, value in stated.items():
        why = f"{late} months later than stated" if late else f"{was[name]} has passed"
        if str(value) != str(was[name]):
            yield Edit((*path, name), value, why)


def _signed(tenant: Tenant, contract: Colocation) -> dict[str, Any]:
    placed = [{"hall": hall, "fit_out": fit_out, "tranches": count} for hall, fit_out, count in tenant.placed]
    stated: dict[str, Any] = {"service_from": str(tenant.service_from), "placed": placed}
    if contract.prepayment is not None:
        stated["unearned_usd"] = plain(tenant.unearned_usd)
        stated |= {"prepayment_due_usd": plain(tenant.due_usd)} if tenant.due_usd else {}
    return {**stated, "may_be_late": True} if tenant.may_be_late else stated


def contracts_over(at: AtNode, scenario: Scenario) -> set[str]:
    """Contracts of the scenario that are over for good by the start of the node, or may not be signed any more."""
    known, before = tenants(at), set(at.loaded.scenario.moved_on.contracts_over)
    ended = {c.name for c in scenario.contracts if c.name in known and _has_ended(known[c.name], c, at.month)} | before
    decided = [group.contracts for group in scenario.one_of if ended & set(group.contracts)]
    return ended | {name for names in decided for name in names if name not in known}


def _has_ended(tenant: Tenant, contract: Colocation, month: Month) -> bool:
    return tenant.service_from.plus(contract.term_months) <= month


def _groups(scenario: Scenario, known: set[str], gone: set[str]) -> Iterator[Edit]:
    """A group keeps its members that may still be signed or are; one of which a member is signed and gone is decided:
    what is left of it may not be signed any more."""
    position = {contract.name: k for k, contract in enumerate(scenario.contracts)}
    out: set[str] = set()
    for g, group in enumerate(scenario.one_of):
        left = [name for name in group.contracts if name not in gone]
        if len(left) == len(group.contracts):
            continue
        ended = any(name in known for name in group.contracts if name in gone)
        rest = [name for name in left if name not in out] if ended else []
        out |= set(rest)
        for name in rest:
            yield Edit(("contracts", position[name]), Gone.OUT, f"group {group.name} was decided")
        if ended or len(left) < 2:
            yield Edit(("one_of", g), Gone.OUT, f"group {group.name} is decided")
            if not ended and group.required and left and left[0] not in known:
                yield Edit(("contracts", position[left[0]], "must_accept"), True, f"the last of group {group.name}")
        else:
            yield Edit(("one_of", g, "contracts"), left, "others have lapsed")


def money_edits(at: AtNode, scenario: Scenario, tail_years: int | None) -> Iterator[Edit]:
    """Cash, what is left of the budget, and the years valued beyond the horizon, which stay what they were."""
    words = f"at the end of {at.name_before}"
    transit = in_transit_usd(at)
    late = f", and {transit:,.2f} that settle later" if transit else ""
    yield Edit(("finance", "opening_cash_usd"), plain(cash_usd(at) + transit), f"cash {words}{late}")
    if scenario.loans or scenario.discount.risk_free_per_year:
        months = at.loaded.scenario.finance.unsettled_interest_months
        if at.parent >= 0:
            months = float(at.instance.tree.months[at.parent]) / 2.0
        yield Edit(("finance", "unsettled_interest_months"), plain(months), "half of the period before")
    if scenario.finance.payment_terms.opening_items:
        yield Edit(("finance", "payment_terms", "opening_items"), [], "of the time before the first start")
    budget = at.loaded.scenario.finance.capex_budget_usd
    if budget is not None:
        left = max(0.0, budget - capex_usd(at))
        yield Edit(("finance", "capex_budget_usd"), plain(left), f"left {words}")
    if tail_years is not None and scenario.terminal.tail_years is None:
        yield Edit(("terminal", "tail_years"), tail_years, "as before: offers that have gone no longer lengthen it")
