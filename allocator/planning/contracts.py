"""CONTRACT: colocation contracts: which are signed when, and in which hall their tranches stand.

Purpose
    An offer is taken or refused. Once signed, every tranche stands in one bay for the whole term, which must be
    fitted, large and cool enough in every node served.

Sets
    n, m nodes; c contracts; b bays the contract allows; g one-of groups.
    (c,m,n) in service: signed at m, the contract is served in n. sign[c,m] only at decision nodes with service; of a
    contract signed before the start only at roots, where it must be signed.
    place[c,b,m] only where the bay can exist in every node served, and where one tranche fits the bay on its own,
    except for contracts that must be signed, so that a conflict names the limit in the way.

Parameters
    T[c]        | tranches, equal parts | count
    D[c,m,n]    | contracted critical IT load | MW
    U[c,m,n]    | metered critical IT load | MW
    G[c]        | reserved gross MW of a contracted MW | MW/MW
    L[b]        | electrical limit when fitted | MW
    A[b,n], W[b,n] | air and liquid heat that may be promised to tenants when fitted | MW
    a[b], l[b]  | heat split of tenant load | share
    cap[c,b,n]  | tranches that fit the bay on their own, at most T[c], or those that stand there since before the
        start | count
    rent[c,m,n] | rent of the node | USD
    s[c]        | share of energy at spot the tenant pays | share
    E[b,n]      | energy of one metered MW over the node at spot | USD/MW
    X[c]        | capex at signature | USD
    Q[c,m]      | rent beyond the horizon, discounted, weighted with credit | USD
    F[c,m,b]    | net energy cost beyond the horizon of a contracted MW, likewise | USD/MW
    Y[c,m,y]    | contracted MW still in term in tail year y | MW
    f[c] | load factor | share
    A[c,m,n]    | paid ahead in the node, less what rent earns of it and what is refunded | USD
    V[c,m,n]    | paid ahead and owed at the end of the node | USD
    Z[c,m,n]    | penalty on what is refunded because service is late | USD

Variables
    sign[c,m]    | the contract is signed | - | {0,1} | decision nodes
    place[c,b,m] | tranches that will stand in the bay | tranches | integer >= 0 | decision nodes

Constraints
    CONTRACT.once[c,leaf] | sum_{m on the path} sign[c,m] <= 1; = 1 where it must be accepted
        | Signed at most once. | issue 2
    CONTRACT.exclusive[g,leaf] | sum_{c in g} sum_{m on the path} sign[c,m] <= 1; = 1 where the group is required
        | At most one of a group. | issue 2
    CONTRACT.placed[c,m] | sum_b place[c,b,m] = T[c] sign[c,m]
        | Every tranche stands somewhere. | design 5
    CONTRACT.fitted[c,b,n] | sum_{m: (c,m,n) in service} place[c,b,m] <= cap[c,b,n] fitted[b,n]
        | Bounded by the fit-out of its own bay, at every node served. | design 5
    CONTRACT.fits_hall[b,n] | sum_{(c,m,n) in service} D[c,m,n]/T[c] place[c,b,m] <= L[b] fitted[b,n]
        | Contracted load within the electrical limit. | design 5
    CONTRACT.fits_air[b,n] | a[b] sum_{(c,m,n) in service} D[c,m,n]/T[c] place[c,b,m] <= A[b,n] fitted[b,n]
        | Contracted heat within the air loop in the hottest hour. | design 5
    CONTRACT.fits_liquid[b,n] | l[b] sum_{(c,m,n) in service} D[c,m,n]/T[c] place[c,b,m] <= W[b,n] fitted[b,n]
        | The same for the liquid loop. | design 5
    adds to metered_mw[i,n] | sum_{(c,m,n) in service, c of the terms and b the bay of i} U[c,m,n]/T[c] place[c,b,m]
        | Closed by POWER.firm. | design 5
    adds to reserved_mw[s,n] | sum_{b in s} sum_{(c,m,n) in service} G[c] D[c,m,n]/T[c] place[c,b,m]
        | Closed by POWER.reserved. | design 2
    adds to contracted_mw[b,n] | sum_{(c,m,n) in service} D[c,m,n]/T[c] place[c,b,m]
        | Closed by CONTRACT.fits_feeder and CONTRACT.fits_plant. | design 5
    adds to tail_firm_mw[b,y,leaf] | sum_c sum_{m on the path} f[c] Y[c,m,y]/T[c] place[c,b,m]
        | Closed by TERMINAL. | design 5
    adds to cash_usd[n], contracted class
        | sum_c sum_m rent[c,m,n] sign[c,m] + sum_{c,b,m} s[c] E[b,n] U[c,m,n]/T[c] place[c,b,m]
        | Rent, and power passed through on the whole metered load; the hours take back that of what is not served.
        | issue 2
    adds to capex_usd[m] | sum_c X[c] sign[c,m]
        | Paid at signature. | issue 2
    adds to cash_usd[n] | sum_{c,m} A[c,m,n] sign[c,m]
        | Paid ahead: it moves cash and is worth nothing by itself, factor 0: rent counts when earned. | design 5
    adds to unearned_usd[n] | sum_{c,m} V[c,m,n] sign[c,m]
        | A liability; read by COVENANT. | design 5
    adds to cash_usd[n] | - sum_{c,m} Z[c,m,n] sign[c,m]
        | Class of financing. | issue 4
    adds to npv_usd[m] | sum_c ( Q[c,m] sign[c,m] - sum_b F[c,m,b] D[c]/T[c] place[c,b,m] )
        | The term beyond the horizon. | design 5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance
from allocator.planning.axes import TOLERANCE, by_leaf, frame, with_axes
from allocator.planning.context import Context
from solvers.model import Expr


@dataclass(frozen=True)
class _Standing:
    """Every (contract, bay, signed, node) in which tranches may stand, K rows.

    Attributes:
        place: the columns themselves, axes contract, bay, node (the signing node).
        served: the tranches there, axes contract, bay, made (the signing node), node.
        contracted_mw, metered_mw, rent_usd: of one tranche. cap: tranches that fit on their own.
    """

    place: Expr
    served: Expr
    contracted_mw: Floats
    metered_mw: Floats
    rent_usd: Floats
    cap: Floats


def add(context: Context) -> None:
    """Columns and rows of the contracts; they add to power, cash and the tail."""
    service = _service(context.instance)
    signable = service[["contract", "made"]].drop_duplicates(ignore_index=True)
    sign = context.model.variables("sign", signable.rename(columns={"made": "node"}), upper=1.0, integer=True).expr
    standing = _standing(context, service)
    if not context.instance.offers.names:
        return
    _once(context, sign)
    _exclusive(context, sign)
    _placed(context, sign, standing.place)
    _fitted(context, standing)
    _fits(context, standing)
    _power(context, standing)
    _rent(context, sign, service, standing)
    _paid_ahead(context, sign)
    _pass_through(context, standing)
    _horizon(context, sign, standing.place)
    _tail(context, standing.place)


def _service(instance: Instance) -> pd.DataFrame:
    """(contract, made, node) of the instance's service rows whose signing node is a decision node, with figures."""
    service = instance.service
    table = frame(contract=service.contract, made=service.signed, node=service.node).assign(
        contracted_mw=service.contracted_mw, metered_mw=service.metered_mw, rent_usd=service.rent_usd
    )
    earlier = instance.opening.signed_at(len(instance.offers.names), instance.tree)
    return table[(instance.tree.decision | earlier)[service.contract, service.signed]].reset_index(drop=True)


