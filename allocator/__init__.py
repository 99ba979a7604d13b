"""Decides which use every megawatt of a data-center operator feeds, and proves how good the decision is.

    from allocator import load_scenario, solve, verify

Names are loaded when first used, so that `import allocator` alone is cheap.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
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


class _Package(ModuleType):
    """Keeps `allocator.verify` the function: importing the subpackage of that name would put a module in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
