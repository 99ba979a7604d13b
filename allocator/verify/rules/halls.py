"""HALL: what every hall is in every node, derived again from the conversions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.verify import tolerances
from allocator.verify.axes import subset
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows, texts
from allocator.verify.sums import by_hall


def one_fitout(case: Case) -> Iterator[Check]:
    """A hall is usable in exactly one of its fit-outs, or converts, or is a hosted one that is closed."""
    hosted = np.isin(np.arange(len(case.instance.halls.names)), case.instance.hosting.hall)
    closed = np.where(hosted[:, None], case.facts.closed, 0.0)
    found = by_hall(case.instance, case.facts.fitted) + case.facts.converting + closed
    yield Check("fit-outs and conversions the hall is in", "", (case.axes.halls, case.axes.nodes), found, 1)


def downtime(case: Case) -> Iterator[Check]:
    """A hall stands idle in the nodes that overlap the downtime of a conversion, and in no other."""
    expected = by_hall(case.instance, _while_idle(case))
    says = "conversions that keep the hall idle"
    yield Check(says, "", (case.axes.halls, case.axes.nodes), case.facts.converting, expected)


def lead_time(case: Case) -> Iterator[Check]:
    """A hall of the company has the fit-out it had in the parent node, or one whose conversion is ready."""
    bays, facts = case.instance.bays, case.facts
    opening = np.isin(np.arange(len(bays.names)), case.instance.halls.opening_bay)
    hosted = np.isin(np.arange(len(bays.names)), case.instance.hosting.bay)
    allowed = case.timeline.carry(facts.fitted, opening.astype(float)) + _ready(case)
    allowed = np.where(hosted[:, None], 1.0, allowed)
    says = "the hall has this fit-out with no conversion ready"
    yield Check(says, "", (case.axes.bays, case.axes.nodes), facts.fitted, allowed, "at_most")


def delivered(case: Case) -> Iterator[Check]:
    """A conversion that is ready is used."""
    says = "the hall has the fit-out whose conversion is ready"
    yield Check(says, "", (case.axes.bays, case.axes.nodes), case.facts.fitted, _ready(case), "at_least")


def once(case: Case) -> Iterator[Check]:
    """No path holds more conversions of a hall than it may have."""
    leaves = case.instance.tree.leaves
    found = case.timeline.along(by_hall(case.instance, case.facts.convert))[:, leaves]
    most = case.instance.halls.max_conversions[:, None]
    yield Check("conversions of the hall", "", (case.axes.halls, case.axes.leaves), found, most, "at_most")


def slots(case: Case) -> Iterator[Check]:
    """Machines take no more rack positions than the fitted hall has."""
    instance = case.instance
    taken = np.zeros_like(case.facts.fitted)
    per_unit = instance.models.slots_per_unit[instance.placements.model]
    np.add.at(taken, instance.placements.bay, case.facts.units * per_unit[:, None])
    limit = instance.bays.slots[:, None] * case.facts.fitted
    tolerance = tolerances.ROUNDING * np.maximum(1.0, limit)
    axes = (case.axes.bays, case.axes.nodes)
    yield Check("rack positions taken", "slots", axes, taken, limit, "at_most", tolerance)


def decision(case: Case) -> Iterator[Check]:
    """Conversions are decided at decision nodes, to a fit-out the hall may convert to, and end inside the horizon; to
    one to which a conversion is under way at the start, nowhere but at roots."""
    bays, tree = case.instance.bays, case.instance.tree
    ends = np.array([case.timeline.ready(int(lead)).any(axis=1) for lead in bays.lead_months])
    opening = case.instance.opening
    decides = bays.convertible[:, None] & tree.decision[None, :]
    decides[opening.under_way] = tree.parent < 0
    allowed = decides & ends.reshape(len(bays.names), len(tree))
    says = "conversions decided where none may be"
    yield Check(says, "", (case.axes.bays, case.axes.nodes), case.facts.convert, allowed, "at_most")
    frame = case.tables["conversions"]
    stray = frame[case.axes.bay_at(frame["hall"], frame["to_fit_out"]) < 0]
    at = rows(stray, "hall", "to_fit_out", "decided_node")
    yield Check("conversions to a fit-out the hall cannot have", "", at, np.ones(len(stray)), 0)


def under_way(case: Case) -> Iterator[Check]:
    """A conversion under way at the start goes on."""
    bays, roots = case.instance.opening.under_way, np.flatnonzero(case.instance.tree.parent < 0)
    axes = (subset(case.axes.bays, bays), subset(case.axes.nodes, roots))
    yield Check("conversions under way at the start", "", axes, case.facts.convert[np.ix_(bays, roots)], 1)


def record(case: Case) -> Iterator[Check]:
    """Every conversion states the fit-out it ends, its idle month, the nodes it is ready in, and its cost."""
    frame, tree, bays = case.tables["conversions"], case.instance.tree, case.instance.bays
    bay = case.axes.bay_at(frame["hall"], frame["to_fit_out"])
    made, ready = case.axes.node_at(frame["decided_node"]), case.axes.node_at(frame["ready_node"])
    frame, bay, made, ready = frame[bay >= 0], bay[bay >= 0], made[bay >= 0], ready[bay >= 0]
    at = rows(frame, "hall", "decided_node", "ready_node")
    idle = tree.first_month[made] + bays.lead_months[bay] - bays.downtime_months[bay]
    left = [_left(case, int(b), int(n)) for b, n in zip(bay, ready, strict=True)]
    months = [tree.calendar_month(int(month)) for month in idle]
    capex = bays.capex_usd[bay, made]
    yield Check("fit-out left", "", at, texts(frame["from_fit_out"]), texts(left))
    yield Check("first idle month", "", at, texts(frame["idle_from_month"]), texts(months))
    yield Check("capex", "USD", at, frame["capex_usd"].to_numpy(), capex, tolerance=tolerances.usd(capex))
    yield from _ready_rows(case, bay, made, ready)


def columns(case: Case) -> Iterator[Check]:
    """The halls table names each hall's own site, and the electrical limit of its fit-out."""
    frame, instance = case.tables["halls"], case.instance
    hall = case.axes.hall_at(frame["hall"])
    bay = case.axes.bay_at(frame["hall"], frame["fit_out"])
    at = rows(frame, "hall", "node")
    sites = [instance.sites.names[int(instance.halls.site[h])] for h in hall]
    limit = np.where(bay >= 0, instance.bays.it_limit_mw[bay], 0.0)
    yield Check("site", "", at, texts(frame["site"]), texts(sites))
    tolerance = tolerances.factor(limit)
    yield Check("electrical limit", "MW", at, frame["it_limit_mw"].to_numpy(), limit, tolerance=tolerance)


