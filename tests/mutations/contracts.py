"""Faults of the CONTRACT family."""

from __future__ import annotations

from dataclasses import replace

from tests.mutations.halls import BARN_GPU, DOCK_GPU, YARD_GPU
from tests.mutations.mutation import (
    Mutation,
    added,
    again,
    cell,
    decided,
    edited,
    hour_cell,
    judged,
    put,
    scheduled,
    then,
)
from tests.verify.draft import Draft, Frames

TENANT, RIVAL, SHORT, LATE, ANNEX = range(5)
PIER, CHILLER = 1, 1
NO_PASS_THROUGH = 0
"""Tenancy of the dock: `short` and others that pay nothing through; `tenant` is the next."""


def _nowhere_in_the_dock(draft: Draft) -> None:
    old = draft.instance.compatibility
    keep = ~((old.contract == TENANT) & (old.bay == DOCK_GPU))
    fewer = replace(old, contract=old.contract[keep], bay=old.bay[keep])
    draft.judged_by = replace(draft.instance, compatibility=fewer)


def _less_than_none(tables: Frames, _: object) -> None:
    tables["placements"] = added(tables["placements"], hall="dock", tranches=-1, critical_it_mw=-1.0)


def _also_refused(tables: Frames, _: object) -> None:
    row = {"contract": "tenant", "signed_node": "", "accepted": False, "first_service_month": ""}
    tables["contracts"] = added(tables["contracts"], **row)


