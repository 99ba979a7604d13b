"""Faults of the RISK family: what paths are worth, and which are the worst."""

from __future__ import annotations

from tests.mutations.mutation import Mutation, Spoil, cell
from tests.verify.draft import Draft

END = "2027-06"
"""The one leaf of the plan."""


def head_field(field: str, above: float) -> Spoil:
    """A field of the head that far above what it should be; gap and bound stay those of the plan."""

    def spoil(draft: Draft) -> None:
        draft.head[field] = getattr(draft.meta(draft.frames()[0]), field) + above

    return spoil


MUTATIONS = [
    *(
        Mutation(
            "RISK.value",
            f"a path states another {column}",
            cell("paths", column, lambda usd: usd + 400.0, leaf=END),
            place={"leaf": END},
            amount=400.0,
            also=frozenset({"RISK.tail"} if column == "npv_usd" else ()),
        )
        for column in ("npv_usd", "without_terminal_usd")
    ),
    Mutation(
        "RISK.value",
        "a path states another probability",
        cell("paths", "probability", 0.8, leaf=END),
        place={"leaf": END},
        amount=0.2,
        also=frozenset({"RISK.tail"}),
    ),
    Mutation(
        "RISK.tail",
        "a path counts less among the worst",
        cell("paths", "worst_share", 0.25, leaf=END),
        amount=0.25,
        count=2,
    ),
    Mutation(
        "RISK.tail",
        "the head states another mean of the worst paths",
        head_field("mean_of_worst_usd", 600.0),
        amount=600.0,
        also=frozenset({"CERTIFICATE.gap"}),
    ),
    Mutation(
        "RISK.tail",
        "the head states another weight of the worst paths",
        head_field("tail_weight", 0.05),
        amount=0.05,
    ),
]
