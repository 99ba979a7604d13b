"""What a plan says was decided, read off its tables into arrays on the axes of the instance.

Nothing is derived here that a rule should derive: each array is one column of one table, placed by its keys;
keys that mean nothing in the scenario (a machine in a hall that cannot take it) stay out of the arrays and are
reported by the rule that forbids them. Tenant load is the one exception: it is placements times the instance's
service table, and five families need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.verify.axes import Axes
from allocator.verify.sums import sum_by

CLOSED, CONVERTING, OPERATING = "closed", "converting", "operating"


@dataclass(frozen=True)
class Facts:
    """B bays, H halls, M models, P placements, C contracts, G hosting agreements, S sites, N nodes,
    Y tail years.

    Attributes:
        fitted: 1 where the halls table says that the hall is usable in that fit-out, (B, N).
        converting: 1 where it says that the hall converts, (H, N). closed: that it is closed, (H, N).
        convert: conversions decided, (B, N). units: machines standing, (P, N). stored: in store, (M, N).
        installed, removed: moved, (M, H, N). bought, delivered, sold: traded, (M, N).
        sign: signatures, (C, N). place: tranches by signing node, (C, B, N).
        in_force: 1 where the hosting table says so, (G, N). notice: 1 where notice is given, (G, N).
        tail_mw: mining beyond the horizon by leaf, (B, Y, N).
        premium_usd_per_btc: what the hours are said to run for beyond the price of Bitcoin, (S, N).
        later_premium: what they are said to have given for a dollar put off, beyond its discount, (S, N).
        contracted_mw, metered_mw: tenant load, (B, N). reserved_mw: claims on the interconnect, (S, N).
    """

    fitted: Floats
    converting: Floats
    closed: Floats
    convert: Floats
    units: Floats
    stored: Floats
    installed: Floats
    removed: Floats
    bought: Floats
    delivered: Floats
    sold: Floats
    sign: Floats
    place: Floats
    in_force: Floats
    notice: Floats
    tail_mw: Floats
    premium_usd_per_btc: Floats
    later_premium: Floats
    contracted_mw: Floats
    metered_mw: Floats
    reserved_mw: Floats


def read_facts(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> Facts:
    """Facts of tables whose form is right and whose names are known."""
    axes = Axes(instance)
    place = _place(instance, axes, tables["placements"])
    return Facts(
        **_halls(instance, axes, tables),
        **_fleets(instance, axes, tables),
        sign=_signatures(instance, axes, tables["contracts"]),
        place=place,
        **_hosting(instance, axes, tables),
        tail_mw=_tail(instance, axes, tables["tail"]),
        premium_usd_per_btc=_premium(instance, axes, tables["production"]),
        later_premium=_later(instance, axes, tables["coincident_peaks"]),
        **_tenants(instance, place),
    )


def in_store(fleets: pd.DataFrame) -> pd.Series:
    """Rows of table `fleets` that stand for the store."""
    return (fleets["hall"] == "") & (fleets["fit_out"] == "")


def scatter(shape: tuple[int, ...], at: tuple[Ints, ...], values: pd.Series | Floats) -> Floats:
    """Values summed at their positions; rows with a position of -1 are left out."""
    out = np.zeros(shape)
    keep = np.min(at, axis=0) >= 0
    np.add.at(out, tuple(position[keep] for position in at), np.asarray(values, float)[keep])
    return out


def _halls(instance: Instance, axes: Axes, tables: Mapping[str, pd.DataFrame]) -> dict[str, Floats]:
    frame, decided = tables["halls"], tables["conversions"]
    bays, halls, nodes = len(instance.bays.names), len(instance.halls.names), len(instance.tree)
    node = axes.node_at(frame["node"])
    bay, hall = axes.bay_at(frame["hall"], frame["fit_out"]), axes.hall_at(frame["hall"])
    first = ~decided.duplicated(["hall", "to_fit_out", "decided_node"])
    decided = decided[first]
    target = axes.bay_at(decided["hall"], decided["to_fit_out"])
    return {
        "fitted": scatter((bays, nodes), (bay, node), np.ones(len(frame))),
        "converting": scatter((halls, nodes), (hall, node), frame["status"] == CONVERTING),
        "closed": scatter((halls, nodes), (hall, node), frame["status"] == CLOSED),
        "convert": scatter((bays, nodes), (target, axes.node_at(decided["decided_node"])), np.ones(len(decided))),
    }


def _fleets(instance: Instance, axes: Axes, tables: Mapping[str, pd.DataFrame]) -> dict[str, Floats]:
    fleets, moves, trades = tables["fleets"], tables["moves"], tables["trades"]
    models, halls, nodes = len(instance.models.names), len(instance.halls.names), len(instance.tree)
    standing, stored = fleets[~in_store(fleets)], fleets[in_store(fleets)]
    where = axes.placement_at(standing["model"], axes.bay_at(standing["hall"], standing["fit_out"]))
    moved = axes.model_at(moves["model"]), axes.hall_at(moves["hall"]), axes.node_at(moves["node"])
    traded = axes.model_at(trades["model"]), axes.node_at(trades["node"])
    placements = len(instance.placements.model)
    return {
        "units": scatter((placements, nodes), (where, axes.node_at(standing["node"])), standing["units"]),
        "stored": scatter(
            (models, nodes), (axes.model_at(stored["model"]), axes.node_at(stored["node"])), stored["units"]
        ),
        "installed": scatter((models, halls, nodes), moved, moves["installed_units"]),
        "removed": scatter((models, halls, nodes), moved, moves["removed_units"]),
        "bought": scatter((models, nodes), traded, trades["bought_units"]),
        "delivered": scatter((models, nodes), traded, trades["delivered_units"]),
        "sold": scatter((models, nodes), traded, trades["sold_units"]),
    }


def _hosting(instance: Instance, axes: Axes, tables: Mapping[str, pd.DataFrame]) -> dict[str, Floats]:
    frame, given = tables["hosting"], tables["terminations"]
    shape = len(instance.hosting.names), len(instance.tree)
    given = given[~given.duplicated(["agreement", "notice_node"])]
    made = axes.agreement_at(given["agreement"]), axes.node_at(given["notice_node"])
    return {
        "in_force": scatter(
            shape, (axes.agreement_at(frame["agreement"]), axes.node_at(frame["node"])), frame["in_force"]
        ),
        "notice": scatter(shape, made, np.ones(len(given))),
    }


def _signatures(instance: Instance, axes: Axes, frame: pd.DataFrame) -> Floats:
    shape = len(instance.offers.names), len(instance.tree)
    at = axes.contract_at(frame["contract"]), axes.node_at(frame["signed_node"])
    return scatter(shape, at, np.ones(len(frame)))


def _place(instance: Instance, axes: Axes, frame: pd.DataFrame) -> Floats:
    shape = len(instance.offers.names), len(instance.bays.names), len(instance.tree)
    bay = axes.bay_at(frame["hall"], frame["fit_out"])
    at = axes.contract_at(frame["contract"]), bay, axes.node_at(frame["signed_node"])
    return scatter(shape, at, frame["tranches"])


def _tail(instance: Instance, axes: Axes, frame: pd.DataFrame) -> Floats:
    years = instance.terminal.years
    shape = len(instance.bays.names), years, len(instance.tree)
    year = frame["year"].to_numpy() - 1
    bay, leaf = axes.bay_at(frame["hall"], frame["fit_out"]), axes.node_at(frame["leaf"])
    return scatter(shape, (bay, np.where(year < years, year, -1), leaf), frame["mining_mw"])


def _premium(instance: Instance, axes: Axes, frame: pd.DataFrame) -> Floats:
    at = axes.site_at(frame["site"]), axes.node_at(frame["node"])
    return scatter((len(instance.sites.names), len(instance.tree)), at, frame["premium_usd_per_btc"])


def _later(instance: Instance, axes: Axes, frame: pd.DataFrame) -> Floats:
    """The first of a site and node: all of its peaks share one."""
    first = frame[~frame.duplicated(["site", "node"])]
    at = axes.site_at(first["site"]), axes.node_at(first["node"])
    return scatter((len(instance.sites.names), len(instance.tree)), at, first["later_premium_share"])


def _tenants(instance: Instance, place: Floats) -> dict[str, Floats]:
    """Tenant load in each bay and node: what is in service, by the share of tranches standing there."""
    offers, service, nodes = instance.offers, instance.service, len(instance.tree)
    share = place / offers.tranches[:, None, None]
    in_service = share[service.contract, :, service.signed].T
    claims = in_service * service.contracted_mw * offers.gross_up[service.contract]
    return {
        "contracted_mw": sum_by(in_service * service.contracted_mw, service.node, nodes, axis=1),
        "metered_mw": sum_by(in_service * service.metered_mw, service.node, nodes, axis=1),
        "reserved_mw": sum_by(
            sum_by(claims, service.node, nodes, axis=1), instance.bays.site, len(instance.sites.names), axis=0
        ),
    }


def contract_load_mw(instance: Instance, place: Floats, node: int) -> Floats:
    """Metered load of each contract in each bay, by its tranches in service in the node, (C, B); place is (C, B, N)."""
    service = instance.service
    rows = np.flatnonzero(service.node == node)
    contract = service.contract[rows]
    tranche_mw = service.metered_mw[rows] / instance.offers.tranches[contract]
    total = np.zeros((len(instance.offers.names), len(instance.bays.names)))
    np.add.at(total, contract, tranche_mw[:, None] * place[contract, :, service.signed[rows]])
    return total
