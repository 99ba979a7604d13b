"""Planted faults by family."""

from tests.mutations import (
    battery,
    contracts,
    fleets,
    halls,
    head,
    hosting,
    loans,
    money,
    power,
    reserves,
    risk,
    tables,
    treasury,
    work,
)

FAMILIES = (
    tables,
    halls,
    fleets,
    hosting,
    contracts,
    power,
    battery,
    reserves,
    work,
    money,
    treasury,
    loans,
    risk,
    head,
)
ALL = [mutation for family in FAMILIES for mutation in family.MUTATIONS]
