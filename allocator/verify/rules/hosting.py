"""HOSTING: agreements with hosts: in force or ended, what stands there, what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.sums import by_hall


def term(case: Case) -> Iterator[Check]:
    """An agreement is in force in the nodes of its term until notice ends it, and its hall is open while it is."""
    hosting, axes = case.instance.hosting, (case.axes.agreements, case.axes.nodes)
    before = np.where(starts(case), 1.0, case.timeline.carry(case.facts.in_force, 1.0))
    expected = np.where(hosting.in_term, before - ended(case), 0.0)
    yield Check("in force", "", axes, case.facts.in_force, expected)
    open_halls = by_hall(case.instance, case.facts.fitted)[hosting.hall]
    yield Check("hall that is open", "", axes, open_halls, case.facts.in_force)


def decision(case: Case) -> Iterator[Check]:
    """Notice is given at a decision node, and ends an agreement only where its terms allow that."""
    allowed = np.array([pairs.any(axis=1) for pairs in _endings(case)]).reshape(case.facts.notice.shape)
    axes = (case.axes.agreements, case.axes.nodes)
    yield Check("notice given where none may be", "", axes, case.facts.notice, allowed, "at_most")


def record(case: Case) -> Iterator[Check]:
    """Every notice states the nodes with whose start the agreement ends, and the fee for it."""
    frame, hosting, nodes = case.tables["terminations"], case.instance.hosting, case.instance.tree.name
    agreement = case.axes.agreement_at(frame["agreement"])
    made, end = case.axes.node_at(frame["notice_node"]), case.axes.node_at(frame["end_node"])
    at = rows(frame, "agreement", "notice_node", "end_node")
    fee = hosting.end_fee_usd[agreement, end]
    yield Check("fee", "USD", at, frame["fee_usd"].to_numpy(), fee, tolerance=tolerances.usd(fee))
    given = np.argwhere(case.facts.notice > 0)
    due = np.array([pairs[m] for g, pairs in enumerate(_endings(case)) for m in given[given[:, 0] == g, 1]], float)
    row = {(int(g), int(m)): k for k, (g, m) in enumerate(given)}
    stated = np.zeros((len(given), len(nodes)))
    which = np.array([row[int(g), int(m)] for g, m in zip(agreement, made, strict=True)], dtype=np.int64)
    np.add.at(stated, (which, end), 1.0)
    names = {"agreement": [hosting.names[g] for g in given[:, 0]], "notice_node": [nodes[m] for m in given[:, 1]]}
    says = "rows saying that notice ends the agreement"
    yield Check(says, "", (names, {"end_node": nodes}), stated, due.reshape(stated.shape))


def capacity(case: Case) -> Iterator[Check]:
    """Machines at a host draw no more at nameplate than is contracted, and none stand there out of force."""
    limit = case.instance.hosting.capacity_mw[:, None] * case.facts.in_force
    tolerance = tolerances.limit_mw(limit)
    axes = (case.axes.agreements, case.axes.nodes)
    yield Check("nameplate draw", "MW", axes, nameplate_mw(case), limit, "at_most", tolerance)


def table(case: Case) -> Iterator[Check]:
    """The hosting table repeats the terms of each node, the machines there, and the energy and its cost."""
    frame, hosting = case.tables["hosting"], case.instance.hosting
    at = rows(frame, "node", "agreement")
    agreement, node = case.axes.agreement_at(frame["agreement"]), case.axes.node_at(frame["node"])
    site = hosting.site[agreement]
    held = case.facts.in_force[agreement, node]
    mwh, usd = case.energy.gross_mwh[site, node].sum(axis=1), case.energy.cost_usd[site, node].sum(axis=1)
    for column, unit, expected, tolerance in (
        ("capacity_mw", "MW", hosting.capacity_mw[agreement] * held, tolerances.factor),
        ("installed_mw", "MW", nameplate_mw(case)[agreement, node], tolerances.limit_mw),
        ("energy_mwh", "MWh", mwh, tolerances.mwh),
        ("untaken_mwh", "MWh", untaken_mwh(case)[agreement, node], tolerances.mwh),
        ("curtailed_h", "h", _closed_h(case)[agreement, node], tolerances.factor),
        ("tariff_usd_per_mwh", "USD/MWh", hosting.tariff_usd_per_mwh[agreement, node], tolerances.factor),
        ("relief_usd_per_mwh", "USD/MWh", hosting.relief_usd_per_mwh[agreement, node], tolerances.factor),
        ("energy_usd", "USD", usd, tolerances.usd),
        ("management_usd", "USD", hosting.management_usd[agreement, node] * held, tolerances.usd),
        ("deposit_held_usd", "USD", hosting.deposit_usd[agreement] * held, tolerances.usd),
    ):
        yield Check(column, unit, at, frame[column].to_numpy(), expected, tolerance=tolerance(expected))


def take(case: Case) -> Iterator[Check]:
    """What is drawn and what is paid for without being drawn are together no less than the host asks for."""
    frame, hosting = case.tables["hosting"], case.instance.hosting
    at = rows(frame, "node", "agreement")
    agreement, node = case.axes.agreement_at(frame["agreement"]), case.axes.node_at(frame["node"])
    drawn = case.energy.gross_mwh[hosting.site[agreement], node].sum(axis=1)
    asked = hosting.take_mwh[agreement, node] * case.facts.in_force[agreement, node]
    counted = drawn + frame["untaken_mwh"].to_numpy()
    yield Check("drawn or paid for", "MWh", at, counted, asked, "at_least", tolerances.limit_mwh(asked))


RULES: dict[str, PlanRule] = {
    "HOSTING.term": term,
    "HOSTING.decision": decision,
    "HOSTING.record": record,
    "HOSTING.capacity": capacity,
    "HOSTING.table": table,
    "HOSTING.take": take,
}


def starts(case: Case) -> Bools:
    """True for the first node of a term that begins within the horizon, (G, N)."""
    hosting = case.instance.hosting
    inside = case.timeline.carry(hosting.in_term.astype(float), hosting.begun.astype(float)) > 0
    return hosting.in_term & ~inside


def ended(case: Case) -> Floats:
    """1 where notice ends the agreement with the start of the node, (G, N)."""
    found = [given @ pairs.astype(float) for given, pairs in zip(case.facts.notice, _endings(case), strict=True)]
    return np.array(found, dtype=float).reshape(case.facts.notice.shape)


def untaken_mwh(case: Case) -> Floats:
    """Energy of each node that is asked for while in force and not drawn, (G, N)."""
    hosting = case.instance.hosting
    drawn = case.energy.gross_mwh[hosting.site].sum(axis=2)
    return np.asarray(np.maximum(hosting.take_mwh * case.facts.in_force - drawn, 0.0))


def nameplate_mw(case: Case) -> Floats:
    """Nameplate draw of the machines at each agreement, (G, N)."""
    placements, models, hosting = case.instance.placements, case.instance.models, case.instance.hosting
    drawn = case.facts.units * models.power_kw[placements.model][:, None] / 1000.0
    return np.asarray((placements.bay == hosting.bay[:, None]).astype(float) @ drawn)


def _closed_h(case: Case) -> Floats:
    """Hours of each node in which the site of an agreement is given no power, (G, N)."""
    hosting, hours = case.instance.hosting, case.instance.hours
    closed = np.zeros(hosting.in_term.shape)
    for g, node in np.argwhere(hosting.in_term).tolist() if hours.open_steps is not None else ():
        steps = hours.steps(int(hosting.site[g]), node)
        closed[g, node] = hours.weight_h[steps][hours.open_share(steps) == 0.0].sum()
    return closed


def _endings(case: Case) -> Iterator[Bools]:
    """By agreement, [m, n]: notice at m may end it with the start of n."""
    hosting = case.instance.hosting
    after = {months: _after_notice(case, months) for months in set(hosting.notice_months.tolist())}
    for months, may_end in zip(hosting.notice_months.tolist(), hosting.may_end, strict=True):
        yield after[months] & may_end


def _after_notice(case: Case, months: int) -> Bools:
    """[m, n]: n is the first decision node, m or below, that starts so many months or more after m; m decides too."""
    tree, before = case.instance.tree, case.timeline.before
    late = before & (tree.first_month[None, :] >= (tree.first_month + months)[:, None])
    late &= tree.decision[:, None] & tree.decision[None, :]
    earlier = late.astype(float) @ (before & ~np.eye(len(tree), dtype=bool)).astype(float)
    return np.asarray(late & (earlier == 0))
