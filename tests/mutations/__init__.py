"""Planted faults by family."""

from tests.mutations import battery, contracts, fleets, halls, head, hosting, money, power, risk, tables, treasury

FAMILIES = (tables, halls, fleets, hosting, contracts, power, battery, money, treasury, risk, head)
ALL = [mutation for family in FAMILIES for mutation in family.MUTATIONS]
