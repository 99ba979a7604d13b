"""HOSTING: machines at sites of others: how long each agreement is kept, and what it costs besides energy.

Purpose
    A hosting agreement is a site with one hall, which is the company's to use while the agreement is in force: from the
    first node that lies within its term to its end, or to an earlier one of which notice is given. Then its machines
    come home to the store.

Sets
    n nodes, a(n) parent; g agreements, h[g] and b[g] its hall and bay; p placements, e models.
    n in term(g): the node lies wholly within the term, renewal included. first(g): such nodes whose parent does not;
    the parent of a root does where the agreement began before the horizon. over(g): nodes outside it, parent inside.
    end(g): pairs m -> n of decision nodes where notice at m ends the agreement with the start of n, the first one
    notice_months or more after the start of m; only where it may end so.

Parameters
    F[g,n] | fee for ending it with the start of the node, 0 at the choice not to renew | USD
    M[g,n] | management fee of the node | USD
    D[g]   | deposit; the host holds it already where the agreement began before the horizon | USD
    C[g]   | contracted power of machines | MW
    w[e]   | nameplate power of a unit, top mode | MW
    k[e]   | units of a block | units
    u[g]   | cost of taking out a unit and bringing it home | USD
    W[g,leaf] | worth of the agreement beyond the horizon, discounted: mining to the end of the term less what is owed,
        or notice on the last day, whichever is more | USD
    B[g,leaf] | deposit that comes back beyond the horizon, discounted | USD

Variables
    terminate[g,m] | notice is given | - | {0,1} | decision nodes with a pair in end(g)
    hosted[g,n]    | the agreement is in force; whole whenever terminate is | - | [0,1] | nodes in term

Constraints
    HOSTING.term[g,n] | hosted[g,n] = hosted[g,a(n)] - sum_{(m,n) in end(g)} terminate[g,m]
        | In force until notice ends it; 1 stands for the parent of a node in first(g) and of a root. | issue 4
    HOSTING.capacity[g,n] | sum_{p in b[g]} w[e] k[e] installed_blocks[p,n] <= C[g] hosted[g,n]
        | Machines draw no more at nameplate than is contracted. | issue 4
    adds to held[h,n] | hosted[g,n] where h = h[g], 1 where the hall is the company's own
        | Closed by HALL.one_fitout: the hall is fitted while the agreement is in force. | issue 4
    adds to cash_usd[n] | - sum_g F[g,n] sum_{(m,n) in end(g)} terminate[g,m] - sum_g M[g,n] hosted[g,n]
        - sum_{n in first(g), within the horizon} D[g] hosted[g,n]
        + sum_{n not in first(g)} D[g] sum_{(m,n) in end(g)} terminate[g,m] + sum_{n in over(g)} D[g] hosted[g,a(n)]
        - sum_e u[g] k[e] remove_blocks[e,h[g],n]
        | Fees, the deposit paid and given back, machines brought home. | issue 4
    adds to npv_usd[leaf] | sum_g (W[g,leaf] + B[g,leaf]) hosted[g,leaf]
        - discount_horizon sum_g sum_{p in b[g]} u[g] k[e] installed_blocks[p,leaf]
        | The agreement beyond the horizon, and the way home of what still stands there. | design 5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.hosting import Hosting
from allocator.instance.tree import Bools, Ints
from allocator.planning.axes import frame, spread, where, with_axes
from allocator.planning.context import Context
from solvers.model import Expr, lag


@dataclass(frozen=True)
class Agreements:
    """Columns over (agreement, node): in force, and ended with the start of the node."""

    hosted: Expr
    ended: Expr


def add(context: Context) -> Agreements:
    """Columns and the term; `held` is published."""
    hosting, tree = context.instance.hosting, context.instance.tree
    in_term, ends = where(hosting.in_term, "agreement", "node"), hosting.endings(tree)
    notice = ends.rename(columns={"made": "node", "node": "end"})[["agreement", "node"]]
    notice = notice.drop_duplicates(ignore_index=True)
    terminate = context.model.variables("terminate", notice, upper=1.0, integer=True).expr
    hosted = context.model.variables("hosted", in_term, upper=1.0).expr
    agreements = Agreements(hosted, spread(terminate, ends, "agreement", in_term))
    _term(context, agreements)
    _publish(context, hosted)
    return agreements


def close(context: Context, agreements: Agreements) -> None:
    """Capacity and money, once machines have their columns."""
    if not len(context.instance.hosting.hall):
        return
    _capacity(context, agreements.hosted)
    _fees(context, agreements)
    _deposit(context, agreements)
    _removal(context)
    _horizon(context, agreements.hosted)


def _term(context: Context, agreements: Agreements) -> None:
    hosting, tree, hosted = context.instance.hosting, context.instance.tree, agreements.hosted
    within = hosting.begins(tree)[hosted.index["agreement"], hosted.index["node"]]
    is_root = tree.parent[hosted.index["node"]] < 0
    before = lag(hosted, "node", tree.parent, initial=1.0, absent="zero") + (within & ~is_root).astype(float)
    context.model.rows("HOSTING.term", hosted - before + agreements.ended == 0.0)


def _publish(context: Context, hosted: Expr) -> None:
    hosting, table = context.instance.hosting, context.axes.hall_node
    own = ~np.isin(table["hall"], hosting.hall)
    context.ledgers.held.add(Expr.of(own.astype(float), table))
    at_hall = hosted.pick(
        np.arange(len(hosted)), frame(hall=hosting.hall[hosted.index["agreement"]], node=hosted.index["node"])
    )
    context.ledgers.held.add(at_hall.sum_by(table, empty="zero"))


def _capacity(context: Context, hosted: Expr) -> None:
    hosting, models = context.instance.hosting, context.instance.models
    installed, agreement = _standing(context)
    model = context.instance.placements.model[installed.index["placement"]]
    drawn = with_axes(installed * (models.power_kw * models.block_units / 1e3)[model], agreement=agreement)
    drawn = drawn.sum_by(hosted.index, empty="zero")
    stands = drawn.has_terms
    limit = hosted * hosting.capacity_mw[hosted.index["agreement"]]
    context.model.rows("HOSTING.capacity", drawn.keep(stands) - limit.keep(stands) <= 0.0)


def _standing(context: Context) -> tuple[Expr, Ints]:
    """Blocks installed at hosted sites, (placement, node), and the agreement of each row."""
    instance, installed = context.instance, context.ledgers.installed_blocks.total
    of_bay = _agreement_of(instance.hosting.bay, len(instance.bays.names))
    agreement = of_bay[instance.placements.bay[installed.index["placement"]]]
    return installed.keep(agreement >= 0), agreement[agreement >= 0]


def _agreement_of(positions: Ints, size: int) -> Ints:
    """Agreement of each hall or bay, -1 for the company's own."""
    found = np.full(size, -1, dtype=np.int64)
    found[positions] = np.arange(len(positions))
    return found


