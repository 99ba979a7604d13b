"""A battery in backtests: what knows every price is not beaten, prices by level lose little, and all adds up."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.scenario.load import load_scenario
from allocator.studies.backtest import battery_rules, rules
from allocator.studies.backtest.controller import all_running
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.store import CellPrices, operate_stored
from allocator.studies.backtest.study import Backtested, BacktestRequest, backtest
from allocator.studies.backtest.windows import Windows
from allocator.week.interface import Opening, Prices, WeekOptions, WeekPlan
from allocator.week.plan import plan_week
from allocator.week.standing import standing
from allocator.week.stored import stored_prices
from tests.studies.backtest import past

FIRST, LAST = date(2023, 3, 11), date(2023, 3, 12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past.write(tmp_path_factory.mktemp("stored") / "past", past.spiky(), limit_mw=15.0, battery=past.BATTERY)


@pytest.fixture(scope="module")
def made(folder: Path) -> tuple[Site, Windows]:
    return past.site_of(folder)


@pytest.fixture(scope="module")
def best(made: tuple[Site, Windows]) -> Run:
    return rules.by_program(made[0])


def test_pieces_of_fleets_are_the_fleets(made: tuple[Site, Windows]) -> None:
    """Full, it gives 0.9 of 6 MWh, less what stands: for two hours 2.7 MW, in two pieces of the dearest fleet of 4 MW;
    nothing is lost by the cut."""
    site, windows = made
    assert windows.pieces is not None
    piece = 1.35 * 0.999**2
    assert site.structure.capacity_mw[:, 0] == pytest.approx([piece, piece, 4.0 - 2 * piece, 6.0])
    assert windows.pieces.carried.tolist() == [0, 1]
    assert site.value[:, 0] == pytest.approx([120.0, 120.0, 120.0, 80.0])


def test_nobody_beats_the_program_that_knows_every_price(made: tuple[Site, Windows], best: Run) -> None:
    site, most = made[0], best.bound_usd
    assert most is not None
    assert float(best.hours.margin.sum()) == pytest.approx(most, rel=1e-6)
    alone = rules.perfect(site, rules.PERFECT_WITHOUT, _usd(rules.free(site)))
    pair = battery_rules.best_pair(battery_rules.of_site(site, 0))
    others = [battery_rules.by_pair(site, rules.PAIR_HINDSIGHT, pair, 0), battery_rules.by_day_ahead(site, 0), alone]
    assert all(_usd(run) <= most + 1e-6 for run in others)
    assert _usd(others[0]) > _usd(rules.break_even(site, 0))


def test_prices_by_level_told_the_future_earn_nearly_what_the_program_does(
    made: tuple[Site, Windows], best: Run
) -> None:
    """Two routes: dynamic programming by level, followed hour by hour; one linear program of all hours."""
    site = made[0]
    spot = np.nan_to_num(site.market.real_time[site.at])
    week = standing(site.structure, Prices(site.structure.utc, spot, np.full(site.hours, np.nan)), Opening())
    told = stored_prices(week, WeekOptions().spread)
    assert told is not None
    assert site.around is not None
    own, machines = site.own_strikes, site.machines
    cells = CellPrices.of(told, site.hours)
    done = operate_stored(site.real_time, (own, own), cells, site.around, machines, all_running(machines), 3.0)
    plain = _usd(rules.break_even(site, 0))
    alone = _usd(rules.perfect(site, rules.PERFECT_WITHOUT, _usd(rules.free(site))))
    gained = _usd(Run("told", done[0], site.run_stored(*done))) - plain
    assert gained > 0.95 * (_usd(best) - alone)


def test_a_battery_keeps_its_limits_and_feeds_only_what_draws(made: tuple[Site, Windows]) -> None:
    site = made[0]
    assert site.around is not None
    own, machines = site.own_strikes, site.machines
    cells = CellPrices.same(60.0, 90.0, 6.0, site.hours)
    did, flows = operate_stored(site.real_time, (own, own), cells, site.around, machines, all_running(machines), 3.0)
    gross = site.around.always_mw + np.where(did.on, site.around.gross_mw, 0.0).sum(axis=0)
    before = np.concatenate([[3.0], flows.stored[:-1]]) * 0.999
    assert flows.stored == pytest.approx(before + 0.95 * flows.taken - flows.given / 0.9)
    assert ((flows.stored >= -1e-9) & (flows.stored <= 6.0 + 1e-9)).all()
    assert (flows.given <= np.minimum(3.0, gross) + 1e-9).all()
    assert (gross + flows.taken - flows.given <= 15.0 + 1e-9).all()
    assert not (flows.given[site.real_time < 0.0]).any()
    assert not (flows.given + flows.taken)[~site.counted].any()


def test_machines_go_on_where_what_is_stored_feeds_them(made: tuple[Site, Windows]) -> None:
    """Every hour costs more than any tier earns. Full, it feeds both carried pieces for two hours; half full for one;
    with 1.5 MWh, of which 1.35 come out before losses, it feeds one piece for an hour; with 1 MWh none."""
    site = made[0]
    assert site.around is not None
    price, machines = np.full(4, 500.0), site.machines
    own = site.own_strikes[:, :4]
    for stored, hours in ((6.0, [2, 2]), (3.0, [1, 1]), (1.5, [1, 0]), (1.0, [0, 0])):
        cells = CellPrices.same(0.0, 100.0, 6.0, 4)
        did, flows = operate_stored(
            price, (own, own), cells, site.around.hours(0, 4), machines, all_running(machines), stored
        )
        assert did.on.sum(axis=1).tolist() == [*hours, 0, 0]
        assert flows.given.sum() == pytest.approx(1.35 * 0.999**2 * sum(hours))


def test_peaks_stand_as_planned_and_bind_machines_and_battery(tmp_path: Path) -> None:
    """9 MW in the afternoon, of 10 MW of machines and 3 MW of a battery; no rule, and no program, draws more then."""
    charges = "[{name: late, usd_per_kw_month: 5, from_hour: 12, to_hour: 20}]"
    written = past.write(tmp_path / "past", past.spiky(), limit_mw=15.0, battery=past.BATTERY, charges=charges)
    site, _ = past.site_of(written, (9.0,))
    late = np.concatenate([part.here.peaks[0].counts for part in site.structure.parts])
    assert 0 < late.sum() < site.hours
    pair = battery_rules.by_pair(site, rules.PAIR_HINDSIGHT, (60.0, 90.0), 0)
    assert rules.always(site).hours.billed.sum() == pytest.approx(9.0 * 5000.0)
    assert rules.never(site).hours.billed.sum() == 0.0
    for run in (rules.by_program(site), pair, rules.always(site)):
        assert run.hours.metered_mwh[late].max() <= 9.0 + 1e-6
        assert run.hours.metered_mwh[~late].max() > 9.5


@pytest.fixture(scope="module")
def found(folder: Path) -> Backtested:
    return run(folder, folder.parent / "whole")


def run(folder: Path, out: Path) -> Backtested:
    return backtest(load_scenario(folder), BacktestRequest(FIRST, LAST), out, plan_week)


def test_regret_with_a_battery_adds_up(found: Backtested) -> None:
    one, regret = found.scored[0], found.tables["regret"].set_index("component")["usd"]
    nightly = one.margin_usd(rules.NIGHTLY) - one.margin_usd(rules.NEVER)
    assert math.fsum(regret) == pytest.approx(one.followed_usd - nightly, abs=1e-6)
    table = found.tables["battery"].set_index("rule")
    assert table["gain_usd"].idxmax() == rules.PERFECT
    assert regret["battery_approximation"] + regret["battery_information"] == pytest.approx(
        table.loc[rules.PERFECT, "gain_usd"] - table.loc[rules.NIGHTLY, "gain_usd"]
    )
    months = found.tables["months"].groupby("rule")["wear_usd"].sum()
    assert months[rules.NIGHTLY] == pytest.approx(table.loc[rules.NIGHTLY, "wear_usd"])


def test_it_goes_on_with_what_is_stored(folder: Path, found: Backtested) -> None:
    """A night and all tables lost: they come back to the byte, and no other night is decided again."""
    out = folder.parent / "whole"
    before = (out / "battery.parquet").read_bytes(), (out / "rules.parquet").read_bytes()
    lost = sorted((out / "nights" / "site" / rules.NIGHTLY).glob("*.npz"))[1]
    lost.unlink()
    decided = list[pd.Timestamp]()

    def counting(*asked: object) -> WeekPlan:
        plan = plan_week(*asked)  # type: ignore[arg-type]
        decided.append(pd.Timestamp(plan.structure.utc[0]))
        return plan

    backtest(load_scenario(folder), BacktestRequest(FIRST, LAST), out, counting)
    assert decided == [pd.Timestamp("2023-03-12T06:00")]
    assert ((out / "battery.parquet").read_bytes(), (out / "rules.parquet").read_bytes()) == before


def _usd(run: Run) -> float:
    return float(run.hours.margin.sum())
