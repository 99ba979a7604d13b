"""Quantities that depend on the ambient temperature: straight lines between stated points."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field

from allocator.scenario.record import NonNegative, Number, Share

Temperature = Annotated[Number, Field(ge=-90.0, le=90.0)]
Overhead = Annotated[Number, Field(ge=0.0, le=3.0)]


def _as_points(value: Any) -> Any:
    """A bare number is a curve that is the same at every temperature."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [[0.0, value]] if is_number else value


def _check_order(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    temperatures = [temperature for temperature, _ in points]
    if any(later <= earlier for earlier, later in pairwise(temperatures)):
        raise ValueError("temperatures that rise from point to point")
    return points


OverheadCurve = Annotated[
    tuple[tuple[Temperature, Overhead], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_as_points, json_schema_input_type=float | list[tuple[float, float]]),
    AfterValidator(_check_order),
]
"""[[ambient degrees C, overhead as a share of IT load], ...] or one number for all temperatures."""

DerateCurve = Annotated[
    tuple[tuple[Temperature, Share], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_as_points, json_schema_input_type=float | list[tuple[float, float]]),
    AfterValidator(_check_order),
]
"""[[ambient degrees C, share of the limit that is left], ...] or one number for all temperatures."""

HeatLimitCurve = Annotated[
    tuple[tuple[Temperature, NonNegative], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_as_points, json_schema_input_type=float | list[tuple[float, float]]),
    AfterValidator(_check_order),
]
"""[[ambient degrees C, MW of heat], ...] or one number for all temperatures."""


def curve_at(points: tuple[tuple[float, float], ...], ambient_c: NDArray[np.float64]) -> NDArray[np.float64]:
    """The curve at each temperature, same shape as `ambient_c`; flat beyond its first and last point."""
    temperatures, values = zip(*points, strict=True)
    return np.asarray(np.interp(ambient_c, temperatures, values), dtype=np.float64)
