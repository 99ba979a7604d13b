"""RESERVE: load offered to ancillary services runs, is sold once, to who takes it, and for what it is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.reserves import NodeReserves
from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, HourCase, HourRule, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.rules.power import loads_drawn


def running(case: HourCase) -> Iterator[Check]:
    """What is offered runs, and no running MW stands behind two offers."""
    if case.hours.reserves is not None:
        runs = _gross(case) * case.load_mw
        tolerance, axes = tolerances.limit_mw(runs), (case.segments, case.utc)
        behind = _behind(case, case.hours.reserves)
        yield Check("load behind offers", "MW", axes, behind, runs, "at_most", tolerance, worst_of="hours")


def most(case: HourCase) -> Iterator[Check]:
    """No service is offered more than it takes."""
    if case.hours.reserves is not None:
        limit, axes = case.hours.reserves.most_mw[:, None], (case.services, case.utc)
        tolerance = tolerances.limit_mw(limit)
        yield Check("offered", "MW", axes, case.offer_mw.sum(axis=1), limit, "at_most", tolerance, worst_of="hours")


def fed_by_grid(case: HourCase) -> Iterator[Check]:
    """What is offered would come off the grid: no load is sold that a battery feeds."""
    if case.hours.reserves is not None and case.hours.battery is not None:
        fed, axes = np.maximum(loads_drawn(case) - case.discharge_mw, 0.0), (case.utc,)
        tolerance = tolerances.limit_mw(fed)
        yield Check("offered", "MW", axes, _sold(case), fed, "at_most", tolerance, worst_of="hours")


def allowed(case: HourCase) -> Iterator[Check]:
    """Offers are of machines that qualify, in hours that pay the least that is asked, and are not negative."""
    offered = case.tables["offered_loads"]
    stray = offered.where(case.axes.segment_of(offered) < 0)
    at = rows(stray, "service", "hall", "fit_out", "model", "step", "utc")
    yield Check("offer of machines that cannot stand there", "MW", at, stray.numbers("offered_mw"), 0)
    if case.hours.reserves is not None:
        axes = (case.services, case.segments, case.utc)
        unfit = np.where(_allowed(case.hours.reserves), np.maximum(-case.offer_mw, 0.0), np.abs(case.offer_mw))
        yield Check("offer that may not be made", "MW", axes, unfit, 0, "at_most", worst_of="hours")


def table(case: HourCase) -> Iterator[Check]:
    """Each hour states the price of the service and the sum of the loads offered to it."""
    stated = case.hours.reserves
    if stated is not None:
        axes, tolerance = (case.services, case.utc), tolerances.POWER_MW
        total = case.offer_mw.sum(axis=1)
        yield Check("offered", "MW", axes, case.offered_mw, total, tolerance=tolerance, worst_of="hours")
        price = np.where(case.offered_rows > 0, stated.price_usd_per_mw_hour, 0.0)
        yield Check(
            "price_usd_per_mw_hour",
            "USD/MW/h",
            axes,
            case.offered_price,
            price,
            tolerance=tolerances.factor(price),
            worst_of="hours",
        )


def at_a_loss(case: HourCase) -> Iterator[Check]:
    """No load is offered for less than its calls cost."""
    lost = np.maximum(-offer_usd_per_mw(case), 0.0) * case.offer_mw * case.hours.weight_h
    axes, floor = (case.services, case.segments, case.utc), tolerances.MONEY_USD
    yield Check("lost by offering", "USD", axes, lost, 0.0, "at_most", floor, worst_of="hours")


def unsold(case: HourCase) -> Iterator[Check]:
    """No running load that a service would pay for is left unsold while the service takes more."""
    stated = case.hours.reserves
    if stated is None:
        return
    free = np.maximum(_gross(case) * case.load_mw - _behind(case, stated), 0.0)
    takes = stated.most_mw[:, None] - case.offer_mw.sum(axis=1)
    room = np.minimum(stated.qualifying_share[:, None, None] * free, takes[:, None, :])
    room = np.minimum(room, loads_drawn(case) - case.discharge_mw - _sold(case))
    room = np.where(_allowed(stated) & (room > 10 * tolerances.POWER_MW), room, 0.0)
    left = np.maximum(offer_usd_per_mw(case), 0.0) * room * case.hours.weight_h
    axes, floor = (case.services, case.segments, case.utc), tolerances.MONEY_USD
    yield Check("left by not offering", "USD", axes, left, 0.0, "at_most", floor, worst_of="hours")


def sums(case: Case) -> Iterator[Check]:
    """What is sold in a node is the sum of its hours, and its margin the sum of its parts."""
    frame, sold = case.tables["reserves"], case.energy.sold
    service = case.axes.service_at(frame["site"], frame["service"])
    cell, at = (service, case.axes.node_at(frame["node"])), rows(frame, "site", "node", "service")
    margin = sold.capacity_usd + sold.called_usd + sold.saved_usd - sold.lost_usd
    for column, unit, expected in (
        ("offered_mw_h", "MW h", sold.offered_mw_h[cell]),
        ("called_mwh", "MWh", sold.called_mwh[cell]),
        ("capacity_usd", "USD", sold.capacity_usd[cell]),
        ("called_usd", "USD", sold.called_usd[cell]),
        ("saved_energy_usd", "USD", sold.saved_usd[cell]),
        ("lost_earnings_usd", "USD", sold.lost_usd[cell]),
        ("margin_usd", "USD", margin[cell]),
    ):
        tolerance = tolerances.usd(expected) if unit == "USD" else tolerances.mwh(expected)
        yield Check(column, unit, at, frame[column].to_numpy(), expected, tolerance=tolerance)


RULES: dict[str, PlanRule] = {"RESERVE.sums": sums}
HOUR_RULES: dict[str, HourRule] = {
    "RESERVE.running": running,
    "RESERVE.most": most,
    "RESERVE.fed_by_grid": fed_by_grid,
    "RESERVE.allowed": allowed,
    "RESERVE.table": table,
    "RESERVE.at_a_loss": at_a_loss,
    "RESERVE.unsold": unsold,
}


def offer_usd_per_mw(case: HourCase) -> Floats:
    """Capacity paid, and of what is expected to be called payment and energy saved less earnings lost, (K, J, T).

    Earnings hold the premium that the plan states for Bitcoin.
    """
    hours, stated = case.hours, case.hours.reserves
    if stated is None:
        return np.zeros((0, len(case.segment), hours.hours))
    paid = stated.kept_share[:, None] * stated.price_usd_per_mw_hour
    per_mwh = stated.deployment_usd_per_mwh[:, None] + hours.paid_usd_per_mwh
    lost = case.worth_usd_per_mwh[:, None] / _gross(case)
    called = stated.deployment_share[:, None]
    return np.asarray((paid + called * per_mwh)[:, None, :] - called[:, :, None] * lost)


def _gross(case: HourCase) -> Floats:
    """Gross MW of one IT MW of each segment in each step, (J, T)."""
    return np.asarray(1.0 + case.hours.overhead[case.segment_bay])


def _behind(case: HourCase, stated: NodeReserves) -> Floats:
    """Running load that stands behind the offers of each segment, gross MW, (J, T)."""
    return np.asarray((case.offer_mw / stated.qualifying_share[:, None, None]).sum(axis=0))


def _sold(case: HourCase) -> Floats:
    """All offers of each step, (T,)."""
    return np.asarray(case.offer_mw.sum(axis=(0, 1)))


def _allowed(stated: NodeReserves) -> Bools:
    return stated.open[:, None, :] & stated.qualifies[:, :, None]
