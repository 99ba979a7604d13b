"""Balances that are known override those with which the scenario opens: a scenario derived for the night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.state.actual import BTC_PRICE, CASH, FREE_BTC, Actual
from allocator.nightly.watch import Balances
from allocator.scenario.load import LoadedScenario
from allocator.scenario.loans import BtcBackedLoan
from allocator.scenario.months import Month
from allocator.scenario.overrides import Setting, with_settings
from allocator.scenario.scenario import Scenario

NOT_TAKEN = "balances_not_taken"


def derived(loaded: LoadedScenario, actual: Actual, as_of: datetime) -> tuple[LoadedScenario, list[Alert]]:
    """The scenario with actual balances where it opens, if its first month has not passed.

    Raises:
        ScenarioFaults: the scenario cannot open with them.
    """
    settings = list(_settings(loaded.scenario, actual))
    if not settings:
        return loaded, []
    horizon = loaded.scenario.horizon
    today = Month.parse(as_of.astimezone(ZoneInfo(horizon.time_zone)).strftime("%Y-%m"))
    if today > horizon.start:
        words = f"the scenario opens in {horizon.start}, before {today}: its balances stand, actual ones are not taken"
        return loaded, [Alert(Severity.WARNING, NOT_TAKEN, words)]
    return with_settings(loaded, settings), []


def balances(actual: Actual) -> Balances:
    """For the watch: loans with what stands behind them, and free Bitcoin."""
    names = dict.fromkeys(name.split("/")[1] for name in actual.values if name.startswith("loan/"))
    loans = {
        name: (owed, pledged)
        for name in names
        if (owed := actual.of_loan(name, "owed_usd")) is not None
        and (pledged := actual.of_loan(name, "pledged_btc")) is not None
    }
    return Balances(actual.values.get(FREE_BTC), loans, f"the state of {actual.as_of.isoformat()}")


def _settings(scenario: Scenario, actual: Actual) -> Iterator[Setting]:
    values = actual.values
    if CASH in values:
        yield _put("finance.opening_cash_usd", values[CASH], CASH)
    if BTC_PRICE in values:
        yield _put("treasury.btc_price_usd", values[BTC_PRICE], BTC_PRICE)
    pledged = 0.0
    for position, loan in enumerate(scenario.loans):
        owed, behind = actual.of_loan(loan.name, "owed_usd"), actual.of_loan(loan.name, "pledged_btc")
        place = f"loan {loan.name}"
        if owed is not None:
            yield _put(f"loans[{position}].opening_principal_usd", owed, place)
        if isinstance(loan, BtcBackedLoan):
            pledged += loan.opening_pledged_btc if behind is None else behind
            if behind is not None:
                yield _put(f"loans[{position}].opening_pledged_btc", behind, place)
    if FREE_BTC in values:
        yield _put("treasury.opening_btc", values[FREE_BTC] + pledged, FREE_BTC)
    yield from _peaks(scenario, actual)


def _peaks(scenario: Scenario, actual: Actual) -> Iterator[Setting]:
    for s, site in enumerate(scenario.sites):
        for k, charge in enumerate(site.demand_charges):
            peak = actual.of_site(site.name, f"peak/{charge.name}/peak_mw")
            if peak is not None:
                path = f"sites[{s}].demand_charges[{k}].opening_peak_mw"
                yield _put(path, peak, f"peak of {charge.name} at {site.name}")


def _put(path: str, value: float, place: str) -> Setting:
    return Setting(path, value, f"the state, {place}")