MUTATIONS = [
    Mutation(
        "CONTRACT.once",
        "a contract is signed twice",
        then(
            decided("sign", ANNEX, [2, 3], to=1.0),
            decided("place", ANNEX, DOCK_GPU, [2, 3], to=1.0),
            again,
        ),
        place={"contract": "annex", "node": "2027-06"},
    ),
    Mutation(
        "CONTRACT.once",
        "a contract that must be accepted is refused",
        judged("offers", must_accept=put(ANNEX, to=True)),
        place={"contract": "annex", "node": "2027-06"},
    ),
    Mutation(
        "CONTRACT.window",
        "service starts after its window",
        judged("offers", last_service_month=put(TENANT, to=1)),
        place={"contract": "tenant", "node": "2027-01"},
    ),
    Mutation(
        "CONTRACT.window",
        "service starts before its window",
        judged("offers", first_service_month=put(TENANT, to=3)),
        place={"contract": "tenant", "node": "2027-01"},
    ),
    Mutation(
        "CONTRACT.window",
        "service starts too late for the horizon",
        then(
            decided("sign", ANNEX, 5, to=1.0),
            decided("place", ANNEX, DOCK_GPU, 5, to=1.0),
            again,
            judged("offers", lead_months=put(ANNEX, to=1)),
        ),
        place={"contract": "annex", "node": "2027-06"},
        also=frozenset({"CONTRACT.record"}),
    ),
    Mutation(
        "CONTRACT.placed",
        "a tranche of a signed contract stands nowhere",
        then(decided("place", TENANT, DOCK_GPU, 0, to=0.0), again),
        place={"contract": "tenant", "node": "2027-01"},
    ),
    Mutation(
        "CONTRACT.placed",
        "a tranche of a contract that is not signed stands somewhere",
        then(decided("place", ANNEX, DOCK_GPU, 3, to=1.0), again),
        place={"contract": "annex", "node": "2027-04"},
    ),
    Mutation(
        "CONTRACT.allowed",
        "a tranche stands where the contract may not",
        _nowhere_in_the_dock,
        place={"contract": "tenant", "hall": "dock", "fit_out": "gpu"},
    ),
    Mutation(
        "CONTRACT.allowed",
        "fewer tranches than none stand in one hall, more in another",
        then(
            decided("place", TENANT, BARN_GPU, 0, to=3.0),
            decided("place", TENANT, DOCK_GPU, 0, to=0.0),
            again,
            edited(_less_than_none),
        ),
        place={"contract": "tenant", "hall": "dock"},
        also=frozenset(
            {
                "CONTRACT.contracted",
                "CONTRACT.fitted",
                "HOURS.firm",
                "POWER.firm",
                "POWER.reserved",
                "MONEY.colocation_rent",
                "MONEY.power_pass_through",
                "MONEY.power_table",
                "MONEY.terminal_contract_energy",
                "MONEY.terminal_contract_rent",
            }
        ),
    ),
    Mutation(
        "CONTRACT.fitted",
        "a tenant moves into a hall that was never converted",
        then(decided("sign", ANNEX, 3, to=1.0), decided("place", ANNEX, YARD_GPU, 3, to=1.0)),
        place={"contract": "annex", "signed_node": "2027-04", "hall": "yard", "fit_out": "gpu", "node": "2027-05"},
        also=frozenset(
            {
                "CONTRACT.fits_hall",
                "CONTRACT.fits_air",
                "CONTRACT.fits_liquid",
                "POWER.energy",
                "MONEY.power_cost",
                "MONEY.power_table",
            }
        ),
        count=3,
    ),
    Mutation(
        "CONTRACT.exclusive",
        "two contracts of a group are signed",
        then(decided("sign", RIVAL, 2, to=1.0), decided("place", RIVAL, BARN_GPU, 2, to=1.0), again),
        place={"group": "anchor", "node": "2027-06"},
    ),
    Mutation(
        "CONTRACT.exclusive",
        "no contract of a group that needs one is signed",
        then(
            decided("sign", SHORT, 1, to=0.0),
            decided("place", SHORT, DOCK_GPU, 1, to=0.0),
            again,
            judged("offers", must_accept=put(SHORT, to=False)),
        ),
        place={"group": "needed", "node": "2027-06"},
    ),
    Mutation(
        "CONTRACT.fits_hall",
        "contracts are larger than the hall",
        judged("bays", it_limit_mw=put(DOCK_GPU, to=1.9)),
        place={"hall": "dock", "fit_out": "gpu", "node": "2027-03"},
        amount=0.1,
        also=frozenset({"HALL.columns"}),
    ),
    Mutation(
        "CONTRACT.fits_air",
        "contracts are warmer than the air side may promise",
        judged("bays", firm_air_limit_mw=put(DOCK_GPU, 2, to=0.39)),
        place={"hall": "dock", "fit_out": "gpu", "node": "2027-03"},
        amount=0.01,
    ),
    Mutation(
        "CONTRACT.fits_liquid",
        "contracts are warmer than the liquid loop may promise",
        judged("bays", firm_liquid_limit_mw=put(DOCK_GPU, 2, to=1.5)),
        place={"hall": "dock", "fit_out": "gpu", "node": "2027-03"},
        amount=0.1,
    ),
    Mutation(
        "CONTRACT.fits_feeder",
        "more is promised than a feeder carries",
        judged("feeders", limit_mw=put(PIER, to=2.3)),
        place={"feeder": "pier", "node": "2027-03"},
        amount=2 * 1.15 + 0.05 - 2.3,
    ),
    Mutation(
        "CONTRACT.fits_plant",
        "more heat is promised than a plant rejects",
        judged("plants", firm_limit_mw=put(CHILLER, 2, to=1.5)),
        place={"plant": "chiller", "node": "2027-03"},
        amount=0.1,
    ),
    Mutation(
        "CONTRACT.record",
        "a contract states another size",
        cell("contracts", "critical_it_mw", 2.5, contract="tenant"),
        place={"contract": "tenant"},
        amount=0.5,
    ),
    Mutation(
        "CONTRACT.record",
        "a contract states another claim",
        cell("contracts", "reserved_gross_mw", 3.0, contract="tenant"),
        place={"contract": "tenant"},
        amount=0.2,
    ),
    Mutation(
        "CONTRACT.record",
        "a contract states another first month",
        cell("contracts", "first_service_month", "2027-04", contract="tenant"),
        place={"contract": "tenant"},
    ),
    Mutation(
        "CONTRACT.record",
        "a signed contract is called refused",
        cell("contracts", "accepted", False, contract="tenant"),
        place={"contract": "tenant"},
    ),
    Mutation(
        "CONTRACT.record",
        "a placement states another load",
        cell("placements", "critical_it_mw", 1.1, contract="tenant", hall="barn"),
        place={"contract": "tenant", "hall": "barn"},
        amount=0.1,
    ),
    Mutation(
        "CONTRACT.record",
        "a contract has a row for its signature and one that says it was refused",
        edited(_also_refused),
        place={"contract": "tenant"},
    ),
    Mutation(
        "CONTRACT.contracted",
        "a hall states another contracted load",
        cell("halls", "contracted_mw", lambda mw: mw + 0.3, hall="dock", node="2027-03"),
        place={"hall": "dock", "node": "2027-03"},
        amount=0.3,
    ),
    Mutation(
        "CONTRACT.shed",
        "more tenant load is shed than there is",
        scheduled(1, 2, "shed_mw", 0, 1, by=1.8),
        place={"site": "site1", "node": "2027-03", "hall": "dock", "utc": "2027-03-12 06:00:00+00:00"},
        amount=0.1,
        also=frozenset({"CONTRACT.unserved", "HOURS.shed_needlessly"}),
    ),
    Mutation(
        "CONTRACT.shed",
        "less than no tenant load is shed",
        scheduled(1, 2, "shed_mw", 0, 1, by=-0.1),
        place={"site": "site1", "node": "2027-03", "hall": "dock"},
        amount=0.1,
        also=frozenset({"CONTRACT.unserved"}),
    ),
    *(
        Mutation(
            rule,
            f"the terms of a contract say another {column}",
            cell("curtailed", column, lambda value: value + 3.0, contract="tenant", hall="barn"),
            place={"contract": "tenant", "hall": "barn", "fit_out": "gpu", "node": "2027-05"},
            amount=3.0,
        )
        for rule, column in (
            ("CONTRACT.allowance", "allowed_mwh"),
            ("CONTRACT.allowance", "beyond_mwh"),
            ("CONTRACT.curtailed", "unserved_mwh"),
            ("CONTRACT.curtailed", "credits_usd"),
            ("CONTRACT.curtailed", "pass_through_lost_usd"),
        )
    ),
    Mutation(
        "CONTRACT.curtailed",
        "nothing says what a contract went short of",
        edited(lambda tables, _: tables.update(curtailed=tables["curtailed"].iloc[:0])),
        place={"contract": "tenant", "hall": "barn", "fit_out": "gpu", "node": "2027-05"},
        amount=1.0,
    ),
    Mutation(
        "CONTRACT.curtailed",
        "energy was lost at another site",
        cell("curtailed", "site", "site1", contract="tenant"),
        place={"contract": "tenant", "hall": "barn"},
    ),
    Mutation(
        "CONTRACT.unserved",
        "a contract goes short of more than its load",
        scheduled(1, 2, "shed_mw", NO_PASS_THROUGH, 1, by=1.0),
        place={"site": "site1", "node": "2027-03", "hall": "dock", "contract": "short"},
        amount=0.1,
        also=frozenset({"HOURS.shed_needlessly"}),
    ),
    Mutation(
        "CONTRACT.unserved",
        "a hall sheds load that no contract goes short of",
        then(
            scheduled(1, 2, "shed_mw", NO_PASS_THROUGH, 1, by=0.3),
            hour_cell("site1", "2027-03", "unserved", "shed_mw", lambda mw: mw - 0.1),
        ),
        place={"site": "site1", "node": "2027-03", "hall": "dock", "utc": "2027-03-12 06:00:00+00:00"},
        amount=0.1,
        also=frozenset(
            {
                "HOURS.shed_needlessly",
                "CONTRACT.curtailed",
                "CONTRACT.allowance",
                "MONEY.sla_credits",
                "MONEY.power_table",
            }
        ),
    ),
]
