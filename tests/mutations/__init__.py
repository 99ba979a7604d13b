"""Planted faults by family."""

from tests.mutations import battery, contracts, fleets, halls, head, money, power, tables, treasury

FAMILIES = (tables, halls, fleets, contracts, power, battery, money, treasury, head)
ALL = [mutation for family in FAMILIES for mutation in family.MUTATIONS]
