"""An older plan as the starting point of a solve: its decisions, looked up by name in the new planning problem.

What the new scenario does not know (a hall that went, a month that passed) is left out. A start is never trusted:
its decisions are dispatched on the new data, and where they break a rule of today they are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.decided import Decided
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.capacity_map import columns_of
from allocator.planning.decided import AXES
from allocator.planning.treasury_point import EVENTS
from solvers.problem import Problem

SOLD_OUT = 1e-9
"""Share of the collateral that may be left of all of it."""

Names = Mapping[str, Sequence[str]]


def starting_point(instance: Instance, problem: Problem, tables: Mapping[str, pd.DataFrame]) -> Floats:
    """Point (columns,) of a planning problem with the whole decisions of a plan's tables, and what its hours mine and
    draw at their peaks, where cuts are made first; everything else is 0."""
    names = _names(instance)
    x = np.zeros(problem.shape[1])
    for family, axes, frame, value in (*_decisions(instance, tables), *_of_before(instance), *_operations(tables)):
        shape = tuple(len(names[axis]) for axis in axes)
        columns = columns_of(problem, family, axes, shape)
        positions = [_positions(names[axis], frame[axis]) for axis in axes]
        known = np.all([position >= 0 for position in positions], axis=0)
        column = columns[tuple(position[known] for position in positions)]
        x[column[column >= 0]] = value[known][column >= 0]
    return x


EVENT_AXES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(EVENTS, ("loan", "node")),
    "buy_hedge_lots": ("hedge", "node"),
    "happens": ("event", "node"),
    "losing": ("covenant", "node"),
}
"""Whole columns of money and their axes."""


def decided_by(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> Decided:
    """Every whole decision of a plan, to be held: conversions, machines, contracts, notices.

    What the instance does not know is left out, and nodes that the plan does not know are left open.
    """
    return _decided(instance, tables, AXES)


def all_decided_by(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> Decided:
    """The same with the periods of whole events of money, so that a linear program is left."""
    return _decided(instance, tables, {**AXES, **EVENT_AXES})


def _decided(
    instance: Instance, tables: Mapping[str, pd.DataFrame], families: Mapping[str, tuple[str, ...]]
) -> Decided:
    names, tree = _names(instance), instance.tree
    planned = np.isin(tree.name, list(tables["nodes"]["node"]))
    values = {name: np.zeros(tuple(len(names[axis]) for axis in axes)) for name, axes in families.items()}
    for family, axes, frame, value in (*_decisions(instance, tables), *_of_before(instance)):
        if family in values:
            at = [_positions(names[axis], frame[axis]) for axis in axes]
            known = np.all([position >= 0 for position in at], axis=0)
            values[family][tuple(position[known] for position in at)] = value[known]
    for held in values.values():
        held[..., ~planned] = np.nan
    return Decided(np.arange(len(tree)), families, values)


@dataclass(frozen=True)
class Taken:
    """A whole decision by name: its family, the names on its axes but the node, the node, and its value."""

    family: str
    names: tuple[str, ...]
    node: str
    value: float


def taken_by(instance: Instance, tables: Mapping[str, pd.DataFrame], families: Sequence[str]) -> list[Taken]:
    """Decisions of some families of AXES that a plan of this instance takes; nothing of value 0, nor what was decided
    before the start."""
    found, before = [], _taken(_of_before(instance))
    for family, axes, frame, values in _decisions(instance, tables):
        if family in families:
            found += [one for one in _taken([(family, axes, frame, values)]) if one not in before]
    return found


def _taken(decisions: Sequence[Decision]) -> list[Taken]:
    """Every decision by name, nothing of value 0."""
    return [
        Taken(family, tuple(names), node, float(value))
        for family, axes, frame, values in decisions
        for *names, node, value in zip(*([str(name) for name in frame[axis]] for axis in axes), values, strict=True)
        if value
    ]


def held_by(instance: Instance, taken: Sequence[Taken]) -> tuple[Decided, list[Taken]]:
    """Those decisions held and everything else open; and those of which the instance does not know a name."""
    names = _names(instance)
    values = {name: np.full(tuple(len(names[axis]) for axis in axes), np.nan) for name, axes in AXES.items()}
    unknown = []
    for one in taken:
        places = zip(AXES[one.family], (*one.names, one.node), strict=True)
        at = [names[axis].index(name) if name in names[axis] else -1 for axis, name in places]
        if min(at) < 0:
            unknown.append(one)
        else:
            values[one.family][tuple(at)] = one.value
    return Decided(np.arange(len(instance.tree)), AXES, values), unknown


def _names(instance: Instance) -> Names:
    placements, bays = instance.placements, instance.bays.names
    return {
        "node": instance.tree.name,
        "bay": bays,
        "contract": instance.offers.names,
        "agreement": instance.hosting.names,
        "model": instance.models.names,
        "covenant": () if instance.covenants is None else instance.covenants.names,
        "loan": () if instance.debt is None else instance.debt.loans.names,
        "hedge": instance.hedges.names,
        "event": [f"{kind}\n{loan}" for kind, loan in instance.chances.names(instance.debt)],
        "site": instance.sites.names,
        "charge": [
            f"{instance.sites.names[site]}\n{charge}"
            for site, charge in zip(instance.demand.site, instance.demand.names, strict=True)
        ],
        "placement": [
            f"{instance.models.names[model]}\n{bays[bay]}"
            for model, bay in zip(placements.model, placements.bay, strict=True)
        ],
    }


Decision = tuple[str, tuple[str, ...], Mapping[str, "pd.Series[str]"], Floats]
"""Column family, its axes, the name of each row on each axis, and the value of each row."""


def _decisions(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> list[Decision]:
    halls, fleets, trades = tables["halls"], tables["fleets"], tables["trades"]
    converted = tables["conversions"].drop_duplicates(["hall", "to_fit_out", "decided_node"])  # a row a node ready then
    placements = tables["placements"]
    signed = tables["contracts"][tables["contracts"]["accepted"]]
    standing = fleets[fleets["hall"] != ""]
    block = dict(zip(instance.models.names, instance.models.block_units, strict=True))

    def blocks(frame: pd.DataFrame, column: str) -> Floats:
        size = frame["model"].map(block).astype(float).fillna(1.0)
        return np.asarray(frame[column] / size, dtype=np.float64)

    def ones(frame: pd.DataFrame) -> Floats:
        return np.ones(len(frame))

    given = tables["terminations"].drop_duplicates(["agreement", "notice_node"])
    notices = {"agreement": given["agreement"], "node": given["notice_node"]}
    by_trade = {"model": trades["model"], "node": trades["node"]}
    placement = standing["model"] + "\n" + _bay(standing, "hall", "fit_out")
    decided = {"bay": _bay(converted, "hall", "to_fit_out"), "node": converted["decided_node"]}
    in_bay = {"contract": placements["contract"], "bay": _bay(placements, "hall", "fit_out")}
    return [
        ("convert", ("bay", "node"), decided, ones(converted)),
        ("fitted", ("bay", "node"), {"bay": _bay(halls, "hall", "fit_out"), "node": halls["node"]}, ones(halls)),
        ("terminate", ("agreement", "node"), notices, ones(given)),
        ("sign", ("contract", "node"), {"contract": signed["contract"], "node": signed["signed_node"]}, ones(signed)),
        (
            "place",
            ("contract", "bay", "node"),
            {**in_bay, "node": placements["signed_node"]},
            np.asarray(placements["tranches"], dtype=np.float64),
        ),
        (
            "installed_blocks",
            ("placement", "node"),
            {"placement": placement, "node": standing["node"]},
            blocks(standing, "units"),
        ),
        ("buy_blocks", ("model", "node"), by_trade, blocks(trades, "bought_units")),
        ("sell_blocks", ("model", "node"), by_trade, blocks(trades, "sold_units")),
        *_loan_events(tables["loans"], tables["collateral"]),
        _hedges(instance, tables["hedges"]),
        _limited_events(tables["events"]),
        ("losing", ("covenant", "node"), _tests(tables["covenants"]), _losing(tables["covenants"])),
    ]


def _of_before(instance: Instance) -> list[Decision]:
    """What was decided before the start, as the first nodes decide it again."""
    opening, bays, contracts = instance.opening, instance.bays.names, instance.offers.names
    converted = [(bays[bay],) for bay in opening.under_way]
    signed = [(contracts[contract],) for contract in opening.signed]
    standing = list(zip(opening.contract, opening.bay, strict=True))
    placed = [(contracts[contract], bays[bay]) for contract, bay in standing]
    return [
        _at_roots(instance, "convert", ("bay",), converted, np.ones(len(converted))),
        _at_roots(instance, "sign", ("contract",), signed, np.ones(len(signed))),
        _at_roots(instance, "place", ("contract", "bay"), placed, opening.tranches.astype(float)),
    ]


def _at_roots(
    instance: Instance, family: str, axes: tuple[str, ...], names: Sequence[tuple[str, ...]], values: Floats
) -> Decision:
    tree = instance.tree
    roots = [name for name, parent in zip(tree.name, tree.parent, strict=True) if parent < 0]
    table = pd.DataFrame([(*own, root) for own in names for root in roots], columns=[*axes, "node"], dtype=str)
    return family, (*axes, "node"), {axis: table[axis] for axis in (*axes, "node")}, np.repeat(values, len(roots))


def _loan_events(loans: pd.DataFrame, collateral: pd.DataFrame) -> list[Decision]:
    """Where money is drawn on Bitcoin, collateral is released, and lenders sell, some or all of it; where loans are
    opened and extended."""
    secured = collateral.merge(loans[["node", "loan", "drawn_usd"]], on=["node", "loan"])
    at, had = {"loan": secured["loan"], "node": secured["node"]}, secured["opening_btc"] + secured["posted_btc"]
    events = {
        "draws": secured["drawn_usd"] > 0,
        "releases": secured["released_btc"] > 0,
        "liquidates": secured["seized_btc"] > 0,
        "exhausts": (secured["seized_btc"] > 0) & (secured["seized_btc"] >= had * (1.0 - SOLD_OUT)),
    }
    options = {"opens": loans["upfront_fee_usd"] > 0, "extends": loans["extended"]}
    own = {"loan": loans["loan"], "node": loans["node"]}
    tables = ((at, events), (own, options))
    return [(name, ("loan", "node"), of, np.where(on, 1.0, 0.0)) for of, told in tables for name, on in told.items()]


def _hedges(instance: Instance, table: pd.DataFrame) -> Decision:
    """Lots bought of each instrument, whole ones of today's size."""
    lot = dict(zip(instance.hedges.names, instance.hedges.lot, strict=True))
    lots = table["bought_units"] / table["hedge"].map(lot).astype(float).fillna(np.inf)
    return "buy_hedge_lots", ("hedge", "node"), {"hedge": table["hedge"], "node": table["node"]}, np.round(lots)


