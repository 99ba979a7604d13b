"""Series: referred to by name, in the right unit, from files inside the scenario's folder; values long enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from pathlib import PureWindowsPath
from typing import NamedTuple

from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.checks.context import Context
from allocator.scenario.coincident_peaks import PeakProbabilities
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.hosting import HostingAgreement, Indexed
from allocator.scenario.loans import ConvertibleNotes
from allocator.scenario.places import Quoted
from allocator.scenario.sites import Site
from allocator.scenario.uncertainty import Given
from allocator.scenario.values import ByMonth, FromSeries, Value
from allocator.scenario.yaml_reader import Path

_POWER = ("USD/MWh", "USD/kWh", "c/kWh")
_CAPACITY = ("USD/MW/h",)
_TEMPERATURE = ("C", "F")


class _Use(NamedTuple):
    """A value of the file: where it stands and the units a series may have there."""

    path: Path
    value: Value
    units: tuple[str, ...]


def _uses(context: Context) -> Iterator[_Use]:
    """Every place where a value, or a series by name, may stand."""
    draft = context.draft
    if isinstance(draft.bitcoin, Hashprice):
        yield _Use(("bitcoin", "usd_per_ph_day"), draft.bitcoin.usd_per_ph_day, ("USD/PH/day",))
    elif draft.bitcoin is not None:
        yield _Use(("bitcoin", "btc_price_usd"), draft.bitcoin.btc_price_usd, ("USD",))
        yield _Use(("bitcoin", "difficulty"), draft.bitcoin.difficulty, ("1",))
    yield from _uses_of_finance(context)
    for market in draft.gpu_rental:
        yield _Use((*market.path, "usd_per_gpu_hour"), market.value.usd_per_gpu_hour, ("USD/GPU/h",))
    for site in draft.sites:
        yield from _site_uses(site)
    for host in draft.hosting:
        yield from _hosting_uses(host)
    if isinstance(draft.uncertainty, Given):
        yield from _given(draft.uncertainty)
    for option, _, _ in draft.options():
        if option.value.conversion is not None:
            path = (*option.path, "conversion", "capex_usd_per_mw")
            yield _Use(path, option.value.conversion.capex_usd_per_mw, ("USD",))


def _site_uses(part: Part[Site]) -> Iterator[_Use]:
    site, path = part.value, part.path
    yield _Use((*path, "price"), FromSeries(series=site.price.series), _POWER)
    if site.day_ahead is not None:
        yield _Use((*path, "day_ahead"), FromSeries(series=site.day_ahead.series), _POWER)
    yield _Use((*path, "ambient"), FromSeries(series=site.ambient.series), _TEMPERATURE)
    yield _Use((*path, "fixed_opex_usd_per_month"), site.fixed_opex_usd_per_month, ("USD",))
    for k, charge in enumerate(site.demand_charges):
        yield _Use((*path, "demand_charges", k, "usd_per_kw_month"), charge.usd_per_kw_month, ("USD",))
    for k, peak in enumerate(site.coincident_peaks):
        yield _Use((*path, "coincident_peaks", k, "usd_per_mw_year"), peak.usd_per_mw_year, ("USD",))
        if isinstance(peak.hours, PeakProbabilities):
            hours = FromSeries(series=peak.hours.series)
            yield _Use((*path, "coincident_peaks", k, "hours"), hours, ("1",))
    if site.energy_budget_mwh_per_month is not None:
        yield _Use((*path, "energy_budget_mwh_per_month"), site.energy_budget_mwh_per_month, ("MWh",))
    for position, service in enumerate(site.reserves):
        price = FromSeries(series=service.price.series)
        yield _Use((*path, "reserves", position, "price"), price, _CAPACITY)


def _hosting_uses(part: Part[HostingAgreement]) -> Iterator[_Use]:
    price, monthly = part.value.price, part.value.management_usd_per_month
    if isinstance(price, Indexed):
        yield _Use((*part.path, "price"), FromSeries(series=price.series), _POWER)
    else:
        yield _Use((*part.path, "price", "usd_per_mwh"), price.usd_per_mwh, _POWER)
    yield _Use((*part.path, "management_usd_per_month"), monthly, ("USD",))


def _given(given: Given) -> Iterator[_Use]:
    units = {"hashprice_usd_per_ph_day": "USD/PH/day", "btc_price_usd": "USD", "difficulty": "1"}
    for position, scenario in enumerate(given.scenarios):
        path = ("uncertainty", "scenarios", position)
        for name, unit in units.items():
            if getattr(scenario, name) is not None:
                yield _Use((*path, name), getattr(scenario, name), (unit,))
        for market, value in scenario.gpu_rental.items():
            yield _Use((*path, "gpu_rental", market), value, ("USD/GPU/h",))


def _uses_of_finance(context: Context) -> Iterator[_Use]:
    if context.draft.treasury is not None:
        yield _Use(("treasury", "stress_share"), context.draft.treasury.stress_share, ("1",))
    for loan in context.draft.loans:
        yield _Use((*loan.path, "rate_per_year"), loan.value.rate_per_year, ("1",))
        if isinstance(loan.value, ConvertibleNotes):
            yield _Use((*loan.path, "share_price_usd"), loan.value.share_price_usd, ("USD",))


def unknown_series(context: Context) -> Iterator[Fault]:
    """Every series that is referred to exists, in a unit of the field."""
    known = context.draft.keys("series")
    units = {str(part.path[-1]): part.value.unit for part in context.draft.series}
    for use in _uses(context):
        if not isinstance(use.value, FromSeries):
            continue
        path, name = (*use.path, "series"), use.value.series
        yield from context.unknown(path, name, known, "a name in series")
        if name in units and units[name] not in use.units:
            expected = "a series in " + " or ".join(use.units)
            yield context.places.fault(path, Quoted(f"{name!r} in {units[name]}"), expected, "refer to another series")


def short_values(context: Context) -> Iterator[Fault]:
    """A list by month covers the horizon."""
    if context.draft.horizon is None:
        return
    months = context.draft.horizon.months
    for use in _uses(context):
        if isinstance(use.value, ByMonth) and len(use.value.by_month) < months:
            found = Quoted(f"{len(use.value.by_month)} values")
            path = (*use.path, "by_month")
            yield context.places.fault(path, found, f"one for each of {months} months", "add the missing months")


def ranges(context: Context) -> Iterator[Fault]:
    """The plausible range of a series runs from low to high."""
    for part in context.draft.series:
        if part.value.kind == "file" and part.value.range is not None and part.value.range[0] >= part.value.range[1]:
            low, high = part.value.range
            yield context.places.fault(
                (*part.path, "range"), Quoted(f"[{low:g}, {high:g}]"), "[lowest, highest]", "swap or correct them"
            )


def files(context: Context) -> Iterator[Fault]:
    """Every series file lies inside the scenario's folder and can be read."""
    for key in context.draft.keys("series"):
        source = context.draft.document["series"][key]
        name = str(source.get("file", ".")) if isinstance(source, Mapping) else "."
        trouble = trouble_of_file(context.folder, name) if name != "." else None
        if trouble is not None:
            found, expected, fix = trouble
            yield context.places.fault(("series", key, "file"), Quoted(f"{name[:100]!r}, {found}"), expected, fix)


def trouble_of_file(folder: FilePath, name: str) -> tuple[str, str, str] | None:
    """What is wrong with the path of a series file: found, expected, fix; None where nothing is."""
    inside = "a path inside the scenario's folder"
    if not name.isprintable():
        return "which holds control characters", inside, "correct the name"
    if FilePath(name).is_absolute() or PureWindowsPath(name).drive or "\\" in name:
        return "an absolute or Windows path", inside + ", with /", "copy the file beside the scenario"
    if ".." in FilePath(name).parts:
        return "which leaves the folder", inside, "copy the file beside the scenario"
    return _trouble_on_disk(folder, name)


def _trouble_on_disk(folder: FilePath, name: str) -> tuple[str, str, str] | None:
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder.resolve()):
            return "a link out of the folder", "a file inside the scenario's folder", "copy the file itself"
        if not file.is_file():
            found = "a folder" if file.is_dir() else "which does not exist"
            return found, "a CSV or Parquet file", "correct the name, or add the file"
        with file.open("rb"):
            return None
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a link in a circle"
        return f"which cannot be read ({reason})", "a readable file", "check its name and permissions"
