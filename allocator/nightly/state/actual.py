"""A state as plain numbers by name, and its lists: what is judged, kept in the registry, compared with the one before.

Names of numbers: cash_usd, free_btc, btc_price_usd, loan/NAME/owed_usd, loan/NAME/pledged_btc, site/NAME/drawn_mw,
site/NAME/hashrate_ph_per_s, site/NAME/battery_stored_mwh, site/NAME/peak/CHARGE/peak_mw, site/NAME/energy_left_mwh,
site/NAME/outage/CONTRACT/left_h. Names hold no slash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from allocator.scenario.actual_state import LoadedState, SiteState

CASH, FREE_BTC, BTC_PRICE = "cash_usd", "free_btc", "btc_price_usd"


@dataclass(frozen=True)
class UnitsDown:
    """Machines of a model in a hall that do not work."""

    hall: str
    model: str
    units: int


@dataclass(frozen=True)
class Outage:
    """Capacity lost from `begins` to before `ends`: IT MW of a hall, gross MW of the whole site where hall is ""."""

    site: str
    hall: str
    begins: datetime
    ends: datetime
    lost_mw: float
    reason: str


@dataclass(frozen=True)
class Actual:
    """How things stood at a moment."""

    as_of: datetime
    values: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    units_down: tuple[UnitsDown, ...] = ()
    outages: tuple[Outage, ...] = ()

    def of_loan(self, name: str, key: str) -> float | None:
        return self.values.get(f"loan/{name}/{key}")

    def of_site(self, name: str, key: str) -> float | None:
        return self.values.get(f"site/{name}/{key}")


def actual_of(loaded: LoadedState) -> Actual:
    """The numbers and lists of a file."""
    return Actual(
        as_of=loaded.said.as_of,
        values=MappingProxyType(dict(_values(loaded))),
        units_down=tuple(UnitsDown(one.hall, one.model, one.units_down) for one in loaded.units_down),
        outages=tuple(
            Outage(one.site, one.hall or "", one.begins, one.ends, one.lost_mw, one.reason) for one in loaded.outages
        ),
    )


def _values(loaded: LoadedState) -> Iterator[tuple[str, float]]:
    said = loaded.said
    for name, value in ((CASH, said.cash_usd), (FREE_BTC, said.free_btc), (BTC_PRICE, said.btc_price_usd)):
        if value is not None:
            yield name, value
    for loan in said.loans:
        yield f"loan/{loan.name}/owed_usd", loan.owed_usd
        if loan.pledged_btc is not None:
            yield f"loan/{loan.name}/pledged_btc", loan.pledged_btc
    for site in said.sites:
        yield from _of_site(site)


def _of_site(site: SiteState) -> Iterator[tuple[str, float]]:
    for key in ("drawn_mw", "hashrate_ph_per_s", "battery_stored_mwh", "energy_left_mwh"):
        value = getattr(site, key)
        if value is not None:
            yield f"site/{site.site}/{key}", value
    for peak in site.peaks:
        yield f"site/{site.site}/peak/{peak.charge}/peak_mw", peak.peak_mw
    for outage in site.outages:
        yield f"site/{site.site}/outage/{outage.contract}/left_h", outage.left_h


def as_text(actual: Actual) -> str:
    """Canonical JSON: equal states are equal texts."""
    whole = {
        "as_of": actual.as_of.isoformat(),
        "values": dict(sorted(actual.values.items())),
        "units_down": [asdict(one) for one in actual.units_down],
        "outages": [
            {**asdict(one), "begins": one.begins.isoformat(), "ends": one.ends.isoformat()} for one in actual.outages
        ],
    }
    return json.dumps(whole, sort_keys=True, allow_nan=False, indent=1) + "\n"


def from_text(text: str) -> Actual:
    """What `as_text` wrote."""
    whole: dict[str, Any] = json.loads(text)
    moment = datetime.fromisoformat
    return Actual(
        as_of=moment(whole["as_of"]),
        values=MappingProxyType(whole["values"]),
        units_down=tuple(UnitsDown(**one) for one in whole["units_down"]),
        outages=tuple(
            Outage(**{**one, "begins": moment(one["begins"]), "ends": moment(one["ends"])}) for one in whole["outages"]
        ),
    )