def _standing(context: Context, service: pd.DataFrame) -> _Standing:
    instance, compatible = context.instance, context.instance.compatibility
    table = frame(contract=compatible.contract, bay=compatible.bay).merge(service, on="contract")
    tranches = instance.offers.tranches[table["contract"]]
    table = table.assign(
        cap=_tranches_that_fit(instance, table),
        contracted_mw=table["contracted_mw"] / tranches,
        metered_mw=table["metered_mw"] / tranches,
        rent_usd=table["rent_usd"] / tranches,
    )
    stands = context.axes.bays_at[table["bay"], table["node"]]
    stands &= (table["cap"].to_numpy() >= 1) | _must(instance)[table["contract"]]
    table["cap"] = np.where(table["cap"] >= 1, table["cap"], tranches)
    table["cap"] = np.minimum(table["cap"], _standing_before(instance, table))
    table = table[table.assign(stands=stands).groupby(["contract", "bay", "made"])["stands"].transform("all")]
    table = table.reset_index(drop=True)
    place, index = _place(context, table), table[["contract", "bay", "made", "node"]]
    return _Standing(
        place,
        place.take(index, on={"contract": "contract", "bay": "bay", "made": "node"}),
        *(table[name].to_numpy(dtype=float) for name in ("contracted_mw", "metered_mw", "rent_usd", "cap")),
    )


