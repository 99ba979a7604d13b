"""One JSON object on standard output, for programs."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, is_dataclass

import click

from allocator.pipeline.errors import ExitCode


def print_json(value: Mapping[str, object]) -> None:
    """Print one line of strict JSON in ASCII; `exit_code` is 0 where not said, numbers that are not finite are null."""
    click.echo(json.dumps(_plain({"exit_code": ExitCode.WITHIN_GAP, **value}), allow_nan=False))


def _plain(value: object) -> object:
    """The value in types that JSON knows; paths and anything else as text."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | Set):
        return [_plain(item) for item in value]
    return str(value)
