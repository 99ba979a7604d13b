"""Planted faults by family."""

from tests.mutations import (
    battery,
    chance,
    contracts,
    covenants,
    fleets,
    halls,
    head,
    hedges,
    hosting,
    loans,
    money,
    power,
    projects,
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
    projects,
    battery,
    reserves,
    work,
    money,
    treasury,
    loans,
    hedges,
    chance,
    covenants,
    risk,
    head,
)
ALL = [mutation for family in FAMILIES for mutation in family.MUTATIONS]
