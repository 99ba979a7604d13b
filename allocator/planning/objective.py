"""What is maximised: the value under the risk that the scenario states, less the price of limits that are broken."""

from __future__ import annotations

from functools import singledispatch

from allocator.instance.risk import Expectation, Risk, WorstChildren, WorstPaths
from allocator.planning import nested_risk, risk
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr


def close(context: Context) -> None:
    """Close the ledgers of value and penalties and state the objective; every other family has added its own."""
    penalty = context.ledgers.penalty_usd.total / USD_PER_MUSD
    context.model.objective(_valued(context.instance.risk, context) - penalty)


@singledispatch
def _valued(stated: Risk, context: Context) -> Expr:
    """Value of the plan, MUSD."""
    raise TypeError(f"no objective is known for {stated!r}")


@_valued.register
def _(_: Expectation, context: Context) -> Expr:
    return risk.expected(context)


@_valued.register
def _(stated: WorstPaths, context: Context) -> Expr:
    return risk.mixed(context, stated)


@_valued.register
def _(stated: WorstChildren, context: Context) -> Expr:
    return nested_risk.worth(context, stated)
