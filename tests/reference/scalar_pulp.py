"""The whole planning problem in plain loops over scalars, to be read beside the formulation.

Nothing here is fast and nothing is left out: every member of every set is written, also those that are zero in any
plan, such as machines in a bay no conversion can reach, segments that never pay and heat limits that never bind.
Every function of these modules writes one family of columns or rows, or one sum of money.
"""

from __future__ import annotations

import pulp

from allocator.instance.types import Instance
from tests.reference import (
    chances,
    company,
    contracts,
    covenants,
    equity,
    fleets,
    halls,
    hedges,
    hosting,
    hours,
    loans,
    risk,
    tax,
    treasury,
)
from tests.reference.draft import Draft

FAMILIES = (
    hosting.columns, hosting.term,
    halls.columns, halls.one_fitout, halls.downtime, halls.lead_time, halls.delivered, halls.once, halls.capex,
    halls.unpaid_capex,
    fleets.columns, fleets.slots, fleets.balance, fleets.compatible, fleets.store, fleets.lead_time,
    fleets.purchase_limit, fleets.money, fleets.horizon,
    hosting.capacity, hosting.money, hosting.horizon,
    contracts.columns, contracts.once, contracts.exclusive, contracts.placed, contracts.fitted, contracts.fits_hall,
    contracts.fits_air, contracts.fits_liquid, contracts.fits_feeder, contracts.fits_plant, contracts.reserved,
    contracts.firm, contracts.money, contracts.horizon,
    hours.write,
    treasury.columns, loans.columns, loans.options,
    treasury.mined, treasury.balance, treasury.policy, treasury.market, treasury.money,
    hedges.columns, hedges.balance, hedges.money,
    loans.principal, loans.collateral, loans.tests, loans.extensions, loans.projects, loans.liquidations, loans.money,
    company.fixed_opex, company.tail_hall, company.tail_site, company.tail_feeder, company.tail_plant,
    equity.write, tax.write, company.cash_balance, company.cash_minimum, company.budget,
    chances.events, chances.months, chances.paths,
    covenants.write,
    risk.objective,
)  # fmt: skip
"""In the order of the formulation; cash and the objective come last, when all flows are known."""


def reference_problem(instance: Instance) -> pulp.LpProblem:
    """The planning problem of an instance; objective in MUSD, maximised."""
    return write(instance).problem


def write(instance: Instance) -> Draft:
    """The same, with the members of every row family."""
    draft = Draft(instance)
    for family in FAMILIES:
        family(draft)
    return draft
