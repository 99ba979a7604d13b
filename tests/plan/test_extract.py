"""Tables say the same thing as each other, and as the arithmetic of the pivot plan done by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from allocator.plan.plan import Plan
from allocator.plan.schema import LINES

MONTH_H = 730.0


def amount(plan: Plan, line: str, node: str) -> float:
    table = plan.tables["cash_flow"]
    return math.fsum(table.loc[(table["line"] == line) & (table["node"] == node), "amount_usd"])


def test_the_objective_is_the_exact_sum_of_the_lines(plan: Plan) -> None:
    table = plan.tables["cash_flow"]
    assert plan.meta.objective_usd == math.fsum(table["discounted_usd"])
    assert list(table["discounted_usd"]) == list(table["amount_usd"] * table["discount_factor"])


def test_lines_carry_the_sign_and_the_moment_of_their_kind(plan: Plan) -> None:
    for row in plan.tables["cash_flow"].itertuples():
        line = LINES[row.line]
        assert row.amount_usd * line.sign > 0
        assert row.when == line.when
        assert (row.site == "") == (not line.site)


def test_closing_cash_is_opening_plus_flow_and_opens_the_next_node(plan: Plan) -> None:
    cash = plan.tables["cash"]
    assert cash["opening_usd"][0] == 1e9
    assert list(cash["closing_usd"]) == list(cash["opening_usd"] + cash["flow_usd"])
    assert list(cash["opening_usd"][1:]) == list(cash["closing_usd"][:-1])


def test_cash_holds_period_lines_and_not_those_of_the_horizon(plan: Plan) -> None:
    table, cash = plan.tables["cash_flow"], plan.tables["cash"]
    period = table.loc[table["when"] == "period", "amount_usd"]
    assert math.fsum(cash["flow_usd"]) == pytest.approx(math.fsum(period), rel=1e-12)
    assert (table["when"] == "horizon").any()


def test_energy_by_use_adds_up_to_the_meter(plan: Plan) -> None:
    power = plan.tables["power"]
    for (site, node), frames in plan.dispatch.items():
        hours = frames["hours"]
        metered = float((hours["grid_mw"] * hours["weight_h"]).sum())
        by_use = power.loc[(power["site"] == site) & (power["node"] == node), "gross_mwh"].sum()
        assert by_use == pytest.approx(metered, rel=1e-12)


def test_margins_by_use_add_up_to_the_lines_of_operation(plan: Plan) -> None:
    operation = "mining_revenue gpu_rental_revenue power_cost sla_credits colocation_rent power_pass_through"
    table = plan.tables["cash_flow"]
    flows = table.loc[table["line"].isin(operation.split()), "amount_usd"]
    assert math.fsum(plan.tables["power"]["margin_usd"]) == pytest.approx(math.fsum(flows), rel=1e-12)


def test_hours_of_a_node_are_those_of_its_steps(plan: Plan) -> None:
    nodes = plan.tables["nodes"].set_index("node")["hours"]
    for (_, node), frames in plan.dispatch.items():
        assert frames["hours"]["weight_h"].sum() == nodes[node]


def test_loads_of_segments_and_tenants_are_what_the_meter_sees(plan: Plan) -> None:
    gross = {("barn", "air"): 1.05, ("barn", "gpu"): 1.2, ("yard", "air"): 1.04}
    frames = plan.dispatch["site0", "2027-05"]
    machines = sum(row.load_mw * gross[row.hall, row.fit_out] for row in frames["segments"].itertuples())
    tenants = sum((row.firm_mw - row.shed_mw) * gross[row.hall, row.fit_out] for row in frames["bays"].itertuples())
    own = 0.1 * len(frames["hours"])
    assert frames["hours"]["grid_mw"].sum() == pytest.approx(machines + tenants + own, rel=1e-12)


def test_a_conversion_is_told_with_its_idle_months_and_paid_over_its_lead(plan: Plan) -> None:
    told = plan.tables["conversions"].to_dict("records")
    assert told == [
        {
            "hall": "barn",
            "from_fit_out": "air",
            "to_fit_out": "gpu",
            "decided_node": "2027-01",
            "idle_from_month": "2027-02",
            "ready_node": "2027-03",
            "capex_usd": 4e6,
        }
    ]
    paid = [amount(plan, "conversion_capex", node) for node in plan.tables["nodes"]["node"]]
    assert paid == [-2e6, -2e6, 0.0, 0.0, 0.0, 0.0]


def test_a_hall_that_converts_has_no_fit_out_and_no_limit(plan: Plan) -> None:
    halls = plan.tables["halls"].set_index(["node", "hall"])
    idle = halls.loc[("2027-02", "barn")]
    assert (idle["fit_out"], idle["status"], idle["it_limit_mw"]) == ("", "converting", 0.0)
    ready = halls.loc[("2027-03", "barn")]
    assert (ready["fit_out"], ready["status"], ready["it_limit_mw"]) == ("gpu", "operating", 4.0)
    assert (ready["contracted_mw"], ready["firm_mw"]) == (2.0, 1.6)


def test_machines_are_neither_made_nor_lost(plan: Plan) -> None:
    trades, fleets = plan.tables["trades"], plan.tables["fleets"]
    owned = fleets[fleets["model"] == "s21"].groupby("node")["units"].sum()
    delivered = trades[trades["model"] == "s21"].set_index("node")[["delivered_units", "sold_units"]]
    change = (delivered["delivered_units"] - delivered["sold_units"]).reindex(owned.index, fill_value=0)
    assert list(owned.diff().iloc[1:]) == list(change.iloc[1:])


def test_machines_that_never_arrive_are_worth_their_refund(plan: Plan) -> None:
    assert amount(plan, "terminal_undelivered", "2027-06") == pytest.approx(0.5 * 2 * 1e5)
    assert amount(plan, "terminal_equipment", "2027-06") == pytest.approx(10 * 6e4 + 1.5e6)


def test_a_tenant_pays_rent_its_share_of_energy_at_spot_and_claims_the_interconnect(plan: Plan) -> None:
    assert amount(plan, "colocation_rent", "2027-03") == pytest.approx(2.0 * 150e3)
    assert amount(plan, "power_pass_through", "2027-03") == pytest.approx(0.5 * 1.6 * 1.2 * MONTH_H * 36.0)
    reserved = plan.tables["reserved"].set_index("node")["reserved_mw"]
    assert list(reserved) == pytest.approx([0.0, 0.0, 2.8, 2.8, 2.8, 2.8])


def test_energy_and_earnings_of_a_month_are_those_worked_out_by_hand(plan: Plan) -> None:
    power = plan.tables["power"].set_index(["node", "use"])
    mining = power.loc[("2027-04", "mining")]
    assert mining["it_mwh"] == pytest.approx(6 * 0.75 * MONTH_H)
    assert mining["earnings_usd"] == pytest.approx(6 * (0.5 * 70 + 0.25 * 55) * MONTH_H)
    assert mining["power_cost_usd"] == pytest.approx(6 * 0.75 * 1.04 * 40 * MONTH_H)
    gpu = power.loc[("2027-04", "gpu_cloud")]
    assert gpu["earnings_usd"] == pytest.approx(0.8 * 300 * MONTH_H)
    assert power.loc[("2027-04", "no_load"), "gross_mwh"] == pytest.approx(0.1 * MONTH_H)
    assert power.loc[("2027-02", "no_load"), "gross_mwh"] == 0.0


def test_the_tail_is_filled_to_the_hall_and_counted_in_the_objective(plan: Plan) -> None:
    tail = plan.tables["tail"]
    assert list(zip(tail["hall"], tail["year"], tail["mining_mw"], strict=True)) == [("yard", 1, 6.0), ("yard", 2, 6.0)]
    table = plan.tables["cash_flow"]
    counted = table.loc[table["line"] == "terminal_mining", "discounted_usd"]
    assert math.fsum(counted) == pytest.approx(math.fsum(tail["value_usd"]), rel=1e-12)
    assert math.fsum(tail["value_usd"]) == pytest.approx(6 * 90e3)


def test_rent_beyond_the_horizon_is_worth_what_the_instance_says(plan: Plan) -> None:
    table = plan.tables["cash_flow"]
    rent = table.loc[table["line"] == "terminal_contract_rent", "discounted_usd"]
    assert math.fsum(rent) == pytest.approx(1e6, rel=1e-12)
    beyond = table.loc[table["when"] == "horizon", "discounted_usd"]
    assert plan.meta.without_terminal_usd == pytest.approx(plan.meta.objective_usd - math.fsum(beyond), rel=1e-12)


def test_every_contract_is_listed_once_with_a_reason(plan: Plan) -> None:
    contracts = plan.tables["contracts"]
    assert list(contracts["contract"]) == ["tenant", "whale", "penny", "rival", "late"]
    assert list(contracts["accepted"]) == [True, False, False, False, False]
    assert contracts["first_service_month"][0] == "2027-03"
    assert all(contracts["reason"])


def test_hourly_rows_without_load_are_left_out(plan: Plan) -> None:
    for frames in plan.dispatch.values():
        assert (frames["segments"]["load_mw"] > 0).all()
    assert frames_of(plan, "2027-02")["bays"]["hall"].unique().tolist() == ["yard"]


def frames_of(plan: Plan, node: str) -> dict[str, pd.DataFrame]:
    return dict(plan.dispatch["site0", node])


def test_segments_stay_within_what_is_installed(plan: Plan) -> None:
    units = plan.tables["fleets"].set_index(["node", "model", "hall"])["units"]
    for (_, node), frames in plan.dispatch.items():
        for row in frames["segments"].itertuples():
            mw = {("s21", 0): 0.5, ("s21", 1): 0.25, ("rack", 0): 0.8}[row.model, row.step]
            assert row.load_mw <= units[node, row.model, row.hall] * mw * (1 + 1e-12)


def test_equal_decisions_give_equal_tables(plan: Plan) -> None:
    from tests.plan.factory import pivot, plan_of

    again = plan_of(pivot())
    for name, frame in plan.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name], check_exact=True)
    assert np.array_equal(
        plan.dispatch["site0", "2027-06"]["hours"]["grid_mw"], again.dispatch["site0", "2027-06"]["hours"]["grid_mw"]
    )
