"""Faults of the HALL family."""

from __future__ import annotations

from tests.mutations.mutation import Mutation, added, again, cell, decided, edited, judged, made, put, then
from tests.verify.draft import Frames

BARN_AIR, BARN_GPU, YARD_AIR, YARD_GPU, DOCK_GPU = range(5)


def _impossible(tables: Frames, _: object) -> None:
    tables["conversions"] = added(tables["conversions"], hall="dock", to_fit_out="air")


MUTATIONS = [
    Mutation(
        "HALL.one_fitout",
        "a hall converts and operates at once",
        cell("halls", "status", "converting", hall="yard", node="2027-03"),
        place={"hall": "yard", "node": "2027-03"},
        also=frozenset({"HALL.downtime"}),
    ),
    Mutation(
        "HALL.downtime",
        "a hall goes on through its downtime",
        decided("fitted", BARN_AIR, 1, to=1.0),
        place={"hall": "barn", "node": "2027-02"},
    ),
    Mutation(
        "HALL.lead_time",
        "a fit-out is used a month before it is ready",
        then(
            made("bays", downtime_months=put(BARN_GPU, to=0)),
            decided("fitted", BARN_GPU, 1, to=1.0),
            again,
        ),
        place={"hall": "barn", "fit_out": "gpu", "node": "2027-02"},
    ),
    Mutation(
        "HALL.delivered",
        "a conversion is paid and its hall stays what it was",
        then(
            made("bays", downtime_months=put(YARD_GPU, to=0)),
            made("finance", capex_budget_usd=1e9),
            decided("convert", YARD_GPU, 3, to=1.0),
        ),
        place={"hall": "yard", "fit_out": "gpu", "node": "2027-05"},
    ),
    Mutation(
        "HALL.once",
        "a hall converts more often than it may",
        judged("halls", max_conversions=put(0, to=0)),
        place={"hall": "barn", "node": "2027-06"},
    ),
    Mutation(
        "HALL.slots",
        "machines take one position too many",
        judged("bays", slots=put(YARD_AIR, to=39.0)),
        place={"hall": "yard", "fit_out": "air", "node": "2027-04"},
        count=5,
    ),
    Mutation(
        "HALL.decision",
        "a hall converts to what it may not",
        judged("bays", convertible=put(BARN_GPU, to=False)),
        place={"hall": "barn", "fit_out": "gpu", "node": "2027-01"},
    ),
    Mutation(
        "HALL.decision",
        "a hall is to become what it can never be",
        edited(_impossible),
        place={"hall": "dock", "to_fit_out": "air", "decided_node": "2027-01"},
    ),
    Mutation(
        "HALL.record",
        "a conversion states another cost",
        cell("conversions", "capex_usd", lambda usd: usd + 4321.0),
        place={"hall": "barn", "decided_node": "2027-01"},
        amount=4321.0,
    ),
    Mutation(
        "HALL.record",
        "a conversion states another first idle month",
        cell("conversions", "idle_from_month", "2027-03"),
        place={"hall": "barn"},
    ),
    Mutation(
        "HALL.record",
        "a conversion states another fit-out left",
        cell("conversions", "from_fit_out", "gpu"),
        place={"hall": "barn"},
    ),
    Mutation(
        "HALL.record",
        "a conversion states another node it is ready in",
        cell("conversions", "ready_node", "2027-04"),
        place={"hall": "barn", "ready_node": "2027-03"},
        count=3,
    ),
    Mutation(
        "HALL.columns",
        "a hall states another limit",
        cell("halls", "it_limit_mw", 6.5, hall="yard", node="2027-02"),
        place={"hall": "yard", "node": "2027-02"},
        amount=0.5,
    ),
    Mutation(
        "HALL.columns",
        "a hall states another site",
        cell("halls", "site", "site1", hall="yard", node="2027-02"),
        place={"hall": "yard", "node": "2027-02"},
    ),
]
