"""relaxation.npz: what a later solve may start from. No plan rests on it, so one that cannot be read is none."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import fields
from pathlib import Path

import numpy as np

from allocator.plan.schema import RELAXATION_NPZ
from allocator.planning.relaxation import Relaxation

KINDS = {"shape": "U", "points": "f", "layer": "i", "site_node": "i", "column_status": "u", "row_status": "u"}
"""Kind of the array behind each field."""
DAMAGED = (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def write_relaxation(relaxation: Relaxation | None, folder: Path) -> None:
    """Write the file into an existing folder, nothing for None; raises OSError where it cannot be written."""
    if relaxation is not None:
        arrays = {field.name: np.asarray(getattr(relaxation, field.name)) for field in fields(Relaxation)}
        np.savez_compressed(folder / RELAXATION_NPZ, allow_pickle=False, **arrays)


def read_relaxation(folder: Path) -> Relaxation | None:
    """What the file says; None where there is none, or one that is damaged."""
    try:
        with np.load(folder / RELAXATION_NPZ, allow_pickle=False) as file:
            arrays = {name: file[name] for name in KINDS}
    except DAMAGED:
        return None
    if any(array.dtype.kind != KINDS[name] for name, array in arrays.items()) or arrays["points"].ndim != 2:
        return None
    return Relaxation(tuple(arrays["shape"].ravel().tolist()), *(arrays[name] for name in list(KINDS)[1:]))
