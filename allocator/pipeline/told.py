"""A requirement of the model in the words of the scenario, and what would lift it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from allocator.instance.types import Instance

Index = Mapping[str, Any]
"""Axes of a row, each a position in the instance."""


@dataclass(frozen=True)
class Told:
    """One requirement in words.

    Attributes:
        says: the requirement, without its month. restore: what would lift it, with {amount} to be filled in.
        unit: of the amount. scale: from the model's unit to `unit`.
    """

    says: str
    restore: str
    unit: str = "MW"
    scale: float = 1.0


Teller = Callable[[Instance, Index, str], Told | None]
"""(instance, axes, side) -> words; None for a row that only defines what another row limits."""
