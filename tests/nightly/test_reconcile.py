"""Plan against actual: terms worked by hand, factors with their spread, and plans found by when they were published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.nightly.actuals.factors import factors
from allocator.nightly.actuals.planned import Planned, window
from allocator.nightly.actuals.terms import terms
from allocator.nightly.night import NightRequest, night
from allocator.nightly.store.store import place_of
from allocator.scenario.actuals import ActualLine, load_actuals
from allocator.scenario.faults import ScenarioFaults
from tests.cli import small
from tests.cli.conftest import Command
from tests.nightly import owing

PLAN = Planned(meter_mwh=100.0, it_mwh=80.0, energy_usd=4000.0, btc=0.5, btc_usd=60e3)


def line(**values: float | str | None) -> ActualLine:
    return ActualLine.model_validate({"site": "site", "period": "2027-06-02", **values})


def test_terms_by_hand() -> None:
    """90 MWh at 50 USD instead of 100 at 40, and 200 USD besides; 0.54 BTC at 55,000 instead of 0.5 at 60,000.

    Cost: -10 x 40, 10 x 90, 200. Revenue: -10 x 0.005 x 60,000, (0.006 - 0.005) x 90 x 60,000, -5,000 x 0.54.
    """
    found = terms(PLAN, line(meter_mwh=90.0, energy_usd=4500.0, other_usd=200.0, pool_btc=0.54, btc_usd=55e3))
    assert (found.volume_usd, found.price_usd, found.other_usd, found.cost_usd) == pytest.approx((-400, 900, 200, 700))
    assert (found.run_usd, found.yield_usd, found.btc_price_usd) == pytest.approx((-3000, 5400, -2700))
    assert found.revenue_usd == pytest.approx(0.54 * 55e3 - 0.5 * 60e3)


_AMOUNT = st.sampled_from([0.0, 3.0, 90.0, 1e3])


@given(_AMOUNT, _AMOUNT, _AMOUNT, _AMOUNT, _AMOUNT, _AMOUNT, st.floats(-1e4, 1e4), st.floats(1e3, 1e6))
def test_terms_add_up_whatever_is_missing(
    mwh: float, usd: float, btc: float, real_mwh: float, real_usd: float, real_btc: float, other: float, price: float
) -> None:
    plan = Planned(mwh, mwh, usd if mwh else 0.0, btc if mwh else 0.0, 6e4)
    actual = line(meter_mwh=real_mwh, energy_usd=real_usd, other_usd=other, pool_btc=real_btc, btc_usd=price)
    found = terms(plan, actual)
    assert found.cost_usd == pytest.approx(real_usd + other - plan.energy_usd, abs=1e-3)
    assert found.revenue_usd == pytest.approx(real_btc * price - plan.btc * 6e4, abs=1e-3)


def test_what_is_not_known_has_no_terms() -> None:
    found = terms(PLAN, line(meter_mwh=90.0))
    assert (found.cost_usd, found.revenue_usd) == (None, None)


def test_factors_are_weighted_by_energy_and_say_how_they_spread() -> None:
    """Yields of 0.9 and 1.0 of the plan's over 100 and 300 MWh: 0.975, and sqrt(0.25 x 0.075^2 + 0.75 x 0.025^2)."""
    pairs = [
        (PLAN, line(meter_mwh=100.0, pool_btc=0.45, it_mwh=80.0, available_share=0.9)),
        (PLAN, line(meter_mwh=300.0, pool_btc=1.5, it_mwh=250.0)),
    ]
    found = {one.name: one for one in factors(pairs)}
    assert (found["hashrate"].value, found["hashrate"].periods) == (pytest.approx(0.975), 2)
    assert found["hashrate"].spread == pytest.approx((0.25 * 0.075**2 + 0.75 * 0.025**2) ** 0.5)
    assert found["overhead"].value == pytest.approx(0.25 * 1.0 + 0.75 * (0.2 / 0.25))
    assert (found["uptime"].value, found["uptime"].spread) == (0.9, None)