def _standing_before(instance: Instance, table: pd.DataFrame) -> Floats:
    """Tranches that may stand in the bay, those that do where the contract was signed before the start, (R,)."""
    contract, bay = (table[axis].to_numpy(dtype=np.int64) for axis in ("contract", "bay"))
    return instance.opening.most_tranches(contract, bay, instance.offers.tranches).astype(float)


def _must(instance: Instance) -> Bools:
    """(C,) contracts that must be signed, or belong to a group of which one must."""
    must = instance.offers.must_accept.copy()
    groups = instance.compatibility
    for members, required in zip(groups.exclusive, groups.group_required, strict=True):
        must[list(members)] |= required
    return must


def _tranches_that_fit(instance: Instance, table: pd.DataFrame) -> Floats:
    """Whole tranches of the contract that the bay alone can hold at the node, (R,)."""
    bays, offers = instance.bays, instance.offers
    contract, bay, node = (table[name].to_numpy() for name in ("contract", "bay", "node"))
    tranche = table["contracted_mw"].to_numpy() / offers.tranches[contract]
    claims = [
        (bays.it_limit_mw[bay], tranche),
        (bays.firm_air_limit_mw[bay, node], bays.firm_air_share[bay] * tranche),
        (bays.firm_liquid_limit_mw[bay, node], bays.firm_liquid_share[bay] * tranche),
        (instance.sites.power_limit_mw[bays.site[bay]], offers.gross_up[contract] * tranche),
    ]
    fits = offers.tranches[contract].astype(float)
    for limit, claim in claims:
        taken = claim > 0
        fits[taken] = np.minimum(fits[taken], limit[taken] / claim[taken])
    return np.asarray(np.floor(fits + TOLERANCE))


def _place(context: Context, table: pd.DataFrame) -> Expr:
    most = table.groupby(["contract", "bay", "made"])["cap"].min().reset_index()
    index = frame(contract=most["contract"], bay=most["bay"], node=most["made"])
    return context.model.variables("place", index, upper=most["cap"].to_numpy(), integer=True).expr


def _once(context: Context, sign: Expr) -> None:
    must = context.instance.offers.must_accept
    every = pd.DataFrame({"contract": np.arange(len(must))}).merge(_leaves(context), how="cross")
    signed = by_leaf(sign, context.axes, every)
    needed = signed.has_terms | must[every["contract"]]
    rows = signed.keep(needed)
    lower = np.where(must[rows.index["contract"]], 1.0, -np.inf)
    context.model.rows("CONTRACT.once", rows, lower=lower, upper=1.0)


def _exclusive(context: Context, sign: Expr) -> None:
    groups = context.instance.compatibility
    members = [(g, c) for g, group in enumerate(groups.exclusive) for c in group]
    of_group = frame(group=[g for g, _ in members], contract=[c for _, c in members])
    in_group = of_group.merge(sign.index, on="contract")
    target = pd.DataFrame({"group": np.arange(len(groups.exclusive))}).merge(_leaves(context), how="cross")
    signed = by_leaf(sign.take(in_group, on=["contract", "node"]), context.axes, target)
    required = np.array(groups.group_required, dtype=bool)[target["group"]]
    context.model.rows("CONTRACT.exclusive", signed, lower=np.where(required, 1.0, -np.inf), upper=1.0)


def _leaves(context: Context) -> pd.DataFrame:
    return frame(leaf=context.instance.tree.leaves)


def _placed(context: Context, sign: Expr, place: Expr) -> None:
    tranches = context.instance.offers.tranches[sign.index["contract"]]
    placed = place.sum_by(sign.index, empty="zero")
    context.model.rows("CONTRACT.placed", placed - sign * tranches == 0.0)


def _fitted(context: Context, standing: _Standing) -> None:
    served = standing.served
    most = served.index.assign(cap=standing.cap).groupby(["contract", "bay", "node"])["cap"].max().reset_index()
    table = frame(contract=most["contract"], bay=most["bay"], node=most["node"])
    fitted = context.ledgers.fitted.total.take(table, on=["bay", "node"])
    context.model.rows("CONTRACT.fitted", served.sum_by(table) - fitted * most["cap"].to_numpy() <= 0.0)


