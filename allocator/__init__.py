"""Decides which use every megawatt of a data-center operator feeds, and proves how good the decision is.

    from allocator import load_scenario, solve, verify

Names are loaded when first used, so that `import allocator` alone is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocator.pipeline.api import solve, verify
    from allocator.scenario.load import load_scenario

__all__ = ["load_scenario", "solve", "verify"]

_HOMES = {
    "load_scenario": "allocator.scenario.load",
    "solve": "allocator.pipeline.api",
    "verify": "allocator.pipeline.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'allocator' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
