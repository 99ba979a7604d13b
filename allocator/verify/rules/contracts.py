"""CONTRACT: what is signed, where it stands, and whether the halls can carry it through its term."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.grouped import add_by
from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, HourCase, HourRule, PlanRule
from allocator.verify.check import Check, rows, texts
from allocator.verify.sums import by_hall


def once(case: Case) -> Iterator[Check]:
    """A contract is signed at most once on a path, and once where it must be accepted."""
    signed = _signed_by_leaf(case)
    axes = (case.axes.contracts, case.axes.leaves)
    yield Check("signatures of the contract", "", axes, signed, 1, "at_most")
    must = case.instance.offers.must_accept[:, None]
    yield Check("signatures of a contract that must be accepted", "", axes, signed, must, "at_least")


def window(case: Case) -> Iterator[Check]:
    """A contract is signed at a decision node from which its service can start inside its window; one that was signed
    before the start, at roots."""
    tree, offers = case.instance.tree, case.instance.offers
    starts = _starts(case)
    inside = (starts >= offers.first_service_month[:, None]) & (starts <= offers.last_service_month[:, None])
    axes = (case.axes.contracts, case.axes.nodes)
    says = "signatures from which service cannot start inside the window"
    decides = np.repeat(tree.decision[None, :], len(offers.names), axis=0)
    decides[case.instance.opening.signed] = tree.parent < 0
    yield Check(says, "", axes, case.facts.sign, inside & decides, "at_most")


def placed(case: Case) -> Iterator[Check]:
    """Every tranche of a signed contract stands somewhere, and no tranche of an unsigned one does."""
    tranches = case.instance.offers.tranches[:, None] * case.facts.sign
    axes = (case.axes.contracts, case.axes.nodes)
    yield Check("tranches placed", "tranches", axes, case.facts.place.sum(axis=1), tranches)


def allowed(case: Case) -> Iterator[Check]:
    """Tranches are not negative and stand only in fit-outs and sites the contract accepts; those of a contract signed
    before the start where they stood."""
    frame, compatible, opening = case.tables["placements"], case.instance.compatibility, case.instance.opening
    fits = np.zeros((len(case.instance.offers.names), len(case.instance.bays.names) + 1))
    fits[compatible.contract, compatible.bay] = np.inf
    fits[opening.signed] = 0.0
    fits[opening.contract, opening.bay] = opening.tranches
    most = fits[case.axes.contract_at(frame["contract"]), case.axes.bay_at(frame["hall"], frame["fit_out"])]
    at = rows(frame, "contract", "hall", "fit_out", "signed_node")
    tranches = frame["tranches"].to_numpy()
    yield Check("tranches where the contract may not stand", "tranches", at, tranches, most, "at_most")
    yield Check("tranches", "tranches", at, tranches, 0, "at_least")


def fitted(case: Case) -> Iterator[Check]:
    """A hall that holds tranches of a contract has the fit-out in every node the contract serves."""
    service, facts = case.instance.service, case.facts
    held = facts.place[service.contract, :, service.signed]
    most = case.instance.offers.tranches[service.contract][:, None] * facts.fitted[:, service.node].T
    names, nodes = case.instance.offers.names, case.instance.tree.name
    served = {
        "contract": [names[c] for c in service.contract],
        "signed_node": [nodes[n] for n in service.signed],
        "node": [nodes[n] for n in service.node],
    }
    yield Check("tranches in service in the hall", "tranches", (served, case.axes.bays), held, most, "at_most")


def exclusive(case: Case) -> Iterator[Check]:
    """Of a one-of group at most one contract is signed on a path; exactly one where the group requires it."""
    signed, groups = _signed_by_leaf(case), case.instance.compatibility
    found = np.array([signed[list(members)].sum(axis=0) for members in groups.exclusive])
    found = found.reshape(len(groups.exclusive), signed.shape[1])
    axes = ({"group": groups.group_names}, case.axes.leaves)
    yield Check("contracts signed of the group", "", axes, found, 1, "at_most")
    required = np.array(groups.group_required, dtype=float)[:, None]
    yield Check("contracts signed of a group that needs one", "", axes, found, required, "at_least")


def fits_hall(case: Case) -> Iterator[Check]:
    """Contracted load fits the electrical limit of the fit-out."""
    yield _within(case, "contracted load", 1.0, case.instance.bays.it_limit_mw[:, None])


def fits_air(case: Case) -> Iterator[Check]:
    """The air heat of contracted load fits the cooling that may be promised."""
    bays = case.instance.bays
    yield _within(case, "air heat of contracted load", bays.firm_air_share[:, None], bays.firm_air_limit_mw)


def fits_liquid(case: Case) -> Iterator[Check]:
    """The liquid heat of contracted load fits the cooling that may be promised."""
    bays = case.instance.bays
    yield _within(case, "liquid heat of contracted load", bays.firm_liquid_share[:, None], bays.firm_liquid_limit_mw)


def fits_feeder(case: Case) -> Iterator[Check]:
    """Contracted load behind a feeder, at the largest overhead promised, and the draw of the fit-outs fit it."""
    bays, feeders = case.instance.bays, case.instance.feeders
    claim = (1.0 + bays.firm_overhead) * case.facts.contracted_mw
    own = bays.no_load_mw[:, None] * case.facts.fitted
    holds = feeders.holds(len(bays.names)).astype(float)
    used = np.where(holds @ case.facts.contracted_mw > 0.0, holds @ (claim + own), 0.0)
    axes, limit = ({"feeder": feeders.names}, case.axes.nodes), feeders.limit_mw[:, None]
    yield Check("promised behind the feeder", "MW", axes, used, limit, "at_most", tolerances.limit_mw(limit))


def fits_plant(case: Case) -> Iterator[Check]:
    """Heat of contracted load on a plant fits what it may promise."""
    plants, bays = case.instance.plants, case.instance.bays
    heat = {"air": bays.firm_air_share, "liquid": bays.firm_liquid_share}
    share = np.array([heat[loop] for loop in plants.loop]).reshape(-1, len(bays.names))
    used = (share * plants.holds(len(bays.names))) @ case.facts.contracted_mw
    axes, limit = ({"plant": plants.names}, case.axes.nodes), plants.firm_limit_mw.reshape(used.shape)
    yield Check("heat promised on the plant", "MW", axes, used, limit, "at_most", tolerances.limit_mw(limit))


def record(case: Case) -> Iterator[Check]:
    """Contracts state their size, claim and first month of service; placements state their load."""
    frame, offers, tree = case.tables["contracts"], case.instance.offers, case.instance.tree
    contract, signed = case.axes.contract_at(frame["contract"]), case.axes.node_at(frame["signed_node"])
    at = rows(frame, "contract", "signed_node")
    starts = _starts(case)[contract, signed]
    served = (signed >= 0) & (starts >= 0)
    starts = starts - case.instance.opening.served(len(offers.names))[contract]
    months = [tree.calendar_month(int(start)) if has else "" for has, start in zip(served, starts, strict=True)]
    yield Check("accepted", "", at, texts(frame["accepted"].tolist()), texts((signed >= 0).tolist()))
    yield Check("first month of service", "", at, texts(frame["first_service_month"]), texts(months))
    for column, expected in (
        ("critical_it_mw", offers.critical_it_mw[contract]),
        ("reserved_gross_mw", (offers.critical_it_mw * offers.gross_up)[contract]),
    ):
        yield Check(column, "MW", at, frame[column].to_numpy(), expected, tolerance=tolerances.factor(expected))
    yield _refused_once(case)
    yield _placement_mw(case)


def contracted(case: Case) -> Iterator[Check]:
    """The halls table states the contracted load in service in each hall."""
    frame, total = case.tables["halls"], by_hall(case.instance, case.facts.contracted_mw)
    here = total[case.axes.hall_at(frame["hall"]), case.axes.node_at(frame["node"])]
    at = rows(frame, "hall", "node")
    yield Check("contracted load", "MW", at, frame["contracted_mw"].to_numpy(), here, tolerance=tolerances.POWER_MW)


def shed(case: HourCase) -> Iterator[Check]:
    """No more tenant load is shed than there is, and none is negative."""
    axes = (case.bays, case.utc)
    tolerance = tolerances.limit_mw(case.firm_mw)
    yield Check("load shed", "MW", axes, case.shed_mw, case.firm_mw, "at_most", tolerance, worst_of="hours")
    yield Check("load shed", "MW", axes, case.shed_mw, 0.0, "at_least", tolerances.POWER_MW, worst_of="hours")


def unserved(case: HourCase) -> Iterator[Check]:
    """What a hall sheds is what its contracts go short of, none of them by more than its own load."""
    tenants, short, exact = case.tenants, np.zeros_like(case.shed_mw), tolerances.POWER_MW
    add_by(short, tenants.bay, tenants.shed_mw)
    of_hall, of_contract = (case.bays, case.utc), (tenants.axis, case.utc)
    yield Check("short of its contracts", "MW", of_hall, short, case.shed_mw, tolerance=exact, worst_of="hours")
    load = np.maximum(tenants.metered_mw, 0.0)[:, None]
    slack = tolerances.limit_mw(load)
    yield Check("load not served", "MW", of_contract, tenants.shed_mw, load, "at_most", slack, worst_of="hours")
    yield Check("load not served", "MW", of_contract, tenants.shed_mw, 0.0, "at_least", exact, worst_of="hours")


RULES: dict[str, PlanRule] = {
    "CONTRACT.once": once,
    "CONTRACT.window": window,
    "CONTRACT.placed": placed,
    "CONTRACT.allowed": allowed,
    "CONTRACT.fitted": fitted,
    "CONTRACT.exclusive": exclusive,
    "CONTRACT.fits_hall": fits_hall,
    "CONTRACT.fits_air": fits_air,
    "CONTRACT.fits_liquid": fits_liquid,
    "CONTRACT.fits_feeder": fits_feeder,
    "CONTRACT.fits_plant": fits_plant,
    "CONTRACT.record": record,
    "CONTRACT.contracted": contracted,
}

HOUR_RULES: dict[str, HourRule] = {"CONTRACT.shed": shed, "CONTRACT.unserved": unserved}


def _signed_by_leaf(case: Case) -> Floats:
    """Signatures on the path of each leaf, (C, L)."""
    return case.timeline.along(case.facts.sign)[:, case.instance.tree.leaves]


def _starts(case: Case) -> Floats:
    """First month of service by contract and signing node, months from the start; -1 where it never comes, (C, N)."""
    tree = case.instance.tree
    starts = np.full((len(case.instance.offers.names), len(tree)), -1)
    for contract, lead in enumerate(case.instance.offers.lead_months):
        ready: Bools = case.timeline.ready(int(lead))
        months = np.where(ready, tree.first_month[None, :], np.iinfo(np.int64).max).min(axis=1)
        starts[contract] = np.where(ready.any(axis=1), months, -1)
    return starts


def _within(case: Case, says: str, share: Floats | float, limit: Floats) -> Check:
    """share * contracted load against a limit (B, 1) or (B, N) of fitted bays."""
    fitted_limit = np.where(case.facts.fitted > 0, limit, 0.0)
    found = share * case.facts.contracted_mw
    axes = (case.axes.bays, case.axes.nodes)
    return Check(says, "MW", axes, found, fitted_limit, "at_most", tolerances.limit_mw(fitted_limit))


def _refused_once(case: Case) -> Check:
    """A contract has one row for each signature, or a single row that says it was refused."""
    frame = case.tables["contracts"]
    refusals = np.zeros(len(case.instance.offers.names))
    np.add.at(refusals, case.axes.contract_at(frame["contract"]), (frame["signed_node"] == "").to_numpy(float))
    expected = (case.facts.sign.sum(axis=1) == 0).astype(float)
    return Check("rows saying that the contract is refused", "", (case.axes.contracts,), refusals, expected)


def _placement_mw(case: Case) -> Check:
    frame, offers = case.tables["placements"], case.instance.offers
    contract = case.axes.contract_at(frame["contract"])
    expected = offers.critical_it_mw[contract] * frame["tranches"].to_numpy() / offers.tranches[contract]
    at = rows(frame, "contract", "hall", "fit_out", "signed_node")
    tolerance = tolerances.factor(expected)
    return Check("contracted load placed", "MW", at, frame["critical_it_mw"].to_numpy(), expected, tolerance=tolerance)