def _fits(context: Context, standing: _Standing) -> None:
    bays, table = context.instance.bays, context.axes.bay_node
    contracted = (standing.served * standing.contracted_mw).sum_by(table, empty="zero")
    context.ledgers.contracted_mw.add(contracted)
    stands, bay, node = contracted.has_terms, table["bay"].to_numpy(), table["node"].to_numpy()
    for name, share, limit in (
        ("CONTRACT.fits_hall", np.ones(len(bay)), bays.it_limit_mw[bay]),
        ("CONTRACT.fits_air", bays.firm_air_share[bay], bays.firm_air_limit_mw[bay, node]),
        ("CONTRACT.fits_liquid", bays.firm_liquid_share[bay], bays.firm_liquid_limit_mw[bay, node]),
    ):
        rows = stands & (share > 0) & np.isfinite(limit)
        fitted = context.ledgers.fitted.total.keep(rows) * limit[rows]
        context.model.rows(name, (contracted * share).keep(rows) - fitted <= 0.0)


def _power(context: Context, standing: _Standing) -> None:
    bays, offers, ledgers = context.instance.bays, context.instance.offers, context.ledgers
    served = standing.served
    tenancy = context.instance.tenancies.of[served.index["contract"], served.index["bay"]]
    metered = with_axes(served * standing.metered_mw, tenancy=tenancy)
    ledgers.metered_mw.add(metered.sum_by(context.axes.tenancy_node, empty="zero"))
    gross = offers.gross_up[served.index["contract"]] * standing.contracted_mw
    reserved = with_axes(served * gross, site=bays.site[served.index["bay"]])
    ledgers.reserved_mw.add(reserved.sum_by(context.axes.site_node, empty="zero"))


def _rent(context: Context, sign: Expr, service: pd.DataFrame, standing: _Standing) -> None:
    at = service[["contract", "made", "node"]]
    rent = sign.take(at, on={"contract": "contract", "made": "node"}) * service["rent_usd"].to_numpy()
    context.earn(rent, context.instance.finance.discount_contracted)
    at_site = _at_site(context, standing.served * standing.rent_usd)  # what is placed adds up to what is signed
    context.ledgers.income_usd.add(at_site.sum_by(context.axes.site_node, empty="zero"))
    context.pay_capex(sign * context.instance.offers.signing_capex_usd[sign.index["contract"]])


def _paid_ahead(context: Context, sign: Expr) -> None:
    ahead, instance = context.instance.prepayments, context.instance
    at = frame(contract=ahead.contract, made=ahead.signed, node=ahead.node)
    signed = sign.take(at, on={"contract": "contract", "made": "node"})
    context.ledgers.cash_usd.add((signed * ahead.cash_usd).sum_by(context.axes.node, empty="zero"))
    context.ledgers.unearned_usd.add((signed * ahead.unearned_usd).sum_by(context.axes.node, empty="zero"))
    context.earn(signed * -ahead.penalty_usd, instance.discount_financing)


def _pass_through(context: Context, standing: _Standing) -> None:
    instance, served = context.instance, standing.served
    share = instance.offers.pass_through_share[served.index["contract"]]
    energy = instance.pass_through.usd_per_mw[served.index["bay"], served.index["node"]]
    passed = _at_site(context, served * (share * energy * standing.metered_mw))
    context.operate(passed, instance.finance.discount_contracted)


def _at_site(context: Context, usd: Expr) -> Expr:
    """Money of bays, with their site."""
    return with_axes(usd, site=context.instance.bays.site[usd.index["bay"]])


def _horizon(context: Context, sign: Expr, place: Expr) -> None:
    terminal, offers = context.instance.terminal, context.instance.offers
    contract, node = (sign.index[axis].to_numpy() for axis in ("contract", "node"))
    context.beyond(sign * terminal.contract_usd[contract, node])
    contract, bay, node = (place.index[axis].to_numpy() for axis in ("contract", "bay", "node"))
    tranche_mw = offers.critical_it_mw[contract] / offers.tranches[contract]
    energy = terminal.contract_energy_usd_per_mw[contract, node, bay] * tranche_mw
    context.beyond(place * -energy)


def _tail(context: Context, place: Expr) -> None:
    terminal, offers = context.instance.terminal, context.instance.offers
    below = place.index.assign(member=np.arange(len(place))).merge(context.axes.path, on="node")
    below = below.merge(pd.DataFrame({"year": np.arange(terminal.years)}), how="cross")
    contract = below["contract"].to_numpy()
    tranche_mw = terminal.contract_mw[contract, below["node"], below["year"]] / offers.tranches[contract]
    index = frame(**{axis: below[axis] for axis in ("contract", "bay", "node", "year", "leaf")})
    drawn = place.pick(below["member"].to_numpy(), index) * (tranche_mw * offers.load_factor[contract])
    context.ledgers.tail_firm_mw.add(drawn.sum_by(context.axes.tail_bay, empty="zero"))
