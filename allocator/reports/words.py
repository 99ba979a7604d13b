"""Numbers of a figure in words, with their unit and no more digits than a reader can use."""

from __future__ import annotations

from allocator.reports.figure import Cell

MINUS, NONE, SPACE = "\N{MINUS SIGN}", "\N{EN DASH}", "\N{NO-BREAK SPACE}"
_DECIMALS = {"MW": 1, "MWh": 0, "GWh": 1, "C": 0, "BTC": 1, "months": 0, "units": 0, "h": 0, "EH/s": 2}


def written(value: Cell, unit: str = "") -> str:
    """A cell as people read it: $1.23 M, 17.0, 41 %, yes; a dash for none. The unit itself stands in heads."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return _number(float(value), unit).replace("-", MINUS).replace(" ", SPACE)


def _number(value: float, unit: str) -> str:
    if unit == "USD":
        return money(value)
    if unit.startswith("share"):
        return share(value)
    if unit.startswith("USD/"):
        return f"{_no_minus_zero(value, 2):,.2f}" if abs(value) < 1e4 else f"{value:,.0f}"
    if unit == "times":
        return f"{value:,.2f}x"
    if unit in _DECIMALS:
        return f"{_no_minus_zero(value, _DECIMALS[unit]):,.{_DECIMALS[unit]}f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def _no_minus_zero(value: float, decimals: int) -> float:
    return 0.0 if round(value, decimals) == 0 else value


def money(usd: float) -> str:
    """$1.23 B, $1.23 M, $456,789."""
    size, sign = abs(usd), "-" if usd < 0 else ""
    if size >= 1e9:
        return f"{sign}${size / 1e9:,.2f} B"
    if size >= 1e6:
        return f"{sign}${size / 1e6:,.2f} M"
    return f"{sign if size >= 0.5 else ''}${size:,.0f}"


def share(value: float) -> str:
    """A share as a percentage that still shows small ones."""
    if 0 < abs(value) < 1e-5:
        return "< 0.001 %" if value > 0 else "> -0.001 %"
    percent = 100 * value
    if abs(percent) >= 10:
        return f"{percent:,.0f} %" if float(percent).is_integer() else f"{percent:,.1f} %"
    return f"{percent:.3g} %"


def unit_words(unit: str) -> str:
    """A unit as a head states it."""
    if unit == "share":
        return "%"
    return {"C": "\N{DEGREE SIGN}C", "share/year": "% a year"}.get(unit, unit)
