"""Every figure of a report equals figures of the tables, added up here in another way."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from allocator.plan.plan import Plan
from allocator.plan.schema import LINES
from allocator.reports import contracts, halls, hours, money, power, treasury
from allocator.reports.ambient import Cooling, cooling_balance, power_balance
from allocator.reports.catalogue import sections
from allocator.reports.figure import Figure, Listing, Timeline
from allocator.reports.periods import likeliest_path, periods, quantiles
from allocator.reports.words import written


@pytest.fixture(params=["converted", "branching"])
def plan(request: pytest.FixtureRequest) -> Plan:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Plan)
    return found


def chance(plan: Plan) -> Mapping[str, float]:
    return dict(zip(plan.tables["nodes"]["node"], plan.tables["nodes"]["probability"], strict=True))


def drawn(figure: Figure) -> dict[str, tuple[float | None, ...]]:
    return {series.name: series.numbers for series in figure.series}


def test_lines_and_the_waterfall_end_at_the_objective_to_the_cent(plan: Plan) -> None:
    lines, steps = money.cash_flow_lines(plan), drawn(money.waterfall(plan))["value"]
    own = [row[4] for row in lines.rows[:-1] if isinstance(row[4], float)]
    assert abs(math.fsum(own) - plan.meta.objective_usd) < 0.005
    assert abs(float(str(lines.rows[-1][4])) - plan.meta.objective_usd) < 0.005
    assert abs(math.fsum(float(str(step)) for step in steps[:-1]) - plan.meta.objective_usd) < 0.005
    assert abs(float(str(steps[-1])) - plan.meta.objective_usd) < 0.005


def test_every_line_that_flows_is_listed_once(plan: Plan) -> None:
    listed = [row[0] for row in money.cash_flow_lines(plan).rows[:-1]]
    assert listed == [name for name in LINES if name in set(plan.tables["cash_flow"]["line"])]


def test_megawatts_by_use_are_the_energy_of_the_power_table(plan: Plan) -> None:
    figure, share = power.mw_by_use(plan), chance(plan)
    hours_of = periods(plan.tables["nodes"]).hours
    shown = sum(
        float(str(value)) * hour
        for series in figure.series
        if series.role == "amount"
        for value, hour in zip(series.numbers, hours_of, strict=True)
    )
    assert shown == pytest.approx(sum(e * share[n] for n, e in plan.tables["power"][["node", "gross_mwh"]].to_numpy()))


def test_megawatts_stay_under_the_limit_of_the_sites(plan: Plan) -> None:
    figure = power.mw_by_use(plan)
    total = np.sum([s.numbers for s in figure.series if s.role == "amount"], axis=0)
    limit = next(s.numbers for s in figure.series if s.role == "limit")
    assert (total <= np.array(limit, float) * (1 + 1e-9)).all()


def test_the_league_table_is_the_margin_of_the_power_table(plan: Plan) -> None:
    listed, share = power.energy_by_use(plan), chance(plan)
    table = plan.tables["power"]
    whole = sum(m * share[n] for n, m in table.loc[table["use"] != "no_load", ["node", "margin_usd"]].to_numpy())
    assert sum(float(str(row[6])) for row in listed.rows) == pytest.approx(whole)


def test_a_converting_hall_is_seen_converting_while_it_is(converted: Plan) -> None:
    made = converted.tables["conversions"].iloc[0]
    months = list(periods(converted.tables["nodes"]).starts)
    row = next(row for row in halls.timeline(converted).rows if row.name == made["hall"])
    states = [span.state for span in row.spans]
    assert states == [made["from_fit_out"], "converting", made["to_fit_out"]]
    assert months[row.spans[1].first] == made["idle_from_month"]
    assert sum(span.last - span.first + 1 for span in row.spans) == len(months)


def test_placements_and_signed_contracts_are_those_of_the_tables(converted: Plan) -> None:
    figure, listed = contracts.placements(converted), contracts.signed(converted)
    assert figure is not None
    assert listed is not None
    shown = sum(value or 0.0 for series in figure.series for value in series.numbers)
    assert shown == pytest.approx(converted.tables["placements"]["critical_it_mw"].sum())
    accepted = converted.tables["contracts"]
    assert [row[0] for row in listed.rows] == list(accepted.loc[accepted["accepted"], "contract"])


def test_backlog_falls_by_the_rent_of_each_period_once_all_is_signed(converted: Plan) -> None:
    figure, flow = contracts.backlog(converted), converted.tables["cash_flow"]
    assert figure is not None
    rent = flow[flow["line"] == "colocation_rent"].groupby("node")["amount_usd"].sum()
    nodes = converted.tables["nodes"]["node"]
    values = [float(str(value)) for value in figure.series[0].numbers]
    signed = converted.tables["contracts"].loc[converted.tables["contracts"]["accepted"], "signed_node"]
    last = max(list(nodes).index(node) for node in signed)
    for k in range(last + 1, len(values)):
        assert values[k - 1] - values[k] == pytest.approx(float(rent.get(nodes[k], 0.0)))
    assert values[-1] == 0.0
    assert all(value == 0.0 for value in values[: min(list(nodes).index(node) for node in signed)])


def test_cash_of_a_single_path_is_its_closing_cash(converted: Plan) -> None:
    figure = money.cash(converted)
    assert drawn(figure)["expected cash"] == tuple(converted.tables["cash"]["closing_usd"])
    assert not any(series.role == "low" for series in figure.series)


def test_hours_add_up_to_the_meter_and_weeks_are_weeks(plan: Plan) -> None:
    for site in hours.shown_sites(plan):
        found = hours.site_hours(plan, site)
        uses = np.sum([found.frame[use].to_numpy() for use in hours.USES], axis=0)
        assert uses == pytest.approx(found.frame["grid_mw"].to_numpy())
        assert found.frame["no_load"].min() >= -1e-9
        for figure in hours.weeks(plan, found):
            assert len(figure.x) <= hours.WEEK
            assert figure.below is not None
            assert set(figure.below.x) == set(figure.x)


def test_balance_by_temperature_covers_all_hours_and_stays_under_the_limit(plan: Plan) -> None:
    site = hours.shown_sites(plan)[0]
    found = hours.site_hours(plan, site)
    shown = drawn(power_balance(found))
    assert math.fsum(float(str(v)) for v in shown["hours"]) == pytest.approx(found.frame["weight_h"].sum())
    assert max(float(str(v)) for v in shown["largest draw"]) == pytest.approx(found.frame["grid_mw"].max())


def test_cooling_counts_heat_of_machines_and_tenants_by_loop(converted: Plan) -> None:
    made = converted.tables["conversions"].iloc[0]
    share = {"air": 0.25, "liquid": 0.75}
    known = Cooling(made["hall"], made["to_fit_out"], {"liquid": lambda c: 10.0 - 0.0 * c}, share, {})
    site = converted.tables["halls"]["site"].iloc[0]
    (figure,) = cooling_balance(converted, site, [known])
    served = [
        (tables["bays"]["firm_mw"] - tables["bays"]["shed_mw"])[tables["bays"]["hall"] == made["hall"]].max()
        for node in hours.late_nodes(converted)
        if len((tables := converted.dispatch[site, node])["bays"])
    ]
    most = max(float(str(v)) for v in drawn(figure)["heat in the tightest hour"])
    assert most == pytest.approx(0.75 * max(served))
    assert set(drawn(figure)["what cooling then removes"]) == {10.0}


def test_bitcoin_and_loans_are_those_of_the_tables(branching: Plan) -> None:
    figure, share, table = treasury.bitcoin(branching), chance(branching), branching.tables["treasury"]
    assert figure is not None
    when = periods(branching.tables["nodes"])
    for k, month in enumerate(when.starts):
        own = branching.tables["nodes"].loc[branching.tables["nodes"]["start_month"] == month, "node"]
        held = sum(share[n] * v for n, v in table.loc[table["node"].isin(own), ["node", "closing_btc"]].to_numpy())
        both = drawn(figure)
        assert float(str(both["pledged"][k])) + float(str(both["held free"][k])) == pytest.approx(held, abs=1e-6)


def test_loan_to_value_lies_between_the_ends_of_its_band(branching: Plan) -> None:
    table = branching.tables["collateral"]
    for figure in treasury.loan_to_value(branching):
        values = [v for s in figure.series if s.role in ("low", "high") for v in s.numbers if v is not None]
        assert set(values) <= set(table["ltv_before_share"])
        limit = next(s.numbers for s in figure.series if s.name == "call")
        assert {round(float(str(v)), 9) for v in limit if v is not None} == {
            round(v, 9) for v in table["call_ltv_share"].unique()
        }


def test_all_pieces_have_words_units_and_rows_as_wide_as_their_heads(plan: Plan) -> None:
    pieces = [piece for section in sections(plan) for piece in section.pieces]
    assert len({piece.key for piece in pieces}) == len(pieces)
    for piece in pieces:
        table = piece if isinstance(piece, Listing) else piece.listing()
        assert piece.title
        assert piece.about.endswith((".", "."))
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert isinstance(piece, Timeline | Listing) or piece.unit


def test_the_likeliest_path_leads_from_a_root_to_the_most_probable_leaf(branching: Plan) -> None:
    path, paths = likeliest_path(branching.tables), branching.tables["paths"]
    assert path[-1] in set(paths.loc[paths["probability"] == paths["probability"].max(), "leaf"])
    parent = branching.tables["nodes"].set_index("node")["parent"]
    assert [parent[node] for node in path] == ["", *path[:-1]]


def test_quantiles_are_values_that_enough_weight_does_not_exceed() -> None:
    assert quantiles([3.0, 1.0, 2.0], [0.2, 0.5, 0.3], (0.05, 0.5, 0.8, 0.81, 1.0)) == [1.0, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "USD", "\N{EN DASH}"),
        (-1_234_567.0, "USD", "\N{MINUS SIGN}$1.23\N{NO-BREAK SPACE}M"),
        (-0.2, "USD", "$0"),
        (-0.001, "MW", "0.0"),
        (0.125, "share", "12.5\N{NO-BREAK SPACE}%"),
        (1.0, "share", "100\N{NO-BREAK SPACE}%"),
        (81_714.3, "USD/BTC", "81,714"),
        (-3.456, "USD/MWh", "\N{MINUS SIGN}3.46"),
        (True, "", "yes"),
        ("a<b>", "USD", "a<b>"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float | str | None, unit: str, words: str) -> None:
    assert written(value, unit) == words


def test_nodes_of_a_month_are_one_period() -> None:
    nodes = pd.DataFrame(
        {
            "node": ["a", "b1", "b2"],
            "parent": ["", "a", "a"],
            "probability": [1.0, 0.25, 0.75],
            "start_month": ["2027-11", "2027-12", "2027-12"],
            "months": [1, 2, 2],
            "hours": [720.0, 1464.0, 1464.0],
        }
    )
    when = periods(nodes)
    assert (when.starts, when.end) == (("2027-11", "2027-12"), "2028-02")
    table = pd.DataFrame({"node": ["b1", "b2", "a"], "usd": [4.0, 8.0, 1.0]})
    assert when.expected(table, "usd") == (1.0, 7.0)
    assert when.months == (1, 2)
    assert when.closes == ("2027-11", "2028-01")
    assert when.days == (30, 62)
    by = when.expected_by(table.assign(site=["x", "y", "y"]), "usd", "site")
    assert {site: own.tolist() for site, own in by.items()} == {"x": [0.0, 1.0], "y": [1.0, 6.0]}
    with pytest.raises(KeyError, match="1 rows name a node"):
        when.expected(pd.DataFrame({"node": ["c"], "usd": [1.0]}), "usd")
