"""Planted faults by family."""

from tests.mutations import contracts, fleets, halls, head, money, power, risk, tables

FAMILIES = (tables, halls, fleets, contracts, power, money, risk, head)
ALL = [mutation for family in FAMILIES for mutation in family.MUTATIONS]
