"""Units a series may be written in, and the one it is kept in."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.series.specs import Floats


@dataclass(frozen=True)
class Unit:
    """A written unit: canonical = (value - zero) * factor.

    Attributes:
        name: as written. canonical: the unit values are kept in. factor, zero: see above.
        plausible: least and greatest value, in the canonical unit, that is not taken for a fault.
    """

    name: str
    canonical: str
    factor: float
    zero: float
    plausible: tuple[float, float]

    def convert(self, values: Floats) -> Floats:
        """Values in the canonical unit, same shape."""
        return (values - self.zero) * self.factor

    def written_range(self) -> tuple[float, float]:
        """The plausible range in the written unit."""
        low, high = (bound / self.factor + self.zero for bound in self.plausible)
        return low, high


_PRICE = (-10_000.0, 100_000.0)
_POWER = (-100_000.0, 100_000.0)
_TEMPERATURE = (-60.0, 60.0)

UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("USD/MWh", "USD/MWh", 1.0, 0.0, _PRICE),
        Unit("USD/kWh", "USD/MWh", 1000.0, 0.0, _PRICE),
        Unit("c/kWh", "USD/MWh", 10.0, 0.0, _PRICE),
        Unit("USD/MW/h", "USD/MW/h", 1.0, 0.0, _PRICE),
        Unit("MW", "MW", 1.0, 0.0, _POWER),
        Unit("kW", "MW", 0.001, 0.0, _POWER),
        Unit("MWh", "MWh", 1.0, 0.0, (0.0, 1e9)),
        Unit("C", "C", 1.0, 0.0, _TEMPERATURE),
        Unit("F", "C", 5.0 / 9.0, 32.0, _TEMPERATURE),
        Unit("USD/PH/day", "USD/PH/day", 1.0, 0.0, (0.0, 100_000.0)),
        Unit("USD/GPU/h", "USD/GPU/h", 1.0, 0.0, (0.0, 10_000.0)),
        Unit("USD", "USD", 1.0, 0.0, (0.0, 1e12)),
        Unit("1", "1", 1.0, 0.0, (-1e18, 1e18)),
    )
}
