"""Planted faults by family."""

from tests.mutations import fleets, halls

ALL = [mutation for family in (halls, fleets) for mutation in family.MUTATIONS]
