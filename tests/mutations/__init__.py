"""Planted faults by family."""

from tests.mutations import battery, contracts, fleets, halls, head, hosting, money, power, tables

FAMILIES = (tables, halls, fleets, hosting, contracts, power, battery, money, head)
ALL = [mutation for family in FAMILIES for mutation in family.MUTATIONS]