def test_days_and_months_begin_at_midnight_of_the_scenario() -> None:
    chicago = ZoneInfo("America/Chicago")
    begins, ends = window("2027-03-14", chicago)
    assert (begins, (ends - begins).total_seconds() / 3600) == (datetime(2027, 3, 14, 6, tzinfo=UTC), 23)
    assert window("2027-12", chicago)[1] == datetime(2028, 1, 1, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night published on the first of June. Not to be changed."""
    home = tmp_path_factory.mktemp("reconcile")
    fit_out = {"kind": "air_mining", "overhead": 0.05}
    small.write(home / "scenario", small.changed(*owing.CHANGES, ("fit_outs.barn", fit_out)))
    first = datetime(2027, 6, 1, tzinfo=UTC)
    night(NightRequest(str(home / "scenario"), place_of(str(home / "store")), first))
    return home / "store"


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["site,period,meter_mwh,pool_btc,energy_usd,other_usd,it_mwh,available_share", *lines]))
    return path


def test_a_day_and_a_month_beside_the_plan(store: Path, tmp_path: Path, command: Command) -> None:
    """5 MW of tenants and 3.5 MW of machines x 1.05 at 40 USD: 208.2 MWh a day."""
    file = table(
        tmp_path / "actuals.csv",
        "site,2027-06-02,200,,8400,0,195,0.93",
        "site,2027-06,6000,1.0,250000,12000,5900,0.95",
        "site,2027-07,1,,,,,",
    )
    found = command("reconcile", "--store", store, "--actuals", file, "--json").json
    day, month = found["rows"]
    assert day["planned"]["meter_mwh"] == pytest.approx(24 * (5 + 3.5 * 1.05))
    assert day["planned"]["energy_usd"] == pytest.approx(40 * day["planned"]["meter_mwh"])
    assert day["terms"]["cost_usd"] == pytest.approx(8400 - day["planned"]["energy_usd"])
    assert month["planned"]["meter_mwh"] == pytest.approx(30 * day["planned"]["meter_mwh"])
    assert month["planned"]["btc_usd"] == 60e3
    assert found["remarks"] == ["site in 2027-07: no plan covers it"]
    assert [one["name"] for one in found["factors"]] == ["hashrate", "overhead", "uptime"]
    factor = 1.0 / 6000 * month["planned"]["meter_mwh"] / month["planned"]["btc"]
    assert found["factors"][0]["value"] == pytest.approx(factor)
    uptime = (0.93 * 200 + 0.95 * 6000) / 6200
    assert found["yaml"][1] == f"  s21: {{uptime_share: {uptime:.4g}, modes: [[{200 * factor:.5g}, 3500]]}}"
    assert any(text.startswith("  barn: {overhead: [[") for text in found["yaml"])


def test_the_page_and_its_window(store: Path, tmp_path: Path, command: Command) -> None:
    file = table(tmp_path / "actuals.csv", "site,2027-06-02,200,,8400,0,,", "site,2027-06-03,190,,8000,0,,")
    call = ("reconcile", "--store", store, "--actuals", file)
    told = command(*call, "--from", "2027-06-03", "--to", "2027-06")
    assert told.code == 0
    assert "2027-06-02" not in told.out
    assert "190.0" in told.out
    assert command(*call, "--from", "2028-01").code == 2
    wrong = table(tmp_path / "wrong.csv", "site,2027-06-02,200,,,,,", "sight,2027-06-02,1,,,,,")
    refused = command("reconcile", "--store", store, "--actuals", wrong)
    assert (refused.code, "line 3, column site: found 'sight'" in refused.err) == (2, True)


def test_faults_of_actuals(tmp_path: Path) -> None:
    file = table(tmp_path / "actuals.csv", "site,2027-13,-1,,,,,", "site,2027-06,1,,,,,2")
    with pytest.raises(ScenarioFaults) as error:
        load_actuals(file)
    assert [fault.place for fault in error.value.faults] == [
        "actuals.csv: line 2, column period",
        "actuals.csv: line 2, column meter_mwh",
        "actuals.csv: line 3, column available_share",
    ]
    table(file, "site,2027-06,1,,,,,", "site,2027-06,2,,,,,")
    with pytest.raises(ScenarioFaults, match="each site and period once"):
        load_actuals(file)
