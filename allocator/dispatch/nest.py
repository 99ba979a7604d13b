"""Limits of groups of bays as one nested family over the site, or the first two that cross.

Groups are nested when any two either share no bay or one holds the other: then each has one next larger group, and
the closed form of `kernel` walks from a bay upward. Two groups of the same bays nest either way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from allocator.dispatch.kernel import Groups
from allocator.instance.tree import Bools, Floats, Ints

SITE = -1
"""Stands above the largest groups."""


@dataclass(frozen=True)
class Group:
    """A limit on what some bays draw together, on the measure of the site: gross MW.

    Attributes:
        name: for people. kind, position: which limit of the site-node it stands for.
        inside: bays of the group, (B,).
        limit_mw: most gross MW, (T,). fixed_mw: what of it a fitted bay takes before anything runs, (B,).
        gross_per_unit: gross MW that one unit of the limit it stands for lets through, (T,).
    """

    name: str
    kind: Literal["feeder", "plant"]
    position: int
    inside: Bools
    limit_mw: Floats
    fixed_mw: Floats
    gross_per_unit: Floats


@dataclass(frozen=True)
class Nest:
    """Nested groups, the smaller before the larger.

    Attributes:
        members: the groups themselves.
        limit_mw: (G, T). fixed_mw: (G, B).
        above: smallest group around each bay, (B,). up: next larger group, (G,). SITE where there is none.
    """

    members: tuple[Group, ...]
    limit_mw: Floats
    fixed_mw: Floats
    above: Ints
    up: Ints

    def groups(self, fitted: Floats) -> Groups | None:
        """The groups as the kernel takes them, with room of their own to work in; None where there are none."""
        if not len(self.up):
            return None
        work = np.empty(len(self.up)), np.empty(len(self.up))
        return Groups(self.limit_mw, self.fixed_mw @ fitted, self.above, self.up, *work)


def crossing(groups: Sequence[Group]) -> tuple[Group, Group] | None:
    """Two groups that share a bay while neither holds the other."""
    for one, other in combinations(groups, 2):
        shared = one.inside & other.inside
        if shared.any() and (shared != one.inside).any() and (shared != other.inside).any():
            return one, other
    return None


def nest_of(groups: Sequence[Group], bays: int, hours: int) -> Nest:
    """The nest of groups of which no two cross."""
    order = np.argsort([group.inside.sum() for group in groups], kind="stable").astype(np.int64)
    inside = np.array([groups[k].inside for k in order], dtype=bool).reshape(len(order), bays)
    up = [_first(inside[k + 1 :, np.argmax(inside[k])], k + 1) for k in range(len(order))]
    return Nest(
        members=tuple(groups[k] for k in order),
        limit_mw=np.array([groups[k].limit_mw for k in order], dtype=float).reshape(len(order), hours),
        fixed_mw=np.array([groups[k].fixed_mw for k in order], dtype=float).reshape(len(order), bays),
        above=np.array([_first(inside[:, bay], 0) for bay in range(bays)], dtype=np.int64),
        up=np.array(up, dtype=np.int64),
    )


def _first(holds: Bools, offset: int) -> int:
    """Position of the first group that holds something, SITE where none does."""
    return offset + int(np.argmax(holds)) if holds.any() else SITE
