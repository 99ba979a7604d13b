"""What a result file says about where it was measured."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine() -> dict[str, object]:
    """Processor, usable cores, Python."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def versions(*packages: str) -> dict[str, str]:
    """Installed versions."""
    return {name: version(name) for name in packages}


def tell(found: object, out: Path | None) -> None:
    """Print a result, and keep it where a file is named."""
    text = json.dumps(found, indent=2)
    print(text)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
