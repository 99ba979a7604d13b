"""Correlation matrices: checked, and repaired on paper so that a message can say what would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.uncertainty.types import Floats

SMALLEST_EIGENVALUE = -1e-10
"""Rounding of stated figures; below it no series can be correlated so."""


def correlation_matrix(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> Floats:
    """Ones on the diagonal, stated figures beside it, zero elsewhere, (D, D)."""
    position = {name: k for k, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (one, other), value in pairs.items():
        matrix[position[one], position[other]] = matrix[position[other], position[one]] = value
    return matrix


def is_possible(matrix: Floats) -> bool:
    """Whether random variables can have this correlation: symmetric, no negative eigenvalue."""
    return bool(np.linalg.eigvalsh(matrix).min(initial=0.0) >= SMALLEST_EIGENVALUE)


def nearest_possible(matrix: Floats) -> Floats:
    """A possible correlation close to the stated one: negative eigenvalues become zero, the diagonal one again."""
    values, vectors = np.linalg.eigh(matrix)
    made = (vectors * np.maximum(values, 0.0)) @ vectors.T
    scale = np.sqrt(np.diag(made))
    return np.asarray(made / np.outer(scale, scale))
