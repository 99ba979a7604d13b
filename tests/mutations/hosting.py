"""Faults of the HOSTING family. The pad (site1) is given notice in 2027-03, the deck (site2) is let from then on."""

from __future__ import annotations

from allocator.plan.schema import HOSTING_LINES, LINES
from tests.mutations.money import CASH, WORTH, paid
from tests.mutations.mutation import Mutation, again, cell, decided, edited, judged, put, then
from tests.verify.draft import Frames
from tests.verify.hosts import hosts, hosts_instance
from tests.verify.plans import standing

M50 = 0
DECK = 2
PADDED, DECKED = 0, 1
_INSTANCE = hosts_instance()
M50_DECK = standing(_INSTANCE, "m50", "deck/air")
PAD_AIR = _INSTANCE.bays.names.index("pad/air")


def _unsaid(tables: Frames, _: object) -> None:
    tables["terminations"] = tables["terminations"].iloc[:0]


MUTATIONS = [
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0),
            base=hosts,
            amount=250.0,
            also=CASH if LINES[line].when == "period" else WORTH,
        )
        for line in HOSTING_LINES
    ),
    Mutation(
        "HOSTING.term",
        "an agreement ends of which no notice is given",
        edited(_unsaid),
        base=hosts,
        place={"agreement": "site1", "node": "2027-04"},
        also=frozenset({"MONEY.hosting_termination"}),
    ),
    Mutation(
        "HOSTING.term",
        "an agreement is in force before its term",
        judged("hosting", in_term=put(DECKED, 2, to=False)),
        base=hosts,
        place={"agreement": "site2", "node": "2027-03"},
        also=frozenset({"TABLE.rows", "MONEY.hosting_deposit_paid"}),
    ),
    Mutation(
        "HOSTING.term",
        "a hall is closed while its agreement is in force",
        then(decided("fitted", PAD_AIR, 1, to=0.0), again),
        base=hosts,
        place={"agreement": "site1", "node": "2027-02"},
        also=frozenset({"HALL.slots", "FLEET.compatible"}),
    ),
    Mutation(
        "HOSTING.decision",
        "notice is given where the terms allow none",
        judged("hosting", may_end=put(PADDED, 3, to=False)),
        base=hosts,
        place={"agreement": "site1", "node": "2027-03"},
        also=frozenset({"HOSTING.term", "HOSTING.record", "MONEY.hosting_termination"}),
    ),
    Mutation(
        "HOSTING.record",
        "a notice states another fee",
        cell("terminations", "fee_usd", lambda usd: usd + 70.0),
        base=hosts,
        place={"agreement": "site1", "notice_node": "2027-03", "end_node": "2027-04"},
        amount=70.0,
    ),
    Mutation(
        "HOSTING.record",
        "a notice states another end",
        cell("terminations", "end_node", "2027-05"),
        base=hosts,
        place={"agreement": "site1", "notice_node": "2027-03", "end_node": "2027-05"},
        count=2,
    ),
    Mutation(
        "HOSTING.capacity",
        "machines draw more than is contracted",
        judged("hosting", capacity_mw=put(PADDED, to=1.0)),
        base=hosts,
        place={"agreement": "site1", "node": "2027-02"},
        amount=0.2,
        count=3,
        also=frozenset({"HOSTING.table"}),
    ),
    *(
        Mutation(
            "HOSTING.table",
            f"a node states another {column}",
            cell("hosting", column, lambda number: number + 3.0, node="2027-05", agreement="site2"),
            base=hosts,
            place={"agreement": "site2", "node": "2027-05"},
            amount=3.0,
        )
        for column in (
            "capacity_mw",
            "installed_mw",
            "energy_mwh",
            "curtailed_h",
            "tariff_usd_per_mwh",
            "relief_usd_per_mwh",
            "energy_usd",
            "management_usd",
            "deposit_held_usd",
        )
    ),
    Mutation(
        "HOSTING.take",
        "less is paid for than was not drawn",
        cell("hosting", "untaken_mwh", lambda mwh: mwh - 3.0, node="2027-05", agreement="site2"),
        base=hosts,
        place={"agreement": "site2", "node": "2027-05"},
        amount=3.0,
        also=frozenset({"HOSTING.table"}),
    ),
    Mutation(
        "FLEET.decision",
        "machines leave a host between decisions while its term lasts",
        then(
            decided("remove_units", M50, DECK, 4, to=2.0),
            decided("installed_units", M50_DECK, slice(4, None), to=2.0),
            decided("stored_units", M50, slice(4, None), to=2.0),
            again,
        ),
        base=hosts,
        place={"model": "m50", "hall": "deck", "node": "2027-05"},
        amount=2.0,
    ),
]