RULES: dict[str, PlanRule] = {
    "HALL.one_fitout": one_fitout,
    "HALL.downtime": downtime,
    "HALL.lead_time": lead_time,
    "HALL.delivered": delivered,
    "HALL.once": once,
    "HALL.slots": slots,
    "HALL.decision": decision,
    "HALL.under_way": under_way,
    "HALL.record": record,
    "HALL.columns": columns,
}


def _ready(case: Case) -> Floats:
    """Conversions that are ready, (B, N)."""
    leads = case.instance.bays.lead_months
    ready = [case.facts.convert[bay] @ case.timeline.ready(int(lead)).astype(float) for bay, lead in enumerate(leads)]
    return np.array(ready).reshape(case.facts.convert.shape)


def _while_idle(case: Case) -> Floats:
    """Conversions in their downtime, (B, N)."""
    bays, out = case.instance.bays, np.zeros_like(case.facts.convert)
    for bay, (lead, down) in enumerate(zip(bays.lead_months, bays.downtime_months, strict=True)):
        out[bay] = case.facts.convert[bay] @ (case.timeline.overlap(int(lead - down), int(lead)) > 0).astype(float)
    return out


def _left(case: Case, bay: int, ready: int) -> str:
    """Fit-out the hall last had before a node; the opening one where it had none."""
    bays, halls = case.instance.bays, case.instance.halls
    own = np.flatnonzero(bays.hall == bays.hall[bay])
    node = int(case.instance.tree.parent[ready])
    while node >= 0:
        fitted = own[case.facts.fitted[own, node] > 0]
        if len(fitted):
            return bays.fit_out[int(fitted[0])]
        node = int(case.instance.tree.parent[node])
    return bays.fit_out[int(halls.opening_bay[bays.hall[bay]])]


def _ready_rows(case: Case, bay: Ints, made: Ints, ready: Ints) -> Iterator[Check]:
    """The rows of each conversion are the nodes it is ready in: (K, N) over conversions."""
    decided = np.unique(np.column_stack([bay, made]), axis=0).reshape(-1, 2)
    leads = case.instance.bays.lead_months
    expected = np.array([case.timeline.ready(int(leads[b]))[m] for b, m in decided], float)
    found = np.zeros((len(decided), len(case.instance.tree)))
    which = {(int(b), int(m)): k for k, (b, m) in enumerate(decided)}
    row = np.array([which[int(b), int(m)] for b, m in zip(bay, made, strict=True)], dtype=np.int64)
    np.add.at(found, (row, ready), 1.0)
    names = {
        **subset(case.axes.bays, decided[:, 0]),
        "decided_node": [case.instance.tree.name[int(m)] for m in decided[:, 1]],
    }
    expected = expected.reshape(found.shape)
    yield Check(
        "rows saying that the conversion is ready",
        "",
        (names, {"ready_node": case.instance.tree.name}),
        found,
        expected,
    )
