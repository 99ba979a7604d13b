"""Faults of the PROJECT family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.loans_state import Projects
from tests.mutations.mutation import Mutation, Spoil, judged
from tests.verify.built import built


def _lent(**fields: np.ndarray) -> Spoil:
    def change(old: Projects) -> Projects:
        return replace(old, **fields)

    return judged("debt", projects=change)


MUTATIONS = [
    Mutation(
        "PROJECT.cost",
        "more is owed than what is lent on a conversion leaves",
        _lent(owed_usd=np.array([3e5, 6e5, 3.2e5, 3e5])),
        {"node": "2027-03", "loan": "works"},
        80e3,
        base=built,
    ),
    Mutation(
        "PROJECT.draw",
        "money is drawn on what is complete",
        _lent(drawn_usd=np.array([3e5, 0.0, 0.0, 0.0])),
        {"node": "2027-02", "loan": "works"},
        200e3,
        base=built,
    ),
]
