"""Large arrays on disk instead of in memory: the operating system keeps the pages in use and drops the others."""

from __future__ import annotations

import tempfile

import numpy as np

from allocator.instance.tree import Floats

LARGEST_IN_MEMORY_BYTES = 32 * 2**20
"""An array above this is mapped to a temporary file; several sites and thousands of nodes then fit a laptop."""


def held(values: Floats) -> Floats:
    """The same values; a large array as a private map of an unnamed file that goes with the last view of it.

    Raises:
        OSError: no space for the file.
    """
    if values.nbytes <= LARGEST_IN_MEMORY_BYTES:
        return values
    with tempfile.TemporaryFile() as file:
        values.tofile(file)
        return np.asarray(np.memmap(file, dtype=values.dtype, mode="c", shape=values.shape))