def _fees(context: Context, agreements: Agreements) -> None:
    hosting, discount = context.instance.hosting, context.instance.finance.discount_operations
    at = agreements.hosted.index["agreement"], agreements.hosted.index["node"]
    site = context.instance.bays.site[hosting.bay]
    for part, usd in ((agreements.ended, hosting.end_fee_usd), (agreements.hosted, hosting.management_usd)):
        context.operate(with_axes(part * -usd[at], site=site[part.index["agreement"]]), discount)


def _deposit(context: Context, agreements: Agreements) -> None:
    hosting, tree, hosted = context.instance.hosting, context.instance.tree, agreements.hosted
    discount = context.instance.finance.discount_operations
    agreement, node = (hosted.index[axis].to_numpy() for axis in ("agreement", "node"))
    deposit, paid = hosting.deposit_usd[agreement], hosting.pays_deposit[agreement, node]
    context.earn(hosted * np.where(paid, -deposit, 0.0), discount)
    context.earn(agreements.ended * np.where(paid, 0.0, deposit), discount)
    over = where(hosting.expires(tree), "agreement", "node")
    context.earn(_at_parent(hosting, over, hosted, tree.parent) * hosting.deposit_usd[over["agreement"]], discount)


def _at_parent(hosting: Hosting, over: pd.DataFrame, hosted: Expr, parent: Ints) -> Expr:
    """In force in the parent of each node of a table; 1 stands for the parent of a root."""
    before = parent[over["node"]]
    was = hosted.take(over.assign(before=before), on={"agreement": "agreement", "before": "node"}, absent="zero")
    return was.pick(np.arange(len(was)), over) + (before < 0).astype(float)


def _removal(context: Context) -> None:
    instance, removed = context.instance, context.ledgers.removed_blocks.total
    agreement = _agreement_of(instance.hosting.hall, len(instance.halls.names))[removed.index["hall"]]
    usd = instance.hosting.removal_usd_per_unit[agreement] if len(instance.hosting.names) else np.zeros(len(removed))
    cost = np.where(agreement >= 0, usd * instance.models.block_units[removed.index["model"]], 0.0)
    costs: Bools = cost > 0
    paid = removed.keep(costs) * -cost[costs]
    site = instance.halls.site[paid.index["hall"]]
    context.operate(with_axes(paid, site=site), instance.finance.discount_operations)


def _horizon(context: Context, hosted: Expr) -> None:
    instance, hosting, tree = context.instance, context.instance.hosting, context.instance.tree
    agreement, node = (hosted.index[axis].to_numpy() for axis in ("agreement", "node"))
    context.beyond(hosted * hosting.tail_usd[agreement, node])
    context.worth(hosted * hosting.tail_deposit_usd[agreement, node])
    installed, of_row = _standing(context)
    placement, last = installed.index["placement"], np.isin(installed.index["node"], tree.leaves)
    block = instance.models.block_units[instance.placements.model[placement]]
    way_home = instance.finance.discount_horizon * hosting.removal_usd_per_unit[of_row] * block
    context.beyond(installed * np.where(last, -way_home, 0.0))
