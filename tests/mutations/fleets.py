"""Faults of the FLEET family."""

from __future__ import annotations

import numpy as np

from tests.mutations.mutation import (
    Mutation,
    added,
    again,
    cell,
    decided,
    edited,
    judged,
    put,
    scheduled,
    then,
)
from tests.verify.plans import standing, works_instance

S21, S19, RACK = range(3)
BARN, YARD = 0, 1
_INSTANCE = works_instance()
S21_BARN, S21_YARD, S19_YARD = (
    standing(_INSTANCE, *pair) for pair in (("s21", "barn/air"), ("s21", "yard/air"), ("s19", "yard/air"))
)


def _out_of_place(tables: dict, _: object) -> None:
    tables["fleets"] = added(tables["fleets"], node="2027-04", model="rack", hall="yard", fit_out="air", units=3)


def _shelved(tables: dict, _: object) -> None:
    fleets = tables["fleets"]
    in_store = fleets["hall"] == ""
    tables["fleets"] = fleets.assign(fit_out=fleets["fit_out"].mask(in_store & (fleets["node"] == "2027-06"), "air"))


MUTATIONS = [
    Mutation(
        "FLEET.balance",
        "machines appear in a hall",
        then(decided("installed_units", S19_YARD, slice(3, None), to=4.0), again),
        place={"model": "s19", "hall": "yard", "node": "2027-04"},
        amount=2.0,
    ),
    Mutation(
        "FLEET.balance",
        "machines the hall opens with vanish",
        judged("placements", opening_units=put(S21_YARD, to=6.0)),
        place={"model": "s21", "hall": "yard", "node": "2027-01"},
        amount=2.0,
    ),
    Mutation(
        "FLEET.store",
        "machines appear in the store",
        decided("stored_units", S21, slice(4, None), to=6.0),
        place={"model": "s21", "node": "2027-05"},
        amount=2.0,
    ),
    Mutation(
        "FLEET.compatible",
        "machines stand where they do not fit",
        edited(_out_of_place),
        place={"model": "rack", "hall": "yard", "fit_out": "air", "node": "2027-04"},
        amount=3.0,
    ),
    Mutation(
        "FLEET.compatible",
        "machines stay in a hall that is gutted",
        then(
            decided("remove_units", S21, BARN, 1, to=0.0),
            decided("remove_units", S21, BARN, 2, to=4.0),
            decided("installed_units", S21_BARN, 1, to=4.0),
            decided("install_units", S21, YARD, 1, to=0.0),
            decided("install_units", S21, YARD, 2, to=2.0),
            decided("installed_units", S21_YARD, 1, to=4.0),
            decided("stored_units", S21, 1, to=0.0),
            decided("stored_units", S21, 2, to=4.0),
            again,
        ),
        place={"model": "s21", "hall": "barn", "fit_out": "air", "node": "2027-02"},
        amount=4.0,
        also=frozenset({"HALL.slots"}),
    ),
    Mutation(
        "FLEET.compatible",
        "machines in store have a fit-out",
        edited(_shelved),
        place={"model": "s21", "node": "2027-06"},
        amount=4.0,
        also=frozenset({"FLEET.store", "MONEY.terminal_equipment"}),
    ),
    Mutation(
        "FLEET.lead_time",
        "machines arrive a month late",
        then(
            decided("delivered_units", S21, 2, to=0.0),
            decided("delivered_units", S21, 3, to=2.0),
            decided("stored_units", S21, 2, to=2.0),
        ),
        place={"model": "s21", "node": "2027-03"},
        amount=2.0,
        count=2,
    ),
    Mutation(
        "FLEET.purchase_limit",
        "more machines are bought than there are",
        judged("models", purchase_limit_units=put(S21, to=3.0)),
        place={"model": "s21", "node": "2027-06"},
    ),
    Mutation(
        "FLEET.blocks",
        "half a block is bought, moved and stands",
        judged("models", block_units=put(RACK, to=2)),
        place={"model": "rack", "node": "2027-04", "hall": "barn"},
        count=6,
    ),
    Mutation(
        "FLEET.blocks",
        "fewer than no machines are sold and bought alike",
        then(
            decided("sell_units", S21, 3, to=-2.0),
            decided("buy_units", S21, 3, to=4.0),
            decided("stored_units", S21, slice(3, None), to=6.0),
        ),
        place={"model": "s21", "node": "2027-04"},
        amount=2.0,
        also=frozenset({"FLEET.lead_time", "FLEET.purchase_limit", "MONEY.equipment_sale"}),
    ),
    Mutation(
        "FLEET.decision",
        "machines are bought that are not on offer",
        judged("models", buyable=put(RACK, to=False)),
        place={"model": "rack", "node": "2027-03"},
    ),
    Mutation(
        "FLEET.decision",
        "machines are sold between decisions",
        then(decided("sell_units", S21, 4, to=2.0), decided("stored_units", S21, slice(4, None), to=2.0)),
        place={"model": "s21", "node": "2027-05"},
        amount=2.0,
    ),
    Mutation(
        "FLEET.decision",
        "machines are moved between decisions",
        then(
            decided("install_units", S21, YARD, 4, to=2.0),
            decided("installed_units", S21_YARD, slice(4, None), to=8.0),
            decided("stored_units", S21, slice(4, None), to=2.0),
            again,
        ),
        place={"model": "s21", "hall": "yard", "node": "2027-05"},
        amount=2.0,
    ),
    Mutation(
        "FLEET.installed_mw",
        "a hall states another nameplate draw",
        cell("halls", "installed_mw", lambda mw: mw + 0.25, hall="yard", node="2027-02"),
        place={"hall": "yard", "node": "2027-02"},
        amount=0.25,
    ),
    Mutation(
        "FLEET.deployed",
        "a site states more hashrate than its machines have",
        cell("hashrate", "deployed_ph_per_s", lambda ph: ph + 0.25, site="site1", node="2027-02"),
        place={"site": "site1", "node": "2027-02"},
        amount=0.25,
    ),
    Mutation(
        "FLEET.deployed",
        "a site states another draw of its miners",
        cell("hashrate", "deployed_mw", lambda mw: mw + 0.5, site="site0", node="2027-03"),
        place={"site": "site0", "node": "2027-03"},
        amount=0.5,
    ),
    Mutation(
        "FLEET.operating",
        "a site states more hashrate than its hours run",
        cell("hashrate", "operating_ph_per_s", lambda ph: ph + 0.25, site="site1", node="2027-02"),
        place={"site": "site1", "node": "2027-02"},
        amount=0.25,
    ),
    Mutation(
        "FLEET.operating",
        "a site states other energy of its miners",
        cell("hashrate", "operating_mwh", lambda mwh: mwh + 2.0, site="site0", node="2027-03"),
        place={"site": "site0", "node": "2027-03"},
        amount=2.0,
    ),
    Mutation(
        "FLEET.prices",
        "a trade states another price",
        cell("trades", "price_usd_per_unit", lambda usd: usd + 10.0, node="2027-01"),
        place={"model": "s21", "node": "2027-01"},
        amount=10.0,
    ),
    Mutation(
        "FLEET.prices",
        "a trade states another resale price",
        cell("trades", "resale_usd_per_unit", lambda usd: usd - 10.0, node="2027-02"),
        place={"model": "s21", "node": "2027-02"},
        amount=10.0,
    ),
    Mutation(
        "FLEET.available",
        "machines draw more than they can",
        scheduled(0, 0, "load_mw", int(np.flatnonzero(_INSTANCE.segments.placement == S21_YARD)[0]), 0, by=0.1),
        place={
            "site": "site0",
            "node": "2027-01",
            "hall": "yard",
            "model": "s21",
            "step": "0",
            "utc": "2027-01-01 06:00:00+00:00",
        },
        amount=0.1,
    ),
]
