"""From a request to the parts of a scenario it leads to: processes, statements beside them, correlations, paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.scenario.calibration import (
    Calibration,
    FitLaw,
    HashpriceForward,
    HistoricalFit,
    JumpDiffusionFit,
    PowerForward,
    ResponseFit,
    RevertingFit,
    Said,
)
from allocator.scenario.correlation import nearest_possible
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.uncertainty import estimate
from allocator.uncertainty.estimate import Estimate
from allocator.uncertainty.history import History, read_history
from allocator.uncertainty.mining import btc_per_ph_day, dated_factor
from allocator.uncertainty.types import Floats

Monthly = tuple[NDArray[np.datetime64], Floats]
"""Months and the shock that ended in each."""
FEWEST_COMMON_MONTHS = 24
LEAST_DEVIATIONS = 2.0
"""Correlations within so many standard errors of zero (one over the root of the months) are left out."""
LEAST_TREND_DAYS = 365
"""Shorter histories say nothing of a trend."""


@dataclass(frozen=True)
class Calibrated:
    """A fragment of a scenario, and what a person should read beside it.

    Attributes:
        uncertainty: keys of the section `uncertainty`. bitcoin: keys of `bitcoin`, empty without forwards.
        notes: one line each.
    """

    uncertainty: dict[str, Any]
    bitcoin: dict[str, Any]
    notes: tuple[str, ...]


@dataclass
class _Fitted:
    """One process: its keys in the scenario, figures by name, statements, notes, and its monthly shocks."""

    keys: dict[str, Any]
    figures: dict[str, Estimate] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    shocks: Monthly | None = None


def calibrate(asked: Calibration, folder: Path) -> Calibrated:
    """Fit every process of a request; series lie in `folder`. The same request gives the same fragment.

    Raises:
        ScenarioFaults: series with faults, or too short for what is asked of them; all at once.
    """
    histories = _histories(asked, folder)
    fitted: dict[str, _Fitted] = {}
    faults: list[Fault] = []
    for name, fit in asked.processes.items():
        try:
            fitted[name] = _fit(name, fit, histories)
        except ValueError as error:
            series, fix = asked.series[fit.series], "give a longer or another history, or another kind"
            found = f"{error} ({series.file}: {series.column})"
            faults.append(Fault(f"processes.{name}", found, "a history that fits", fix))
    if faults:
        raise ScenarioFaults(faults)
    statements = [one for name, fit in asked.processes.items() for one in _statements(asked, name, fit, fitted[name])]
    sections: dict[str, Any] = {}
    for name, one in fitted.items():
        _place(sections, name, one.keys, asked)
    pairs, left_out = _correlations(fitted)
    if pairs:
        sections["correlations"] = pairs
    if statements:
        sections["statements"] = statements
    notes = [f"{name}: {note}" for name, found in fitted.items() for note in found.notes]
    notes += [_power_note(site, forward, histories[forward.series]) for site, forward in asked.power_forwards.items()]
    notes += left_out
    bitcoin = {} if asked.hashprice_forward is None else _difficulty(asked.hashprice_forward)
    return Calibrated(sections, bitcoin, tuple(notes))


def _histories(asked: Calibration, folder: Path) -> dict[str, History]:
    faults: list[Fault] = []
    read: dict[str, History] = {}
    for name, source in asked.series.items():
        try:
            read[name] = read_history(source, folder, asked.as_of)
        except ScenarioFaults as error:
            faults += error.faults
    if faults:
        raise ScenarioFaults(faults)
    return read


def _fit(name: str, fit: FitLaw, histories: Mapping[str, History]) -> _Fitted:
    history = histories[fit.series]
    match fit:
        case JumpDiffusionFit():
            fitted = _diffusion(fit, history)
        case HistoricalFit():
            fitted = _historical(fit, history)
        case RevertingFit():
            fitted = _level(fit, history) if name.startswith("power.") else _reverting(fit, history)
            fitted.keys = {"kind": "reverting", **fitted.keys} if name == "hashprice" else fitted.keys
        case ResponseFit():
            fitted = _response(fit, history, histories[fit.price_series])
    fitted.notes.insert(0, f"{len(history.day)} days, {history.span}")
    return fitted


def _diffusion(fit: JumpDiffusionFit, history: History) -> _Fitted:
    found = estimate.fit_diffusion(history.every(fit.step_days), fit.step_days)
    rate = found.jumps_per_year.value
    keys: dict[str, Any] = {
        "kind": "jump_diffusion",
        "treatment": fit.treatment,
        "volatility_per_year": rounded(found.volatility_per_year.value),
    }
    if rate > 0:
        keys["jumps"] = {
            "jumps_per_year": rounded(rate),
            "mean_log": rounded(found.mean_log),
            "volatility_log": rounded(found.volatility_log),
        }
    jumps = rate * (found.mean_log**2 + found.volatility_log**2)
    for said in fit.said:
        if said.use and said.figure == "implied_volatility_per_year":
            if said.value**2 < jumps:
                raise ValueError(f"jumps of {np.sqrt(jumps):.3g} a year, more than the implied {said.value:g} in all")
            keys["volatility_per_year"] = rounded(float(np.sqrt(said.value**2 - jumps)))
    notes = [
        f"volatility {_told(found.volatility_per_year)}, {_told(found.jumps_per_year)} jumps a year; with them "
        f"{np.sqrt(found.volatility_per_year.value**2 + jumps):.3g} a year",
        f"grew {_told(found.growth_per_year)} a year, which says little of the future and is not used",
    ]
    return _Fitted(keys, {"volatility_per_year": found.volatility_per_year}, notes, _changes(history))


def _historical(fit: HistoricalFit, history: History) -> _Fitted:
    _, change = _changes(history)
    if len(change) < 12:
        raise ValueError(f"{len(change)} monthly changes are too few to draw from; at least 12 are needed")
    keys = {
        "kind": "historical",
        "treatment": fit.treatment,
        "block_months": fit.block_months,
        "monthly_log_changes": [round(float(value), 5) for value in change],
    }
    spread = float(change.std(ddof=1) * np.sqrt(12.0))
    return _Fitted(keys, {}, [f"{len(change)} monthly changes, {spread:.3g} a year"], None)


def _level(fit: RevertingFit, history: History) -> _Fitted:
    """A power level: averages of months over the usual one of their season."""
    months, level = history.monthly_level()
    found = estimate.fit_reverting(level, estimate.DAYS_PER_MONTH)
    return _returns(fit, found, history, (months[1:], found.shocks))


def _reverting(fit: RevertingFit, history: History) -> _Fitted:
    found = estimate.fit_reverting(history.every(fit.step_days), fit.step_days)
    return _returns(fit, found, history, _changes(history))


def _returns(fit: RevertingFit, found: estimate.RevertingFit, history: History, shocks: Monthly) -> _Fitted:
    keys: dict[str, Any] = {
        "treatment": fit.treatment,
        "half_life_months": rounded(found.half_life_months.value),
        "volatility_per_year": rounded(found.volatility_per_year.value),
    }
    notes = [f"half-life {_told(found.half_life_months)} months, volatility {_told(found.volatility_per_year)}"]
    if len(history.day) > LEAST_TREND_DAYS:
        notes.append(f"trend {100 * found.growth_per_year.value:+.3g} % a year, for the stated path")
    else:
        notes.append("less than a year: the half-life is that of short swings, and no trend can be told")
    figures = {"half_life_months": found.half_life_months, "volatility_per_year": found.volatility_per_year}
    return _Fitted(keys, figures, notes, shocks)


def _response(fit: ResponseFit, difficulty: History, price: History) -> _Fitted:
    months, at, paid_at = np.intersect1d(difficulty.monthly()[0], price.monthly()[0], return_indices=True)
    subsidy = dated_factor(months - 1, fit.halving_dates, 0.5)  # of the month before: what miners saw
    paid = price.monthly()[1][paid_at] * subsidy
    found = estimate.fit_response(difficulty.monthly()[1][at], paid)
    keys = {
        "treatment": fit.treatment,
        "elasticity": rounded(max(0.0, found.elasticity.value)),
        "half_life_months": rounded(found.half_life_months.value),
        "volatility_per_year": rounded(found.volatility_per_year.value),
    }
    notes = [
        f"elasticity {_told(found.elasticity)}, half-life {_told(found.half_life_months)} months, "
        f"volatility {_told(found.volatility_per_year)}, over {len(months)} common months"
    ]
    figures = {name: getattr(found, name) for name in ("elasticity", "half_life_months", "volatility_per_year")}
    return _Fitted(keys, figures, notes, (months[1:], found.shocks))


def _changes(history: History) -> Monthly:
    """Changes of the logarithm from month to month, named by the month they end in; gaps are left out."""
    months, values = history.monthly()
    follows = np.diff(months) == np.timedelta64(1, "M")
    return months[1:][follows], np.diff(np.log(values))[follows]


def _statements(asked: Calibration, name: str, fit: FitLaw, fitted: _Fitted) -> list[dict[str, Any]]:
    """History's figures, and what was said beside them; those used replace history's in the keys."""
    place = f"{name}.changes" if name == "btc_price" else name
    source, made = asked.series[fit.series], []
    replaced = {_figure(said) for said in fit.said if said.use}
    for figure, found in fitted.figures.items():
        what = {
            "basis": "history",
            "value": rounded(found.value),
            "date": asked.as_of.isoformat(),
            "author": asked.author,
        }
        rests = f"{source.file}: {source.column}, standard error {found.error:.2g}"
        made.append({"figure": f"{place}.{figure}", **what, "source": rests, "used": figure not in replaced})
    for said in fit.said:
        figure = _figure(said)
        value = said.value if figure == said.figure or not said.use else fitted.keys[figure]
        if said.use:
            fitted.keys[figure] = rounded(value)
        rests = said.source if figure == said.figure else f"{said.source}; implied {said.value:g}, jumps included"
        what = {"basis": said.basis, "value": rounded(value), "date": said.date.isoformat(), "author": said.author}
        made.append({"figure": f"{place}.{figure}", **what, "source": rests.removeprefix("; "), "used": said.use})
    return made


def _figure(said: Said) -> str:
    return said.figure.removeprefix("implied_")


def _place(sections: dict[str, Any], name: str, keys: dict[str, Any], asked: Calibration) -> None:
    group, _, own = name.partition(".")
    if group == "power":
        sections.setdefault("power", {})[own] = {**keys, "sites": list(asked.power_sites[own])}
    elif group == "gpu_rental":
        sections.setdefault("gpu_rental", {})[own] = keys
    else:
        sections[name] = {"changes": keys} if name == "btc_price" else keys


def _correlations(fitted: Mapping[str, _Fitted]) -> tuple[list[dict[str, Any]], list[str]]:
    """Of monthly changes, for pairs with enough common months, brought to a possible matrix together; and notes on
    those that history cannot tell from none.
    """
    known = {name: one.shocks for name, one in fitted.items() if one.shocks is not None}
    names, notes = list(known), list[str]()
    matrix = np.eye(len(names))
    for (i, one), (j, other) in combinations(enumerate(names), 2):
        found, months = _correlation(known[one], known[other])
        if abs(found) * np.sqrt(months) > LEAST_DEVIATIONS:
            matrix[i, j] = matrix[j, i] = found
        else:
            told = f"{found:+.2f} over {months} common months" if months else "too few common months"
            notes.append(f"{one} and {other}: no correlation that can be told from none ({told})")
    matrix = nearest_possible(matrix) if names else matrix
    pairs = [
        {"between": [names[i], names[j]], "value": round(float(matrix[i, j]), 2)}
        for i, j in combinations(range(len(names)), 2)
        if round(float(matrix[i, j]), 2)
    ]
    return pairs, notes


def _correlation(one: Monthly, other: Monthly) -> tuple[float, int]:
    """Correlation and the common months it rests on; 0, 0 where they are too few."""
    common, i, j = np.intersect1d(one[0], other[0], return_indices=True)
    if len(common) < FEWEST_COMMON_MONTHS:
        return 0.0, 0
    return float(np.corrcoef(one[1][i], other[1][j])[0, 1]), len(common)


def _difficulty(forward: HashpriceForward) -> dict[str, Any]:
    """Difficulty by month at which a PH at the expected price earns the forward: BTC at 1 * price / hashprice."""
    month = np.datetime64(str(forward.start), "M") + np.arange(forward.months)
    subsidy = forward.subsidy_btc_per_block * dated_factor(month, forward.halving_dates, 0.5)
    price = forward.btc_price_usd * (1.0 + forward.btc_growth_per_year) ** ((np.arange(forward.months) + 0.5) / 12.0)
    at_one = btc_per_ph_day(subsidy, forward.fee_share_of_subsidy * subsidy, 1.0)
    implied = at_one * price / _curve(forward.quotes, month)
    return {"difficulty": {"by_month": [rounded(float(value), 5) for value in implied]}}


def _curve(quotes: Sequence[Any], month: NDArray[np.datetime64]) -> Floats:
    """Quotes at each month: straight in the logarithm between them, flat outside."""
    known = np.array([np.datetime64(str(quote.month), "M") for quote in quotes])
    logs = np.interp(month.astype(int), known.astype(int), np.log([quote.value for quote in quotes]))
    return np.asarray(np.exp(logs))


def _power_note(site: str, forward: PowerForward, history: History) -> str:
    mean = float(history.mean.mean())
    ahead = float(np.mean([quote.value for quote in forward.quotes]))
    return (
        f"site {site}: price.scale {rounded(ahead / mean)} (forwards at {ahead:.4g} USD/MWh, {forward.author}, "
        f"{forward.date.isoformat()}; the series averaged {mean:.4g}, {history.span})"
    )


def rounded(value: float, digits: int = 4) -> float:
    """To significant digits, so that a fragment reads well and says no more than it knows."""
    return float(f"{value:.{digits}g}")


def _told(found: Estimate) -> str:
    error = "" if np.isnan(found.error) else f" (standard error {found.error:.2g})"
    return f"{found.value:.3g}{error}"
