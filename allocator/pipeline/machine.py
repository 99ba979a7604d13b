"""What a run ran on: versions for plan.json, machine and memory for run.json."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("numpy", "pandas", "pyarrow", "scipy")
DISTRIBUTION = "dc-workload-allocator"


def versions(engine: str, engine_version: str) -> dict[str, str]:
    """Versions that a plan depends on: this product, the engine, the libraries that compute and write."""
    named = {"allocator": _version(DISTRIBUTION), engine: engine_version}
    return named | {name: _version(name) for name in PACKAGES}


def machine() -> dict[str, str]:
    """The machine in words; nothing that identifies it or its user."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": str(os.cpu_count() or 0),
        "python": platform.python_version(),
    }


def usable_cores() -> int:
    """Cores that this process may run on."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_memory_mb() -> float:
    """Largest resident set of this process so far, MB; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0.0
    import resource

    unit = 1e6 if sys.platform == "darwin" else 1e3
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed as a package"
