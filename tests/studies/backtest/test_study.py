"""A backtest end to end: tables that add up, nights that know nothing of the future, folders that go on."""

from __future__ import annotations

import math
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.cli.report_folder import report_in
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from allocator.studies.backtest.rules import BREAK_EVEN, FREE, NEVER, NIGHTLY, PERFECT
from allocator.studies.backtest.study import Backtested, BacktestRequest, backtest
from allocator.week.interface import Opening, Prices, Structure, WeekOptions, WeekPlan
from allocator.week.plan import plan_week
from tests.cli.conftest import Command
from tests.studies.backtest import past

FIRST, LAST = date(2023, 3, 10), date(2023, 3, 13)
CHANGED = pd.Timestamp("2023-03-12T06:00Z")
"""Midnight in Chicago, before the day that loses an hour."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = past.write(tmp_path_factory.mktemp("home") / "past", past.spiky())
    solve_scenario(load_scenario(folder), folder.parent / "plan")
    return folder.parent


@pytest.fixture(scope="module")
def found(home: Path) -> Backtested:
    return run(home, home / "whole")


def run(home: Path, out: Path, decide: object = plan_week, scenario: Path | None = None) -> Backtested:
    """Four days under the plan that stands there; of another scenario under a plan of its own."""
    folder, plan = scenario or home / "past", None if scenario else home / "plan"
    request = BacktestRequest(FIRST, LAST, plan=plan)
    assert callable(decide)
    return backtest(load_scenario(folder), request, out, decide)


def test_regret_and_months_add_up_exactly(found: Backtested) -> None:
    one = found.scored[0]
    lost = math.fsum(found.tables["regret"]["usd"])
    assert lost == pytest.approx(one.margin_usd(FREE) - one.margin_usd(NIGHTLY), abs=1e-6)
    table, months = found.tables["rules"].set_index("rule"), found.tables["months"]
    for name in ("margin_usd", "energy_usd", "run_mwh", "starts", "stops"):
        assert months.groupby("rule")[name].sum()[table.index].tolist() == pytest.approx(table[name].tolist())
    assert table.loc[NEVER, "capture_share"] == 0.0
    assert table["capture_share"].drop(FREE).max() == table.loc[PERFECT, "capture_share"] == pytest.approx(1.0)


def test_prices_that_are_no_past_are_told_before_anything_is_written(tmp_path: Path) -> None:
    loaded = load_scenario(Path(__file__).parents[3] / "scenarios" / "texas_pivot")
    request = BacktestRequest(date(2027, 2, 1), date(2027, 2, 5))
    with pytest.raises(BadInputError, match="nothing that happened"):
        backtest(loaded, request, tmp_path / "out", plan_week)
    assert not (tmp_path / "out").exists()


def test_strikes_with_hysteresis_earn_more_than_the_break_even_price(found: Backtested) -> None:
    """Starts cost a quarter of an hour here, and prices jitter around what tiers earn."""
    table = found.tables["rules"].set_index("rule")
    assert table.loc[NIGHTLY, "capture_share"] > table.loc[BREAK_EVEN, "capture_share"]
    assert table.loc[NIGHTLY, "starts"] < table.loc[BREAK_EVEN, "starts"]


def test_a_run_that_orders_the_break_even_price_is_that_rule(home: Path, tmp_path: Path) -> None:
    done = run(home, tmp_path / "plain", _at_break_even).scored[0]
    nightly, rule = done.run(NIGHTLY), done.run(BREAK_EVEN)
    assert nightly is not None
    assert rule is not None
    assert np.array_equal(nightly.operated.on, rule.operated.on)
    assert done.margin_usd(NIGHTLY) == pytest.approx(done.margin_usd(BREAK_EVEN))


def test_nights_before_a_change_order_the_same(home: Path, found: Backtested, tmp_path: Path) -> None:
    """Prices from a midnight on are others: the nights before it, which see a week ahead, do not feel it."""
    prices = past.spiky()
    later = prices["utc"] >= CHANGED
    prices["real_time"] = prices["real_time"].mask(later, 500.0)
    prices["day_ahead"] = prices["day_ahead"].mask(prices["utc"] >= CHANGED + pd.Timedelta(days=1), -10.0)
    run(home, tmp_path / "other", scenario=past.write(tmp_path / "scenario", prices))
    same = [
        _same_orders(path, tmp_path / "other" / path.relative_to(home / "whole")) for path in _nights(home / "whole")
    ]
    assert same[:3] == [True] * 3
    assert not any(same[3:])


def test_it_goes_on_where_it_was_stopped(home: Path, found: Backtested, tmp_path: Path) -> None:
    """Stopped in the middle of a night, one file cut off: the same tables, byte by byte."""
    nights = [0]

    def stopping(*asked: object) -> WeekPlan:
        nights[0] += 1
        if nights[0] == 4:
            raise KeyboardInterrupt
        return plan_week(*asked)  # type: ignore[arg-type]

    out = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run(home, out, stopping)
    kept = _nights(out)
    assert len(kept) == 3
    kept[2].write_bytes(kept[2].read_bytes()[:100])
    nights[0] = 4
    run(home, out, stopping)
    assert nights[0] == 4 + 2 + 4
    for name in ("rules", "months", "forecast", "regret"):
        for ending in ("parquet", "csv"):
            assert (out / f"{name}.{ending}").read_bytes() == (home / "whole" / f"{name}.{ending}").read_bytes()
    assert (out / "backtest.json").read_bytes() == (home / "whole" / "backtest.json").read_bytes()


def test_the_command_prints_the_rules_and_writes_the_tables(home: Path, command: Command, tmp_path: Path) -> None:
    asked = ("backtest", home / "past", "--from", "2023-03-08", "--to", "2023-03-08", "--plan", home / "plan")
    ran = command(*asked, "--out", tmp_path / "out", "--strike", "100")
    assert ran.code == ExitCode.WITHIN_GAP, ran.err
    assert "fixed strike stated" in ran.out
    assert "not knowing the prices" in ran.out
    assert set(pd.read_parquet(tmp_path / "out" / "rules.parquet")["site"]) == {"site"}
    again = command(*asked, "--out", tmp_path / "out", "--lag", "1")
    assert again.code == ExitCode.BAD_INPUT
    assert "another backtest, with other lag hours" in again.err


def test_a_page_is_made_of_its_folder(home: Path, found: Backtested, command: Command, tmp_path: Path) -> None:
    ran = command("report", home / "whole", "--format", "html", "--out", tmp_path / "page.html")
    assert ran.code == ExitCode.WITHIN_GAP, ran.err
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    shown = [
        "of perfect foresight at site",
        "What each rule lost",
        "Lost against perfect foresight",
        "Where it went",
        f"{int(found.tables['rules'].set_index('rule').loc[NIGHTLY, 'run_mwh']):,}",
    ]
    assert [words for words in shown if words not in page] == []


def test_a_folder_from_before_batteries_is_read_and_one_with_a_table_lost_is_not(
    home: Path, found: Backtested, command: Command, tmp_path: Path
) -> None:
    old = shutil.copytree(home / "whole", tmp_path / "old")
    (old / "battery.parquet").unlink()
    asked = ("report", old, "--format", "html", "--out", tmp_path / "page.html")
    assert command(*asked).code == ExitCode.WITHIN_GAP
    (old / "months.parquet").unlink()
    ran = command(*asked)
    assert ran.code == ExitCode.BAD_INPUT
    assert "a backtest without months.parquet, battery.parquet" in " ".join(ran.err.split())
    assert "run the same `allocator backtest` again" in " ".join(ran.err.split())


def test_a_plan_made_anew_knows_nothing_of_later_months(tmp_path: Path) -> None:
    """April is planned on its first day from prices of a year before: what April brought changes neither plan."""
    before, april = 380, pd.Timestamp("2023-04-01T05:00Z")
    prices = past.spiky(before_days=before, days=61)
    other = prices.assign(real_time=prices["real_time"].mask(prices["utc"] >= april, 900.0))
    request = BacktestRequest(date(2023, 3, 31), date(2023, 4, 1), replans=True)
    heads = []
    for name, told in (("one", prices), ("other", other)):
        folder = past.write(tmp_path / name, told, months=2)
        heads.append(backtest(load_scenario(folder), request, tmp_path / f"{name}_out", plan_week).head)
    assert list(heads[0]["plans"]) == ["2023-03", "2023-04"]
    assert heads[0]["plans"] == heads[1]["plans"]
    (shown,) = (one.pieces for one in report_in(tmp_path / "one_out").sections if one.key == "plans")
    assert [row[0] for row in shown[0].rows] == ["2023-03", "2023-04"]
    planned = pd.read_csv(tmp_path / "one_out" / "plans" / "2023-04" / "scenario" / "real_time.csv")
    real = prices.set_index(prices["utc"].dt.tz_localize(None))["real_time"]
    at = pd.DatetimeIndex(planned["utc"])
    wanted = np.where(at < april.tz_localize(None), real.reindex(at), real.reindex(at - pd.Timedelta(days=364)))
    assert planned["value"].to_numpy() == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (("2023-02-27", "2023-03-02"), "outside the horizon"),
        (("2023-03-09", "2023-03-02"), "lies before"),
    ],
)
def test_days_that_cannot_be_replayed_are_named(
    home: Path, command: Command, tmp_path: Path, days: tuple[str, str], words: str
) -> None:
    ran = command("backtest", home / "past", "--from", days[0], "--to", days[1], "--out", tmp_path / "out")
    assert ran.code == ExitCode.BAD_INPUT
    assert words in ran.err


def test_hours_that_no_rule_runs_are_refused_before_anything_is_solved(tmp_path: Path) -> None:
    """Both kinds at once, each with its place, what stands there and what to do."""
    folder = past.write(tmp_path / "past", past.spiky())
    file = folder / "scenario.yaml"
    more = (
        "    energy_budget_mwh_per_month: 5000\n    power_blocks: [{name: west, mw: 3, fixed_usd_per_mwh: 40, "
        "first_month: 2023-01, last_month: 2023-12}]\n"
    )
    file.write_text(file.read_text().replace("    fixed_opex", f"{more}    fixed_opex"))
    with pytest.raises(BadInputError, match="site site cannot be replayed") as refused:
        backtest(load_scenario(folder), BacktestRequest(FIRST, LAST), tmp_path / "out", plan_week)
    told = "\n".join(refused.value.details)
    assert "energy_budget_mwh_per_month: found 5,000 MWh for 2023-03; expected none, or at least the 14,860 MWh" in told
    assert "power_blocks: found up to 3 MW bought for own use in 2023-03; expected none; leave it out" in told
    assert not (tmp_path / "out").exists()


def test_days_without_a_price_are_refused(home: Path, tmp_path: Path) -> None:
    prices = past.spiky()
    local = prices["utc"].dt.tz_convert("America/Chicago").dt.date
    prices.loc[(local >= FIRST) & (local <= date(2023, 3, 11)), "real_time"] = np.nan
    folder = past.write(tmp_path / "past", prices)
    with pytest.raises(BadInputError, match="no hour of these days has a real-time price"):
        past.site_of(folder, days=(date(2023, 3, 10), date(2023, 3, 12)))


def test_a_time_of_day_is_one(command: Command, tmp_path: Path) -> None:
    folder = past.write(tmp_path / "past", past.spiky())
    file = folder / "scenario.yaml"
    file.write_text(file.read_text().replace("{series: day_ahead}", '{series: day_ahead, published: "25:00"}'))
    assert "a time of day between 00:00 and 23:59" in command("check", folder).err


def _at_break_even(structure: Structure, prices: Prices, opening: Opening, options: WeekOptions) -> WeekPlan:
    """The week's own plan with its strike prices at what tiers earn, and nothing bought."""
    plan, strike = plan_week(structure, prices, opening, options), structure.strike_usd_per_mwh
    changed = {"strike_off_usd_per_mwh": strike, "strike_on_usd_per_mwh": strike, "day_ahead_mw": 0 * plan.day_ahead_mw}
    return WeekPlan(**{**vars(plan), **changed})


def _nights(out: Path) -> list[Path]:
    return sorted((out / "nights" / "site" / NIGHTLY).glob("*.npz"))


def _same_orders(one: Path, other: Path) -> bool:
    names = ("run_below", "stop_above", "bought_mw")
    with np.load(one) as first, np.load(other) as second:
        return all(np.array_equal(first[name], second[name]) for name in names)
