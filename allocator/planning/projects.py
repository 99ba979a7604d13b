"""PROJECT: loans for conversions, drawn while these are built and paid back once they are complete.

Purpose
    What a project loan may be owed for follows from the conversions that are decided: a share of what they have cost so
    far, with interest of the time of construction where that is drawn, falling evenly from completion on.

Sets
    n, m nodes; l project loans; b bays of the halls that a loan pays for.

Parameters
    W[l,b,m,n] | most that is owed at the end of n for a conversion to b decided at m | USD
    Z[l,b,m,n] | the same where it is still being built in n, else 0 | USD

Variables
    convert[b,n] | of HALL | binary | 0 .. 1 | decision nodes

Constraints
    PROJECT.cost[l,n] | owed_musd[l,n] <= 1e-6 sum_b sum_m W[l,b,m,n] convert[b,m]
        | Loan to cost, and amortisation from completion on. | issue 4
    PROJECT.draw[l,n] | draw_musd[l,n] <= 1e-6 sum_b sum_m Z[l,b,m,n] convert[b,m]
        | Money is drawn for what is being built. | issue 4
"""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Floats
from allocator.planning.axes import frame, where
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr

ON = ("loan", "node")


def add(context: Context) -> None:
    """Rows of the project loans, once halls and loans have their columns."""
    debt = context.instance.debt
    if debt is not None:
        kinds, ledgers = np.array(debt.loans.kind, dtype=object) == "project", context.ledgers
        table = where(np.repeat(kinds[:, None], len(context.instance.tree), axis=1), *ON)
        for name, moved, most in (
            ("PROJECT.cost", ledgers.owed_musd, debt.projects.owed_usd),
            ("PROJECT.draw", ledgers.draw_musd, debt.projects.drawn_usd),
        ):
            judged = moved.total.take(table, on=list(ON))
            rows = (judged - _lent(context, most).sum_by(table, empty="zero")).keep(judged.has_terms)
            context.model.rows(name, rows <= 0.0)
        lent = _lent(context, debt.projects.owed_usd)
        ledgers.lent_musd.add(lent.sum_by(context.axes.loan_node, empty="zero"))


def _lent(context: Context, most_usd: Floats) -> Expr:
    """What conversions let be owed or drawn, MUSD, one row a (loan, bay, made, node)."""
    debt = context.instance.debt
    assert debt is not None
    projects = debt.projects
    index = frame(loan=projects.loan, bay=projects.bay, made=projects.made, node=projects.node)
    decided = context.ledgers.convert.total.take(index, on={"bay": "bay", "made": "node"}, absent="zero")
    return decided * (most_usd / USD_PER_MUSD)
