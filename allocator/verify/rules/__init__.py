"""Every rule of the verifier by name; one module a family, as in planning.

Plan rules look at the planning tables and the sums of the hours; hour rules at the hours of one site in one node.
A rule yields checks: numbers found beside numbers expected. Its docstring is the rule in words.
"""

from __future__ import annotations

from collections.abc import Mapping

from allocator.verify.case import HourRule, PlanRule
from allocator.verify.rules import (
    battery,
    blocks,
    cash,
    certificate,
    chance,
    coincident,
    contracts,
    cooling,
    covenants,
    curtailed,
    demand,
    dispatch,
    equity,
    fleets,
    halls,
    hashrate,
    hedges,
    hosting,
    loans,
    money,
    nested_risk,
    power,
    prepayments,
    reserves,
    risk,
    tables,
    tax,
    terminal,
    treasury,
    work,
    worth,
)
from allocator.verify.structure import (
    COLUMNS,
    DTYPE,
    DUPLICATE,
    MALFORMED,
    MISSING,
    NAMES,
    ROWS,
    UNKNOWN,
    VALUE,
)

FORM_RULES: Mapping[str, str] = {
    MISSING: "Every table of the registry is there, for every site and node the hourly ones.",
    UNKNOWN: "No table, site or node is there that the registry or the scenario does not know.",
    MALFORMED: "Every table can be read and every rule can be evaluated.",
    COLUMNS: "A table has the columns of the registry and no other.",
    DTYPE: "A column has the type of the registry.",
    VALUE: "No cell is empty, not a number or infinite.",
    DUPLICATE: "No two rows have the same key.",
    NAMES: "Names are names of the scenario.",
    ROWS: "Rows that must be there are, rows that say nothing are not.",
}
"""Rules on the form of tables, in words; evaluated before all others by `allocator.verify.structure`."""

PLAN_RULES: Mapping[str, PlanRule] = {
    **tables.RULES,
    **halls.RULES,
    **fleets.RULES,
    **hashrate.RULES,
    **hosting.RULES,
    **contracts.RULES,
    **curtailed.RULES,
    **power.RULES,
    **battery.RULES,
    **blocks.RULES,
    **demand.RULES,
    **coincident.RULES,
    **reserves.RULES,
    **work.RULES,
    **money.RULES,
    **prepayments.RULES,
    **treasury.RULES,
    **loans.RULES,
    **hedges.RULES,
    **equity.RULES,
    **tax.RULES,
    **cash.RULES,
    **chance.RULES,
    **covenants.RULES,
    **terminal.RULES,
    **risk.RULES,
    **nested_risk.RULES,
    **certificate.RULES,
}

HOUR_RULES: Mapping[str, HourRule] = {
    **dispatch.HOUR_RULES,
    **worth.HOUR_RULES,
    **power.HOUR_RULES,
    **battery.HOUR_RULES,
    **cooling.HOUR_RULES,
    **fleets.HOUR_RULES,
    **contracts.HOUR_RULES,
    **reserves.HOUR_RULES,
    **work.HOUR_RULES,
}

RULES: Mapping[str, str] = {
    **FORM_RULES,
    **{name: rule.__doc__ or "" for name, rule in PLAN_RULES.items()},
    **{name: rule.__doc__ or "" for name, rule in HOUR_RULES.items()},
}
"""Every rule, in words, in the order reports list them."""

__all__ = ["FORM_RULES", "HOUR_RULES", "PLAN_RULES", "RULES"]