def _limited_events(events: pd.DataFrame) -> Decision:
    """Where an event of limited probability happens."""
    at = {"event": events["event"] + "\n" + events["loan"], "node": events["node"]}
    return "happens", ("event", "node"), at, events["happens"].to_numpy(dtype=float)


def _operations(tables: Mapping[str, pd.DataFrame]) -> list[Decision]:
    """What the hours of a plan mine, and draw at the peaks of demand charges."""
    made, billed = tables["production"], tables["demand_charges"]
    mined = {"site": made["site"], "node": made["node"]}
    drawn = {"charge": billed["site"] + "\n" + billed["charge"], "node": billed["node"]}
    return [
        ("mined_btc", ("site", "node"), mined, made["mined_btc"].to_numpy(dtype=float)),
        ("peak_mw", ("charge", "node"), drawn, billed["metered_mw"].to_numpy(dtype=float)),
    ]


def _tests(covenants: pd.DataFrame) -> Mapping[str, pd.Series[str]]:
    return {"covenant": covenants["covenant"], "node": covenants["node"]}


def _losing(covenants: pd.DataFrame) -> Floats:
    return np.where(covenants["income_usd"] > 0, 0.0, 1.0)


def _bay(frame: pd.DataFrame, hall: str, fit_out: str) -> pd.Series[str]:
    return frame[hall] + "/" + frame[fit_out]


def _positions(names: Sequence[str], asked: pd.Series[str]) -> Ints:
    return np.asarray(pd.Index(names).get_indexer(pd.Index(asked)), dtype=np.int64)
